/*
 * gather.h - what a report says, counted from decisions and findings.
 *
 *     struct gather *g = gather_new(period);
 *     err = gather_line(g, line, at);    // each decision and each finding
 *     ... read its members ...
 *     gather_free(g);
 *
 * Streams: every line is read once and forgotten; tables and lists have bounds
 * with names, what is beyond them is counted with the others.  Times are event
 * times in UTC.  With a period, requests without a time are left out and
 * counted.  What names counted is in their rows after gather_finish().  The
 * sections (sections.h) make words of it.  One owner.
 */
#ifndef ST_GATHER_H
#define ST_GATHER_H

#include "report/findings.h"
#include "report/notes.h"
#include "report/shapes.h"

#define GATHER_PRINCIPALS_MAX 100000
#define GATHER_NAMES_MAX 20000  /* targets, accounts, ... each */
#define GATHER_PATHS_MAX 100000 /* who, for which, from where */
#define GATHER_COVERAGE_MAX 4096
#define GATHER_DAYS_MAX 3660 /* from half of that before the first seen */
#define GATHER_HOURS (7 * 24)

struct gather_day {
	uint64_t verdict[VERDICT_COUNT];
	uint64_t findings; /* that began on that day */
};

/* How long what was issued lives: up to `seconds`. */
#define GATHER_LIVES 6
extern const int64_t gather_lives[GATHER_LIVES];

/* How long after the event its line stood in the ledger: up to 2^i seconds. */
#define GATHER_LAGS 24

struct gather {
	struct period period;

	uint64_t lines;
	uint64_t unreadable; /* neither decision nor finding */
	uint64_t notes;      /* of a ledger: gather_note() */
	uint64_t outside;    /* decisions out of the period */
	uint64_t timeless;   /* left out, having no time */
	uint64_t far;        /* out of the days that can be counted */

	struct table_row all; /* every decision */
	struct table providers, actions, kinds, accounts;
	struct table principals, targets, regions, countries, sources, errors;
	struct table pairs;    /* of principal and target */
	struct table paths;    /* of pairs and country */
	struct table matrix;   /* of principal and region */
	struct table places;   /* of account and region */
	struct table services; /* what stands before ':' in an action */
	struct table coverage; /* of places and service */
	uint8_t (
	    *covered)[GATHER_DAYS_MAX / 8 + 1]; /* days, by coverage's index */

	uint64_t reasons[REASON_COUNT];      /* decisions that have it */
	uint64_t reasons_told[REASON_COUNT]; /* those that are findings, too */

	bool dated;        /* there was a time: first_day is set */
	int64_t first_day; /* what days[0] stands for, since 1970 */
	struct gather_day *days;
	uint64_t hours[GATHER_HOURS]; /* from Monday 00:00 UTC */
	uint64_t odd_hours[GATHER_HOURS];

	uint64_t lives[GATHER_LIVES + 1]; /* the last: longer */
	uint64_t lives_unknown;
	int64_t longest;

	uint64_t lags[GATHER_LAGS + 1];
	uint64_t lagged; /* lines of which the lag is known */
	uint64_t ahead;  /* told before they happened: a clock is wrong */
	int64_t most_ahead;

	struct findings findings;
	struct notes noted;
	struct decided_reader reader;
	struct shapes *shapes;
};

struct gather *gather_new(struct period period);
void gather_free(struct gather *g);

/* A line without its LF, and when the ledger got it, or no time.  ST_EFORMAT:
 * neither a decision nor a finding, which is counted; ST_ENOMEM. */
int
gather_line(struct gather *g, struct slice line, struct when at) ST_MUSTCHECK;
/* A note of a ledger, and when it was written.  ST_ENOMEM. */
int
gather_note(struct gather *g, struct slice data, struct when at) ST_MUSTCHECK;
/* Behind the last line. */
void gather_finish(struct gather *g);

/* The first and the last day on which anything happened; false: none. */
bool gather_span(const struct gather *g, int64_t *first, int64_t *last);
/* On how many days a row of coverage was seen, and the longest run of days in
 * between on which it was not. */
void gather_covered(const struct gather *g, const struct table_row *row,
    unsigned *days, unsigned *gap);

#endif
