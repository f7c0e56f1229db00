/*
 * slice.c - comparing and cutting bytes that belong to somebody else.
 *
 * Pure functions, any thread.
 */
#define _GNU_SOURCE
#include "lib/slice.h"

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c;

	if (!a.p || !b.p)
		return (a.p != NULL) - (b.p != NULL);
	c = n ? memcmp(a.p, b.p, n) : 0;
	if (c)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

const char *
slice_find(struct slice a, const char *s)
{
	if (!a.p)
		return NULL;
	return memmem(a.p, a.n, s, strlen(s));
}

struct slice
slice_after_last(struct slice a, char c)
{
	const char *at = a.p ? memrchr(a.p, c, a.n) : NULL;

	if (!at)
		return a;
	at++;
	return slice_of(at, (size_t)(a.p + a.n - at));
}

struct slice
slice_before(struct slice a, char c)
{
	const char *at = a.p ? memchr(a.p, c, a.n) : NULL;

	return at ? slice_of(a.p, (size_t)(at - a.p)) : SLICE_NULL;
}

struct slice
slice_after(struct slice a, char c)
{
	const char *at = a.p ? memchr(a.p, c, a.n) : NULL;

	return at ? slice_of(at + 1, a.n - (size_t)(at + 1 - a.p)) : SLICE_NULL;
}

struct slice
slice_trim(struct slice a)
{
	while (a.n && (a.p[0] == ' ' || a.p[0] == '\t')) {
		a.p++;
		a.n--;
	}
	while (a.n && (a.p[a.n - 1] == ' ' || a.p[a.n - 1] == '\t'))
		a.n--;
	return a;
}
