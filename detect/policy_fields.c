/*
 * policy_fields.c - the request that a test case describes by its members.
 *
 * Fills in what `fields` say, and for a request of nothing else what can be
 * told from them: the type and account of a principal, the kind of an action.
 * Judging it is policy_test.c's.  Pure functions.
 */
#include "detect/policy_i.h"

#include "events/arn.h"
#include "events/catalogue.h"

#include <ctype.h>

/*
 * What is said
 */

static bool
apply_word(const char *text, int (*of)(struct slice word), int *result)
{
	if (!text)
		return true;
	*result = of(slice_str(text));
	return *result >= 0;
}

static bool
apply_words(const struct test_fields *f, struct request *r, const char **key)
{
	int type = (int)r->principal_type, kind = (int)r->kind;
	int outcome = (int)r->outcome, source = (int)r->source.kind;

	*key = "principal_type";
	if (!apply_word(f->principal_type, principal_type_of, &type))
		return false;
	*key = "kind";
	if (!apply_word(f->kind, token_kind_of, &kind))
		return false;
	*key = "outcome";
	if (!apply_word(f->outcome, outcome_of, &outcome))
		return false;
	*key = "source_kind";
	if (!apply_word(f->source_kind, source_kind_of, &source))
		return false;
	r->principal_type = (enum principal_type)type;
	r->kind = (enum token_kind)kind;
	r->outcome = (enum outcome)outcome;
	r->source.kind = (enum source_kind)source;
	return true;
}

static bool
apply_provider(const struct test_fields *f, struct request *r, const char **key)
{
	*key = "provider";
	if (!f->provider)
		return true;
	if (strcmp(f->provider, "gcp") == 0)
		r->provider = PROVIDER_GCP;
	else if (strcmp(f->provider, "aws") == 0)
		r->provider = PROVIDER_AWS;
	else
		return false;
	return true;
}

static void
apply_text(const char *text, struct slice *result)
{
	if (text)
		*result = *text ? slice_str(text) : SLICE_NULL;
}

static void
apply_texts(const struct test_fields *f, struct request *r)
{
	apply_text(f->principal, &r->principal);
	apply_text(f->account, &r->account);
	apply_text(f->action, &r->action);
	apply_text(f->target, &r->target);
	apply_text(f->target_account, &r->target_account);
	apply_text(f->session, &r->session);
	apply_text(f->caller_session, &r->caller_session);
	apply_text(f->cloud_region, &r->cloud_region);
	apply_text(f->user_agent, &r->user_agent);
	apply_text(f->external_id, &r->external_id);
	apply_text(f->source_identity, &r->source_identity);
}

static bool
apply_address(const struct test_fields *f, struct arena *a, struct request *r)
{
	char text[ADDR_TEXT];

	if (!f->ip)
		return true;
	if (!addr_parse(slice_str(f->ip), &r->source.addr))
		return false;
	r->source.ip = arena_slice(a, addr_format(&r->source.addr, text));
	r->source.name = SLICE_NULL;
	r->source.kind = addr_is_private(&r->source.addr) ? SOURCE_PRIVATE
							  : SOURCE_IP;
	return true;
}

static bool
apply_place(const struct test_fields *f, struct arena *a, struct request *r,
    const char **key)
{
	struct place *place = &r->source.place;

	*key = "ip";
	if (!apply_address(f, a, r))
		return false;
	*key = "country";
	if (f->country) {
		if (strlen(f->country) != 2 ||
		    !isalpha((unsigned char)f->country[0]) ||
		    !isalpha((unsigned char)f->country[1]))
			return false;
		place->country[0] = (char)toupper((unsigned char)f->country[0]);
		place->country[1] = (char)toupper((unsigned char)f->country[1]);
		place->country[2] = '\0';
	}
	if (f->asn)
		place->asn = (uint32_t)f->asn;
	if ((f->country || f->asn) && r->source.kind == SOURCE_UNKNOWN)
		r->source.kind = SOURCE_IP;
	return true;
}

static bool
apply_rest(const struct test_fields *f, struct request *r, const char **key)
{
	static const enum mfa_state states[] = { MFA_UNKNOWN, MFA_NO, MFA_YES,
		MFA_NO, MFA_YES };

	*key = "time";
	if (f->time && !policy_moment(f->time, &r->time))
		return false;
	if (f->duration)
		r->duration = f->duration / 1000;
	if (f->mfa)
		r->mfa = states[f->mfa];
	return true;
}

int
policy_fields_over(const struct test_fields *f, struct arena *a,
    struct request *r, const char **key)
{
	apply_texts(f, r);
	if (!apply_provider(f, r, key) || !apply_place(f, a, r, key) ||
	    !apply_words(f, r, key) || !apply_rest(f, r, key))
		return ST_EINVAL;
	return 0;
}

/*
 * What can be told
 */

static const struct {
	const char *begins, *holds;
	enum principal_type type;
} types[] = {
	{ "service:", "", PT_SERVICE },
	{ "aws-account:", "", PT_ACCOUNT },
	{ "identity-center:", "", PT_IDENTITY_CENTER },
	{ "serviceAccount:", ".svc.id.goog[", PT_WORKLOAD },
	{ "serviceAccount:", "", PT_SERVICE_ACCOUNT },
	{ "user:", "", PT_USER },
	{ "principal", "://", PT_FEDERATED },
	{ "subject:", "", PT_FEDERATED },
	{ "saml:", "", PT_SAML },
	{ "arn:", ":saml-provider/", PT_SAML },
	{ "arn:", ":oidc-provider/", PT_WEB_IDENTITY },
	{ "arn:", ":federated-user/", PT_FEDERATED_USER },
	{ "arn:", ":role/", PT_ROLE },
	{ "arn:", ":user/", PT_USER },
	{ "arn:", ":root", PT_ROOT },
};

static enum principal_type
type_of(struct slice principal, enum provider provider)
{
	if (slice_is_null(principal))
		return provider == PROVIDER_GCP ? PT_REDACTED : PT_UNKNOWN;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_starts(principal, types[i].begins) &&
		    slice_find(principal, types[i].holds))
			return types[i].type;
	return PT_UNKNOWN;
}

/* "serviceAccount:x@PROJECT.iam.gserviceaccount.com" */
static struct slice
project_of(struct slice name, struct arena *a)
{
	struct slice behind = slice_after(name, '@');
	const char *end = slice_find(behind, ".iam.gserviceaccount.com");

	if (!slice_starts(name, "serviceAccount:") || !end)
		return SLICE_NULL;
	return arena_cat(a, SLICE_LIT("projects/"),
	    slice_of(behind.p, (size_t)(end - behind.p)), SLICE_NULL);
}

static struct slice
account_of(struct slice name, struct arena *a)
{
	struct slice behind = slice_after(name, ':');
	struct slice first = slice_before(behind, '/');

	if (slice_is_null(name))
		return SLICE_NULL;
	if (arn_like(name))
		return arn_account(name);
	if (slice_starts(name, "aws-account:") ||
	    slice_starts(name, "identity-center:"))
		return slice_is_null(first) ? behind : first;
	return project_of(name, a);
}

static const struct api *
api_of(struct slice action)
{
	for (size_t i = 0; i < catalogue_size; i++)
		if (slice_is(action, catalogue[i].action))
			return &catalogue[i];
	return NULL;
}

static enum provider
provider_of(struct slice principal)
{
	return slice_starts(principal, "serviceAccount:") ||
		slice_starts(principal, "user:") ||
		slice_starts(principal, "principal")
	    ? PROVIDER_GCP
	    : PROVIDER_AWS;
}

int
policy_fields_request(const struct test_fields *f, struct arena *a,
    struct request *r, const char **key)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->duration = -1;
	r->source.kind = SOURCE_UNKNOWN;
	apply_text(f->action, &r->action);
	apply_text(f->principal, &r->principal);
	r->api = api_of(r->action);
	r->provider = r->api ? r->api->provider : provider_of(r->principal);
	if (r->api)
		r->kind = r->api->kind;
	if (f->provider && !apply_provider(f, r, key))
		return ST_EINVAL;
	r->principal_type = type_of(r->principal, r->provider);
	err = policy_fields_over(f, a, r, key);
	if (err < 0)
		return err;
	if (slice_is_null(r->account))
		r->account = account_of(r->principal, a);
	if (slice_is_null(r->target_account) && !slice_is_null(r->target))
		r->target_account = slice_eq(r->target, r->principal)
		    ? r->account
		    : account_of(r->target, a);
	return 0;
}
