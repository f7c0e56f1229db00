/*
 * strays.c - credentials that are only used, and from one place.
 *
 * Where nearly every record is signed with a credential of its own, whose mint
 * is in no log, this is where they go: what is the same for all of a session is
 * worked out once (struct caller), and what is left of each is small.  As soon
 * as there is more to say - another place, a mint, a person - a stray becomes a
 * token, and goes the way of lineage_join.c.  They stand in a ring: the newest
 * takes the place of the oldest.  One owner.
 */
#include "detect/lineage_i.h"

#include "detect/clouds.h"
#include "lib/hash.h"

#include <stdlib.h>

#define STRAY_SECONDS (LIFETIME_UNSEEN + GRACE_SECONDS)

/* ---- callers ---------------------------------------------------------------- */

struct caller_key {
	struct slice target, label, source_identity;
};

bool
callers_same(const void *item, const void *key)
{
	const struct caller *c = item;
	const struct caller_key *k = key;

	return slice_eq(name_text(c->label), k->label) &&
	    slice_eq(name_text(c->target), k->target) &&
	    slice_eq(name_text(c->source_identity), k->source_identity);
}

static uint64_t
hash_of(const struct caller_key *k)
{
	return lineage_mix(
	    lineage_mix(hash_slice(k->target), hash_slice(k->label)),
	    k->source_identity.n ? hash_slice(k->source_identity) : 0);
}

static void
free_caller(struct lineage *l, struct caller *c)
{
	name_drop(l, c->target);
	name_drop(l, c->label);
	name_drop(l, c->source_identity);
	name_drop(l, c->usual);
	free(c);
}

static struct caller *
new_caller(struct lineage *l, const struct caller_key *k, uint64_t hash)
{
	struct caller *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->hash = hash;
	c->target = name_take(l, k->target);
	c->label = name_take(l, k->label);
	c->source_identity = name_take(l, k->source_identity);
	c->session = lineage_role_session(k->target, k->label);
	c->role = lineage_whole_role(k->target);
	c->day = c->named = DAY_NEVER;
	if (!c->target || !c->label ||
	    (k->source_identity.n && !c->source_identity) ||
	    !map_put(&l->callers, hash, c)) {
		free_caller(l, c);
		return NULL;
	}
	return c;
}

struct caller *
callers_take(struct lineage *l, struct slice target, struct slice label,
    struct slice source_identity)
{
	const struct caller_key k = { target, label, source_identity };
	uint64_t hash = hash_of(&k);
	struct caller *c = map_get(&l->callers, hash, &k);

	if (!c)
		c = new_caller(l, &k, hash);
	if (c)
		c->refs++;
	return c;
}

static void
caller_drop(struct lineage *l, struct caller *c)
{
	if (!c || --c->refs > 0)
		return;
	map_remove(&l->callers, c->hash, c);
	free_caller(l, c);
}

/* Whose habits count, where this is the root; worked out once. */
static void
work_out_subject(struct lineage *l, struct caller *c, struct name *usual)
{
	struct slice root = name_text(
	    c->source_identity ? c->source_identity : usual);
	struct subject s;

	if (c->subject && c->usual == usual)
		return;
	s = lineage_subject_of(l, root, name_text(c->target), PT_REDACTED);
	name_drop(l, c->usual);
	c->usual = usual;
	if (usual)
		usual->refs++;
	c->subject = s.person ? 0 : s.hash;
	c->day = DAY_NEVER;
}

/* ---- coming and going --------------------------------------------------------- */

bool
strays_same(const void *item, const void *key)
{
	return ((const struct stray *)item)->id == *(const uint64_t *)key;
}

struct stray *
strays_find(const struct lineage *l, uint64_t id)
{
	return id ? map_get(&l->strays, id, &id) : NULL;
}

bool
strays_is_over(const struct lineage *l, const struct stray *s)
{
	return s->began + STRAY_SECONDS < l->now.sec;
}

static struct stray *
at_slot(struct lineage *l, size_t slot)
{
	struct stray *shelf = shelves_at(
	    &l->wild, slot / SHELF, sizeof(struct stray));

	return shelf ? &shelf[slot % SHELF] : NULL;
}

static void
touch(struct lineage *l, const struct stray *s)
{
	if (l->kept)
		shelves_touch(&l->wild, s->slot / SHELF);
}

void
strays_discard(struct lineage *l, struct stray *s)
{
	caller_drop(l, s->caller);
	name_drop(l, s->usual);
	*s = (struct stray){ 0 };
}

static void
forget(struct lineage *l, struct stray *s)
{
	touch(l, s);
	map_remove(&l->strays, s->id, s);
	l->counts.tokens--;
	strays_discard(l, s);
}

bool
strays_link(struct lineage *l, struct stray *s)
{
	if (!map_put(&l->strays, s->id, s))
		return false;
	l->counts.tokens++;
	return true;
}

/* The place of the oldest. */
static struct stray *
next_slot(struct lineage *l)
{
	size_t slot = (size_t)(l->strays_made % tokens_strays_max(l));
	struct stray *s = at_slot(l, slot);

	if (!s)
		return NULL;
	l->strays_made++;
	if (s->id) {
		if (strays_is_over(l, s))
			l->counts.expired++;
		else
			l->counts.evicted_tokens++;
		forget(l, s);
	}
	s->slot = (uint32_t)slot;
	return s;
}

/* Takes the caller. */
static struct stray *
add(struct lineage *l, const struct request *r, uint64_t id, struct caller *c)
{
	struct stray *s = next_slot(l);
	struct slice key = r->caller_credential;

	if (!s) {
		caller_drop(l, c);
		return NULL;
	}
	s->id = id;
	s->number = l->next_number++;
	s->caller = c;
	s->usual = lineage_usual_root(l, c->session, c->role);
	s->began = r->session_began.valid ? r->session_began.sec : r->time.sec;
	memcpy(s->credential, key.p, key.n);
	if (!strays_link(l, s)) {
		strays_discard(l, s);
		return NULL;
	}
	touch(l, s);
	return s;
}

void
strays_as_token(const struct stray *s, struct token *t)
{
	*t = (struct token){
		.id = s->id,
		.number = s->number,
		.session = s->caller->session,
		.provider = PROVIDER_AWS,
		.asker = PT_REDACTED,
		.minted = s->began,
		.expires = s->began + LIFETIME_UNSEEN,
		.last_use = s->last_use,
		.target = s->caller->target,
		.label = s->caller->label,
		.source_identity = s->caller->source_identity,
		.usual = s->usual,
		.tried = s->tried,
		.instance = s->instance,
		.last = s->last,
	};
	memcpy(t->credential, s->credential, sizeof(s->credential));
}

static void
hold(struct name *n)
{
	if (n)
		n->refs++;
}

struct token *
strays_promote(struct lineage *l, struct stray *s)
{
	struct token t;

	strays_as_token(s, &t);
	hold(t.target);
	hold(t.label);
	hold(t.source_identity);
	hold(t.usual);
	forget(l, s);
	return tokens_add_as(l, &t, t.number);
}

/* ---- a use --------------------------------------------------------------------- */

static bool
may_be_stray(const struct request *r)
{
	return r->principal_type == PT_ROLE && r->caller_session.n &&
	    r->caller_session.n <= NAME_KEPT_MAX &&
	    r->principal.n <= NAME_KEPT_MAX &&
	    r->source_identity.n <= NAME_KEPT_MAX &&
	    r->caller_credential.n <= STRAY_CREDENTIAL_MAX;
}

/* As lineage_join.c looks for it, but for a person's. */
static bool
has_mint(const struct question *q, const struct caller *c, struct stray *s)
{
	const struct token *head = tokens_by_session(q->l, c->session);

	if (!head || (s && s->tried == head->number + 1))
		return false;
	if (s)
		s->tried = head->number + 1;
	return lineage_pick(q->l, c->session, q->r) != NULL;
}

/* It may be where it should not be. */
static bool
is_moved(const struct question *q, const struct stray *s)
{
	return s && s->last.sec && q->spot.sec &&
	    s->last.network != q->spot.network;
}

static bool
is_outside(const struct question *q, const struct stray *s)
{
	return (q->r->instance_session || (s && s->instance)) && q->spot.sec &&
	    clouds_has(&q->r->source.place) == CLOUDS_OUTSIDE;
}

static void
learn(const struct question *q, struct caller *c)
{
	int32_t day = known_day(q->r->time.sec);
	struct subject who = { .hash = c->subject };
	struct slice id = q->r->caller_id;

	if (c->named != day && slice_starts(id, "AROA")) {
		known_note_with(q->l, lineage_role_id_habit(id),
		    q->r->principal, q->r->time.sec);
		c->named = day;
	}
	if (!q->spot.sec || q->r->invoked_by.n ||
	    (c->day == day && c->network == q->spot.network))
		return;
	lineage_learn_place(q->l, &who, &q->spot);
	c->day = day;
	c->network = q->spot.network;
}

static void
see(const struct question *q, struct stray *s)
{
	int64_t now = q->r->time.sec;

	if (!s->last.sec || now - s->last_use > SAVE_SECONDS)
		touch(q->l, s);
	if (now > s->last_use)
		s->last_use = now;
	if (q->spot.sec && q->spot.sec >= s->last.sec)
		s->last = q->spot;
	s->instance |= q->r->instance_session;
}

/* What is known of it by now, or NULL where it must go the long way. */
static struct stray *
stray_of(const struct question *q)
{
	struct lineage *l = q->l;
	const struct request *r = q->r;
	struct stray *s = strays_find(l, q->id);
	struct caller *c;

	if (s && strays_is_over(l, s)) {
		l->counts.expired++;
		forget(l, s);
		s = NULL;
	}
	if (is_moved(q, s) || is_outside(q, s))
		return NULL;
	if (s)
		return has_mint(q, s->caller, s) ? NULL : s;
	c = callers_take(
	    l, r->principal, r->caller_session, r->source_identity);
	if (!c)
		return NULL;
	if (!c->session || has_mint(q, c, NULL)) {
		caller_drop(l, c);
		return NULL;
	}
	return add(l, r, q->id, c);
}

bool
strays_take(const struct question *q)
{
	struct stray *s;
	struct caller *c;

	if (!may_be_stray(q->r) || tokens_by_id(q->l, q->id))
		return false;
	s = stray_of(q);
	if (!s)
		return false;
	c = s->caller;
	work_out_subject(
	    q->l, c, lineage_may_guess(q->l, s->began) ? s->usual : NULL);
	if (!c->subject)
		return false;
	q->l->counts.unjoined++;
	learn(q, c);
	see(q, s);
	return true;
}

/* ---- over a restart --------------------------------------------------------------- */

struct stray *
strays_slot(struct lineage *l, size_t slot)
{
	struct stray *s = slot < tokens_strays_max(l) ? at_slot(l, slot) : NULL;

	if (!s || s->id)
		return NULL;
	s->slot = (uint32_t)slot;
	return s;
}

void
strays_free(struct lineage *l)
{
	l->kept = false;
	for (size_t i = 0; i < l->wild.n * SHELF; i++) {
		struct stray *shelf = l->wild.shelf[i / SHELF];

		if (shelf && shelf[i % SHELF].id)
			forget(l, &shelf[i % SHELF]);
	}
	map_release(&l->strays);
	map_release(&l->callers);
	shelves_free(&l->wild);
}
