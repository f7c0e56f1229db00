/*
 * policy_named.h - what a policy names, for those who tell of it: which names are
 * on its approved lists, and which principals it names were seen.
 *
 *     policy_lists(p, scratch, POLICY_COUNTRIES, SLICE_LIT("DE"))
 *
 *     struct policy_named *n = policy_named_new(p);    // NULL: no memory
 *     policy_named_saw(n, principal);                  // each that was seen
 *     for (i = 0; i < policy_named_count(n); i++)
 *             policy_named_at(n, i) ...
 *     policy_named_free(n);
 *
 * Nothing here judges: a rule may allow what no list has.  The policy must
 * outlive it.  One owner.
 */
#ifndef ST_POLICY_NAMED_H
#define ST_POLICY_NAMED_H

#include "detect/policy.h"

enum policy_list { POLICY_ACCOUNTS, POLICY_CLOUD_REGIONS, POLICY_COUNTRIES };
enum policy_listed {
	POLICY_NO_LIST, /* the policy approves all of them */
	POLICY_LISTED,
	POLICY_NOT_LISTED,
};

/* Is the name on that list of `approved:`? */
enum policy_listed policy_lists(const struct policy *p,
    struct policy_scratch *s, enum policy_list list, struct slice name);

/* A principal that a rule names, or a class that a rule uses. */
struct policy_principal {
	const char *pattern; /* as written */
	const char *rule;    /* its id; of a class the first that uses it */
	const char *owner;   /* of the rule; NULL: none was written */
	struct slice class;  /* absent where the rule itself names it */
	bool seen;
};

struct policy_named;
struct policy_named *policy_named_new(const struct policy *p);
void policy_named_free(struct policy_named *n); /* NULL is fine */

void policy_named_saw(struct policy_named *n, struct slice principal);

/* In the order of the rules. */
size_t policy_named_count(const struct policy_named *n);
const struct policy_principal *
policy_named_at(const struct policy_named *n, size_t i);

#endif
