/*
 * chart.h - the pictures of a report, as inline SVG.
 *
 * Each is drawn from what was gathered, and says in words what it shows.  They
 * are the same in the report and on the status page.  Nothing is drawn where
 * there is nothing to show.  Pure functions, any thread.
 */
#ifndef ST_CHART_H
#define ST_CHART_H

#include "lib/buf.h"
#include "report/gather.h"

typedef void chart_fn(const struct gather *g, struct buf *out);

/* Requests a day, or a few days where there are many, by verdict. */
chart_fn chart_timeline;
/* Where requests came from: a circle a country, by area. */
chart_fn chart_map;
/* The busiest principals and the cloud regions they asked in. */
chart_fn chart_matrix;
/* Hours of the week. */
chart_fn chart_hours;

/* Who became whom, from the root identity to what was asked for.  `finding`:
 * the line of a finding as native JSON; false: it cannot be read. */
bool chart_lineage(struct slice finding, const char *id, struct buf *out);

#endif
