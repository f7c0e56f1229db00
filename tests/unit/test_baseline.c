/*
 * test_baseline.c - what is usual is learned, what is not is told.
 *
 * A small organisation: ten people, ten workers with a role each, for 30
 * days.  Then one thing happens.
 */
#include "tests/unit/usual_case.h"

#include "tests/unit/unit.h"

#include <stdio.h>

static struct baseline *
usual(void)
{
	struct baseline_options o = BASELINE_OPTIONS_DEFAULT;

	return case_after_a_month(&o);
}

static bool
says(const struct baseline_answer *a, enum reason_code code)
{
	for (unsigned i = 0; i < a->n_reasons; i++)
		if (a->reasons[i].code == code)
			return true;
	return false;
}

static void
an_ordinary_day_is_worth_nothing(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got;

	a.t = NOON;
	got = case_happen(b, &a);
	CHECK(!got.finding && !got.learning && got.bits < 3);
	a = case_person(2);
	a.t = NOON;
	got = case_happen(b, &a);
	CHECK(!got.finding && got.bits < 3);
	baseline_free(b);
}

static void
a_worker_that_asks_for_anothers_role_is_told(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got;

	a.target = case_worker(4).target;
	a.t = NOON;
	got = case_happen(b, &a);
	CHECK(got.finding && says(&got, R_NEW_TARGET));
	CHECK(got.n_reasons > 0 && got.reasons[0].code == R_NEW_TARGET);
	CHECK_TEXT(got.reasons[0].observed, a.target);
	CHECK(got.reasons[0].n_expected == 1);
	baseline_free(b);
}

static void
a_machines_key_from_elsewhere_is_told(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got;

	a.country = "RU";
	a.asn = 12389;
	a.agent = "python-requests/2.31";
	a.t = NOON;
	got = case_happen(b, &a);
	CHECK(got.finding && says(&got, R_NEW_COUNTRY));
	CHECK(says(&got, R_NEW_USER_AGENT));
	CHECK(got.score > 50);
	baseline_free(b);
}

static void
a_stranger_at_an_established_target_is_told(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got;

	a.who = "aws-account:999988887777/AROAEXAMPLE";
	a.type = PT_ACCOUNT;
	a.t = NOON;
	got = case_happen(b, &a);
	CHECK(got.finding && says(&got, R_NEW_TARGET));
	CHECK(says(&got, R_NEW_PRINCIPAL));
	baseline_free(b);
}

static void
a_new_worker_with_a_role_of_its_own_is_cheap(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3), thief = case_worker(3);
	struct baseline_answer got, stolen;

	a.who = "arn:aws:iam::111122223333:role/worker-new";
	a.target = "arn:aws:iam::111122223333:role/access-new";
	thief.country = "RU";
	thief.agent = "python-requests/2.31";
	a.t = thief.t = NOON;
	got = case_happen(b, &a);
	stolen = case_happen(b, &thief);
	CHECK(says(&got, R_NEW_PRINCIPAL));
	CHECK(got.bits * 1.2 < stolen.bits);
	baseline_free(b);
}

static void
a_traveller_costs_less_than_a_thief(void)
{
	struct baseline *b = usual();
	struct act a = case_person(3), thief = case_person(4);
	struct baseline_answer one, two;

	a.country = thief.country = "ES";
	a.asn = thief.asn = 3352;
	thief.agent = "python-requests/2.31";
	thief.target = "arn:aws:iam::111122223333:role/access-21";
	thief.t = a.t = NOON;
	two = case_happen(b, &thief);
	one = case_happen(b, &a);
	CHECK(two.bits > one.bits * 1.5);
	baseline_free(b);
}

static void
the_third_colleague_on_a_new_network_is_cheaper_than_the_first(void)
{
	struct baseline *b = usual();
	double bits[3];

	for (unsigned i = 0; i < 3; i++) {
		struct act a = case_person(i);

		a.asn = 13335;
		a.t = NOON + (int)i * 7200;
		bits[i] = case_happen(b, &a).bits;
	}
	CHECK(bits[0] > bits[1] && bits[0] > bits[2]);
	baseline_free(b);
}

/* The note of the reason with this code, absent for none. */
static struct slice
note_of(const struct baseline_answer *a, enum reason_code code)
{
	for (unsigned i = 0; i < a->n_reasons; i++)
		if (a->reasons[i].code == code)
			return a->reasons[i].note;
	return SLICE_NULL;
}

static bool
notes(const struct baseline_answer *a, enum reason_code code, const char *words)
{
	return slice_find(note_of(a, code), words) != NULL;
}

static void
several_new_targets_within_an_hour_weigh_more_each(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got;
	double bits[6];
	char target[64];

	a.target = target;
	for (int i = 0; i < 6; i++) {
		snprintf(target, sizeof(target), "arn:aws:iam::1:role/r%d", i);
		a.t = NOON + i * 400; /* some are learned by then */
		got = case_happen(b, &a);
		bits[i] = got.bits;
		CHECK(notes(&got, R_NEW_TARGET, "within an hour") == (i > 1));
	}
	CHECK(bits[2] > bits[1]);
	CHECK(notes(&got, R_NEW_TARGET, "6 new targets within an hour"));
	a.t = NOON + DAY;
	a.target = "arn:aws:iam::1:role/another";
	got = case_happen(b, &a);
	CHECK(!notes(&got, R_NEW_TARGET, "within an hour"));
	baseline_free(b);
}

static void
a_new_target_day_after_day_is_a_drift(void)
{
	struct baseline_options o = BASELINE_OPTIONS_DEFAULT;
	struct baseline_answer got = { 0 };
	struct act a = case_worker(3);
	struct baseline *b;
	char target[64];

	/* So that none of it is told, and all is learned. */
	o.learn_until = (struct when){ NOON + 99 * DAY, 0, true };
	b = case_after_a_month(&o);
	a.target = target;
	for (int day = 0; day < 5; day++) {
		snprintf(
		    target, sizeof(target), "arn:aws:iam::1:role/r%d", day);
		a.t = NOON + day * DAY;
		got = case_happen(b, &a);
		CHECK(!got.finding);
		CHECK(notes(&got, R_NEW_TARGET, "a new one on") == (day > 1));
	}
	CHECK(notes(&got, R_NEW_TARGET, "a new one on 5 of its last 8 days"));
	baseline_free(b);
}

static void
a_target_that_only_other_kinds_asked_for_weighs_more(void)
{
	struct baseline *b = usual();
	struct act worker = case_worker(3), person = case_person(3);
	struct baseline_answer got;

	worker.target = person.target = case_worker(4).target;
	worker.t = person.t = NOON;
	got = case_happen(b, &person);
	CHECK(notes(&got, R_NEW_TARGET, "by 1 other, none of its kind"));
	got = case_happen(b, &worker);
	CHECK(notes(&got, R_NEW_TARGET, "by 1 other"));
	CHECK(!notes(&got, R_NEW_TARGET, "none of its kind"));
	baseline_free(b);
}

static void
a_person_on_a_hosters_network_weighs_more_than_a_traveller(void)
{
	struct baseline *b = usual();
	struct act thief = case_person(3), traveller = case_person(4);
	struct baseline_answer one, two;

	thief.asn = 14061;
	traveller.asn = 3352;
	thief.t = traveller.t = NOON;
	one = case_happen(b, &thief);
	two = case_happen(b, &traveller);
	CHECK(one.bits > two.bits);
	CHECK(notes(&one, R_NEW_ASN, "a hoster's network"));
	CHECK(!note_of(&two, R_NEW_ASN).p);
	baseline_free(b);
}

static void
a_day_of_the_week_that_it_never_comes_on_counts(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	double bits[2];

	/* Thursdays to Mondays; 20,000 days behind 1970 is a Thursday. */
	a.who = "arn:aws:iam::111122223333:role/weekly";
	for (int day = 0; day < 27; day++) {
		a.t = NOON + (HISTORY + day) * (int64_t)DAY;
		if ((a.t / DAY) % 7 < 5)
			case_happen(b, &a);
	}
	a.t = NOON + (HISTORY + 28) * (int64_t)DAY;
	for (int i = 0; i < 2; a.t += DAY) {
		bool off = (a.t / DAY) % 7 >= 5;

		if (off == (i == 1))
			bits[i++] = case_happen(b, &a).bits;
	}
	CHECK(bits[1] > bits[0]);
	baseline_free(b);
}

static void
what_was_told_is_believed_after_three_days(void)
{
	struct baseline *b = usual();
	double bits[5];

	for (int day = 0; day < 5; day++) {
		struct act a = case_worker(3);

		a.target = case_worker(4).target;
		a.t = NOON + day * DAY;
		bits[day] = case_happen(b, &a).bits;
	}
	CHECK(bits[1] > 1 && bits[1] < bits[0]);
	CHECK(bits[2] > 1);
	CHECK(bits[3] < 1.5 && bits[4] < 1.5);
	baseline_free(b);
}

static void
far_more_requests_than_ever_are_told_within_the_hour(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got = { 0 };

	for (int i = 0; i < 600; i++) {
		a.t = NOON + i;
		got = case_happen(b, &a);
		if (i == 10)
			CHECK(!says(&got, R_RATE_SPIKE));
	}
	CHECK(got.finding && says(&got, R_RATE_SPIKE));
	CHECK_TEXT(got.reasons[0].observed, "600 requests in this hour");
	baseline_free(b);
}

static void
a_burst_of_denials_is_told_while_it_lasts(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got = { 0 };
	char target[64];

	a.outcome = OUTCOME_DENIED;
	a.target = target;
	for (int i = 0; i < 12; i++) {
		snprintf(target, sizeof(target), "arn:aws:iam::1:role/r%d", i);
		a.t = NOON + i;
		got = case_happen(b, &a);
		CHECK(says(&got, R_DENIED_BURST) == (i >= 4));
	}
	CHECK(got.finding);
	baseline_free(b);
}

static void
one_that_wakes_after_long_with_something_new_is_told(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got;

	for (int64_t day = 0; day < 40; day++) {
		struct act other = case_worker(5);

		other.t = NOON + day * DAY;
		case_happen(b, &other);
	}
	a.t = NOON + 40 * DAY;
	a.country = "RU";
	got = case_happen(b, &a);
	CHECK(says(&got, R_DORMANT_PRINCIPAL));
	baseline_free(b);
}

static void
who_was_told_on_another_day_of_late_goes_on(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);

	a.target = case_worker(4).target;
	a.t = NOON;
	CHECK(!case_happen(b, &a).goes_on);
	a.t = NOON + 3600; /* learned by then */
	CHECK(!case_happen(b, &a).goes_on);
	a = case_worker(3);
	a.t = NOON + DAY;
	CHECK(case_happen(b, &a).goes_on);
	a.country = "RU"; /* told again */
	a.t = NOON + 25 * DAY;
	CHECK(case_happen(b, &a).goes_on);
	a.t = NOON + 50 * DAY;
	CHECK(case_happen(b, &a).goes_on);
	a = case_worker(3);
	a.t = NOON + 90 * DAY;
	CHECK(!case_happen(b, &a).goes_on);
	baseline_free(b);
}

static void
what_a_person_believes_is_habit_at_once(void)
{
	static const char id[] = "f-0123456789abcdef0123456789abcdef";
	struct baseline *b = usual();
	struct request r = { .principal = slice_str(case_worker(3).who),
		.principal_type = PT_ROLE,
		.time = { NOON, 0, true } };
	struct act a = case_worker(3);

	a.target = case_worker(4).target;
	a.t = NOON;
	CHECK(case_happen(b, &a).finding);
	CHECK_INT(baseline_told_of(b, id), ST_ENOENT);
	CHECK_INT(baseline_believe(b, id), ST_ENOENT);
	CHECK_INT(baseline_told(b, id, &r), 0);
	CHECK_INT(baseline_told_of(b, id), 0);
	/* It waits to be learned, and is believed all the same. */
	CHECK_INT(baseline_believe(b, id), 0);
	a.t = NOON + DAY;
	CHECK(case_happen(b, &a).bits < 1);
	baseline_free(b);
}

static void
the_first_days_are_for_learning(void)
{
	struct baseline_options o = BASELINE_OPTIONS_DEFAULT;
	struct baseline *b;
	struct act a = case_worker(3);

	o.learn_until = (struct when){ NOON + 1, 0, true };
	b = case_after_a_month(&o);
	a.country = "RU";
	a.t = NOON;
	CHECK(case_happen(b, &a).learning);
	a.t = NOON + 1;
	CHECK(!case_happen(b, &a).learning);
	baseline_free(b);
}

static void
weights_of_reasons_make_the_score(void)
{
	struct baseline *b = usual();
	struct act a = case_worker(3);
	struct baseline_answer got;
	double rest = 1;

	a.country = "RU";
	a.agent = "curl/8";
	a.t = NOON;
	got = case_happen(b, &a);
	for (unsigned i = 0; i < got.n_reasons; i++)
		rest *= 1 - got.reasons[i].weight / 100;
	CHECK(got.n_reasons > 1);
	CHECK(rest > 0 && 100 * (1 - rest) > got.score - 1e-6);
	CHECK(100 * (1 - rest) < got.score + 1e-6);
	baseline_free(b);
}

/* ---- bounds ------------------------------------------------------------------ */

static void
memory_stays_within_its_bound_and_the_settled_stay(void)
{
	struct baseline_options o = BASELINE_OPTIONS_DEFAULT;
	struct baseline *b;
	struct act a = case_worker(3);

	o.bytes_max = (size_t)256 << 10;
	b = case_after_a_month(&o);
	for (int i = 0; i < 3000; i++) {
		char who[64];

		snprintf(who, sizeof(who), "arn:aws:iam::1:role/once-%d", i);
		a.who = who;
		a.t = NOON + i;
		case_happen(b, &a);
	}
	CHECK_INT(baseline_finish(b), 0);
	CHECK(baseline_counts(b)->bytes <= o.bytes_max);
	CHECK(baseline_counts(b)->evicted_principals > 1000);
	a = case_worker(3);
	a.t = NOON + 4000;
	CHECK(case_happen(b, &a).bits < 4);
	baseline_free(b);
}

static void
a_record_of_long_ago_does_not_end_the_learning(void)
{
	struct baseline_options o = BASELINE_OPTIONS_DEFAULT;
	struct baseline *b = baseline_new(&o);
	struct act old = case_worker(1), a = case_worker(3);

	REQUIRE(b != NULL);
	case_ordinary_day(b, 0);
	case_ordinary_day(b, 1);
	old.t = 0;
	case_happen(b, &old);
	a.t = START + 2 * DAY + 9 * 3600;
	CHECK(case_happen(b, &a).learning);
	a.t = START + 13 * DAY;
	CHECK(case_happen(b, &a).learning);
	a.t = START + 15 * DAY;
	CHECK(!case_happen(b, &a).learning);
	baseline_free(b);
}

UNIT_MAIN("baseline",
    { "who was told on another day of late goes on",
	who_was_told_on_another_day_of_late_goes_on },
    { "several new targets within an hour weigh more each",
	several_new_targets_within_an_hour_weigh_more_each },
    { "a new target day after day is a drift",
	a_new_target_day_after_day_is_a_drift },
    { "a target that only other kinds asked for weighs more",
	a_target_that_only_other_kinds_asked_for_weighs_more },
    { "a person on a hoster's network weighs more than a traveller",
	a_person_on_a_hosters_network_weighs_more_than_a_traveller },
    { "a day of the week that it never comes on counts",
	a_day_of_the_week_that_it_never_comes_on_counts },
    { "a record of long ago does not end the learning",
	a_record_of_long_ago_does_not_end_the_learning },
    { "an ordinary day is worth nothing", an_ordinary_day_is_worth_nothing },
    { "a worker that asks for another's role is told",
	a_worker_that_asks_for_anothers_role_is_told },
    { "a machine's key from elsewhere is told",
	a_machines_key_from_elsewhere_is_told },
    { "a stranger at an established target is told",
	a_stranger_at_an_established_target_is_told },
    { "a new worker with a role of its own is cheap",
	a_new_worker_with_a_role_of_its_own_is_cheap },
    { "a traveller costs less than a thief",
	a_traveller_costs_less_than_a_thief },
    { "the third colleague on a new network is cheaper than the first",
	the_third_colleague_on_a_new_network_is_cheaper_than_the_first },
    { "what was told is believed after three days",
	what_was_told_is_believed_after_three_days },
    { "far more requests than ever are told within the hour",
	far_more_requests_than_ever_are_told_within_the_hour },
    { "a burst of denials is told while it lasts",
	a_burst_of_denials_is_told_while_it_lasts },
    { "one that wakes after long with something new is told",
	one_that_wakes_after_long_with_something_new_is_told },
    { "what a person believes is habit at once",
	what_a_person_believes_is_habit_at_once },
    { "the first days are for learning", the_first_days_are_for_learning },
    { "weights of reasons make the score", weights_of_reasons_make_the_score },
    { "memory stays within its bound and the settled stay",
	memory_stays_within_its_bound_and_the_settled_stay })
