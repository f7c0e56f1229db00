/*
 * test_usual.c - what a principal did before, and who else did it.
 */
#include "config.h"

#include "cli/usual.h"

#include "tests/unit/unit.h"

#define HOUR 3600
#define DAY (24 * HOUR)

static struct request
asks(const char *id, const char *who, const char *country, int64_t at)
{
	struct request r;

	memset(&r, 0, sizeof(r));
	r.event_id = slice_str(id);
	r.principal = slice_str(who);
	r.principal_type = PT_USER;
	r.account = SLICE_LIT("111122223333");
	r.action = SLICE_LIT("sts:AssumeRole");
	r.source.kind = SOURCE_IP;
	memcpy(r.source.place.country, country, 3);
	r.time = (struct when){ at, 0, true };
	r.duration = -1;
	return r;
}

static void
what_was_before_is_counted(void)
{
	struct request me = asks("e", "u:me", "NG", 10 * DAY + 8 * HOUR);
	struct request others[] = {
		asks("1", "u:me", "DE", DAY),
		asks("2", "u:me", "DE", 2 * DAY),
		asks("3", "u:other", "NG", 3 * DAY),
		asks("4", "u:other", "DE", 3 * DAY),
		asks("5", "u:me", "US", 11 * DAY),
	};
	const struct count *k;
	struct usual u;

	REQUIRE(usual_init(&u, &me));
	for (size_t i = 0; i < 5; i++)
		usual_take(&u, &others[i]);
	usual_take(&u, &me);
	CHECK_INT(u.all.n, 2);
	CHECK_INT(u.all.days, 2);
	k = counts_look(&u.values[DIM_COUNTRY], SLICE_LIT("DE"));
	CHECK(k && k->n == 2);
	CHECK(!counts_look(&u.values[DIM_COUNTRY], SLICE_LIT("US")));
	CHECK_INT(u.others[DIM_COUNTRY].n, 1);
	CHECK_TEXT(usual_seen(&u, USUAL_HOUR), "08");
	CHECK_TEXT(usual_seen(&u, DIM_COUNTRY), "NG");
	usual_release(&u);
}

static void
nobody_is_compared_with_nobody(void)
{
	struct request r = asks("e", "u:me", "DE", DAY);
	struct usual u;

	r.principal = SLICE_NULL;
	CHECK(!usual_init(&u, &r));
	usual_release(&u);
}

UNIT_MAIN("usual", { "what was before is counted", what_was_before_is_counted },
    { "nobody is compared with nobody", nobody_is_compared_with_nobody })
