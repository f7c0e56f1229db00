# events: from a record to a request (local.mk has the way to the record).
libstsentry_a_SOURCES += \
	events/cloudtrail.c events/cloudtrail.h \
	events/cloudtrail_target.c \
	events/digest.c events/digest.h \
	events/entry.c events/entry.h \
	events/field.c events/field.h \
	events/gcp.c events/gcp.h \
	events/principal_aws.c \
	events/principal_gcp.c \
	events/source.c events/source.h \
	events/trail.h

UNIT_TESTS += tests/unit/test_digest
tests_unit_test_digest_SOURCES = tests/unit/test_digest.c
tests_unit_test_digest_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_digest
tests_fuzz_fuzz_digest_SOURCES = tests/fuzz/fuzz_digest.c
tests_fuzz_fuzz_digest_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_digest_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/cloudtrail tests/fuzz/corpus/digest \
	tests/fuzz/corpus/gcp
