/*
 * sections_who.c - who asked, for which principal, from where, and whether it
 * was expected.
 *
 * Pure functions over what was gathered.
 */
#include "report/sections.h"
#include "report/sections_i.h"

#include <inttypes.h>
#include <stdlib.h>

#define DAY 86400
/* New and gone are told by the first and the last part of a period. */
#define EDGE_SHARE 4

static void
verdict_cells(const struct table_row *row, struct sheet *s)
{
	sheet_count(s, row->n);
	sheet_count(s, row->verdict[VERDICT_EXPECTED]);
	sheet_count(s, row->verdict[VERDICT_UNEXPECTED]);
	sheet_count(s, row->verdict[VERDICT_SUPPRESSED]);
	sheet_count(s, row->verdict[VERDICT_LEARNING]);
}

static void
time_cells(const struct table_row *row, struct sheet *s)
{
	if (row->timed) {
		sheet_time(s, row->first);
		sheet_time(s, row->last);
	} else {
		sheet_null(s);
		sheet_null(s);
	}
}

/* ---- paths --------------------------------------------------------------------- */

static const struct sheet_column path_columns[] = {
	{ "principal", SHEET_TEXT, false },
	{ "type", SHEET_WORD, true },
	{ "for", SHEET_TEXT, false },
	{ "country", SHEET_SHORT, false },
	{ "requests", SHEET_COUNT, false },
	{ "expected", SHEET_COUNT, false },
	{ "unexpected", SHEET_COUNT, false },
	{ "suppressed", SHEET_COUNT, true },
	{ "learning", SHEET_COUNT, true },
	{ "first", SHEET_TIME, true },
	{ "last", SHEET_TIME, false },
};

/* The names a path is made of; each may be that of the others. */
struct path {
	const struct table_row *who, *target, *country;
};

static const struct table_row *
row_at(const struct table *t, uint32_t index)
{
	return index < t->n ? t->rows[index] : &t->others;
}

static struct path
path_of(const struct gather *g, const struct table_row *row)
{
	struct path p = { &g->principals.others, &g->targets.others,
		&g->countries.others };
	uint32_t pair, country, who, target;

	if (row->index == TABLE_OTHERS)
		return p;
	table_unpair(row, &pair, &country);
	p.country = row_at(&g->countries, country);
	if (pair >= g->pairs.n)
		return p;
	table_unpair(g->pairs.rows[pair], &who, &target);
	p.who = row_at(&g->principals, who);
	p.target = row_at(&g->targets, target);
	return p;
}

static void
path_row(const struct gather *g, const struct table_row *row, struct sheet *s)
{
	struct path p = path_of(g, row);

	sheet_text(s, section_name(p.who));
	sheet_str(s, p.who->word);
	sheet_text(s, section_name(p.target));
	sheet_text(s, section_name(p.country));
	verdict_cells(row, s);
	time_cells(row, s);
}

void
section_paths(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	const struct table_row **v = table_sorted(&g->paths, table_by_odd);

	sheet_about(s,
	    "Each row is one answer: this principal asked for a credential of "
	    "that role, service account or session, from that country.  What "
	    "was not expected comes first.");
	SECTION_COLUMNS(s, path_columns);
	for (size_t i = 0; v && i < g->paths.n; i++)
		path_row(g, v[i], s);
	if (g->paths.others.n)
		path_row(g, &g->paths.others, s);
	s->failed |= !v && g->paths.n;
	free(v);
}

/* ---- principals ------------------------------------------------------------------- */

static const struct sheet_column principal_columns[] = {
	{ "principal", SHEET_TEXT, false },
	{ "type", SHEET_WORD, false },
	{ "state", SHEET_WORD, false },
	{ "requests", SHEET_COUNT, false },
	{ "expected", SHEET_COUNT, false },
	{ "unexpected", SHEET_COUNT, false },
	{ "suppressed", SHEET_COUNT, false },
	{ "learning", SHEET_COUNT, false },
	{ "first", SHEET_TIME, false },
	{ "last", SHEET_TIME, false },
};

struct edges {
	int64_t early, late; /* seconds: where the edges of the period end */
};

static struct edges
edges_of(const struct gather *g)
{
	struct edges e = { INT64_MIN, INT64_MAX };
	int64_t first, last, part;

	if (!gather_span(g, &first, &last) || last == first)
		return e;
	part = (last - first + 1) * DAY / EDGE_SHARE;
	e.early = first * DAY + part;
	e.late = (last + 1) * DAY - part;
	return e;
}

static const char *
state_of(const struct table_row *row, struct edges e)
{
	bool is_new, is_gone;

	if (!row->timed || e.early == INT64_MIN)
		return NULL;
	is_new = row->first >= e.early;
	is_gone = row->last < e.late;
	return is_new && is_gone ? "passing"
	    : is_new             ? "new"
	    : is_gone            ? "gone"
				 : "steady";
}

static void
principal_row(const struct table_row *row, struct edges e, struct sheet *s)
{
	sheet_text(s, section_name(row));
	sheet_str(s, row->word);
	sheet_str(s, state_of(row, e));
	verdict_cells(row, s);
	time_cells(row, s);
}

void
section_principals(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	const struct table_row **v = table_sorted(
	    &g->principals, table_by_count);
	struct edges e = edges_of(g);

	sheet_about(s,
	    "New: not seen in the first quarter of the period.  Gone: not seen "
	    "in the last.  Passing: in neither.");
	SECTION_COLUMNS(s, principal_columns);
	for (size_t i = 0; v && i < g->principals.n; i++)
		principal_row(v[i], e, s);
	if (g->principals.others.n)
		principal_row(&g->principals.others, e, s);
	s->failed |= !v && g->principals.n;
	free(v);
}

/* ---- targets ----------------------------------------------------------------------- */

static const struct sheet_column target_columns[] = {
	{ "target", SHEET_TEXT, false },
	{ "principals", SHEET_COUNT, false },
	{ "requests", SHEET_COUNT, false },
	{ "expected", SHEET_COUNT, false },
	{ "unexpected", SHEET_COUNT, false },
	{ "suppressed", SHEET_COUNT, false },
	{ "learning", SHEET_COUNT, false },
	{ "first", SHEET_TIME, false },
	{ "last", SHEET_TIME, false },
};

/* How many principals asked for each target, by its index. */
static uint64_t *
askers(const struct gather *g)
{
	uint64_t *n = calloc(g->targets.n + 1, sizeof(*n));
	uint32_t who, target;

	for (size_t i = 0; n && i < g->pairs.n; i++) {
		table_unpair(g->pairs.rows[i], &who, &target);
		if (target < g->targets.n)
			n[target]++;
	}
	return n;
}

static void
target_row(const struct table_row *row, uint64_t principals, struct sheet *s)
{
	sheet_text(s, section_name(row));
	sheet_count(s, principals);
	verdict_cells(row, s);
	time_cells(row, s);
}

void
section_targets(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	const struct table_row **v = table_sorted(&g->targets, table_by_count);
	uint64_t *n = askers(g);

	SECTION_COLUMNS(s, target_columns);
	for (size_t i = 0; v && n && i < g->targets.n; i++)
		target_row(v[i], n[v[i]->index], s);
	if (g->targets.others.n)
		target_row(&g->targets.others, 0, s);
	s->failed |= !n || (!v && g->targets.n);
	free(n);
	free(v);
}
