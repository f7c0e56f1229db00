/*
 * test_known.c - what was seen before: on how many days, with what, and what is
 * forgotten.
 */
#include "detect/lineage_i.h"
#include "tests/unit/unit.h"

#define DAY 86400

static struct lineage *
open_lineage(size_t max)
{
	return lineage_new(
	    &(struct lineage_options){ .known_max = max, .kept = true });
}

static void
days_are_counted_not_sights(void)
{
	struct lineage *l = open_lineage(0);
	struct known *k;

	CHECK(!known_find(l, 7));
	CHECK(!known_since(known_find(l, 7), 0, 0));
	k = known_note(l, 7, 10);
	REQUIRE(k != NULL);
	CHECK(known_note(l, 7, 20) == k && known_find(l, 7) == k);
	CHECK_INT(k->days, 1);
	/* On this very day it was seen on no day before. */
	CHECK(!known_since(k, 30, 1));
	CHECK(known_since(k, DAY, 1));
	known_note(l, 7, 3 * DAY);
	known_note(l, 7, 2 * DAY); /* late: no day more, and not backwards */
	CHECK_INT(k->days, 2);
	CHECK_INT(k->day, 3);
	CHECK(!known_since(k, 3 * DAY, 2));
	CHECK(known_since(k, 4 * DAY, 2) && !known_since(k, 4 * DAY, 3));
	lineage_free(l);
}

static void
days_far_off_are_none(void)
{
	CHECK_INT(known_day(0), 0);
	CHECK_INT(known_day(DAY - 1), 0);
	CHECK_INT(known_day(DAY), 1);
	CHECK_INT(known_day(INT64_MAX), DAY_NEVER);
	CHECK_INT(known_day(INT64_MIN), DAY_NEVER);
}

static void
it_goes_with_one_thing_or_with_none(void)
{
	struct lineage *l = open_lineage(0);
	struct known *k = known_note_with(l, 7, SLICE_LIT("alice"), 0);

	REQUIRE(k != NULL);
	CHECK_TEXT(name_text(k->what), "alice");
	known_note_with(l, 7, SLICE_LIT("alice"), 1);
	known_note_with(l, 7, SLICE_NULL, 2);
	CHECK_INT(k->count, 2);
	known_note_with(l, 7, SLICE_LIT("bob"), 3);
	CHECK(k->mixed && !k->what);
	known_note_with(l, 7, SLICE_LIT("alice"), 4);
	CHECK(k->mixed && !k->what);
	CHECK_INT(l->names.n, 0);
	lineage_free(l);
}

static void
who_was_not_seen_for_longest_goes_first(void)
{
	struct lineage *l = open_lineage(3);
	struct known *back;

	for (uint64_t i = 1; i <= 3; i++)
		known_note(l, i, 0);
	known_note(l, 1, DAY); /* the same day again would change nothing */
	known_note(l, 2, 5);
	back = known_find(l, 2);
	known_note_with(l, 2, SLICE_LIT("alice"), 5);
	CHECK(known_put_spot(back, &(struct spot){ .sec = 5 }));
	known_note(l, 4, DAY);
	CHECK(known_find(l, 1) && !known_find(l, 2) && known_find(l, 3));
	CHECK_INT(l->counts.evicted_known, 1);
	CHECK_INT(l->counts.known, 3);
	/* Its slot is used again, with nothing of it left. */
	CHECK(known_find(l, 4) == back);
	CHECK(!back->what && !back->spot && back->days == 1 && !back->count);
	CHECK_INT(l->names.n, 0);
	CHECK_INT(l->habits_used, 3);
	lineage_free(l);
}

static void
a_spot_is_replaced(void)
{
	struct lineage *l = open_lineage(0);
	struct known *k = known_note(l, 7, 0);

	REQUIRE(k != NULL && !k->spot);
	CHECK(known_put_spot(k, &(struct spot){ .sec = 5, .asn = 1 }));
	CHECK(known_put_spot(k, &(struct spot){ .sec = 6, .asn = 2 }));
	CHECK_INT(k->spot->sec, 6);
	CHECK_INT(k->spot->asn, 2);
	lineage_free(l);
}

/* Fills a slot as lineage_keep.c does. */
static bool
load(struct lineage *l, size_t slot, uint64_t hash, int32_t day)
{
	struct known *k = known_slot(l, slot);

	if (!k)
		return false;
	k->hash = hash;
	k->day = day;
	k->days = 1;
	return known_link(l, k);
}

static void
rows_come_back_in_the_order_of_days(void)
{
	struct lineage *l = open_lineage(5);

	CHECK(load(l, 0, 10, 9));
	CHECK(load(l, 3, 13, 2));
	CHECK(load(l, 1, 11, 5));
	CHECK(!load(l, 1, 99, 5)); /* in use */
	CHECK(!load(l, 5, 99, 5)); /* beyond the bound */
	known_loaded(l);
	CHECK_INT(l->counts.known, 3);
	CHECK_INT(l->oldest_known->hash, 13);
	CHECK_INT(l->newest_known->hash, 10);
	/* The holes are filled first, then the oldest goes. */
	CHECK_INT(known_note(l, 20, 20 * DAY)->slot, 2);
	CHECK_INT(known_note(l, 21, 20 * DAY)->slot, 4);
	CHECK_INT(known_note(l, 22, 20 * DAY)->slot, 3);
	CHECK(!known_find(l, 13) && known_find(l, 11));
	lineage_free(l);
}

static void
what_could_not_be_filled_in_is_put_back(void)
{
	struct lineage *l = open_lineage(5);
	struct known *k = known_slot(l, 2);

	REQUIRE(k != NULL);
	known_discard(l, k);
	known_loaded(l);
	CHECK_INT(l->counts.known, 0);
	for (uint64_t i = 1; i <= 5; i++)
		CHECK(known_note(l, i, 0) != NULL);
	CHECK_INT(l->counts.known, 5);
	CHECK_INT(l->counts.evicted_known, 0);
	lineage_free(l);
}

UNIT_MAIN("known",
    { "days are counted, not sights", days_are_counted_not_sights },
    { "days far off are none", days_far_off_are_none },
    { "it goes with one thing or with none",
	it_goes_with_one_thing_or_with_none },
    { "who was not seen for longest goes first",
	who_was_not_seen_for_longest_goes_first },
    { "a spot is replaced", a_spot_is_replaced },
    { "rows come back in the order of days",
	rows_come_back_in_the_order_of_days },
    { "what could not be filled in is put back",
	what_could_not_be_filled_in_is_put_back })
