/*
 * flood.c - how many findings an hour one output may get, and how many it did
 * not.
 *
 * See flood.h.  Knows no clock and no finding.
 */
#include "outputs/flood.h"

#define HOUR_MS 3600000.0

void
flood_init(struct flood *f, int64_t per_hour)
{
	*f = (struct flood){ .per_hour = (double)per_hour,
		.left = (double)per_hour };
}

bool
flood_may(struct flood *f, int64_t now)
{
	if (f->per_hour <= 0)
		return true;
	if (f->last > 0 && now > f->last)
		f->left += f->per_hour * (double)(now - f->last) / HOUR_MS;
	if (f->left > f->per_hour)
		f->left = f->per_hour;
	f->last = now;
	if (f->left >= 1) {
		f->left -= 1;
		return true;
	}
	f->held++;
	f->untold++;
	return false;
}

uint64_t
flood_untold(struct flood *f)
{
	uint64_t n = f->untold;

	f->untold = 0;
	return n;
}
