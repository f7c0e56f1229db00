/*
 * test_clock.c - what repeats is said once a second, and counted.
 */
#include "lib/clock.h"
#include "tests/unit/unit.h"

static void
a_line_is_said_at_most_once_a_second_with_its_count(void)
{
	static const struct {
		int64_t now;
		bool said;
		uint64_t n;
	} cases[] = {
		{ 5000, true, 1 },
		{ 5001, false, 0 },
		{ 5999, false, 0 },
		{ 6000, true, 3 },
		{ 9000, true, 1 },
		{ 9500, false, 0 },
	};
	struct rarely r = { 0, 0 };
	uint64_t n;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = 0;
		CHECK_INT(rarely(&r, cases[i].now, &n), cases[i].said);
		CHECK_INT(n, cases[i].n);
	}
	CHECK_INT(rarely_rest(&r), 1);
	CHECK_INT(rarely_rest(&r), 0);
}

static void
the_first_is_said_at_any_time(void)
{
	static const int64_t times[] = { 0, 1, 999, INT64_MAX };
	uint64_t n;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct rarely r = { 0, 0 };

		CHECK(rarely(&r, times[i], &n));
		CHECK(!rarely(&r, times[i], &n));
	}
}

static void
the_clock_goes_forward(void)
{
	int64_t a = clock_ms();

	CHECK(a > 0);
	CHECK(clock_ms() >= a);
}

UNIT_MAIN("clock",
    { "a line is said at most once a second, with its count",
	a_line_is_said_at_most_once_a_second_with_its_count },
    { "the first is said at any time", the_first_is_said_at_any_time },
    { "the clock goes forward", the_clock_goes_forward })
