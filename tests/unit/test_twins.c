/*
 * test_twins.c - which records are one act, which of them is judged, and in
 * what order the lines come.
 *
 * A case is a list of records, one letter each where nothing else matters, and
 * what must come of it: a line a record, "-" before the ones that were not
 * judged, in the order of the lines.
 */
#include "collector/twins.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define BASE 1772352000

/* Kinds of records. */
enum what {
	PLAIN,     /* without a twin */
	CALLER,    /* AssumeRole in the caller's trail */
	ANON,      /* the same in the target's: names only an account */
	SWITCH,    /* SwitchRole */
	INTERNAL,  /* AssumeRole by AWS Internal, the caller's copy */
	INTERNAL2, /* the same in the target's trail */
	NO_ADDRESS /* a copy in the caller's trail, by a service */
};

struct record {
	const char *id;
	enum what what;
	const char *shared; /* NULL: none */
	int64_t sec;        /* negative: no time */
	const char *role;   /* NULL: "deploy" */
};

struct bench {
	struct twins *t;
	struct buf lines;  /* "a -b c " */
	struct buf judged; /* "a c " */
	struct buf joined; /* "b " */
	bool finding;      /* what is judged gets a group */
	int fail;          /* what judge() returns */
};

static int
judge(void *arg, const struct request *r, struct verdict *v,
    char group[FINDING_ID_SIZE])
{
	struct bench *b = arg;

	if (b->fail < 0)
		return b->fail;
	memset(v, 0, sizeof(*v));
	v->word = b->finding ? VERDICT_UNEXPECTED : VERDICT_EXPECTED;
	v->finding = b->finding;
	v->score = 40;
	v->rule = SLICE_LIT("humans");
	if (b->finding)
		snprintf(
		    group, FINDING_ID_SIZE, "f-%.*s", SLICE_ARG(r->event_id));
	buf_addf(&b->judged, "%.*s ", SLICE_ARG(r->event_id));
	return 0;
}

static void
join(void *arg, const char *group, struct slice event_id)
{
	struct bench *b = arg;

	buf_addf(&b->joined, "%.*s>%s ", SLICE_ARG(event_id), group);
}

static void
line(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct bench *b = arg;
	bool secondary = v->score == 0;

	buf_addf(
	    &b->lines, "%s%.*s ", secondary ? "-" : "", SLICE_ARG(r->event_id));
	CHECK_INT(v->word, b->finding ? VERDICT_UNEXPECTED : VERDICT_EXPECTED);
	CHECK_INT(group != NULL, b->finding);
	CHECK_INT(v->finding, b->finding && !secondary);
	CHECK_TEXT(v->rule, secondary ? NULL : "humans");
}

static bool
bench_open(struct bench *b, bool live)
{
	static const struct twins_calls calls = { judge, join, line };

	memset(b, 0, sizeof(*b));
	b->t = twins_new(live, &calls, b);
	return b->t != NULL;
}

static void
bench_close(struct bench *b)
{
	twins_free(b->t);
	buf_release(&b->lines);
	buf_release(&b->judged);
	buf_release(&b->joined);
}

static void
set_caller(struct request *r, enum what what)
{
	bool own = what != ANON && what != INTERNAL2;

	r->recipient_account = own ? SLICE_LIT("111122223333")
				   : SLICE_LIT("444455556666");
	r->account = SLICE_LIT("111122223333");
	r->principal = own ? SLICE_LIT("arn:aws:iam::111122223333:user/alice")
			   : SLICE_LIT("aws-account:111122223333/AIDA");
	r->principal_type = own ? PT_USER : PT_ACCOUNT;
}

static int
feed(struct bench *b, const struct record *x)
{
	struct request r = { .provider = PROVIDER_AWS, .kind = KIND_ROLE };
	struct buf id = BUF_INIT, target = BUF_INIT, shared = BUF_INIT;
	int err;

	/* Copies that are gone afterwards. */
	buf_adds(&id, x->id);
	buf_addf(&target, "arn:aws:iam::444455556666:role/%s",
	    x->role ? x->role : "deploy");
	r.event_id = buf_slice(&id);
	r.target = buf_slice(&target);
	if (x->shared) {
		buf_adds(&shared, x->shared);
		r.shared_event_id = buf_slice(&shared);
	}
	if (x->sec >= 0)
		r.time = (struct when){ BASE + x->sec, 0, true };
	r.action = x->what == SWITCH ? SLICE_LIT("signin:SwitchRole")
				     : SLICE_LIT("sts:AssumeRole");
	set_caller(&r, x->what);
	r.source.kind = SOURCE_IP;
	if (x->what == INTERNAL || x->what == INTERNAL2) {
		r.aws_internal = true;
		r.source.kind = SOURCE_CLOUD_INTERNAL;
		r.source.name = SLICE_LIT("AWS Internal");
	} else if (x->what == NO_ADDRESS) {
		r.source.kind = SOURCE_CLOUD_SERVICE;
	}
	err = twins_add(b->t, &r);
	memset(id.p, 'x', id.n);
	memset(target.p, 'x', target.n);
	buf_release(&id);
	buf_release(&target);
	buf_release(&shared);
	return err;
}

struct scan_case {
	const char *rule;
	struct record records[8];
	const char *lines, *judged;
};

static const struct scan_case scan_cases[] = {
	{ "one without a twin is judged",
	    { { "a", PLAIN, NULL, 0, NULL }, { "b", PLAIN, NULL, 0, NULL } },
	    "a b ", "a b " },
	{ "the caller's copy first",
	    { { "a", CALLER, "s", 0, NULL }, { "b", ANON, "s", 0, NULL } },
	    "a -b ", "a " },
	{ "the anonymous copy first",
	    { { "a", ANON, "s", 0, NULL }, { "b", CALLER, "s", 0, NULL } },
	    "-a b ", "b " },
	{ "an anonymous copy without a twin is judged by its own line",
	    { { "a", ANON, "s", 0, NULL }, { "b", CALLER, "t", 0, NULL } },
	    "a b ", "a b " },
	{ "the copy with an address",
	    { { "a", NO_ADDRESS, "s", 0, NULL }, { "b", ANON, "s", 0, NULL } },
	    "-a b ", "b " },
	{ "others between twins keep their place",
	    { { "a", ANON, "s", 0, NULL }, { "b", PLAIN, NULL, 0, NULL },
		{ "c", PLAIN, NULL, 1, NULL }, { "d", CALLER, "s", 1, NULL },
		{ "e", PLAIN, NULL, 1, NULL } },
	    "-a b c d e ", "d b c e " },
	{ "two pairs, crossed",
	    { { "a", ANON, "s", 0, NULL }, { "b", ANON, "t", 0, NULL },
		{ "c", CALLER, "s", 0, NULL }, { "d", CALLER, "t", 0, NULL } },
	    "-a -b c d ", "c d " },
	{ "a copy that comes after the wait joins what was decided",
	    { { "a", ANON, "s", 0, NULL }, { "b", PLAIN, NULL, 3, NULL },
		{ "c", CALLER, "s", 3, NULL }, { "d", PLAIN, NULL, 9, NULL } },
	    "a b -c d ", "a b d " },
	{ "a late copy keeps its place in the queue",
	    { { "a", CALLER, "s", 0, NULL }, { "b", CALLER, "t", 9, NULL },
		{ "c", ANON, "s", 9, NULL }, { "d", ANON, "t", 9, NULL } },
	    "a b -c -d ", "a b " },
	{ "SwitchRole first, its companion behind",
	    { { "a", SWITCH, NULL, 0, NULL },
		{ "b", INTERNAL, NULL, 0, NULL } },
	    "a -b ", "a " },
	{ "the companion first",
	    { { "a", INTERNAL, NULL, 0, NULL },
		{ "b", SWITCH, NULL, 0, NULL } },
	    "-a b ", "b " },
	{ "both copies of the companion, in any order",
	    { { "a", INTERNAL2, "s", 0, NULL }, { "b", SWITCH, NULL, 0, NULL },
		{ "c", INTERNAL, "s", 0, NULL } },
	    "-a b -c ", "b " },
	{ "a SwitchRole that has a sharedEventID of its own",
	    { { "a", SWITCH, "t", 0, NULL }, { "b", INTERNAL, "s", 0, NULL },
		{ "c", INTERNAL2, "s", 0, NULL } },
	    "a -b -c ", "a " },
	{ "another role is another act",
	    { { "a", SWITCH, NULL, 0, "x" }, { "b", INTERNAL, NULL, 0, "y" } },
	    "a b ", "a b " },
	{ "a role's path tells nothing",
	    { { "a", SWITCH, NULL, 0, "p/x" },
		{ "b", INTERNAL, NULL, 0, "x" } },
	    "a -b ", "a " },
	{ "another second is another act",
	    { { "a", SWITCH, NULL, 0, NULL },
		{ "b", INTERNAL, NULL, 1, NULL } },
	    "a b ", "a b " },
	{ "two switches to one role in one second have a companion each",
	    { { "a", SWITCH, NULL, 0, NULL }, { "b", SWITCH, NULL, 0, NULL },
		{ "c", INTERNAL, "s", 0, NULL },
		{ "d", INTERNAL, "t", 0, NULL },
		{ "e", INTERNAL2, "s", 0, NULL } },
	    "a b -c -d -e ", "a b " },
	{ "an ordinary AssumeRole is no companion",
	    { { "a", SWITCH, NULL, 0, NULL }, { "b", CALLER, NULL, 0, NULL } },
	    "a b ", "a b " },
	{ "the companion alone is judged by the caller's copy",
	    { { "a", INTERNAL2, "s", 0, NULL },
		{ "b", INTERNAL, "s", 0, NULL } },
	    "-a b ", "b " },
	{ "without a time only the sharedEventID joins",
	    { { "a", ANON, "s", -1, NULL }, { "b", SWITCH, NULL, -1, NULL },
		{ "c", INTERNAL, NULL, -1, NULL },
		{ "d", CALLER, "s", -1, NULL } },
	    "-a b c d ", "d b c " },
	{ "an empty sharedEventID is none",
	    { { "a", CALLER, "", 0, NULL }, { "b", CALLER, "", 0, NULL } },
	    "a b ", "a b " },
};

static void
check_scan(const struct scan_case *c, bool finding)
{
	struct bench b;
	char failed[256];

	REQUIRE(bench_open(&b, false));
	b.finding = finding;
	for (size_t i = 0; i < 8 && c->records[i].id; i++)
		CHECK_INT(feed(&b, &c->records[i]), 0);
	CHECK_INT(twins_finish(b.t), 0);
	CHECK_INT(twins_held(b.t), 0);
	snprintf(failed, sizeof(failed), "\n    %s", c->rule);
	if (!slice_is(buf_slice(&b.lines), c->lines) ||
	    !slice_is(buf_slice(&b.judged), c->judged))
		fputs(failed, stdout);
	CHECK_TEXT(buf_slice(&b.lines), c->lines);
	CHECK_TEXT(buf_slice(&b.judged), c->judged);
	bench_close(&b);
}

static void
in_scan_an_act_is_judged_once_and_lines_keep_their_order(void)
{
	for (size_t i = 0; i < sizeof(scan_cases) / sizeof(scan_cases[0]);
	     i++) {
		check_scan(&scan_cases[i], false);
		check_scan(&scan_cases[i], true);
	}
}

struct live_case {
	const char *rule;
	struct record records[8];
	const char *before; /* lines before the wait is over */
	const char *lines, *judged;
};

static const struct live_case live_cases[] = {
	{ "the caller's copy first",
	    { { "a", CALLER, "s", 0, NULL }, { "b", ANON, "s", 0, NULL } },
	    "a -b ", "a -b ", "a " },
	{ "the anonymous copy waits for its twin",
	    { { "a", ANON, "s", 0, NULL }, { "b", PLAIN, NULL, 0, NULL },
		{ "c", CALLER, "s", 0, NULL } },
	    "b c -a ", "b c -a ", "b c " },
	{ "the anonymous copy without a twin is judged in the end",
	    { { "a", ANON, "s", 0, NULL }, { "b", PLAIN, NULL, 0, NULL } },
	    "b ", "b a ", "b a " },
	{ "SwitchRole first",
	    { { "a", SWITCH, NULL, 0, NULL }, { "b", INTERNAL, "s", 0, NULL },
		{ "c", INTERNAL2, "s", 0, NULL } },
	    "a -b -c ", "a -b -c ", "a " },
	{ "the companions wait for SwitchRole",
	    { { "a", INTERNAL2, "s", 0, NULL }, { "b", INTERNAL, "s", 0, NULL },
		{ "c", SWITCH, NULL, 0, NULL } },
	    "c -a -b ", "c -a -b ", "c " },
	{ "a companion comes on either side",
	    { { "a", INTERNAL2, "s", 0, NULL }, { "b", SWITCH, NULL, 0, NULL },
		{ "c", INTERNAL, "s", 0, NULL } },
	    "b -a -c ", "b -a -c ", "b " },
	{ "companions alone are judged by the caller's copy",
	    { { "a", INTERNAL2, "s", 0, NULL },
		{ "b", INTERNAL, "s", 0, NULL } },
	    "", "-a b ", "b " },
	{ "one SwitchRole has one companion",
	    { { "a", SWITCH, NULL, 0, NULL }, { "b", INTERNAL, "s", 0, NULL },
		{ "c", INTERNAL, "t", 0, NULL } },
	    "a -b ", "a -b c ", "a c " },
	{ "much later in event time, still one act",
	    { { "a", CALLER, "s", 0, NULL }, { "b", PLAIN, NULL, 90000, NULL },
		{ "c", ANON, "s", 0, NULL } },
	    "a b -c ", "a b -c ", "a b " },
};

static void
live_decides_on_arrival_but_for_copies_that_name_nobody(void)
{
	for (size_t i = 0; i < sizeof(live_cases) / sizeof(live_cases[0]);
	     i++) {
		const struct live_case *c = &live_cases[i];
		struct bench b;

		REQUIRE(bench_open(&b, true));
		b.finding = i % 2;
		for (size_t j = 0; j < 8 && c->records[j].id; j++)
			CHECK_INT(feed(&b, &c->records[j]), 0);
		for (int tick = 0; tick < TWINS_TICKS; tick++)
			CHECK_INT(twins_tick(b.t), 0);
		if (!slice_is(buf_slice(&b.lines), c->before))
			printf("\n    %s", c->rule);
		CHECK_TEXT(
		    b.lines.n ? buf_slice(&b.lines) : SLICE_LIT(""), c->before);
		CHECK_INT(twins_tick(b.t), 0);
		CHECK_INT(twins_held(b.t), 0);
		CHECK_TEXT(buf_slice(&b.lines), c->lines);
		CHECK_TEXT(buf_slice(&b.judged), c->judged);
		bench_close(&b);
	}
}

static void
live_decides_at_the_end_what_still_waits(void)
{
	static const struct record a = { "a", ANON, "s", 0, NULL };
	struct bench b;

	REQUIRE(bench_open(&b, true));
	CHECK_INT(feed(&b, &a), 0);
	CHECK_INT(twins_held(b.t), 1);
	CHECK_INT(b.lines.n, 0);
	CHECK_INT(twins_finish(b.t), 0);
	CHECK_TEXT(buf_slice(&b.lines), "a ");
	bench_close(&b);
}

static void
the_others_join_the_finding_of_the_primary(void)
{
	static const struct record records[] = {
		{ "a", ANON, "s", 0, NULL },
		{ "b", CALLER, "s", 0, NULL },
		{ "c", SWITCH, NULL, 5, NULL },
		{ "d", INTERNAL, NULL, 5, NULL },
	};

	for (int live = 0; live < 2; live++) {
		struct bench b;

		REQUIRE(bench_open(&b, live == 1));
		b.finding = true;
		for (size_t i = 0; i < 4; i++)
			CHECK_INT(feed(&b, &records[i]), 0);
		CHECK_INT(twins_finish(b.t), 0);
		CHECK_TEXT(buf_slice(&b.joined), "a>f-b d>f-c ");
		bench_close(&b);
	}
}

/* All in one second, each with a sharedEventID of its own. */
static void
no_more_than_the_bound_is_held(void)
{
	for (int live = 0; live < 2; live++) {
		struct bench b;

		REQUIRE(bench_open(&b, live == 1));
		for (int i = 0; i < 2 * TWINS_HELD_MAX; i++) {
			char id[16];
			struct record r = { id, ANON, id, 0, NULL };

			snprintf(id, sizeof(id), "e-%d", i);
			if (feed(&b, &r) < 0)
				CHECK(false);
			if (twins_held(b.t) > TWINS_HELD_MAX + 1)
				CHECK(false);
		}
		CHECK(twins_held(b.t) >= TWINS_HELD_MAX);
		CHECK(slice_starts(buf_slice(&b.lines), "e-0 e-1 e-2 "));
		CHECK_INT(twins_finish(b.t), 0);
		CHECK_INT(b.lines.n, b.judged.n);
		bench_close(&b);
	}
}

/* One role in one second: the chain of acts must not lose any. */
static void
many_switches_in_one_second_each_find_their_companion(void)
{
	struct bench b;
	char id[16];
	int n = 100;

	REQUIRE(bench_open(&b, false));
	for (int i = 0; i < n; i++) {
		struct record r = { id, SWITCH, NULL, 0, NULL };

		snprintf(id, sizeof(id), "s%d", i);
		CHECK_INT(feed(&b, &r), 0);
	}
	for (int i = 0; i < n; i++) {
		struct record r = { id, INTERNAL, NULL, 0, NULL };

		snprintf(id, sizeof(id), "i%d", i);
		CHECK_INT(feed(&b, &r), 0);
	}
	CHECK_INT(twins_finish(b.t), 0);
	CHECK(!slice_find(buf_slice(&b.judged), "i"));
	CHECK(slice_find(buf_slice(&b.lines), "-i99 ") != NULL);
	bench_close(&b);
}

static void
a_refused_judgement_is_told_and_nothing_is_lost(void)
{
	static const struct record records[] = {
		{ "a", ANON, "s", 0, NULL },
		{ "b", CALLER, "s", 0, NULL },
	};

	for (int live = 0; live < 2; live++) {
		struct bench b;

		REQUIRE(bench_open(&b, live == 1));
		CHECK_INT(feed(&b, &records[0]), 0);
		b.fail = ST_ENOMEM;
		if (live)
			CHECK_INT(feed(&b, &records[1]), ST_ENOMEM);
		else
			CHECK_INT(feed(&b, &records[1]), 0);
		CHECK_INT(twins_finish(b.t), ST_ENOMEM);
		b.fail = 0;
		CHECK_INT(twins_finish(b.t), 0);
		CHECK_TEXT(buf_slice(&b.lines), live ? "a " : "-a b ");
		bench_close(&b);
	}
}

static void
what_is_held_at_the_end_is_not_leaked(void)
{
	static const struct record records[] = {
		{ "a", ANON, "s", 0, NULL },
		{ "b", SWITCH, NULL, 0, NULL },
		{ "c", PLAIN, NULL, 0, NULL },
	};
	struct bench b;

	REQUIRE(bench_open(&b, false));
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(feed(&b, &records[i]), 0);
	CHECK_INT(twins_held(b.t), 3);
	bench_close(&b);
	twins_free(NULL);
}

UNIT_MAIN("twins",
    { "in scan an act is judged once and lines keep their order",
	in_scan_an_act_is_judged_once_and_lines_keep_their_order },
    { "live decides on arrival but for copies that name nobody",
	live_decides_on_arrival_but_for_copies_that_name_nobody },
    { "live decides at the end what still waits",
	live_decides_at_the_end_what_still_waits },
    { "the others join the finding of the primary",
	the_others_join_the_finding_of_the_primary },
    { "no more than the bound is held", no_more_than_the_bound_is_held },
    { "many switches in one second each find their companion",
	many_switches_in_one_second_each_find_their_companion },
    { "a refused judgement is told and nothing is lost",
	a_refused_judgement_is_told_and_nothing_is_lost },
    { "what is held at the end is not leaked",
	what_is_held_at_the_end_is_not_leaked })
