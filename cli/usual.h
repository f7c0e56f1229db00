/*
 * usual.h - what was usual for one principal before one request.
 *
 *     if (!usual_init(&u, &request)) ...     // it names nobody, or has no time
 *     usual_take(&u, &other);                // all others, in the order of time
 *     u.dims[i] ...
 *     usual_release(&u);
 *
 * The values that the baseline looks at (detect/traits.h), counted from the
 * records themselves: how often and on how many days this principal had each
 * before, and how many others had the value of this request.  What the
 * baseline has made of it (half-lives, peers, its memory's bounds) is not
 * repeated here.  Main thread.
 */
#ifndef ST_USUAL_H
#define ST_USUAL_H

#include "cli/counts.h"
#include "detect/traits.h"

#define USUAL_VALUES_MAX 10000 /* of one dimension */
#define USUAL_HOUR DIM_COUNT   /* of the day, in UTC */
#define USUAL_DIMS (DIM_COUNT + 1)

struct usual {
	struct traits seen;    /* of the request itself */
	struct slice hour;     /* "08" */
	struct slice event_id; /* of the request */
	struct counts values[USUAL_DIMS];
	struct counts others[USUAL_DIMS]; /* who else had the same value */
	struct count all;                 /* requests and days */
	struct arena kept, arena;
	char hour_text[3];
};

bool usual_init(struct usual *u, const struct request *r);
void usual_release(struct usual *u);
/* Later ones, and the request itself, are passed over. */
void usual_take(struct usual *u, const struct request *r);

/* "country", "hour (UTC)" */
const char *usual_name(size_t dim);
/* The request's own value; absent where it says nothing. */
struct slice usual_seen(const struct usual *u, size_t dim);

#endif
