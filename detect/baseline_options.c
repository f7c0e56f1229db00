/*
 * baseline_options.c - `detect:` of the configuration, as the baseline takes it.
 *
 * Pure function, any thread.
 */
#include "detect/baseline.h"

#include "conf/config.h"

#include <stdlib.h>

#define MS 1000

/* "2/day" as findings a day; "none" is 0.  conf/ has checked its form. */
static double
budget_of(const char *text)
{
	char *end;
	double n = strtod(text, &end);

	if (strcmp(end, "/hour") == 0)
		return n * 24;
	return strcmp(end, "/week") == 0 ? n / 7 : n;
}

struct baseline_options
baseline_options_of(const struct config *c)
{
	struct baseline_options o = BASELINE_OPTIONS_DEFAULT;

	if (!c)
		return o;
	o.half_life = c->detect.half_life / MS;
	o.learning = c->detect.learning / MS;
	o.bytes_max = c->detect.memory;
	o.grants = c->detect.grants / MS;
	o.lateness = c->detect.lateness / MS;
	if (c->detect.budget)
		o.budget = budget_of(c->detect.budget);
	return o;
}
