/*
 * test_cadence.c - a source that speaks less than it used to is told, once.
 */
#include "detect/cadence.h"

#include "tests/unit/unit.h"

#include <string.h>

#define DAY ((int64_t)86400)
#define START ((int64_t)1780272000) /* a Monday, 00:00 UTC */

static struct when
at(int64_t seconds)
{
	return (struct when){ START + seconds, 0, true };
}

static const struct slice door = SLICE_LIT("input door");

struct told {
	int n;
	int64_t silent, longest;
};

static void
on_silent(void *arg, const struct cadence_silence *s)
{
	struct told *t = arg;

	t->n++;
	t->silent = s->silent_s;
	t->longest = s->longest_s;
	CHECK_TEXT(s->source, "input door");
}

static struct told
ask(struct cadence *c, int64_t seconds)
{
	struct told t = { 0, 0, 0 };

	cadence_check(c, at(seconds), on_silent, &t);
	return t;
}

/* A word each `step` seconds; gives the time of the last. */
static int64_t
speak(struct cadence *c, int64_t from, int64_t until, int64_t step)
{
	for (; from < until; from += step)
		cadence_heard(c, door, at(from));
	return from - step;
}

static void
one_that_spoke_each_minute_is_missed_after_the_floor(void)
{
	struct cadence *c = cadence_new(10);
	int64_t last;

	REQUIRE(c != NULL);
	last = speak(c, 0, 8 * DAY, 60);
	CHECK_INT(ask(c, last + CADENCE_FLOOR_S - 1).n, 0);
	CHECK_INT(ask(c, last + CADENCE_FLOOR_S).n, 1);
	CHECK_INT(ask(c, last + CADENCE_FLOOR_S + 60).n, 0);
	CHECK(cadence_is_silent(c, door));
	cadence_heard(c, door, at(last + 5000));
	CHECK(!cadence_is_silent(c, door));
	/* That pause is known now. */
	CHECK_INT(ask(c, last + 5000 + CADENCE_FLOOR_S).n, 0);
	CHECK_INT(ask(c, last + 15000).n, 1);
	cadence_free(c);
}

static void
one_that_is_hardly_known_is_not_missed(void)
{
	struct cadence *c = cadence_new(10);
	int64_t last;

	REQUIRE(c != NULL);
	last = speak(c, 0, 6 * DAY, 60);
	CHECK_INT(ask(c, last + DAY / 2).n, 0);
	cadence_free(c);
	c = cadence_new(10);
	REQUIRE(c != NULL);
	last = speak(c, 0, 9 * DAY, DAY / 8);
	CHECK_INT(ask(c, last + 100 * DAY).n, 0);
	cadence_free(c);
}

/* Office hours, Monday to Friday. */
static void
a_weekend_is_no_silence_once_one_was_seen(void)
{
	struct cadence *c = cadence_new(10);
	int64_t last = 0;

	REQUIRE(c != NULL);
	for (int64_t day = 0; day < 19; day++) {
		int64_t eight = day * DAY + 8 * 3600;

		if (day >= 8)
			CHECK_INT(ask(c, eight - 60).n, 0);
		if (day % 7 < 5)
			last = speak(c, eight, eight + 9 * 3600, 300);
	}
	/* It stops on a Friday evening; from Monday on it is missed one day. */
	CHECK_INT(ask(c, last + 63 * 3600).n, 0);
	CHECK_INT(ask(c, last + 6 * DAY).n, 1);
	cadence_free(c);
}

static void
an_old_pause_is_forgotten(void)
{
	struct cadence *c = cadence_new(10);
	int64_t last;

	REQUIRE(c != NULL);
	speak(c, 0, 2 * DAY, 60);
	last = speak(c, 3 * DAY, 12 * DAY, 60);
	CHECK_INT(ask(c, last + DAY).n, 0);
	last = speak(c, last + DAY, last + DAY + 17 * DAY, 60);
	CHECK_INT(ask(c, last + DAY / 2).n, 1);
	cadence_free(c);
}

static void
time_in_which_nobody_listened_does_not_count(void)
{
	struct cadence *c = cadence_new(10);
	int64_t last;

	REQUIRE(c != NULL);
	last = speak(c, 0, 8 * DAY, 60);
	cadence_resume(c, at(last + DAY));
	CHECK_INT(ask(c, last + DAY + 60).n, 0);
	cadence_heard(c, door, at(last + DAY + 60));
	CHECK_INT(ask(c, last + DAY + 60 + CADENCE_FLOOR_S).n, 1);
	cadence_free(c);
}

static void
a_bound_holds_without_learning_and_instead_of_it(void)
{
	struct cadence *c = cadence_new(10);
	int64_t last;

	REQUIRE(c != NULL);
	cadence_bound(c, door, 30);
	CHECK_INT(ask(c, 1000).n, 0);
	cadence_heard(c, door, at(1000));
	CHECK_INT(ask(c, 1029).n, 0);
	CHECK_INT(ask(c, 1030).n, 1);
	cadence_bound(c, door, -1);
	last = speak(c, 2000, 10 * DAY, 60);
	CHECK_INT(ask(c, last + 3 * DAY).n, 0);
	cadence_free(c);
}

static void
a_clock_set_back_teaches_nothing(void)
{
	struct cadence *c = cadence_new(10);
	int64_t last;

	REQUIRE(c != NULL);
	last = speak(c, 0, 9 * DAY, 60);
	cadence_heard(c, door, at(last - 3 * DAY));
	last = speak(c, last - 3 * DAY, last + 60, 60);
	CHECK_INT(ask(c, last + CADENCE_FLOOR_S).n, 1);
	cadence_free(c);
}

static void
more_sources_than_the_bound_are_counted(void)
{
	struct cadence *c = cadence_new(1);

	REQUIRE(c != NULL);
	cadence_heard(c, door, at(0));
	cadence_heard(c, SLICE_LIT("other"), at(0));
	cadence_heard(c, SLICE_LIT(""), at(0));
	CHECK_INT(cadence_count(c), 1);
	CHECK_INT(cadence_unwatched(c), 2);
	cadence_free(c);
}

struct copy {
	struct cadence *to;
	int n;
};

static int
on_row(void *arg, struct slice key, struct slice value)
{
	struct copy *copy = arg;

	copy->n++;
	/* What is cut short is refused, wherever it is cut. */
	for (size_t n = 0; n < value.n; n++)
		CHECK_INT(cadence_load(copy->to, key, slice_of(value.p, n)),
		    ST_EFORMAT);
	return cadence_load(copy->to, key, value);
}

static void
what_is_kept_goes_on(void)
{
	struct cadence *c = cadence_new(10), *d = cadence_new(10);
	struct copy copy = { d, 0 };
	int64_t last;

	REQUIRE(c != NULL && d != NULL);
	last = speak(c, 0, 8 * DAY, 60);
	CHECK_INT(cadence_save(c, on_row, &copy), 0);
	CHECK_INT(copy.n, 1);
	CHECK_INT(cadence_save(c, on_row, &copy), 0);
	CHECK_INT(copy.n, 1);
	cadence_resume(d, at(last + 300));
	CHECK_INT(ask(d, last + 300 + CADENCE_FLOOR_S - 1).n, 0);
	CHECK_INT(ask(d, last + 300 + CADENCE_FLOOR_S).n, 1);
	cadence_free(c);
	cadence_free(d);
}

UNIT_MAIN("cadence",
    { "one that spoke each minute is missed after the floor",
	one_that_spoke_each_minute_is_missed_after_the_floor },
    { "one that is hardly known is not missed",
	one_that_is_hardly_known_is_not_missed },
    { "a weekend is no silence once one was seen",
	a_weekend_is_no_silence_once_one_was_seen },
    { "an old pause is forgotten", an_old_pause_is_forgotten },
    { "time in which nobody listened does not count",
	time_in_which_nobody_listened_does_not_count },
    { "a bound holds without learning and instead of it",
	a_bound_holds_without_learning_and_instead_of_it },
    { "a clock set back teaches nothing", a_clock_set_back_teaches_nothing },
    { "more sources than the bound are counted",
	more_sources_than_the_bound_are_counted },
    { "what is kept goes on", what_is_kept_goes_on })
