/*
 * counts.h - how often names were seen, and on how many days.
 *
 *     struct counts c;
 *     counts_init(&c, 10000);
 *     k = counts_of(&c, name);            // NULL: bound reached, or no memory
 *     if (k) count_on(k, day);
 *     counts_by_name(&c);  ... c.v[i]->name ...
 *     counts_release(&c);
 *
 * Names are copied.  Beyond the bound names are not told apart any more, and
 * `others` counts how often that happened.  Moments come in order of time, or
 * days are counted more than once.  One owner.
 */
#ifndef ST_COUNTS_H
#define ST_COUNTS_H

#include "lib/arena.h"
#include "lib/map.h"
#include "lib/when.h"

#define COUNTS_NO_DAY INT64_MIN /* a request without a time */

struct count {
	struct slice name;
	uint64_t n, other; /* two kinds, if the caller has two */
	uint64_t days;
	int64_t first_day, last_day; /* since 1970 */
};

struct counts {
	struct count **v;
	size_t n, room, max;
	uint64_t others;
	struct map by_name;
	struct arena arena;
};

void counts_init(struct counts *c, size_t max);
void counts_release(struct counts *c);
struct count *counts_of(struct counts *c, struct slice name);
/* NULL: never seen. */
const struct count *counts_look(const struct counts *c, struct slice name);
void count_on(struct count *k, int64_t day);
int64_t counts_day(struct when t); /* COUNTS_NO_DAY where it is none */

void counts_by_name(struct counts *c);
void counts_by_number(struct counts *c); /* most first, ties by name */

#endif
