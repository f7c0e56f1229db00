/*
 * arn.c - Amazon resource names in their parts.
 *
 * See arn.h.  Pure functions, any thread.
 */
#include "events/arn.h"

/* What stands before the next colon; moves behind it. */
static bool
next_part(struct slice *rest, struct slice *part)
{
	struct slice p = slice_before(*rest, ':');

	if (!p.p)
		return false;
	*part = p;
	*rest = slice_of(rest->p + p.n + 1, rest->n - p.n - 1);
	return true;
}

bool
arn_parse(struct slice text, struct arn *result)
{
	struct slice rest = text, word;
	struct arn a;

	if (!slice_starts(text, "arn:") || !next_part(&rest, &word))
		return false;
	if (!next_part(&rest, &a.partition) || !next_part(&rest, &a.service) ||
	    !next_part(&rest, &a.region) || !next_part(&rest, &a.account))
		return false;
	if (a.partition.n == 0)
		return false;
	a.resource = rest;
	*result = a;
	return true;
}

struct slice
arn_partition(struct slice text)
{
	struct slice p;

	if (!slice_starts(text, "arn:"))
		return SLICE_NULL;
	p = slice_before(slice_of(text.p + 4, text.n - 4), ':');
	return p.n ? p : SLICE_NULL;
}

bool
arn_like(struct slice text)
{
	return arn_partition(text).p != NULL;
}

struct slice
arn_account(struct slice text)
{
	struct arn a;

	if (!arn_parse(text, &a) || a.account.n == 0)
		return SLICE_NULL;
	return a.account;
}

struct slice
arn_role_of_session(struct slice resource)
{
	struct slice rest = slice_after(resource, '/');
	struct slice name = slice_before(rest, '/');

	return name.p ? name : rest;
}
