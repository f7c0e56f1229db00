/*
 * slice.h - bytes that belong to somebody else.
 *
 * A slice points into a buffer, an arena or a string constant; it owns
 * nothing and is valid as long as what it points into.  It may hold any byte,
 * NUL too.  `p == NULL` means absent, which is not the same as empty: a
 * record can say nothing of a field, or can say "".
 */
#ifndef ST_SLICE_H
#define ST_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p;
	size_t n;
};

#define SLICE_NULL ((struct slice){ NULL, 0 })
#define SLICE_LIT(s) ((struct slice){ (s), sizeof(s) - 1 })
/* For printf("%.*s", SLICE_ARG(s)). */
#define SLICE_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct slice
slice_of(const char *p, size_t n)
{
	return (struct slice){ p, n };
}

static inline struct slice
slice_str(const char *s)
{
	return (struct slice){ s, s ? strlen(s) : 0 };
}

static inline bool
slice_is_null(struct slice s)
{
	return s.p == NULL;
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
slice_is(struct slice a, const char *s)
{
	size_t n = strlen(s);

	return a.n == n && a.p && memcmp(a.p, s, n) == 0;
}

static inline bool
slice_starts(struct slice a, const char *s)
{
	size_t n = strlen(s);

	return a.n >= n && a.p && memcmp(a.p, s, n) == 0;
}

static inline bool
slice_ends(struct slice a, const char *s)
{
	size_t n = strlen(s);

	return a.n >= n && a.p && memcmp(a.p + a.n - n, s, n) == 0;
}

/* Bytewise order, the shorter first; an absent slice before all others. */
int slice_cmp(struct slice a, struct slice b);

/* Where `s` begins in `a`, or NULL. */
const char *slice_find(struct slice a, const char *s);

/* What stands behind the last `c`; the whole where there is none. */
struct slice slice_after_last(struct slice a, char c);

/* What stands before / behind the first `c`; absent where there is none. */
struct slice slice_before(struct slice a, char c);
struct slice slice_after(struct slice a, char c);

/* Without blanks and tabs at either end. */
struct slice slice_trim(struct slice a);

#endif
