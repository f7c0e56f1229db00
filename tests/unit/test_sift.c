/*
 * test_sift.c - what is found in a frame, and that the counts add up.
 *
 * malloc and its kin are counted (the linker's --wrap), for an ordinary record
 * must not need them.
 */
#include "events/sift.h"

#include "lib/json.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define STS "\"eventSource\":\"sts.amazonaws.com\""
#define TOKEN(id)                                                      \
	"{" STS ",\"eventName\":\"GetSessionToken\",\"eventID\":\"" id \
	"\",\"eventTime\":\"2026-03-01T08:00:00Z\",\"userIdentity\":"  \
	"{\"type\":\"IAMUser\",\"accountId\":\"111122223333\"}}"
/* The same inside a string. */
#define S_TOKEN(id)                                                         \
	"{\\\"eventSource\\\":\\\"sts.amazonaws.com\\\","                   \
	"\\\"eventName\\\":\\\"GetSessionToken\\\",\\\"eventID\\\":\\\"" id \
	"\\\"}"
/* {"logEvents":[{"message":"{...\"eventID\":\"gz\"}"}]}, in gzip. */
#define GZIP                                                               \
	"H4sIAAAAAAAC/6tWyslPdy1LzSspVrKKrlbKTS0uTkxPVbJSqo5RSgWJB+eXFiWn" \
	"xihZxSgVlxTrJeYmVuXnJZYX6yXn58Yo6UBV+SXmQtS4p5YEA83IzM8Lyc9OzUOo" \
	"8HQBy6dXxSjVKtXG1gIAUQbKknoAAAA="
#define GCP_USE                                                           \
	"{\"insertId\":\"i1\",\"timestamp\":\"2026-03-01T08:00:00Z\","    \
	"\"protoPayload\":{\"serviceName\":\"storage.googleapis.com\","   \
	"\"methodName\":\"storage.objects.get\",\"authenticationInfo\":"  \
	"{\"principalEmail\":\"sa@p.iam.gserviceaccount.com\","           \
	"\"serviceAccountDelegationInfo\":[{\"principalSubject\":\"x\"}]" \
	"},\"requestMetadata\":{\"callerIp\":\"192.0.2.7\"}}}"
#define AWS_USE                                                         \
	"{\"eventSource\":\"s3.amazonaws.com\",\"eventName\":"          \
	"\"GetObject\",\"eventID\":\"u1\",\"eventTime\":"               \
	"\"2026-03-01T08:00:00Z\",\"awsRegion\":\"eu-west-1\","         \
	"\"sourceIPAddress\":\"192.0.2.7\",\"userIdentity\":{\"type\":" \
	"\"AssumedRole\",\"arn\":\"arn:aws:sts::111122223333:"          \
	"assumed-role/r/s\",\"accountId\":\"111122223333\","            \
	"\"accessKeyId\":\"ASIAEXAMPLE\"}}"
#define OTHER                                                   \
	"{\"eventSource\":\"s3.amazonaws.com\",\"eventName\":"  \
	"\"GetObject\",\"userIdentity\":{\"type\":\"IAMUser\"," \
	"\"accessKeyId\":\"AKIAEXAMPLE\"}}"

/* ---- counting allocations ------------------------------------------------- */

static unsigned long allocations;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *
__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	allocations++;
	return __real_realloc(p, n);
}

/* ---- a sifter and what it said --------------------------------------------- */

static struct buf said;

static void
on_request(void *arg, struct request *r)
{
	(void)arg;
	buf_addf(&said, "%.*s ", SLICE_ARG(r->event_id));
}

static void
on_use(void *arg, const struct use *u, uint64_t offset, uint32_t index)
{
	(void)arg;
	(void)offset;
	(void)index;
	buf_addf(&said, "use:%.*s@%.*s ", SLICE_ARG(u->credential),
	    SLICE_ARG(u->source));
}

static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	(void)arg;
	CHECK(some.n <= 64 && some.n <= length && offset == 7);
	buf_addf(&said, "!%s ", reject_name(why));
}

static const struct sift_calls calls = {
	.request = on_request, .use = on_use, .reject = on_reject
};

/* The whole text, as one line in a copy of its exact size. */
static void
sift_with(
    const struct sift_options *o, struct slice text, struct sift_counts *counts)
{
	struct sifter *s = sifter_new(o, &calls, NULL);
	char *copy = malloc(text.n ? text.n : 1);

	memcpy(copy, text.p, text.n);
	buf_reset(&said);
	sifter_frame(s, slice_of(copy, text.n), NULL, 7);
	sifter_take_counts(s, counts);
	CHECK_INT(counts->received,
	    counts->token_requests + counts->uses + counts->other +
		sift_rejected(counts));
	sifter_free(s);
	free(copy);
	/* An empty text is no absent one. */
	buf_addc(&said, '.');
}

static void
finds(const char *text, const char *want)
{
	static const struct sift_options o = { 0 };
	struct sift_counts counts;

	sift_with(&o, slice_str(text), &counts);
	CHECK_TEXT(buf_slice(&said), want);
}

static void
a_record_is_found_in_every_wrapper(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ TOKEN("a"), "a ." },
		{ "[" TOKEN("a") "," TOKEN("b") "]", "a b ." },
		{ "{\"Records\":[" TOKEN("a") "," TOKEN("b") "]}", "a b ." },
		{ TOKEN("a") TOKEN("b") " " TOKEN("c"), "a b c ." },
		{ "<13>Mar  1 08:00:00 vm x[1]: " TOKEN("a"), "a ." },
		{ "<13>1 2026-03-01T08:00:00Z h a - - [x@1 k=\"v\"] " TOKEN(
		      "a"),
		    "a ." },
		{ "{\"detail-type\":\"x\",\"detail\":" TOKEN("a") "}", "a ." },
		{ "{\"message\":\"" S_TOKEN("a") "\"}", "a ." },
		{ "{\"log\":\"<13>Mar  1 08:00:00 vm x: " S_TOKEN("a") "\"}",
		    "a ." },
		{ "{\"event\":" TOKEN("a") ",\"sourcetype\":\"x\"}", "a ." },
		{ "{\"message\":{\"data\":\"" GZIP "\"}}", "gz ." },
		{ "{\"awslogs\":{\"data\":\"" GZIP "\"}}", "gz ." },
		{ GZIP, "gz ." },
		{ "{\"records\":[{\"data\":\"" GZIP "\"},{\"data\":\"" GZIP
		  "\"}]}",
		    "gz gz ." },
		{ "\"" S_TOKEN("a") "\"", "a ." },
		{ "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":" TOKEN("a") "}}}}}",
		    "a ." },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		finds(rows[i].text, rows[i].want);
}

static void
a_record_inside_a_record_is_data(void)
{
	finds("{" STS ",\"eventName\":\"GetSessionToken\",\"eventID\":\"a\","
	      "\"requestParameters\":" TOKEN("b") "}",
	    "a .");
	finds("{\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"X\","
	      "\"x\":" TOKEN("b") "}",
	    ".");
	/* The first member that leads to one, no more. */
	finds("{\"a\":1,\"b\":" TOKEN("b") ",\"c\":" TOKEN("c") "}", "b .");
	finds("{\"a\":{\"x\":1},\"c\":" TOKEN("c") "}", "c .");
}

/* Counted messages have lines: what begins behind the first is text. */
static void
a_second_line_is_data(void)
{
	finds(TOKEN("a") "\n" TOKEN("b"), "a .");
	finds("{\"event\":" TOKEN("a") "\n}\n" TOKEN("b"), "a .");
	finds("<13>1 2026-03-01T08:00:00Z h a - - - hello\n" TOKEN("b"),
	    "!not_json .");
	/* One that nobody escaped does not make another of its own text. */
	finds(
	    "{" STS ",\"userAgent\":\"x\n" TOKEN("b") "\n\"}", "!truncated .");
	finds("\r\n " TOKEN("a"), "a .");
}

static void
braces_in_strings_are_text(void)
{
	finds("[{" STS ",\"eventName\":\"GetSessionToken\",\"eventID\":\"a\","
	      "\"userAgent\":\"}{\\\"],[\"}," TOKEN("b") "]",
	    "a b .");
}

static void
what_may_be_a_request_is_read_whatever_its_escapes(void)
{
	finds("{\"event\\u0053ource\":\"sts.amazonaws.com\",\"eventName\":"
	      "\"GetSessionToken\",\"eventID\":\"a\"}",
	    "a .");
	finds("{" STS ",\"eventName\":\"Get\\u0053essionToken\","
	      "\"eventID\":\"\\u0061\"}",
	    "a .");
	finds("{\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"X\","
	      "\"userIdentity\":{\"accessKeyId\":\"\\u0041SIAX\"}}",
	    ".");
}

/* As some exporters write Google's names. */
static void
other_spellings_are_read(void)
{
	finds("{\"insert_id\":\"i\",\"proto_payload\":{\"service_name\":"
	      "\"iamcredentials.googleapis.com\",\"method_name\":"
	      "\"GenerateAccessToken\"}}",
	    "i .");
	finds("{\"insertId\":\"i\",\"protoPayload\":{\"servicename\":"
	      "\"iamcredentials.googleapis.com\",\"methodname\":"
	      "\"GenerateAccessToken\"}}",
	    "i .");
}

static void
uses_of_temporary_credentials_are_told(void)
{
	static const struct sift_options o = { 0 };
	struct sift_counts c;

	sift_with(&o, SLICE_LIT(AWS_USE), &c);
	CHECK_TEXT(buf_slice(&said), "use:ASIAEXAMPLE@192.0.2.7 .");
	CHECK_INT(c.uses, 1);
	sift_with(&o, SLICE_LIT(GCP_USE), &c);
	CHECK_TEXT(
	    buf_slice(&said), "use:sa@p.iam.gserviceaccount.com@192.0.2.7 .");
	CHECK_INT(c.uses, 1);
	sift_with(&o, SLICE_LIT(OTHER), &c);
	CHECK_TEXT(buf_slice(&said), ".");
	CHECK_INT(c.other, 1);
}

static void
what_is_no_record_has_a_reason(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "hello", "!not_json ." },
		{ "{}", "!not_audit ." },
		{ "[]", "!not_audit ." },
		{ "{\"Records\":[]}", "!not_audit ." },
		{ "[\"x\",1,null]", "!not_audit ." },
		{ "[1,2]", "!not_json ." },
		{ "{\"eventSource\":\"aws:sqs\",\"eventName\":\"x\"}",
		    "!not_audit ." },
		{ "{" STS ",\"eventName\":\"X\",\"eventCategory\":"
		  "\"Insight\"}",
		    "!not_audit ." },
		{ "{\"a\":1", "!truncated ." },
		{ "<13>Mar  1 08:00:00 vm x: {\"eventSource\":\"sts.am",
		    "!truncated ." },
		{ "{\"a\":1,}", "!bad_json ." },
		{ "{\"data\":\"eyJhIjoxfQ==\"}", "!not_audit ." },
		{ "{\"data\":\"eyJhIjoxf\"}", "!bad_base64 ." },
		{ "{\"data\":\"H4sIAAAAAAAC/6tWysk\"}", "!bad_compression ." },
		{ "{\"message\":\"{\\\"eventSource\\\":\"}", "!truncated ." },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		finds(rows[i].text, rows[i].want);
}

static void
bad_elements_count_beside_good_ones(void)
{
	static const struct sift_options o = { 0 };
	struct sift_counts c;

	sift_with(&o,
	    SLICE_LIT(
		"{\"Records\":[" TOKEN("a") ",7,{\"x\":1}," TOKEN("b") "]}"),
	    &c);
	CHECK_TEXT(buf_slice(&said), "a b .");
	CHECK_INT(c.token_requests, 2);
	CHECK_INT(c.rejected[REJECT_NOT_AUDIT], 2);
	CHECK_INT(c.received, 4);
}

static void
wrap(struct buf *b, int times)
{
	buf_reset(b);
	for (int i = 0; i < times; i++)
		buf_adds(b, "{\"a\":");
	buf_adds(b, TOKEN("a"));
	for (int i = 0; i < times; i++)
		buf_addc(b, '}');
}

static void
wrappers_are_bounded(void)
{
	struct sift_options o = { 0 };
	struct buf b = BUF_INIT;
	struct sift_counts c;

	wrap(&b, SIFT_WRAPPERS_MAX);
	sift_with(&o, buf_slice(&b), &c);
	CHECK_TEXT(buf_slice(&said), "a .");
	wrap(&b, SIFT_WRAPPERS_MAX + 1);
	sift_with(&o, buf_slice(&b), &c);
	CHECK_TEXT(buf_slice(&said), "!wrapped_too_deep .");
	o.max_wrappers = 2;
	wrap(&b, 2);
	sift_with(&o, buf_slice(&b), &c);
	CHECK_TEXT(buf_slice(&said), "a .");
	wrap(&b, 3);
	sift_with(&o, buf_slice(&b), &c);
	CHECK_TEXT(buf_slice(&said), "!wrapped_too_deep .");
	buf_release(&b);
}

static void
long_records_and_deep_json_are_bounded(void)
{
	struct sift_options o = { .max_record = 512 };
	struct buf b = BUF_INIT;
	struct sift_counts c;

	buf_adds(&b, "{" STS ",\"eventName\":\"GetSessionToken\",\"x\":\"");
	for (int i = 0; i < 512; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\"}");
	sift_with(&o, buf_slice(&b), &c);
	CHECK_TEXT(buf_slice(&said), "!too_long .");

	buf_reset(&b);
	buf_adds(&b, "x: ");
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, '[');
	sift_with(&o, buf_slice(&b), &c);
	CHECK_INT(c.rejected[REJECT_TOO_DEEP], 1);

	buf_reset(&b);
	buf_adds(&b, "{" STS ",\"eventName\":\"GetSessionToken\",\"x\":");
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_addc(&b, '[');
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_addc(&b, ']');
	buf_addc(&b, '}');
	o.max_record = 0;
	sift_with(&o, buf_slice(&b), &c);
	CHECK_INT(c.rejected[REJECT_TOO_DEEP], 1);
	buf_release(&b);
}

static void
inflating_is_bounded(void)
{
	struct sift_options o = { .max_inflated = 100 };
	struct sift_counts c;

	sift_with(&o, SLICE_LIT("{\"data\":\"" GZIP "\"}"), &c);
	CHECK_TEXT(buf_slice(&said), "!inflated_too_large .");
	o.max_inflated = 200;
	sift_with(&o, SLICE_LIT("{\"data\":\"" GZIP "\"}"), &c);
	CHECK_TEXT(buf_slice(&said), "gz .");
}

static void
apis_that_are_off_are_ordinary(void)
{
	struct api_choice choice;
	struct sift_options o = { .apis = &choice };
	struct sift_counts c;

	api_choice_default(&choice);
	sift_with(&o, SLICE_LIT(TOKEN("a")), &c);
	CHECK_INT(c.token_requests, 1);
	memset(&choice, 0, sizeof(choice));
	sift_with(&o, SLICE_LIT(TOKEN("a")), &c);
	CHECK_TEXT(buf_slice(&said), ".");
	CHECK_INT(c.other, 1);
}

static void
an_ordinary_record_needs_no_memory(void)
{
	static const struct slice rows[] = { SLICE_LIT(AWS_USE),
		SLICE_LIT(GCP_USE), SLICE_LIT(OTHER),
		SLICE_LIT("{\"Records\":[" OTHER "," AWS_USE "]}"),
		SLICE_LIT("<13>Mar  1 08:00:00 vm x: " OTHER) };
	static const struct sift_options o = { 0 };
	static const struct sift_calls quiet = { .request = on_request };
	struct sifter *s = sifter_new(&o, &quiet, NULL);
	unsigned long before;

	REQUIRE(s != NULL && allocations > 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct jscan scan;
		const char *p = rows[i].p, *end = p + rows[i].n;

		before = allocations;
		sifter_frame(s, rows[i], NULL, 0);
		if (*p == '{' && jscan_value(p, end, &scan) == JSCAN_DONE)
			sifter_frame(s, rows[i], &scan, 0);
		CHECK_INT(allocations - before, 0);
	}
	sifter_free(s);
}

static void
a_framers_rejection_is_counted(void)
{
	static const struct sift_options o = { 0 };
	struct sifter *s = sifter_new(&o, &calls, NULL);
	struct sift_counts c, sum;

	buf_reset(&said);
	sifter_reject(s, REJECT_BAD_COUNT, 7, SLICE_LIT("012"), 1000);
	CHECK_TEXT(buf_slice(&said), "!bad_count ");
	sifter_take_counts(s, &c);
	CHECK_INT(c.received, 1);
	CHECK_INT(c.bytes, 1000);
	CHECK_INT(c.rejected[REJECT_BAD_COUNT], 1);
	sum = c;
	sift_counts_add(&sum, &c);
	CHECK_INT(sum.received, 2);
	CHECK_INT(sum.bytes, 2000);
	CHECK_INT(sift_rejected(&sum), 2);
	sifter_take_counts(s, &c);
	CHECK_INT(c.received, 0);
	sifter_free(s);
	sifter_free(NULL);
}

static void
a_cut_length_tells_who_cut(void)
{
	static const struct {
		uint64_t length;
		const char *words;
	} rows[] = {
		{ 2048, "Fluent Bit" },
		{ 2041, "Fluent Bit" },
		{ 8192, "rsyslog" },
		{ 65536, "syslog-ng" },
		{ 1024, "RFC 3164" },
		{ 16384, "Docker" },
		{ 262144, "CloudWatch" },
		{ 0, NULL },
		{ 1000, NULL },
		{ 2030, NULL },
		{ 1000000, NULL },
		{ UINT64_MAX, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *hint = sift_truncation_hint(rows[i].length);

		if (rows[i].words)
			CHECK(hint && strstr(hint, rows[i].words));
		else
			CHECK(hint == NULL);
	}
	buf_release(&said);
}

UNIT_MAIN("sift",
    { "a record is found in every wrapper",
	a_record_is_found_in_every_wrapper },
    { "a record inside a record is data", a_record_inside_a_record_is_data },
    { "a second line is data", a_second_line_is_data },
    { "braces in strings are text", braces_in_strings_are_text },
    { "what may be a request is read whatever its escapes",
	what_may_be_a_request_is_read_whatever_its_escapes },
    { "other spellings are read", other_spellings_are_read },
    { "uses of temporary credentials are told",
	uses_of_temporary_credentials_are_told },
    { "what is no record has a reason", what_is_no_record_has_a_reason },
    { "bad elements count beside good ones",
	bad_elements_count_beside_good_ones },
    { "wrappers are bounded", wrappers_are_bounded },
    { "long records and deep JSON are bounded",
	long_records_and_deep_json_are_bounded },
    { "inflating is bounded", inflating_is_bounded },
    { "APIs that are off are ordinary", apis_that_are_off_are_ordinary },
    { "an ordinary record needs no memory",
	an_ordinary_record_needs_no_memory },
    { "a framer's rejection is counted", a_framers_rejection_is_counted },
    { "a cut length tells who cut", a_cut_length_tells_who_cut })
