/*
 * clouds.c - does an address belong to a cloud's own networks?
 *
 * See clouds.h.  Constant data and a pure function, any thread.
 */
#include "detect/clouds.h"

/* Amazon, Google, Microsoft, Oracle, IBM, Alibaba: where workloads that hold
 * credentials of a cloud run, those of another cloud too. */
static const uint32_t inside[] = { 7224, 8987, 14618, 16509, 801, 38895, 39111,
	15169, 19527, 396982, 8068, 8069, 8075, 31898, 36351, 45102 };

static const char *const holders[] = { "Amazon", "AMAZON", "Google", "GOOGLE" };

enum clouds_answer
clouds_has(const struct place *p)
{
	if (p->flags & PLACE_CLOUD)
		return CLOUDS_INSIDE;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (p->asn == inside[i])
			return CLOUDS_INSIDE;
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
		if (slice_starts(p->org, holders[i]))
			return CLOUDS_INSIDE;
	return p->asn || p->org.n || (p->flags & PLACE_NO_CLOUD)
	    ? CLOUDS_OUTSIDE
	    : CLOUDS_UNKNOWN;
}
