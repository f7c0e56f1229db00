/*
 * allowed.h - what a period made use of in a policy: which rules and
 * exceptions, and for how long what its rules allow was issued.
 *
 *     struct allowed *a = allowed_new(policy, &period);   // NULL: no memory
 *     err = allowed_line(a, line);         // each line; others than decisions
 *     const struct allowed_use *u = allowed_use(a, i);   // are passed over
 *     allowed_free(a);
 *
 * Each decision is asked anew of the policy: a rule is used by a request that
 * it allows or that it says why not, an exception by one that was held back
 * and of which it covers a reason.  Decision lines carry no MFA, external id
 * and source identity: an exception that asks for these is used by none.
 * `i`: as in policy_entry_at().  The policy must outlive it.  One owner.
 */
#ifndef ST_ALLOWED_H
#define ST_ALLOWED_H

#include "detect/policy_named.h"
#include "report/period.h"

struct allowed;
struct allowed *
allowed_new(const struct policy *p, const struct period *period);
void allowed_free(struct allowed *a); /* NULL is fine */

/* ST_ENOMEM. */
int allowed_line(struct allowed *a, struct slice line) ST_MUSTCHECK;

struct allowed_use {
	uint64_t uses;
	/* Of those that succeeded and say when what they got expires: */
	uint64_t issued, longer; /* than the rule's max_duration */
	int64_t longest;         /* seconds */
};

const struct policy *allowed_policy(const struct allowed *a);
const struct allowed_use *allowed_use(const struct allowed *a, size_t i);
/* policy_lists() of that policy. */
enum policy_listed allowed_lists(
    const struct allowed *a, enum policy_list list, struct slice name);

#endif
