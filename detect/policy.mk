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
	detect/policy_rows.c \
	detect/policy_test.c \
	detect/policy_units.c \
	detect/posix_tz.c detect/posix_tz.h \
	detect/zone.c detect/zone.h

UNIT_TESTS += tests/unit/test_pattern
tests_unit_test_pattern_SOURCES = tests/unit/test_pattern.c
tests_unit_test_pattern_LDADD = $(UNIT_LIBS)
