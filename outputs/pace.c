/*
 * pace.c - when a destination may be tried: back-off, probes, a rate.
 *
 * See pace.h.  Knows no clock and no destination.  One owner.
 */
#include "outputs/pace.h"

void
pace_init(struct pace *p, int64_t most_ms, double rate, uint64_t seed)
{
	*p = (struct pace){ .most_ms = most_ms,
		.rate = rate,
		.tokens = 1,
		.random = seed | 1 };
}

static void
fill(struct pace *p, int64_t now)
{
	double most = p->rate * PACE_BURST;

	if (p->filled > 0 && now > p->filled)
		p->tokens += p->rate * (double)(now - p->filled) / 1000;
	if (most < 1)
		most = 1;
	if (p->tokens > most)
		p->tokens = most;
	p->filled = now;
}

bool
pace_may(struct pace *p, int64_t now)
{
	if (now < p->next)
		return false;
	if (p->rate <= 0)
		return true;
	fill(p, now);
	return p->tokens >= 1;
}

void
pace_sent(struct pace *p)
{
	if (p->rate > 0)
		p->tokens -= 1;
}

void
pace_good(struct pace *p)
{
	p->failures = 0;
	p->next = 0;
}

/* xorshift: jitter asks for no secrets. */
static uint64_t
next_random(struct pace *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return p->random;
}

void
pace_bad(struct pace *p, int64_t now, int64_t wait_ms)
{
	unsigned n = p->failures < 10 ? p->failures : 10;
	int64_t most = (int64_t)PACE_MIN_MS << n, delay;

	if (most > p->most_ms)
		most = p->most_ms;
	delay = (int64_t)(next_random(p) % (uint64_t)(most + 1));
	if (delay < wait_ms)
		delay = wait_ms;
	p->failures++;
	p->next = now + delay;
}

bool
pace_is_probing(const struct pace *p)
{
	return p->failures >= PACE_OPEN;
}

int64_t
pace_when(const struct pace *p, int64_t now)
{
	int64_t filled = now;

	if (p->rate > 0 && p->tokens < 1)
		filled += (int64_t)((1 - p->tokens) * 1000 / p->rate) + 1;
	return p->next > filled ? p->next : filled;
}
