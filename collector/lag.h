/*
 * lag.h - how long it takes from an event to our decision of it.
 *
 *     lag_add(&l, milliseconds);
 *     p99 = lag_quantile(&l, 0.99);       // seconds; -1: nothing counted
 *
 * A histogram whose buckets double from a millisecond to a day and more.
 * Negative lags (a clock ahead of ours) count as none.  A plain value; one
 * owner.
 */
#ifndef ST_LAG_H
#define ST_LAG_H

#include <stdint.h>

#define LAG_BUCKETS 28 /* the last one takes all above 2^26 ms, 18 hours */

struct lag {
	uint64_t n[LAG_BUCKETS];
	uint64_t count;
	double sum; /* seconds */
};

void lag_add(struct lag *l, int64_t ms);
/* Within its bucket evenly spread. */
double lag_quantile(const struct lag *l, double q);
/* The upper end of a bucket in seconds; of the last one infinity. */
double lag_bound(unsigned bucket);

#endif
