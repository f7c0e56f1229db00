/*
 * test_pipeline.c - from requests to decisions and findings, and batches.
 */
#include "collector/pipeline.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define BASE 1772352000

static const char policy_text[] =
    "version: 1\n"
    "unlisted_principals: alert\n"
    "decoys: [\"arn:aws:iam::*:role/decoy\"]\n"
    "rules:\n"
    "  - id: humans\n"
    "    principals: [\"arn:aws:iam::111122223333:user/*\"]\n"
    "    targets: [\"arn:aws:iam::*:role/human-*\"]\n";

struct bench {
	struct policy *policy;
	struct pipeline *p;
	struct buf out; /* a line a decision, a line a finding */
};

static void
on_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct bench *b = arg;

	buf_addf(&b->out, "%.*s %s%s\n", SLICE_ARG(r->event_id),
	    verdict_name(v->word), group ? " in a finding" : "");
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct bench *b = arg;

	buf_addf(&b->out, "finding %s %u of %u by %.*s\n",
	    severity_name(f->severity), f->revision, (unsigned)f->count,
	    SLICE_ARG(f->request.event_id));
}

static bool
bench_open(struct bench *b, bool live, size_t duplicates)
{
	static const struct pipeline_sink sink = { on_decision, on_finding };
	struct pipeline_options o = {
		.version = "0.1.0", .live = live, .duplicates_max = duplicates
	};
	struct err e;
	char text[512];

	memset(b, 0, sizeof(*b));
	if (policy_load_text(
		slice_str(policy_text), "policy.yaml", &b->policy, &e) < 0) {
		printf("\n    %s", err_format(&e, text, sizeof(text)));
		return false;
	}
	o.policy = b->policy;
	b->p = pipeline_new(&o, &sink, b);
	return b->p != NULL;
}

static void
bench_close(struct bench *b)
{
	pipeline_free(b->p);
	policy_free(b->policy);
	buf_release(&b->out);
}

static struct request
request_of(const char *id, int64_t sec, const char *target)
{
	struct request r = { .provider = PROVIDER_AWS,
		.kind = KIND_ROLE,
		.principal_type = PT_USER };

	r.event_id = slice_str(id);
	r.duplicate_key[0] = (unsigned char)id[0];
	r.duplicate_key[1] = 7;
	r.time = (struct when){ BASE + sec, 0, true };
	r.action = SLICE_LIT("sts:AssumeRole");
	r.account = SLICE_LIT("111122223333");
	r.principal = SLICE_LIT("arn:aws:iam::111122223333:user/alice");
	r.target = slice_str(target);
	r.target_account = SLICE_LIT("444455556666");
	r.source.kind = SOURCE_IP;
	r.source.ip = SLICE_LIT("203.0.113.9");
	r.duration = -1;
	return r;
}

#define GOOD "arn:aws:iam::444455556666:role/human-dev"
#define BAD "arn:aws:iam::444455556666:role/deploy"
#define DECOY "arn:aws:iam::444455556666:role/decoy"

static void
feed(struct bench *b, const char *id, int64_t sec, const char *target)
{
	struct request r = request_of(id, sec, target);

	CHECK_INT(pipeline_request(b->p, &r), 0);
}

static void
scan_decides_in_order_and_tells_findings_when_they_are_over(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false, 0));
	feed(&b, "a", 0, GOOD);
	feed(&b, "b", 1, BAD);
	feed(&b, "c", 2, BAD);
	feed(&b, "d", 3, DECOY);
	CHECK_INT(pipeline_finish(b.p), 0);
	CHECK_TEXT(buf_slice(&b.out),
	    "a expected\n"
	    "b unexpected in a finding\n"
	    "c unexpected in a finding\n"
	    "d unexpected in a finding\n"
	    "finding high 1 of 2 by b\n"
	    "finding critical 1 of 1 by d\n");
	CHECK_INT(pipeline_counts(b.p)->requests, 4);
	CHECK_INT(pipeline_counts(b.p)->by_verdict[VERDICT_EXPECTED], 1);
	CHECK_INT(pipeline_counts(b.p)->by_verdict[VERDICT_UNEXPECTED], 3);
	CHECK_INT(pipeline_counts(b.p)->findings[SEV_HIGH], 1);
	CHECK_INT(pipeline_counts(b.p)->findings[SEV_CRITICAL], 1);
	bench_close(&b);
}

static void
scan_gives_out_what_is_a_day_old_while_it_runs(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false, 0));
	feed(&b, "a", 0, BAD);
	feed(&b, "b", 25 * 3600, GOOD);
	CHECK_TEXT(buf_slice(&b.out),
	    "a unexpected in a finding\n"
	    "b expected\n"
	    "finding high 1 of 1 by a\n");
	bench_close(&b);
}

static void
the_daemon_tells_a_finding_at_once(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, true, 0));
	feed(&b, "a", 0, BAD);
	feed(&b, "b", 1, BAD);
	CHECK_TEXT(buf_slice(&b.out),
	    "finding high 1 of 1 by a\n"
	    "a unexpected in a finding\n"
	    "b unexpected in a finding\n");
	buf_reset(&b.out);
	CHECK_INT(pipeline_finish(b.p), 0);
	CHECK_TEXT(buf_slice(&b.out), "finding high 2 of 2 by a\n");
	CHECK_INT(pipeline_counts(b.p)->findings[SEV_HIGH], 1);
	bench_close(&b);
}

/* A clock that is wrong, or a sender who means it. */
static void
a_record_from_the_future_closes_nothing_in_the_daemon(void)
{
	struct bench b;
	int64_t now = when_now().sec - BASE;

	REQUIRE(bench_open(&b, true, 0));
	feed(&b, "a", now, BAD);
	feed(&b, "b", now + 100 * 86400, GOOD);
	feed(&b, "c", now, BAD);
	CHECK_TEXT(buf_slice(&b.out),
	    "finding high 1 of 1 by a\n"
	    "a unexpected in a finding\n"
	    "b expected\n"
	    "c unexpected in a finding\n");
	bench_close(&b);
}

static void
a_duplicate_has_no_line_and_is_counted(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false, 1000));
	feed(&b, "a", 0, GOOD);
	feed(&b, "a", 0, GOOD);
	feed(&b, "b", 0, GOOD);
	feed(&b, "a", 0, GOOD);
	CHECK_TEXT(buf_slice(&b.out), "a expected\nb expected\n");
	CHECK_INT(pipeline_counts(b.p)->requests, 4);
	CHECK_INT(pipeline_counts(b.p)->duplicates, 2);
	bench_close(&b);

	REQUIRE(bench_open(&b, false, 0));
	feed(&b, "a", 0, GOOD);
	feed(&b, "a", 0, GOOD);
	CHECK_TEXT(buf_slice(&b.out), "a expected\na expected\n");
	bench_close(&b);
}

static void
twins_score_once_on_the_line_that_names_the_caller(void)
{
	struct request anon = request_of("a", 0, BAD);
	struct request own = request_of("b", 0, BAD);
	struct bench b;

	anon.shared_event_id = own.shared_event_id = SLICE_LIT("s-1");
	anon.principal = SLICE_LIT("aws-account:111122223333/AIDA");
	anon.principal_type = PT_ACCOUNT;
	REQUIRE(bench_open(&b, false, 1000));
	CHECK_INT(pipeline_request(b.p, &anon), 0);
	CHECK_INT(pipeline_request(b.p, &own), 0);
	CHECK_INT(pipeline_held(b.p), 2);
	CHECK_INT(pipeline_finish(b.p), 0);
	CHECK_INT(pipeline_held(b.p), 0);
	CHECK_TEXT(buf_slice(&b.out),
	    "a unexpected in a finding\n"
	    "b unexpected in a finding\n"
	    "finding high 1 of 1 by b\n");
	bench_close(&b);
}

static void
a_batch_brings_its_requests_whole_and_in_order(void)
{
	struct batch *batch = batch_new(3);
	struct bench b;
	char ids[] = "abcdefgh";

	REQUIRE(batch != NULL);
	CHECK_INT(batch->input, 3);
	for (int i = 0; i < 8; i++) {
		char id[2] = { ids[i], 0 };
		struct request r = request_of(id, i, GOOD);

		CHECK(batch_add(batch, &r));
	}
	memset(ids, 'x', sizeof(ids));
	CHECK_INT(batch->n_requests, 8);
	CHECK(batch_size(batch) >= batch->requests.n);
	REQUIRE(bench_open(&b, true, 100));
	CHECK_INT(pipeline_batch(b.p, batch), 0);
	CHECK_TEXT(buf_slice(&b.out),
	    "a expected\nb expected\nc expected\nd expected\n"
	    "e expected\nf expected\ng expected\nh expected\n");
	batch->n_requests = 9;
	CHECK_INT(pipeline_batch(b.p, batch), ST_ETRUNC);
	batch_free(batch);
	batch_free(NULL);
	bench_close(&b);
}

static void
empty_batches_end_the_wait_for_a_twin(void)
{
	struct request anon = request_of("a", 0, GOOD);
	struct batch *none = batch_new(0);
	struct bench b;

	REQUIRE(none != NULL);
	anon.shared_event_id = SLICE_LIT("s-1");
	anon.principal_type = PT_ACCOUNT;
	REQUIRE(bench_open(&b, true, 0));
	CHECK_INT(pipeline_request(b.p, &anon), 0);
	for (int i = 0; i < TWINS_TICKS; i++)
		CHECK_INT(pipeline_batch(b.p, none), 0);
	CHECK_INT(pipeline_held(b.p), 1);
	CHECK_INT(pipeline_batch(b.p, none), 0);
	CHECK_INT(pipeline_held(b.p), 0);
	CHECK_TEXT(buf_slice(&b.out), "a expected\n");
	batch_free(none);
	bench_close(&b);
}

static void
a_notice_is_a_finding_once_and_no_request(void)
{
	struct notice n = { .reason = R_TRAIL_CHANGED,
		.time = { BASE, 0, true },
		.subject = SLICE_LIT("trail main"),
		.text = SLICE_LIT("A log file is missing"),
		.id = SLICE_LIT("missing a") };
	struct batch *batch = batch_new(0);
	struct bench b;

	REQUIRE(batch != NULL);
	CHECK(batch_notice(batch, &n));
	n.id = SLICE_LIT("missing b");
	CHECK(batch_notice(batch, &n));
	REQUIRE(bench_open(&b, true, 100));
	CHECK_INT(pipeline_batch(b.p, batch), 0);
	CHECK_INT(pipeline_batch(b.p, batch), 0);
	CHECK_INT(pipeline_finish(b.p), 0);
	CHECK_TEXT(buf_slice(&b.out),
	    "finding high 1 of 1 by missing a\n"
	    "finding high 2 of 2 by missing a\n");
	CHECK_INT(pipeline_counts(b.p)->requests, 0);
	CHECK_INT(pipeline_counts(b.p)->notices, 2);
	batch_free(batch);
	bench_close(&b);
}

static void
a_record_from_the_future_teaches_the_daemon_nothing(void)
{
	struct baseline_options usual = BASELINE_OPTIONS_DEFAULT;
	const struct pipeline_sink sink = { NULL, NULL };
	struct pipeline_options o = {
		.version = "1", .live = true, .baseline = &usual
	};
	struct bench b;
	struct request r;

	REQUIRE(bench_open(&b, true, 0));
	pipeline_free(b.p);
	o.policy = b.policy;
	b.p = pipeline_new(&o, &sink, &b);
	REQUIRE(b.p != NULL);
	for (int i = 0; i < 3; i++) {
		r = request_of(i == 0 ? "x" : i == 1 ? "y" : "z", 0, GOOD);
		r.time = when_add(when_now(), i == 0 ? 10 * 365 * 86400 : i);
		CHECK_INT(pipeline_request(b.p, &r), 0);
	}
	CHECK_INT(pipeline_counts(b.p)->requests, 3);
	CHECK_INT(pipeline_baseline_counts(b.p).late, 0);
	bench_close(&b);
}

static void
at_place(struct request *r, const char *ip, const char *country)
{
	r->source.ip = slice_str(ip);
	CHECK(addr_parse(r->source.ip, &r->source.addr));
	memcpy(r->source.place.country, country, 3);
}

/* A credential of role human-dev, minted in DE and used in RU. */
static void
use_far_away(struct pipeline *p)
{
	struct batch *batch = batch_new(0);
	struct request r = request_of("mint", 0, GOOD);

	REQUIRE(batch != NULL);
	r.session = SLICE_LIT("s");
	r.credential = SLICE_LIT("ASIAONE");
	at_place(&r, "198.51.100.1", "DE");
	CHECK(batch_add(batch, &r));
	r = request_of("use", 60, GOOD);
	r.kind = KIND_USE;
	r.principal_type = PT_ROLE;
	r.principal = SLICE_LIT(GOOD);
	r.target = SLICE_NULL;
	r.caller_credential = SLICE_LIT("ASIAONE");
	at_place(&r, "203.0.113.1", "RU");
	CHECK(batch_use(batch, &r));
	CHECK_INT(pipeline_batch(p, batch), 0);
	CHECK_INT(pipeline_counts(p)->uses, 1);
	CHECK_INT(pipeline_counts(p)->requests, 1);
	batch_free(batch);
}

static bool
bench_with_lineage(struct bench *b, const char *policy)
{
	static const struct pipeline_sink sink = { on_decision, on_finding };
	struct baseline_options usual = BASELINE_OPTIONS_DEFAULT;
	struct pipeline_options o = {
		.version = "1", .live = true, .baseline = &usual
	};
	struct err e;

	memset(b, 0, sizeof(*b));
	if (policy_load_text(slice_str(policy), "policy.yaml", &b->policy, &e) <
	    0)
		return false;
	o.policy = b->policy;
	b->p = pipeline_new(&o, &sink, b);
	return b->p != NULL;
}

static void
a_use_may_be_a_finding_and_has_no_decision(void)
{
	struct bench b;

	REQUIRE(bench_with_lineage(&b, "version: 1\n"));
	use_far_away(b.p);
	CHECK_TEXT(buf_slice(&b.out),
	    "mint learning\n"
	    "finding high 1 of 1 by use\n");
	CHECK_INT(pipeline_lineage_counts(b.p).joined, 1);
	bench_close(&b);
}

static void
an_exception_holds_a_use_back(void)
{
	struct bench b;

	REQUIRE(bench_with_lineage(&b,
	    "version: 1\n"
	    "exceptions:\n"
	    "  - id: TRIP-1\n"
	    "    owner: it\n"
	    "    reason: a journey\n"
	    "    until: 2099-01-01\n"
	    "    match: {principals: [\"" GOOD "\"]}\n"));
	use_far_away(b.p);
	CHECK_TEXT(buf_slice(&b.out), "mint learning\n");
	bench_close(&b);
}

static void
a_grant_is_remembered_and_no_request(void)
{
	struct request r = request_of("grant", 0, GOOD);
	struct batch *batch = batch_new(0);
	struct bench b;

	REQUIRE(batch != NULL && bench_with_lineage(&b, "version: 1\n"));
	r.kind = KIND_GRANT;
	CHECK(batch_grant(batch, &r));
	/* One from the future would make all others too old. */
	r.time = when_add(when_now(), 2 * (int64_t)PIPELINE_AHEAD_S);
	CHECK(batch_grant(batch, &r));
	CHECK_INT(pipeline_batch(b.p, batch), 0);
	CHECK_INT(b.out.n, 0);
	CHECK_INT(pipeline_counts(b.p)->requests, 0);
	CHECK_INT(pipeline_counts(b.p)->uses, 0);
	CHECK_INT(pipeline_grants_counts(b.p).noted, 1);
	batch_free(batch);
	bench_close(&b);
}

UNIT_MAIN("pipeline",
    { "a grant is remembered and no request",
	a_grant_is_remembered_and_no_request },
    { "a use may be a finding and has no decision",
	a_use_may_be_a_finding_and_has_no_decision },
    { "an exception holds a use back", an_exception_holds_a_use_back },
    { "a record from the future teaches the daemon nothing",
	a_record_from_the_future_teaches_the_daemon_nothing },
    { "scan decides in order and tells findings when they are over",
	scan_decides_in_order_and_tells_findings_when_they_are_over },
    { "scan gives out what is a day old while it runs",
	scan_gives_out_what_is_a_day_old_while_it_runs },
    { "the daemon tells a finding at once",
	the_daemon_tells_a_finding_at_once },
    { "a record from the future closes nothing in the daemon",
	a_record_from_the_future_closes_nothing_in_the_daemon },
    { "a duplicate has no line and is counted",
	a_duplicate_has_no_line_and_is_counted },
    { "twins score once, on the line that names the caller",
	twins_score_once_on_the_line_that_names_the_caller },
    { "a batch brings its requests whole and in order",
	a_batch_brings_its_requests_whole_and_in_order },
    { "empty batches end the wait for a twin",
	empty_batches_end_the_wait_for_a_twin },
    { "a notice is a finding, once, and no request",
	a_notice_is_a_finding_once_and_no_request })
