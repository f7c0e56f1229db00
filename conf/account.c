/*
 * account.c - names of accounts as people write them.
 *
 * See account.h.
 */
#include "conf/account.h"

#include <string.h>

#define AWS_DIGITS 12
/* Of a project's id, as Google has it. */
#define PROJECT_MIN 6
#define PROJECT_MAX 30

static bool
is_of(struct slice s, const char *bytes)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(bytes, s.p[i]))
			return false;
	return true;
}

static bool
is_project_id(struct slice s)
{
	return s.n >= PROJECT_MIN && s.n <= PROJECT_MAX && s.p[0] >= 'a' &&
	    s.p[0] <= 'z' && is_of(s, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

int
account_check(const struct ynode *n, const char *key, struct err *e)
{
	char shown[YNODE_SHOWN];
	struct slice s = n->text;

	if (is_project_id(s))
		return ynode_err(n, e,
		    "%s: %s is no account; a project of Google Cloud is "
		    "\"projects/%.*s\"",
		    key, ynode_shown(n, shown), SLICE_ARG(s));
	if (!s.n || !is_of(s, "0123456789- ") ||
	    (s.n == AWS_DIGITS && is_of(s, "0123456789")))
		return 0;
	return ynode_err(n, e, "%s: %s is no account; one of AWS is %d digits",
	    key, ynode_shown(n, shown), AWS_DIGITS);
}
