/*
 * sections_volume.c - how much of what: actions, kinds, accounts, regions,
 * countries, errors.
 *
 * Pure functions over what was gathered.
 */
#include "report/sections.h"
#include "report/sections_i.h"

#include <stdlib.h>

/* The columns of a table by one name; the first is called after it. */
#define COUNT(name)                      \
	{                                \
		name, SHEET_COUNT, false \
	}
#define BY(name)                                                             \
	{                                                                    \
		{ name, SHEET_TEXT, false }, COUNT("requests"),              \
		    COUNT("expected"), COUNT("unexpected"),                  \
		    COUNT("suppressed"), COUNT("learning"), COUNT("denied"), \
		    COUNT("failed")                                          \
	}

static void
row_cells(const struct table_row *row, struct sheet *s)
{
	sheet_text(s, section_name(row));
	sheet_count(s, row->n);
	sheet_count(s, row->verdict[VERDICT_EXPECTED]);
	sheet_count(s, row->verdict[VERDICT_UNEXPECTED]);
	sheet_count(s, row->verdict[VERDICT_SUPPRESSED]);
	sheet_count(s, row->verdict[VERDICT_LEARNING]);
	sheet_count(s, row->outcome[OUTCOME_DENIED]);
	sheet_count(s, row->outcome[OUTCOME_FAILED]);
}

static void
rows_of(const struct table *t, struct sheet *s)
{
	const struct table_row **v = table_sorted(t, table_by_count);

	for (size_t i = 0; v && i < t->n; i++)
		row_cells(v[i], s);
	if (t->others.n)
		row_cells(&t->others, s);
	s->failed |= !v && t->n;
	free(v);
}

void
section_actions(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	static const struct sheet_column columns[] = BY("action");

	SECTION_COLUMNS(s, columns);
	rows_of(&g->actions, s);
}

void
section_kinds(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	static const struct sheet_column columns[] = BY("kind");

	SECTION_COLUMNS(s, columns);
	rows_of(&g->kinds, s);
}

void
section_accounts(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	static const struct sheet_column columns[] = BY("account");

	SECTION_COLUMNS(s, columns);
	rows_of(&g->accounts, s);
}

void
section_regions(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	static const struct sheet_column columns[] = BY("region");

	SECTION_COLUMNS(s, columns);
	rows_of(&g->regions, s);
}

void
section_countries(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	static const struct sheet_column columns[] = BY("country");

	sheet_about(s,
	    "Requests from private addresses and from inside the cloud have no "
	    "country.");
	SECTION_COLUMNS(s, columns);
	rows_of(&g->countries, s);
}

void
section_denied(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	static const struct sheet_column columns[] = BY("error");

	SECTION_COLUMNS(s, columns);
	rows_of(&g->errors, s);
}
