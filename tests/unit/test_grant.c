/*
 * test_grant.c - which changes of IAM let somebody ask for tokens: whom, and
 * for what.
 */
#include "events/sift.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define USER_ROOM                                                    \
	"'userIdentity':{'type':'IAMUser','arn':'arn:aws:iam::"      \
	"111122223333:user/ops/mallory','accountId':'111122223333'," \
	"'accessKeyId':'AKIAEXAMPLE'}"
#define IAM(name, rest)                                                \
	"{'eventSource':'iam.amazonaws.com','eventName':'" name "',"   \
	"'eventID':'e1','eventTime':'2026-03-01T08:00:00Z'," USER_ROOM \
	",'recipientAccountId':'111122223333'," rest "}"
#define ROLE "'requestParameters':{'roleName':'deploy'}"
#define USER "'requestParameters':{'userName':'bob'}"
#define GCP(service, method, rest)                                           \
	"{'insertId':'i1','timestamp':'2026-03-01T08:00:00Z','logName':"     \
	"'projects/acme/logs/x','resource':{'labels':{'project_id':'acme',"  \
	"'email_id':'Deploy@acme.iam.gserviceaccount.com'}},"                \
	"'protoPayload':{'serviceName':'" service "','methodName':'" method  \
	"','authenticationInfo':{'principalEmail':'eve@acme.example'}," rest \
	"}}"
#define SET(rest)                                                     \
	GCP("iam.googleapis.com", "google.iam.admin.v1.SetIAMPolicy", \
	    "'serviceData':{'policyDelta':{'bindingDeltas':[" rest "]}}")
#define DELTA(action, role, member) \
	"{'action':'" action "','role':'" role "','member':'" member "'}"
#define CREATOR "roles/iam.serviceAccountTokenCreator"

static struct buf said;

static void
on_request(void *arg, struct request *r)
{
	(void)arg;
	(void)r;
	CHECK(false);
}

static void
on_grant(void *arg, struct request *r)
{
	(void)arg;
	CHECK(r->kind == KIND_GRANT && r->time.valid && r->event_id.n);
	buf_addf(
	    &said, "[%.*s %.*s", SLICE_ARG(r->principal), SLICE_ARG(r->action));
	if (r->target.p)
		buf_addf(&said, " for %.*s", SLICE_ARG(r->target));
	for (unsigned i = 0; i < r->n_delegation; i++)
		buf_addf(&said, "%s%.*s", i ? "," : " to ",
		    SLICE_ARG(r->delegation[i]));
	buf_addc(&said, ']');
}

/* What the record gives, and that it is counted as any other. */
static struct slice
grants_of(const char *quoted)
{
	static const struct sift_calls calls = { .request = on_request,
		.grant = on_grant };
	struct sift_counts counts;
	struct sifter *s = sifter_new(
	    &(struct sift_options){ 0 }, &calls, NULL);
	struct buf text = BUF_INIT;

	buf_reset(&said);
	for (const char *p = quoted; *p; p++)
		buf_addc(&text, *p == '\'' ? '"' : *p);
	sifter_frame(s, buf_slice(&text), NULL, 0);
	sifter_take_counts(s, &counts);
	CHECK_INT(counts.received, 1);
	CHECK_INT(counts.other, 1);
	buf_release(&text);
	sifter_free(s);
	return buf_slice(&said);
}

struct row {
	const char *record, *want;
};

static void
check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_TEXT(grants_of(rows[i].record), rows[i].want);
}

#define MALLORY "arn:aws:iam::111122223333:user/ops/mallory"
#define DEPLOY "arn:aws:iam::111122223333:role/deploy"
#define BOB "arn:aws:iam::111122223333:user/bob"

static void
changes_of_roles_and_users(void)
{
	static const struct row rows[] = {
		{ IAM("UpdateAssumeRolePolicy", ROLE),
		    "[" MALLORY " iam:UpdateAssumeRolePolicy for " DEPLOY "]" },
		{ IAM("CreateRole", ROLE),
		    "[" MALLORY " iam:CreateRole for " DEPLOY "]" },
		{ IAM("AttachRolePolicy", ROLE),
		    "[" MALLORY " iam:AttachRolePolicy for " DEPLOY "][" MALLORY
		    " iam:AttachRolePolicy to " DEPLOY "]" },
		{ IAM("PutUserPolicy", USER),
		    "[" MALLORY " iam:PutUserPolicy to " BOB "]" },
		{ IAM("CreateAccessKey", USER),
		    "[" MALLORY " iam:CreateAccessKey to " BOB "]" },
		{ IAM("CreateAccessKey", "'requestParameters':null"),
		    "[" MALLORY " iam:CreateAccessKey to " MALLORY "]" },
		{ "{'eventSource':'sso.amazonaws.com','eventName':"
		  "'CreateAccountAssignment','eventID':'e1','eventTime':"
		  "'2026-03-01T08:00:00Z'," USER_ROOM ",'requestParameters':{"
		  "'principalType':'USER','principalId':'93670c-17','targetId':"
		  "'444455556666'}}",
		    "[" MALLORY " sso:CreateAccountAssignment to "
		    "identity-center:93670c-17]" },
		{ IAM("CreateLoginProfile", USER),
		    "[" MALLORY " iam:CreateLoginProfile to " BOB "]" },
	};

	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
changes_of_identity_providers(void)
{
	static const struct row rows[] = {
		{ IAM("CreateOpenIDConnectProvider",
		      "'responseElements':{'openIDConnectProviderArn':'arn:"
		      "aws:iam::111122223333:oidc-provider/ci.example'}"),
		    "[" MALLORY " iam:CreateOpenIDConnectProvider to arn:aws:"
		    "iam::111122223333:oidc-provider/ci.example]" },
		{ IAM("UpdateSAMLProvider",
		      "'requestParameters':{'sAMLProviderArn':'arn:aws:iam::"
		      "111122223333:saml-provider/Okta'}"),
		    "[" MALLORY " iam:UpdateSAMLProvider to arn:aws:iam::"
		    "111122223333:saml-provider/Okta]" },
		{ GCP("iam.googleapis.com",
		      "google.iam.v1.WorkloadIdentityPools."
		      "CreateWorkloadIdentityPoolProvider",
		      "'resourceName':'projects/7/locations/global/"
		      "workloadIdentityPools/ci'"),
		    "[user:eve@acme.example "
		    "gcp-iam:CreateWorkloadIdentityPoolProvider to "
		    "principalSet://iam.googleapis.com/projects/7/locations/"
		    "global/workloadIdentityPools/ci]" },
	};

	check(rows, sizeof(rows) / sizeof(rows[0]));
}

#define EVE "user:eve@acme.example gcp-iam:SetIAMPolicy"
#define DEPLOYER "serviceAccount:deploy@acme.iam.gserviceaccount.com"

static void
what_was_added_to_a_policy(void)
{
	static const struct row rows[] = {
		{ SET(DELTA("ADD", CREATOR, "user:Bob@acme.example")),
		    "[" EVE " for " DEPLOYER " to user:bob@acme.example]" },
		{ SET(DELTA("REMOVE", CREATOR, "user:bob@acme.example")), "" },
		{ SET(DELTA("ADD", "roles/viewer", "user:bob@acme.example")),
		    "" },
		/* Nobody but its owner knows what is in it. */
		{ SET(DELTA(
		      "ADD", "projects/acme/roles/x", "user:a@b.example")),
		    "[" EVE " for " DEPLOYER " to user:a@b.example]" },
		/* Who is in a group is not said. */
		{ SET(DELTA("ADD", CREATOR, "group:all@acme.example") "," DELTA(
		      "ADD", CREATOR, "user:a@b.example")),
		    "[" EVE " for " DEPLOYER " to user:a@b.example][" EVE
		    " for " DEPLOYER "]" },
		{ GCP("cloudresourcemanager.googleapis.com", "SetIamPolicy",
		      "'serviceData':{'policyDelta':{'bindingDeltas':[" DELTA(
			  "ADD", "roles/owner", "user:a@b.example") "]}}"),
		    "[user:eve@acme.example cloudresourcemanager:SetIamPolicy"
		    " to user:a@b.example]" },
		{ GCP("cloudresourcemanager.googleapis.com", "SetIamPolicy",
		      "'serviceData':{'policyDelta':{'bindingDeltas':[" DELTA(
			  "ADD", "roles/owner", "domain:b.example") "]}}"),
		    "" },
		{ GCP("iam.googleapis.com",
		      "google.iam.admin.v1.CreateServiceAccountKey",
		      "'resourceName':'projects/-/serviceAccounts/1'"),
		    "[user:eve@acme.example gcp-iam:CreateServiceAccountKey to " DEPLOYER
		    "]" },
	};

	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
many_members_make_several(void)
{
	struct buf text = BUF_INIT;
	struct slice s;
	size_t n = 0;

	buf_adds(&text,
	    "{'insertId':'i1','timestamp':'2026-03-01T08:00:00Z',"
	    "'protoPayload':{'serviceName':'iam.googleapis.com',"
	    "'methodName':'google.iam.admin.v1.SetIAMPolicy',"
	    "'serviceData':{'policyDelta':{'bindingDeltas':[");
	for (int i = 0; i < 20; i++)
		buf_addf(&text,
		    "%s" DELTA("ADD", CREATOR, "user:u%d@b.example"),
		    i ? "," : "", i);
	buf_adds(&text, "]}}}}");
	buf_addc(&text, '\0');
	s = grants_of(text.p);
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '@';
	CHECK_INT(n, 20);
	buf_release(&text);
}

static void
what_was_denied_or_is_something_else_gives_nothing(void)
{
	static const struct row rows[] = {
		{ IAM("UpdateAssumeRolePolicy",
		      ROLE ",'errorCode':'AccessDenied'"),
		    "" },
		{ IAM("UpdateAssumeRolePolicy", "'requestParameters':null"),
		    "" },
		{ IAM("UpdateAssumeRolePolicy", "'requestParameters':'x'"),
		    "" },
		{ IAM("ListRoles", ROLE), "" },
		{ IAM("AcceptDelegationRequest", ROLE), "" },
		{ SET("7,{},{'action':7}"), "" },
		{ GCP("run.googleapis.com", "SetIamPolicy",
		      "'serviceData':{'policyDelta':{'bindingDeltas':[" DELTA(
			  "ADD", "roles/owner", "user:a@b.example") "]}}"),
		    "" },
	};

	check(rows, sizeof(rows) / sizeof(rows[0]));
	buf_release(&said);
}

UNIT_MAIN("grant", { "changes of roles and users", changes_of_roles_and_users },
    { "changes of identity providers", changes_of_identity_providers },
    { "what was added to a policy", what_was_added_to_a_policy },
    { "many members make several", many_members_make_several },
    { "what was denied, or is something else, gives nothing",
	what_was_denied_or_is_something_else_gives_nothing })
