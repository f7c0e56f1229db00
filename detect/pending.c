/*
 * pending.c - requests that wait to be learned, in order of time.
 *
 * A heap by time, and a table that tells whether a principal, or a value of a
 * principal, is among those that wait.  Those that wait are kept in rows of
 * many, made when they are saved, so that a busy hour costs few of them.
 * Owned by the baseline.
 */
#include "detect/baseline_i.h"

#include <stdlib.h>

#define FORM 4                        /* of a row */
#define ROW_BYTES ((size_t)256 << 10) /* then the next is begun */

struct waiting {
	struct traits t; /* slices point behind it */
	struct waits waits;
	size_t bytes;
	uint64_t row; /* 0: it is in none yet, and in the list of these */
	struct waiting *unsaved_next, **unsaved_at;
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
	struct waiting *unsaved;
	struct map rows; /* how many of each row still wait */
	uint64_t last_row;
	struct buf gone; /* numbers of rows in which nothing waits */
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
count_up(struct map *tallies, uint64_t key)
{
	struct tally *t = map_get(tallies, key, &key);

	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return false;
		t->key = key;
		if (!map_put(tallies, key, t)) {
			free(t);
			return false;
		}
	}
	t->n++;
	return true;
}

/* True where this was the last. */
static bool
count_down(struct map *tallies, uint64_t key)
{
	struct tally *t = map_get(tallies, key, &key);

	if (!t || --t->n > 0)
		return false;
	map_remove(tallies, key, t);
	free(t);
	return true;
}

/* Beside the hashes of values: of those with a new target. */
#define NEW_TARGETS UINT64_MAX

static bool
count_all(struct pending *p, const struct traits *t, const struct waits *w)
{
	bool ok = count_up(&p->tallies, key_of(t->who_hash, 0));

	if (w->new_target)
		ok &= count_up(&p->tallies, key_of(t->who_hash, NEW_TARGETS));

	for (int d = 0; d < DIM_COUNT; d++)
		if (w->unknown >> d & 1)
			ok &= count_up(
			    &p->tallies, key_of(t->who_hash, t->hash[d]));
	return ok;
}

static void
uncount_all(struct pending *p, const struct traits *t, const struct waits *w)
{
	count_down(&p->tallies, key_of(t->who_hash, 0));
	if (w->new_target)
		count_down(&p->tallies, key_of(t->who_hash, NEW_TARGETS));
	for (int d = 0; d < DIM_COUNT; d++)
		if (w->unknown >> d & 1)
			count_down(
			    &p->tallies, key_of(t->who_hash, t->hash[d]));
}

uint32_t
pending_count(const struct pending *p, uint64_t who, uint64_t value)
{
	uint64_t key = key_of(who, value);
	const struct tally *t = map_get(&p->tallies, key, &key);

	return t ? (uint32_t)t->n : 0;
}

bool
pending_has(const struct pending *p, uint64_t who, uint64_t value)
{
	return pending_count(p, who, value) > 0;
}

uint32_t
pending_new_targets(const struct pending *p, uint64_t who)
{
	return pending_count(p, who, NEW_TARGETS);
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
	*w = (struct waiting){ .t = *t, .bytes = bytes };
	at = (char *)(w + 1);
	w->t.who = put_text(&at, t->who);
	for (int d = 0; d < DIM_COUNT; d++)
		w->t.value[d] = put_text(&at, t->value[d]);
	return w;
}

/* Saved in no row yet. */
static void
link_unsaved(struct pending *p, struct waiting *w)
{
	w->unsaved_next = p->unsaved;
	w->unsaved_at = &p->unsaved;
	if (w->unsaved_next)
		w->unsaved_next->unsaved_at = &w->unsaved_next;
	p->unsaved = w;
}

static void
unlink_unsaved(struct waiting *w)
{
	if (!w->unsaved_at)
		return;
	*w->unsaved_at = w->unsaved_next;
	if (w->unsaved_next)
		w->unsaved_next->unsaved_at = w->unsaved_at;
	w->unsaved_at = NULL;
}

/* It waits no longer. */
static void
leave_row(struct pending *p, const struct waiting *w)
{
	if (w->row > 0 && count_down(&p->rows, w->row))
		buf_add(&p->gone, &w->row, sizeof(w->row));
}

static struct waiting *
add(struct pending *p, const struct traits *t, const struct waits *waits)
{
	struct waiting *w = copy_of(t);

	if (!w || !grow(p)) {
		free(w);
		return NULL;
	}
	if (!count_all(p, t, waits)) {
		uncount_all(p, t, waits);
		free(w);
		return NULL;
	}
	w->waits = *waits;
	p->bytes += w->bytes;
	p->heap[p->n] = w;
	sift_up(p, p->n++);
	return w;
}

int
pending_add(
    struct pending *p, const struct traits *t, const struct waits *waits)
{
	struct waiting *w = add(p, t, waits);

	if (!w)
		return ST_ENOMEM;
	link_unsaved(p, w);
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
	uncount_all(p, &w->t, &w->waits);
	unlink_unsaved(w);
	leave_row(p, w);
	p->bytes -= w->bytes;
	free(p->given);
	p->given = w;
	*t = w->t;
	*by_policy = w->waits.by_policy;
	return true;
}

bool
pending_full(const struct pending *p)
{
	return p->n >= BASELINE_PENDING_MAX ||
	    p->bytes >= BASELINE_PENDING_BYTES_MAX;
}

bool
pending_first(const struct pending *p, int64_t *second)
{
	if (p->n > 0)
		*second = p->heap[0]->t.time.sec;
	return p->n > 0;
}

/* ---- over a restart ---------------------------------------------------------- */

static void
save_one(const struct waiting *w, struct buf *out)
{
	const struct traits *t = &w->t;

	pack_bool(out, w->waits.by_policy);
	pack_bool(out, w->waits.new_target);
	pack_uint(out, w->waits.unknown);
	pack_uint(out, t->peers);
	pack_slice(out, t->who);
	pack_ordered(out, t->who_hash);
	pack_when(out, t->time);
	pack_ordered(out, t->event_hash);
	for (int d = 0; d < DIM_COUNT; d++) {
		pack_slice(out, t->value[d]);
		if (t->value[d].p)
			pack_ordered(out, t->hash[d]);
	}
}

static void
load_one(struct unpack *u, struct traits *t, struct waits *w)
{
	*t = (struct traits){ 0 };
	w->by_policy = unpack_bool(u);
	w->new_target = unpack_bool(u);
	w->unknown = (uint16_t)unpack_at_most(u, UINT16_MAX);
	t->peers = (enum peers)unpack_at_most(u, PEERS_COUNT - 1);
	t->who = unpack_slice(u);
	t->who_hash = unpack_ordered(u);
	t->time = unpack_when(u);
	t->event_hash = unpack_ordered(u);
	for (int d = 0; d < DIM_COUNT; d++) {
		t->value[d] = unpack_slice(u);
		if (t->value[d].p)
			t->hash[d] = unpack_ordered(u);
	}
	if (!t->time.valid)
		u->failed = true;
}

static int
drop_gone(struct pending *p, pack_row *put, void *arg, struct buf *key)
{
	uint64_t row;
	int err;

	while (p->gone.n >= sizeof(row)) {
		memcpy(&row, p->gone.p + p->gone.n - sizeof(row), sizeof(row));
		buf_reset(key);
		pack_ordered(key, row);
		if (key->failed)
			return ST_ENOMEM;
		err = put(arg, buf_slice(key), SLICE_NULL);
		if (err < 0)
			return err;
		p->gone.n -= sizeof(row);
	}
	p->gone.failed = false;
	return 0;
}

/* They are in this row now, those up to `end` in the list. */
static int
mark_saved(struct pending *p, uint64_t row, const struct waiting *end)
{
	while (p->unsaved != end) {
		struct waiting *w = p->unsaved;

		if (!count_up(&p->rows, row))
			return ST_ENOMEM;
		w->row = row;
		unlink_unsaved(w);
	}
	return 0;
}

static int
save_row(struct pending *p, pack_row *put, void *arg, struct buf *key,
    struct buf *value)
{
	const struct waiting *w = p->unsaved;
	int err;

	buf_reset(key);
	buf_reset(value);
	pack_ordered(key, p->last_row + 1);
	pack_uint(value, FORM);
	for (; w && value->n < ROW_BYTES; w = w->unsaved_next)
		save_one(w, value);
	if (key->failed || value->failed)
		return ST_ENOMEM;
	err = put(arg, buf_slice(key), buf_slice(value));
	return err < 0 ? err : mark_saved(p, ++p->last_row, w);
}

int
pending_save(struct pending *p, pack_row *put, void *arg)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	int err = drop_gone(p, put, arg, &key);

	while (err == 0 && p->unsaved)
		err = save_row(p, put, arg, &key, &value);
	buf_release(&key);
	buf_release(&value);
	return err;
}

int
pending_load(
    struct pending *p, struct slice key, struct slice value, int64_t watermark)
{
	struct unpack k = unpack_of(key), u = unpack_of(value);
	uint64_t row = unpack_ordered(&k);
	struct waiting *w;
	struct traits t;
	struct waits waits;
	bool any = false;

	if (!unpack_is_whole(&k) || row <= p->last_row || row == UINT64_MAX ||
	    unpack_uint(&u) != FORM)
		return ST_EFORMAT;
	p->last_row = row;
	while (!unpack_is_whole(&u)) {
		load_one(&u, &t, &waits);
		if (u.failed)
			break;
		if (t.time.sec <= watermark)
			continue;
		w = add(p, &t, &waits);
		if (!w || !count_up(&p->rows, row))
			return ST_ENOMEM;
		w->row = row;
		any = true;
	}
	if (!any)
		buf_add(&p->gone, &row, sizeof(row));
	return u.failed ? ST_EFORMAT : 0;
}

/* ---- life -------------------------------------------------------------------- */

struct pending *
pending_new(void)
{
	struct pending *p = calloc(1, sizeof(*p));

	if (p)
		p->tallies = p->rows = (struct map)MAP_INIT(same_tally);
	return p;
}

void
pending_free(struct pending *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		uncount_all(p, &p->heap[i]->t, &p->heap[i]->waits);
		leave_row(p, p->heap[i]);
		free(p->heap[i]);
	}
	free(p->given);
	free(p->heap);
	map_release(&p->tallies);
	map_release(&p->rows);
	buf_release(&p->gone);
	free(p);
}
