/*
 * problems.h - all that is wrong, for those who want to hear it at once.
 *
 * What checks something usually stops at the first fault and says it in a
 * `struct err`.  With a list it goes on instead:
 *
 *     struct problems all = PROBLEMS_INIT;
 *     err = problems_take(&all, check(..., &e), &e);  // 0: noted, go on
 *     ...
 *     if (problems_count(&all)) problems_write(&all, &out);
 *     problems_release(&all);
 *
 * At most PROBLEMS_MAX are kept, further ones are counted.  One owner.
 */
#ifndef ST_PROBLEMS_H
#define ST_PROBLEMS_H

#include "lib/buf.h"
#include "lib/err.h"

#define PROBLEMS_MAX 1000

struct problem;

struct problems {
	struct problem *v;
	size_t n, cap;
	size_t more; /* that had no room */
};

#define PROBLEMS_INIT         \
	{                     \
		NULL, 0, 0, 0 \
	}

void problems_release(struct problems *all);
void problems_add(struct problems *all, const struct err *e);

/*
 * What became of a check: 0 goes on.  With a list (which may be NULL) a fault
 * is noted there and becomes 0, but for ST_ENOMEM, which ends all work.
 */
int
problems_take(struct problems *all, int err, const struct err *e) ST_MUSTCHECK;

size_t problems_count(const struct problems *all);
/* NULL where there are none. */
const struct err *problems_first(const struct problems *all);

/*
 * Files in the order in which they first came, inside them by place: a line
 * each, "file:line:column: text"; or a JSON array of {"file", "line",
 * "column", "problem"}, with null for a place that is not known.
 */
void problems_write(const struct problems *all, struct buf *out);
void problems_json(const struct problems *all, struct buf *out);

#endif
