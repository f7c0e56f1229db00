/*
 * excuse.h - one exception of a policy, for one finding.
 *
 *     excuse_init(&x, "f-0123...");
 *     excuse_decision(&x, &request, &verdict, group);   // of all decisions
 *     excuse_finding(&x, &finding);
 *     err = excuse_write(&x, until, &yaml, &e);
 *     excuse_release(&x);
 *
 * It holds back what the finding is made of and no more: its principal, the
 * actions, targets and reasons of every decision that was folded into it.
 * Main thread.
 */
#ifndef ST_EXCUSE_H
#define ST_EXCUSE_H

#include "cli/counts.h"
#include "detect/finding.h"

#define EXCUSE_NAMES_MAX 1000
#define EXCUSE_TARGETS_MAX 20 /* more: the exception is for all targets */
#define EXCUSE_DAYS 30        /* from the finding, or today, to the end */

struct excuse {
	const char *id;
	struct counts principals, accounts, actions, targets, codes;
	bool any_target; /* one of them has none */
	bool found;      /* the finding itself came by */
	struct when last;
	struct buf title;
};

void excuse_init(struct excuse *x, const char *id);
void excuse_release(struct excuse *x);
void excuse_decision(struct excuse *x, const struct request *r,
    const struct verdict *v, struct slice group);
void excuse_finding(struct excuse *x, const struct finding *f);

/* An element of `exceptions:`.  `until` NULL: EXCUSE_DAYS from now on.
 * ST_ENOENT: no such finding came by; ST_EINVAL: it names nobody. */
int excuse_write(const struct excuse *x, const char *until, struct buf *out,
    struct err *e) ST_MUSTCHECK;

#endif
