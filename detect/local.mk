# detect: the files of this room.
libstsentry_a_SOURCES += detect/reasons.c detect/reasons.h
libstsentry_a_SOURCES += \
	detect/finding.c detect/finding.h detect/finding_i.h \
	detect/finding_held.c \
	detect/finding_keep.c \
	detect/clouds.c detect/clouds.h \
	detect/known.c \
	detect/grants.c detect/grants.h \
	detect/lineage.c detect/lineage.h detect/lineage_i.h \
	detect/lineage_join.c \
	detect/shelves.c \
	detect/strays.c \
	detect/lineage_keep.c \
	detect/lineage_new.c \
	detect/lineage_tell.c \
	detect/tokens.c \
	detect/baseline.c detect/baseline.h detect/baseline_i.h \
	detect/baseline_options.c \
	detect/baseline_save.c \
	detect/baseline_words.c \
	detect/habits.c \
	detect/learn.c \
	detect/level.c \
	detect/pending.c \
	detect/surprise.c \
	detect/told.c \
	detect/traits.c detect/traits.h \
	detect/finding.c detect/finding.h \
	detect/names.c detect/names.h \
	detect/next_steps.c detect/next_steps.h \
	detect/notice.c detect/notice.h \
	detect/title.c \
	detect/verdict.c detect/verdict.h

UNIT_TESTS += tests/unit/test_baseline
tests_unit_test_baseline_SOURCES = tests/unit/test_baseline.c \
	tests/unit/usual_case.c tests/unit/usual_case.h
tests_unit_test_baseline_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_baseline_save
tests_unit_test_baseline_save_SOURCES = tests/unit/test_baseline_save.c \
	tests/unit/usual_case.c tests/unit/usual_case.h \
	tests/unit/rows.c tests/unit/rows.h
tests_unit_test_baseline_save_LDADD = $(UNIT_LIBS)
EXTRA_PROGRAMS += tests/perf/bench_baseline
tests_perf_bench_baseline_SOURCES = tests/perf/bench_baseline.c
tests_perf_bench_baseline_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_traits
tests_unit_test_traits_SOURCES = tests/unit/test_traits.c
tests_unit_test_traits_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_clouds
tests_unit_test_clouds_SOURCES = tests/unit/test_clouds.c
tests_unit_test_clouds_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_grants
tests_unit_test_grants_SOURCES = tests/unit/test_grants.c \
	tests/unit/rows.c tests/unit/rows.h
tests_unit_test_grants_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_known tests/unit/test_strays \
	tests/unit/test_tokens
tests_unit_test_strays_SOURCES = tests/unit/test_strays.c
tests_unit_test_strays_LDADD = $(UNIT_LIBS)
tests_unit_test_known_SOURCES = tests/unit/test_known.c
tests_unit_test_known_LDADD = $(UNIT_LIBS)
tests_unit_test_tokens_SOURCES = tests/unit/test_tokens.c
tests_unit_test_tokens_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_lineage
tests_unit_test_lineage_SOURCES = tests/unit/test_lineage.c \
	tests/unit/rows.c tests/unit/rows.h
tests_unit_test_lineage_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_verdict
tests_unit_test_verdict_SOURCES = tests/unit/test_verdict.c
tests_unit_test_verdict_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_finding
tests_unit_test_finding_SOURCES = tests/unit/test_finding.c
tests_unit_test_finding_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_notice
tests_unit_test_notice_SOURCES = tests/unit/test_notice.c
tests_unit_test_notice_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_next_steps
tests_unit_test_next_steps_SOURCES = tests/unit/test_next_steps.c
tests_unit_test_next_steps_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_title
tests_unit_test_title_SOURCES = tests/unit/test_title.c
tests_unit_test_title_LDADD = $(UNIT_LIBS)

# The manual's table of reasons is printed from the one in the code.
check_PROGRAMS += doc/gen_reasons
doc_gen_reasons_SOURCES = doc/gen_reasons.c
EXTRA_DIST += doc/reasons.md
SCENARIOS += tests/scenario/reasons_page
SCENARIOS += tests/scenario/same_everywhere tests/scenario/quality tests/scenario/acks
SCENARIOS += tests/scenario/quiet_services
EXTRA_DIST += tests/tools/company.py tests/tools/sim_policy.py tests/perf/organisations
.PHONY: reasons-page
reasons-page: doc/gen_reasons$(EXEEXT)
	doc/gen_reasons$(EXEEXT) > $(srcdir)/doc/reasons.md

include detect/policy.mk

libstsentry_a_SOURCES += detect/cadence.c detect/cadence.h
UNIT_TESTS += tests/unit/test_cadence
tests_unit_test_cadence_SOURCES = tests/unit/test_cadence.c
tests_unit_test_cadence_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_use tests/fuzz/fuzz_lineage
tests_fuzz_fuzz_use_SOURCES = tests/fuzz/fuzz_use.c
tests_fuzz_fuzz_use_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_use_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_lineage_SOURCES = tests/fuzz/fuzz_lineage.c
tests_fuzz_fuzz_lineage_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_lineage_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/use tests/fuzz/corpus/lineage
