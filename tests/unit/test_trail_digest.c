/*
 * test_trail_digest.c - what a digest file says, and what its signature is over.
 */
#include "events/trail_digest.h"

#include "tests/unit/unit.h"

#define OBJECT                                                           \
	"AWSLogs/1/CloudTrail-Digest/us-east-1/2026/03/01/"              \
	"1_CloudTrail-Digest_us-east-1_main_us-east-1_20260301T080000Z." \
	"json.gz"
#define DIGEST(previous)                                             \
	"{\"awsAccountId\":\"1\",\"digestStartTime\":\"S\","         \
	"\"digestEndTime\":\"2026-03-01T08:00:00Z\","                \
	"\"digestS3Bucket\":\"trails\",\"digestS3Object\":\"" OBJECT \
	"\",\"digestPublicKeyFingerprint\":\"f\"," previous          \
	"\"logFiles\":[{\"s3Bucket\":\"trails\",\"s3Object\":\"a\"," \
	"\"hashValue\":\"00\"},{\"s3Object\":\"b\"}]}"

static void
a_digest_is_read(void)
{
	static const char text[] = DIGEST("\"previousDigestSignature\":null,");
	struct json_reader r;
	struct json_iter at = { 0 };
	struct trail_digest d;
	struct trail_file f;

	json_reader_init(&r);
	CHECK_INT(trail_digest_parse(&r, SLICE_LIT(text), &d), 0);
	CHECK_TEXT(d.account, "1");
	CHECK_TEXT(trail_digest_chain(&d),
	    "1_CloudTrail-Digest_us-east-1_main_us-east-1");
	CHECK(slice_is_null(d.previous_object));
	CHECK(trail_digest_file(&d, &at, &f));
	CHECK_TEXT(f.object, "a");
	CHECK_TEXT(f.hash, "00");
	CHECK(trail_digest_file(&d, &at, &f));
	CHECK_TEXT(f.object, "b");
	CHECK(slice_is_null(f.hash));
	CHECK(!trail_digest_file(&d, &at, &f));
	json_reader_release(&r);
}

static void
check_signed(const char *text, const char *want)
{
	struct json_reader r;
	struct trail_digest d;
	struct buf out = BUF_INIT;

	json_reader_init(&r);
	CHECK_INT(trail_digest_parse(&r, slice_str(text), &d), 0);
	trail_digest_signed(&d, "HASH", &out);
	CHECK_TEXT(buf_slice(&out), want);
	buf_release(&out);
	json_reader_release(&r);
}

static void
a_signature_is_over_four_lines(void)
{
	check_signed(DIGEST("\"previousDigestSignature\":null,"),
	    "2026-03-01T08:00:00Z\ntrails/" OBJECT "\nHASH\nnull");
	check_signed(DIGEST("\"previousDigestSignature\":\"0a\","),
	    "2026-03-01T08:00:00Z\ntrails/" OBJECT "\nHASH\n0a");
}

static void
what_is_no_digest_is_refused(void)
{
	static const char *const texts[] = { "", "{}", "[]", "{\"Records\":[]}",
		DIGEST("") };
	struct json_reader r;
	struct trail_digest d;

	json_reader_init(&r);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK_INT(trail_digest_parse(&r, slice_str(texts[i]), &d),
		    ST_EFORMAT);
	json_reader_release(&r);
}

UNIT_MAIN("trail_digest", { "a digest is read", a_digest_is_read },
    { "a signature is over four lines", a_signature_is_over_four_lines },
    { "what is no digest is refused", what_is_no_digest_is_refused })
