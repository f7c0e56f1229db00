/*
 * sections.c - the sections of a report, in their order.
 *
 * Knows which there are, and makes the first, which says all in short.  The
 * others are made by sections_*.c.  Pure functions.
 */
#include "report/sections.h"
#include "report/sections_i.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- in short ----------------------------------------------------------------- */

static const struct sheet_column short_columns[] = {
	{ "what", SHEET_TEXT, false }, { "number", SHEET_COUNT, false }
};

static void
line(struct sheet *s, const char *what, uint64_t n)
{
	sheet_str(s, what);
	sheet_count(s, n);
}

static void
say_period(const struct gather *g, struct sheet *s)
{
	int64_t first, last;
	char a[WHEN_TEXT], b[WHEN_TEXT];
	struct when from, to;

	if (!gather_span(g, &first, &last)) {
		sheet_about(s, "Nothing that was read has a time.");
		return;
	}
	from = (struct when){ first * 86400, 0, true };
	to = (struct when){ last * 86400, 0, true };
	sheet_about(s, "From %.10s to %.10s (UTC), %" PRId64 " days.",
	    when_format(from, a).p, when_format(to, b).p, last - first + 1);
}

static void
say_answer(const struct gather *g, struct sheet *s)
{
	const struct table_row *all = &g->all;

	if (!all->n)
		sheet_about(s, "No request was read.");
	else
		sheet_about(s,
		    "%zu principals in %zu accounts asked %" PRIu64
		    " times for temporary credentials, from %zu countries: %.1f%% of "
		    "it was expected, and %" PRIu64 " requests were not.",
		    table_names(&g->principals), table_names(&g->accounts),
		    all->n, table_names(&g->countries),
		    section_share(all->verdict[VERDICT_EXPECTED], all->n),
		    all->verdict[VERDICT_UNEXPECTED]);
	sheet_about(s, "%zu findings were told.", g->findings.n);
}

static void
section_short(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	const struct table_row *all = &g->all;

	say_period(g, s);
	say_answer(g, s);
	SECTION_COLUMNS(s, short_columns);
	line(s, "Requests for temporary credentials", all->n);
	line(s, "expected", all->verdict[VERDICT_EXPECTED]);
	line(s, "not expected", all->verdict[VERDICT_UNEXPECTED]);
	line(s, "held back by an exception, a window or a budget",
	    all->verdict[VERDICT_SUPPRESSED]);
	line(s, "seen while there was too little history to judge",
	    all->verdict[VERDICT_LEARNING]);
	line(s, "Requests that succeeded", all->outcome[OUTCOME_SUCCESS]);
	line(s, "that were denied", all->outcome[OUTCOME_DENIED]);
	line(s, "that failed otherwise", all->outcome[OUTCOME_FAILED]);
	line(s, "Findings", g->findings.n);
	line(s, "Principals", table_names(&g->principals));
	line(s, "Accounts and projects", table_names(&g->accounts));
	line(s, "Cloud regions", table_names(&g->regions));
	line(s, "Countries", table_names(&g->countries));
}

/* ---- the list ------------------------------------------------------------------ */

const struct section sections[] = {
	{ "summary", "In short", section_short },
	{ "requests", "Who asked, for which principal, from where",
	    section_paths },
	{ "findings", "What was not expected", section_findings },
	{ "acknowledged", "Who took notice of a finding",
	    section_acknowledged },
	{ "told", "Who was told of a finding", section_told },
	{ "severities", "Findings by severity", section_severities },
	{ "reasons", "Why requests were not expected", section_reasons },
	{ "days", "Day by day", section_days },
	{ "actions", "Requests by action", section_actions },
	{ "kinds", "Requests by kind of credential", section_kinds },
	{ "accounts", "Requests by account", section_accounts },
	{ "principals", "Principals", section_principals },
	{ "changes", "Principals that are new or gone", section_changes },
	{ "targets", "Roles and service accounts by use", section_targets },
	{ "regions", "Cloud regions", section_regions },
	{ "countries", "Countries of the source addresses", section_countries },
	{ "lifetimes", "Lifetimes of what was issued", section_lifetimes },
	{ "denied", "Denied and failed requests", section_denied },
	{ "exceptions", "Exceptions of the policy", section_exceptions },
	{ "durations", "Lifetimes against the policy", section_durations },
	{ "unused", "Rules that nobody needed", section_unused },
	{ "absent", "Principals that are allowed and never asked",
	    section_absent },
	{ "coverage", "Coverage: what was seen of which account",
	    section_coverage },
	{ "lag", "Lag and clocks", section_lag },
	{ "controls", "Controls that this evidence supports",
	    section_controls },
	{ "daemon", "What the daemon itself did", section_daemon },
	{ "integrity", "Integrity of the ledger", section_integrity },
	{ "input", "What this report was made of", section_input },
};
const size_t section_count = sizeof(sections) / sizeof(sections[0]);

const struct section *
section_find(struct slice id)
{
	for (size_t i = 0; i < section_count; i++)
		if (slice_is(id, sections[i].id))
			return &sections[i];
	return NULL;
}

void
section_build(const struct section *c, const struct report *r, struct sheet *s)
{
	sheet_begin(s, c->id, c->title);
	c->build(r, s);
}

/* ---- for those that build -------------------------------------------------------- */

struct slice
section_name(const struct table_row *row)
{
	if (row->index == TABLE_OTHERS)
		return SLICE_LIT("(others)");
	return row->key.p ? row->key : SLICE_LIT("(not told)");
}

struct slice
section_name_at(const struct table *t, uint32_t index)
{
	return section_name(index < t->n ? t->rows[index] : &t->others);
}

void
section_verdicts(struct sheet *s, const uint64_t verdict[VERDICT_COUNT])
{
	uint64_t n = 0;

	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		n += verdict[i];
	sheet_count(s, n);
	sheet_count(s, verdict[VERDICT_EXPECTED]);
	sheet_count(s, verdict[VERDICT_UNEXPECTED]);
	sheet_count(s, verdict[VERDICT_SUPPRESSED]);
	sheet_count(s, verdict[VERDICT_LEARNING]);
}

void
section_moment(struct sheet *s, struct when t)
{
	if (t.valid)
		sheet_time(s, t.sec);
	else
		sheet_null(s);
}

void
section_times(struct sheet *s, const struct table_row *row)
{
	section_moment(s, (struct when){ row->first, 0, row->timed });
	section_moment(s, (struct when){ row->last, 0, row->timed });
}

void
section_none(struct sheet *s, const char *sentence)
{
	if (!sheet_rows(s))
		sheet_about(s, "%s", sentence);
}

const char *
section_duration(int64_t seconds, char text[SECTION_DURATION])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" },
		{ 1, "s" } };
	unsigned i = 0;

	while (seconds % units[i].seconds)
		i++;
	snprintf(text, SECTION_DURATION, "%" PRId64 " %s",
	    seconds / units[i].seconds, units[i].name);
	return text;
}

void
section_rows(struct sheet *s, const struct table *t, table_order *order,
    section_row_fn *row, const void *arg)
{
	const struct table_row **v = table_sorted(t, order);

	for (size_t i = 0; v && i < t->n; i++)
		row(s, v[i], arg);
	if (t->others.n)
		row(s, &t->others, arg);
	s->failed |= !v && t->n;
	free(v);
}

double
section_share(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}
