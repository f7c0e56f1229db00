/*
 * chart_where.c - pictures of where: the map, and principals by region.
 *
 * The land and the countries' places are report/data/world.txt, compiled in.
 * Pure functions.
 */
#include "report/chart.h"
#include "detect/names.h"
#include "report/markup.h"
#include "report/sections.h"
#include "report/sections_i.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TIP_MAX 400

/* In half degrees from 180 W and 90 N. */
struct country {
	const char *code;
	int x, y;
	const char *name;
};

#include "report/world_texts.h"

#define N_LAND (sizeof(world_land) / sizeof(world_land[0]))
#define N_COUNTRIES (sizeof(world_countries) / sizeof(world_countries[0]))

/* ---- map ------------------------------------------------------------------------- */

#define MAP_WIDTH 720
#define MAP_HEIGHT 300 /* down to 60 S: nobody asks from further south */
#define CIRCLE_MAX 26.0
#define CIRCLE_MIN 3.0

static const struct country *
country_of(struct slice code)
{
	for (size_t i = 0; i < N_COUNTRIES; i++)
		if (slice_is(code, world_countries[i].code))
			return &world_countries[i];
	return NULL;
}

static void
draw_land(struct buf *out)
{
	buf_adds(out, "<path class=\"land\" d=\"");
	for (size_t i = 0; i < N_LAND; i++)
		buf_adds(out, world_land[i]);
	buf_adds(out, "\"/>\n");
	for (int x = 60; x < MAP_WIDTH; x += 60)
		svg_line(out, x, 0, x, MAP_HEIGHT, "grid");
	for (int y = 60; y < MAP_HEIGHT; y += 60)
		svg_line(out, 0, y, MAP_WIDTH, y, "grid");
}

static void
draw_country(const struct chart_place *p, const struct country *c, uint64_t top,
    struct buf *out)
{
	double r = sqrt((double)p->n / (double)top) * CIRCLE_MAX;
	char tip[TIP_MAX];

	snprintf(tip, sizeof(tip),
	    "%s: %" PRIu64 " requests, %" PRIu64 " not expected", c->name, p->n,
	    p->odd);
	if (r < CIRCLE_MIN)
		r = CIRCLE_MIN;
	svg_circle(
	    out, c->x, c->y, r, p->odd ? "place odd" : "place", slice_str(tip));
}

/* Names beside the circles, the largest first, few enough to be read. */
#define LABELS_MAX 12

void
chart_places(const struct chart_place *v, size_t n, struct buf *out)
{
	const struct country *c;
	char about[TIP_MAX];
	unsigned labels = 0;

	if (!n)
		return;
	snprintf(about, sizeof(about),
	    "A circle for each of %zu countries, its area by requests, ringed "
	    "where some were not expected.",
	    n);
	svg_begin(out, "map", MAP_WIDTH, MAP_HEIGHT, "Where requests came from",
	    about);
	draw_land(out);
	for (size_t i = 0; i < n; i++) {
		c = country_of(slice_str(v[i].country));
		if (!c)
			continue;
		draw_country(&v[i], c, v[0].n, out);
		if (labels++ < LABELS_MAX)
			svg_text(out, c->x, c->y - 4, "mid",
			    slice_str(v[i].country), 2);
	}
	svg_end(out);
}

void
chart_map(const struct gather *g, struct buf *out)
{
	const struct table_row **v = table_sorted(
	    &g->countries, table_by_count);
	struct chart_place *places = calloc(
	    g->countries.n + 1, sizeof(*places));
	size_t n = 0;

	for (size_t i = 0; v && places && i < g->countries.n; i++) {
		if (!v[i]->key.p || !country_of(v[i]->key))
			continue;
		memcpy(places[n].country, v[i]->key.p, 2);
		places[n].n = v[i]->n;
		places[n++].odd = table_odd(v[i]);
	}
	if (places && (v || !g->countries.n))
		chart_places(places, n, out);
	else
		out->failed = true;
	free(places);
	free(v);
}

/* ---- principal and region ----------------------------------------------------------- */

#define MATRIX_ROWS 16
#define MATRIX_COLUMNS 10
#define MATRIX_LEFT 230
#define MATRIX_TOP 74
#define CELL_WIDTH 46
#define CELL_HEIGHT 22
#define LABEL_MAX_BYTES 34
#define SHADES 5

struct matrix {
	const struct table_row **rows, **columns;
	size_t n_rows, n_columns;
	uint64_t top;
};

/* Of a federated subject all that its provider says, of others their own name. */
static struct slice
label_of(struct slice name)
{
	const char *provider = slice_find(name, ":oidc-provider/");
	struct slice rest;

	if (!provider)
		return names_short(name);
	rest = slice_of(provider, (size_t)(name.p + name.n - provider));
	rest = slice_after(slice_after(rest, '/'), '/');
	return rest.n ? rest : name;
}

/* Where a row stands in a list; -1 where it is not drawn. */
static int
place_of(const struct table_row **v, size_t n, uint32_t index)
{
	for (size_t i = 0; i < n; i++)
		if (v[i]->index == index)
			return (int)i;
	return -1;
}

static void
draw_cell(const struct matrix *m, const struct table_row *cell, int row,
    int column, struct buf *out)
{
	double x = MATRIX_LEFT + column * CELL_WIDTH;
	double y = MATRIX_TOP + row * CELL_HEIGHT;
	double share = log1p((double)cell->n) / log1p((double)m->top);
	unsigned shade = 1 + (unsigned)(share * (SHADES - 1) + 0.5);
	char class[8], tip[TIP_MAX], n[24];
	uint64_t odd = table_odd(cell);

	snprintf(class, sizeof(class), "s%u", shade);
	snprintf(tip, sizeof(tip),
	    "%" PRIu64 " requests, %" PRIu64 " not expected", cell->n, odd);
	snprintf(n, sizeof(n), "%" PRIu64, cell->n);
	svg_rect(out, (struct svg_box){ x, y, CELL_WIDTH - 2, CELL_HEIGHT - 2 },
	    class, slice_str(tip));
	svg_text(out, x + CELL_WIDTH / 2.0 - 1, y + 14,
	    shade > 3 ? "mid inv" : "mid", slice_str(n), sizeof(n));
	if (odd)
		svg_circle(out, x + CELL_WIDTH - 8, y + 6, 3, "v-bad ring",
		    slice_str(tip));
}

static void
draw_cells(const struct gather *g, struct matrix *m, struct buf *out)
{
	uint32_t who, region;
	int row, column;

	for (size_t i = 0; i < g->matrix.n; i++)
		if (g->matrix.rows[i]->n > m->top)
			m->top = g->matrix.rows[i]->n;
	for (size_t i = 0; i < g->matrix.n; i++) {
		table_unpair(g->matrix.rows[i], &who, &region);
		row = place_of(m->rows, m->n_rows, who);
		column = place_of(m->columns, m->n_columns, region);
		if (row >= 0 && column >= 0)
			draw_cell(m, g->matrix.rows[i], row, column, out);
	}
}

static void
draw_names(const struct matrix *m, struct buf *out)
{
	for (size_t i = 0; i < m->n_rows; i++)
		svg_text(out, MATRIX_LEFT - 6,
		    MATRIX_TOP + (double)i * CELL_HEIGHT + 14, "end",
		    label_of(section_name(m->rows[i])), LABEL_MAX_BYTES);
	for (size_t i = 0; i < m->n_columns; i++) {
		double x = MATRIX_LEFT + (double)i * CELL_WIDTH + 14;

		buf_addf(out, "<g transform=\"rotate(-38 %d %d)\">", (int)x,
		    MATRIX_TOP - 6);
		svg_text(out, x, MATRIX_TOP - 6, "",
		    section_name(m->columns[i]), 20);
		buf_adds(out, "</g>");
	}
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void
chart_matrix(const struct gather *g, struct buf *out)
{
	struct matrix m = { table_sorted(&g->principals, table_by_odd),
		table_sorted(&g->regions, table_by_count), 0, 0, 0 };

	if (m.rows && m.columns) {
		m.n_rows = least(g->principals.n, MATRIX_ROWS);
		m.n_columns = least(g->regions.n, MATRIX_COLUMNS);
		svg_begin(out, "matrix",
		    MATRIX_LEFT + MATRIX_COLUMNS * CELL_WIDTH,
		    MATRIX_TOP + (unsigned)m.n_rows * CELL_HEIGHT,
		    "Principals by cloud region",
		    "How often each asked in each region; a dot where a request "
		    "was not expected.  Principals with such requests first.");
		draw_names(&m, out);
		draw_cells(g, &m, out);
		svg_end(out);
	}
	free(m.rows);
	free(m.columns);
}
