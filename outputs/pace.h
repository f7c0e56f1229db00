/*
 * pace.h - when a destination may be tried: back-off, probes, a rate.
 *
 *     pace_init(&p, most_ms, rate, seed);
 *     if (pace_may(&p, now)) { send; pace_sent(&p, now); }
 *     pace_good(&p);                       // or
 *     pace_bad(&p, now, wait_ms);
 *
 * Full jitter: after the n-th failure in a row the next try is at any moment
 * up to 2^n seconds away, most_ms at most; what the destination itself
 * asks for is a lower bound.  From PACE_OPEN failures on it is probed with
 * one finding at a time.  One success forgets them all.  Times are monotonic
 * milliseconds and come from the caller.  One owner.
 */
#ifndef ST_PACE_H
#define ST_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_MIN_MS 1000
#define PACE_MAX_MS (600 * 1000)
#define PACE_OPEN 5
#define PACE_BURST 5 /* seconds of rate that may be saved up */

struct pace {
	unsigned failures; /* in a row */
	int64_t next;      /* not before */
	int64_t most_ms;   /* between two tries */
	double rate;       /* a second; 0: any */
	double tokens;
	int64_t filled;
	uint64_t random;
};

void pace_init(struct pace *p, int64_t most_ms, double rate, uint64_t seed);
bool pace_may(struct pace *p, int64_t now);
void pace_sent(struct pace *p);
void pace_good(struct pace *p);
void pace_bad(struct pace *p, int64_t now, int64_t wait_ms);
/* When it may be tried, as far as can be told. */
int64_t pace_when(const struct pace *p, int64_t now);
/* Only one at a time, to see whether it is back. */
bool pace_is_probing(const struct pace *p);

#endif
