# lib: what knows no cloud.
libstsentry_a_SOURCES += \
	lib/arena.c lib/arena.h \
	lib/base64.c lib/base64.h \
	lib/buf.c lib/buf.h \
	lib/ed25519.c lib/ed25519.h \
	lib/err.c lib/err.h \
	lib/folder.c lib/folder.h \
	lib/hash.c lib/hash.h \
	lib/deflate.c lib/deflate.h \
	lib/inflate.c lib/inflate.h \
	lib/sign.c lib/sign.h \
	lib/jscan.c lib/jscan.h \
	lib/json.c lib/json.h lib/json_backend.h \
	lib/json_repair.c lib/json_repair.h \
	lib/jsonw.c lib/jsonw.h \
	lib/log.c lib/log.h \
	lib/problems.c lib/problems.h \
	lib/slice.c lib/slice.h \
	lib/tar.c lib/tar.h \
	lib/utf8.c lib/utf8.h \
	lib/when.c lib/when.h
if YYJSON
libstsentry_a_SOURCES += lib/json_yyjson.c
else
libstsentry_a_SOURCES += lib/json_jansson.c
endif

UNIT_TESTS += tests/unit/test_basics
tests_unit_test_basics_SOURCES = tests/unit/test_basics.c
tests_unit_test_basics_LDADD = $(UNIT_LIBS)

libstsentry_a_SOURCES += \
	lib/batchq.c lib/batchq.h \
	lib/clock.c lib/clock.h \
	lib/globs.c lib/globs.h \
	lib/loop.c lib/loop.h \
	lib/thread.c lib/thread.h \
	lib/watch.c lib/watch.h

UNIT_TESTS += tests/unit/test_watch
tests_unit_test_watch_SOURCES = tests/unit/test_watch.c
tests_unit_test_watch_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_problems
tests_unit_test_problems_SOURCES = tests/unit/test_problems.c
tests_unit_test_problems_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_batchq
tests_unit_test_batchq_SOURCES = tests/unit/test_batchq.c
tests_unit_test_batchq_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_loop
tests_unit_test_loop_SOURCES = tests/unit/test_loop.c
tests_unit_test_loop_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_clock
tests_unit_test_clock_SOURCES = tests/unit/test_clock.c
tests_unit_test_clock_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_hash
tests_unit_test_hash_SOURCES = tests/unit/test_hash.c
tests_unit_test_hash_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_inflate
tests_unit_test_inflate_SOURCES = tests/unit/test_inflate.c
tests_unit_test_inflate_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_inflate
tests_fuzz_fuzz_inflate_SOURCES = tests/fuzz/fuzz_inflate.c
tests_fuzz_fuzz_inflate_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_inflate_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/inflate

UNIT_TESTS += tests/unit/test_json
tests_unit_test_json_SOURCES = tests/unit/test_json.c
tests_unit_test_json_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c
tests_fuzz_fuzz_json_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/json

UNIT_TESTS += tests/unit/test_jsonw
tests_unit_test_jsonw_SOURCES = tests/unit/test_jsonw.c
tests_unit_test_jsonw_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_utf8
tests_unit_test_utf8_SOURCES = tests/unit/test_utf8.c
tests_unit_test_utf8_LDADD = $(UNIT_LIBS)

libstsentry_a_SOURCES += lib/map.c lib/map.h
UNIT_TESTS += tests/unit/test_map
tests_unit_test_map_SOURCES = tests/unit/test_map.c
tests_unit_test_map_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_when
tests_unit_test_when_SOURCES = tests/unit/test_when.c
tests_unit_test_when_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_jscan
tests_unit_test_jscan_SOURCES = tests/unit/test_jscan.c
tests_unit_test_jscan_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_globs
tests_unit_test_globs_SOURCES = tests/unit/test_globs.c
tests_unit_test_globs_LDADD = $(UNIT_LIBS)

libstsentry_a_SOURCES += \
	lib/fetch.c lib/fetch.h \
	lib/notify.c lib/notify.h \
	lib/sandbox.c lib/sandbox.h
UNIT_TESTS += tests/unit/test_notify
tests_unit_test_notify_SOURCES = tests/unit/test_notify.c
tests_unit_test_notify_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_sandbox
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c
tests_unit_test_sandbox_LDADD = $(UNIT_LIBS)

libstsentry_a_SOURCES += lib/jwt.c lib/jwt.h
UNIT_TESTS += tests/unit/test_jwt
tests_unit_test_jwt_SOURCES = tests/unit/test_jwt.c tests/unit/signed.c \
	tests/unit/signed.h
tests_unit_test_jwt_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_jwt
tests_fuzz_fuzz_jwt_SOURCES = tests/fuzz/fuzz_jwt.c
tests_fuzz_fuzz_jwt_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_jwt_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/jwt
libstsentry_a_SOURCES += \
	lib/tls.c lib/tls.h lib/tls_inner.h \
	lib/tls_allow.c lib/tls_context.c lib/tls_peer.c lib/tls_peer.h
UNIT_TESTS += tests/unit/test_tls
TLS_CASE = tests/unit/tls_case.c tests/unit/tls_case.h \
	tests/unit/certs.c tests/unit/certs.h
tests_unit_test_tls_SOURCES = tests/unit/test_tls.c $(TLS_CASE) \
	tests/unit/tls_client.c tests/unit/tls_client.h
tests_unit_test_tls_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_tls_context
tests_unit_test_tls_context_SOURCES = tests/unit/test_tls_context.c $(TLS_CASE)
tests_unit_test_tls_context_LDADD = $(UNIT_LIBS)

libstsentry_a_SOURCES += lib/pack.c lib/pack.h
UNIT_TESTS += tests/unit/test_pack
tests_unit_test_pack_SOURCES = tests/unit/test_pack.c
tests_unit_test_pack_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_deflate
tests_unit_test_deflate_SOURCES = tests/unit/test_deflate.c
tests_unit_test_deflate_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_sign
tests_unit_test_sign_SOURCES = tests/unit/test_sign.c
tests_unit_test_sign_LDADD = $(UNIT_LIBS)
