/*
 * allowed.h - which rules and exceptions of a policy a period made use of.
 *
 *     struct allowed *a = allowed_new(policy, &period);   // NULL: no memory
 *     err = allowed_line(a, line);         // each line; others than decisions
 *     n = allowed_uses(a, i);              // are passed over
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

#include "detect/policy.h"
#include "report/period.h"

struct allowed;
struct allowed *
allowed_new(const struct policy *p, const struct period *period);
void allowed_free(struct allowed *a); /* NULL is fine */

/* ST_ENOMEM. */
int allowed_line(struct allowed *a, struct slice line) ST_MUSTCHECK;

const struct policy *allowed_policy(const struct allowed *a);
uint64_t allowed_uses(const struct allowed *a, size_t i);

#endif
