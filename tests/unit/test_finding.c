/*
 * test_finding.c - which verdicts fold, what a finding is called, when and in
 * what order findings are given out.
 */
#include "detect/finding.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR 3600
#define BASE 1772352000 /* 2026-03-01T08:00:00Z */
#define TOLD_MAX 64

struct told {
	char id[FINDING_ID_SIZE];
	bool raised;
	unsigned revision, n_event_ids, n_next_steps, n_reasons;
	uint64_t count;
	int64_t first, last, time;
	enum severity severity;
	double score;
	char strongest[16], title[256], last_event[16];
};

struct bench {
	struct finder *f;
	struct told told[TOLD_MAX];
	unsigned n;
	char group[FINDING_ID_SIZE];
};

static void
copy(char *to, size_t size, struct slice s)
{
	snprintf(to, size, "%.*s", SLICE_ARG(s));
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct bench *b = arg;
	struct told *t = &b->told[b->n % TOLD_MAX];

	memcpy(t->id, f->id, sizeof(t->id));
	t->revision = f->revision;
	t->raised = f->raised;
	t->n_event_ids = f->n_event_ids;
	t->n_next_steps = f->n_next_steps;
	t->n_reasons = f->n_reasons;
	t->count = f->count;
	t->first = f->first_seen.sec;
	t->last = f->last_seen.sec;
	t->time = f->time.sec;
	t->severity = f->severity;
	t->score = f->score;
	copy(t->strongest, sizeof(t->strongest), f->request.event_id);
	copy(t->title, sizeof(t->title), f->title);
	copy(t->last_event, sizeof(t->last_event),
	    f->event_ids[f->n_event_ids - 1]);
	b->n++;
}

static bool
bench_open(struct bench *b, bool live)
{
	static const struct finder_about about = { "policy.yaml", "sha256:00",
		"0.1.0" };

	memset(b, 0, sizeof(*b));
	b->f = finder_new(&about, on_finding, b);
	if (b->f)
		finder_set_live(b->f, live);
	return b->f != NULL;
}

static struct request
request_at(int64_t sec, const char *event_id, const char *user)
{
	struct request r = { .provider = PROVIDER_AWS,
		.kind = KIND_ROLE,
		.principal_type = PT_USER,
		.outcome = OUTCOME_SUCCESS };

	r.time = (struct when){ BASE + sec, 0, true };
	r.event_id = slice_str(event_id);
	r.principal = slice_str(user);
	r.account = SLICE_LIT("111122223333");
	r.action = SLICE_LIT("sts:AssumeRole");
	r.target = SLICE_LIT("arn:aws:iam::444455556666:role/deploy");
	r.source.kind = SOURCE_IP;
	r.source.ip = SLICE_LIT("203.0.113.9");
	return r;
}

static struct verdict
verdict_of(enum reason_code code)
{
	struct verdict v = { .word = VERDICT_UNEXPECTED, .finding = true };

	v.reasons[0].code = code;
	v.reasons[0].weight = reason_table[code].weight;
	v.n_reasons = 1;
	v.score = verdict_score(v.reasons, 1);
	v.severity = verdict_severity(v.reasons, 1, OUTCOME_SUCCESS);
	return v;
}

/* Every string is overwritten afterwards: what is kept must be a copy. */
static void
add(struct bench *b, int64_t sec, const char *event_id, const char *user,
    struct verdict v)
{
	char id[16], who[32], seen[] = "RU";
	struct request r;

	snprintf(id, sizeof(id), "%s", event_id);
	snprintf(who, sizeof(who), "%s", user);
	r = request_at(sec, id, who);
	if (v.n_reasons > 0)
		v.reasons[0].observed = slice_str(seen);
	finder_advance(b->f, r.time);
	CHECK_INT(finder_add(b->f, &r, &v, b->group), 0);
	memset(id, 'x', sizeof(id));
	memset(who, 'x', sizeof(who));
	memset(seen, 'x', sizeof(seen));
}

static void
add_plain(struct bench *b, int64_t sec, const char *event_id, const char *user)
{
	add(b, sec, event_id, user, verdict_of(R_COUNTRY_NOT_APPROVED));
}

static void
repeats_fold_and_are_given_out_once(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false));
	for (int i = 0; i < 25; i++) {
		char id[16];

		snprintf(id, sizeof(id), "e-%02d", i);
		add_plain(&b, i * HOUR, id, "user:a");
	}
	CHECK_INT(b.n, 0);
	finder_finish(b.f);
	REQUIRE(b.n == 1);
	CHECK_INT(b.told[0].count, 25);
	CHECK_INT(b.told[0].revision, 1);
	CHECK_INT(b.told[0].first, BASE);
	CHECK_INT(b.told[0].last, BASE + 24 * HOUR);
	CHECK_INT(b.told[0].n_event_ids, FINDING_EVENTS_MAX);
	CHECK_TEXT(slice_str(b.told[0].last_event), "e-19");
	CHECK_TEXT(slice_str(b.told[0].id), b.group);
	CHECK_TEXT(slice_str(b.told[0].title),
	    "User a assumed role deploy in account 444455556666 from "
	    "203.0.113.9, a country that is not approved");
	CHECK(b.told[0].n_next_steps > 2);
	finder_free(b.f);
}

/* Each differs in one member from the first; true: it must fold. */
static void
what_changes_with_every_request_does_not_keep_findings_apart(void)
{
	static const struct {
		const char *member, *value;
		bool folds;
	} cases[] = {
		{ "none", "", true },
		{ "ip", "198.51.100.1", true },
		{ "session", "s-2", true },
		{ "user_agent", "curl", true },
		{ "credential", "ASIA2", true },
		{ "account", "999988887777", false },
		{ "principal", "user:b", false },
		{ "action", "sts:AssumeRoot", false },
		{ "target", "arn:aws:iam::444455556666:role/x", false },
		{ "no target", NULL, false },
		{ "empty target", "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);
		struct request r = request_at(1, "e-2", "user:a");
		struct slice value = slice_str(cases[i].value);
		struct bench b;

		REQUIRE(bench_open(&b, false));
		add_plain(&b, 0, "e-1", "user:a");
		if (strcmp(cases[i].member, "ip") == 0)
			r.source.ip = value;
		else if (strcmp(cases[i].member, "session") == 0)
			r.session = value;
		else if (strcmp(cases[i].member, "user_agent") == 0)
			r.user_agent = value;
		else if (strcmp(cases[i].member, "credential") == 0)
			r.credential = value;
		else if (strcmp(cases[i].member, "account") == 0)
			r.account = value;
		else if (strcmp(cases[i].member, "principal") == 0)
			r.principal = value;
		else if (strcmp(cases[i].member, "action") == 0)
			r.action = value;
		else if (strstr(cases[i].member, "target"))
			r.target = value;
		CHECK_INT(finder_add(b.f, &r, &v, b.group), 0);
		finder_finish(b.f);
		if (b.n != (cases[i].folds ? 1u : 2u))
			printf("\n    %s", cases[i].member);
		CHECK_INT(b.n, cases[i].folds ? 1 : 2);
		finder_free(b.f);
	}
}

static void
the_set_of_codes_counts_not_their_order_or_number(void)
{
	struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);
	struct bench b;

	REQUIRE(bench_open(&b, false));
	v.reasons[1].code = R_MFA_MISSING;
	v.n_reasons = 2;
	add(&b, 0, "e-1", "user:a", v);
	v.reasons[0].code = R_MFA_MISSING;
	v.reasons[1].code = R_COUNTRY_NOT_APPROVED;
	v.reasons[2].code = R_MFA_MISSING;
	v.n_reasons = 3;
	add(&b, 1, "e-2", "user:a", v);
	add(&b, 2, "e-3", "user:a", verdict_of(R_MFA_MISSING));
	finder_finish(b.f);
	CHECK_INT(b.n, 2);
	CHECK_INT(b.told[0].count, 2);
	finder_free(b.f);
}

static void
more_than_a_day_apart_is_another_finding(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false));
	add_plain(&b, 0, "e-1", "user:a");
	add_plain(&b, FINDING_GAP, "e-2", "user:a");
	add_plain(&b, 2 * FINDING_GAP + 1, "e-3", "user:a");
	CHECK_INT(b.n, 1);
	CHECK_INT(b.told[0].count, 2);
	finder_finish(b.f);
	CHECK_INT(b.n, 2);
	CHECK(strcmp(b.told[0].id, b.told[1].id) != 0);
	finder_free(b.f);
}

/* Printed by hand from: printf '3:aws12:11112222333...' | sha256sum. */
static void
the_same_evidence_gives_the_same_id_for_ever(void)
{
	struct bench b;

	for (int run = 0; run < 2; run++) {
		REQUIRE(bench_open(&b, run == 1));
		add_plain(&b, 0, "e-1", "user:a");
		CHECK_TEXT(
		    slice_str(b.group), "f-44b1de99679c9852b57a97ad27ec42d5");
		finder_free(b.f);
	}
	REQUIRE(bench_open(&b, false));
	add_plain(&b, 0, "e-9", "user:a");
	CHECK(strcmp(b.group, "f-44b1de99679c9852b57a97ad27ec42d5") != 0);
	finder_free(b.f);
}

static void
the_strongest_event_tells_the_finding(void)
{
	static const struct {
		double score[3];
		int64_t sec[3];
		const char *id[3];
		const char *want;
	} cases[] = {
		{ { 40, 60, 50 }, { 0, 1, 2 }, { "e-1", "e-2", "e-3" }, "e-2" },
		{ { 40, 40, 40 }, { 1, 0, 2 }, { "e-1", "e-2", "e-3" }, "e-2" },
		{ { 40, 40, 40 }, { 1, 1, 1 }, { "e-3", "e-1", "e-2" }, "e-1" },
		{ { 40, 40, 40 }, { 1, 1, 1 }, { "\xff", "z", "zz" }, "z" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		REQUIRE(bench_open(&b, false));
		for (int j = 0; j < 3; j++) {
			struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);

			v.score = cases[i].score[j];
			add(&b, cases[i].sec[j], cases[i].id[j], "user:a", v);
		}
		finder_finish(b.f);
		REQUIRE(b.n == 1);
		CHECK_TEXT(slice_str(b.told[0].strongest), cases[i].want);
		finder_free(b.f);
	}
}

static void
severity_is_the_highest_whatever_the_score(void)
{
	struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);
	struct bench b;

	REQUIRE(bench_open(&b, false));
	v.severity = SEV_MEDIUM;
	v.score = 90;
	add(&b, 0, "e-1", "user:a", v);
	v.severity = SEV_HIGH;
	v.score = 10;
	add(&b, 1, "e-2", "user:a", v);
	finder_finish(b.f);
	CHECK_INT(b.told[0].severity, SEV_HIGH);
	CHECK(b.told[0].score == 90);
	finder_free(b.f);
}

/* a begins first and stays open longest; b and c begin together. */
static void
scan_gives_out_by_first_seen_then_id(void)
{
	struct bench b;
	char first[FINDING_ID_SIZE];

	REQUIRE(bench_open(&b, false));
	add_plain(&b, 0, "e-1", "user:a");
	memcpy(first, b.group, sizeof(first));
	add_plain(&b, 10, "e-2", "user:b");
	add_plain(&b, 10, "e-3", "user:c");
	add_plain(&b, 10, "e-4", "user:d");
	add_plain(&b, 20 * HOUR, "e-5", "user:a");
	add_plain(&b, 40 * HOUR, "e-6", "user:a");
	CHECK_INT(b.n, 0); /* b, c, d are closed and wait for a */
	add_plain(&b, 70 * HOUR, "e-7", "user:e");
	CHECK_INT(b.n, 4);
	CHECK_TEXT(slice_str(b.told[0].id), first);
	CHECK_INT(b.told[0].count, 3);
	for (int i = 1; i < 4; i++)
		CHECK_INT(b.told[i].first, BASE + 10);
	CHECK(strcmp(b.told[1].id, b.told[2].id) < 0);
	CHECK(strcmp(b.told[2].id, b.told[3].id) < 0);
	finder_finish(b.f);
	CHECK_INT(b.n, 5);
	finder_free(b.f);
}

/* A twin's primary is judged up to two seconds before its turn. */
static void
one_that_comes_a_little_late_is_put_in_order(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false));
	add_plain(&b, 0, "e-1", "user:a");
	add_plain(&b, 2, "e-2", "user:b");
	add_plain(&b, 1, "e-3", "user:c");
	finder_finish(b.f);
	REQUIRE(b.n == 3);
	CHECK_TEXT(slice_str(b.told[1].strongest), "e-3");
	CHECK_TEXT(slice_str(b.told[2].strongest), "e-2");
	finder_free(b.f);
}

static void
requests_without_a_time_fold_and_come_last(void)
{
	struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);
	struct request r = request_at(0, "e-2", "user:z");
	struct bench b;

	REQUIRE(bench_open(&b, false));
	add_plain(&b, 0, "e-1", "user:a");
	r.time = WHEN_NONE;
	CHECK_INT(finder_add(b.f, &r, &v, b.group), 0);
	CHECK_INT(finder_add(b.f, &r, &v, b.group), 0);
	finder_advance(b.f, WHEN_NONE);
	CHECK_INT(b.n, 0);
	finder_finish(b.f);
	REQUIRE(b.n == 2);
	CHECK_INT(b.told[0].count, 1);
	CHECK_INT(b.told[1].count, 2);
	finder_free(b.f);
}

static void
live_tells_at_once_when_severity_rises_and_when_closed(void)
{
	struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);
	struct bench b;

	REQUIRE(bench_open(&b, true));
	v.severity = SEV_MEDIUM;
	add(&b, 0, "e-1", "user:a", v);
	CHECK_INT(b.n, 1);
	CHECK_INT(b.told[0].revision, 1);
	CHECK_INT(b.told[0].count, 1);
	add(&b, 1, "e-2", "user:a", v);
	CHECK_INT(b.n, 1);
	v.severity = SEV_HIGH;
	add(&b, 2, "e-3", "user:a", v);
	CHECK_INT(b.n, 2);
	CHECK_INT(b.told[1].revision, 2);
	CHECK_INT(b.told[1].count, 3);
	add(&b, 3, "e-4", "user:a", v);
	add(&b, 30 * HOUR, "e-5", "user:b", v);
	CHECK_INT(b.n, 4);
	CHECK(b.told[0].raised && b.told[1].raised);
	CHECK(!b.told[2].raised);
	CHECK_INT(b.told[2].revision, 3);
	CHECK_INT(b.told[2].count, 4);
	CHECK_TEXT(slice_str(b.told[2].id), b.told[0].id);
	finder_finish(b.f); /* the second has not grown: nothing to say */
	CHECK_INT(b.n, 4);
	finder_free(b.f);
}

static void
live_tells_each_event_where_that_is_asked_for(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, true));
	finder_set_every(b.f, true);
	for (int i = 0; i < 3; i++)
		add_plain(&b, i, "e", "user:a");
	REQUIRE(b.n == 3);
	CHECK(b.told[0].raised && !b.told[1].raised && !b.told[2].raised);
	CHECK_INT(b.told[2].revision, 3);
	CHECK_INT(b.told[2].count, 3);
	finder_finish(b.f);
	CHECK_INT(b.n, 3);
	finder_free(b.f);
}

static void
live_takes_events_in_any_order(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, true));
	add_plain(&b, 10 * HOUR, "e-1", "user:a");
	add_plain(&b, 0, "e-2", "user:a");
	add_plain(&b, -20 * HOUR, "e-3", "user:a"); /* within a day of e-2 */
	add_plain(&b, -60 * HOUR, "e-4", "user:a"); /* another finding */
	finder_finish(b.f);
	REQUIRE(b.n == 3);
	CHECK_INT(b.told[1].count, 3);
	CHECK_INT(b.told[1].first, BASE - 20 * HOUR);
	CHECK_INT(b.told[1].last, BASE + 10 * HOUR);
	CHECK_INT(b.told[2].count, 1);
	finder_free(b.f);
}

static void
a_further_record_of_an_act_only_adds_its_id(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false));
	add_plain(&b, 0, "e-1", "user:a");
	finder_join(b.f, b.group, SLICE_LIT("e-2"));
	finder_join(b.f, "f-none", SLICE_LIT("e-3"));
	finder_finish(b.f);
	finder_join(b.f, b.group, SLICE_LIT("e-4"));
	REQUIRE(b.n == 1);
	CHECK_INT(b.told[0].n_event_ids, 2);
	CHECK_INT(b.told[0].count, 1);
	CHECK_TEXT(slice_str(b.told[0].last_event), "e-2");
	CHECK_TEXT(slice_str(b.told[0].strongest), "e-1");
	finder_free(b.f);
}

/* One more than the bound, all within one minute, in both modes. */
static void
at_the_bound_the_oldest_is_given_out(void)
{
	for (int live = 0; live < 2; live++) {
		struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);
		struct bench b;
		char user[32];

		REQUIRE(bench_open(&b, live == 1));
		for (int i = 0; i < FINDING_OPEN_MAX; i++) {
			struct request r;

			snprintf(user, sizeof(user), "user:%d", i);
			r = request_at(i / 1000, "e-1", user);
			if (finder_add(b.f, &r, &v, b.group) < 0)
				CHECK(false);
		}
		/* Live told all of them, and closing one says nothing new. */
		CHECK_INT(b.n, live ? FINDING_OPEN_MAX : 0);
		add_plain(&b, 100, "e-2", "user:last");
		CHECK_INT(b.n, live ? FINDING_OPEN_MAX + 1 : 1000);
		add_plain(&b, 101, "e-3", "user:0");
		finder_finish(b.f);
		CHECK_INT(b.n, FINDING_OPEN_MAX + 2);
		finder_free(b.f);
	}
}

static void
what_is_open_at_the_end_is_not_leaked(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, false));
	add_plain(&b, 0, "e-1", "user:a");
	add_plain(&b, 30 * HOUR, "e-2", "user:b");
	finder_free(b.f);
	CHECK_INT(b.n, 1);
	finder_free(NULL);
}

static void
what_the_baseline_adds_does_not_keep_breaches_apart(void)
{
	static const enum reason_code added[] = { R_NEW_COUNTRY, R_NEW_ASN,
		R_UNUSUAL_HOUR };
	struct bench b;

	REQUIRE(bench_open(&b, false));
	for (int i = 0; i < 3; i++) {
		struct verdict v = verdict_of(R_COUNTRY_NOT_APPROVED);
		char id[16];

		v.reasons[v.n_reasons++].code = added[i];
		snprintf(id, sizeof(id), "e%d", i);
		add(&b, i, id, "user:a", v);
	}
	finder_finish(b.f);
	CHECK_INT(b.n, 1);
	CHECK_INT(b.told[0].count, 3);
	finder_free(b.f);
}

static void
hold(struct bench *b, int64_t sec, const char *user, double score)
{
	struct request r = request_at(sec, "held", user);
	struct verdict v = verdict_of(R_NEW_COUNTRY);

	v.word = VERDICT_SUPPRESSED;
	v.finding = false;
	v.held_back = true;
	v.score = score;
	v.fold = r.principal;
	CHECK_INT(finder_hold(b->f, &r, &v), 0);
}

static void
what_a_budget_held_back_is_told_behind_its_day(void)
{
	struct when at = { BASE + 16 * HOUR, 0, true }; /* midnight */
	struct bench b;
	char user[8];

	for (int live = 0; live < 2; live++) {
		REQUIRE(bench_open(&b, live == 1));
		for (int i = 0; i < 30; i++) {
			snprintf(user, sizeof(user), "u%d", i % 20);
			hold(&b, i, user, 10 + i);
		}
		hold(&b, 17 * HOUR, "next", 5);
		finder_advance(b.f, at);
		CHECK_INT(b.n, 0);
		finder_advance(b.f, when_add(at, HOUR));
		/* Only one digest is looked after, that of the latest day;
		 * another goes with its age. */
		finder_advance(b.f, when_add(at, 26 * HOUR));
		CHECK_INT(b.n, 2);
		CHECK_INT(b.told[0].count, 30);
		CHECK_INT(b.told[0].revision, 1);
		CHECK(b.told[0].raised);
		CHECK_INT(b.told[0].severity, SEV_INFORMATIONAL);
		CHECK_INT(b.told[0].n_next_steps, FINDING_STEPS_MAX);
		CHECK(b.told[0].score == 39);
		CHECK(slice_starts(slice_str(b.told[0].title),
		    "The budget held back 30 requests on 2026-03-01; "));
		CHECK_INT(b.told[1].count, 1);
		finder_free(b.f);
	}
}

UNIT_MAIN("finding",
    { "what a budget held back is told behind its day",
	what_a_budget_held_back_is_told_behind_its_day },
    { "what the baseline adds does not keep breaches apart",
	what_the_baseline_adds_does_not_keep_breaches_apart },
    { "repeats fold and are given out once",
	repeats_fold_and_are_given_out_once },
    { "what changes with every request does not keep findings apart",
	what_changes_with_every_request_does_not_keep_findings_apart },
    { "the set of codes counts, not their order or number",
	the_set_of_codes_counts_not_their_order_or_number },
    { "more than a day apart is another finding",
	more_than_a_day_apart_is_another_finding },
    { "the same evidence gives the same id for ever",
	the_same_evidence_gives_the_same_id_for_ever },
    { "the strongest event tells the finding",
	the_strongest_event_tells_the_finding },
    { "severity is the highest whatever the score",
	severity_is_the_highest_whatever_the_score },
    { "scan gives out by first_seen, then id",
	scan_gives_out_by_first_seen_then_id },
    { "one that comes a little late is put in order",
	one_that_comes_a_little_late_is_put_in_order },
    { "requests without a time fold and come last",
	requests_without_a_time_fold_and_come_last },
    { "live tells at once, when severity rises, and when closed",
	live_tells_at_once_when_severity_rises_and_when_closed },
    { "live tells each event where that is asked for",
	live_tells_each_event_where_that_is_asked_for },
    { "live takes events in any order", live_takes_events_in_any_order },
    { "a further record of an act only adds its id",
	a_further_record_of_an_act_only_adds_its_id },
    { "at the bound the oldest is given out",
	at_the_bound_the_oldest_is_given_out },
    { "what is open at the end is not leaked",
	what_is_open_at_the_end_is_not_leaked })
