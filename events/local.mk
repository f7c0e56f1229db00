# events: what a record means.
libstsentry_a_SOURCES += \
	events/api_word.c events/api_word.h \
	events/arn.c events/arn.h \
	events/catalogue.c events/catalogue.h events/catalogue_rows.h \
	events/envelope.c events/envelope.h \
	events/glance.c events/glance.h \
	events/grant.c events/grant.h \
	events/reject.c events/reject.h \
	events/request.c events/request.h \
	events/sift.c events/sift.h \
	events/trail_digest.c events/trail_digest.h \
	events/use.c events/use.h

UNIT_TESTS += tests/unit/test_grant
tests_unit_test_grant_SOURCES = tests/unit/test_grant.c
tests_unit_test_grant_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_grant
tests_fuzz_fuzz_grant_SOURCES = tests/fuzz/fuzz_grant.c
tests_fuzz_fuzz_grant_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_grant_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/grant
UNIT_TESTS += tests/unit/test_use
tests_unit_test_use_SOURCES = tests/unit/test_use.c
tests_unit_test_use_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_api_word
tests_unit_test_api_word_SOURCES = tests/unit/test_api_word.c
tests_unit_test_api_word_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_catalogue
tests_unit_test_catalogue_SOURCES = tests/unit/test_catalogue.c
tests_unit_test_catalogue_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_envelope
tests_fuzz_fuzz_envelope_SOURCES = tests/fuzz/fuzz_envelope.c
tests_fuzz_fuzz_envelope_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_envelope_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/envelope

UNIT_TESTS += tests/unit/test_envelope tests/unit/test_glance
tests_unit_test_envelope_SOURCES = tests/unit/test_envelope.c
tests_unit_test_envelope_LDADD = $(UNIT_LIBS)
tests_unit_test_glance_SOURCES = tests/unit/test_glance.c
tests_unit_test_glance_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_sift
tests_unit_test_sift_SOURCES = tests/unit/test_sift.c
tests_unit_test_sift_LDADD = $(UNIT_LIBS)
tests_unit_test_sift_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc

libstsentry_a_SOURCES += events/request_save.c events/request_save.h
UNIT_TESTS += tests/unit/test_request_save
tests_unit_test_request_save_SOURCES = tests/unit/test_request_save.c
tests_unit_test_request_save_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_trail_digest
tests_unit_test_trail_digest_SOURCES = tests/unit/test_trail_digest.c
tests_unit_test_trail_digest_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_trail_digest
tests_fuzz_fuzz_trail_digest_SOURCES = tests/fuzz/fuzz_trail_digest.c
tests_fuzz_fuzz_trail_digest_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_trail_digest_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/trail_digest
