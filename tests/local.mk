# tests: what every room's tests need; the tests themselves are listed by the
# room they test.
check_LIBRARIES += tests/unit/libunit.a tests/fuzz/libreplay.a
tests_unit_libunit_a_SOURCES = tests/unit/unit.c tests/unit/unit.h
tests_unit_libunit_a_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz.h
if FUZZING
FUZZ_LINK = $(FUZZ_LDFLAGS)
else
FUZZ_LINK =
endif

# Every fuzz target over its kept corpus.
SCENARIOS += tests/fuzz/run

# The programs as a whole.
SCENARIOS += tests/scenario/sample_logs tests/scenario/bad_input
SCENARIOS += tests/scenario/stream_inputs tests/scenario/crowds tests/scenario/full_disk \
	tests/scenario/syslog_ng_receives
EXTRA_DIST += tests/scenario/daemon.py tests/scenario/stream_inputs.py tests/scenario/crowds.py \
	tests/scenario/full_disk.py tests/scenario/syslog_ng.py tests/scenario/syslog_ng_receives.py \
	tests/scenario/tail_rows.py tests/scenario/trail_digests.py
SCENARIOS += tests/scenario/real_records
EXTRA_DIST += script/setup script/build script/test script/run-tests script/demo \
	script/sample-logs script/send-tcp examples/acme/policy.yaml
EXTRA_DIST += tests/perf/run tests/perf/recipes tests/perf/status_page tests/perf/drain

# Certificates for scenarios.
check_PROGRAMS += tests/tools/make_certs
tests_tools_make_certs_SOURCES = tests/tools/make_certs.c \
	tests/unit/certs.c tests/unit/certs.h
tests_tools_make_certs_LDADD = $(CRYPTO_LIBS)
check_PROGRAMS += tests/tools/make_token
tests_tools_make_token_SOURCES = tests/tools/make_token.c \
	tests/unit/signed.c tests/unit/signed.h
tests_tools_make_token_LDADD = $(UNIT_LIBS)

# What takes longer than `make check` should.
.PHONY: torture
torture: tests/unit/mutated_states tests/tools/make_certs
	STSENTRY_MUTATIONS=1000 tests/unit/mutated_states
	STSENTRY_KILLS=200 top_srcdir=$(top_srcdir) top_builddir=. \
		$(top_srcdir)/tests/scenario/oracle
	STSENTRY_CROWD=10000 top_srcdir=$(top_srcdir) top_builddir=. \
		$(top_srcdir)/tests/scenario/crowds
