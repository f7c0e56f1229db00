# cli: stsentry, one file a subcommand.
libstsentry_a_SOURCES += \
	cli/ack.c \
	cli/backtest.c \
	cli/change.c cli/change.h \
	cli/check.c \
	cli/cli.c cli/cli.h \
	cli/convert.c \
	cli/counts.c cli/counts.h \
	cli/coverage.c \
	cli/covered.c cli/covered.h cli/covered_say.c \
	cli/daemon.c \
	cli/deliver.c \
	cli/draft.c cli/draft.h \
	cli/drill.c cli/drill.h cli/drill_around.c \
	cli/excuse.c cli/excuse.h \
	cli/explain.c cli/explain.h cli/explain_tell.c \
	cli/history.c cli/history.h \
	cli/init.c \
	cli/input.c cli/input.h \
	cli/ledger.c \
	cli/normal.c cli/normal.h \
	cli/pack.c \
	cli/pack_verify.c cli/pack_verify.h \
	cli/progress.c cli/progress.h \
	cli/proposal.c cli/proposal.h \
	cli/records.c cli/records.h \
	cli/report.c cli/report.h \
	cli/scan.c \
	cli/seed.c cli/seed.h \
	cli/sorter.c cli/sorter.h \
	cli/status_say.c cli/status_say.h \
	cli/suggest.c \
	cli/summary.c cli/summary.h \
	cli/usual.c cli/usual.h \
	cli/tokens.c \
	cli/walk.c cli/walk.h

bin_PROGRAMS += stsentry
stsentry_SOURCES = cli/main.c

UNIT_TESTS += tests/unit/test_input
tests_unit_test_input_SOURCES = tests/unit/test_input.c
tests_unit_test_input_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_status_say
tests_unit_test_status_say_SOURCES = tests/unit/test_status_say.c
tests_unit_test_status_say_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_sorter
tests_unit_test_sorter_SOURCES = tests/unit/test_sorter.c
tests_unit_test_sorter_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_records
tests_unit_test_records_SOURCES = tests/unit/test_records.c \
	tests/unit/store_case.c tests/unit/store_case.h
tests_unit_test_records_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_counts
tests_unit_test_counts_SOURCES = tests/unit/test_counts.c
tests_unit_test_counts_LDADD = $(UNIT_LIBS)

SCENARIOS += tests/scenario/drill

SCENARIOS += tests/scenario/ledger_kept
PLAIN_TESTS += tests/scenario/backtest tests/scenario/suggest \
	tests/scenario/explain tests/scenario/coverage tests/scenario/init

UNIT_TESTS += tests/unit/test_normal
tests_unit_test_normal_SOURCES = tests/unit/test_normal.c \
	tests/unit/normal_case.c tests/unit/normal_case.h
tests_unit_test_normal_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_draft
tests_unit_test_draft_SOURCES = tests/unit/test_draft.c \
	tests/unit/normal_case.c tests/unit/normal_case.h
tests_unit_test_draft_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_excuse
tests_unit_test_excuse_SOURCES = tests/unit/test_excuse.c \
	tests/unit/sample.c tests/unit/sample.h
tests_unit_test_excuse_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_usual
tests_unit_test_usual_SOURCES = tests/unit/test_usual.c
tests_unit_test_usual_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_change
tests_unit_test_change_SOURCES = tests/unit/test_change.c \
	tests/unit/sample.c tests/unit/sample.h
tests_unit_test_change_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_covered
tests_unit_test_covered_SOURCES = tests/unit/test_covered.c
tests_unit_test_covered_LDADD = $(UNIT_LIBS)
# How long lineage takes, and what it makes of logs; by hand.
EXTRA_PROGRAMS += tests/perf/bench_lineage
tests_perf_bench_lineage_SOURCES = tests/perf/bench_lineage.c

SCENARIOS += tests/scenario/lineage tests/scenario/cloud_ranges \
	tests/scenario/grants
EXTRA_DIST += tests/scenario/lineage.py tests/scenario/cloud_ranges.py \
	tests/scenario/grants.py

UNIT_TESTS += tests/unit/test_history
tests_unit_test_history_SOURCES = tests/unit/test_history.c \
	tests/unit/sample.c tests/unit/sample.h \
	tests/unit/store_case.c tests/unit/store_case.h
tests_unit_test_history_LDADD = $(UNIT_LIBS)
