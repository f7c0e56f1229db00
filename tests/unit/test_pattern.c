/*
 * test_pattern.c - patterns: one against one name, many against one name.
 */
#include "detect/pattern.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *pattern, *name;
	bool matches;
} globs[] = {
	{ "sts:AssumeRole", "sts:AssumeRole", true },
	{ "sts:AssumeRole", "sts:AssumeRoleWithSAML", false },
	{ "sts:AssumeRole", "sts:assumerole", false },
	{ "sts:AssumeRole", "", false },
	{ "sts:*", "sts:AssumeRole", true },
	{ "sts:*", "sts:", true },
	{ "sts:*", "sts:a:b", false },
	{ "sts:**", "sts:a:b/c", true },
	{ "*", "", true },
	{ "*", "abc", true },
	{ "*", "a:b", false },
	{ "*", "a/b", false },
	{ "**", "", true },
	{ "**", "a:b/c", true },
	{ "***", "a:b/c", true },
	{ "", "", true },
	{ "", "a", false },
	{ "a*", "a", true },
	{ "*a", "ba", true },
	{ "*a", "ab", false },
	{ "a*b*c", "axxbyyc", true },
	{ "a*b*c", "axxbyy", false },
	{ "*a*a*a*b", "aaaaaaaaaaaaaaaab", true },
	{ "*a*a*a*b", "aaaaaaaaaaaaaaaaa", false },
	{ "**/x", "a/b/x", true },
	{ "**/x", "x", false },
	{ "a/**/x", "a/x", false },
	{ "a/**/x", "a//x", true },
	{ "a**b*c", "a:b/b:cbc", true },
	{ "a*b**c", "ax:bc", false },
	{ "a*b**c", "axb::c", true },
	{ "[a]?", "[a]?", true },
	{ "[a]?", "ab", false },
	{ "arn:aws:iam::*:role/deploy-*", "arn:aws:iam::1:role/deploy-x",
	    true },
	{ "arn:aws:iam::*:role/deploy-*", "arn:aws:iam::1:role/p/deploy-x",
	    false },
	{ "arn:aws:iam::*:role/deploy-*", "arn:aws:iam::1:role/deploy-x/y",
	    false },
	{ "arn:*:iam::1:oidc-provider/gh/repo:acme/**",
	    "arn:aws:iam::1:oidc-provider/gh/repo:acme/app:ref:refs/heads/x",
	    true },
	{ "user:*@acme.com", "user:bob@acme.com", true },
	{ "user:*@acme.com", "user:bob@acme.com.evil.org", false },
	{ "user:*@acme.com", "user:a/b@acme.com", false },
	{ "\xc3*", "\xc3\xa9", true },
};
#define N_CASES (sizeof(globs) / sizeof(globs[0]))

static void
one_pattern_matches_the_whole_name(void)
{
	for (size_t i = 0; i < N_CASES; i++)
		if (pattern_matches(slice_str(globs[i].pattern),
			slice_str(globs[i].name)) != globs[i].matches) {
			printf("\n    %s, %s", globs[i].pattern, globs[i].name);
			CHECK(false);
		}
}

static void
a_set_of_one_says_the_same(void)
{
	for (size_t i = 0; i < N_CASES; i++) {
		struct pattern_set *s = pattern_set_new(1);
		struct pattern_run *r;
		uint64_t rows = 0;

		REQUIRE(s != NULL);
		CHECK_INT(
		    pattern_set_add(s, slice_str(globs[i].pattern), 0), 0);
		CHECK_INT(pattern_set_finish(s), 0);
		r = pattern_run_new(s);
		REQUIRE(r != NULL);
		pattern_match(r, slice_str(globs[i].name), &rows);
		if (rows != globs[i].matches) {
			printf("\n    %s, %s", globs[i].pattern, globs[i].name);
			CHECK(false);
		}
		pattern_run_free(r);
		pattern_set_free(s);
	}
}

static void
a_set_of_all_tells_each_apart(void)
{
	struct pattern_set *s = pattern_set_new(N_CASES);
	struct pattern_run *r;

	REQUIRE(s != NULL);
	CHECK(pattern_set_is_empty(s));
	for (size_t i = 0; i < N_CASES; i++)
		CHECK_INT(pattern_set_add(
			      s, slice_str(globs[i].pattern), (uint32_t)i),
		    0);
	CHECK(!pattern_set_is_empty(s));
	CHECK_INT(pattern_set_finish(s), 0);
	r = pattern_run_new(s);
	REQUIRE(r != NULL);
	for (size_t i = 0; i < N_CASES; i++) {
		uint64_t rows[2];

		memset(rows, 0, sizeof(rows));
		pattern_match(r, slice_str(globs[i].name), rows);
		for (size_t j = 0; j < N_CASES; j++)
			CHECK(pattern_bit(rows, j) ==
			    pattern_matches(slice_str(globs[j].pattern),
				slice_str(globs[i].name)));
	}
	pattern_run_free(r);
	pattern_set_free(s);
}

static void
a_literal_is_taken_as_it_is(void)
{
	struct pattern_set *s = pattern_set_new(2);
	struct pattern_run *r;
	uint64_t rows = 0;

	REQUIRE(s != NULL);
	CHECK_INT(pattern_set_add_literal(s, SLICE_LIT("a*"), 0), 0);
	CHECK_INT(pattern_set_add_literal(s, SLICE_LIT("a\0b"), 1), 0);
	CHECK_INT(pattern_set_finish(s), 0);
	r = pattern_run_new(s);
	REQUIRE(r != NULL);
	pattern_match(r, SLICE_LIT("ab"), &rows);
	pattern_match(r, SLICE_LIT("a"), &rows);
	pattern_match(r, SLICE_NULL, &rows);
	CHECK_INT(rows, 0);
	pattern_match(r, SLICE_LIT("a*"), &rows);
	CHECK_INT(rows, 1);
	pattern_match(r, SLICE_LIT("a\0b"), &rows);
	CHECK_INT(rows, 3);
	pattern_run_free(r);
	pattern_set_free(s);
}

static void
many_rows_of_one_pattern_are_all_set(void)
{
	struct pattern_set *s = pattern_set_new(200);
	struct pattern_run *r;
	uint64_t rows[4] = { 0 };

	REQUIRE(s != NULL);
	for (uint32_t i = 0; i < 200; i++)
		CHECK_INT(pattern_set_add(
			      s, i % 2 ? SLICE_LIT("x*") : SLICE_LIT("xy"), i),
		    0);
	CHECK_INT(pattern_set_finish(s), 0);
	r = pattern_run_new(s);
	REQUIRE(r != NULL);
	pattern_match(r, SLICE_LIT("xy"), rows);
	for (size_t i = 0; i < 200; i++)
		CHECK(pattern_bit(rows, i));
	CHECK_INT(rows[3] >> 8, 0);
	memset(rows, 0, sizeof(rows));
	pattern_match(r, SLICE_LIT("xz"), rows);
	for (size_t i = 0; i < 200; i++)
		CHECK(pattern_bit(rows, i) == (i % 2 == 1));
	pattern_run_free(r);
	pattern_set_free(s);
}

/* 40 patterns `**a??...b` in which each `?` is any of two letters: their
 * deterministic automaton has far more states than the table holds. */
static void
a_full_table_is_begun_anew_and_stays_right(void)
{
	struct pattern_set *s = pattern_set_new(40);
	struct pattern_run *r;
	char pattern[80], name[400];
	uint64_t x = 88172645463325252u;

	REQUIRE(s != NULL);
	for (uint32_t i = 0; i < 40; i++) {
		int n = snprintf(pattern, sizeof(pattern), "**%c*%c**%c*%d",
		    "abc"[i % 3], "abc"[i / 3 % 3], "abc"[i / 9 % 3], i % 4);

		CHECK_INT(
		    pattern_set_add(s, slice_of(pattern, (size_t)n), i), 0);
	}
	CHECK_INT(pattern_set_finish(s), 0);
	r = pattern_run_new(s);
	REQUIRE(r != NULL);
	for (int turn = 0; turn < 400; turn++) {
		uint64_t rows = 0;
		size_t n = 50 + (size_t)turn % 300;

		for (size_t i = 0; i < n; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			name[i] = "abcabcabc:/d0123"[x >> 60];
		}
		pattern_match(r, slice_of(name, n), &rows);
		for (uint32_t i = 0; i < 40; i++) {
			snprintf(pattern, sizeof(pattern), "**%c*%c**%c*%d",
			    "abc"[i % 3], "abc"[i / 3 % 3], "abc"[i / 9 % 3],
			    i % 4);
			if (pattern_bit(&rows, i) !=
			    pattern_matches(
				slice_str(pattern), slice_of(name, n)))
				CHECK(false);
		}
	}
	pattern_run_free(r);
	pattern_set_free(s);
}

static void
what_is_too_long_is_refused(void)
{
	struct pattern_set *s = pattern_set_new(1);
	char *text = malloc(PATTERN_LENGTH_MAX + 1);

	REQUIRE(s && text);
	memset(text, 'x', PATTERN_LENGTH_MAX + 1);
	CHECK_INT(pattern_set_add(s, slice_of(text, PATTERN_LENGTH_MAX), 0), 0);
	CHECK_INT(pattern_set_add(s, slice_of(text, PATTERN_LENGTH_MAX + 1), 0),
	    ST_ELIMIT);
	text[7] = '*';
	CHECK_INT(pattern_set_add(s, slice_of(text, PATTERN_LENGTH_MAX), 0), 0);
	CHECK_INT(pattern_set_add(s, slice_of(text, PATTERN_LENGTH_MAX + 1), 0),
	    ST_ELIMIT);
	CHECK(!pattern_matches(slice_of(text, PATTERN_LENGTH_MAX + 1),
	    slice_of(text, PATTERN_LENGTH_MAX + 1)));
	free(text);
	pattern_set_free(s);
}

UNIT_MAIN("pattern",
    { "one pattern matches the whole name",
	one_pattern_matches_the_whole_name },
    { "a set of one says the same", a_set_of_one_says_the_same },
    { "a set of all tells each apart", a_set_of_all_tells_each_apart },
    { "a literal is taken as it is", a_literal_is_taken_as_it_is },
    { "many rows of one pattern are all set",
	many_rows_of_one_pattern_are_all_set },
    { "a full table is begun anew and stays right",
	a_full_table_is_begun_anew_and_stays_right },
    { "what is too long is refused", what_is_too_long_is_refused })
