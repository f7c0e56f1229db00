/*
 * fuzz_pattern.c - many patterns against names, in three ways that must agree.
 *
 * Input: lines; those before an empty line are patterns, the others names.
 * The automaton, the single matcher and, for what is short, a plain recursive
 * matcher say the same.
 */
#include "detect/pattern.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#define LINES_MAX 64
#define SHORT_MAX 24

/* As one would write it down without a thought for time. */
static bool
plainly(struct slice p, struct slice s)
{
	bool across;

	if (p.n == 0)
		return s.n == 0;
	if (p.p[0] != '*')
		return s.n > 0 && s.p[0] == p.p[0] &&
		    plainly(
			slice_of(p.p + 1, p.n - 1), slice_of(s.p + 1, s.n - 1));
	across = p.n > 1 && p.p[1] == '*';
	while (p.n > 0 && p.p[0] == '*')
		p = slice_of(p.p + 1, p.n - 1);
	for (size_t i = 0;; i++) {
		if (plainly(p, slice_of(s.p + i, s.n - i)))
			return true;
		if (i == s.n || (!across && (s.p[i] == ':' || s.p[i] == '/')))
			return false;
	}
}

static size_t
stars(struct slice p)
{
	size_t n = 0;

	for (size_t i = 0; i < p.n; i++)
		n += p.p[i] == '*';
	return n;
}

static void
compare(struct pattern_run *r, const struct slice *patterns, size_t n,
    struct slice name)
{
	uint64_t rows = 0, again = 0;

	pattern_match(r, name, &rows);
	pattern_match(r, name, &again);
	if (rows != again)
		abort();
	for (size_t i = 0; i < n; i++) {
		bool one = pattern_matches(patterns[i], name);

		if (one != pattern_bit(&rows, i))
			abort();
		if (name.n <= SHORT_MAX && stars(patterns[i]) <= 6 &&
		    one != plainly(patterns[i], name))
			abort();
	}
}

static size_t
split(const uint8_t *data, size_t size, struct slice *lines, size_t *n_before)
{
	size_t n = 0, from = 0;

	*n_before = 0;
	for (size_t i = 0; i <= size && n < LINES_MAX; i++) {
		if (i < size && data[i] != '\n')
			continue;
		if (i == from && *n_before == 0)
			*n_before = n;
		else if (i - from <= PATTERN_LENGTH_MAX)
			lines[n++] = slice_of(
			    (const char *)data + from, i - from);
		from = i + 1;
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice lines[LINES_MAX];
	struct pattern_set *s;
	struct pattern_run *r;
	size_t n, n_patterns;

	if (size > 8192)
		return 0;
	n = split(data, size, lines, &n_patterns);
	s = pattern_set_new(LINES_MAX);
	if (!s)
		return 0;
	for (size_t i = 0; i < n_patterns; i++)
		if (pattern_set_add(s, lines[i], (uint32_t)i) < 0)
			abort();
	if (pattern_set_finish(s) < 0)
		abort();
	r = pattern_run_new(s);
	for (size_t i = n_patterns; r && i < n; i++)
		compare(r, lines, n_patterns, lines[i]);
	pattern_run_free(r);
	pattern_set_free(s);
	return 0;
}
