/*
 * test_covered.c - whose logs come, and which are evidently missing.
 */
#include "config.h"

#include "cli/covered.h"

#include "tests/unit/unit.h"

#define DAY 86400
#define HERE "111122223333"
#define THERE "444455556666"

static void
aws(struct covered *c, const char *action, const char *region,
    const char *target_account, int day)
{
	struct request r;

	memset(&r, 0, sizeof(r));
	r.provider = PROVIDER_AWS;
	r.action = slice_str(action);
	r.account = SLICE_LIT("777788889999"); /* some caller's */
	r.recipient_account = SLICE_LIT(HERE);
	r.target_account = slice_str(target_account);
	r.cloud_region = slice_str(region);
	r.time = (struct when){ (int64_t)day * DAY, 0, true };
	covered_take(c, &r);
}

static void
gcp(struct covered *c, const char *caller, const char *project, int day)
{
	struct request r;

	memset(&r, 0, sizeof(r));
	r.provider = PROVIDER_GCP;
	r.action = SLICE_LIT("iamcredentials:GenerateAccessToken");
	r.account = slice_str(caller);
	r.target_account = slice_str(project);
	r.cloud_region = SLICE_LIT("global");
	r.time = (struct when){ (int64_t)day * DAY, 0, true };
	covered_take(c, &r);
}

static uint64_t
advised(const struct covered *c, enum missing what, const char *account)
{
	for (size_t i = 0; i < c->n_advice; i++)
		if (c->advice[i].what == what &&
		    slice_is(c->advice[i].account, account))
			return c->advice[i].n;
	return 0;
}

static void
rows_are_account_region_and_log(void)
{
	struct covered c;
	struct covered_row r;

	covered_init(&c);
	aws(&c, "sts:AssumeRole", "us-east-1", HERE, 1);
	gcp(&c, "projects/a", "projects/a", 1);
	aws(&c, "sts:AssumeRole", "us-east-1", HERE, 2);
	aws(&c, "signin:ConsoleLogin", "us-east-1", HERE, 6);
	CHECK_INT(covered_settle(&c), 0);
	REQUIRE(c.rows.n == 2);
	r = covered_row(&c, 0);
	CHECK_TEXT(r.account, HERE);
	CHECK_TEXT(r.region, "us-east-1");
	CHECK_TEXT(r.logs, "management");
	CHECK_INT(r.count->n, 3);
	CHECK_INT(r.count->days, 3);
	CHECK_INT(r.count->other, 3); /* the gap */
	CHECK_INT(r.silent, 0);
	r = covered_row(&c, 1);
	CHECK_TEXT(r.logs, "data_access");
	CHECK_INT(r.silent, 5);
	CHECK_INT(advised(&c, MISSING_NOW, "projects/a"), 5);
	CHECK_INT(advised(&c, MISSING_GLOBAL, HERE), 0);
	covered_release(&c);
}

static void
what_is_named_and_does_not_come_is_missing(void)
{
	struct covered c;
	struct buf b = BUF_INIT;

	covered_init(&c);
	aws(&c, "sts:AssumeRole", "eu-west-1", THERE, 1);
	gcp(&c, "projects/b", "projects/a", 1);
	gcp(&c, "projects/gcp-sa-run", "projects/a", 1);
	covered_expect(&c, SLICE_LIT("projects/c"));
	covered_expect(&c, SLICE_LIT("projects/a"));
	CHECK_INT(covered_settle(&c), 0);
	CHECK_INT(advised(&c, MISSING_ACCOUNT, THERE), 1);
	CHECK_INT(advised(&c, MISSING_ACCOUNT, "777788889999"), 0);
	CHECK_INT(advised(&c, MISSING_PROJECT, "projects/b"), 1);
	CHECK_INT(advised(&c, MISSING_GLOBAL, HERE), 1);
	CHECK_INT(c.n_advice, 4); /* and projects/c, which is approved */
	for (size_t i = 0; i < c.n_advice; i++) {
		buf_reset(&b);
		covered_say(&c.advice[i], &b);
		CHECK(b.n > 0);
		covered_commands(&c.advice[i], &b);
		CHECK(slice_find(buf_slice(&b), "Terraform") != NULL);
	}
	buf_release(&b);
	covered_release(&c);
}

static void
read_only_events_may_be_filtered(void)
{
	struct covered c;

	covered_init(&c);
	aws(&c, "signin:ConsoleLogin", "us-east-1", HERE, 1);
	CHECK_INT(covered_settle(&c), 0);
	CHECK(advised(&c, MISSING_ASSUME, HERE) > 0);
	covered_release(&c);
}

static void
no_name_of_others_reaches_a_shell(void)
{
	struct advice a = { MISSING_PROJECT, SLICE_LIT("projects/x;id"), 1 };
	struct buf b = BUF_INIT;

	covered_commands(&a, &b);
	CHECK(slice_find(buf_slice(&b), ";id") == NULL);
	CHECK(slice_find(buf_slice(&b), "get-iam-policy PROJECT ") != NULL);
	buf_release(&b);
}

UNIT_MAIN("covered",
    { "rows are account, region and log", rows_are_account_region_and_log },
    { "what is named and does not come is missing",
	what_is_named_and_does_not_come_is_missing },
    { "read-only events may be filtered", read_only_events_may_be_filtered },
    { "no name of others reaches a shell", no_name_of_others_reaches_a_shell })
