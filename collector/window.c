/*
 * window.c - which requests were seen before, over restarts.
 *
 * See window.h.  The keys themselves stand in seen.c; here is when a
 * generation ends, and what of it is not in rows yet.  One owner, no locks.
 *
 * A row is named by generation and chunk, both counted up: in the order of
 * their keys rows tell the keys as they came.
 */
#include "collector/window.h"

#include "collector/seen.h"

#include <stdlib.h>

#define FORM 1
#define KEY_SIZE 16

/* One generation, as far as its rows go. */
struct side {
	uint64_t number; /* 0: there is none */
	int64_t began;
	uint64_t chunks; /* rows that are full and will not change */
	struct buf rest; /* keys of the chunks behind them, packed */
	bool changed;    /* the rest has keys that are in no row */
	bool begun;      /* the row behind the full ones is there */
};

/* Rows of a generation that is forgotten: from `next` up to `end`. */
struct drop {
	uint64_t number, next, end;
};

struct window {
	struct seen *seen;
	size_t half;
	int64_t span;
	struct side young, old;
	struct buf drops; /* struct drop */
};

/* ---- generations -------------------------------------------------------- */

static uint64_t
rows_of(const struct side *s)
{
	return s->chunks + (s->begun ? 1 : 0);
}

/* Its rows will be taken away.  Without memory they stay, and are taken away
 * after the next start. */
static void
forget(struct window *w, struct side *s)
{
	const struct drop d = { s->number, 0, rows_of(s) };

	if (d.end > 0 && buf_reserve(&w->drops, sizeof(d)))
		buf_add(&w->drops, &d, sizeof(d));
	w->drops.failed = false;
	buf_release(&s->rest);
}

static void
turn(struct window *w, uint64_t number, int64_t now)
{
	forget(w, &w->old);
	w->old = w->young;
	w->young = (struct side){ .number = number, .began = now };
	seen_turn(w->seen);
}

static bool
is_over(const struct window *w, int64_t now)
{
	return w->young.number == 0 || seen_young(w->seen) >= w->half ||
	    (w->span > 0 && seen_young(w->seen) > 0 &&
		now - w->young.began >= w->span);
}

/* ---- keys --------------------------------------------------------------- */

bool
window_knows(const struct window *w, const uint64_t key[2])
{
	return seen_find(w->seen, key) != NULL;
}

int
window_add(struct window *w, const uint64_t key[2], int64_t now)
{
	struct side *s = &w->young;

	if (is_over(w, now))
		turn(w, s->number + 1, now);
	if (!buf_reserve(&s->rest, KEY_SIZE)) {
		s->rest.failed = false;
		return ST_ENOMEM;
	}
	if (!seen_add(w->seen, key))
		return ST_ENOMEM;
	pack_ordered(&s->rest, key[0]);
	pack_ordered(&s->rest, key[1]);
	s->changed = true;
	return 0;
}

size_t
window_count(const struct window *w)
{
	return seen_count(w->seen);
}

/* ---- saving ------------------------------------------------------------- */

static int
put_row(struct side *s, size_t bytes, pack_row *put, void *arg)
{
	struct buf key = BUF_INIT, row = BUF_INIT;
	int err = ST_ENOMEM;

	pack_ordered(&key, s->number);
	pack_ordered(&key, s->chunks);
	pack_uint(&row, FORM);
	pack_int(&row, s->began);
	pack_bytes(&row, s->rest.p, bytes);
	if (!key.failed && !row.failed)
		err = put(arg, buf_slice(&key), buf_slice(&row));
	buf_release(&key);
	buf_release(&row);
	return err;
}

static int
save_side(struct side *s, pack_row *put, void *arg)
{
	const size_t full = (size_t)WINDOW_CHUNK * KEY_SIZE;
	int err;

	while (s->rest.n >= full) {
		err = put_row(s, full, put, arg);
		if (err < 0)
			return err;
		s->chunks++;
		s->begun = false;
		buf_consume(&s->rest, full);
	}
	if (s->changed && s->rest.n > 0) {
		err = put_row(s, s->rest.n, put, arg);
		if (err < 0)
			return err;
		s->begun = true;
	}
	s->changed = false;
	return 0;
}

static int
drop_row(uint64_t number, uint64_t chunk, pack_row *put, void *arg)
{
	struct buf key = BUF_INIT;
	int err = ST_ENOMEM;

	pack_ordered(&key, number);
	pack_ordered(&key, chunk);
	if (!key.failed)
		err = put(arg, buf_slice(&key), SLICE_NULL);
	buf_release(&key);
	return err;
}

static int
drop_some(struct window *w, pack_row *put, void *arg)
{
	struct drop d;
	int err;

	for (int left = WINDOW_DROPS_MAX; left > 0 && w->drops.n > 0; left--) {
		memcpy(&d, w->drops.p, sizeof(d));
		err = drop_row(d.number, d.next, put, arg);
		if (err < 0)
			return err;
		d.next++;
		memcpy(w->drops.p, &d, sizeof(d));
		if (d.next == d.end)
			buf_consume(&w->drops, sizeof(d));
	}
	return 0;
}

int
window_save(struct window *w, pack_row *put, void *arg)
{
	int err = drop_some(w, put, arg);

	if (err == 0)
		err = save_side(&w->old, put, arg);
	return err < 0 ? err : save_side(&w->young, put, arg);
}

/* ---- loading ------------------------------------------------------------ */

static int
load_keys(struct window *w, struct unpack *u, size_t n)
{
	uint64_t key[2];

	for (size_t i = 0; i < n; i++) {
		key[0] = unpack_ordered(u);
		key[1] = unpack_ordered(u);
		if (!seen_find(w->seen, key) && !seen_add(w->seen, key))
			return ST_ENOMEM;
	}
	return 0;
}

/* The last row of a generation that is not full is gone on with. */
static int
go_on(struct side *s, uint64_t chunk, struct slice keys)
{
	bool full = keys.n == (size_t)WINDOW_CHUNK * KEY_SIZE;

	buf_reset(&s->rest);
	if (!full)
		pack_bytes(&s->rest, keys.p, keys.n);
	s->chunks = full ? chunk + 1 : chunk;
	s->begun = !full;
	return s->rest.failed ? ST_ENOMEM : 0;
}

int
window_load(struct window *w, struct slice key, struct slice value)
{
	struct unpack k = unpack_of(key), u = unpack_of(value);
	uint64_t number = unpack_ordered(&k), chunk = unpack_ordered(&k);
	uint64_t form = unpack_uint(&u);
	int64_t began = unpack_int(&u);
	struct slice keys = u.rest;
	int err;

	if (!unpack_is_whole(&k) || u.failed || form != FORM || number == 0 ||
	    number < w->young.number || number == UINT64_MAX ||
	    chunk == UINT64_MAX || keys.n == 0 || keys.n % KEY_SIZE != 0 ||
	    keys.n > (size_t)WINDOW_CHUNK * KEY_SIZE)
		return ST_EFORMAT;
	if (number > w->young.number)
		turn(w, number, began);
	err = load_keys(w, &u, keys.n / KEY_SIZE);
	return err < 0 ? err : go_on(&w->young, chunk, keys);
}

/* ---- life --------------------------------------------------------------- */

void
window_set(struct window *w, size_t max, int64_t span)
{
	w->half = max < 2 ? 1 : max / 2;
	w->span = span;
}

struct window *
window_new(size_t max, int64_t span)
{
	struct window *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	window_set(w, max, span);
	/* When it turns is our business, also while rows are loaded. */
	w->seen = seen_new(SIZE_MAX, 0);
	if (w->seen)
		return w;
	free(w);
	return NULL;
}

void
window_free(struct window *w)
{
	if (!w)
		return;
	seen_free(w->seen);
	buf_release(&w->young.rest);
	buf_release(&w->old.rest);
	buf_release(&w->drops);
	free(w);
}
