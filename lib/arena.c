/*
 * arena.c - memory that is given back all at once.
 *
 * See arena.h.  One owner, no locks.
 */
#include "lib/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_BLOCK_MAX ((size_t)1 << 20)
#define ARENA_ALIGN _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) char data[];
};

void
arena_init(struct arena *a, size_t first_size)
{
	a->first = a->current = NULL;
	a->first_size = first_size < 256 ? 256 : first_size;
	a->used = 0;
}

void
arena_release(struct arena *a)
{
	struct arena_block *b = a->first, *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
	a->first = a->current = NULL;
	a->used = 0;
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b;

	for (b = a->first; b; b = b->next)
		b->used = 0;
	a->current = a->first;
	a->used = 0;
}

static struct arena_block *
block_new(struct arena *a, size_t need)
{
	struct arena_block *b;
	size_t size = a->current ? a->current->size * 2 : a->first_size;

	if (size > ARENA_BLOCK_MAX)
		size = ARENA_BLOCK_MAX;
	if (size < need)
		size = need;
	if (size > SIZE_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

static void *
take(struct arena *a, struct arena_block *b, size_t n)
{
	void *p = b->data + b->used;

	b->used += n;
	a->used += n;
	a->current = b;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b;

	if (n > SIZE_MAX - ARENA_ALIGN)
		return NULL;
	n = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	/* Blocks behind the current one are empty ones, kept by a reset. */
	for (b = a->current; b; b = b->next) {
		if (b->size - b->used >= n)
			return take(a, b, n);
		if (!b->next)
			break;
	}
	b = block_new(a, n);
	if (!b)
		return NULL;
	if (!a->first) {
		a->first = b;
	} else {
		struct arena_block *last = a->current;

		while (last->next)
			last = last->next;
		last->next = b;
	}
	return take(a, b, n);
}

void *
arena_calloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	return p ? memset(p, 0, n) : NULL;
}

char *
arena_dup(struct arena *a, const char *p, size_t n)
{
	char *copy = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;

	if (!copy)
		return NULL;
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

struct slice
arena_slice(struct arena *a, struct slice s)
{
	char *copy = s.p ? arena_dup(a, s.p, s.n) : NULL;

	return copy ? slice_of(copy, s.n) : SLICE_NULL;
}

struct slice
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return SLICE_NULL;
	p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return SLICE_NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return slice_of(p, (size_t)n);
}

struct slice
arena_cat(struct arena *a, struct slice x, struct slice y, struct slice z)
{
	size_t n = x.n + y.n + z.n;
	char *p = arena_alloc(a, n + 1), *at = p;

	if (!p)
		return SLICE_NULL;
	if (x.n)
		at = (char *)memcpy(at, x.p, x.n) + x.n;
	if (y.n)
		at = (char *)memcpy(at, y.p, y.n) + y.n;
	if (z.n)
		at = (char *)memcpy(at, z.p, z.n) + z.n;
	*at = '\0';
	return slice_of(p, n);
}
