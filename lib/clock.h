/*
 * clock.h - milliseconds that only go forward, and saying things rarely.
 *
 *     if (rarely(&r, clock_ms(), &n))          // at most one line a second
 *             log_warnx("refused %" PRIu64 " connections", n);
 *
 * Not the time of day (when.h): a step of the wall clock changes nothing here.
 */
#ifndef ST_CLOCK_H
#define ST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define RARELY_MS 1000

/* Exact to a few milliseconds; only differences mean something. */
int64_t clock_ms(void);

/* Starts as zero.  One owner. */
struct rarely {
	int64_t last;  /* when it was said; 0: never */
	uint64_t held; /* since then */
};

/* Counts one more.  True at most once in RARELY_MS, with how many there were
 * since the last time. */
bool rarely(struct rarely *r, int64_t now, uint64_t *n);
/* What is still held back, to be said at the end; starts anew. */
uint64_t rarely_rest(struct rarely *r);

#endif
