# outputs/exec: the files of this output.
libstsentry_a_SOURCES += \
	outputs/exec/answer.c outputs/exec/answer.h \
	outputs/exec/child.c outputs/exec/child.h \
	outputs/exec/exec.c

UNIT_TESTS += tests/unit/test_exec_answer
tests_unit_test_exec_answer_SOURCES = tests/unit/test_exec_answer.c
tests_unit_test_exec_answer_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_exec_answer
tests_fuzz_fuzz_exec_answer_SOURCES = tests/fuzz/fuzz_exec_answer.c
tests_fuzz_fuzz_exec_answer_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_exec_answer_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/exec_answer
