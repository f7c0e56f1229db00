/*
 * policy_cond.c - the conditions of a rule, asked one by one.
 *
 * One table: how a condition is called, which reason its failure is, how it
 * is asked, and what is shown of it.  Adding a condition is adding a row here
 * and a key in policy_rows.c.  Which rule a request meets is policy_match.c's.
 * Pure functions over a question; any thread.
 */
#include "detect/policy_i.h"

#include <stdio.h>

static enum cond_answer
yes_or_no(bool holds)
{
	return holds ? COND_HOLDS : COND_FAILS;
}

/*
 * Names
 */

static const enum dim dims[COND_COUNT] = {
	[COND_ACTIONS] = DIM_ACTION,
	[COND_TARGETS] = DIM_TARGET,
	[COND_ACCOUNTS] = DIM_ACCOUNT,
	[COND_CLOUD_REGIONS] = DIM_CLOUD_REGION,
	[COND_COUNTRIES] = DIM_COUNTRY,
	[COND_ASNS] = DIM_ASN,
	[COND_EXTERNAL_ID] = DIM_EXTERNAL_ID,
	[COND_SOURCE_IDENTITY] = DIM_SOURCE_IDENTITY,
};

static enum cond_answer
ask_name(const struct question *q, const struct unit *u, enum cond c)
{
	enum dim d = dims[c];

	if (slice_is_null(q->values[d]) && q->lenient[d])
		return COND_NOT_TOLD;
	return yes_or_no(pattern_bit(q->bits[d], (size_t)(u - q->p->units)));
}

#define NAME_OF(name, dim)                                                   \
	static struct slice seen_##name(                                     \
	    const struct question *q, const struct unit *u, struct arena *a) \
	{                                                                    \
		(void)u;                                                     \
		(void)a;                                                     \
		return q->values[dim];                                       \
	}

NAME_OF(action, DIM_ACTION)
NAME_OF(target, DIM_TARGET)
NAME_OF(account, DIM_ACCOUNT)
NAME_OF(cloud_region, DIM_CLOUD_REGION)
NAME_OF(external_id, DIM_EXTERNAL_ID)
NAME_OF(source_identity, DIM_SOURCE_IDENTITY)

/* Its letters are the question's, which does not live as long as the
 * answer. */
static struct slice
seen_country(const struct question *q, const struct unit *u, struct arena *a)
{
	(void)u;
	return arena_slice(a, q->values[DIM_COUNTRY]);
}

static struct slice
seen_asn(const struct question *q, const struct unit *u, struct arena *a)
{
	(void)u;
	if (slice_is_null(q->values[DIM_ASN]))
		return SLICE_NULL;
	return arena_printf(a, "%u", q->r->source.place.asn);
}

unsigned
policy_expected(const struct opt_strings *list, struct slice *expected)
{
	unsigned n = 0;

	for (; n < list->n && n < REASON_EXPECTED_MAX; n++)
		expected[n] = slice_str(list->v[n]);
	return n;
}

#define LIST_OF(name, member)                                        \
	static unsigned want_##name(                                 \
	    const struct unit *u, struct slice *expected)            \
	{                                                            \
		return policy_expected(&u->match->member, expected); \
	}

LIST_OF(actions, actions)
LIST_OF(kinds, kinds)
LIST_OF(targets, targets)
LIST_OF(accounts, accounts)
LIST_OF(cloud_regions, cloud_regions)
LIST_OF(countries, from.countries)
LIST_OF(networks, from.networks)
LIST_OF(asns, from.asns)
LIST_OF(source_kinds, from.source_kinds)
LIST_OF(external_id, external_id)
LIST_OF(source_identity, source_identity)

/*
 * Words
 */

static enum cond_answer
ask_kind(const struct question *q, const struct unit *u, enum cond c)
{
	(void)c;
	return yes_or_no((u->kinds >> q->r->kind) & 1);
}

static struct slice
seen_kind(const struct question *q, const struct unit *u, struct arena *a)
{
	(void)u;
	(void)a;
	return slice_str(token_kind_name(q->r->kind));
}

static enum cond_answer
ask_source_kind(const struct question *q, const struct unit *u, enum cond c)
{
	(void)c;
	return yes_or_no((u->source_kinds >> q->r->source.kind) & 1);
}

static struct slice
seen_source_kind(
    const struct question *q, const struct unit *u, struct arena *a)
{
	(void)u;
	(void)a;
	return slice_str(source_kind_name(q->r->source.kind));
}

/*
 * Networks
 */

static enum cond_answer
ask_network(const struct question *q, const struct unit *u, enum cond c)
{
	(void)c;
	if (!q->has_address)
		return COND_NOT_TOLD;
	return yes_or_no(cidr_set_has(u->networks, &q->r->source.addr));
}

static struct slice
seen_address(const struct question *q, const struct unit *u, struct arena *a)
{
	(void)u;
	(void)a;
	return slice_is_null(q->r->source.ip) ? q->r->source.name
					      : q->r->source.ip;
}

/*
 * Time
 */

static enum cond_answer
ask_hours(const struct question *q, const struct unit *u, enum cond c)
{
	(void)c;
	if (!q->r->time.valid)
		return COND_NOT_TOLD;
	return yes_or_no(hours_has(u->hours, q->r->time));
}

static struct slice
seen_hours(const struct question *q, const struct unit *u, struct arena *a)
{
	char text[HOURS_TEXT];

	if (!q->r->time.valid)
		return SLICE_NULL;
	return arena_slice(a, hours_local(u->hours, q->r->time, text));
}

static unsigned
want_hours(const struct unit *u, struct slice *expected)
{
	expected[0] = slice_str(hours_text(u->hours));
	return 1;
}

static enum cond_answer
ask_duration(const struct question *q, const struct unit *u, enum cond c)
{
	(void)c;
	if (q->r->duration < 0)
		return COND_NOT_TOLD;
	return yes_or_no(q->r->duration <= u->max_duration);
}

/* "36h", "1h30m", "901s" */
struct slice
policy_duration_text(int64_t seconds, struct arena *a)
{
	long long h = seconds / 3600, m = seconds / 60;

	if (seconds % 60 || seconds == 0)
		return arena_printf(a, "%llds", (long long)seconds);
	if (h == 0)
		return arena_printf(a, "%lldm", m);
	if (m % 60)
		return arena_printf(a, "%lldh%lldm", h, m % 60);
	return arena_printf(a, "%lldh", h);
}

static struct slice
seen_duration(const struct question *q, const struct unit *u, struct arena *a)
{
	(void)u;
	if (q->r->duration < 0)
		return SLICE_NULL;
	return policy_duration_text(q->r->duration, a);
}

static unsigned
want_duration(const struct unit *u, struct slice *expected)
{
	expected[0] = u->max_duration_text;
	return 1;
}

/*
 * MFA
 */

/* Do records of this caller usually tell? */
static bool
tells_mfa(enum principal_type t)
{
	return t == PT_USER || t == PT_ROOT || t == PT_ROLE;
}

static enum cond_answer
ask_mfa(const struct question *q, const struct unit *u, enum cond c)
{
	const struct request *r = q->r;

	(void)u;
	(void)c;
	if (r->mfa == MFA_YES || !slice_is_null(r->mfa_device))
		return COND_HOLDS;
	if (r->mfa == MFA_NO)
		return COND_FAILS;
	return r->provider == PROVIDER_AWS && tells_mfa(r->principal_type)
	    ? COND_FAILS
	    : COND_NOT_TOLD;
}

static struct slice
seen_mfa(const struct question *q, const struct unit *u, struct arena *a)
{
	(void)u;
	(void)a;
	return q->r->mfa == MFA_NO ? SLICE_LIT("no MFA")
				   : SLICE_LIT("not told");
}

static unsigned
want_mfa(const struct unit *u, struct slice *expected)
{
	(void)u;
	expected[0] = SLICE_LIT("MFA");
	return 1;
}

const struct cond_row policy_conds[COND_COUNT] = {
	[COND_ACTIONS] = { "actions", R_ACTION_NOT_ALLOWED, true, ask_name,
	    seen_action, want_actions },
	[COND_KINDS] = { "kinds", R_ACTION_NOT_ALLOWED, true, ask_kind,
	    seen_kind, want_kinds },
	[COND_TARGETS] = { "targets", R_TARGET_NOT_ALLOWED, true, ask_name,
	    seen_target, want_targets },
	[COND_ACCOUNTS] = { "accounts", R_ACCOUNT_NOT_APPROVED, true, ask_name,
	    seen_account, want_accounts },
	[COND_CLOUD_REGIONS] = { "cloud_regions", R_CLOUD_REGION_NOT_APPROVED,
	    true, ask_name, seen_cloud_region, want_cloud_regions },
	[COND_COUNTRIES] = { "from.countries", R_COUNTRY_NOT_APPROVED, true,
	    ask_name, seen_country, want_countries },
	[COND_NETWORKS] = { "from.networks", R_NETWORK_NOT_APPROVED, false,
	    ask_network, seen_address, want_networks },
	[COND_ASNS] = { "from.asns", R_ASN_NOT_APPROVED, true, ask_name,
	    seen_asn, want_asns },
	[COND_SOURCE_KINDS] = { "from.source_kinds", R_NETWORK_NOT_APPROVED,
	    true, ask_source_kind, seen_source_kind, want_source_kinds },
	[COND_HOURS] = { "hours", R_OUTSIDE_HOURS, false, ask_hours, seen_hours,
	    want_hours },
	[COND_MAX_DURATION] = { "max_duration", R_DURATION_TOO_LONG, false,
	    ask_duration, seen_duration, want_duration },
	[COND_MFA] = { "mfa", R_MFA_MISSING, false, ask_mfa, seen_mfa,
	    want_mfa },
	[COND_EXTERNAL_ID] = { "external_id", R_EXTERNAL_ID_MISSING, true,
	    ask_name, seen_external_id, want_external_id },
	[COND_SOURCE_IDENTITY] = { "source_identity", R_SOURCE_IDENTITY_MISSING,
	    true, ask_name, seen_source_identity, want_source_identity },
};

enum cond_answer
policy_cond(const struct question *q, const struct unit *u, enum cond c)
{
	if (!((u->given >> c) & 1))
		return COND_NOT_GIVEN;
	return policy_conds[c].ask(q, u, c);
}

#define REST                                                                \
	(1u << COND_NETWORKS | 1u << COND_HOURS | 1u << COND_MAX_DURATION | \
	    1u << COND_MFA)

bool
policy_rest_holds(const struct question *q, const struct unit *u, bool strict)
{
	unsigned left = u->given & REST;

	for (unsigned c = 0; left; c++, left >>= 1) {
		enum cond_answer a;

		if (!(left & 1))
			continue;
		a = policy_conds[c].ask(q, u, (enum cond)c);
		if (a == COND_FAILS || (strict && a == COND_NOT_TOLD))
			return false;
	}
	return true;
}
