/*
 * grant.c - a change of IAM after which somebody may ask for tokens who could
 * not before.
 *
 * Knows which changes these are and where their records say what is given to
 * whom; the rest of a record is read as that of a token request is
 * (cloudtrail.c, gcp.c).  Any thread.
 */
#include "events/grant.h"

#include "events/cloudtrail.h"
#include "events/field.h"
#include "events/gcp.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO_MAX COUNT(((struct request *)NULL)->delegation)

/* ---- which changes -------------------------------------------------------- */

struct reading {
	const struct json *record;
	struct arena *a;
	struct request *r; /* `target` is what the change was made to */
	grant_cb *cb;
	void *arg;
};

static void
give(struct reading *g)
{
	if (g->r->target.p || g->r->n_delegation)
		g->cb(g->arg, g->r);
	g->r->n_delegation = 0;
}

/* More may have it now: a role whose trust was changed. */
static void
read_to_be_had(struct reading *g)
{
	give(g);
}

/* It may ask for more now: a user, an identity provider, a key's account. */
static void
read_may_ask(struct reading *g)
{
	if (!g->r->target.p)
		return;
	g->r->delegation[g->r->n_delegation++] = g->r->target;
	g->r->target = SLICE_NULL;
	give(g);
}

/* A role that was given rights is worth more to who takes it, and asks for more
 * itself. */
static void
read_both(struct reading *g)
{
	read_to_be_had(g);
	read_may_ask(g);
}

static void read_bindings(struct reading *g);
static void read_pool(struct reading *g);

#define ROLE "arn:{partition}:iam::{account}:role/{rp.roleName}"
#define USER "arn:{partition}:iam::{account}:user/{rp.userName}"
#define OIDC "re.openIDConnectProviderArn | rp.openIDConnectProviderArn"
#define SAML "re.sAMLProviderArn | rp.sAMLProviderArn"
#define ACCOUNT "service-account"

/* `what` the change is made to, in the catalogue's words. */
static const struct change {
	const char *action, *what;
	void (*read)(struct reading *g);
} changes[] = {
	{ "iam:AddClientIDToOpenIDConnectProvider", OIDC, read_may_ask },
	{ "iam:AddUserToGroup", USER, read_may_ask },
	{ "iam:AttachRolePolicy", ROLE, read_both },
	{ "iam:AttachUserPolicy", USER, read_may_ask },
	/* Without a name it is the caller's own. */
	{ "iam:CreateAccessKey", USER " | principal", read_may_ask },
	{ "iam:CreateLoginProfile", USER, read_may_ask },
	{ "iam:CreateOpenIDConnectProvider", OIDC, read_may_ask },
	{ "iam:CreateRole", ROLE, read_to_be_had },
	{ "iam:CreateSAMLProvider", SAML, read_may_ask },
	{ "iam:CreateUser", USER, read_may_ask },
	{ "iam:PutRolePolicy", ROLE, read_both },
	{ "iam:PutUserPolicy", USER, read_may_ask },
	{ "iam:UpdateAssumeRolePolicy", ROLE, read_to_be_had },
	{ "iam:UpdateLoginProfile", USER, read_may_ask },
	{ "iam:UpdateOpenIDConnectProviderThumbprint", OIDC, read_may_ask },
	{ "iam:UpdateSAMLProvider", SAML, read_may_ask },
	/* The id of a user; that of a group is nobody's who asks. */
	{ "sso:CreateAccountAssignment", "identity-center:{rp.principalId}",
	    read_may_ask },
	{ "cloudresourcemanager:SetIamPolicy", NULL, read_bindings },
	{ "gcp-iam:CreateServiceAccount", ACCOUNT, read_to_be_had },
	{ "gcp-iam:CreateServiceAccountKey", ACCOUNT, read_may_ask },
	{ "gcp-iam:CreateWorkforcePoolProvider", "resourceName", read_pool },
	{ "gcp-iam:CreateWorkloadIdentityPoolProvider", "resourceName",
	    read_pool },
	{ "gcp-iam:SetIAMPolicy", ACCOUNT, read_bindings },
	{ "gcp-iam:UpdateWorkforcePoolProvider", "resourceName", read_pool },
	{ "gcp-iam:UpdateWorkloadIdentityPoolProvider", "resourceName",
	    read_pool },
	{ "gcp-iam:UploadServiceAccountKey", ACCOUNT, read_may_ask },
};

static const struct change *
change_of(const struct api *api)
{
	if (!api || api->tier != TIER_RELATED)
		return NULL;
	for (size_t i = 0; i < COUNT(changes); i++)
		if (strcmp(changes[i].action, api->action) == 0)
			return &changes[i];
	return NULL;
}

bool
grant_is(const struct api *api)
{
	return change_of(api) != NULL;
}

/* ---- Google's bindings ---------------------------------------------------- */

/* What it takes to ask for a service account's tokens, or to give oneself that.
 * What is in a role of one's own is not told: it may be that. */
static bool
lets_ask(struct slice role)
{
	static const char *const roles[] = { "roles/owner", "roles/editor",
		"roles/iam.serviceAccountAdmin",
		"roles/iam.serviceAccountKeyAdmin",
		"roles/iam.serviceAccountOpenIdTokenCreator",
		"roles/iam.serviceAccountTokenCreator",
		"roles/iam.serviceAccountUser", "roles/iam.securityAdmin",
		"roles/iam.workloadIdentityPoolAdmin",
		"roles/iam.workloadIdentityUser" };

	for (size_t i = 0; i < COUNT(roles); i++)
		if (slice_is(role, roles[i]))
			return true;
	return role.n > 0 && !slice_starts(role, "roles/");
}

/* A member as requests name their callers: addresses in lower case. */
static struct slice
canonical(struct reading *g, struct slice member)
{
	char *text;

	if (!memchr(member.p, '@', member.n))
		return member;
	text = arena_dup(g->a, member.p, member.n);
	if (!text)
		return SLICE_NULL;
	for (size_t i = 0; i < member.n; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] | 0x20);
	return slice_of(text, member.n);
}

/* Groups and domains do not say who is in them: whoever it is. */
static bool
is_somebody(struct slice member)
{
	return slice_starts(member, "user:") ||
	    slice_starts(member, "serviceAccount:") ||
	    slice_starts(member, "principal://") ||
	    slice_starts(member, "principalSet://");
}

static const struct json *
deltas_of(const struct json *record)
{
	const struct json *payload = gcp_payload(record);
	const struct json *v = json_path(
	    payload, "serviceData.policyDelta.bindingDeltas");

	if (!v) /* a row of a BigQuery export */
		v = json_path(
		    payload, "servicedata_v1_iam.policyDelta.bindingDeltas");
	return json_type(v) == JSON_ARRAY ? v : NULL;
}

static void
read_binding(struct reading *g, const struct json *delta, bool *to_all)
{
	struct slice member = field_of(delta, "member");

	if (!slice_is(field_of(delta, "action"), "ADD") || !member.p ||
	    !lets_ask(field_of(delta, "role")))
		return;
	if (!is_somebody(member)) {
		*to_all = true;
		return;
	}
	if (g->r->n_delegation == TO_MAX)
		give(g);
	member = canonical(g, member);
	if (member.p)
		g->r->delegation[g->r->n_delegation++] = member;
}

static void
read_bindings(struct reading *g)
{
	const struct json *deltas = deltas_of(g->record), *delta;
	struct json_iter at = { 0 };
	bool to_all = false;

	while ((delta = json_next(deltas, &at, NULL)))
		read_binding(g, delta, &to_all);
	if (g->r->n_delegation)
		give(g);
	if (to_all)
		give(g);
}

/* A provider speaks for all identities of its pool. */
static void
read_pool(struct reading *g)
{
	g->r->target = arena_cat(g->a,
	    SLICE_LIT("principalSet://iam.googleapis.com/"), g->r->target,
	    SLICE_NULL);
	read_may_ask(g);
}

/* ---- the whole ------------------------------------------------------------ */

void
grant_decode(const struct json *record, struct slice text,
    const struct api *api, struct arena *a, grant_cb *cb, void *arg)
{
	const struct change *change = change_of(api);
	struct api made = *api; /* the row, with what it was made to */
	struct request r = { .kind = KIND_NONE };
	struct reading g = { record, a, &r, cb, arg };
	int err;

	made.target = change->what;
	err = api->provider == PROVIDER_AWS
	    ? cloudtrail_decode(record, text, &made, a, &r)
	    : gcp_decode(record, text, &made, a, &r);
	if (err < 0 || r.outcome != OUTCOME_SUCCESS)
		return;
	r.kind = KIND_GRANT;
	r.api = api;
	r.n_delegation = 0;
	change->read(&g);
}
