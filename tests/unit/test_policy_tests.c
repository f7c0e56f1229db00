/*
 * test_policy_tests.c - a policy's own test cases, and what they leave out.
 */
#include "detect/policy_event.h"
#include "detect/policy_i.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static bool
run(const char *yaml, struct buf *out, struct policy_test_result *result)
{
	struct problems failed = PROBLEMS_INIT, uncovered = PROBLEMS_INIT;
	struct policy *p;
	struct err e;

	buf_reset(out);
	if (policy_load_text(slice_str(yaml), "p.yaml", &p, &e) < 0) {
		printf("\n    %u:%u: %s", e.line, e.col, e.text);
		return false;
	}
	CHECK_INT(policy_run_tests(p, &failed, &uncovered, result), 0);
	CHECK_INT(result->failed, problems_count(&failed));
	CHECK_INT(result->uncovered, problems_count(&uncovered));
	problems_write(&failed, out);
	problems_write(&uncovered, out);
	problems_release(&failed);
	problems_release(&uncovered);
	buf_addc(out, '\0');
	policy_free(p);
	return true;
}

static const char rules[] =
    "unlisted_principals: alert\n"
    "rules:\n"
    "- {id: a, principals: ['user:*'], actions: ['iamcredentials:*'],\n"
    "   from: {countries: [DE]}}\n"
    "- {id: b, principals: ['arn:**'], hours: {days: Mon}}\n"
    "- {id: c, principals: ['x']}\n"
    "exceptions:\n"
    "- {id: X, owner: o, reason: r, until: 2026-12-31,\n"
    "   match: {principals: [y]}}\n";

static void
cases_that_hold_are_silent_and_uncovered_rules_are_named(void)
{
	static const char tests[] =
	    "tests:\n"
	    "- name: minting\n"
	    "  fields: {principal: 'user:a@acme.com', country: de,\n"
	    "    action: iamcredentials:SignBlob}\n"
	    "  expect: allowed\n"
	    "  rule: a\n"
	    "- name: abroad\n"
	    "  fields: {principal: 'user:a@acme.com', country: RU,\n"
	    "    action: iamcredentials:SignBlob}\n"
	    "  expect: unexpected\n"
	    "  codes: [country_not_approved]\n"
	    "- name: on Sunday\n"
	    "  fields: {principal: 'arn:aws:iam::1:user/a',\n"
	    "    time: '2026-03-01T00:00Z'}\n"
	    "  expect: breach\n"
	    "- name: excused\n"
	    "  fields: {principal: y, time: 2026-03-01}\n"
	    "  expect: suppressed\n"
	    "- name: a stranger\n"
	    "  fields: {principal: z}\n"
	    "  expect: breach\n"
	    "  codes: [principal_not_allowed]\n"
	    "- name: a service\n"
	    "  fields: {principal: 'service:ec2.amazonaws.com'}\n"
	    "  expect: learning\n";
	struct policy_test_result result;
	struct buf yaml = BUF_INIT, out = BUF_INIT;

	buf_addf(&yaml, "%s%s", rules, tests);
	buf_addc(&yaml, '\0');
	REQUIRE(run(yaml.p, &out, &result));
	CHECK_INT(result.run, 6);
	CHECK_INT(result.failed, 0);
	CHECK_INT(result.uncovered, 1);
	CHECK_TEXT(
	    slice_str(out.p), "p.yaml:6:3: rule c: no test comes to it\n");
	buf_release(&yaml);
	buf_release(&out);
}

static void
cases_that_fail_say_what_was_and_what_should_be(void)
{
	static const char tests[] =
	    "tests:\n"
	    "- {name: one, fields: {principal: z}, expect: allowed, rule: c}\n"
	    "- {name: two, fields: {principal: x}, expect: allowed, rule: b}\n"
	    "- {name: three, fields: {principal: z}, expect: breach,\n"
	    "   codes: [mfa_missing, principal_not_allowed]}\n"
	    "- {name: four, event: {a: 1}, expect: breach}\n"
	    "- {name: five, event: record.json, expect: breach}\n";
	struct policy_test_result result;
	struct buf yaml = BUF_INIT, out = BUF_INIT;

	buf_addf(&yaml, "%s%s", rules, tests);
	buf_addc(&yaml, '\0');
	REQUIRE(run(yaml.p, &out, &result));
	CHECK_INT(result.run, 5);
	CHECK_INT(result.failed, 5);
	CHECK_INT(result.uncovered, 2);
	CHECK_TEXT(slice_str(out.p),
	    "p.yaml:11:3: test \"one\": expected allowed by rule c, is breach "
	    "principal_not_allowed\n"
	    "p.yaml:12:3: test \"two\": expected allowed by rule b, is allowed "
	    "by rule c\n"
	    "p.yaml:13:3: test \"three\": expected breach mfa_missing "
	    "principal_not_allowed, is breach principal_not_allowed\n"
	    "p.yaml:15:3: test \"four\": the event is no token request\n"
	    "p.yaml:16:3: test \"five\": the event is no record; one in a "
	    "file is !file PATH\n"
	    "p.yaml:3:3: rule a: no test comes to it\n"
	    "p.yaml:5:3: rule b: no test comes to it\n");
	buf_release(&yaml);
	buf_release(&out);
}

/* One and the same record: as YAML, as JSON in YAML, as a text of JSON. */
static void
an_event_goes_the_way_of_every_record(void)
{
	static const char tests[] =
	    "tests:\n"
	    "- name: as YAML, from Germany\n"
	    "  event:\n"
	    "    eventVersion: '1.08'\n"
	    "    userIdentity:\n"
	    "      type: IAMUser\n"
	    "      arn: arn:aws:iam::111122223333:user/dana\n"
	    "      accountId: '111122223333'\n"
	    "      userName: dana\n"
	    "    eventTime: 2026-03-02T08:00:00Z\n"
	    "    eventSource: sts.amazonaws.com\n"
	    "    eventName: AssumeRole\n"
	    "    awsRegion: eu-west-1\n"
	    "    sourceIPAddress: 203.0.113.9\n"
	    "    requestParameters:\n"
	    "      roleArn: arn:aws:iam::111122223333:role/x\n"
	    "      roleSessionName: s\n"
	    "      durationSeconds: 900\n"
	    "    eventID: 3f6f4a0e-0000-4000-8000-000000000001\n"
	    "    recipientAccountId: '111122223333'\n"
	    "  fields: {country: DE}\n"
	    "  expect: allowed\n"
	    "  rule: b\n"
	    "- name: as text, on a Sunday\n"
	    "  event: |\n"
	    "    {\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\n"
	    "     \"IAMUser\",\"arn\":\"arn:aws:iam::111122223333:user/dana\",\n"
	    "     \"accountId\":\"111122223333\"},\"eventTime\":\n"
	    "     \"2026-03-01T08:00:00Z\",\"eventSource\":\n"
	    "     \"sts.amazonaws.com\",\"eventName\":\"AssumeRole\",\n"
	    "     \"awsRegion\":\"eu-west-1\",\"eventID\":\"e2\"}\n"
	    "  expect: breach\n"
	    "  codes: [outside_hours]\n";
	struct policy_test_result result;
	struct buf yaml = BUF_INIT, out = BUF_INIT;

	buf_addf(&yaml, "%s%s", rules, tests);
	buf_addc(&yaml, '\0');
	REQUIRE(run(yaml.p, &out, &result));
	CHECK_INT(result.run, 2);
	CHECK_INT(result.failed, 0);
	if (result.failed)
		printf("\n%s", out.p);
	buf_release(&yaml);
	buf_release(&out);
}

static void
a_node_becomes_json(void)
{
	static const char text[] =
	    "{a: 1, b: -0.5e3, c: 007, d: true, e: 'true', f: null, g: ~,\n"
	    " h: [1., .5, 1e, -], i: {}, j: [], k: \"q\\\"\\n\",\n"
	    " l: 2026-03-01T08:00:00Z}";
	struct yaml_doc *doc;
	struct buf out = BUF_INIT;

	REQUIRE(yaml_load_text(SLICE_LIT(text), "x", &doc, NULL) == 0);
	policy_event_json(yaml_root(doc), &out);
	CHECK_TEXT(buf_slice(&out),
	    "{\"a\":1,\"b\":-0.5e3,\"c\":\"007\",\"d\":true,\"e\":\"true\","
	    "\"f\":null,\"g\":null,\"h\":[\"1.\",\".5\",\"1e\",\"-\"],"
	    "\"i\":{},\"j\":[],\"k\":\"q\\\"\\n\","
	    "\"l\":\"2026-03-01T08:00:00Z\"}");
	buf_release(&out);
	yaml_free(doc);
}

static const struct {
	const char *principal;
	enum principal_type type;
	const char *account;
} told[] = {
	{ "arn:aws:iam::1:user/a", PT_USER, "1" },
	{ "arn:aws:iam::1:role/a/b", PT_ROLE, "1" },
	{ "arn:aws:iam::1:root", PT_ROOT, "1" },
	{ "arn:aws:sts::1:federated-user/x", PT_FEDERATED_USER, "1" },
	{ "arn:aws:iam::1:saml-provider/Okta/a@b", PT_SAML, "1" },
	{ "arn:aws:iam::1:oidc-provider/x/repo:a/b:role/c", PT_WEB_IDENTITY,
	    "1" },
	{ "service:ec2.amazonaws.com", PT_SERVICE, NULL },
	{ "aws-account:9/AID", PT_ACCOUNT, "9" },
	{ "aws-account:9", PT_ACCOUNT, "9" },
	{ "identity-center:d-1/u", PT_IDENTITY_CENTER, "d-1" },
	{ "user:a@b.org", PT_USER, NULL },
	{ "serviceAccount:x@p.iam.gserviceaccount.com", PT_SERVICE_ACCOUNT,
	    "projects/p" },
	{ "serviceAccount:p.svc.id.goog[n/k]", PT_WORKLOAD, NULL },
	{ "principal://iam.googleapis.com/x", PT_FEDERATED, NULL },
	{ "principalSet://iam.googleapis.com/x", PT_FEDERATED, NULL },
	{ "cognito:eu-west-1:x", PT_UNKNOWN, NULL },
	{ "unknown:AIDA", PT_UNKNOWN, NULL },
};

static void
type_and_account_are_told_from_the_principal(void)
{
	struct arena a;

	arena_init(&a, 512);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct test_fields f = { .principal = told[i].principal };
		const char *key = "";
		struct request r;

		REQUIRE(policy_fields_request(&f, &a, &r, &key) == 0);
		CHECK_INT(r.principal_type, told[i].type);
		CHECK_TEXT(r.account, told[i].account);
	}
	arena_release(&a);
}

UNIT_MAIN("policy_tests",
    { "cases that hold are silent, and uncovered rules are named",
	cases_that_hold_are_silent_and_uncovered_rules_are_named },
    { "cases that fail say what was and what should be",
	cases_that_fail_say_what_was_and_what_should_be },
    { "an event goes the way of every record",
	an_event_goes_the_way_of_every_record },
    { "a node becomes JSON", a_node_becomes_json },
    { "type and account are told from the principal",
	type_and_account_are_told_from_the_principal })
