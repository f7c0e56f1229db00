/*
 * draft.h - a policy.yaml from what was normal.
 *
 *     err = draft_write(normal, &yaml);
 *
 * Principals of one family that do the same share a rule; those of a family
 * that do nearly the same do, too, where there would be more than
 * DRAFT_SPLIT_MAX rules of them.  Names are listed one by one; from
 * NORMAL_FAMILY_MIN on a wildcard stands for them, unless it would also stand
 * for a name that was left out.  Conditions are the countries, where a rule
 * has fewer than all, and the duration, rounded up.  Owners are to be filled
 * in.  The same cells give the same bytes.  Main thread.
 */
#ifndef ST_DRAFT_H
#define ST_DRAFT_H

#include "cli/normal.h"
#include "lib/buf.h"

#define DRAFT_SPLIT_MAX 4
#define DRAFT_OWNER "FILL IN"

int draft_write(const struct normal *n, struct buf *out) ST_MUSTCHECK;

/* A text in double quotes that YAML, and our reader of it, gives back. */
void draft_quote(struct buf *out, struct slice s);

#endif
