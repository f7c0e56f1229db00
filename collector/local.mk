# collector: the files of this room.
libstsentry_a_SOURCES += \
	collector/acks.c collector/acks.h \
	collector/admin.c collector/admin.h \
	collector/admin_events.c collector/admin_events.h \
	collector/batch.c collector/batch.h \
	collector/board.c collector/board.h collector/board_i.h \
	collector/board_keep.c \
	collector/bind.c collector/bind.h \
	collector/books.c collector/books.h \
	collector/certs.c collector/certs.h \
	collector/client.c collector/client.h \
	collector/conn.c collector/conn.h \
	collector/diary.c collector/diary.h \
	collector/examine.c collector/examine.h \
	collector/frame.c collector/frame.h \
	collector/gauge.c collector/gauge.h \
	collector/generation.c collector/generation.h \
	collector/intake.c collector/intake.h \
	collector/judge.c collector/judge.h collector/judge_i.h \
	collector/judge_diary.c \
	collector/judge_keep.c \
	collector/lag.c collector/lag.h \
	collector/listener.c collector/listener.h collector/listener_i.h \
	collector/listener_accept.c \
	collector/mark.h \
	collector/outlets.c collector/outlets.h \
	collector/peers.c collector/peers.h \
	collector/pipeline.c collector/pipeline.h \
	collector/recent.c collector/recent.h \
	collector/reload.c \
	collector/seen.c collector/seen.h \
	collector/service.c collector/service.h collector/service_i.h \
	collector/service_rooms.c \
	collector/status.c collector/status.h \
	collector/status_page.c collector/status_page.h \
	collector/stream.c \
	collector/survey.c collector/survey.h \
	collector/probe.c collector/probe.h \
	collector/tail.c collector/tail.h collector/tail_i.h \
	collector/tail_digest.c collector/tail_digest.h \
	collector/tail_known.c collector/tail_read.c collector/tail_swap.c \
	collector/tally.c collector/tally.h \
	collector/twins.c collector/twins.h collector/twins_i.h \
	collector/twins_keep.c \
	collector/window.c collector/window.h \
	collector/telemetry.c collector/telemetry.h \
	collector/version.c collector/version.h \
	collector/walls.c collector/walls.h \
	collector/wire.c collector/wire.h \
	collector/worker_clients.c collector/worker_inner.h \
	collector/worker.c collector/worker.h

sbin_PROGRAMS += stsentryd
stsentryd_SOURCES = collector/main.c

UNIT_TESTS += tests/unit/test_examine
tests_unit_test_examine_SOURCES = tests/unit/test_examine.c $(CONFIG_CASE)
tests_unit_test_examine_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_outlets
tests_unit_test_outlets_SOURCES = tests/unit/test_outlets.c $(SAMPLE)
tests_unit_test_outlets_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_walls
tests_unit_test_walls_SOURCES = tests/unit/test_walls.c
tests_unit_test_walls_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_seen
tests_unit_test_seen_SOURCES = tests/unit/test_seen.c
tests_unit_test_seen_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_twins
tests_unit_test_twins_SOURCES = tests/unit/test_twins.c
tests_unit_test_twins_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_pipeline
tests_unit_test_pipeline_SOURCES = tests/unit/test_pipeline.c
tests_unit_test_pipeline_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_frame
tests_unit_test_frame_SOURCES = tests/unit/test_frame.c
tests_unit_test_frame_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_twins tests/fuzz/fuzz_request
tests_fuzz_fuzz_twins_SOURCES = tests/fuzz/fuzz_twins.c
tests_fuzz_fuzz_twins_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_twins_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_request_SOURCES = tests/fuzz/fuzz_request.c
tests_fuzz_fuzz_request_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_request_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/twins tests/fuzz/corpus/request

FUZZ_TARGETS += tests/fuzz/fuzz_sift
tests_fuzz_fuzz_sift_SOURCES = tests/fuzz/fuzz_sift.c
tests_fuzz_fuzz_sift_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_sift_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/sift

UNIT_TESTS += tests/unit/test_batch
tests_unit_test_batch_SOURCES = tests/unit/test_batch.c
tests_unit_test_batch_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_intake
tests_unit_test_intake_SOURCES = tests/unit/test_intake.c
tests_unit_test_intake_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_frame
tests_fuzz_fuzz_frame_SOURCES = tests/fuzz/fuzz_frame.c
tests_fuzz_fuzz_frame_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_frame_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/frame
UNIT_TESTS += tests/unit/test_status_page
tests_unit_test_status_page_SOURCES = tests/unit/test_status_page.c $(SAMPLE)
tests_unit_test_status_page_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_status tests/unit/test_admin
tests_unit_test_status_SOURCES = tests/unit/test_status.c
tests_unit_test_status_LDADD = $(UNIT_LIBS)
tests_unit_test_admin_SOURCES = tests/unit/test_admin.c
tests_unit_test_admin_LDADD = $(UNIT_LIBS)

libstsentry_a_SOURCES += collector/http_head.c collector/http_head.h
UNIT_TESTS += tests/unit/test_http_head
tests_unit_test_http_head_SOURCES = tests/unit/test_http_head.c
tests_unit_test_http_head_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_http_head
tests_fuzz_fuzz_http_head_SOURCES = tests/fuzz/fuzz_http_head.c
tests_fuzz_fuzz_http_head_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_http_head_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/http_head

UNIT_TESTS += tests/unit/test_wire
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c \
	tests/unit/certs.c tests/unit/certs.h \
	tests/unit/tls_client.c tests/unit/tls_client.h
tests_unit_test_wire_LDADD = $(UNIT_LIBS)
libstsentry_a_SOURCES += collector/positions.c collector/positions.h
UNIT_TESTS += tests/unit/test_positions
tests_unit_test_positions_SOURCES = tests/unit/test_positions.c
tests_unit_test_positions_LDADD = $(UNIT_LIBS)
KEPT_ROWS = tests/unit/rows.c tests/unit/rows.h
UNIT_TESTS += tests/unit/test_window tests/unit/test_keep
tests_unit_test_window_SOURCES = tests/unit/test_window.c $(KEPT_ROWS)
tests_unit_test_window_LDADD = $(UNIT_LIBS)
tests_unit_test_keep_SOURCES = tests/unit/test_keep.c $(KEPT_ROWS)
tests_unit_test_keep_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_telemetry
tests_unit_test_telemetry_SOURCES = tests/unit/test_telemetry.c
tests_unit_test_telemetry_LDADD = $(UNIT_LIBS)
SCENARIOS += tests/scenario/admin_pages
libstsentry_a_SOURCES += \
	collector/http_body.c collector/http_body.h \
	collector/http_conn.c \
	collector/http_desk.c collector/http_desk.h \
	collector/http_exchange.c collector/http_exchange.h \
	collector/http_guard.c collector/http_guard.h \
	collector/http_ids.c collector/http_ids.h \
	collector/http_reply.c collector/http_reply.h \
	collector/http_shared.c collector/http_shared.h \
	collector/http_why.c collector/http_why.h \
	collector/http_words.c collector/http_words.h
UNIT_TESTS += tests/unit/test_http_words
tests_unit_test_http_words_SOURCES = tests/unit/test_http_words.c
tests_unit_test_http_words_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_http_reply
tests_unit_test_http_reply_SOURCES = tests/unit/test_http_reply.c
tests_unit_test_http_reply_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_http_guard
tests_unit_test_http_guard_SOURCES = tests/unit/test_http_guard.c \
	tests/unit/signed.c tests/unit/signed.h
tests_unit_test_http_guard_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_http_ids
tests_unit_test_http_ids_SOURCES = tests/unit/test_http_ids.c
tests_unit_test_http_ids_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_peers tests/unit/test_conn
tests_unit_test_peers_SOURCES = tests/unit/test_peers.c
tests_unit_test_peers_LDADD = $(UNIT_LIBS)
tests_unit_test_conn_SOURCES = tests/unit/test_conn.c
tests_unit_test_conn_LDADD = $(UNIT_LIBS)
WORKER_CASE = tests/unit/worker_case.c tests/unit/worker_case.h
UNIT_TESTS += tests/unit/test_http_conn
tests_unit_test_http_conn_SOURCES = tests/unit/test_http_conn.c $(WORKER_CASE)
tests_unit_test_http_conn_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_http
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c $(WORKER_CASE)
tests_fuzz_fuzz_http_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_http_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/http
UNIT_TESTS += tests/unit/test_listener tests/unit/test_worker
tests_unit_test_listener_SOURCES = tests/unit/test_listener.c
tests_unit_test_listener_LDADD = $(UNIT_LIBS)
tests_unit_test_worker_SOURCES = tests/unit/test_worker.c \
	tests/unit/certs.c tests/unit/certs.h $(WORKER_CASE)
tests_unit_test_worker_LDADD = $(UNIT_LIBS)
SCENARIOS += tests/scenario/diary
EXTRA_DIST += tests/scenario/diary.py
SCENARIOS += tests/scenario/state_lasts
SCENARIOS += tests/scenario/reload

UNIT_TESTS += tests/unit/test_diary
tests_unit_test_diary_SOURCES = tests/unit/test_diary.c
tests_unit_test_diary_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_judge
tests_unit_test_judge_SOURCES = tests/unit/test_judge.c \
	tests/unit/sample.c tests/unit/sample.h \
	tests/unit/store_case.c tests/unit/store_case.h
tests_unit_test_judge_LDADD = $(UNIT_LIBS)

# The whole way of a record that asks for no token.
UNIT_TESTS += tests/unit/test_ordinary
tests_unit_test_ordinary_SOURCES = tests/unit/test_ordinary.c
tests_unit_test_ordinary_LDADD = $(UNIT_LIBS)
tests_unit_test_ordinary_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
EXTRA_PROGRAMS += tests/perf/bench_handshake
tests_perf_bench_handshake_SOURCES = tests/perf/bench_handshake.c \
	tests/unit/certs.c tests/unit/certs.h
tests_perf_bench_handshake_LDADD = $(UNIT_LIBS)
EXTRA_PROGRAMS += tests/perf/bench_read
tests_perf_bench_read_SOURCES = tests/perf/bench_read.c
SCENARIOS += tests/scenario/http_inputs
EXTRA_DIST += tests/scenario/http_inputs.py
EXTRA_DIST += doc/getting-events-in.md

UNIT_TESTS += tests/unit/test_probe tests/unit/test_tail
tests_unit_test_probe_SOURCES = tests/unit/test_probe.c
tests_unit_test_probe_LDADD = $(UNIT_LIBS)
tests_unit_test_tail_SOURCES = tests/unit/test_tail.c $(KEPT_ROWS)
tests_unit_test_tail_LDADD = $(UNIT_LIBS)
SCENARIOS += tests/scenario/tail_rows
SCENARIOS += tests/scenario/oracle
EXTRA_DIST += tests/scenario/oracle.py

UNIT_TESTS += tests/unit/test_acks
tests_unit_test_acks_SOURCES = tests/unit/test_acks.c
tests_unit_test_acks_LDADD = $(UNIT_LIBS)
SCENARIOS += tests/scenario/trail_digests
SCENARIOS += tests/scenario/real_senders
EXTRA_DIST += tests/scenario/real_senders.py
