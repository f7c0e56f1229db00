/*
 * level.c - what this organisation sees on an ordinary day.
 *
 * Keeps for each principal's day the most surprising request of it, in a
 * histogram that fades: from it follow what a score of 50 means here (it is
 * reached about once a day) and the threshold that an alert budget asks for.
 * Owned by the baseline.
 */
#include "detect/baseline_i.h"

#include <math.h>

/* Before there is history: what a middling organisation sees once a day, and
 * for how many days that counts. */
#define USUAL_BITS 13.0
#define USUAL_DAYS 7.0
/* Scores must mean something where nothing ever happens, and where much does. */
#define LEAST_BITS 8.0
/* Without a budget: so many findings a day, and never for less than this. */
#define QUIET_PER_DAY 1.5
#define QUIET_BITS 9.0

static unsigned
step_of(double bits)
{
	double step = bits / LEVEL_STEP;

	if (!(step > 0))
		return 0;
	return step >= LEVEL_STEPS ? LEVEL_STEPS - 1 : (unsigned)step;
}

static void
fade(struct baseline *b, int64_t day)
{
	struct level *l = &b->level;
	double left;

	if (l->day == 0)
		l->day = day;
	if (day <= l->day)
		return;
	left = habits_fade(b, day - l->day);
	for (int i = 0; i < LEVEL_STEPS; i++)
		l->steps[i] *= left;
	l->days = l->days * left + (double)(day - l->day) * (1 + left) / 2;
	l->day = day;
}

/* At first all is new, which is no ordinary day. */
static bool
is_start(const struct baseline *b, int64_t day)
{
	return day * DAY_SECONDS < b->first.sec + b->o.learning / 2;
}

/* So many bits are reached by so many principals a day. */
static double
bits_reached(const struct baseline *b, double per_day)
{
	const struct level *l = &b->level;
	double wanted = per_day * l->days, sum = 0, bits;
	int i = LEVEL_STEPS - 1;

	for (; i > 0; i--) {
		sum += l->steps[i];
		if (sum > wanted)
			break;
	}
	bits = (i + 1) * LEVEL_STEP;
	return (USUAL_BITS * USUAL_DAYS + bits * l->days) /
	    (USUAL_DAYS + l->days);
}

void
level_settle(struct baseline *b)
{
	struct level *l = &b->level;

	l->usual = bits_reached(b, 1);
	if (l->usual < LEAST_BITS)
		l->usual = LEAST_BITS;
	l->held = bits_reached(b, HELD_PER_DAY);
	if (b->o.budget > 0) {
		l->threshold = bits_reached(b, b->o.budget);
		return;
	}
	l->threshold = bits_reached(b, QUIET_PER_DAY);
	if (l->threshold < QUIET_BITS)
		l->threshold = QUIET_BITS;
}

void
level_add(struct baseline *b, struct principal *p, int64_t day, double bits)
{
	struct level *l = &b->level;
	unsigned step = step_of(bits);

	if (is_start(b, day))
		return;
	fade(b, day);
	if (p->top_day == day && p->top > step)
		return;
	if (p->top_day == day && p->top > 0)
		l->steps[p->top - 1u]--;
	p->top_day = (int32_t)day;
	p->top = (uint16_t)(step + 1);
	l->steps[step]++;
	l->dirty = true;
	level_settle(b);
}

double
level_score(const struct baseline *b, double bits)
{
	if (!(bits > 0))
		return 0;
	return 100 * (1 - exp2(-bits / b->level.usual));
}
