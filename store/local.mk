# store: what must outlast a restart.
libstsentry_a_SOURCES += \
	store/ledger.c store/ledger.h \
	store/row.c store/row.h \
	store/seam.h \
	store/state.c store/state.h \
	store/store.c store/store.h

UNIT_TESTS += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c
tests_unit_test_store_LDADD = $(UNIT_LIBS)
