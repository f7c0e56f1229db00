/*
 * test_policy_load.c - what a policy file may say, and where it is wrong.
 */
#include "detect/policy_i.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#define RULE "rules:\n- {id: r, "

static const struct {
	const char *yaml;
	unsigned line, col;
	const char *text; /* how the message begins */
} wrong[] = {
	{ "version: 2\n", 1, 10, "version: \"2\" is out of bounds" },
	{ "rulez: []\n", 1, 1,
	    "unknown key \"rulez\"; did you mean "
	    "\"rules\"?" },
	{ "- a\n", 1, 1, "expects a block of keys" },
	{ "unlisted_principals: lern\n", 1, 22,
	    "unlisted_principals: \"lern\" is none of learn, alert; did you "
	    "mean \"learn\"?" },
	{ "rules:\n- {owner: me}\n", 2, 3, "\"id\" is missing" },
	{ RULE "principal: [x]}\n", 2, 11,
	    "unknown key \"principal\"; did you mean \"principals\"?" },
	{ RULE "actions: []}\n", 2, 20, "\"actions\": an empty list" },
	{ RULE "from: {countries: []}}\n", 2, 29,
	    "\"countries\": an empty list" },
	{ "approved: {networks: []}\n", 1, 22, "\"networks\": an empty list" },
	{ "rules:\n- {id: a}\n- {id: b}\n- {id: a}\n", 4, 3,
	    "there are two rules \"a\"" },
	{ RULE "kinds: [rol]}\n", 2, 19, "kinds: \"rol\" is none of role," },
	{ RULE "principal_types: [usr]}\n", 2, 29,
	    "principal_types: \"usr\" is none of user," },
	{ RULE "outcome: [ok]}\n", 2, 21,
	    "outcome: \"ok\" is none of success" },
	{ RULE "from: {source_kinds: [ipv4]}}\n", 2, 33,
	    "source_kinds: \"ipv4\" is none of ip, private" },
	{ RULE "from: {countries: [DEU]}}\n", 2, 30,
	    "countries: \"DEU\" is no country of two letters" },
	{ RULE "from: {countries: [DE, UK]}}\n", 2, 34,
	    "countries: \"UK\" is no code of ISO 3166; did you mean \"GB\"?" },
	{ RULE "actions: [sts:AssumRole]}\n", 2, 21,
	    "actions: \"sts:AssumRole\" matches no API; did you mean "
	    "\"sts:AssumeRole\"?" },
	{ RULE "actions: ['stss:*']}\n", 2, 21,
	    "actions: \"stss:*\" matches no API; did you mean \"sts:*\"?" },
	{ RULE "actions: [AssumeRole]}\n", 2, 21,
	    "actions: \"AssumeRole\" matches no API; did you mean "
	    "\"sts:AssumeRole\"?" },
	{ RULE "accounts: [1111-2222-3333]}\n", 2, 22,
	    "accounts: \"1111-2222-3333\" is no account; one of AWS is 12" },
	{ "approved: {accounts: [acme-prod]}\n", 1, 23,
	    "accounts: \"acme-prod\" is no account; a project of Google Cloud "
	    "is \"projects/acme-prod\"" },
	{ RULE "from: {asns: [AS0]}}\n", 2, 25, "asns: \"AS0\" is no number" },
	{ RULE "from: {asns: [4294967296]}}\n", 2, 25,
	    "asns: \"4294967296\" is no number" },
	{ RULE "from: {networks: [10.0.0.1/8]}}\n", 2, 29,
	    "networks: \"10.0.0.1/8\" is no address and no range" },
	{ RULE "hours: {days: Mo}}\n", 2, 25, "hours: Mo is no day" },
	{ RULE "hours: {between: ['7-8']}}\n", 2, 29,
	    "hours: 7-8 is no time of day" },
	{ RULE "hours: {zone: ../x}}\n", 2, 25,
	    "hours: ../x is no name of a time zone" },
	{ RULE "max_duration: 0}\n", 2, 25, "max_duration: \"0\" is out of" },
	{ RULE "max_duration: 1x}\n", 2, 25, "max_duration: \"1x\" is no" },
	{ RULE "mfa: sometimes}\n", 2, 16, "mfa: \"sometimes\" is none of" },
	{ RULE "expires: soon}\n", 2, 20,
	    "expires: \"soon\" is no date or moment" },
	{ RULE "principals: ['class:x']}\n", 2, 24,
	    "principals: there is no class for \"class:x\"" },
	{ "classes: {human: [a]}\n" RULE "principals: ['class:humans']}\n", 3,
	    24,
	    "principals: there is no class for \"class:humans\"; did you "
	    "mean \"class:human\"?" },
	{ "classes: [a]\n", 1, 10, "classes: expects names" },
	{ "classes: {a: ['class:b'], b: [x]}\n", 1, 15,
	    "classes: a class is a list of patterns" },
	{ "classes: {a: {}}\n", 1, 14, "a: expects a list" },
	{ "classes: {a: []}\n", 1, 14, "classes: \"a\": an empty list" },
	{ "exceptions:\n- {id: x, owner: o, reason: r, match: {codes: "
	  "[new_asn]}}\n",
	    2, 3, "\"until\" is missing" },
	{ "exceptions:\n- {id: x, reason: r, until: 2026-01-01, match: "
	  "{codes: [new_asn]}}\n",
	    2, 3, "\"owner\" is missing" },
	{ "exceptions:\n- {id: x, owner: o, reason: r, until: 2026-01-01, "
	  "match: {codes: [new_asm]}}\n",
	    2, 67,
	    "codes: \"new_asm\" is none of the words that are possible; did "
	    "you mean \"new_asn\"?" },
	{ "exceptions:\n- {id: x, owner: o, reason: r, until: 2026-01-01, "
	  "match: {}}\n",
	    2, 58, "match: is empty and would hold back everything" },
	{ "exceptions:\n- {id: x, owner: o, reason: r, until: 2026-13-01, "
	  "match: {codes: [new_asn]}}\n",
	    2, 39, "until: \"2026-13-01\" is no date or moment" },
	{ "maintenance:\n- {from: 2026-01-02, to: 2026-01-01, reason: r}\n", 2,
	    26, "to: does not come after from" },
	{ "maintenance:\n- {from: 2026-01-02, to: 2026-01-02}\n", 2, 3,
	    "\"reason\" is missing" },
	{ "use: {max_distance_km: -1}\n", 1, 24, "max_distance_km: \"-1\" is" },
	{ "tests:\n- {name: t, expect: allowed}\n", 2, 3,
	    "a test needs an event, or fields" },
	{ "tests:\n- {name: t, expect: alowed, fields: {}}\n", 2, 21,
	    "expect: \"alowed\" is none of" },
	{ "tests:\n- {name: t, expect: allowed, fields: {}, rule: x}\n", 2, 48,
	    "rule: there is no rule \"x\"" },
	{ "tests:\n- {name: t, expect: allowed, fields: {ip: x}}\n", 2, 43,
	    "ip: \"x\" is no ip" },
	{ "tests:\n- {name: t, expect: allowed, fields: {kind: x}}\n", 2, 45,
	    "kind: \"x\" is no kind" },
	{ "tests:\n- {name: t, expect: breach, codes: [x], fields: {}}\n", 2,
	    37, "codes: \"x\" is none of" },
};

static void
what_is_wrong_is_said_with_its_place(void)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct policy *p = NULL;
		struct err e = { .text = "" };
		int err = policy_load_text(
		    slice_str(wrong[i].yaml), "policy.yaml", &p, &e);

		if (err == ST_EINVAL && e.line == wrong[i].line &&
		    e.col == wrong[i].col && !p &&
		    slice_starts(slice_str(e.text), wrong[i].text))
			continue;
		printf("\n    %s    %d, %u:%u: %s\n    want %u:%u: %s",
		    wrong[i].yaml, err, e.line, e.col, e.text, wrong[i].line,
		    wrong[i].col, wrong[i].text);
		CHECK(false);
		policy_free(p);
	}
}

/* Every key of the file, once. */
static const char whole[] =
    "version: 1\n"
    "approved:\n"
    "  cloud_regions: [us-east-1, eu-west-1, global]\n"
    "  countries: [US, DE, IE]\n"
    "  networks: [198.51.100.0/24, '2001:db8::/32', 192.0.2.7]\n"
    "  asns: [8075, AS3320]\n"
    "  accounts: [111122223333, 'projects/acme-*']\n"
    "unlisted_principals: alert\n"
    "classes:\n"
    "  humans: ['arn:aws:iam::*:saml-provider/Okta/*', 'user:*@acme.com']\n"
    "  ci: 'arn:aws:iam::111122223333:oidc-provider/x/repo:acme/**'\n"
    "rules:\n"
    "- id: everything\n"
    "  owner: it\n"
    "  why: all keys\n"
    "  principals: [class:humans, 'arn:**']\n"
    "  sessions: ['*@acme.com']\n"
    "  principal_types: [role, saml]\n"
    "  accounts: ['1111*']\n"
    "  actions: ['sts:*']\n"
    "  kinds: [role]\n"
    "  targets: ['arn:aws:iam::*:role/human-*']\n"
    "  cloud_regions: ['eu-*']\n"
    "  from: {countries: [US], asns: [1], networks: [192.0.2.0/24],\n"
    "         source_kinds: [ip, private]}\n"
    "  hours: {days: [Mon-Thu, Sat], between: ['07:00-12:00',\n"
    "          '13:00-20:00'], zone: UTC}\n"
    "  max_duration: 1h30m\n"
    "  mfa: true\n"
    "  external_id: required\n"
    "  source_identity: ['*']\n"
    "  outcome: success\n"
    "  expires: 2030-01-01\n"
    "use: {max_distance_km: 800}\n"
    "decoys: ['arn:aws:iam::111122223333:role/legacy-admin']\n"
    "exceptions:\n"
    "- {id: SOC-1, owner: a, reason: b, until: '2026-12-31T10:00:00Z',\n"
    "   match: {codes: [new_cloud_region], actions: ['sts:*']}}\n"
    "maintenance:\n"
    "- {from: 2026-12-24T20:00Z, to: 2026-12-25T04:00+01:00, reason: c,\n"
    "   accounts: ['4444*']}\n"
    "tests:\n"
    "- {name: t, fields: {principal: x, mfa: yes, asn: 1, duration: 1h},\n"
    "   expect: breach, codes: [principal_not_allowed]}\n";

static void
every_key_is_read(void)
{
	struct policy *p;
	const struct unit *u;
	struct err e;
	int err = policy_load_text(SLICE_LIT(whole), "policy.yaml", &p, &e);

	if (err < 0)
		printf("\n    %u:%u: %s", e.line, e.col, e.text);
	REQUIRE(err == 0);
	CHECK_INT(policy_rule_count(p), 1);
	CHECK(policy_max_distance_km(p) == 800);
	CHECK_TEXT(slice_str(policy_path(p)), "policy.yaml");
	CHECK_INT(strlen(policy_hash(p)), 71);
	CHECK_INT(p->n_classes, 2);
	CHECK_INT(p->classes[1].patterns.n, 1);
	u = &p->units[0];
	CHECK_INT(u->given, (1u << COND_COUNT) - 1);
	CHECK_INT(u->max_duration, 5400);
	CHECK_TEXT(slice_str(u->owner), "it");
	CHECK_INT(u->end.sec, 1893456000 + 86400);
	CHECK_INT(u->outcomes, 1u << OUTCOME_SUCCESS);
	CHECK_INT(p->units[1].end.sec, 1798711200);
	CHECK_INT(
	    p->maintenance[0].to.sec - p->maintenance[0].from.sec, 7 * 3600);
	policy_free(p);
}

static void
a_file_is_read_and_named_in_errors(void)
{
	char path[512], text[512];
	struct policy *p = NULL;
	struct err e;
	FILE *f;

	snprintf(path, sizeof(path), "%s/policy.yaml", unit_tmpdir());
	CHECK_INT(policy_load(path, &p, &e) < 0, 1);
	f = fopen(path, "w");
	REQUIRE(f != NULL);
	fputs("version: 1\nrules:\n- {id: a}\n", f);
	fclose(f);
	REQUIRE(policy_load(path, &p, &e) == 0);
	CHECK_TEXT(slice_str(policy_path(p)), path);
	CHECK_TEXT(slice_str(policy_hash(p)),
	    "sha256:65dc8dd9fd0cad207e9344b46403e5431"
	    "fe4b49cfab67a136e34f57dd902235a");
	policy_free(p);
	f = fopen(path, "w");
	REQUIRE(f != NULL);
	fputs("version: 1\nrule: []\n", f);
	fclose(f);
	CHECK_INT(policy_load(path, &p, &e), ST_EINVAL);
	CHECK(strstr(err_format(&e, text, sizeof(text)),
		  "policy.yaml:2:1: unknown key") != NULL);
}

UNIT_MAIN("policy_load",
    { "what is wrong is said with its place",
	what_is_wrong_is_said_with_its_place },
    { "every key is read", every_key_is_read },
    { "a file is read and named in errors",
	a_file_is_read_and_named_in_errors })
