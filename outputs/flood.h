/*
 * flood.h - how many findings an hour one output may get, and how many it did
 * not.
 *
 *     flood_init(&f, per_hour);
 *     if (!flood_may(&f, now)) ...         // held back, and counted
 *     n = flood_untold(&f);                // to be told with the next one
 *
 * An hour's worth may come at once; what is used grows back evenly.  Times are
 * monotonic milliseconds and come from the caller.  One owner.
 */
#ifndef ST_FLOOD_H
#define ST_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

struct flood {
	double per_hour; /* 0: any */
	double left;
	int64_t last;
	uint64_t held;   /* ever */
	uint64_t untold; /* of these: since flood_untold() */
};

void flood_init(struct flood *f, int64_t per_hour);
bool flood_may(struct flood *f, int64_t now);
/* How many were held back since the last call. */
uint64_t flood_untold(struct flood *f);

#endif
