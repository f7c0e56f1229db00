# cli: stsentry, one file a subcommand.
libstsentry_a_SOURCES += \
	cli/backtest.c \
	cli/check.c \
	cli/cli.c cli/cli.h \
	cli/convert.c \
	cli/counts.c cli/counts.h \
	cli/daemon.c \
	cli/history.c cli/history.h \
	cli/input.c cli/input.h \
	cli/ledger.c \
	cli/progress.c cli/progress.h \
	cli/records.c cli/records.h \
	cli/report.c \
	cli/scan.c \
	cli/sorter.c cli/sorter.h \
	cli/summary.c cli/summary.h \
	cli/walk.c cli/walk.h

bin_PROGRAMS += stsentry
stsentry_SOURCES = cli/main.c

UNIT_TESTS += tests/unit/test_input
tests_unit_test_input_SOURCES = tests/unit/test_input.c
tests_unit_test_input_LDADD = $(UNIT_LIBS)

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

SCENARIOS += tests/scenario/backtest

SCENARIOS += tests/scenario/ledger_kept
