/*
 * test_allowed.c - which rules and exceptions of a policy a period made use of,
 * and for how long what they allow was issued.
 */
#include "outputs/format/format.h"
#include "report/allowed.h"
#include "tests/unit/unit.h"

#define USER "arn:aws:iam::111122223333:user/"
#define ROLE "arn:aws:iam::111122223333:role/"
#define HOUR 3600

static const char yaml[] =
    "version: 1\n"
    "approved: {countries: [DE], cloud_regions: [eu-west-1]}\n"
    "rules:\n"
    "  - {id: short, principals: [\"" USER "alice\"], max_duration: 1h}\n"
    "  - {id: long, principals: [\"" USER "bob\"]}\n"
    "  - {id: idle, principals: [\"" USER "carol\"]}\n"
    "exceptions:\n"
    "  - {id: E-1, owner: a@b.example, reason: moving, until: 2027-01-01,\n"
    "     match: {principals: [\"" USER "alice\"],\n"
    "             codes: [cloud_region_not_approved]}}\n"
    "  - {id: E-2, owner: a@b.example, reason: other, until: 2027-01-01,\n"
    "     match: {principals: [\"" USER "bob\"],\n"
    "             codes: [cloud_region_not_approved]}}\n";

static struct policy *policy;
static struct allowed *allowed;

static bool
begin(const struct period *period)
{
	struct err e = { .text = "" };

	policy = NULL;
	allowed = NULL;
	if (policy_load_text(slice_str(yaml), "p.yaml", &policy, &e) < 0) {
		CHECK_TEXT(slice_str(e.text), "");
		return false;
	}
	allowed = allowed_new(policy, period);
	return allowed != NULL;
}

static void
end(void)
{
	allowed_free(allowed);
	policy_free(policy);
}

/* A line as the daemon writes it. */
static void
decided(const char *who, int64_t sec, int64_t life, const char *region,
    enum verdict_word word, enum reason_code code)
{
	struct request r = { .event_id = SLICE_LIT("e"),
		.time = { sec, 0, true },
		.action = SLICE_LIT("sts:AssumeRole"),
		.principal = slice_str(who),
		.principal_type = PT_USER,
		.account = SLICE_LIT("111122223333"),
		.target = SLICE_LIT(ROLE "x"),
		.cloud_region = slice_str(region),
		.source = { .kind = SOURCE_UNKNOWN } };
	struct verdict v = { .word = word };
	struct buf line = BUF_INIT;

	if (life >= 0)
		r.expires = (struct when){ sec + life, 0, true };
	if (code != REASON_COUNT)
		v.reasons[v.n_reasons++] = (struct reason){ .code = code,
			.weight = 1 };
	decision_write(&r, &v, NULL, &line);
	line.n--; /* its LF */
	CHECK_INT(allowed_line(allowed, buf_slice(&line)), 0);
	buf_release(&line);
}

/* By the id of a rule or exception. */
static struct allowed_use
use_of(const char *id)
{
	struct policy_entry about;

	for (size_t i = 0; i < policy_entry_count(policy); i++) {
		policy_entry_at(policy, i, &about);
		if (strcmp(about.id, id) == 0)
			return *allowed_use(allowed, i);
	}
	CHECK(id == NULL);
	return (struct allowed_use){ 0 };
}

static const struct period always = { { 0, 0, false }, { 0, 0, false } };

static void
rules_are_counted_with_their_lifetimes(void)
{
	REQUIRE(begin(&always));
	decided(
	    USER "alice", 0, HOUR, "eu-west-1", VERDICT_EXPECTED, REASON_COUNT);
	decided(USER "alice", 0, HOUR + 1, "eu-west-1", VERDICT_UNEXPECTED,
	    R_DURATION_TOO_LONG);
	decided(USER "bob", 0, 12 * HOUR, "eu-west-1", VERDICT_EXPECTED,
	    REASON_COUNT);
	decided(USER "bob", 0, -1, "eu-west-1", VERDICT_EXPECTED, REASON_COUNT);
	decided(
	    USER "eve", 0, HOUR, "eu-west-1", VERDICT_LEARNING, REASON_COUNT);
	CHECK_INT(use_of("short").uses, 2);
	CHECK_INT(use_of("short").issued, 2);
	CHECK_INT(use_of("short").longer, 1);
	CHECK_INT(use_of("short").longest, HOUR + 1);
	CHECK_INT(use_of("long").uses, 2);
	CHECK_INT(use_of("long").issued, 1);
	CHECK_INT(use_of("long").longer, 0);
	CHECK_INT(use_of("long").longest, 12 * HOUR);
	CHECK_INT(use_of("idle").uses, 0);
	CHECK_INT(use_of("E-1").uses, 0);
	CHECK(allowed_policy(allowed) == policy);
	end();
}

static void
an_exception_is_used_by_what_it_held_back(void)
{
	REQUIRE(begin(&always));
	decided(USER "alice", 0, HOUR, "us-east-1", VERDICT_SUPPRESSED,
	    R_CLOUD_REGION_NOT_APPROVED);
	/* Another reason, another verdict, another principal. */
	decided(USER "alice", 0, HOUR, "us-east-1", VERDICT_SUPPRESSED,
	    R_COUNTRY_NOT_APPROVED);
	decided(USER "alice", 0, HOUR, "us-east-1", VERDICT_UNEXPECTED,
	    R_CLOUD_REGION_NOT_APPROVED);
	decided(USER "carol", 0, HOUR, "us-east-1", VERDICT_SUPPRESSED,
	    R_CLOUD_REGION_NOT_APPROVED);
	CHECK_INT(use_of("E-1").uses, 1);
	CHECK_INT(use_of("E-2").uses, 0);
	end();
}

static void
what_is_outside_or_no_decision_is_passed_over(void)
{
	static const char *const lines[] = { "", "{}", "[]", "no JSON",
		"{\"id\":\"f-1\",\"request\":{}}",
		"{\"event_id\":\"e\",\"verdict\":\"expected\"}",
		"{\"event_id\":7,\"verdict\":{},\"time\":[]}" };
	const struct period p = { { 100, 0, true }, { 200, 0, true } };

	REQUIRE(begin(&p));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK_INT(allowed_line(allowed, slice_str(lines[i])), 0);
	for (int64_t sec = 50; sec < 300; sec += 50)
		decided(USER "bob", sec, HOUR, "eu-west-1", VERDICT_EXPECTED,
		    REASON_COUNT);
	CHECK_INT(use_of("long").uses, 2);
	end();
}

static void
lists_are_the_policys(void)
{
	REQUIRE(begin(&always));
	CHECK_INT(allowed_lists(allowed, POLICY_COUNTRIES, SLICE_LIT("DE")),
	    POLICY_LISTED);
	CHECK_INT(allowed_lists(allowed, POLICY_COUNTRIES, SLICE_LIT("RU")),
	    POLICY_NOT_LISTED);
	CHECK_INT(allowed_lists(allowed, POLICY_ACCOUNTS, SLICE_LIT("1")),
	    POLICY_NO_LIST);
	end();
}

UNIT_MAIN("allowed",
    { "rules are counted with their lifetimes",
	rules_are_counted_with_their_lifetimes },
    { "an exception is used by what it held back",
	an_exception_is_used_by_what_it_held_back },
    { "what is outside, or no decision, is passed over",
	what_is_outside_or_no_decision_is_passed_over },
    { "lists are the policy's", lists_are_the_policys })
