/*
 * period.h - the stretch of time that a report is about: [from, to).
 *
 * Either end may be no time: it is open.  What has no time itself belongs to a
 * period only if both are.  Pure functions, any thread.
 */
#ifndef ST_PERIOD_H
#define ST_PERIOD_H

#include "lib/when.h"

struct period {
	struct when from, to;
};

/* Did anything from `first` to `last` (which are in it) happen in the period? */
static inline bool
period_touches(const struct period *p, struct when first, struct when last)
{
	if (!p->from.valid && !p->to.valid)
		return true;
	return first.valid && last.valid &&
	    (!p->from.valid || when_cmp(last, p->from) >= 0) &&
	    (!p->to.valid || when_cmp(first, p->to) < 0);
}

#endif
