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
#define STEADY "steady"

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
path_row(struct sheet *s, const struct table_row *row, const void *arg)
{
	struct path p = path_of(arg, row);

	sheet_text(s, section_name(p.who));
	sheet_str(s, p.who->word);
	sheet_text(s, section_name(p.target));
	sheet_text(s, section_name(p.country));
	section_verdicts(s, row->verdict);
	section_times(s, row);
}

void
section_paths(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;

	sheet_about(s,
	    "Each row is one answer: this principal asked for a credential of "
	    "that role, service account or session, from that country.  What "
	    "was not expected comes first.");
	SECTION_COLUMNS(s, path_columns);
	section_rows(s, &g->paths, table_by_odd, path_row, g);
}

/* ---- principals ------------------------------------------------------------------- */

static const struct sheet_column principal_columns[] = {
	{ "principal", SHEET_TEXT, false },
	{ "type", SHEET_WORD, false },
	{ "state", SHEET_WORD, false },
	{ "requests", SHEET_COUNT, false },
	{ "expected", SHEET_COUNT, false },
	{ "unexpected", SHEET_COUNT, false },
	{ "suppressed", SHEET_COUNT, true },
	{ "learning", SHEET_COUNT, true },
	{ "first", SHEET_TIME, true },
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
state_of(const struct table_row *row, const struct edges *e)
{
	bool is_new, is_gone;

	if (!row->timed || e->early == INT64_MIN)
		return NULL;
	is_new = row->first >= e->early;
	is_gone = row->last < e->late;
	return is_new && is_gone ? "passing"
	    : is_new             ? "new"
	    : is_gone            ? "gone"
				 : STEADY;
}

static void
principal_row(struct sheet *s, const struct table_row *row, const void *edges)
{
	sheet_text(s, section_name(row));
	sheet_str(s, row->word);
	sheet_str(s, state_of(row, edges));
	section_verdicts(s, row->verdict);
	section_times(s, row);
}

#define SAY_STATES                                                           \
	"New: not seen in the first quarter of the period.  Gone: not seen " \
	"in the last.  Passing: in neither."

void
section_principals(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	struct edges e = edges_of(g);

	sheet_about(s, SAY_STATES);
	SECTION_COLUMNS(s, principal_columns);
	section_rows(s, &g->principals, table_by_count, principal_row, &e);
}

static void
changed_row(struct sheet *s, const struct table_row *row, const void *edges)
{
	const char *state = state_of(row, edges);

	if (state && strcmp(state, STEADY) != 0 && row->key.p)
		principal_row(s, row, edges);
}

/* Those that were not expected first. */
void
section_changes(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	struct edges e = edges_of(g);

	sheet_about(s, SAY_STATES);
	SECTION_COLUMNS(s, principal_columns);
	section_rows(s, &g->principals, table_by_odd, changed_row, &e);
	section_none(s, "There is none of them.");
	if (g->principals.others.n)
		sheet_about(s,
		    "%" PRIu64 " requests are of principals beyond the first "
		    "%zu, of which this is not known.",
		    g->principals.others.n, g->principals.max);
}

/* ---- targets ----------------------------------------------------------------------- */

static const struct sheet_column target_columns[] = {
	{ "target", SHEET_TEXT, false },
	{ "state", SHEET_WORD, false },
	{ "principals", SHEET_COUNT, false },
	{ "requests", SHEET_COUNT, false },
	{ "expected", SHEET_COUNT, false },
	{ "unexpected", SHEET_COUNT, false },
	{ "suppressed", SHEET_COUNT, true },
	{ "learning", SHEET_COUNT, true },
	{ "first", SHEET_TIME, true },
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

struct targets {
	const uint64_t *askers;
	struct edges edges;
};

static void
target_row(struct sheet *s, const struct table_row *row, const void *arg)
{
	const struct targets *t = arg;

	sheet_text(s, section_name(row));
	sheet_str(s, state_of(row, &t->edges));
	if (row->index == TABLE_OTHERS)
		sheet_null(s);
	else
		sheet_count(s, t->askers[row->index]);
	section_verdicts(s, row->verdict);
	section_times(s, row);
}

void
section_targets(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	uint64_t *n = askers(g);
	struct targets t = { n, edges_of(g) };

	sheet_about(
	    s, "Principals: how many of them asked for it.  " SAY_STATES);
	SECTION_COLUMNS(s, target_columns);
	if (n)
		section_rows(s, &g->targets, table_by_count, target_row, &t);
	s->failed |= !n;
	free(n);
}
