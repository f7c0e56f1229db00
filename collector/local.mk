# collector: the files of this room.
libstsentry_a_SOURCES += \
	collector/frame.c collector/frame.h

UNIT_TESTS += tests/unit/test_frame
tests_unit_test_frame_SOURCES = tests/unit/test_frame.c
tests_unit_test_frame_LDADD = $(UNIT_LIBS)
