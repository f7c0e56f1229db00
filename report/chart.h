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

/* ---- of plain numbers --------------------------------------------------------- */

#define CHART_LABEL 24
#define CHART_BARS_MAX 92

struct chart_bar {
	char label[CHART_LABEL]; /* "2026-03-01", "08:00" */
	uint64_t verdict[VERDICT_COUNT];
	uint64_t findings;
};

struct chart_place {
	char country[3];
	uint64_t n, odd; /* requests, those not expected */
};

/* `each` is what a bar stands for: "a day".  At most CHART_BARS_MAX. */
void chart_bars(
    const struct chart_bar *v, unsigned n, const char *each, struct buf *out);
/* A circle for each, by area; the largest first. */
void chart_places(const struct chart_place *v, size_t n, struct buf *out);

/* ---- of what was gathered ----------------------------------------------------- */

typedef void chart_fn(const struct gather *g, struct buf *out);

/* Requests a day, or a few days where there are many, by verdict. */
chart_fn chart_timeline;
/* Where requests came from: a circle a country, by area. */
chart_fn chart_map;
/* The busiest principals and the cloud regions they asked in. */
chart_fn chart_matrix;
/* Hours of the week. */
chart_fn chart_hours;

struct finding;
/* Who became whom, from the root identity to what was asked for. */
void chart_lineage(
    const struct finding *f, const char *id, struct arena *a, struct buf *out);

#endif
