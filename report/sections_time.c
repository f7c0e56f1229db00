/*
 * sections_time.c - days, lifetimes and lags.
 *
 * Pure functions over what was gathered.
 */
#include "report/sections.h"
#include "report/sections_i.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY 86400

/* ---- days --------------------------------------------------------------------- */

static const struct sheet_column day_columns[] = {
	{ "day", SHEET_TEXT, false },
	{ "requests", SHEET_COUNT, false },
	{ "expected", SHEET_COUNT, false },
	{ "unexpected", SHEET_COUNT, false },
	{ "suppressed", SHEET_COUNT, false },
	{ "learning", SHEET_COUNT, false },
	{ "findings", SHEET_COUNT, false },
};

static void
day_row(const struct gather_day *d, int64_t day, struct sheet *s)
{
	struct when t = { day * DAY, 0, true };
	char text[WHEN_TEXT];

	sheet_text(s, slice_of(when_format(t, text).p, 10));
	section_verdicts(s, d->verdict);
	sheet_count(s, d->findings);
}

void
section_days(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	int64_t first, last;

	sheet_about(s,
	    "Every day of the period has its row, those on which nothing was "
	    "found, too.  A finding stands on the day of its first event.");
	SECTION_COLUMNS(s, day_columns);
	if (!gather_span(g, &first, &last))
		return;
	for (int64_t day = first; day <= last; day++)
		day_row(&g->days[day - g->first_day], day, s);
}

/* ---- lifetimes ------------------------------------------------------------------ */

static const struct sheet_column life_columns[] = {
	{ "lives", SHEET_TEXT, false }, { "issued", SHEET_COUNT, false }
};

void
section_lifetimes(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	char text[SECTION_DURATION], line[64];

	sheet_about(s,
	    "Of what was issued and says when it expires.  The longest lives "
	    "%s.  %" PRIu64 " requests were for a longer time than the policy "
	    "allows.",
	    section_duration(g->longest, text),
	    g->reasons[R_DURATION_TOO_LONG]);
	SECTION_COLUMNS(s, life_columns);
	for (unsigned i = 0; i < GATHER_LIVES; i++) {
		snprintf(line, sizeof(line), "up to %s",
		    section_duration(gather_lives[i], text));
		sheet_str(s, line);
		sheet_count(s, g->lives[i]);
	}
	sheet_str(s, "longer");
	sheet_count(s, g->lives[GATHER_LIVES]);
	sheet_str(s, "does not say");
	sheet_count(s, g->lives_unknown);
}

/* ---- lags ------------------------------------------------------------------------ */

static const struct sheet_column lag_columns[] = {
	{ "from_the_event_to_the_ledger", SHEET_TEXT, false },
	{ "requests", SHEET_COUNT, false }
};

static void
say_clocks(const struct gather *g, struct sheet *s)
{
	char text[SECTION_DURATION];

	if (g->ahead)
		sheet_about(s,
		    "%" PRIu64
		    " requests were told before they happened, by up "
		    "to %s: a clock is wrong.",
		    g->ahead, section_duration(g->most_ahead, text));
	else
		sheet_about(s, "No request was told before it happened.");
}

/* Up to how long `share` of them took. */
static const char *
lag_within(const struct gather *g, double share, char text[SECTION_DURATION])
{
	uint64_t n = 0, told = g->lagged - g->ahead;
	unsigned i = 0;

	while (
	    i < GATHER_LAGS && (double)(n += g->lags[i]) < share * (double)told)
		i++;
	if (i == GATHER_LAGS)
		return "more than is told apart";
	return section_duration((int64_t)1 << i, text);
}

static void
say_lag(const struct gather *g, struct sheet *s)
{
	char half[SECTION_DURATION], most[SECTION_DURATION];

	if (g->lagged > g->ahead)
		sheet_about(s,
		    "Half of them were kept within %s of the event, 99%% "
		    "within %s.",
		    lag_within(g, 0.5, half), lag_within(g, 0.99, most));
}

void
section_lag(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	char text[SECTION_DURATION], line[64];

	if (!g->lagged) {
		sheet_about(s,
		    "Not known: only a ledger says when a request was told of; "
		    "decision files do not.");
		return;
	}
	say_lag(g, s);
	say_clocks(g, s);
	SECTION_COLUMNS(s, lag_columns);
	for (unsigned i = 0; i <= GATHER_LAGS; i++) {
		if (!g->lags[i])
			continue;
		snprintf(line, sizeof(line), "%s %s",
		    i < GATHER_LAGS ? "up to" : "more than",
		    section_duration(
			(int64_t)1 << (i < GATHER_LAGS ? i : GATHER_LAGS - 1),
			text));
		sheet_str(s, line);
		sheet_count(s, g->lags[i]);
	}
}
