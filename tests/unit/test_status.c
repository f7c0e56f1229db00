/*
 * test_status.c - the shapes that others read, and the lag's histogram.
 */
#include "collector/status.h"
#include "unit.h"

#include <math.h>

static struct status
status_of_a_good_day(struct status_input *in, struct status_output *out)
{
	struct status s = {
		.version = "1.2.3",
		.now = { 1767225660, 0, true },
		.started = { 1767225600, 0, true },
		.generation = 3,
		.ready = true,
		.books = { .received = 10,
		    .token_requests = 3,
		    .uses = 2,
		    .other = 4,
		    .rejected = 1 },
		.inputs = in,
		.n_inputs = 1,
		.outputs = out,
		.n_outputs = 1,
	};

	*in = (struct status_input){ .name = "tcp \"a\"",
		.type = "tcp",
		.received = 10,
		.connections = 2,
		.silent_ms = 1500 };
	in->rejected[REJECT_TRUNCATED] = 1;
	*out = (struct status_output){
		.name = "file", .type = "file", .made = 3, .delivered = 3
	};
	return s;
}

static bool
has(const struct buf *b, const char *text)
{
	return slice_find(buf_slice(b), text) != NULL;
}

static void
json_has_the_promised_members(void)
{
	struct status_input in;
	struct status_output out;
	struct status s = status_of_a_good_day(&in, &out);
	struct buf b = BUF_INIT;

	status_json(&s, &b);
	CHECK(has(
	    &b, "{\"version\":\"1.2.3\",\"started\":\"2026-01-01T00:00:00Z\""));
	CHECK(has(&b,
	    "\"generation\":3,\"ready\":true,\"reasons\":[],\"books\":"
	    "{\"received\":10,\"token_requests\":3,\"uses\":2,\"other\":4,"
	    "\"duplicates\":0,\"rejected\":1,\"in_flight\":0}"));
	CHECK(has(&b, "\"tcp \\\"a\\\"\":{\"type\":\"tcp\",\"received\":10,"));
	CHECK(has(&b, "\"rejected\":{\"truncated\":1}"));
	CHECK(has(&b, "\"lag_seconds\":{\"p50\":null,\"p99\":null}"));
	CHECK(has(&b,
	    "\"file\":{\"type\":\"file\",\"made\":3,\"delivered\":3,"
	    "\"queued\":0,\"dead\":0,\"dropped\":0,\"held_back\":0,\"state\":\"ok\",\"next_try\":null}"));
	CHECK(has(&b, "\"state\":null"));
	buf_release(&b);
}

static void
metrics_escape_names_and_end_each_line(void)
{
	struct status_input in;
	struct status_output out;
	struct status s = status_of_a_good_day(&in, &out);
	struct buf b = BUF_INIT;

	lag_add(&in.lag, 3);
	status_metrics(&s, &b);
	CHECK(has(&b, "stsentry_build_info{version=\"1.2.3\"} 1\n"));
	CHECK(has(&b, "stsentry_records_received_total 10\n"));
	CHECK(has(&b, "stsentry_records_total{kind=\"use\"} 2\n"));
	CHECK(has(
	    &b, "stsentry_input_received_total{input=\"tcp \\\"a\\\"\"} 10\n"));
	CHECK(has(&b, "reason=\"truncated\"} 1\n"));
	CHECK(has(&b, ",le=\"0.002\"} 0\n"));
	CHECK(has(&b, ",le=\"0.004\"} 1\n"));
	CHECK(has(&b, ",le=\"+Inf\"} 1\n"));
	CHECK(has(&b, "stsentry_output_delivered_total{output=\"file\"} 3\n"));
	CHECK(b.n > 0 && b.p[b.n - 1] == '\n');
	buf_release(&b);
}

static void
health_names_what_is_not_well(void)
{
	struct status s = { .n_reasons = 0 };
	struct buf b = BUF_INIT;

	status_health(&s, &b);
	CHECK_TEXT(buf_slice(&b), "ok\n");
	buf_reset(&b);
	for (int i = 0; i < STATUS_REASONS_MAX + 5; i++)
		status_reason(&s, "output %d is stuck", i);
	CHECK_INT(s.n_reasons, STATUS_REASONS_MAX);
	status_health(&s, &b);
	CHECK(slice_starts(
	    buf_slice(&b), "output 0 is stuck\noutput 1 is stuck\n"));
	buf_release(&b);
}

static void
a_lag_falls_into_the_bucket_that_holds_it(void)
{
	static const struct {
		int64_t ms;
		unsigned bucket;
	} rows[] = { { -5, 0 }, { 0, 0 }, { 1, 0 }, { 2, 1 }, { 3, 2 },
		{ 1024, 10 }, { 1025, 11 }, { INT64_MAX, LAG_BUCKETS - 1 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lag l = { .count = 0 };

		lag_add(&l, rows[i].ms);
		CHECK_INT(l.n[rows[i].bucket], 1);
		CHECK_INT(l.count, 1);
	}
}

static void
quantiles_lie_within_their_bucket(void)
{
	struct lag l = { .count = 0 };

	CHECK(lag_quantile(&l, 0.5) < 0);
	for (int i = 0; i < 99; i++)
		lag_add(&l, 10);
	lag_add(&l, 60000);
	CHECK(lag_quantile(&l, 0.5) > 0.008 && lag_quantile(&l, 0.5) <= 0.016);
	CHECK(lag_quantile(&l, 1) > 32 && lag_quantile(&l, 1) <= 66);
	CHECK(isinf(lag_bound(LAG_BUCKETS - 1)));
}

UNIT_MAIN("status",
    { "json has the promised members", json_has_the_promised_members },
    { "metrics escape names and end each line",
	metrics_escape_names_and_end_each_line },
    { "health names what is not well", health_names_what_is_not_well },
    { "a lag falls into the bucket that holds it",
	a_lag_falls_into_the_bucket_that_holds_it },
    { "quantiles lie within their bucket", quantiles_lie_within_their_bucket })
