/*
 * test_grants.c - which change of IAM made a request possible, for how long
 * that is remembered, and what is forgotten.
 */
#include "detect/grants.h"
#include "tests/unit/rows.h"
#include "tests/unit/unit.h"

#define HOUR 3600
#define DAY 86400
#define ROLE(name) "arn:aws:iam::111122223333:role/" name
#define USER(name) "arn:aws:iam::111122223333:user/" name
#define OIDC "arn:aws:iam::111122223333:oidc-provider/ci.example/id/7"
#define POOL \
	"iam.googleapis.com/projects/7/locations/global/workloadIdentityPools/ci"

static struct grants *
new_grants(size_t max)
{
	return grants_new(&(struct grants_options){
	    .window = DAY, .max = max, .kept = true });
}

static struct when
at(int64_t sec)
{
	return (struct when){ sec, 0, true };
}

static void
change(struct grants *g, int64_t sec, const char *who, const char *to,
    const char *target)
{
	struct request c = { .kind = KIND_GRANT,
		.time = at(sec),
		.principal = slice_str(who),
		.action = SLICE_LIT("iam:Change"),
		.event_id = SLICE_LIT("e-1"),
		.target = slice_str(target) };

	if (to)
		c.delegation[c.n_delegation++] = slice_str(to);
	CHECK_INT(grants_note(g, &c), 0);
}

struct asked {
	const char *principal, *target;
	enum principal_type type;
};

static bool
found(struct grants *g, int64_t sec, struct asked a, struct grants_found *f)
{
	struct request r = { .time = at(sec),
		.principal = slice_str(a.principal),
		.target = slice_str(a.target),
		.principal_type = a.type };

	return grants_before(g, &r, f);
}

static void
a_change_is_found_by_whom_it_lets_ask_and_for_what(void)
{
	static const struct {
		const char *to, *target; /* of the change */
		struct asked asked;
		bool want;
	} cases[] = {
		/* a role, whatever its path */
		{ NULL, ROLE("deploy"),
		    { USER("bob"), ROLE("ci/deploy"), PT_USER }, true },
		{ NULL, ROLE("deploy"), { NULL, ROLE("deploy"), PT_UNKNOWN },
		    true },
		{ NULL, ROLE("deploy"), { USER("bob"), ROLE("other"), PT_USER },
		    false },
		{ NULL, ROLE("deploy"),
		    { USER("bob"), "arn:aws:iam::444455556666:role/deploy",
			PT_USER },
		    false },
		/* a user, whatever its path, and whatever it asks for */
		{ USER("bob"), NULL, { USER("x/bob"), ROLE("deploy"), PT_USER },
		    true },
		{ USER("bob"), NULL, { USER("bob"), NULL, PT_USER }, true },
		{ USER("bob"), NULL, { USER("eve"), NULL, PT_USER }, false },
		/* all subjects of a provider whose name has slashes */
		{ OIDC, NULL,
		    { OIDC "/repo:acme/app", ROLE("deploy"), PT_WEB_IDENTITY },
		    true },
		{ OIDC, NULL,
		    { OIDC "x/repo:acme/app", ROLE("deploy"), PT_WEB_IDENTITY },
		    false },
		/* all identities of a pool */
		{ "principalSet://" POOL, NULL,
		    { "principal://" POOL "/subject/s", "//x", PT_FEDERATED },
		    true },
		{ "principalSet://" POOL "/group/g", NULL,
		    { NULL, "//" POOL "/providers/p", PT_REDACTED }, true },
		{ "principalSet://" POOL "2", NULL,
		    { "principal://" POOL "/subject/s", "//x", PT_FEDERATED },
		    false },
		/* a user of Identity Center, in whatever store */
		{ "identity-center:93670c-17", NULL,
		    { "identity-center:d-1/93670c-17", NULL,
			PT_IDENTITY_CENTER },
		    true },
		{ "identity-center:93670c-17", NULL,
		    { "identity-center:d-1/93670c-18", NULL,
			PT_IDENTITY_CENTER },
		    false },
		/* somebody for something */
		{ "user:a@b.example", "serviceAccount:x",
		    { "user:a@b.example", "serviceAccount:x", PT_USER }, true },
		{ "user:a@b.example", "serviceAccount:x",
		    { "user:a@b.example", "serviceAccount:y", PT_USER },
		    false },
		{ "user:a@b.example", "serviceAccount:x",
		    { "user:c@b.example", "serviceAccount:x", PT_USER },
		    false },
		/* no names at all */
		{ NULL, NULL, { NULL, NULL, PT_UNKNOWN }, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct grants *g = new_grants(0);
		struct grants_found f;
		bool got;

		change(g, 0, USER("eve"), cases[i].to, cases[i].target);
		got = found(g, 60, cases[i].asked, &f);
		CHECK_INT(got * 100 + (int)i, cases[i].want * 100 + (int)i);
		if (got) {
			CHECK_TEXT(f.who, USER("eve"));
			CHECK_TEXT(f.action, "iam:Change");
			CHECK_TEXT(f.event, "e-1");
			CHECK_INT(f.age, 60);
		}
		grants_free(g);
	}
}

static const struct asked deploy = { USER("bob"), ROLE("deploy"), PT_USER };

static void
it_counts_from_the_change_to_the_end_of_the_window(void)
{
	struct grants *g = new_grants(0);
	struct grants_found f;

	change(g, HOUR, USER("eve"), NULL, ROLE("deploy"));
	CHECK(!found(g, HOUR - 1, deploy, &f));
	CHECK(found(g, HOUR, deploy, &f));
	CHECK(found(g, HOUR + DAY, deploy, &f));
	CHECK(!found(g, HOUR + DAY + 1, deploy, &f));
	/* The last one counts, whichever comes last. */
	change(g, 3 * HOUR, USER("zoe"), USER("bob"), NULL);
	change(g, 2 * HOUR, USER("eve"), NULL, ROLE("deploy"));
	CHECK(found(g, 4 * HOUR, deploy, &f));
	CHECK_TEXT(f.who, USER("zoe"));
	CHECK_INT(f.age, HOUR);
	change(g, HOUR, USER("late"), USER("bob"), NULL);
	CHECK(found(g, 4 * HOUR, deploy, &f));
	CHECK_TEXT(f.who, USER("zoe"));
	CHECK_INT(grants_counts(g)->known, 2);
	CHECK_INT(grants_counts(g)->found, 4);
	grants_free(g);
}

static void
who_changes_every_other_day_is_used_to_it(void)
{
	struct grants *g = new_grants(0);
	struct grants_found f = { .used_to = true };

	change(g, 0, USER("ops"), NULL, ROLE("a"));
	change(g, HOUR, USER("ops"), NULL, ROLE("b"));
	change(g, DAY, USER("ops"), NULL, ROLE("deploy"));
	CHECK(found(g, DAY, deploy, &f));
	CHECK(!f.used_to);
	change(g, 3 * DAY, USER("x/ops"), NULL, ROLE("deploy"));
	CHECK(found(g, 3 * DAY, deploy, &f));
	CHECK(f.used_to);
	change(g, 3 * DAY + 1, USER("eve"), NULL, ROLE("deploy"));
	CHECK(found(g, 3 * DAY + 1, deploy, &f));
	CHECK(!f.used_to);
	grants_free(g);
}

static void
the_oldest_goes_first_and_is_counted(void)
{
	struct grants *g = new_grants(2);
	struct grants_found f;

	change(g, 1, USER("a"), NULL, ROLE("deploy"));
	change(g, 2, USER("b"), NULL, ROLE("two"));
	change(g, 3, USER("c"), NULL, ROLE("three"));
	CHECK(!found(g, 4, deploy, &f));
	CHECK_INT(grants_counts(g)->evicted, 1);
	CHECK_INT(grants_counts(g)->evicted_makers, 1);
	change(g, 3 + DAY, USER("c"), NULL, ROLE("deploy"));
	CHECK_INT(grants_counts(g)->expired, 1);
	CHECK_INT(grants_counts(g)->known, 2);
	CHECK_INT(grants_counts(g)->noted, 4);
	grants_free(g);
}

static void
nothing_is_remembered_without_a_window(void)
{
	struct grants *g = grants_new(&(struct grants_options){ .window = 0 });
	struct grants_found f;

	change(g, 1, USER("a"), NULL, ROLE("deploy"));
	CHECK(!found(g, 1, deploy, &f));
	CHECK_INT(grants_counts(g)->known, 0);
	grants_free(g);
}

static int
load(void *arg, struct slice key, struct slice value)
{
	return grants_load(arg, key, value);
}

static void
it_lasts_over_a_restart(void)
{
	struct rows rows = { .n = 0 };
	struct grants *g = new_grants(3), *back = new_grants(3);
	struct grants_found f;

	change(g, 0, USER("ops"), NULL, ROLE("a"));
	change(g, DAY, USER("ops"), NULL, ROLE("b"));
	change(g, 2 * DAY, USER("ops"), NULL, ROLE("deploy"));
	rows.refuse = 2;
	CHECK(grants_save(g, rows_put, &rows) < 0);
	rows.refuse = 0;
	CHECK_INT(grants_save(g, rows_put, &rows), 0);
	rows.puts = rows.drops = 0;
	CHECK_INT(grants_save(g, rows_put, &rows), 0);
	CHECK_INT(rows.puts + rows.drops, 0);
	REQUIRE(rows_each(&rows, load, back) == 0);
	CHECK_INT(grants_loaded(back), 0);
	CHECK_INT(grants_counts(back)->known, 2);
	CHECK(found(back, 2 * DAY + 5, deploy, &f));
	CHECK_TEXT(f.who, USER("ops"));
	CHECK_TEXT(f.action, "iam:Change");
	CHECK_TEXT(f.event, "e-1");
	CHECK(f.used_to && f.age == 5);
	/* The order of time is known again: the oldest goes first. */
	change(back, 2 * DAY + 1, USER("ops"), NULL, ROLE("c"));
	change(back, 2 * DAY + 2, USER("ops"), NULL, ROLE("d"));
	CHECK(found(back, 2 * DAY + 5, deploy, &f));
	CHECK_INT(grants_counts(back)->expired, 1);
	/* And what went has no row any more. */
	CHECK_INT(grants_save(back, rows_put, &rows), 0);
	grants_free(back);
	back = new_grants(3);
	REQUIRE(rows_each(&rows, load, back) == 0);
	CHECK_INT(grants_loaded(back), 0);
	CHECK_INT(grants_counts(back)->known, 3);
	grants_free(g);
	grants_free(back);
	rows_release(&rows);
}

static void
a_row_that_is_none_of_ours_is_refused(void)
{
	static const struct {
		struct slice key, value;
	} cases[] = {
		{ SLICE_LIT(""), SLICE_LIT("") },
		{ SLICE_LIT("x12345678"), SLICE_LIT("\x01\x02\x01\0\0\0") },
		{ SLICE_LIT("g1234567"), SLICE_LIT("\x01\x02\x01\0\0\0") },
		{ SLICE_LIT("g12345678"), SLICE_LIT("") },
		{ SLICE_LIT("g12345678"), SLICE_LIT("\x02\x02\x01\0\0\0") },
		{ SLICE_LIT("g12345678"), SLICE_LIT("\x01\x02\x01\0\0\0\0") },
	};
	struct grants *g = new_grants(0);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(
		    grants_load(g, cases[i].key, cases[i].value), ST_EFORMAT);
	CHECK_INT(grants_counts(g)->known, 0);
	grants_free(g);
}

UNIT_MAIN("grants",
    { "a change is found by whom it lets ask, and for what",
	a_change_is_found_by_whom_it_lets_ask_and_for_what },
    { "it counts from the change to the end of the window",
	it_counts_from_the_change_to_the_end_of_the_window },
    { "who changes every other day is used to it",
	who_changes_every_other_day_is_used_to_it },
    { "the oldest goes first, and is counted",
	the_oldest_goes_first_and_is_counted },
    { "nothing is remembered without a window",
	nothing_is_remembered_without_a_window },
    { "it lasts over a restart", it_lasts_over_a_restart },
    { "a row that is none of ours is refused",
	a_row_that_is_none_of_ours_is_refused })
