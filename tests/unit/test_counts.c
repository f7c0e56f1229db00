/*
 * test_counts.c - names, numbers and days; the bound.
 */
#include "config.h"

#include "cli/counts.h"

#include "tests/unit/unit.h"

static void
see(struct counts *c, const char *name, int64_t day)
{
	struct count *k = counts_of(c, slice_str(name));

	CHECK(k != NULL);
	if (k)
		count_on(k, day);
}

static void
days_are_counted_once(void)
{
	struct counts c;
	const struct count *k;

	counts_init(&c, 10);
	see(&c, "a", 5);
	see(&c, "a", 5);
	see(&c, "a", 7);
	see(&c, "a", COUNTS_NO_DAY);
	k = counts_look(&c, SLICE_LIT("a"));
	CHECK(k != NULL);
	if (k) {
		CHECK_INT(k->n, 4);
		CHECK_INT(k->days, 2);
		CHECK_INT(k->first_day, 5);
		CHECK_INT(k->last_day, 7);
	}
	CHECK(counts_look(&c, SLICE_LIT("b")) == NULL);
	counts_release(&c);
}

static void
they_are_put_in_order(void)
{
	struct counts c;

	counts_init(&c, 10);
	see(&c, "z", 1);
	see(&c, "m", 1);
	see(&c, "a", 1);
	see(&c, "m", 2);
	counts_by_number(&c);
	CHECK_TEXT(c.v[0]->name, "m");
	CHECK_TEXT(c.v[1]->name, "a");
	counts_by_name(&c);
	CHECK_TEXT(c.v[0]->name, "a");
	CHECK_TEXT(c.v[2]->name, "z");
	counts_release(&c);
}

static void
beyond_the_bound_only_the_number_is_kept(void)
{
	struct counts c;

	counts_init(&c, 2);
	see(&c, "a", 1);
	see(&c, "", 1);
	CHECK(counts_of(&c, SLICE_LIT("b")) == NULL);
	CHECK(counts_of(&c, SLICE_LIT("c")) == NULL);
	see(&c, "a", 2);
	CHECK_INT(c.n, 2);
	CHECK_INT(c.others, 2);
	counts_release(&c);
}

UNIT_MAIN("counts", { "days are counted once", days_are_counted_once },
    { "they are put in order", they_are_put_in_order },
    { "beyond the bound only the number is kept",
	beyond_the_bound_only_the_number_is_kept })
