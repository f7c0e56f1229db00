/*
 * clock.c - milliseconds that only go forward, and saying things rarely.
 *
 * See clock.h.  No state of its own: any thread.
 */
#include "lib/clock.h"

#include <time.h>

int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool
rarely(struct rarely *r, int64_t now, uint64_t *n)
{
	r->held++;
	if (r->last != 0 && now - r->last < RARELY_MS)
		return false;
	r->last = now ? now : 1;
	*n = rarely_rest(r);
	return true;
}

uint64_t
rarely_rest(struct rarely *r)
{
	uint64_t n = r->held;

	r->held = 0;
	return n;
}
