/*
 * test_title.c - what a person would say: names, verbs, places, reasons.
 */
#include "detect/finding.h"
#include "detect/names.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define ROLE_DEPLOY "arn:aws:iam::444455556666:role/ops/deploy"
#define GITHUB                                     \
	"arn:aws:iam::111122223333:oidc-provider/" \
	"token.actions.githubusercontent.com/repo:acme/app:ref:refs/heads/main"
#define POOL                                               \
	"iam.googleapis.com/projects/42/locations/global/" \
	"workloadIdentityPools/ci-pool"

static const struct {
	enum principal_type type;
	const char *principal, *caller_session;
	const char *action, *target;
	enum outcome outcome;
	const char *want;
} deeds[] = {
	{ PT_USER, "arn:aws:iam::111122223333:user/eng/alice", NULL,
	    "sts:AssumeRole", ROLE_DEPLOY, OUTCOME_SUCCESS,
	    "User alice assumed role deploy in account 444455556666" },
	{ PT_USER, "arn:aws:iam::111122223333:user/alice", NULL,
	    "sts:AssumeRole", ROLE_DEPLOY, OUTCOME_DENIED,
	    "User alice tried to assume role deploy in account 444455556666" },
	{ PT_ROLE, "arn:aws:iam::111122223333:role/build", "i-0abc",
	    "sts:AssumeRole", NULL, OUTCOME_FAILED,
	    "Role build (session i-0abc) tried to assume a role" },
	{ PT_ROOT, "arn:aws:iam::111122223333:root", NULL, "sts:AssumeRoot",
	    "arn:aws:iam::444455556666:root", OUTCOME_SUCCESS,
	    "The root user of account 111122223333 became root in account "
	    "444455556666" },
	{ PT_USER, "arn:aws:iam::111122223333:user/alice", NULL,
	    "sts:GetFederationToken",
	    "arn:aws:sts::111122223333:federated-user/bob", OUTCOME_SUCCESS,
	    "User alice requested a federation session named bob" },
	{ PT_USER, "arn:aws:iam::111122223333:user/alice", NULL,
	    "sts:GetFederationToken", NULL, OUTCOME_DENIED,
	    "User alice tried to request a federation session" },
	{ PT_USER, "arn:aws:iam::111122223333:user/alice", NULL,
	    "sts:GetSessionToken", "arn:aws:iam::111122223333:user/alice",
	    OUTCOME_SUCCESS, "User alice requested a session token" },
	{ PT_FEDERATED_USER, "arn:aws:iam::111122223333:user/alice", "bob",
	    "signin:ConsoleLogin", "arn:aws:iam::111122223333:user/alice",
	    OUTCOME_SUCCESS,
	    "Federated user bob of alice signed in to the console" },
	{ PT_FEDERATED_USER, "arn:aws:sts::111122223333:federated-user/bob",
	    "bob", "signin:GetSigninToken", NULL, OUTCOME_SUCCESS,
	    "Federated user bob requested a console sign-in token" },
	{ PT_ROLE, "arn:aws:iam::111122223333:role/ops", "eve",
	    "signin:SwitchRole", ROLE_DEPLOY, OUTCOME_SUCCESS,
	    "Role ops (session eve) switched to role deploy in account "
	    "444455556666 in the console" },
	{ PT_SAML,
	    "arn:aws:iam::111122223333:saml-provider/Okta/alice@acme.example",
	    NULL, "sts:AssumeRoleWithSAML", ROLE_DEPLOY, OUTCOME_SUCCESS,
	    "SAML user alice@acme.example of Okta assumed role deploy in "
	    "account 444455556666 through SAML" },
	{ PT_SAML, "saml:abc=/alice", NULL, "sts:AssumeRoleWithSAML", NULL,
	    OUTCOME_SUCCESS, "SAML user alice assumed a role through SAML" },
	{ PT_WEB_IDENTITY, GITHUB, NULL, "sts:AssumeRoleWithWebIdentity",
	    ROLE_DEPLOY, OUTCOME_SUCCESS,
	    "GitHub repo acme/app (ref:refs/heads/main) assumed role deploy "
	    "in account 444455556666 with a web identity token" },
	{ PT_WEB_IDENTITY,
	    "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1"
	    ".amazonaws.com/id/ABC/system:serviceaccount:web:front",
	    NULL, "sts:AssumeRoleWithWebIdentity", ROLE_DEPLOY, OUTCOME_DENIED,
	    "Kubernetes service account web:front tried to assume role deploy "
	    "in account 444455556666 with a web identity token" },
	{ PT_WEB_IDENTITY,
	    "arn:aws:iam::111122223333:oidc-provider/accounts.google.com/1234",
	    NULL, "sts:AssumeRoleWithWebIdentity", NULL, OUTCOME_SUCCESS,
	    "Web identity accounts.google.com/1234 assumed a role with a web "
	    "identity token" },
	{ PT_WEB_IDENTITY,
	    "arn:aws:iam::111122223333:oidc-provider/gitlab.com/"
	    "project_path:acme/app:ref_type:branch:ref:main",
	    NULL, "sts:AssumeRoleWithWebIdentity", NULL, OUTCOME_SUCCESS,
	    "GitLab project acme/app (ref_type:branch:ref:main) assumed a "
	    "role with a web identity token" },
	{ PT_SERVICE, "service:ec2.amazonaws.com", NULL, "sts:AssumeRole",
	    ROLE_DEPLOY, OUTCOME_SUCCESS,
	    "Service ec2.amazonaws.com assumed role deploy in account "
	    "444455556666" },
	{ PT_ACCOUNT, "aws-account:999988887777/AIDAEXAMPLE", NULL,
	    "sts:AssumeRole", ROLE_DEPLOY, OUTCOME_DENIED,
	    "Somebody of account 999988887777 (AIDAEXAMPLE) tried to assume "
	    "role deploy in account 444455556666" },
	{ PT_ACCOUNT, "aws-account:999988887777", NULL, "sts:AssumeRole", NULL,
	    OUTCOME_SUCCESS,
	    "Somebody of account 999988887777 assumed a role" },
	{ PT_IDENTITY_CENTER, "identity-center:d-123/u-456", NULL,
	    "sso:GetRoleCredentials", "identity-center:444455556666/Admin",
	    OUTCOME_SUCCESS,
	    "Identity Center user u-456 requested credentials of role Admin "
	    "in account 444455556666 through Identity Center" },
	{ PT_UNKNOWN, "cognito:eu-west-1:abc", NULL,
	    "cognito-identity:GetCredentialsForIdentity", NULL, OUTCOME_SUCCESS,
	    "Cognito identity eu-west-1:abc requested credentials through "
	    "Cognito" },
	{ PT_UNKNOWN, "unknown:mallory", NULL, "sso-oauth:CreateToken", NULL,
	    OUTCOME_FAILED,
	    "Unknown caller mallory tried to request an Identity Center "
	    "token" },
	{ PT_UNKNOWN, NULL, NULL, "redshift:GetClusterCredentials", "db1",
	    OUTCOME_SUCCESS,
	    "Somebody unknown called redshift:GetClusterCredentials for db1" },
	{ PT_SERVICE_ACCOUNT,
	    "serviceAccount:ci@acme-prod.iam.gserviceaccount.com", NULL,
	    "iamcredentials:GenerateAccessToken",
	    "serviceAccount:admin@acme-prod.iam.gserviceaccount.com",
	    OUTCOME_SUCCESS,
	    "Service account ci@acme-prod.iam.gserviceaccount.com minted an "
	    "access token for service account "
	    "admin@acme-prod.iam.gserviceaccount.com" },
	{ PT_USER, "user:alice@acme.example", NULL, "iamcredentials:SignJwt",
	    "serviceAccount:1234567890", OUTCOME_DENIED,
	    "User alice@acme.example tried to sign a JWT as service account "
	    "1234567890" },
	{ PT_FEDERATED, "principal://" POOL "/subject/repo:acme/app:ref:main",
	    NULL, "gcp-sts:ExchangeToken", "//" POOL "/providers/github",
	    OUTCOME_SUCCESS,
	    "GitHub repo acme/app (ref:main) of pool ci-pool exchanged a "
	    "token at provider github of identity pool ci-pool" },
	{ PT_FEDERATED, "principalSet://" POOL "/attribute.env/prod", NULL,
	    "gcp-sts:ExchangeToken", NULL, OUTCOME_FAILED,
	    "Federated identity attribute.env/prod of pool ci-pool tried to "
	    "exchange a token" },
	{ PT_FEDERATED, "subject:robot-7", NULL, "gcp-sts:ExchangeToken", NULL,
	    OUTCOME_SUCCESS, "Federated identity robot-7 exchanged a token" },
	{ PT_WORKLOAD, "serviceAccount:acme-prod.svc.id.goog[web/front]", NULL,
	    "iamcredentials:GenerateIdToken", NULL, OUTCOME_SUCCESS,
	    "Kubernetes service account web/front of acme-prod minted an id "
	    "token" },
	{ PT_REDACTED, NULL, NULL, "gcp-sts:ExchangeToken", NULL,
	    OUTCOME_SUCCESS,
	    "Somebody whose name was redacted exchanged a token" },
	{ PT_USER, "user:alice@acme.example", NULL, "cloudbuild:FetchReadToken",
	    "projects/p/locations/l/x", OUTCOME_DENIED,
	    "User alice@acme.example tried to call cloudbuild:FetchReadToken "
	    "for projects/p/locations/l/x" },
};

static struct request
request_of(size_t i)
{
	struct request r = { 0 };

	r.principal_type = deeds[i].type;
	r.principal = slice_str(deeds[i].principal);
	r.caller_session = slice_str(deeds[i].caller_session);
	r.action = slice_str(deeds[i].action);
	r.target = slice_str(deeds[i].target);
	if (slice_starts(r.target, "identity-center:"))
		r.target_account = SLICE_LIT("444455556666");
	r.outcome = deeds[i].outcome;
	r.source.kind = SOURCE_UNKNOWN;
	return r;
}

static void
who_did_what_is_said_as_a_person_would(void)
{
	struct verdict v = { 0 };
	struct arena a;

	arena_init(&a, 1024);
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		struct request r = request_of(i);

		CHECK_TEXT(finding_title(&r, &v, &a), deeds[i].want);
	}
	arena_release(&a);
}

static const struct {
	enum source_kind kind;
	const char *ip, *name, *country, *city;
	uint32_t asn;
	const char *org;
	const char *want;
} places[] = {
	{ SOURCE_IP, "203.0.113.9", NULL, "RU", "Moscow", 64500, "Example",
	    " from Moscow, RU (AS64500 Example)" },
	{ SOURCE_IP, "203.0.113.9", NULL, "RU", NULL, 0, NULL, " from RU" },
	{ SOURCE_IP, "203.0.113.9", NULL, "", NULL, 64500, NULL,
	    " from 203.0.113.9 (AS64500)" },
	{ SOURCE_IP, "203.0.113.9", NULL, "", "Moscow", 0, NULL,
	    " from 203.0.113.9" },
	{ SOURCE_PRIVATE, "10.1.2.3", NULL, "", NULL, 0, NULL,
	    " from the private address 10.1.2.3" },
	{ SOURCE_CLOUD_SERVICE, NULL, "ec2.amazonaws.com", "", NULL, 0, NULL,
	    " through ec2.amazonaws.com" },
	{ SOURCE_CLOUD_INTERNAL, NULL, "AWS Internal", "", NULL, 0, NULL,
	    " from inside the cloud" },
	{ SOURCE_UNKNOWN, NULL, "?", "", NULL, 0, NULL, "" },
};

static void
the_place_is_a_town_a_country_or_the_address(void)
{
	struct verdict v = { 0 };
	char want[256];
	struct arena a;

	arena_init(&a, 1024);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct request r = request_of(0);

		r.source.kind = places[i].kind;
		r.source.ip = slice_str(places[i].ip);
		r.source.name = slice_str(places[i].name);
		memcpy(r.source.place.country, places[i].country,
		    strlen(places[i].country) + 1);
		r.source.place.city = slice_str(places[i].city);
		r.source.place.asn = places[i].asn;
		r.source.place.org = slice_str(places[i].org);
		snprintf(
		    want, sizeof(want), "%s%s", deeds[0].want, places[i].want);
		CHECK_TEXT(finding_title(&r, &v, &a), want);
	}
	arena_release(&a);
}

static struct reason
reason(enum reason_code code, const char *observed, const char *note)
{
	struct reason r = { .code = code };

	r.observed = slice_str(observed);
	r.note = slice_str(note);
	return r;
}

static void
reasons_stand_behind_the_deed_and_a_rule_is_named_once(void)
{
	struct request r = request_of(6);
	struct verdict v = { 0 };
	struct arena a;

	arena_init(&a, 1024);
	v.reasons[0] = reason(R_COUNTRY_NOT_APPROVED, "RU", "rule humans");
	v.n_reasons = 1;
	CHECK_TEXT(finding_title(&r, &v, &a),
	    "User alice requested a session token, a country that is not "
	    "approved for rule humans");
	v.reasons[1] = reason(R_MFA_MISSING, NULL, "rule humans");
	v.n_reasons = 2;
	CHECK_TEXT(finding_title(&r, &v, &a),
	    "User alice requested a session token, a country that is not "
	    "approved for rule humans and without the MFA that is required");
	v.reasons[2] = reason(R_CLOUD_REGION_NOT_APPROVED, "eu-south-9", NULL);
	v.n_reasons = 3;
	CHECK_TEXT(finding_title(&r, &v, &a),
	    "User alice requested a session token, a country that is not "
	    "approved for rule humans, without the MFA that is required and "
	    "in cloud region eu-south-9, which is not approved");
	for (int i = 3; i < 5; i++)
		v.reasons[i] = reason(R_OUTSIDE_HOURS, NULL, NULL);
	v.n_reasons = 5;
	CHECK_TEXT(finding_title(&r, &v, &a),
	    "User alice requested a session token, a country that is not "
	    "approved for rule humans, without the MFA that is required, in "
	    "cloud region eu-south-9, which is not approved and 2 more "
	    "reasons");
	arena_release(&a);
}

static void
a_long_name_is_cut_at_a_code_point_and_says_so(void)
{
	struct request r = request_of(0);
	struct verdict v = { 0 };
	struct buf name = BUF_INIT, want = BUF_INIT;
	struct arena a;

	/* 119 bytes fit, the two of the last letter do not. */
	buf_adds(&name, "user:");
	buf_adds(&want, "User ");
	for (int i = 0; i < 119; i++) {
		buf_addc(&name, 'a');
		buf_addc(&want, 'a');
	}
	buf_adds(&name, "\xc3\xa9\xc3\xa9");
	buf_adds(&want, "\xe2\x80\xa6 assumed a role");
	buf_addc(&want, '\0');
	r.principal = buf_slice(&name);
	r.target = SLICE_NULL;
	arena_init(&a, 1024);
	CHECK_TEXT(finding_title(&r, &v, &a), want.p);
	arena_release(&a);
	buf_release(&name);
	buf_release(&want);
}

/* Names of no known shape, and cut-off ones, for every type of principal. */
static void
strange_names_are_only_data(void)
{
	static const char *const names[] = { "", "arn:", "arn:aws",
		"arn::::::", "user:", "serviceAccount:", "serviceAccount:[",
		"[", "/", "//", "principal://",
		"subject:", "aws-account:", "aws-account:/",
		"identity-center:", "arn:aws:iam::1:oidc-provider/",
		"arn:aws:iam::1:saml-provider/", "saml:", "%s%n%p",
		"\n\x1b[31m", "arn:aws:iam::1:oidc-provider/x/repo:",
		"principal://x/workloadIdentityPools/", "\xff\xfe" };
	struct verdict v = { 0 };
	struct arena a;

	arena_init(&a, 1024);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int type = 0; type < PT_COUNT; type++) {
			struct request r = request_of(0);

			r.principal_type = (enum principal_type)type;
			r.principal = slice_str(names[i]);
			r.target = slice_str(names[i]);
			CHECK(finding_title(&r, &v, &a).n > 0);
			r.principal = SLICE_NULL;
			r.action = SLICE_NULL;
			CHECK(finding_title(&r, &v, &a).n > 0);
			arena_reset(&a);
		}
	arena_release(&a);
}

static void
short_names_leave_out_what_goes_without_saying(void)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "arn:aws:iam::1:user/a/b/alice", "alice" },
		{ "arn:aws:iam::1:role/deploy", "deploy" },
		{ "user:alice@acme.example", "alice@acme.example" },
		{ "serviceAccount:ci@p.iam.gserviceaccount.com",
		    "ci@p.iam.gserviceaccount.com" },
		{ "service:ec2.amazonaws.com", "ec2.amazonaws.com" },
		{ "identity-center:d-1/u-2", "u-2" },
		{ "arn:aws:iam::1:saml-provider/Okta/alice", "Okta/alice" },
		{ "arn:aws:iam::1:root", "arn:aws:iam::1:root" },
		{ NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(
		    names_short(slice_str(cases[i].name)), cases[i].want);
}

UNIT_MAIN("title",
    { "who did what is said as a person would",
	who_did_what_is_said_as_a_person_would },
    { "the place is a town, a country or the address",
	the_place_is_a_town_a_country_or_the_address },
    { "reasons stand behind the deed and a rule is named once",
	reasons_stand_behind_the_deed_and_a_rule_is_named_once },
    { "a long name is cut at a code point and says so",
	a_long_name_is_cut_at_a_code_point_and_says_so },
    { "strange names are only data", strange_names_are_only_data },
    { "short names leave out what goes without saying",
	short_names_leave_out_what_goes_without_saying })
