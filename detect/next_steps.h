/*
 * next_steps.h - what a person should look at, and how to revoke.
 *
 *     unsigned n = next_steps(&request, &verdict, last_seen, &arena, steps);
 *
 * First the advice of the reasons, the heaviest first and none twice, then
 * where to look, then how to take back what was issued.  Commands hold names
 * of others only where they consist of characters that no shell looks at;
 * else a placeholder in capitals stands there.  Pure function, any thread.
 */
#ifndef ST_NEXT_STEPS_H
#define ST_NEXT_STEPS_H

#include "detect/finding.h"

#define NEXT_STEPS_ADVICE_MAX 4

/* How many were written; fewer when memory is out. */
unsigned next_steps(const struct request *r, const struct verdict *v,
    struct when last_seen, struct arena *a,
    struct slice steps[FINDING_STEPS_MAX]);

/* Adds how to end what was given out for a target until a moment; false where
 * there is no such command. */
bool
next_steps_revoke(struct slice target, struct when last_seen, struct buf *out);

#endif
