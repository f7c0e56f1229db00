/*
 * change.h - the smallest change of a policy that turns one verdict.
 *
 *     err = change_find(policy, &request, &verdict, &c, &e);
 *     if (c.kind != CHANGE_NONE) ...
 *     change_release(&c);
 *
 * What is unexpected: one value more in each list that refused it, where only
 * lists of a rule or of what is approved did; else an exception for just this
 * principal, action, target and these reasons.  What is expected: the rule that
 * allowed it ends the day before, or who is not listed is told.  Every change
 * is tried on the request before it is given out, so that it does turn it.
 * What the baseline said stays as it was: only an exception holds it back.
 * Main thread.
 */
#ifndef ST_CHANGE_H
#define ST_CHANGE_H

#include "detect/verdict.h"
#include "lib/buf.h"

#define CHANGE_EDITS_MAX 4

enum change_kind {
	CHANGE_NONE,
	CHANGE_EDITS,     /* texts put into the file */
	CHANGE_EXCEPTION, /* an element of `exceptions:` */
};

/* Text before the character at line and column (from 1) of the file as it is,
 * where `drop` characters go; more than one: from the last to the first, or
 * places move. */
struct edit {
	unsigned line, col, drop;
	struct buf text, says; /* "add "NG" to from.countries of rule x" */
};

struct change {
	enum change_kind kind;
	struct edit edits[CHANGE_EDITS_MAX];
	size_t n_edits;
	struct buf exception;
	const char *then; /* "expected", "unexpected": what it turns into */
};

int change_find(const struct policy *p, const struct request *r,
    const struct verdict *v, struct change *result, struct err *e) ST_MUSTCHECK;
void change_release(struct change *c);

/* The file with the edits made; for trying it. */
void change_apply(const struct change *c, struct slice file, struct buf *out);

#endif
