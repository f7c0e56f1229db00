# store: what must outlast a restart.
libstsentry_a_SOURCES += \
	store/disk.c store/disk.h \
	store/ledger.c store/ledger.h \
	store/line.c store/line.h \
	store/lines.c store/lines.h \
	store/pages.c store/pages.h \
	store/recover.c store/recover.h \
	store/row.c store/row.h \
	store/salvage.c store/salvage.h \
	store/seam.h \
	store/shelf.c store/shelf.h \
	store/state.c store/state.h \
	store/store.c store/store.h store/store_i.h \
	store/store_tidy.c \
	store/tidy.c store/tidy.h \
	store/verify.c store/verify.h \
	store/walk.c store/walk.h

UNIT_TESTS += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c \
	tests/unit/store_case.c tests/unit/store_case.h
tests_unit_test_store_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_ledger
tests_unit_test_ledger_SOURCES = tests/unit/test_ledger.c \
	tests/unit/store_case.c tests/unit/store_case.h
tests_unit_test_ledger_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/mutated_states
tests_unit_mutated_states_SOURCES = tests/unit/mutated_states.c \
	tests/unit/store_case.c tests/unit/store_case.h
tests_unit_mutated_states_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_tidy
tests_unit_test_tidy_SOURCES = tests/unit/test_tidy.c \
	tests/unit/store_case.c tests/unit/store_case.h
tests_unit_test_tidy_LDADD = $(UNIT_LIBS)
