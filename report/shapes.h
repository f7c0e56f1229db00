/*
 * shapes.h - which rows requests of one shape are counted in, remembered.
 *
 *     struct shape *s = shapes_at(all, parts, n);   // NULL: not remembered
 *     if (s->n == 0)
 *             ... it is new: find its rows ...
 *     table_count(&s->sum, &decided);
 *     shapes_settle(all);                           // behind the last
 *
 * Most requests are like one before: the same principal for the same target
 * from the same place.  One look at the parts of its line that say so stands for a
 * look in each table, and one count for one in each row: what was counted goes
 * into the rows when the shape makes room for another, or at the end.
 * A cache of SHAPES_MAX places; what it says never depends on what it has
 * forgotten, because rows of tables stay where they are.  One owner.
 */
#ifndef ST_SHAPES_H
#define ST_SHAPES_H

#include "report/table.h"

#define SHAPES_MAX 8192   /* a power of two */
#define SHAPE_KEY_MAX 768 /* bytes of all parts */
#define SHAPE_ROWS_MAX 16

struct shape {
	struct table_row *rows[SHAPE_ROWS_MAX];
	unsigned n;           /* 0: not known yet */
	struct table_row sum; /* what is not in the rows yet */
};

struct shapes;
struct shapes *shapes_new(void);    /* NULL without memory */
void shapes_free(struct shapes *s); /* NULL is fine */

/* The shape of lines with these parts, of which there are DECIDED_ALIKE_MAX at
 * most.  NULL: there are none, or they are too long. */
struct shape *
shapes_at(struct shapes *s, const struct slice *parts, unsigned n);

/* What was counted goes into its rows. */
void shape_settle(struct shape *s);
void shapes_settle(struct shapes *s); /* of all */

#endif
