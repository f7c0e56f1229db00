/*
 * twins.c - records that tell of one act, judged once.
 *
 * Knows which records belong together, which of them is the primary, and how
 * long to wait for the others.  Does not know how a request is judged
 * (pipeline.c), nor how what is held outlasts a restart (twins_keep.c).  One owner, no locks.
 *
 * A held request stands in the queue; one that may have a twin also belongs to
 * an act.  Acts are found by two keys: the sharedEventID, and role and second.
 * Once its primary is judged an act leaves both tables, and `recent` remembers
 * under the same keys what was decided.
 */
#include "collector/twins_i.h"

#include "lib/hash.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* ---- keys --------------------------------------------------------------- */

static void
make_key(struct slice s, uint64_t key[2])
{
	key[0] = hash_slice(s);
	key[1] = hash_stable(s.p, s.n);
}

static enum part
part_of(const struct request *r)
{
	if (slice_is(r->action, "signin:SwitchRole"))
		return PART_SWITCH;
	if (slice_is(r->action, "sts:AssumeRole") &&
	    (r->aws_internal || slice_starts(r->source.name, "AWS Internal")))
		return PART_INTERNAL;
	return PART_NONE;
}

static int
find_keys(struct twins *t, const struct request *r, struct keys *k)
{
	struct slice account, name;

	*k = (struct keys){ .part = PART_NONE };
	if (r->shared_event_id.n > 0) {
		k->has_shared = true;
		make_key(r->shared_event_id, k->shared);
	}
	if (part_of(r) == PART_NONE || !r->time.valid ||
	    !role_of_arn(r->target, &account, &name))
		return 0;
	/* Something that no sharedEventID begins with: both kinds of key are
	 * remembered in one place. */
	buf_reset(&t->text);
	buf_addf(&t->text, "%c%" PRId64 "/", 0, r->time.sec);
	buf_add_slice(&t->text, account);
	buf_addc(&t->text, '/');
	buf_add_slice(&t->text, name);
	if (t->text.failed)
		return ST_ENOMEM;
	k->part = part_of(r);
	make_key(buf_slice(&t->text), k->role);
	return 0;
}

static bool
may_have_twin(const struct keys *k)
{
	return k->has_shared || k->part != PART_NONE;
}

static bool
has_shared_key(const void *item, const void *key)
{
	const struct held *h = item;

	return memcmp(h->keys.shared, key, sizeof(h->keys.shared)) == 0;
}

static bool
has_role_key(const void *item, const void *key)
{
	const struct act *a = item;

	return memcmp(a->role, key, sizeof(a->role)) == 0;
}

/* ---- what was decided before -------------------------------------------- */

/* Remember under one key; what has no memory is only not recognised later. */
static void
remember_one(struct twins *t, const uint64_t key[2], const struct decided *d)
{
	struct decided *known = seen_find(t->recent, key);

	if (!known)
		known = seen_add(t->recent, key);
	if (known)
		*known = *d;
}

static void
remember(struct twins *t, const struct keys *k, const struct decided *d)
{
	if (k->has_shared)
		remember_one(t, k->shared, d);
	if (k->part != PART_NONE)
		remember_one(t, k->role, d);
}

static void
remember_act(struct twins *t, const struct act *a, const struct decided *d)
{
	for (const struct held *h = a->first; h; h = h->sibling)
		remember(t, &h->keys, d);
}

/* Is the request a further record of an act that is decided?  One SwitchRole
 * has one AssumeRole (whose copies then meet by their sharedEventID). */
static bool
was_decided(struct twins *t, const struct keys *k, struct decided *result)
{
	struct decided *d = NULL;

	if (k->has_shared)
		d = seen_find(t->recent, k->shared);
	if (!d && k->part != PART_NONE) {
		d = seen_find(t->recent, k->role);
		if (d && (d->parts & k->part))
			d = NULL;
	}
	if (!d)
		return false;
	*result = *d;
	result->parts |= k->part;
	return true;
}

/* ---- acts --------------------------------------------------------------- */

static struct act *
find_act(struct twins *t, const struct keys *k)
{
	struct held *copy = NULL;
	struct act *a;

	if (k->has_shared)
		copy = map_get(&t->by_shared, k->shared[0], k->shared);
	if (copy)
		return copy->act;
	if (k->part == PART_NONE)
		return NULL;
	a = map_get(&t->by_role, k->role[0], k->role);
	while (a && (a->decided.parts & k->part))
		a = a->same;
	return a;
}

/* Acts of one role and second stand in a chain; its head is in the table. */
static bool
link_role(struct twins *t, struct act *a)
{
	struct act *head = map_get(&t->by_role, a->role[0], a->role);

	if (!head)
		return map_put(&t->by_role, a->role[0], a);
	while (head->same)
		head = head->same;
	head->same = a;
	return true;
}

static void
unlink_role(struct twins *t, struct act *a)
{
	struct act *head = map_get(&t->by_role, a->role[0], a->role);
	struct act **at = &head;
	bool ok = true;

	map_remove(&t->by_role, a->role[0], head);
	while (*at && *at != a)
		at = &(*at)->same;
	if (*at)
		*at = a->same;
	a->same = NULL;
	if (head)
		ok = map_put(&t->by_role, head->role[0], head);
	/* There is room: one was just removed. */
	assert(ok);
	(void)ok;
}

static void
leave_tables(struct twins *t, struct act *a)
{
	for (struct held *h = a->first; h; h = h->sibling)
		if (h->in_shared)
			map_remove(&t->by_shared, h->keys.shared[0], h);
	if (a->has_role)
		unlink_role(t, a);
	a->has_role = false;
}

/* The tables learn the keys of a new member. */
static bool
enter_tables(struct twins *t, struct act *a, struct held *h)
{
	const struct keys *k = &h->keys;

	if (k->part != PART_NONE && !a->has_role) {
		memcpy(a->role, k->role, sizeof(k->role));
		if (!link_role(t, a))
			return false;
		a->has_role = true;
	}
	if (!k->has_shared || map_get(&t->by_shared, k->shared[0], k->shared))
		return true;
	h->in_shared = map_put(&t->by_shared, k->shared[0], h);
	return h->in_shared;
}

static bool
join_act(struct twins *t, struct held *h)
{
	struct act *a = find_act(t, &h->keys);
	bool fresh = !a;

	if (fresh)
		a = calloc(1, sizeof(*a));
	if (!a)
		return false;
	if (!enter_tables(t, a, h)) {
		if (fresh) {
			leave_tables(t, a);
			free(a);
		}
		return false;
	}
	a->decided.parts |= h->keys.part;
	h->act = a;
	if (a->last)
		a->last->sibling = h;
	else
		a->first = h;
	a->last = h;
	a->members++;
	return true;
}

/* ---- the queue ---------------------------------------------------------- */

static void
held_free(struct held *h)
{
	if (!h)
		return;
	free(h->kept);
	arena_release(&h->arena);
	free(h);
}

static void
push(struct twins *t, struct held *h)
{
	h->before = t->last;
	if (t->last)
		t->last->behind = h;
	else
		t->first = h;
	t->last = h;
	t->n++;
	t->bytes += h->size;
}

static void
unlink_held(struct twins *t, struct held *h)
{
	if (h->before)
		h->before->behind = h->behind;
	else
		t->first = h->behind;
	if (h->behind)
		h->behind->before = h->before;
	else
		t->last = h->before;
	t->n--;
	t->bytes -= h->size;
}

/* The request is copied; it joins its act unless it comes too late. */
static int
hold(struct twins *t, const struct request *r, const struct keys *k,
    const struct decided *late)
{
	struct held *h = calloc(1, sizeof(*h));

	if (!h)
		return ST_ENOMEM;
	arena_init(&h->arena, 1024);
	if (!request_copy(r, &h->arena, &h->request))
		goto fail;
	h->size = sizeof(*h) + h->arena.used;
	h->tick = t->tick;
	h->number = t->next_number++;
	h->keys = *k;
	if (late) {
		h->late = true;
		h->decided = *late;
	} else if (may_have_twin(k) && !join_act(t, h)) {
		goto fail;
	}
	push(t, h);
	return 0;
fail:
	held_free(h);
	return ST_ENOMEM;
}

/* Its line is written. */
static void
drop(struct twins *t, struct held *h)
{
	struct act *a = h->act;

	unlink_held(t, h);
	twins_gone(t, h);
	held_free(h);
	if (a && --a->members == 0)
		free(a);
}

/* ---- deciding ----------------------------------------------------------- */

static int
address_rank(const struct request *r)
{
	return r->source.kind == SOURCE_IP     ? 2
	    : r->source.kind == SOURCE_PRIVATE ? 1
					       : 0;
}

/* The copy in the caller's own trail says who it was. */
static int
caller_rank(const struct request *r)
{
	if (r->principal_type == PT_ACCOUNT)
		return 0;
	return slice_eq(r->account, r->recipient_account) ? 2 : 1;
}

static bool
is_better(const struct request *a, const struct request *b)
{
	if (address_rank(a) != address_rank(b))
		return address_rank(a) > address_rank(b);
	return caller_rank(a) > caller_rank(b);
}

static struct held *
choose_primary(const struct act *a)
{
	struct held *best = a->first;

	for (struct held *h = a->first; h; h = h->sibling)
		if (is_better(&h->request, &best->request))
			best = h;
	return best;
}

static const char *
group_or_null(const char *group)
{
	return group[0] ? group : NULL;
}

/* The line of a record that is not the one its act is judged by. */
static void
write_secondary(
    struct twins *t, const struct request *r, const struct decided *d)
{
	struct verdict *v = &t->verdict;

	v->word = d->word;
	v->score = 0;
	v->severity = SEV_INFORMATIONAL;
	v->finding = false;
	v->n_reasons = 0;
	v->rule = v->suppressed_by = SLICE_NULL;
	if (d->group[0])
		t->calls.join(t->arg, d->group, r->event_id);
	t->calls.line(t->arg, r, v, group_or_null(d->group));
}

static int
judge(struct twins *t, const struct request *r, struct decided *d)
{
	int err;

	d->group[0] = '\0';
	err = t->calls.judge(t->arg, r, &t->verdict, d->group);
	d->word = t->verdict.word;
	return err;
}

static int
judge_and_write(struct twins *t, const struct request *r, struct decided *d)
{
	int err = judge(t, r, d);

	if (err < 0)
		return err;
	t->calls.line(t->arg, r, &t->verdict, group_or_null(d->group));
	return 0;
}

/* Judge the act by its primary.  The verdict of one whose turn it is not yet
 * is kept; that of `turn` is in t->verdict. */
static int
decide(struct twins *t, struct act *a, const struct held *turn)
{
	struct held *p = choose_primary(a);
	struct kept_verdict *kept = NULL;
	int err;

	if (p != turn) {
		kept = calloc(1, sizeof(*kept));
		if (!kept)
			return ST_ENOMEM;
	}
	err = judge(t, &p->request, &a->decided);
	if (err == 0 && kept)
		err = verdict_keep(&t->verdict, &p->arena, kept);
	if (err < 0) {
		free(kept);
		return err;
	}
	p->kept = kept;
	a->primary = p;
	leave_tables(t, a);
	remember_act(t, a, &a->decided);
	return 0;
}

/* ---- scan: lines in the order of the queue ------------------------------ */

/* Write the line of the first in the queue, and judge it before if need be. */
static int
write_first(struct twins *t)
{
	struct held *h = t->first;
	int err = 0;

	if (h->late) {
		write_secondary(t, &h->request, &h->decided);
	} else if (!h->act) {
		err = judge_and_write(t, &h->request, &h->decided);
	} else {
		if (!h->act->primary)
			err = decide(t, h->act, h);
		if (err == 0 && h->act->primary != h) {
			write_secondary(t, &h->request, &h->act->decided);
		} else if (err == 0) {
			if (h->kept)
				verdict_restore(h->kept, &t->verdict);
			t->calls.line(t->arg, &h->request, &t->verdict,
			    group_or_null(h->act->decided.group));
		}
	}
	if (err == 0)
		drop(t, h);
	return err;
}

/* Need the first in the queue wait no longer? */
static bool
is_due(const struct twins *t)
{
	const struct held *h = t->first;

	if (!h->act || h->act->primary)
		return true;
	if (t->n > TWINS_HELD_MAX || t->bytes > TWINS_BYTES_MAX)
		return true;
	return when_cmp(when_add(h->request.time, TWINS_SECONDS), t->now) < 0;
}

static int
add_in_order(struct twins *t, const struct request *r, const struct keys *k,
    const struct decided *late)
{
	struct decided d = { 0 };
	int err;

	t->now = r->time;
	while (t->first && is_due(t)) {
		err = write_first(t);
		if (err < 0)
			return err;
	}
	if (t->first || (!late && may_have_twin(k)))
		return hold(t, r, k, late);
	if (!late)
		return judge_and_write(t, r, &d);
	write_secondary(t, r, late);
	return 0;
}

/* ---- live: decided on arrival ------------------------------------------- */

/* Decide an act that has waited, and write all its lines. */
static int
settle(struct twins *t, struct act *a)
{
	struct held *h = a->first, *next;
	unsigned left = a->members;
	int err = decide(t, a, NULL);

	for (; err == 0 && left > 0; left--, h = next) {
		next = h->sibling;
		if (h == a->primary) {
			verdict_restore(h->kept, &t->verdict);
			t->calls.line(t->arg, &h->request, &t->verdict,
			    group_or_null(a->decided.group));
		} else {
			write_secondary(t, &h->request, &a->decided);
		}
		drop(t, h);
	}
	return err;
}

/* The primary is here: its line, then those of the ones that waited. */
static int
arrive(struct twins *t, const struct request *r, const struct keys *k)
{
	struct act *a = find_act(t, k);
	struct decided d = { .parts = k->part };
	struct held *h, *next;
	unsigned left;
	int err;

	err = judge_and_write(t, r, &d);
	if (err < 0)
		return err;
	if (a) {
		d.parts |= a->decided.parts;
		leave_tables(t, a);
		remember_act(t, a, &d);
		h = a->first;
		for (left = a->members; left > 0; left--, h = next) {
			next = h->sibling;
			write_secondary(t, &h->request, &d);
			drop(t, h);
		}
	}
	remember(t, k, &d);
	return 0;
}

static bool
waits_for_twin(const struct request *r, const struct keys *k)
{
	return (k->has_shared && r->principal_type == PT_ACCOUNT) ||
	    k->part == PART_INTERNAL;
}

static int
add_live(struct twins *t, const struct request *r, const struct keys *k,
    const struct decided *late)
{
	int err;

	if (late) {
		write_secondary(t, r, late);
		return 0;
	}
	if (!waits_for_twin(r, k))
		return arrive(t, r, k);
	while (t->n >= TWINS_HELD_MAX || t->bytes > TWINS_BYTES_MAX) {
		err = settle(t, t->first->act);
		if (err < 0)
			return err;
	}
	return hold(t, r, k, NULL);
}

/* ---- the room ----------------------------------------------------------- */

int
twins_add(struct twins *t, const struct request *r)
{
	struct decided late = { 0 };
	struct keys k;
	bool is_late;
	int err;

	err = find_keys(t, r, &k);
	if (err < 0)
		return err;
	is_late = may_have_twin(&k) && was_decided(t, &k, &late);
	if (is_late)
		remember(t, &k, &late);
	return t->live ? add_live(t, r, &k, is_late ? &late : NULL)
		       : add_in_order(t, r, &k, is_late ? &late : NULL);
}

int
twins_tick(struct twins *t)
{
	int err;

	t->tick++;
	while (t->live && t->first && t->first->tick + TWINS_TICKS < t->tick) {
		err = settle(t, t->first->act);
		if (err < 0)
			return err;
	}
	return 0;
}

int
twins_finish(struct twins *t)
{
	int err;

	while (t->first) {
		err = t->live ? settle(t, t->first->act) : write_first(t);
		if (err < 0)
			return err;
	}
	return 0;
}

size_t
twins_held(const struct twins *t)
{
	return t->n;
}

struct twins *
twins_new(bool live, const struct twins_calls *calls, void *arg)
{
	struct twins *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->live = live;
	t->calls = *calls;
	t->arg = arg;
	t->by_shared = (struct map)MAP_INIT(has_shared_key);
	t->by_role = (struct map)MAP_INIT(has_role_key);
	t->recent = seen_new(TWINS_RECENT_MAX, sizeof(struct decided));
	if (t->recent)
		return t;
	twins_free(t);
	return NULL;
}

void
twins_free(struct twins *t)
{
	if (!t)
		return;
	while (t->first)
		drop(t, t->first);
	map_release(&t->by_shared);
	map_release(&t->by_role);
	seen_free(t->recent);
	buf_release(&t->text);
	buf_release(&t->gone);
	free(t);
}
