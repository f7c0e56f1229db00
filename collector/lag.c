/*
 * lag.c - how long it takes from an event to our decision of it.
 *
 * See lag.h.  Pure.
 */
#include "collector/lag.h"

#include <math.h>

static unsigned
bucket_of(int64_t ms)
{
	unsigned i = 0;

	while (i < LAG_BUCKETS - 1 && ms > (int64_t)1 << i)
		i++;
	return i;
}

void
lag_add(struct lag *l, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	l->n[bucket_of(ms)]++;
	l->count++;
	l->sum += (double)ms / 1000;
}

double
lag_bound(unsigned bucket)
{
	if (bucket >= LAG_BUCKETS - 1)
		return INFINITY;
	return (double)((int64_t)1 << bucket) / 1000;
}

double
lag_quantile(const struct lag *l, double q)
{
	double want = q * (double)l->count, below = 0, low = 0;

	if (l->count == 0)
		return -1;
	for (unsigned i = 0; i < LAG_BUCKETS - 1; i++) {
		double here = (double)l->n[i];

		if (here > 0 && below + here >= want)
			return low +
			    (lag_bound(i) - low) * (want - below) / here;
		below += here;
		low = lag_bound(i);
	}
	return low;
}
