/*
 * normal_case.h - requests of many days, folded, for tests.
 *
 *     struct act a = { "arn:...:user/u", "sts:AssumeRole", "arn:...:role/r" };
 *     struct normal *n = case_normal(acts, n_acts, 0);
 */
#ifndef ST_NORMAL_CASE_H
#define ST_NORMAL_CASE_H

#include "cli/normal.h"

struct act {
	const char *principal, *action, *target;
	const char *country; /* NULL: DE */
	int from, to;        /* days, once on each */
	bool odd;
	enum outcome outcome;
	enum principal_type type;
};

/* Of the days 1 to `days`, in order; settled. */
struct normal *
case_normal(const struct act *acts, size_t n, int days, uint64_t min_days);
/* Why the first cell of that principal was left out; -1: no such cell. */
int case_left(const struct normal *n, const char *principal);

#endif
