/*
 * table.h - requests counted by name, in bounded memory.
 *
 *     struct table t;
 *     table_init(&t, 1000);
 *     struct table_row *row = table_at(&t, key);   // NULL: no memory
 *     table_count(row, &decided);
 *     const struct table_row **v = table_sorted(&t, table_by_count);
 *     table_release(&t);
 *
 * The first `max` names get a row each; what has none then is counted in one
 * row for all others, whose key is absent.  An absent key is a name, too: the
 * row "not told".  Rows stay where they are, in the order they came, so that
 * `index` can stand for a name in keys made of several.  One owner, no locks.
 */
#ifndef ST_TABLE_H
#define ST_TABLE_H

#include "lib/arena.h"
#include "lib/map.h"
#include "report/decided.h"

struct table_row {
	struct slice key;
	uint32_t index;
	uint64_t n; /* requests */
	uint64_t verdict[VERDICT_COUNT];
	uint64_t outcome[OUTCOME_COUNT];
	int64_t first, last; /* seconds since 1970, of those with a time */
	bool timed;          /* one of them had a time */
	uint64_t refused;    /* for this name: it is not approved */
	const char
	    *word; /* what else is known of the name, constant, or NULL */
};

struct table {
	struct arena arena;
	struct map map;
	struct table_row **rows; /* n of them, as they came */
	size_t n, room, max;
	struct table_row others; /* those beyond `max` */
};

#define TABLE_OTHERS UINT32_MAX /* the index of the row for all others */

void table_init(struct table *t, size_t max);
void table_release(struct table *t);

/* The row of that name, made where there is none. */
struct table_row *table_at(struct table *t, struct slice key);
/* The row of a number made of two, for pairs of rows of other tables. */
struct table_row *table_pair(struct table *t, uint32_t a, uint32_t b);
void table_unpair(const struct table_row *row, uint32_t *a, uint32_t *b);

void table_count(struct table_row *row, const struct decided *d);
/* What was counted in another row. */
void table_add(struct table_row *row, const struct table_row *more);

/* Names in it, without the row "not told". */
size_t table_names(const struct table *t);

/* Requests with any verdict but expected and learning. */
uint64_t table_odd(const struct table_row *row);

typedef int table_order(const struct table_row *a, const struct table_row *b);
int table_by_count(const struct table_row *a, const struct table_row *b);
int table_by_odd(const struct table_row *a, const struct table_row *b);
/* All rows in that order, then as they came; the caller frees the list.  NULL
 * without rows or without memory. */
const struct table_row **
table_sorted(const struct table *t, table_order *order);

#endif
