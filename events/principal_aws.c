/*
 * principal_aws.c - who asked: the caller of a CloudTrail record, canonical.
 *
 * The table of callers and their canonical names: each kind of caller is a
 * function here and an entry of callers[].  Does not know what
 * was asked for.  Any thread.
 */
#include "events/arn.h"
#include "events/trail.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIT(s) SLICE_LIT(s)

/* ---- the partition ----------------------------------------------------- */

struct region_prefix {
	const char *prefix, *partition;
};

static const struct region_prefix region_prefixes[] = {
	{ "cn-", "aws-cn" },
	{ "us-gov-", "aws-us-gov" },
	{ "us-isob-", "aws-iso-b" },
	{ "us-isof-", "aws-iso-f" },
	{ "eu-isoe-", "aws-iso-e" },
	{ "us-iso-", "aws-iso" },
	{ "eusc-", "aws-eusc" },
};

static struct slice
partition_of_region(struct slice region)
{
	for (size_t i = 0; i < COUNT(region_prefixes); i++)
		if (slice_starts(region, region_prefixes[i].prefix))
			return slice_str(region_prefixes[i].partition);
	return LIT("aws");
}

static struct slice
partition_of_resources(const struct json *resources)
{
	struct json_iter at = { 0 };
	const struct json *v;

	if (json_type(resources) != JSON_ARRAY)
		return SLICE_NULL;
	while ((v = json_next(resources, &at, NULL))) {
		struct slice p = arn_partition(field_of(v, "ARN"));

		if (!p.p)
			p = arn_partition(field_of(v, "arn"));
		if (p.p)
			return p;
	}
	return SLICE_NULL;
}

struct slice
trail_partition(struct trail *t)
{
	const struct json *request = t->top[TOP_REQUEST];
	struct slice p = t->partition;

	if (!p.p)
		p = arn_partition(trail_user(t, USER_ARN));
	if (!p.p)
		p = arn_partition(field_text(t->issuer[ISSUER_ARN]));
	if (!p.p)
		p = arn_partition(field_of(request, "roleArn"));
	if (!p.p)
		p = arn_partition(field_of(request, "principalArn"));
	if (!p.p)
		p = arn_partition(trail_user(t, USER_PROVIDER));
	if (!p.p)
		p = partition_of_resources(t->top[TOP_RESOURCES]);
	if (!p.p)
		p = partition_of_region(trail_top(t, TOP_REGION));
	t->partition = p;
	return p;
}

/* ---- pieces ------------------------------------------------------------ */

/* arn:PARTITION:iam::ACCOUNT:KINDNAME; absent where a part is. */
static struct slice
iam_arn(
    struct trail *t, struct slice account, const char *kind, struct slice name)
{
	if (!account.p || !name.p)
		return SLICE_NULL;
	return TRAIL_JOIN(t, LIT("arn:"), trail_partition(t), LIT(":iam::"),
	    account, LIT(":"), slice_str(kind), name);
}

static struct slice
prefixed(struct trail *t, const char *prefix, struct slice s)
{
	return s.p ? TRAIL_JOIN(t, slice_str(prefix), s) : SLICE_NULL;
}

/* principalId without its session. */
static struct slice
id_alone(const struct trail *t)
{
	struct slice id = trail_user(t, USER_ID);
	struct slice before = slice_before(id, ':');

	return before.p ? before : id;
}

static struct slice
present(struct slice s)
{
	return s.n ? s : SLICE_NULL;
}

/* A session's ARN as the role's; anything else as it is. */
static struct slice
without_session(struct trail *t, struct slice text)
{
	struct arn arn;

	if (!arn_parse(text, &arn) ||
	    !slice_starts(arn.resource, "assumed-role/") ||
	    (!slice_is(arn.service, "sts") && !slice_is(arn.service, "iam")))
		return text;
	return TRAIL_JOIN(t, LIT("arn:"), arn.partition, LIT(":iam::"),
	    arn.account, LIT(":role/"), arn_role_of_session(arn.resource));
}

static bool
is_session_arn(struct slice text)
{
	struct arn arn;

	return arn_parse(text, &arn) &&
	    (slice_is(arn.service, "sts") || slice_is(arn.service, "iam")) &&
	    slice_starts(arn.resource, "assumed-role/");
}

/* ---- a row of the table each ------------------------------------------- */

static struct slice
iam_user(struct trail *t)
{
	struct slice arn = trail_user(t, USER_ARN);

	if (!arn.p)
		arn = iam_arn(t, t->acct, "user/", trail_user(t, USER_NAME));
	return arn.p ? arn : prefixed(t, "unknown:", trail_user(t, USER_ID));
}

static struct slice
root(struct trail *t)
{
	struct slice arn = iam_arn(t, t->acct, "root", LIT(""));

	return arn.p ? arn : trail_user(t, USER_ARN);
}

static struct slice
assumed_role(struct trail *t)
{
	struct slice issuer = field_text(t->issuer[ISSUER_ARN]);
	struct slice arn = trail_user(t, USER_ARN), made;

	if (issuer.p)
		return issuer;
	if (is_session_arn(arn))
		return without_session(t, arn);
	made = iam_arn(t,
	    field_account(t->issuer[ISSUER_ACCOUNT], t->a, &t->failed), "role/",
	    field_text(t->issuer[ISSUER_NAME]));
	if (made.p)
		return made;
	return arn.p ? arn : prefixed(t, "unknown:", present(id_alone(t)));
}

static struct slice
role(struct trail *t)
{
	return trail_user(t, USER_ARN);
}

static struct slice
federated_user(struct trail *t)
{
	struct slice issuer = field_text(t->issuer[ISSUER_ARN]);

	return issuer.p ? issuer : trail_user(t, USER_ARN);
}

/* PROVIDER/USER; what is left of it where one is missing. */
static struct slice
of_provider(struct trail *t, struct slice provider, struct slice user)
{
	if (!provider.p)
		return prefixed(t, "unknown:", user);
	if (!user.p)
		return provider;
	return TRAIL_JOIN(t, provider, LIT("/"), user);
}

static struct slice
saml_user(struct trail *t)
{
	struct slice provider = field_of(t->top[TOP_REQUEST], "principalArn");
	struct slice user = trail_user(t, USER_NAME);

	if (!provider.p)
		provider = trail_resource(t, "AWS::IAM::SAMLProvider");
	if (!provider.p)
		provider = field_of(t->top[TOP_EXTRA], "SamlProviderArn");
	if (!provider.p)
		provider = prefixed(t, "saml:", trail_user(t, USER_PROVIDER));
	if (!user.p)
		user = present(slice_after(trail_user(t, USER_ID), ':'));
	if (!user.p)
		user = field_of(t->top[TOP_RESPONSE], "subject");
	return of_provider(t, provider, user);
}

static struct slice
web_identity_user(struct trail *t)
{
	const struct json *response = t->top[TOP_RESPONSE];
	struct slice provider = trail_user(t, USER_PROVIDER);
	struct slice user = trail_user(t, USER_NAME);
	struct slice id = trail_user(t, USER_ID);

	if (!provider.p)
		provider = field_of(response, "provider");
	if (provider.p && !arn_like(provider))
		provider = TRAIL_JOIN(t, LIT("arn:"), trail_partition(t),
		    LIT(":iam::"), t->acct, LIT(":oidc-provider/"), provider);
	if (!user.p)
		user = field_of(response, "subjectFromWebIdentityToken");
	if (!user.p && slice_after(id, ':').p)
		user = present(slice_after_last(id, ':'));
	return of_provider(t, provider, user);
}

static struct slice
service(struct trail *t)
{
	struct slice by = trail_user(t, USER_INVOKED_BY);

	return prefixed(t, "service:", by.p ? by : trail_top(t, TOP_SOURCE));
}

static struct slice
other_account(struct trail *t)
{
	struct slice id = present(id_alone(t));

	if (!id.p)
		return prefixed(t, "aws-account:", t->acct);
	return TRAIL_JOIN(t, LIT("aws-account:"), t->acct, LIT("/"), id);
}

/* Absent where the record names no Identity Center user. */
static struct slice
on_behalf_of(struct trail *t)
{
	const struct json *whom = t->user[USER_ON_BEHALF];
	struct slice user = field_of(whom, "userId");
	struct slice store = field_of(whom, "identityStoreArn");

	if (!user.p)
		return SLICE_NULL;
	return TRAIL_JOIN(t, LIT("identity-center:"),
	    slice_after_last(store, '/'), LIT("/"), user);
}

static struct slice
by_any_name(struct trail *t)
{
	struct slice s = trail_user(t, USER_ARN);

	if (!s.p)
		s = prefixed(t, "unknown:", trail_user(t, USER_NAME));
	if (!s.p)
		s = prefixed(t, "unknown:", trail_user(t, USER_ID));
	if (!s.p)
		s = prefixed(
		    t, "cognito:", field_of(t->top[TOP_REQUEST], "identityId"));
	return s;
}

static struct slice
identity_center_user(struct trail *t)
{
	struct slice s = on_behalf_of(t);

	return s.p ? s : by_any_name(t);
}

struct caller_row {
	const char *type;
	enum principal_type principal_type;
	struct slice (*name)(struct trail *t);
};

static const struct caller_row callers[] = {
	{ "AssumedRole", PT_ROLE, assumed_role },
	{ "AWSService", PT_SERVICE, service },
	{ "IAMUser", PT_USER, iam_user },
	{ "AWSAccount", PT_ACCOUNT, other_account },
	{ "WebIdentityUser", PT_WEB_IDENTITY, web_identity_user },
	{ "SAMLUser", PT_SAML, saml_user },
	{ "Root", PT_ROOT, root },
	{ "FederatedUser", PT_FEDERATED_USER, federated_user },
	{ "IdentityCenterUser", PT_IDENTITY_CENTER, identity_center_user },
	{ "Role", PT_ROLE, role },
};

/* Directory, Unknown, any other type or none. */
static void
other_caller(struct trail *t, struct trail_caller *result)
{
	bool arn = trail_user(t, USER_ARN).p != NULL;
	struct slice behalf = arn ? SLICE_NULL : on_behalf_of(t);

	if (behalf.p) {
		result->principal = behalf;
		result->type = PT_IDENTITY_CENTER;
	} else if (!arn && trail_user(t, USER_INVOKED_BY).p) {
		result->principal = service(t);
		result->type = PT_SERVICE;
	} else {
		result->principal = by_any_name(t);
		result->type = PT_UNKNOWN;
	}
}

/* ---- the session ------------------------------------------------------- */

/* The session that an ARN names: of an assumed role, or a federated user. */
static struct slice
session_of_arn(struct slice text)
{
	struct arn arn;
	struct slice rest;

	if (!arn_parse(text, &arn))
		return SLICE_NULL;
	if (slice_starts(arn.resource, "federated-user/"))
		return present(slice_after_last(arn.resource, '/'));
	if (!slice_starts(arn.resource, "assumed-role/"))
		return SLICE_NULL;
	rest = slice_after(arn.resource, '/');
	return slice_after(rest, '/').p ? present(slice_after_last(rest, '/'))
					: SLICE_NULL;
}

/* Whose principalId is ID:SESSION; a SAML or web identity user's holds the
 * issuer and its subject instead. */
static bool
id_has_session(enum principal_type type)
{
	return type == PT_ROLE || type == PT_FEDERATED_USER ||
	    type == PT_ACCOUNT;
}

static struct slice
session_of_caller(const struct trail *t, enum principal_type type)
{
	struct slice s = session_of_arn(trail_user(t, USER_ARN));

	if (!s.p && id_has_session(type))
		s = present(slice_after(trail_user(t, USER_ID), ':'));
	return s;
}

void
trail_caller(struct trail *t, struct trail_caller *result)
{
	struct slice type = trail_user(t, USER_TYPE);
	struct trail_caller c = { SLICE_NULL, PT_UNKNOWN, SLICE_NULL };
	size_t i = 0;

	while (i < COUNT(callers) && !slice_is(type, callers[i].type))
		i++;
	if (i < COUNT(callers)) {
		c.principal = callers[i].name(t);
		c.type = callers[i].principal_type;
	} else {
		other_caller(t, &c);
	}
	c.session = session_of_caller(t, c.type);
	*result = c;
}

/* ---- who asked --------------------------------------------------------- */

struct arn_kind {
	const char *resource;
	enum principal_type type;
};

static enum principal_type
type_of_arn(struct slice text)
{
	static const struct arn_kind kinds[] = {
		{ "assumed-role/", PT_ROLE },
		{ "role/", PT_ROLE },
		{ "user/", PT_USER },
		{ "root", PT_ROOT },
		{ "federated-user/", PT_FEDERATED_USER },
		{ "saml-provider/", PT_SAML },
		{ "oidc-provider/", PT_WEB_IDENTITY },
	};
	struct arn arn;

	if (arn_parse(text, &arn))
		for (size_t i = 0; i < COUNT(kinds); i++)
			if (slice_starts(arn.resource, kinds[i].resource))
				return kinds[i].type;
	return PT_UNKNOWN;
}

/* The API names who asked in a member of its own (SwitchFrom ...). */
static void
named_asker(struct trail *t, struct slice asker, struct request *r)
{
	r->principal = without_session(t, asker);
	r->principal_type = type_of_arn(asker);
	r->caller_session = session_of_arn(asker);
	r->account = arn_account(r->principal);
}

/* Is userIdentity of this API the role that was asked for, not who asked? */
static bool
user_is_target(const struct api *api)
{
	return api->target && strcmp(api->target, "switched-role") == 0;
}

void
trail_principal(
    struct trail *t, const struct trail_caller *caller, struct request *r)
{
	struct slice asker = t->api->principal
	    ? trail_path(t, t->api->principal)
	    : SLICE_NULL;

	r->principal_type = PT_UNKNOWN;
	if (asker.p) {
		named_asker(t, asker, r);
	} else if (!user_is_target(t->api)) {
		r->principal = caller->principal;
		r->principal_type = caller->type;
		r->caller_session = caller->session;
		r->caller_id = present(id_alone(t));
	}
	if (!r->account.p || !user_is_target(t->api))
		r->account = t->caller_account;
	if (!r->account.p)
		r->account = arn_account(r->principal);
	if (!r->account.p)
		r->account = t->recipient;
}
