/*
 * counts.c - how often names were seen, and on how many days.
 *
 * See counts.h.
 */
#include "config.h"

#include "cli/counts.h"

#include "lib/hash.h"

#include <stdlib.h>

#define ARENA_FIRST 4096

static bool
same_name(const void *item, const void *key)
{
	const struct count *k = item;
	const struct slice *name = key;

	return slice_eq(k->name, *name);
}

void
counts_init(struct counts *c, size_t max)
{
	*c = (struct counts){ .max = max, .by_name = MAP_INIT(same_name) };
	arena_init(&c->arena, ARENA_FIRST);
}

void
counts_release(struct counts *c)
{
	map_release(&c->by_name);
	arena_release(&c->arena);
	free(c->v);
	c->v = NULL;
	c->n = c->room = 0;
}

const struct count *
counts_look(const struct counts *c, struct slice name)
{
	return map_get(&c->by_name, hash_slice(name), &name);
}

static bool
has_room(struct counts *c)
{
	size_t room = c->room ? 2 * c->room : 16;
	struct count **v;

	if (c->n < c->room)
		return true;
	v = c->n < c->max ? realloc(c->v, room * sizeof(*v)) : NULL;
	if (!v)
		return false;
	c->v = v;
	c->room = room;
	return true;
}

static struct count *
add(struct counts *c, struct slice name, uint64_t hash)
{
	struct count *k;

	if (c->n == c->max || !has_room(c))
		return NULL;
	k = arena_calloc(&c->arena, sizeof(*k));
	if (!k)
		return NULL;
	k->name = arena_slice(&c->arena, name);
	k->first_day = k->last_day = COUNTS_NO_DAY;
	if ((name.p && !k->name.p) || !map_put(&c->by_name, hash, k))
		return NULL;
	c->v[c->n++] = k;
	return k;
}

struct count *
counts_of(struct counts *c, struct slice name)
{
	uint64_t hash = hash_slice(name);
	struct count *k = map_get(&c->by_name, hash, &name);

	if (!k)
		k = add(c, name, hash);
	if (!k)
		c->others++;
	return k;
}

void
count_on(struct count *k, int64_t day)
{
	k->n++;
	if (day == COUNTS_NO_DAY || day == k->last_day)
		return;
	if (k->first_day == COUNTS_NO_DAY)
		k->first_day = day;
	k->last_day = day;
	k->days++;
}

int64_t
counts_day(struct when t)
{
	return t.valid ? when_day(t) : COUNTS_NO_DAY;
}

static int
name_cmp(const void *a, const void *b)
{
	const struct count *const *x = a, *const *y = b;

	return slice_cmp((*x)->name, (*y)->name);
}

static int
number_cmp(const void *a, const void *b)
{
	const struct count *const *x = a, *const *y = b;
	uint64_t m = (*x)->n + (*x)->other, n = (*y)->n + (*y)->other;

	return m != n ? (m < n) - (m > n) : name_cmp(a, b);
}

void
counts_by_name(struct counts *c)
{
	if (c->n)
		qsort(c->v, c->n, sizeof(struct count *), name_cmp);
}

void
counts_by_number(struct counts *c)
{
	if (c->n)
		qsort(c->v, c->n, sizeof(struct count *), number_cmp);
}
