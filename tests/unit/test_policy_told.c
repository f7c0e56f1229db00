/*
 * test_policy_told.c - what a policy holds back, and how it tells why.
 */
#include "tests/unit/policy_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static void
exceptions_hold_back_what_they_match_until_their_day(void)
{
	static const char yaml[] =
	    "approved: {countries: [DE], cloud_regions: [eu-west-1]}\n"
	    "unlisted_principals: alert\n"
	    "exceptions:\n"
	    "- {id: X1, owner: alice@acme.com, reason: move,\n"
	    "   until: 2026-12-31, match: {principals: ['" ROLE "mig-*'],\n"
	    "   codes: [cloud_region_not_approved,\n"
	    "     principal_not_allowed]}}\n"
	    "- {id: X2, owner: bob, reason: trip,\n"
	    "   until: '2026-03-02T12:00Z',\n"
	    "   match: {principals: ['" USER "'],\n"
	    "     from: {countries: [FR]}}}\n"
	    "- {id: X3, owner: bob, reason: scan, until: 2026-12-31,\n"
	    "   match: {principals: ['" ROLE "scan'], max_duration: 1h}}\n";
#define MIG "principal=" ROLE "mig-1 "
#define SCAN "principal=" ROLE "scan "
	static const struct line lines[] = {
		{ NOW MIG, "suppressed principal_not_allowed" },
		{ NOW MIG "region=us-east-1",
		    "suppressed principal_not_allowed,"
		    "cloud_region_not_approved" },
		{ NOW MIG "country=RU region=us-east-1",
		    "breach country_not_approved" },
		{ "time=2026-12-31T23:59:59Z " MIG,
		    "suppressed principal_not_allowed" },
		{ "time=2027-01-01T00:00:00Z " MIG,
		    "breach principal_not_allowed" },
		{ MIG, "breach principal_not_allowed" },
		{ NOW U "country=FR",
		    "suppressed principal_not_allowed,country_not_approved" },
		{ NOW U "country=RU",
		    "breach principal_not_allowed,country_not_approved" },
		{ NOW U, "breach principal_not_allowed" },
		{ "time=2026-03-02T12:00:00Z " U "country=FR",
		    "breach principal_not_allowed,country_not_approved" },
		{ NOW SCAN "duration=900", "suppressed principal_not_allowed" },
		{ NOW SCAN "duration=9000", "breach principal_not_allowed" },
		{ NOW SCAN, "breach principal_not_allowed" },
	};

	RUN(yaml, lines);
}

static void
maintenance_is_of_accounts_for_a_time(void)
{
	static const char yaml[] =
	    "unlisted_principals: alert\n"
	    "maintenance:\n"
	    "- {from: '2026-12-24T20:00Z', to: '2026-12-25T04:00Z',\n"
	    "   accounts: ['4444*'], reason: move}\n"
	    "- {from: 2027-01-01, to: 2027-01-01, reason: all}\n";
	static const struct line lines[] = {
		{ "time=2026-12-24T19:59:59Z " U "account=444455556666",
		    "breach principal_not_allowed" },
		{ "time=2026-12-24T20:00:00Z " U "account=444455556666",
		    "suppressed principal_not_allowed" },
		{ "time=2026-12-25T03:59:59Z " U "target=" FAR "x",
		    "suppressed principal_not_allowed" },
		{ "time=2026-12-25T04:00:00Z " U "target=" FAR "x",
		    "breach principal_not_allowed" },
		{ "time=2026-12-25T03:59:59Z " U,
		    "breach principal_not_allowed" },
		{ "time=2027-01-01T23:59:59Z " U,
		    "suppressed principal_not_allowed" },
		{ U "account=444455556666", "breach principal_not_allowed" },
	};

	RUN(yaml, lines);
}

static void
a_reason_says_what_was_seen_and_expected(void)
{
	static const char yaml[] =
	    "approved: {accounts: ['111122223333']}\n"
	    "rules:\n"
	    "- id: r\n"
	    "  principals: ['" USER "']\n"
	    "  from: {countries: [DE, US], asns: [3320]}\n"
	    "  hours: {days: Mon-Fri, between: '07:00-20:00'}\n"
	    "  max_duration: 90m\n"
	    "  external_id: required\n";
	const struct reason *x;
	struct bench b;

	REQUIRE(bench_open(&b, yaml));
	REQUIRE(make(&b,
	    U "country=ru asn=64500 duration=43200 "
	      "time=2026-03-01T09:05:00Z target=" FAR "x"));
	policy_judge(b.p, b.s, &b.r, &b.answer);
	REQUIRE(b.answer.n_reasons == 6);
	x = b.answer.reasons;
	CHECK_TEXT(x[0].observed, "RU");
	CHECK_INT(x[0].n_expected, 2);
	CHECK_TEXT(x[0].expected[0], "DE");
	CHECK_TEXT(x[0].expected[1], "US");
	CHECK_TEXT(x[0].note, "rule r");
	CHECK(x[0].weight == reason_table[R_COUNTRY_NOT_APPROVED].weight);
	CHECK_TEXT(x[1].observed, "64500");
	CHECK_TEXT(x[2].observed, "Sun 09:05 UTC");
	CHECK_TEXT(x[2].expected[0], "Mon-Fri 07:00-20:00 UTC");
	CHECK_TEXT(x[3].observed, "12h");
	CHECK_TEXT(x[3].expected[0], "1h30m");
	CHECK_TEXT(x[4].observed, NULL);
	CHECK_TEXT(x[4].expected[0], "required");
	CHECK_TEXT(x[5].observed, "444455556666");
	CHECK_TEXT(x[5].note, "target_account");
	bench_close(&b);
}

static void
an_excuse_names_itself(void)
{
	static const char yaml[] =
	    "unlisted_principals: alert\n"
	    "classes: {a: ['x:*'], b: ['" USER "'], c: ['arn:**']}\n"
	    "use: {max_distance_km: 800}\n"
	    "exceptions:\n"
	    "- {id: SOC-7, owner: al, reason: why not, until: 2026-12-31,\n"
	    "   match: {principals: ['" USER "'],\n"
	    "     codes: [principal_not_allowed, new_country]}}\n"
	    "maintenance:\n"
	    "- {from: '2026-06-01T00:00Z', to: 2026-06-02, reason: m}\n";
	struct bench b;

	REQUIRE(bench_open(&b, yaml));
	CHECK(policy_max_distance_km(b.p) == 800);
	REQUIRE(make(&b, NOW U));
	policy_judge(b.p, b.s, &b.r, &b.answer);
	CHECK_INT(b.answer.word, POLICY_SUPPRESSED);
	CHECK_TEXT(b.answer.suppressed_by,
	    "exception SOC-7 (al, until 2026-12-31): why not");
	CHECK_TEXT(policy_excuse(b.p, b.s, &b.r, R_NEW_COUNTRY),
	    "exception SOC-7 (al, until 2026-12-31): why not");
	CHECK_TEXT(policy_excuse(b.p, b.s, &b.r, R_NEW_ASN), NULL);
	CHECK_TEXT(policy_class(b.p, b.s, &b.r), "b");
	REQUIRE(make(&b, "time=2026-06-02T23:00:00Z " U));
	CHECK_TEXT(policy_excuse(b.p, b.s, &b.r, R_NEW_ASN),
	    "maintenance 2026-06-01T00:00Z to 2026-06-02: m");
	CHECK_TEXT(policy_excuse(b.p, b.s, &b.r, R_DECOY_TOUCHED), NULL);
	REQUIRE(make(&b, "principal=y"));
	CHECK_TEXT(policy_class(b.p, b.s, &b.r), NULL);
	bench_close(&b);
}

static void
an_explanation_shows_the_rules_and_their_conditions(void)
{
	static const char yaml[] =
	    "approved: {countries: [DE], networks: [198.51.100.0/24]}\n"
	    "classes: {people: ['" USER "']}\n"
	    "rules:\n"
	    "- {id: first, owner: it, principals: ['class:people'],\n"
	    "   actions: ['sts:AssumeRole'], from: {asns: [1]}}\n"
	    "- {id: second, principals: ['z']}\n"
	    "- {id: third, principals: ['**'], expires: 2020-01-01}\n";
	static const char *const lines[] = {
		"\n  people\n",
		"\n  first (it): a condition fails, the nearest\n"
		"    - actions             sts:B\\u001b[31m, expected sts:AssumeRole\n"
		"    ? from.asns           not told by the record, "
		"expected 1\n",
		"\n  second: not for this request, its principals are others\n",
		"\n  third: not for this request, it has expired\n",
		"\n  ? countries           not told by the record\n",
		"\n  - networks            203.0.113.9\n",
		"\nverdict\n  breach\n"
		"  - action_not_allowed: sts:B\\u001b[31m, expected sts:AssumeRole "
		"(rule first)\n",
	};
	struct buf out = BUF_INIT;
	struct bench b;

	REQUIRE(bench_open(&b, yaml));
	REQUIRE(make(&b, NOW U "action=sts:B\x1b[31m ip=203.0.113.9"));
	policy_explain(b.p, b.s, &b.r, &out);
	buf_addc(&out, '\0');
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!strstr(out.p, lines[i])) {
			printf("\n%s\n    lacks: %s", out.p, lines[i]);
			CHECK(false);
		}
	buf_release(&out);
	bench_close(&b);
}

/* 200 rules, in words beyond the first, and only one is for each request. */
static void
many_rules_are_told_apart(void)
{
	struct buf yaml = BUF_INIT;
	char request[256], want[64], said[256];
	struct bench b;

	buf_adds(&yaml, "unlisted_principals: alert\nrules:\n");
	for (int i = 0; i < 200; i++)
		buf_addf(&yaml,
		    "- {id: r%d, principals: ['arn:aws:iam::*:role/t%d-*'], "
		    "targets: ['arn:aws:iam::*:role/to-%d/**']}\n",
		    i, i, i);
	buf_addc(&yaml, '\0');
	REQUIRE(bench_open(&b, yaml.p));
	for (int i = 0; i < 200; i++) {
		snprintf(request, sizeof(request),
		    "principal=arn:aws:iam::1:role/t%d-x "
		    "target=arn:aws:iam::2:role/to-%d/y/z",
		    i, i % 7 ? i : i + 1);
		snprintf(want, sizeof(want), "%s r%d",
		    i % 7 ? "allowed" : "breach target_not_allowed", i);
		CHECK(make(&b, request));
		policy_judge(b.p, b.s, &b.r, &b.answer);
		CHECK_TEXT(slice_str(say(&b.answer, said, sizeof(said))), want);
	}
	bench_close(&b);
	buf_release(&yaml);
}

UNIT_MAIN("policy_told",
    { "exceptions hold back what they match, until their day",
	exceptions_hold_back_what_they_match_until_their_day },
    { "maintenance is of accounts for a time",
	maintenance_is_of_accounts_for_a_time },
    { "a reason says what was seen and expected",
	a_reason_says_what_was_seen_and_expected },
    { "an excuse names itself", an_excuse_names_itself },
    { "an explanation shows the rules and their conditions",
	an_explanation_shows_the_rules_and_their_conditions },
    { "many rules are told apart", many_rules_are_told_apart })
