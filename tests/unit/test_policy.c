/*
 * test_policy.c - what a policy says of a request, case by case.
 */
#include "tests/unit/policy_case.h"
#include "tests/unit/unit.h"

static void
the_empty_policy_says_nothing(void)
{
	static const struct line lines[] = {
		{ "principal=" USER " action=sts:AssumeRole", "learn" },
		{ "action=sts:AssumeRole", "learn" },
		{ "principal=service:ec2.amazonaws.com", "learn" },
	};
	struct policy *p;

	RUN("", lines);
	RUN("version: 1\n", lines);
	REQUIRE(policy_load(NULL, &p, NULL) == 0);
	CHECK_TEXT(slice_str(policy_path(p)), "");
	CHECK_TEXT(slice_str(policy_hash(p)),
	    "sha256:e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	CHECK_INT(policy_rule_count(p), 0);
	CHECK(policy_max_distance_km(p) == 0);
	policy_free(p);
}

static void
who_asks_decides_which_rules_are_asked(void)
{
	static const char yaml[] =
	    "unlisted_principals: alert\n"
	    "classes:\n"
	    "  people: ['user:*@acme.com', 'arn:aws:iam::*:user/*']\n"
	    "  nobody: ['arn:aws:iam::9:user/x']\n"
	    "rules:\n"
	    "- {id: people, principals: ['class:people'],\n"
	    "   actions: ['sts:*']}\n"
	    "- {id: saml, principal_types: [saml, web-identity],\n"
	    "   actions: ['sts:AssumeRoleWith*']}\n"
	    "- {id: sso-bob, principals: ['" ROLE "Admin'],\n"
	    "   sessions: ['bob@*'], actions: ['sts:*']}\n"
	    "- {id: sso-eve, principals: ['" ROLE "Admin'],\n"
	    "   sessions: ['-'], actions: ['sts:*']}\n"
	    "- {id: both, principals: ['class:nobody', '" ROLE "x'],\n"
	    "   actions: ['sts:*']}\n";
	static const struct line lines[] = {
		{ "principal=" USER " action=sts:AssumeRole",
		    "allowed people" },
		{ "principal=user:bob@acme.com action=sts:X",
		    "allowed people" },
		{ "principal=user:bob@acme.com action=iam:X",
		    "breach action_not_allowed people" },
		{ "principal=user:bob@evil.org action=sts:X",
		    "breach principal_not_allowed" },
		{ "action=sts:X", "breach principal_not_allowed" },
		{ "principal=x type=saml action=sts:AssumeRoleWithSAML",
		    "allowed saml" },
		{ "principal=x type=saml action=sts:AssumeRole",
		    "breach action_not_allowed saml" },
		{ "principal=" ROLE "Admin caller_session=bob@acme.com "
		  "session=x action=sts:X",
		    "allowed sso-bob" },
		{ "principal=" ROLE "Admin session=bob@acme.com action=sts:X",
		    "allowed sso-bob" },
		{ "principal=" ROLE "Admin caller_session=mallory@acme.com "
		  "session=bob@acme.com action=sts:X",
		    "breach principal_not_allowed" },
		{ "principal=" ROLE "Admin action=sts:X", "allowed sso-eve" },
		{ "principal=" ROLE "x action=sts:X", "allowed both" },
		{ "principal=service:ec2.amazonaws.com action=sts:X", "learn" },
	};

	RUN(yaml, lines);
}

static void
each_condition_that_fails_is_a_reason(void)
{
	static const char yaml[] =
	    "rules:\n"
	    "- id: all\n"
	    "  principals: ['" USER "']\n"
	    "  accounts: ['1111*']\n"
	    "  actions: ['sts:AssumeRole*']\n"
	    "  kinds: [role, saml]\n"
	    "  targets: ['" FAR "deploy-*']\n"
	    "  cloud_regions: ['eu-*', global]\n"
	    "  from: {countries: [DE, us], asns: [3320, AS64500],\n"
	    "    networks: [203.0.113.0/24, '2001:db8::/32'],\n"
	    "    source_kinds: [ip]}\n"
	    "  hours: {days: Mon-Fri, between: '07:00-20:00'}\n"
	    "  max_duration: 1h\n"
	    "  mfa: required\n"
	    "  external_id: ['ticket-*']\n"
	    "  source_identity: required\n";
#define GOOD                                                                \
	"principal=" USER " target=" FAR "deploy-web external_id=ticket-7 " \
	"source_identity=alice "
#define WHERE "region=eu-west-1 ip=203.0.113.9 country=DE asn=3320 "
#define WHEN "time=2026-03-02T08:00:00Z duration=3600 mfa=yes "
#define DOES "action=sts:AssumeRole "
	static const struct line lines[] = {
		{ GOOD WHERE WHEN DOES, "allowed all" },
		{ GOOD WHERE WHEN DOES "outcome=denied", "allowed all" },
		{ GOOD WHERE WHEN DOES "account=9999",
		    "breach account_not_approved all" },
		{ GOOD WHERE WHEN "action=sts:GetSessionToken kind=role",
		    "breach action_not_allowed all" },
		{ GOOD WHERE WHEN DOES "kind=session",
		    "breach action_not_allowed all" },
		{ GOOD WHERE WHEN DOES "target=" FAR "admin",
		    "breach target_not_allowed all" },
		{ "principal=" USER
		  " external_id=ticket-7 source_identity=a " WHERE WHEN DOES,
		    "breach target_not_allowed all" },
		{ GOOD WHERE WHEN DOES "region=us-east-1",
		    "breach cloud_region_not_approved all" },
		{ GOOD WHERE WHEN DOES "country=RU",
		    "breach country_not_approved all" },
		{ GOOD WHERE WHEN DOES "country=US asn=64500", "allowed all" },
		{ GOOD WHERE WHEN DOES "asn=1", "breach asn_not_approved all" },
		{ GOOD WHERE WHEN DOES "ip=203.0.114.1",
		    "breach network_not_approved all" },
		{ GOOD WHERE WHEN DOES "ip=2001:db8::5", "allowed all" },
		{ GOOD WHERE WHEN DOES "ip=2001:db9::5",
		    "breach network_not_approved all" },
		{ GOOD WHERE WHEN DOES "source=cloud-internal",
		    "breach network_not_approved all" },
		{ GOOD WHERE WHEN DOES "time=2026-03-01T08:00:00Z",
		    "breach outside_hours all" },
		{ GOOD WHERE WHEN DOES "duration=3601",
		    "breach duration_too_long all" },
		{ GOOD WHERE WHEN DOES "mfa=no", "breach mfa_missing all" },
		{ GOOD WHERE WHEN DOES "external_id=other",
		    "breach external_id_missing all" },
		{ GOOD WHERE WHEN DOES "source_identity=",
		    "breach source_identity_missing all" },
		{ GOOD WHERE WHEN DOES "country=RU mfa=no duration=99999",
		    "breach country_not_approved,duration_too_long,"
		    "mfa_missing all" },
	};

	RUN(yaml, lines);
}

static void
what_the_record_does_not_tell_is_no_breach(void)
{
	static const char yaml[] =
	    "approved: {countries: [DE], asns: [3320], networks: [],\n"
	    "  cloud_regions: [eu-west-1], accounts: ['111122223333']}\n";
	static const char rules[] =
	    "approved: {countries: [DE], asns: [3320],\n"
	    "  cloud_regions: [eu-west-1], accounts: ['111122223333']}\n"
	    "rules:\n"
	    "- id: r\n"
	    "  principals: ['" USER "', 'user:*', 'saml:*']\n"
	    "  from: {countries: [DE], asns: [3320],\n"
	    "    networks: [203.0.113.0/24]}\n"
	    "  hours: {days: Mon}\n"
	    "  max_duration: 1h\n"
	    "- {id: mfa, principals: ['*:mfa*', '" ROLE "*'],\n"
	    "   mfa: required}\n";
	static const struct line lines[] = {
		{ "principal=" USER " ip=203.0.113.9", "allowed r" },
		{ "principal=" USER " source=cloud-internal country=RU",
		    "allowed r" },
		{ "principal=" USER " source=cloud-service", "allowed r" },
		{ "principal=" USER " source=unknown", "allowed r" },
		{ "principal=" USER " ip=10.1.2.3",
		    "breach network_not_approved r" },
		{ "principal=user:mfa source=private", "allowed r" },
		{ "principal=" ROLE "x", "breach mfa_missing mfa" },
		{ "principal=saml:mfa type=saml", "allowed r" },
		{ "principal=x:mfa type=saml", "allowed mfa" },
		{ "principal=x:mfa type=saml mfa=no",
		    "breach mfa_missing mfa" },
	};
	struct policy *p = NULL;

	CHECK(policy_load_text(slice_str(yaml), "x", &p, NULL) < 0);
	RUN(rules, lines);
}

static void
the_first_rule_that_holds_allows_else_the_nearest_speaks(void)
{
	static const char yaml[] =
	    "rules:\n"
	    "- {id: a, principals: ['" USER "'], actions: ['sts:AssumeRole'],\n"
	    "   targets: ['t'], cloud_regions: [r]}\n"
	    "- {id: b, principals: ['" USER "'], actions: ['sts:AssumeRoot'],\n"
	    "   cloud_regions: [r]}\n"
	    "- {id: c, principals: ['" USER "'], actions: ['sts:*'],\n"
	    "   outcome: denied}\n"
	    "- {id: d, principals: ['arn:**'], actions: ['sts:AssumeRoot'],\n"
	    "   targets: ['-']}\n"
	    "- {id: e, actions: ['sts:AssumeRoleWithSAML']}\n"
	    "- {id: old, principals: ['" USER "'], actions: ['**'],\n"
	    "   expires: 2026-03-01}\n";
#define T "time=2026-03-02T00:00:00Z principal=" USER " "
	static const struct line lines[] = {
		{ T "action=sts:AssumeRoot region=r", "allowed b" },
		{ T "action=sts:AssumeRoot region=x", "allowed d" },
		{ T "action=sts:AssumeRoot region=x target=y",
		    "breach cloud_region_not_approved b" },
		{ T "action=sts:AssumeRole target=t region=x",
		    "breach cloud_region_not_approved a" },
		{ T "action=sts:X region=r target=t",
		    "breach action_not_allowed a" },
		{ T "action=sts:X outcome=denied", "allowed c" },
		{ T "action=sts:AssumeRoleWithSAML", "allowed e" },
		{ "principal=x action=sts:AssumeRoleWithSAML", "allowed e" },
		{ "principal=x action=sts:F", "breach action_not_allowed e" },
		{ "time=2026-03-01T23:59:59Z principal=" USER " action=x:y:z",
		    "allowed old" },
		{ "principal=" USER " action=x:y:z", "allowed old" },
	};

	RUN(yaml, lines);
}

static void
approved_lists_are_asked_of_everybody(void)
{
	static const char yaml[] =
	    "approved:\n"
	    "  cloud_regions: ['eu-*', global]\n"
	    "  countries: [US, de]\n"
	    "  asns: [3320]\n"
	    "  accounts: ['111122223333', 'projects/acme-*']\n";
	static const struct line lines[] = {
		{ U, "learn" },
		{ U "region=eu-west-1 country=DE asn=3320", "learn" },
		{ U "region=us-east-1", "breach cloud_region_not_approved" },
		{ U "country=RU", "breach country_not_approved" },
		{ U "asn=1 country=US", "breach asn_not_approved" },
		{ U "country=RU source=cloud-internal", "learn" },
		{ U "ip=10.0.0.1 country=RU", "learn" },
		{ U "account=9", "breach account_not_approved" },
		{ U "target=" FAR "x", "breach account_not_approved" },
		{ U "account=9 target=arn:aws:iam::8:role/x",
		    "breach account_not_approved,account_not_approved" },
		{ U "account=9 target=arn:aws:iam::9:role/x",
		    "breach account_not_approved" },
		{ "principal=user:a@b account=projects/acme-prod", "learn" },
		{ "principal=user:a@b account=projects/evil",
		    "breach account_not_approved" },
		{ "principal=service:ec2.amazonaws.com account=9 region=x",
		    "learn" },
	};

	RUN(yaml, lines);
}

static void
networks_and_countries_vouch_for_one_another(void)
{
	static const char both[] =
	    "approved: {countries: [DE], networks: [198.51.100.0/24],\n"
	    "  asns: [3320]}\n";
	static const char networks[] =
	    "approved: {networks: [198.51.100.0/24]}\n";
	static const struct line with_both[] = {
		{ U "ip=198.51.100.7 country=RU asn=1", "learn" },
		{ U "ip=203.0.113.9 country=DE asn=3320", "learn" },
		{ U "ip=203.0.113.9 country=RU asn=3320",
		    "breach country_not_approved" },
		{ U "ip=203.0.113.9", "breach network_not_approved" },
	};
	static const struct line with_networks[] = {
		{ U "ip=198.51.100.7 country=RU", "learn" },
		{ U "ip=203.0.113.9 country=DE",
		    "breach network_not_approved" },
		{ U "ip=10.0.0.1", "learn" },
		{ U "source=cloud-service", "learn" },
	};

	RUN(both, with_both);
	RUN(networks, with_networks);
}

static void
a_rule_is_more_specific_than_an_approved_list(void)
{
	static const char yaml[] =
	    "approved: {cloud_regions: [eu-west-1], countries: [DE],\n"
	    "  networks: [198.51.100.0/24], asns: [3320],\n"
	    "  accounts: ['111122223333']}\n"
	    "rules:\n"
	    "- {id: plain, principals: ['" USER "']}\n"
	    "- {id: place, principals: ['" ROLE "a'],\n"
	    "   from: {countries: [RU]}}\n"
	    "- {id: net, principals: ['" ROLE "b'],\n"
	    "   from: {networks: [203.0.113.0/24]}}\n"
	    "- {id: asn, principals: ['" ROLE "c'], from: {asns: [1]}}\n"
	    "- {id: region, principals: ['" ROLE "d'],\n"
	    "   cloud_regions: [us-*]}\n"
	    "- {id: account, principals: ['aws-account:999999999999/*'],\n"
	    "   accounts: ['999999999999']}\n";
#define IP "ip=203.0.113.9 "
	static const struct line lines[] = {
		{ U IP "country=RU asn=1 region=us-east-1",
		    "breach cloud_region_not_approved,country_not_approved,"
		    "asn_not_approved plain" },
		{ "principal=" ROLE "a " IP "country=RU asn=3320",
		    "allowed place" },
		{ "principal=" ROLE "a " IP "country=US asn=3320",
		    "breach country_not_approved place" },
		{ "principal=" ROLE "a " IP "country=RU asn=1",
		    "breach asn_not_approved place" },
		{ "principal=" ROLE "b " IP "country=RU", "allowed net" },
		{ "principal=" ROLE "b ip=198.51.100.1 country=RU",
		    "breach network_not_approved net" },
		{ "principal=" ROLE "c " IP "asn=1 country=DE", "allowed asn" },
		{ "principal=" ROLE "c " IP "asn=1 country=RU",
		    "breach country_not_approved asn" },
		{ "principal=" ROLE "d region=us-east-1", "allowed region" },
		{ "principal=aws-account:999999999999/AID target=" ROLE "x",
		    "allowed account" },
		{ "principal=aws-account:999999999999/AID target=" FAR "x",
		    "breach account_not_approved account" },
	};

	RUN(yaml, lines);
}

static void
services_are_quiet_unless_a_rule_names_them(void)
{
	static const char yaml[] =
	    "unlisted_principals: alert\n"
	    "approved: {cloud_regions: [eu-west-1], countries: [DE]}\n"
	    "decoys: ['" ROLE "bait']\n"
	    "rules:\n"
	    "- {id: everybody, actions: ['sts:AssumeRole']}\n"
	    "- {id: lambda, principals: ['service:lambda.amazonaws.com'],\n"
	    "   targets: ['" ROLE "fn-*']}\n";
#define S "principal=service:ec2.amazonaws.com source=cloud-service "
#define L "principal=service:lambda.amazonaws.com source=cloud-service "
	static const struct line lines[] = {
		{ S "action=sts:AssumeRoot region=us-east-1", "learn" },
		{ S "action=sts:AssumeRole region=us-east-1",
		    "allowed everybody" },
		{ S "action=sts:AssumeRoot target=" ROLE "bait",
		    "breach decoy_touched" },
		{ L "action=sts:AssumeRoot target=" ROLE
		    "fn-1 region=eu-west-1",
		    "allowed lambda" },
		{ L "action=sts:AssumeRoot target=" ROLE "x region=eu-west-1",
		    "breach target_not_allowed lambda" },
		{ L "action=sts:AssumeRoot target=" ROLE
		    "fn-1 region=us-east-1",
		    "breach cloud_region_not_approved lambda" },
	};

	RUN(yaml, lines);
}

static void
a_role_is_the_same_with_and_without_its_path(void)
{
	static const char yaml[] = "unlisted_principals: alert\n"
				   "decoys: ['" FAR "admin/legacy']\n"
				   "rules:\n"
				   "- {id: name, principals: ['" ROLE
				   "deploy-*']}\n"
				   "- {id: path, principals: ['" ROLE
				   "team/ci/builder']}\n"
				   "- {id: below, principals: ['" ROLE
				   "ops/*']}\n";
	static const struct line lines[] = {
		{ "principal=" ROLE "deploy-web", "allowed name" },
		{ "principal=" ROLE "a/b/deploy-web", "allowed name" },
		{ "principal=" ROLE "a/b/other-web",
		    "breach principal_not_allowed" },
		{ "principal=" ROLE "team/ci/builder", "allowed path" },
		{ "principal=" ROLE "builder", "allowed path" },
		{ "principal=" ROLE "ops/x", "allowed below" },
		{ "principal=" ROLE "x", "breach principal_not_allowed" },
		{ "principal=arn:aws:iam::9:role/builder",
		    "breach principal_not_allowed" },
		{ "principal=" ROLE "ops/x target=" FAR "legacy",
		    "breach decoy_touched below" },
		{ "principal=" ROLE "ops/x target=" FAR "q/legacy",
		    "breach decoy_touched below" },
	};

	RUN(yaml, lines);
}

static void
decoys_are_touched_whatever_rules_say(void)
{
	static const char yaml[] =
	    "decoys: ['" FAR "legacy-*', '" ROLE "bait']\n"
	    "rules:\n"
	    "- {id: all, principals: ['**']}\n"
	    "exceptions:\n"
	    "- {id: X1, owner: a, reason: b, until: 2026-12-31,\n"
	    "   match: {principals: ['" USER "']}}\n"
	    "- {id: X2, owner: a, reason: b, until: 2026-12-31,\n"
	    "   match: {principals: ['" ROLE "tester'],\n"
	    "   codes: [decoy_touched]}}\n"
	    "maintenance:\n"
	    "- {from: 2026-01-01, to: 2026-12-31, reason: c}\n";
	static const struct line lines[] = {
		{ NOW U "target=" FAR "x", "allowed all" },
		{ NOW U "target=" FAR "legacy-admin",
		    "breach decoy_touched all" },
		{ NOW U "target=" FAR "legacy-admin outcome=denied",
		    "breach decoy_touched all" },
		{ NOW "principal=" ROLE "bait target=" FAR "legacy-x",
		    "breach decoy_touched,decoy_touched all" },
		{ NOW "principal=" ROLE "tester target=" FAR "legacy-x",
		    "suppressed decoy_touched all" },
	};

	RUN(yaml, lines);
}

UNIT_MAIN("policy",
    { "the empty policy says nothing", the_empty_policy_says_nothing },
    { "who asks decides which rules are asked",
	who_asks_decides_which_rules_are_asked },
    { "each condition that fails is a reason",
	each_condition_that_fails_is_a_reason },
    { "what the record does not tell is no breach",
	what_the_record_does_not_tell_is_no_breach },
    { "the first rule that holds allows, else the nearest speaks",
	the_first_rule_that_holds_allows_else_the_nearest_speaks },
    { "approved lists are asked of everybody",
	approved_lists_are_asked_of_everybody },
    { "networks and countries vouch for one another",
	networks_and_countries_vouch_for_one_another },
    { "a rule is more specific than an approved list",
	a_rule_is_more_specific_than_an_approved_list },
    { "services are quiet unless a rule names them",
	services_are_quiet_unless_a_rule_names_them },
    { "a role is the same with and without its path",
	a_role_is_the_same_with_and_without_its_path },
    { "decoys are touched whatever rules say",
	decoys_are_touched_whatever_rules_say })
