# outputs: the files of this room.
libstsentry_a_SOURCES += \
	outputs/file/file.c \
	outputs/null/null.c \
	outputs/outlet.c outputs/outlet.h \
	outputs/output.c outputs/output.h \
	outputs/route.c outputs/route.h \
	outputs/stdout/stdout.c

UNIT_TESTS += tests/unit/test_output
tests_unit_test_output_SOURCES = tests/unit/test_output.c
tests_unit_test_output_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_route
tests_unit_test_route_SOURCES = tests/unit/test_route.c $(SAMPLE)
tests_unit_test_route_LDADD = $(UNIT_LIBS)
SCENARIOS += tests/scenario/webhook_out
