/*
 * when.h - moments in UTC, to the nanosecond.
 *
 * `valid` is false where a record has no time.  Parsing accepts what audit
 * logs are seen to write; writing gives RFC 3339
 * in UTC with the fraction as it was, trailing zeros removed.
 * Pure functions, any thread.
 */
#ifndef ST_WHEN_H
#define ST_WHEN_H

#include "lib/slice.h"

#include <stdint.h>

struct when {
	int64_t sec;  /* since 1970-01-01T00:00:00Z, leap seconds not counted */
	int32_t nsec; /* 0 to 999,999,999 */
	bool valid;
};

#define WHEN_NONE ((struct when){ 0, 0, false })
#define WHEN_TEXT 40 /* room for any written moment and its NUL */

/*
 * "2026-03-01T08:00:00Z", "...T08:00:00.123456789+02:00",
 * "2024-02-26 17:15:16.314854 UTC", "20131102T010628Z", and a date alone.
 * Digits of a fraction behind the ninth are dropped.  False: no moment.
 */
bool when_parse(struct slice s, struct when *result);

/*
 * What CloudTrail writes into credentials.expiration:
 * "Jul 18, 2014 4:07:39 PM", "Mar 6, 2024, 10:14:08 PM", also with U+202F or
 * U+00A0 before AM/PM; and all that when_parse() takes.
 */
bool when_parse_loose(struct slice s, struct when *result);

/* Writes into buf (at least WHEN_TEXT bytes), returns the slice of it. */
struct slice when_format(struct when w, char *buf);

/* A stretch of time as people say it, whole units only: "850 ms", "25 s",
 * "3 min", "18 h", "4 d". */
#define WHEN_SPAN 24
const char *when_span(double seconds, char text[WHEN_SPAN]);

int when_cmp(struct when a, struct when b); /* no time comes last */
struct when when_add(struct when w, int64_t seconds);
struct when when_now(void); /* the wall clock */

/* A calendar day in UTC: days since 1970-01-01, rounded down. */
int64_t when_day(struct when w);

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
int64_t when_days_from_civil(int64_t year, unsigned month, unsigned day);

#endif
