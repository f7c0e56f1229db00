/*
 * test_normal.c - what is taken for normal, and what is left out and why.
 */
#include "config.h"

#include "tests/unit/normal_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define ROLE "arn:aws:iam::111122223333:role/r"
#define AR "sts:AssumeRole"
#define JOBS 12

static void
each_reason_leaves_out_its_own(void)
{
	static const struct act acts[] = {
		{ "u:steady", AR, ROLE, .from = 1, .to = 20 },
		{ "u:once", AR, ROLE, .from = 7, .to = 7 },
		{ "u:odd", AR, ROLE, .from = 1, .to = 20, .odd = true },
		{ "u:denied", AR, ROLE, .from = 1, .to = 20,
		    .outcome = OUTCOME_DENIED },
		{ "service:x", AR, ROLE, .from = 1, .to = 20,
		    .type = PT_SERVICE },
		{ "u:star*", AR, ROLE, .from = 1, .to = 20 },
	};
	struct normal *n = case_normal(acts, 6, 20, 0);

	CHECK_INT(n->min_days, 3);
	CHECK_INT(n->span, 20);
	CHECK_INT(case_left(n, "u:steady"), LEFT_NOT);
	CHECK_INT(case_left(n, "u:once"), LEFT_RARE);
	CHECK_INT(case_left(n, "u:odd"), LEFT_FINDING);
	CHECK_INT(case_left(n, "u:denied"), LEFT_OUTCOME);
	CHECK_INT(case_left(n, "service:x"), LEFT_SERVICE);
	CHECK_INT(case_left(n, "u:star*"), LEFT_NAME);
	CHECK_INT(n->by_left[LEFT_NOT], 20);
	CHECK_INT(n->requests, 101);
	normal_free(n);
}

static void
one_odd_day_does_not_spoil_a_habit(void)
{
	static const struct act acts[] = {
		{ "u:mostly", AR, ROLE, .from = 1, .to = 20 },
		{ "u:mostly", AR, ROLE, .from = 21, .to = 21, .odd = true },
		{ "u:hardly", AR, ROLE, .from = 1, .to = 1 },
		{ "u:hardly", AR, ROLE, .from = 2, .to = 20, .odd = true },
	};
	struct normal *n = case_normal(acts, 4, 21, 0);

	CHECK_INT(case_left(n, "u:mostly"), LEFT_NOT);
	CHECK_INT(case_left(n, "u:hardly"), LEFT_FINDING);
	normal_free(n);
}

static void
a_place_of_one_day_is_left_out(void)
{
	static const struct act acts[] = {
		{ "u:a", AR, ROLE, .from = 1, .to = 9 },
		{ "u:a", AR, ROLE, .country = "NG", .from = 5, .to = 5 },
	};
	struct normal *n = case_normal(acts, 2, 9, 0);

	CHECK_INT(n->min_days, 2);
	CHECK_INT(n->by_left[LEFT_NOT], 9);
	CHECK_INT(n->by_left[LEFT_PLACE], 1);
	normal_free(n);
}

/* Build jobs, each with a name of its own; and one intruder among steady
 * users, who is no such job. */
static void
a_family_that_comes_and_goes_is_one(void)
{
	static char names[JOBS][32];
	struct act acts[JOBS + 9] = { { .from = 0 } };
	struct normal *n;

	for (int i = 0; i < JOBS; i++) {
		snprintf(names[i], sizeof(names[i]), "ci:job-%d", i);
		acts[i] = (struct act){ names[i], AR, ROLE, .from = i + 1,
			.to = i + 1 };
	}
	for (int i = 0; i < 8; i++) {
		static char users[8][32];

		snprintf(users[i], sizeof(users[i]), "u:user-%d", i);
		acts[JOBS + i] = (struct act){ users[i], AR, ROLE, .from = 1,
			.to = JOBS };
	}
	acts[JOBS + 8] = (struct act){ "u:intruder", AR, ROLE, .from = 9,
		.to = 9 };
	n = case_normal(acts, JOBS + 9, JOBS, 0);
	CHECK_INT(case_left(n, "ci:job-3"), LEFT_NOT);
	CHECK_INT(case_left(n, "u:user-3"), LEFT_NOT);
	CHECK_INT(case_left(n, "u:intruder"), LEFT_RARE);
	normal_free(n);
}

static void
a_family_is_what_stands_before_the_last_part(void)
{
	CHECK_TEXT(normal_family(SLICE_LIT("a:b/c")), "a:b/");
	CHECK_TEXT(normal_family(SLICE_LIT("user:x@y")), "user:");
	CHECK_TEXT(normal_family(SLICE_LIT("plain")), "");
}

UNIT_MAIN("normal",
    { "each reason leaves out its own", each_reason_leaves_out_its_own },
    { "one odd day does not spoil a habit",
	one_odd_day_does_not_spoil_a_habit },
    { "a place of one day is left out", a_place_of_one_day_is_left_out },
    { "a family that comes and goes is one",
	a_family_that_comes_and_goes_is_one },
    { "a family is what stands before the last part",
	a_family_is_what_stands_before_the_last_part })
