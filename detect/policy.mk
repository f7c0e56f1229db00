# detect: patterns, hours and the policy.
libstsentry_a_SOURCES += \
	detect/hours.c detect/hours.h \
	detect/pattern.c detect/pattern.h detect/pattern_i.h \
	detect/pattern_run.c \
	detect/policy.h detect/policy_i.h \
	detect/policy_check.c \
	detect/policy_compile.c \
	detect/policy_cond.c \
	detect/policy_event.c detect/policy_event.h \
	detect/policy_explain.c \
	detect/policy_fields.c \
	detect/policy_load.c detect/policy_load_i.h \
	detect/policy_match.c \
	detect/policy_named.c detect/policy_named.h \
	detect/policy_rows.c \
	detect/policy_schema.c \
	detect/policy_test.c \
	detect/policy_units.c \
	detect/posix_tz.c detect/posix_tz.h \
	detect/zone.c detect/zone.h

UNIT_TESTS += tests/unit/test_pattern tests/unit/test_hours
tests_unit_test_pattern_SOURCES = tests/unit/test_pattern.c
tests_unit_test_pattern_LDADD = $(UNIT_LIBS)
tests_unit_test_hours_SOURCES = tests/unit/test_hours.c
tests_unit_test_hours_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_policy tests/unit/test_policy_load \
	tests/unit/test_policy_schema tests/unit/test_policy_tests
POLICY_CASE = tests/unit/policy_case.c tests/unit/policy_case.h
UNIT_TESTS += tests/unit/test_policy_named
tests_unit_test_policy_named_SOURCES = tests/unit/test_policy_named.c \
	$(POLICY_CASE)
tests_unit_test_policy_named_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_policy_told
tests_unit_test_policy_told_SOURCES = tests/unit/test_policy_told.c \
	$(POLICY_CASE)
tests_unit_test_policy_told_LDADD = $(UNIT_LIBS)
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c $(POLICY_CASE)
tests_unit_test_policy_LDADD = $(UNIT_LIBS)
tests_unit_test_policy_load_SOURCES = tests/unit/test_policy_load.c
tests_unit_test_policy_load_LDADD = $(UNIT_LIBS)
tests_unit_test_policy_schema_SOURCES = tests/unit/test_policy_schema.c
tests_unit_test_policy_schema_LDADD = $(UNIT_LIBS)
tests_unit_test_policy_tests_SOURCES = tests/unit/test_policy_tests.c
tests_unit_test_policy_tests_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_pattern tests/fuzz/fuzz_policy
tests_fuzz_fuzz_pattern_SOURCES = tests/fuzz/fuzz_pattern.c
tests_fuzz_fuzz_pattern_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_pattern_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c
tests_fuzz_fuzz_policy_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_policy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/pattern tests/fuzz/corpus/policy

EXTRA_PROGRAMS += tests/perf/bench_policy
tests_perf_bench_policy_SOURCES = tests/perf/bench_policy.c
