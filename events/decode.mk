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

noinst_PROGRAMS += tests/tools/decode_lines
tests_tools_decode_lines_SOURCES = tests/tools/decode_lines.c

check_LIBRARIES += tests/unit/librecords.a
tests_unit_librecords_a_SOURCES = tests/unit/records.c tests/unit/records.h
tests_unit_librecords_a_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
RECORDS_LIBS = tests/unit/librecords.a $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_cloudtrail tests/unit/test_digest \
	tests/unit/test_gcp tests/unit/test_principal_aws \
	tests/unit/test_request
tests_unit_test_cloudtrail_SOURCES = tests/unit/test_cloudtrail.c
tests_unit_test_cloudtrail_LDADD = $(RECORDS_LIBS)
tests_unit_test_digest_SOURCES = tests/unit/test_digest.c
tests_unit_test_digest_LDADD = $(UNIT_LIBS)
tests_unit_test_gcp_SOURCES = tests/unit/test_gcp.c
tests_unit_test_gcp_LDADD = $(RECORDS_LIBS)
tests_unit_test_principal_aws_SOURCES = tests/unit/test_principal_aws.c
tests_unit_test_principal_aws_LDADD = $(RECORDS_LIBS)
tests_unit_test_request_SOURCES = tests/unit/test_request.c
tests_unit_test_request_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_cloudtrail tests/fuzz/fuzz_digest \
	tests/fuzz/fuzz_gcp
tests_fuzz_fuzz_cloudtrail_SOURCES = tests/fuzz/fuzz_cloudtrail.c
tests_fuzz_fuzz_cloudtrail_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_cloudtrail_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_gcp_SOURCES = tests/fuzz/fuzz_gcp.c
tests_fuzz_fuzz_gcp_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_gcp_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_digest_SOURCES = tests/fuzz/fuzz_digest.c
tests_fuzz_fuzz_digest_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_digest_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/cloudtrail tests/fuzz/corpus/digest \
	tests/fuzz/corpus/gcp
