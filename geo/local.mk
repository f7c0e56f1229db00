# geo: the files of this room.
libstsentry_a_SOURCES += geo/addr.c geo/addr.h geo/place.c geo/place.h

UNIT_TESTS += tests/unit/test_addr
tests_unit_test_addr_SOURCES = tests/unit/test_addr.c
tests_unit_test_addr_LDADD = $(UNIT_LIBS)
