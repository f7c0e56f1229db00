# outputs/format: the files of this room.
libstsentry_a_SOURCES += \
	outputs/format/cef.c \
	outputs/format/csv.c \
	outputs/format/decision.c \
	outputs/format/ecs.c \
	outputs/format/escape.c outputs/format/escape.h \
	outputs/format/filters.c \
	outputs/format/format.c outputs/format/format.h \
	outputs/format/json.c \
	outputs/format/kinds.h \
	outputs/format/leef.c \
	outputs/format/ocsf.c \
	outputs/format/page.c outputs/format/page.h \
	outputs/format/parse.c outputs/format/parse.h \
	outputs/format/raw.c outputs/format/raw.h \
	outputs/format/syslog.c \
	outputs/format/template.c outputs/format/template.h \
	outputs/format/template_inner.h \
	outputs/format/template_render.c \
	outputs/format/text.c \
	outputs/format/view.c outputs/format/view.h

SAMPLE = tests/unit/sample.c tests/unit/sample.h
STRICT = tests/unit/strict.c tests/unit/strict.h

UNIT_TESTS += tests/unit/test_format tests/unit/test_hostile \
	tests/unit/test_parse
tests_unit_test_format_SOURCES = tests/unit/test_format.c $(SAMPLE) $(STRICT)
tests_unit_test_format_LDADD = $(UNIT_LIBS)
tests_unit_test_hostile_SOURCES = tests/unit/test_hostile.c $(SAMPLE) $(STRICT)
tests_unit_test_hostile_LDADD = $(UNIT_LIBS)
tests_unit_test_parse_SOURCES = tests/unit/test_parse.c $(SAMPLE)
tests_unit_test_parse_LDADD = $(UNIT_LIBS)

# The samples in each format, for eyes and for the published schemas.
check_PROGRAMS += tests/unit/print_finding
tests_unit_print_finding_SOURCES = tests/unit/print_finding.c $(SAMPLE)
SCENARIOS += tests/scenario/format_schemas

FUZZ_TARGETS += tests/fuzz/fuzz_format tests/fuzz/fuzz_finding
FUZZ_TARGETS += tests/fuzz/fuzz_decision
tests_fuzz_fuzz_decision_SOURCES = tests/fuzz/fuzz_decision.c
tests_fuzz_fuzz_decision_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_decision_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_format_SOURCES = tests/fuzz/fuzz_format.c $(SAMPLE) $(STRICT)
tests_fuzz_fuzz_format_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_format_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_finding_SOURCES = tests/fuzz/fuzz_finding.c
tests_fuzz_fuzz_finding_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_finding_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/format tests/fuzz/corpus/finding \
	tests/fuzz/corpus/decision \
	doc/formats.md doc/outputs.md

UNIT_TESTS += tests/unit/test_template
tests_unit_test_template_SOURCES = tests/unit/test_template.c
tests_unit_test_template_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c
tests_fuzz_fuzz_template_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_template_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/template
