/*
 * table.c - requests counted by name, in bounded memory.
 *
 * See table.h.  One owner, no locks.
 */
#include "config.h"

#include "report/table.h"
#include "lib/hash.h"

#include <stdlib.h>

#define ARENA_FIRST 4096
#define ROWS_FIRST 64

static bool
same_key(const void *item, const void *key)
{
	const struct table_row *row = item;
	const struct slice *k = key;

	return (row->key.p == NULL) == (k->p == NULL) && slice_eq(row->key, *k);
}

void
table_init(struct table *t, size_t max)
{
	*t = (struct table){ .max = max };
	t->map = (struct map)MAP_INIT(same_key);
	t->others.index = TABLE_OTHERS;
	arena_init(&t->arena, ARENA_FIRST);
}

void
table_release(struct table *t)
{
	map_release(&t->map);
	arena_release(&t->arena);
	free(t->rows);
}

static bool
grow(struct table *t)
{
	size_t room = t->room ? 2 * t->room : ROWS_FIRST;
	struct table_row **rows;

	if (t->n < t->room)
		return true;
	rows = realloc(t->rows, room * sizeof(struct table_row *));
	if (!rows)
		return false;
	t->rows = rows;
	t->room = room;
	return true;
}

static struct table_row *
add(struct table *t, uint64_t hash, struct slice key)
{
	struct table_row *row;

	if (!grow(t))
		return NULL;
	row = arena_calloc(&t->arena, sizeof(*row));
	if (!row)
		return NULL;
	row->key = arena_slice(&t->arena, key);
	row->index = (uint32_t)t->n;
	if (key.p && !row->key.p)
		return NULL;
	if (!map_put(&t->map, hash, row))
		return NULL;
	t->rows[t->n++] = row;
	return row;
}

struct table_row *
table_at(struct table *t, struct slice key)
{
	uint64_t hash = hash_slice(key);
	struct table_row *row = map_get(&t->map, hash, &key);

	if (row)
		return row;
	return t->n < t->max ? add(t, hash, key) : &t->others;
}

struct table_row *
table_pair(struct table *t, uint32_t a, uint32_t b)
{
	uint32_t pair[2] = { a, b };

	return table_at(t, slice_of((const char *)pair, sizeof(pair)));
}

void
table_unpair(const struct table_row *row, uint32_t *a, uint32_t *b)
{
	memcpy(a, row->key.p, sizeof(*a));
	memcpy(b, row->key.p + sizeof(*a), sizeof(*b));
}

static void
stretch(struct table_row *row, int64_t first, int64_t last)
{
	if (!row->timed || first < row->first)
		row->first = first;
	if (!row->timed || last > row->last)
		row->last = last;
	row->timed = true;
}

void
table_count(struct table_row *row, const struct decided *d)
{
	row->n++;
	row->verdict[d->verdict]++;
	row->outcome[d->outcome]++;
	if (d->time.valid)
		stretch(row, d->time.sec, d->time.sec);
}

void
table_add(struct table_row *row, const struct table_row *more)
{
	row->n += more->n;
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		row->verdict[i] += more->verdict[i];
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		row->outcome[i] += more->outcome[i];
	if (more->timed)
		stretch(row, more->first, more->last);
}

size_t
table_names(const struct table *t)
{
	struct slice none = SLICE_NULL;

	return t->n - (map_get(&t->map, hash_slice(none), &none) != NULL);
}

uint64_t
table_odd(const struct table_row *row)
{
	return row->verdict[VERDICT_UNEXPECTED] +
	    row->verdict[VERDICT_SUPPRESSED];
}

int
table_by_count(const struct table_row *a, const struct table_row *b)
{
	return (a->n < b->n) - (a->n > b->n);
}

int
table_by_odd(const struct table_row *a, const struct table_row *b)
{
	uint64_t x = table_odd(a), y = table_odd(b);

	return x == y ? table_by_count(a, b) : (x < y) - (x > y);
}

/* Ties are told apart by what came first, which the input says. */
static int
compare(const void *a, const void *b, void *order)
{
	const struct table_row *x = *(const struct table_row *const *)a;
	const struct table_row *y = *(const struct table_row *const *)b;
	int c = (*(table_order **)order)(x, y);

	return c ? c : x->index < y->index ? -1 : x->index > y->index;
}

const struct table_row **
table_sorted(const struct table *t, table_order *order)
{
	const struct table_row **v;

	if (!t->n)
		return NULL;
	v = malloc(t->n * sizeof(struct table_row *));
	if (!v)
		return NULL;
	memcpy(v, t->rows, t->n * sizeof(struct table_row *));
	qsort_r(v, t->n, sizeof(struct table_row *), compare, &order);
	return v;
}
