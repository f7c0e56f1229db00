/*
 * lineage_new.c - ways to a credential that were never taken before.
 *
 * Chains of roles, subjects and signing keys of identity providers, and one
 * caller that is denied many targets.  What is new every other day here is not
 * told: the baseline ranks that.  One owner.
 */
#include "detect/lineage_i.h"

#include "detect/traits.h"

#define SETTLED_DAYS 7      /* a role or a provider is well known */
#define SUBJECT_DAYS 14     /* a new subject in so many days is seldom */
#define CHAIN_DEEP 4        /* roles behind one another */
#define WEIGHT_INNOCENT 10  /* of what is new and has an innocent reason */
#define FAN_OUT_TARGETS 8   /* denied to one caller */
#define FAN_OUT_SECONDS 600 /* within so long */
#define FAN_OUT_MINUTES (FAN_OUT_SECONDS / 60)

static bool
is_settled(const struct question *q, uint64_t hash)
{
	return known_since(
	    known_find(q->l, hash), q->r->time.sec, SETTLED_DAYS);
}

static uint64_t
hash_of(const char *kind, struct slice a, struct slice b)
{
	return lineage_hash(kind, a, b, SLICE_NULL);
}

static void
weigh_little(struct reason *r)
{
	if (r)
		r->weight = WEIGHT_INNOCENT;
}

/* ---- chains --------------------------------------------------------------- */

/* A role without its path, as "ACCOUNT/NAME". */
static struct slice
short_role(const struct question *q, struct slice role)
{
	struct slice account, name;

	if (!role_of_arn(role, &account, &name))
		return SLICE_NULL;
	return arena_cat(&q->l->words, account, SLICE_LIT("/"), name);
}

/* How many roles stand behind one another, the one asked for with them. */
static unsigned
depth_of(const struct token *t)
{
	unsigned n = 1;

	for (; t; t = t->parent)
		if (t->session &&
		    (!t->parent || t->session != t->parent->session))
			n++;
	return n;
}

static void
tell_depth(const struct question *q, struct lineage_answer *a)
{
	unsigned depth = depth_of(q->token);
	struct reason *r;

	if (depth < CHAIN_DEEP)
		return;
	r = lineage_reason(
	    a, R_CHAIN_TOO_DEEP, arena_printf(&q->l->words, "%u roles", depth));
	if (r)
		r->expected[r->n_expected++] = arena_printf(
		    &q->l->words, "at most %d", CHAIN_DEEP - 1);
	a->finding = true;
}

/* From a role to a role; both at work for long, and never this way.  Who had a
 * role of that name before, in another account or from another role, has only
 * changed the way. */
static void
tell_chain(const struct question *q, struct lineage_answer *a)
{
	struct slice from = short_role(q, q->r->principal);
	struct slice to = short_role(q, q->r->target);
	struct slice account, name, who = lineage_subject(q).name;
	uint64_t edge = hash_of("chain", from, to), reached;
	int64_t now = q->r->time.sec;

	if (q->r->kind != KIND_ROLE || !from.n || !to.n || slice_eq(from, to) ||
	    !role_of_arn(q->r->target, &account, &name))
		return;
	reached = hash_of("reached", who, name);
	if (!q->learning && !known_find(q->l, edge)) {
		if (is_settled(q, hash_of("caller role", from, SLICE_NULL)) &&
		    is_settled(q, hash_of("target role", to, SLICE_NULL))) {
			struct reason *r = lineage_reason(a, R_NEW_CHAIN,
			    arena_cat(
				&q->l->words, from, SLICE_LIT(" to "), to));

			if (known_find(q->l, reached))
				weigh_little(r);
			else
				a->finding = true;
		}
		tell_depth(q, a);
	}
	known_note(q->l, edge, now);
	known_note(q->l, reached, now);
	known_note(q->l, hash_of("caller role", from, SLICE_NULL), now);
	known_note(q->l, hash_of("target role", to, SLICE_NULL), now);
}

/* ---- identity providers --------------------------------------------------- */

/* Whoever vouches for the caller; absent where nobody does. */
static struct slice
provider_of(const struct request *r)
{
	static const char saml[] = ":saml-provider/", web[] = ":oidc-provider/";
	const char *p;
	struct slice rest, host;

	if (r->kind == KIND_EXCHANGE)
		return r->target;
	p = slice_find(r->principal, r->kind == KIND_SAML ? saml : web);
	if (!p || (r->kind != KIND_SAML && r->kind != KIND_WEB_IDENTITY))
		return SLICE_NULL;
	p += sizeof(saml) - 1;
	rest = slice_of(p, (size_t)(r->principal.p + r->principal.n - p));
	host = slice_before(rest, '/');
	return host.n ? host : rest;
}

/* A provider that has hardly any new subjects has one.  Its `count` is of those
 * that came when it was settled.  It only weighs: people and projects begin. */
static void
tell_subject(
    const struct question *q, struct slice provider, struct lineage_answer *a)
{
	uint64_t of = hash_of("provider", provider, SLICE_NULL), subject;
	struct known *k = known_note(q->l, of, q->r->time.sec);
	bool settled = is_settled(q, of);
	struct traits t;

	if (!k || !traits_read(q->r, &q->l->words, &t))
		return;
	subject = hash_of("subject", provider, t.who);
	if (settled && !known_find(q->l, subject)) {
		if (!q->learning && k->days >= SETTLED_DAYS + SUBJECT_DAYS &&
		    k->count * SUBJECT_DAYS <= k->days - SETTLED_DAYS)
			weigh_little(
			    lineage_reason(a, R_NEW_FEDERATED_SUBJECT, t.who));
		k->count++;
		known_touch(q->l, k);
	}
	known_note(q->l, subject, q->r->time.sec);
}

static void
tell_key(
    const struct question *q, struct slice provider, struct lineage_answer *a)
{
	uint64_t key = hash_of("key", provider, q->r->signing_key);
	uint64_t any = hash_of("keys", provider, SLICE_NULL);

	if (!q->r->signing_key.n)
		return;
	if (!q->learning && !known_find(q->l, key) && is_settled(q, any)) {
		lineage_reason(a, R_NEW_SIGNING_KEY, q->r->signing_key);
		a->finding = true;
	}
	known_note(q->l, key, q->r->time.sec);
	known_note(q->l, any, q->r->time.sec);
}

/* ---- trying doors --------------------------------------------------------- */

/* Google takes the name of a person who is denied away: what is left is address
 * and program. */
static uint64_t
actor_of(const struct request *r)
{
	if (r->principal.n)
		return hash_of("actor", r->principal, r->caller_session);
	return r->source.ip.n ? hash_of("nobody", r->source.ip, r->user_agent)
			      : 0;
}

static void
tell_fan_out(const struct question *q, struct lineage_answer *a)
{
	uint64_t actor = actor_of(q->r), span, one, habit;
	int64_t when = q->r->time.sec / FAN_OUT_SECONDS;
	struct slice who = slice_of((const char *)&actor, sizeof(actor));
	struct slice at = slice_of((const char *)&when, sizeof(when));
	struct known *k;

	if (!actor || !q->r->target.n)
		return;
	span = hash_of("denied", who, at);
	one = lineage_hash("denied one", who, at, q->r->target);
	k = known_note(q->l, span, q->r->time.sec);
	if (k && !known_find(q->l, one))
		k->count++;
	known_note(q->l, one, q->r->time.sec);
	if (!k || k->count < FAN_OUT_TARGETS)
		return;
	/* Who does so every day is misconfigured. */
	habit = hash_of("fan out", who, SLICE_NULL);
	if (known_since(known_find(q->l, habit), q->r->time.sec, 1))
		return;
	known_note(q->l, habit, q->r->time.sec);
	lineage_reason(a, R_DENIED_BURST,
	    arena_printf(&q->l->words, "%u targets in %d minutes", k->count,
		FAN_OUT_MINUTES));
	a->finding = true;
}

void
lineage_tell_new(const struct question *q, struct lineage_answer *a)
{
	struct slice provider = provider_of(q->r);

	if (q->r->kind >= KIND_COUNT)
		return;
	if (q->r->outcome == OUTCOME_DENIED)
		tell_fan_out(q, a);
	if (q->r->outcome != OUTCOME_SUCCESS)
		return;
	tell_chain(q, a);
	if (!provider.n)
		return;
	tell_subject(q, provider, a);
	tell_key(q, provider, a);
}
