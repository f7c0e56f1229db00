/*
 * shapes.h - which rows requests of one shape are counted in, remembered.
 *
 *     struct shape *s = shapes_at(all, names, n);   // NULL: not remembered
 *     if (s->n == 0)
 *             ... it is new: find its rows ...
 *     for (i = 0; i < s->n; i++)
 *             table_count(s->rows[i], &decided);
 *
 * Most requests are like one before: the same principal for the same target
 * from the same place.  One look by all their names stands for a look in each
 * table.  A cache of SHAPES_MAX places, in which a new shape takes the place of
 * an old one; what it says never depends on what it has forgotten, because rows
 * of tables stay where they are.  One owner.
 */
#ifndef ST_SHAPES_H
#define ST_SHAPES_H

#include "report/table.h"

#define SHAPES_MAX 8192 /* a power of two */
#define SHAPE_NAMES_MAX 12
#define SHAPE_KEY_MAX 512 /* bytes of all names and their lengths */
#define SHAPE_ROWS_MAX 16

struct shape {
	struct table_row *rows[SHAPE_ROWS_MAX];
	unsigned n; /* 0: not known yet */
};

struct shapes;
struct shapes *shapes_new(void);    /* NULL without memory */
void shapes_free(struct shapes *s); /* NULL is fine */

/* The shape of requests with these names (absent is not empty), of which there
 * are SHAPE_NAMES_MAX at most.  NULL: they are too long. */
struct shape *
shapes_at(struct shapes *s, const struct slice *names, unsigned n);

#endif
