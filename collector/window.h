/*
 * window.h - which requests were seen before, over restarts.
 *
 *     struct window *w = window_new(max, span);
 *     if (!window_knows(w, key))
 *             err = window_add(w, key, now);
 *     err = window_save(w, put, arg);        // what came since the last time
 *     window_free(w);
 *
 * Two generations of keys: when the young one holds half of `max`, or began
 * `span` seconds ago, the old one is forgotten and the young one becomes old.
 * So a key is known for at least `span`, unless max / 2 others came since, and
 * never more than `max` are.  The clock is the caller's.
 *
 * Kept are the keys as they came, WINDOW_CHUNK to a row; only the last row of
 * a generation is ever written again.  Rows of a forgotten generation are taken
 * away WINDOW_DROPS_MAX at a time.  One owner, no locks.
 */
#ifndef ST_WINDOW_H
#define ST_WINDOW_H

#include "lib/pack.h"

#define WINDOW_CHUNK 512 /* keys of a row: 8 KiB */
#define WINDOW_DROPS_MAX 256

struct window;
struct window *window_new(size_t max, int64_t span); /* NULL: no memory */
void window_free(struct window *w);
/* From the next key on. */
void window_set(struct window *w, size_t max, int64_t span);

bool window_knows(const struct window *w, const uint64_t key[2]);
/* The key must not be known.  ST_ENOMEM: it is not remembered. */
int
window_add(struct window *w, const uint64_t key[2], int64_t now) ST_MUSTCHECK;
size_t window_count(const struct window *w); /* keys that are known */

/* What put() refuses is given again the next time. */
int window_save(struct window *w, pack_row *put, void *arg) ST_MUSTCHECK;
/* Before the first key, rows in the order of their keys.  ST_EFORMAT: it is
 * none of ours. */
int window_load(
    struct window *w, struct slice key, struct slice value) ST_MUSTCHECK;

#endif
