/*
 * test_flood.c - an output gets so many findings an hour, and is told how many
 * it did not get.
 */
#include "outputs/flood.h"
#include "tests/unit/unit.h"

#define HOUR ((int64_t)3600000)

static unsigned
ask(struct flood *f, int64_t now, unsigned times)
{
	unsigned n = 0;

	while (times-- > 0)
		n += flood_may(f, now);
	return n;
}

static void
an_hours_worth_comes_at_once_and_grows_back_evenly(void)
{
	struct flood f;

	flood_init(&f, 60);
	CHECK_INT(ask(&f, 1000, 100), 60);
	CHECK_INT(flood_untold(&f), 40);
	CHECK_INT(flood_untold(&f), 0);
	CHECK_INT(ask(&f, 1000 + HOUR / 60, 10), 1);
	CHECK_INT(f.held, 49);
	CHECK_INT(ask(&f, 1000 + 10 * HOUR, 100), 60);
	/* A clock never goes back; if it does, nothing grows. */
	CHECK_INT(ask(&f, 1000, 1), 0);
}

static void
without_a_bound_nothing_is_held_back(void)
{
	struct flood f;

	flood_init(&f, 0);
	CHECK_INT(ask(&f, 1, 100000), 100000);
	CHECK_INT(flood_untold(&f), 0);
}

UNIT_MAIN("flood",
    { "an hour's worth comes at once and grows back evenly",
	an_hours_worth_comes_at_once_and_grows_back_evenly },
    { "without a bound nothing is held back",
	without_a_bound_nothing_is_held_back })
