/*
 * pending.c - requests that wait to be learned, in order of time.
 *
 * A heap by time, and a table that tells whether a principal, or a value of a
 * principal, is among those that wait.  Owned by the baseline.
 */
#include "detect/baseline_i.h"

#include <stdlib.h>

struct waiting {
	struct traits t; /* slices point behind it */
	bool by_policy;
	size_t bytes;
};

/* How many of those that wait have this key. */
struct tally {
	uint64_t key;
	uint64_t n;
};

struct pending {
	struct waiting **heap, *given;
	size_t n, cap, bytes;
	struct map tallies;
};

static bool
same_tally(const void *item, const void *key)
{
	const struct tally *t = item;

	return t->key == *(const uint64_t *)key;
}

static uint64_t
key_of(uint64_t who, uint64_t value)
{
	uint64_t k = (who ^ (value + 0x9e3779b97f4a7c15)) * 0xbf58476d1ce4e5b9;

	return k ^ k >> 31;
}

static bool
count_up(struct pending *p, uint64_t key)
{
	struct tally *t = map_get(&p->tallies, key, &key);

	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return false;
		t->key = key;
		if (!map_put(&p->tallies, key, t)) {
			free(t);
			return false;
		}
	}
	t->n++;
	return true;
}

static void
count_down(struct pending *p, uint64_t key)
{
	struct tally *t = map_get(&p->tallies, key, &key);

	if (!t || --t->n > 0)
		return;
	map_remove(&p->tallies, key, t);
	free(t);
}

static bool
count_all(struct pending *p, const struct traits *t)
{
	bool ok = count_up(p, key_of(t->who_hash, 0));

	for (int d = 0; d < DIM_COUNT; d++)
		if (t->hash[d])
			ok &= count_up(p, key_of(t->who_hash, t->hash[d]));
	return ok;
}

static void
uncount_all(struct pending *p, const struct traits *t)
{
	count_down(p, key_of(t->who_hash, 0));
	for (int d = 0; d < DIM_COUNT; d++)
		if (t->hash[d])
			count_down(p, key_of(t->who_hash, t->hash[d]));
}

bool
pending_has(const struct pending *p, uint64_t who, uint64_t value)
{
	uint64_t key = key_of(who, value);

	return map_get(&p->tallies, key, &key) != NULL;
}

/* ---- the heap --------------------------------------------------------------- */

static bool
goes_before(const struct waiting *a, const struct waiting *b)
{
	int order = when_cmp(a->t.time, b->t.time);

	if (order != 0)
		return order < 0;
	if (a->t.event_hash != b->t.event_hash)
		return a->t.event_hash < b->t.event_hash;
	return a->t.who_hash < b->t.who_hash;
}

static void
sift_up(struct pending *p, size_t i)
{
	struct waiting *w = p->heap[i];

	while (i > 0 && goes_before(w, p->heap[(i - 1) / 2])) {
		p->heap[i] = p->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	p->heap[i] = w;
}

static void
sift_down(struct pending *p, size_t i)
{
	struct waiting *w = p->heap[i];
	size_t child;

	while ((child = 2 * i + 1) < p->n) {
		if (child + 1 < p->n &&
		    goes_before(p->heap[child + 1], p->heap[child]))
			child++;
		if (!goes_before(p->heap[child], w))
			break;
		p->heap[i] = p->heap[child];
		i = child;
	}
	p->heap[i] = w;
}

static bool
grow(struct pending *p)
{
	size_t cap = p->cap ? p->cap * 2 : 256;
	struct waiting **heap;

	if (p->n < p->cap)
		return true;
	heap = realloc(p->heap, cap * sizeof(struct waiting *));
	if (!heap)
		return false;
	p->heap = heap;
	p->cap = cap;
	return true;
}

static struct slice
put_text(char **at, struct slice s)
{
	struct slice copy = slice_of(*at, s.n);

	if (!s.p)
		return SLICE_NULL;
	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct waiting *
copy_of(const struct traits *t)
{
	size_t bytes = sizeof(struct waiting) + t->who.n + 1;
	struct waiting *w;
	char *at;

	for (int d = 0; d < DIM_COUNT; d++)
		bytes += t->value[d].n;
	w = malloc(bytes);
	if (!w)
		return NULL;
	w->t = *t;
	w->bytes = bytes;
	at = (char *)(w + 1);
	w->t.who = put_text(&at, t->who);
	for (int d = 0; d < DIM_COUNT; d++)
		w->t.value[d] = put_text(&at, t->value[d]);
	return w;
}

int
pending_add(struct pending *p, const struct traits *t, bool by_policy)
{
	struct waiting *w = copy_of(t);

	if (!w || !grow(p)) {
		free(w);
		return ST_ENOMEM;
	}
	if (!count_all(p, t)) {
		uncount_all(p, t);
		free(w);
		return ST_ENOMEM;
	}
	w->by_policy = by_policy;
	p->bytes += w->bytes;
	p->heap[p->n] = w;
	sift_up(p, p->n++);
	return 0;
}

bool
pending_take(
    struct pending *p, int64_t until, struct traits *t, bool *by_policy)
{
	struct waiting *w;

	if (p->n == 0 || p->heap[0]->t.time.sec > until)
		return false;
	w = p->heap[0];
	p->heap[0] = p->heap[--p->n];
	if (p->n > 0)
		sift_down(p, 0);
	uncount_all(p, &w->t);
	p->bytes -= w->bytes;
	free(p->given);
	p->given = w;
	*t = w->t;
	*by_policy = w->by_policy;
	return true;
}

bool
pending_full(const struct pending *p)
{
	return p->n >= BASELINE_PENDING_MAX ||
	    p->bytes >= BASELINE_PENDING_BYTES_MAX;
}

void
pending_each(const struct pending *p,
    void (*cb)(void *arg, const struct traits *t, bool by_policy), void *arg)
{
	for (size_t i = 0; i < p->n; i++)
		cb(arg, &p->heap[i]->t, p->heap[i]->by_policy);
}

struct pending *
pending_new(void)
{
	struct pending *p = calloc(1, sizeof(*p));

	if (p)
		p->tallies = (struct map)MAP_INIT(same_tally);
	return p;
}

void
pending_free(struct pending *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		uncount_all(p, &p->heap[i]->t);
		free(p->heap[i]);
	}
	free(p->given);
	free(p->heap);
	map_release(&p->tallies);
	free(p);
}
