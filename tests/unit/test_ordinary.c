/*
 * test_ordinary.c - a record that asks for no token costs no allocation.
 *
 * The linker sends every malloc(), calloc() and realloc() of our own code here
 * (--wrap), where they are counted.  What passes first may allocate: buffers
 * that are kept.
 */
#include "collector/frame.h"
#include "events/sift.h"
#include "lib/buf.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define RECORDS 1000

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static uint64_t allocations;

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

/* Ordinary calls with a long-term key, with a temporary one and in GCP. */
static void
add_records(struct buf *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		buf_addf(b,
		    "{\"eventVersion\":\"1.11\",\"userIdentity\":{\"type\":"
		    "\"%s\",\"arn\":\"arn:aws:iam::111122223333:user/u\","
		    "\"accountId\":\"111122223333\",\"accessKeyId\":"
		    "\"%sIOSFODNN7EXAMPLE\"},\"eventTime\":"
		    "\"2026-03-01T08:00:00Z\",\"eventSource\":"
		    "\"s3.amazonaws.com\",\"eventName\":\"GetObject\","
		    "\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":"
		    "\"203.0.113.%u\",\"userAgent\":\"aws-cli/2.15\","
		    "\"requestParameters\":{\"key\":\"a {b} \\\\\\\" c\"},"
		    "\"eventID\":\"%08x\"}\n",
		    i % 2 ? "AssumedRole" : "IAMUser", i % 2 ? "ASIA" : "AKIA",
		    i % 250 + 1, i);
		buf_addf(b,
		    "{\"insertId\":\"i%u\",\"logName\":\"projects/p/logs/"
		    "cloudaudit.googleapis.com%%2Factivity\",\"timestamp\":"
		    "\"2026-03-01T08:00:00Z\",\"protoPayload\":{\"serviceName\":"
		    "\"compute.googleapis.com\",\"methodName\":"
		    "\"v1.compute.instances.get\",\"authenticationInfo\":"
		    "{\"principalEmail\":\"a@b.example\"}}}\n",
		    i);
	}
}

static void
on_frame(void *arg, const struct frame *f)
{
	sifter_frame(arg, f->bytes, f->scan, f->offset);
}

static void
on_frame_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	sifter_reject(arg, why, offset, some, length);
}

static void
on_request(void *arg, struct request *r)
{
	(void)r;
	++*(unsigned *)arg;
}

static void
on_use(void *arg, const struct use *u, uint64_t offset, uint32_t index)
{
	(void)arg;
	(void)u;
	(void)offset;
	(void)index;
}

static void
no_allocation_for_ordinary_records(void)
{
	const struct sift_calls calls = { .request = on_request,
		.use = on_use };
	const struct sift_options options = { 0 };
	struct buf b = BUF_INIT;
	struct sift_counts counts;
	struct sifter *s;
	struct framer *f;
	unsigned requests = 0;

	add_records(&b, RECORDS);
	REQUIRE(!b.failed);
	s = sifter_new(&options, &calls, &requests);
	REQUIRE(s != NULL);
	f = framer_new(FRAME_STREAM, NULL, on_frame, on_frame_reject, s);
	REQUIRE(f != NULL);
	CHECK_INT(framer_feed(f, b.p, b.n), 0);
	CHECK(allocations > 0); /* they are counted */
	allocations = 0;
	CHECK_INT(framer_feed(f, b.p, b.n), 0);
	CHECK_INT(allocations, 0);
	sifter_take_counts(s, &counts);
	CHECK_INT(counts.received, 2 * 2 * RECORDS);
	CHECK_INT(counts.uses, RECORDS);
	CHECK_INT(counts.other, 3 * RECORDS);
	CHECK_INT(requests, 0);
	framer_free(f);
	sifter_free(s);
	buf_release(&b);
}

UNIT_MAIN("ordinary records",
    { "no allocation for ordinary records",
	no_allocation_for_ordinary_records })
