/*
 * bench_read.c - what reading a stream costs, against reading it in full.
 *
 *     bench_read [RECORDS [ROUNDS]]
 *
 * Makes CloudTrail records in memory (3 % ask for a token, 1.8 KiB each as in
 * large organisations), and gives the CPU time for a record of
 *     full   every line read with the JSON library (lib/json): the floor
 *     sift   frames, sifting, decoding of token requests: what a worker does
 * in turn, so that a busy machine hurts both alike, and the ratio of the best.
 */
#include "collector/frame.h"
#include "events/sift.h"
#include "lib/buf.h"
#include "lib/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORDS 100000
#define ROUNDS 5
#define CHUNK ((size_t)64 << 10) /* as a socket gives them */
#define EVERY 33                 /* one of so many asks for a token */

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
add_caller(struct buf *b, unsigned i)
{
	buf_addf(b,
	    "{\"eventVersion\":\"1.11\",\"userIdentity\":{\"type\":"
	    "\"AssumedRole\",\"principalId\":\"AROAEXAMPLE%05u:s\",\"arn\":"
	    "\"arn:aws:sts::111122223333:assumed-role/app-%u/s\","
	    "\"accountId\":\"111122223333\",\"accessKeyId\":"
	    "\"ASIAEXAMPLE%09u\",\"sessionContext\":{\"sessionIssuer\":{"
	    "\"type\":\"Role\",\"arn\":\"arn:aws:iam::111122223333:role/app-%u"
	    "\",\"accountId\":\"111122223333\",\"userName\":\"app-%u\"},"
	    "\"attributes\":{\"creationDate\":\"2026-03-01T07:00:00Z\","
	    "\"mfaAuthenticated\":\"false\"}}},",
	    i % 500, i % 500, i % 3000, i % 500, i % 500);
}

static void
add_filler(struct buf *b)
{
	buf_addf(b, "\"requestParameters\":{\"bucketName\":\"acme-data\"");
	for (int k = 0; k < 24; k++)
		buf_addf(b, ",\"parameter%d\":\"a value of some length\"", k);
	buf_addf(b, "},\"responseElements\":null,");
}

static void
add_record(struct buf *b, unsigned i)
{
	bool asks = i % EVERY == 0;

	add_caller(b, i);
	buf_addf(b,
	    "\"eventTime\":\"2026-03-01T08:%02u:%02uZ\",\"eventSource\":\"%s\","
	    "\"eventName\":\"%s\",\"awsRegion\":\"us-east-1\","
	    "\"sourceIPAddress\":\"203.0.113.%u\",\"userAgent\":"
	    "\"aws-cli/2.15 md/Botocore#1.34\",",
	    i / 60 % 60, i % 60,
	    asks ? "sts.amazonaws.com" : "s3.amazonaws.com",
	    asks ? "AssumeRole" : "GetObject", i % 250);
	if (asks)
		buf_addf(b,
		    "\"requestParameters\":{\"roleArn\":\"arn:aws:iam::"
		    "444455556666:role/deploy\",\"roleSessionName\":\"d%u\"},",
		    i);
	else
		add_filler(b);
	buf_addf(b,
	    "\"eventID\":\"%08x-0000-4000-8000-000000000000\",\"eventType\":"
	    "\"AwsApiCall\",\"recipientAccountId\":\"111122223333\"}\n",
	    i);
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

/* Both give how many token requests they saw. */
static unsigned
run_sift(const struct buf *b)
{
	const struct sift_calls calls = { .request = on_request };
	const struct sift_options options = { 0 };
	unsigned seen = 0;
	struct sifter *s = sifter_new(&options, &calls, &seen);
	struct framer *f = framer_new(
	    FRAME_STREAM, NULL, on_frame, on_frame_reject, s);

	if (!s || !f)
		exit(1);
	for (size_t at = 0; at < b->n; at += CHUNK)
		if (framer_feed(f, b->p + at,
			b->n - at < CHUNK ? b->n - at : CHUNK) < 0)
			exit(1);
	framer_free(f);
	sifter_free(s);
	return seen;
}

static unsigned
run_full(const struct buf *b)
{
	const char *p = b->p, *end = b->p + b->n, *lf;
	struct json_reader r;
	unsigned seen = 0;

	json_reader_init(&r);
	for (; p < end; p = lf + 1) {
		const struct json *root;

		lf = memchr(p, '\n', (size_t)(end - p));
		root = json_parse(&r, slice_of(p, (size_t)(lf - p)), NULL);
		seen += slice_is(
		    json_text(json_get(root, "eventName")), "AssumeRole");
	}
	json_reader_release(&r);
	return seen;
}

static double
time_of(unsigned (*run)(const struct buf *), const struct buf *b, unsigned want)
{
	double start = cpu_seconds();

	if (run(b) != want) {
		fprintf(stderr, "bench_read: not all requests were found\n");
		exit(1);
	}
	return cpu_seconds() - start;
}

int
main(int argc, char **argv)
{
	unsigned records = argc > 1 ? (unsigned)atoi(argv[1]) : RECORDS;
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : ROUNDS;
	unsigned want = (records + EVERY - 1) / EVERY;
	double full = 1e9, sift = 1e9;
	struct buf b = BUF_INIT;

	for (unsigned i = 0; i < records; i++)
		add_record(&b, i);
	if (b.failed || records == 0)
		return 1;
	for (unsigned i = 0; i < rounds; i++) {
		double f = time_of(run_full, &b, want);
		double s = time_of(run_sift, &b, want);

		full = f < full ? f : full;
		sift = s < sift ? s : sift;
	}
	printf("read: %u records of %zu bytes, %s: full %.0f ns, sift %.0f ns "
	       "a record, ratio %.2f\n",
	    records, b.n / records, json_backend(), full / records * 1e9,
	    sift / records * 1e9, sift / full);
	buf_release(&b);
	return 0;
}
