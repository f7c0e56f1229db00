# lib: what knows no cloud.
libstsentry_a_SOURCES += \
	lib/arena.c lib/arena.h \
	lib/buf.c lib/buf.h \
	lib/err.c lib/err.h \
	lib/jscan.c lib/jscan.h \
	lib/slice.c lib/slice.h

UNIT_TESTS += tests/unit/test_basics
tests_unit_test_basics_SOURCES = tests/unit/test_basics.c
tests_unit_test_basics_LDADD = $(UNIT_LIBS)
