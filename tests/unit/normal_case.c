/*
 * normal_case.c - requests of many days, folded, for tests.
 */
#include "config.h"

#include "tests/unit/normal_case.h"

#include "tests/unit/unit.h"

#include <stdio.h>

#define DAY 86400
#define FIRST_DAY 20000 /* since 1970 */

static void
add(struct normal *n, const struct act *a, int day)
{
	struct request r;

	memset(&r, 0, sizeof(r));
	r.time = (struct when){ (int64_t)(FIRST_DAY + day) * DAY, 0, true };
	r.principal = slice_str(a->principal);
	r.principal_type = a->type;
	r.action = slice_str(a->action);
	r.target = slice_str(a->target);
	r.account = SLICE_LIT("111122223333");
	r.cloud_region = SLICE_LIT("eu-west-1");
	r.source.kind = SOURCE_IP;
	r.outcome = a->outcome;
	r.duration = 3600;
	snprintf(r.source.place.country, sizeof(r.source.place.country), "%s",
	    a->country ? a->country : "DE");
	CHECK_INT(normal_add(n, &r, a->odd), 0);
}

struct normal *
case_normal(const struct act *acts, size_t n, int days, uint64_t min_days)
{
	struct normal *result = normal_new(min_days);

	CHECK(result != NULL);
	if (!result)
		return NULL;
	for (int day = 1; day <= days; day++)
		for (size_t i = 0; i < n; i++)
			if (acts[i].from <= day && day <= acts[i].to)
				add(result, &acts[i], day);
	CHECK_INT(normal_settle(result), 0);
	return result;
}

int
case_left(const struct normal *n, const char *principal)
{
	for (size_t i = 0; i < n->n; i++)
		if (slice_is(n->v[i]->r.principal, principal))
			return (int)n->v[i]->left;
	return -1;
}
