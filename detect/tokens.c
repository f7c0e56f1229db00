/*
 * tokens.c - the credentials that were given out, and what they hang on.
 *
 * Knows how they are found, how long they are remembered, and that one is
 * freed only when nothing was made with it any more: a child holds its parent.
 * What they mean is lineage.c's business.  One owner.
 */
#include "detect/lineage_i.h"

#include "lib/hash.h"

#include <stdlib.h>

/* ---- names ---------------------------------------------------------------- */

bool
tokens_same_name(const void *item, const void *key)
{
	const struct name *n = item;
	const struct slice *s = key;

	return slice_eq(slice_of(n->text, n->n), *s);
}

struct name *
name_take(struct lineage *l, struct slice s)
{
	uint64_t hash;
	struct name *n;

	if (!s.n)
		return NULL;
	if (s.n > NAME_KEPT_MAX)
		s.n = NAME_KEPT_MAX;
	hash = hash_slice(s);
	n = map_get(&l->names, hash, &s);
	if (!n) {
		n = calloc(1, sizeof(*n) + s.n + 1);
		if (!n)
			return NULL;
		n->hash = hash;
		n->n = (uint32_t)s.n;
		memcpy(n->text, s.p, s.n);
		if (!map_put(&l->names, hash, n)) {
			free(n);
			return NULL;
		}
	}
	n->refs++;
	return n;
}

void
name_drop(struct lineage *l, struct name *n)
{
	if (!n || --n->refs > 0)
		return;
	map_remove(&l->names, n->hash, n);
	free(n);
}

struct slice
name_text(const struct name *n)
{
	return n ? slice_of(n->text, n->n) : SLICE_NULL;
}

/* ---- finding -------------------------------------------------------------- */

bool
tokens_same_id(const void *item, const void *key)
{
	return ((const struct token *)item)->id == *(const uint64_t *)key;
}

bool
tokens_same_session(const void *item, const void *key)
{
	return ((const struct token *)item)->session == *(const uint64_t *)key;
}

bool
tokens_same_number(const void *item, const void *key)
{
	return ((const struct token *)item)->number == *(const uint64_t *)key;
}

struct token *
tokens_by_id(const struct lineage *l, uint64_t id)
{
	return id ? map_get(&l->by_id, id, &id) : NULL;
}

struct token *
tokens_by_session(const struct lineage *l, uint64_t session)
{
	return session ? map_get(&l->by_session, session, &session) : NULL;
}

/* ---- lists ---------------------------------------------------------------- */

unsigned
tokens_life(int64_t seconds)
{
	static const int64_t most[LIVES - 1] = { 900, 3600, 4 * 3600,
		12 * 3600 };
	unsigned i = 0;

	while (i < LIVES - 1 && seconds > most[i])
		i++;
	return i;
}

void
tokens_touch(struct lineage *l, struct token *t)
{
	if (!l->kept || t->dirty_at)
		return;
	t->next_dirty = l->dirty_tokens;
	t->dirty_at = &l->dirty_tokens;
	if (t->next_dirty)
		t->next_dirty->dirty_at = &t->next_dirty;
	l->dirty_tokens = t;
}

static void
list_add(struct lineage *l, struct token *t)
{
	t->newer = NULL;
	t->older = l->newest[t->life];
	if (t->older)
		t->older->newer = t;
	else
		l->oldest[t->life] = t;
	l->newest[t->life] = t;
}

static void
list_remove(struct lineage *l, struct token *t)
{
	if (t->older)
		t->older->newer = t->newer;
	else
		l->oldest[t->life] = t->newer;
	if (t->newer)
		t->newer->older = t->older;
	else
		l->newest[t->life] = t->older;
}

/* Those of one session whose mint was seen stand in a chain, the youngest
 * first; in GCP, where no token has an id, all do. */
static bool
session_add(struct lineage *l, struct token *t)
{
	struct token *head;

	if (!t->session || t->in_session ||
	    (!t->who && t->provider != PROVIDER_GCP))
		return true;
	head = tokens_by_session(l, t->session);
	if (head)
		map_remove(&l->by_session, t->session, head);
	if (!map_put(&l->by_session, t->session, t))
		return false;
	t->same = head;
	if (head)
		head->before_same = t;
	t->in_session = true;
	return true;
}

static void
session_remove(struct lineage *l, struct token *t)
{
	if (!t->in_session)
		return;
	if (t->same)
		t->same->before_same = t->before_same;
	if (t->before_same) {
		t->before_same->same = t->same;
	} else {
		map_remove(&l->by_session, t->session, t);
		/* There is room: one was just removed. */
		if (t->same && !map_put(&l->by_session, t->session, t->same))
			abort();
	}
	t->same = t->before_same = NULL;
	t->in_session = false;
}

/* ---- coming and going ------------------------------------------------------ */

static void
drop_names(struct lineage *l, const struct token *t)
{
	name_drop(l, t->who);
	name_drop(l, t->target);
	name_drop(l, t->label);
	name_drop(l, t->source_identity);
	name_drop(l, t->city);
	name_drop(l, t->usual);
}

static void
mark_gone(struct lineage *l, struct token *t)
{
	if (t->dirty_at)
		*t->dirty_at = t->next_dirty;
	if (t->dirty_at && t->next_dirty)
		t->next_dirty->dirty_at = t->dirty_at;
	t->dirty_at = NULL;
	if (!l->kept)
		return;
	buf_addc(&l->gone, 't');
	buf_add(&l->gone, &t->number, sizeof(t->number));
}

void
tokens_drop(struct lineage *l, struct token *t)
{
	struct token *parent;

	for (; t && --t->refs == 0; t = parent) {
		parent = t->parent;
		mark_gone(l, t);
		drop_names(l, t);
		free(t);
	}
}

static void
forget(struct lineage *l, struct token *t)
{
	if (t->id)
		map_remove(&l->by_id, t->id, t);
	session_remove(l, t);
	list_remove(l, t);
	l->counts.tokens--;
	t->gone = true;
	tokens_touch(l, t);
	tokens_drop(l, t);
}

void
tokens_discard(struct lineage *l, struct token *t)
{
	drop_names(l, t);
	free(t);
}

bool
tokens_link(struct lineage *l, struct token *t)
{
	if (t->id && !map_put(&l->by_id, t->id, t))
		return false;
	if (!session_add(l, t)) {
		map_remove(&l->by_id, t->id, t);
		return false;
	}
	list_add(l, t);
	t->refs++;
	l->counts.tokens++;
	return true;
}

struct token *
tokens_add(struct lineage *l, const struct token *from)
{
	return tokens_add_as(l, from, l->next_number++);
}

struct token *
tokens_add_as(struct lineage *l, const struct token *from, uint64_t number)
{
	struct token *t = calloc(1, sizeof(*t));

	if (!t) {
		drop_names(l, from);
		return NULL;
	}
	*t = *from;
	t->number = number;
	t->parent = NULL;
	t->refs = 0;
	t->life = (uint8_t)tokens_life(t->expires - t->minted);
	if (!tokens_link(l, t)) {
		tokens_discard(l, t);
		return NULL;
	}
	tokens_touch(l, t);
	return t;
}

bool
tokens_renew(struct lineage *l, struct token *t)
{
	if (t->gone)
		return true;
	list_remove(l, t);
	t->life = (uint8_t)tokens_life(t->expires - t->minted);
	list_add(l, t);
	return session_add(l, t);
}

bool
tokens_set_parent(struct lineage *l, struct token *t, struct token *parent)
{
	unsigned hops = 1;

	for (const struct token *at = parent; at; at = at->parent, hops++)
		if (at == t || hops > LINEAGE_HOPS_MAX)
			return false;
	if (t->parent == parent)
		return true;
	if (parent)
		parent->refs++;
	tokens_drop(l, t->parent);
	t->parent = parent;
	t->hops = (uint8_t)(parent ? parent->hops + 1 : 0);
	t->instance |= parent && parent->instance;
	tokens_touch(l, t);
	return true;
}

static size_t
tokens_max(const struct lineage *l)
{
	return l->o.tokens_max ? l->o.tokens_max : LINEAGE_TOKENS_MAX;
}

/* Of all credentials. */
size_t
tokens_strays_max(const struct lineage *l)
{
	return tokens_max(l) < STRAYS_MAX ? tokens_max(l) : STRAYS_MAX;
}

/* Of the heads of the lists the one that is over first. */
static struct token *
first_over(const struct lineage *l)
{
	struct token *first = NULL;

	for (int i = 0; i < LIVES; i++)
		if (l->oldest[i] &&
		    (!first || l->oldest[i]->expires < first->expires))
			first = l->oldest[i];
	return first;
}

void
tokens_trim(struct lineage *l)
{
	struct token *t;

	while ((t = first_over(l)) != NULL) {
		if (t->expires + GRACE_SECONDS < l->now.sec)
			l->counts.expired++;
		else if (l->counts.tokens - l->strays.n > tokens_max(l))
			l->counts.evicted_tokens++;
		else
			return;
		forget(l, t);
	}
}

void
tokens_free(struct lineage *l)
{
	l->kept = false;
	while (l->loaded_gone) {
		struct token *t = l->loaded_gone;

		l->loaded_gone = t->newer;
		tokens_discard(l, t);
	}
	for (int i = 0; i < LIVES; i++)
		while (l->oldest[i])
			forget(l, l->oldest[i]);
	map_release(&l->by_id);
	map_release(&l->by_session);
	map_release(&l->names);
	map_release(&l->by_number);
}
