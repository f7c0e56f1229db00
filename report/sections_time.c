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
	uint64_t n = 0;

	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		n += d->verdict[i];
	sheet_text(s, slice_of(when_format(t, text).p, 10));
	sheet_count(s, n);
	sheet_count(s, d->verdict[VERDICT_EXPECTED]);
	sheet_count(s, d->verdict[VERDICT_UNEXPECTED]);
	sheet_count(s, d->verdict[VERDICT_SUPPRESSED]);
	sheet_count(s, d->verdict[VERDICT_LEARNING]);
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

static void
duration(int64_t sec, char *text, size_t size)
{
	if (sec % DAY == 0)
		snprintf(text, size, "%" PRId64 " d", sec / DAY);
	else if (sec % 3600 == 0)
		snprintf(text, size, "%" PRId64 " h", sec / 3600);
	else if (sec % 60 == 0)
		snprintf(text, size, "%" PRId64 " min", sec / 60);
	else
		snprintf(text, size, "%" PRId64 " s", sec);
}

void
section_lifetimes(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	char text[40], line[64];

	duration(g->longest, text, sizeof(text));
	sheet_about(s,
	    "Of what was issued and says when it expires.  The longest lives "
	    "%s.  %" PRIu64 " requests were for a longer time than the policy "
	    "allows.",
	    text, g->reasons[R_DURATION_TOO_LONG]);
	SECTION_COLUMNS(s, life_columns);
	for (unsigned i = 0; i < GATHER_LIVES; i++) {
		duration(gather_lives[i], text, sizeof(text));
		snprintf(line, sizeof(line), "up to %s", text);
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
	char text[40];

	duration(g->most_ahead, text, sizeof(text));
	if (g->ahead)
		sheet_about(s,
		    "%" PRIu64
		    " requests were told before they happened, by up "
		    "to %s: a clock is wrong.",
		    g->ahead, text);
	else
		sheet_about(s, "No request was told before it happened.");
}

void
section_lag(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	char text[40], line[64];

	if (!g->lagged) {
		sheet_about(s,
		    "Not known: only a ledger says when a request was told of; "
		    "decision files do not.");
		return;
	}
	say_clocks(g, s);
	SECTION_COLUMNS(s, lag_columns);
	for (unsigned i = 0; i <= GATHER_LAGS; i++) {
		if (!g->lags[i])
			continue;
		duration((int64_t)1 << (i < GATHER_LAGS ? i : i - 1), text,
		    sizeof(text));
		snprintf(line, sizeof(line), "%s %s",
		    i < GATHER_LAGS ? "up to" : "more than", text);
		sheet_str(s, line);
		sheet_count(s, g->lags[i]);
	}
}
