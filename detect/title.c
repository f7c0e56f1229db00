/*
 * title.c - a finding as one sentence: who did what, from where, and why that
 * is not normal.
 *
 *     User alice assumed role deploy in account 444455556666 from Moscow, RU
 *     (AS12345 Example), a country that is not approved for rule humans
 *
 * Knows the verbs of the APIs and how reasons are strung together; the names
 * are names.c's, the words of the reasons stand in reasons.c.  Pure functions,
 * any thread.
 */
#include "detect/finding.h"
#include "detect/names.h"

#include <inttypes.h>

#define TITLE_REASONS_MAX 3

/* %t is the target; `bare` stands for `rest` where the record names none. */
struct verb {
	const char *action;
	const char *did, *base;
	const char *rest, *bare;
};

/* clang-format off */
static const struct verb verbs[] = {
	{ "sts:AssumeRole", "assumed", "assume", "%t", "a role" },
	{ "sts:AssumeRoleWithSAML", "assumed", "assume", "%t through SAML", "a role through SAML" },
	{ "sts:AssumeRoleWithWebIdentity", "assumed", "assume", "%t with a web identity token", "a role with a web identity token" },
	{ "sts:AssumeRoot", "became", "become", "%t", "root of a member account" },
	{ "sts:GetSessionToken", "requested", "request", "a session token", NULL },
	{ "sts:GetFederationToken", "requested", "request", "a federation session named %t", "a federation session" },
	{ "sts:GetDelegatedAccessToken", "requested", "request", "a delegated access token for %t", "a delegated access token" },
	{ "sts:GetWebIdentityToken", "requested", "request", "a web identity token for another service", NULL },
	{ "signin:ConsoleLogin", "signed in", "sign in", "to the console", NULL },
	{ "signin:GetSigninToken", "requested", "request", "a console sign-in token", NULL },
	{ "signin:SwitchRole", "switched", "switch", "to %t in the console", "to another role in the console" },
	{ "signin:RenewRole", "renewed", "renew", "the console session of %t", "a console session" },
	{ "signin:CreateOAuth2Token", "requested", "request", "an OAuth token of the console", NULL },
	{ "signin:CreateOAuth2TokenWithIAM", "requested", "request", "an OAuth token of the console", NULL },
	{ "sso:GetRoleCredentials", "requested", "request", "credentials of %t through Identity Center", "role credentials through Identity Center" },
	{ "sso:Federate", "opened", "open", "the console as %t through Identity Center", "the console through Identity Center" },
	{ "sso:Authenticate", "signed in", "sign in", "to Identity Center", NULL },
	{ "sso-oauth:CreateToken", "requested", "request", "an Identity Center token", NULL },
	{ "sso-oauth:CreateTokenWithIAM", "exchanged", "exchange", "a token for an Identity Center token", NULL },
	{ "eks-auth:AssumeRoleForPodIdentity", "assumed", "assume", "%t for a pod", "a role for a pod" },
	{ "rolesanywhere:CreateSession", "assumed", "assume", "%t with a certificate", "a role with a certificate" },
	{ "cognito-identity:GetCredentialsForIdentity", "requested", "request", "credentials of %t through Cognito", "credentials through Cognito" },
	{ "iamcredentials:GenerateAccessToken", "minted", "mint", "an access token for %t", "an access token" },
	{ "iamcredentials:GenerateIdToken", "minted", "mint", "an id token for %t", "an id token" },
	{ "iamcredentials:SignJwt", "signed", "sign", "a JWT as %t", "a JWT" },
	{ "iamcredentials:SignBlob", "signed", "sign", "bytes as %t", "bytes" },
	{ "gcp-iam:SignJwt", "signed", "sign", "a JWT as %t", "a JWT" },
	{ "gcp-iam:SignBlob", "signed", "sign", "bytes as %t", "bytes" },
	{ "gcp-sts:ExchangeToken", "exchanged", "exchange", "a token at %t", "a token" },
	{ "gcp-sts:ExchangeOauthToken", "exchanged", "exchange", "an OAuth code at %t", "an OAuth code" },
	{ "gcp-sts:WebSignIn", "signed in", "sign in", "at %t", "with a federated identity" },
};
/* clang-format on */

static const struct verb *
verb_of(struct slice action)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (slice_is(action, verbs[i].action))
			return &verbs[i];
	return NULL;
}

static void
add_call(struct buf *out, const struct request *r, const char *done)
{
	buf_adds(out, done);
	buf_addc(out, ' ');
	names_add(out, r->action);
	if (r->target.n > 0 && !slice_eq(r->target, r->principal)) {
		buf_adds(out, " for ");
		names_target(r, out);
	}
}

static void
add_deed(struct buf *out, const struct request *r)
{
	const struct verb *v = verb_of(r->action);
	bool tried = r->outcome != OUTCOME_SUCCESS;
	const char *rest, *at;

	if (!v) {
		add_call(out, r, tried ? "tried to call" : "called");
		return;
	}
	buf_adds(out, tried ? "tried to " : "");
	buf_adds(out, tried ? v->base : v->did);
	buf_addc(out, ' ');
	rest = r->target.n > 0 || !v->bare ? v->rest : v->bare;
	at = strstr(rest, "%t");
	if (!at) {
		buf_adds(out, rest);
		return;
	}
	buf_add(out, rest, (size_t)(at - rest));
	names_target(r, out);
	buf_adds(out, at + 2);
}

/* "Moscow, RU (AS12345 Example)", or the address where no place is known. */
static void
add_place(struct buf *out, const struct source *s)
{
	const struct place *p = &s->place;

	if (p->city.n > 0 && p->country[0]) {
		names_add(out, p->city);
		buf_adds(out, ", ");
	}
	if (p->country[0])
		buf_adds(out, p->country);
	else
		names_add(out, s->ip);
	if (p->asn == 0)
		return;
	buf_addf(out, " (AS%" PRIu32, p->asn);
	if (p->org.n > 0) {
		buf_addc(out, ' ');
		names_add(out, p->org);
	}
	buf_addc(out, ')');
}

static void
add_source(struct buf *out, const struct source *s)
{
	switch (s->kind) {
	case SOURCE_IP:
		buf_adds(out, " from ");
		add_place(out, s);
		break;
	case SOURCE_PRIVATE:
		buf_adds(out, " from the private address ");
		names_add(out, s->ip);
		break;
	case SOURCE_CLOUD_SERVICE:
		buf_adds(out, " through ");
		names_add(out, s->name);
		break;
	case SOURCE_CLOUD_INTERNAL:
		buf_adds(out, " from inside the cloud");
		break;
	case SOURCE_UNKNOWN:
	case SOURCE_COUNT:
		break;
	}
}

/* The phrase of a reason; a rule's name only where it was not said just
 * before.  Other notes say which list it was: that is for the reasons. */
static void
add_phrase(struct buf *out, const struct reason *reason, struct slice said)
{
	const char *s = reason_table[reason->code].phrase;

	for (; *s; s++) {
		if (*s != '%') {
			buf_addc(out, *s);
		} else if (*++s == 'o') {
			names_add(out,
			    reason->observed.n ? reason->observed
					       : SLICE_LIT("that is unknown"));
		} else if (slice_starts(reason->note, "rule ") &&
		    !slice_eq(reason->note, said)) {
			buf_adds(out, " for ");
			names_add(out, reason->note);
		}
	}
}

static void
add_reasons(struct buf *out, const struct verdict *v)
{
	unsigned n = v->n_reasons, shown = n;

	if (shown > TITLE_REASONS_MAX)
		shown = TITLE_REASONS_MAX;
	for (unsigned i = 0; i < shown; i++) {
		bool last = i + 1 == n;

		buf_adds(out, i > 0 && last ? " and " : ", ");
		add_phrase(out, &v->reasons[i],
		    i > 0 ? v->reasons[i - 1].note : SLICE_NULL);
	}
	if (n > shown)
		buf_addf(out, " and %u more reason%s", n - shown,
		    n - shown > 1 ? "s" : "");
	if (v->granted.n) {
		buf_adds(out, ", ");
		names_add(out, v->granted);
	}
}

struct slice
finding_title(const struct request *r, const struct verdict *v, struct arena *a)
{
	struct buf out = BUF_INIT;
	struct slice title;

	/* A notice says it all itself. */
	if (r->kind == KIND_NONE)
		return arena_slice(
		    a, v->n_reasons > 0 ? v->reasons[0].note : SLICE_NULL);
	names_principal(r, &out);
	buf_addc(&out, ' ');
	add_deed(&out, r);
	add_source(&out, &r->source);
	add_reasons(&out, v);
	title = out.failed ? SLICE_NULL : arena_slice(a, buf_slice(&out));
	buf_release(&out);
	return title;
}
