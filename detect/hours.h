/*
 * hours.h - times of the week at a place: "Mon-Fri 07:00-20:00 Europe/Berlin".
 *
 *     struct hours *h;
 *     int err = hours_new(days, n_days, between, n_between, zone, &h, &e);
 *     bool in = hours_has(h, request.time);
 *     hours_free(h);
 *
 * Days are "Mon", "monday", "Mon-Fri", "Fri-Mon", or several with commas;
 * none: every day.  Times are "HH:MM-HH:MM", the end not included, 24:00
 * being the end of a day; none: the whole day.  "22:00-06:00" passes midnight
 * and belongs to the day on which it begins.  The clock is the place's, so it
 * follows its summer time.  Constant once made; any thread.
 */
#ifndef ST_HOURS_H
#define ST_HOURS_H

#include "lib/err.h"
#include "lib/when.h"

#define HOURS_SPANS_MAX 16
#define HOURS_TEXT 96

struct hours;

/* `zone` NULL is UTC.  On a wrong word `*wrong` (which may be NULL) gets its
 * number: days first, then times, then the zone. */
int hours_new(const char *const *days, size_t n_days,
    const char *const *between, size_t n_between, const char *zone,
    struct hours **result, size_t *wrong, struct err *e) ST_MUSTCHECK;
void hours_free(struct hours *h);

bool hours_has(const struct hours *h, struct when w);

/* As one would write it, for a reason's `expected`. */
const char *hours_text(const struct hours *h);

/* "Sat 23:14 Europe/Berlin"; buf holds HOURS_TEXT bytes. */
struct slice hours_local(const struct hours *h, struct when w, char *buf);

#endif
