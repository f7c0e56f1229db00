/*
 * normal.h - what was normal: requests of the past, folded and sorted out.
 *
 *     struct normal *n = normal_new(min_days);    // 0: by the span of time
 *     normal_add(n, &request, odd);               // in the order of time
 *     normal_settle(n);
 *     for (i = 0; i < n->n; i++)  ... n->v[i]->left == LEFT_NOT ...
 *     normal_free(n);
 *
 * A cell is all requests alike in who, what, for what, from which country and
 * in which region.  It is normal unless it was not granted, or was seen on too
 * few days: what happens on one day only may be an intruder's, and a list that
 * it is on would let him in for good.  Requests that were odd (in a finding)
 * give it no day.
 * A family are the principals that differ in the last part of their names;
 * where most of a family come and go (branches, build jobs), the family's days
 * count for all of them.  Bounded by NORMAL_CELLS_MAX; what is beyond is
 * counted.  Main thread.
 */
#ifndef ST_NORMAL_H
#define ST_NORMAL_H

#include "cli/counts.h"
#include "events/request.h"
#include "lib/err.h"

#define NORMAL_CELLS_MAX ((size_t)500000)
#define NORMAL_FAMILY_MIN 8 /* members, before they are taken as one */
#define NORMAL_LONG_SPAN 10 /* days, from which on min_days is 3, not 2 */

enum left {
	LEFT_NOT, /* it is normal */
	LEFT_OUTCOME,
	LEFT_SERVICE,
	LEFT_NOBODY,
	LEFT_NAME,
	LEFT_FINDING,
	LEFT_RARE,
	LEFT_PLACE,
	LEFT_COUNT
};

struct cell {
	struct request r; /* the first of them */
	uint64_t n, days;
	int64_t last_day;
	int64_t duration; /* seconds, the longest; -1: unknown */
	uint64_t odd;     /* how many were in a finding */
	enum left left;
};

struct normal {
	struct cell **v;
	size_t n, room;
	uint64_t requests, beyond; /* all; those of no cell */
	uint64_t by_left[LEFT_COUNT];
	uint64_t min_days, span; /* days from the first to the last */
	struct when first, last;
	/* Keys are packed parts. */
	struct counts tuples;   /* principal, action, target */
	struct counts places;   /* scope, word, value */
	struct counts families; /* family and action; other: members */
	struct counts strays;   /* the same; n: members of few days */
	struct map by_key;
	struct arena arena;
	struct buf key;
};

struct normal *normal_new(uint64_t min_days); /* NULL without memory */
void normal_free(struct normal *n);
int
normal_add(struct normal *n, const struct request *r, bool odd) ST_MUSTCHECK;
int normal_settle(struct normal *n) ST_MUSTCHECK;

/* "was in a finding": why a cell is no normal one. */
const char *normal_why(enum left left);

/* What stands before the last part of a name, its separator included. */
struct slice normal_family(struct slice name);

#endif
