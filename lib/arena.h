/*
 * arena.h - memory that is given back all at once.
 *
 *     struct arena a;
 *     arena_init(&a, 4096);
 *     char *s = arena_dup(&a, p, n);     // NULL when memory is out
 *     arena_reset(&a);                   // all of it is free, blocks are kept
 *     arena_release(&a);
 *
 * Blocks double from the first size up to 1 MiB; a larger piece gets a block
 * of its own.  After the first few records a reset arena allocates nothing.
 * One owner, no locks.
 */
#ifndef ST_ARENA_H
#define ST_ARENA_H

#include "lib/slice.h"

struct arena_block;

struct arena {
	struct arena_block *first, *current;
	size_t first_size;
	size_t used;
};

void arena_init(struct arena *a, size_t first_size);
void arena_release(struct arena *a);
void arena_reset(struct arena *a);

/* Aligned for any object; not cleared.  NULL when memory is out. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_calloc(struct arena *a, size_t n);

/* A copy with a NUL behind it (not counted). */
char *arena_dup(struct arena *a, const char *p, size_t n);

/* A copy of a slice; absent stays absent.  Also absent when memory is out. */
struct slice arena_slice(struct arena *a, struct slice s);

/* printf into the arena; absent when memory is out. */
struct slice arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* `a` and `b` and `c` behind one another. */
struct slice
arena_cat(struct arena *a, struct slice x, struct slice y, struct slice z);

#endif
