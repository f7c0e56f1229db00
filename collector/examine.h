/*
 * examine.h - everything that could fail later, short of binding.
 *
 *     struct problems all = PROBLEMS_INIT;
 *     struct examined x;
 *     examine("stsentry.yaml", NULL, &all, &x);    // policy: what that names
 *     if (problems_count(&all)) ...
 *     examine_release(&x);
 *
 * What `stsentryd -t` and `stsentry check` have in common: the keys and values
 * of both files, what the configuration names (files, folders, users,
 * programs, databases, APIs, reasons), and whether each output could be
 * opened.  Goes on behind what is wrong.  Reads, but changes nothing.  Main
 * thread.
 */
#ifndef ST_EXAMINE_H
#define ST_EXAMINE_H

#include "conf/config.h"
#include "detect/policy.h"
#include "events/catalogue.h"

struct examined {
	struct config *config; /* NULL: not asked for, or could not be read */
	struct policy *policy; /* NULL: none, or not good */
	const char *policy_path;
};

/* Either path may be NULL; without a policy's the configuration's is taken.
 * Paths must outlive the result. */
void examine(const char *config, const char *policy, struct problems *all,
    struct examined *result);
void examine_release(struct examined *x);

/* `apis:` of a configuration.  ST_EINVAL where a pattern matches none; with a
 * list, all of them. */
int examine_apis(const struct config *c, struct api_choice *result,
    struct problems *all, struct err *e) ST_MUSTCHECK;
/* The codes of `reasons:`. */
int examine_reasons(
    const struct config *c, struct problems *all, struct err *e) ST_MUSTCHECK;

#endif
