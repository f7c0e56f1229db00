/*
 * test_jscan.c - the quick pass: every way of it over the same table.
 */
#include "lib/jscan.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const ways[] = { "avx2", "sse2", "portable" };

/* Scan an exact-size copy, so that a read behind it is seen by sanitizers. */
static enum jscan_result
scan_copy(const char *text, size_t n, struct jscan *s, char **copy)
{
	*copy = malloc(n ? n : 1);
	memcpy(*copy, text, n);
	return jscan_value(*copy, *copy + n, s);
}

struct row {
	const char *text;
	enum jscan_result want;
	int end;     /* offset, -1: not looked at */
	int members; /* -1: not looked at */
};

static const struct row rows[] = {
	{ "{}", JSCAN_DONE, 2, 0 },
	{ "{ } x", JSCAN_DONE, 3, 0 },
	{ "[]", JSCAN_DONE, 2, -1 },
	{ "{\"a\":1}", JSCAN_DONE, 7, 1 },
	{ "{\"a\":1,\"b\":\"x\",\"c\":{\"d\":[1,2]},\"e\":null}{", JSCAN_DONE,
	    40, 4 },
	{ "{\"a\" : \"}{\\\"],[\" , \"b\": -1.5e3 }", JSCAN_DONE, 32, 2 },
	{ "{\"a\":\"\\\\\"}", JSCAN_DONE, 10, 1 },
	{ "{\"a\":\"\\\\\\\"\"}", JSCAN_DONE, 12, 1 },
	{ "[[{\"a\":[]}],\"]\"]x", JSCAN_DONE, 16, -1 },
	{ "{\n  \"a\": [\n{\"b\": 1},\n{\"c\": 2}\n]\n}\n", JSCAN_DONE, 33, 1 },
	{ "{\"a\":\n{\"b\":1}}", JSCAN_DONE, 14, 1 },
	/* not at its end */
	{ "{", JSCAN_SHORT, -1, -1 },
	{ "{\"a", JSCAN_SHORT, -1, -1 },
	{ "{\"a\"", JSCAN_SHORT, -1, -1 },
	{ "{\"a\":", JSCAN_SHORT, -1, -1 },
	{ "{\"a\":12", JSCAN_SHORT, -1, -1 },
	{ "{\"a\":\"x\\", JSCAN_SHORT, -1, -1 },
	{ "{\"a\":{\"b\":1}", JSCAN_SHORT, -1, -1 },
	{ "[[1]", JSCAN_SHORT, -1, -1 },
	/* no JSON */
	{ "{a:1}", JSCAN_BROKEN, 1, -1 },
	{ "{\"a\" 1}", JSCAN_BROKEN, 5, -1 },
	{ "{\"a\":1 \"b\":2}", JSCAN_BROKEN, 7, -1 },
	{ "{\"a\":1,}", JSCAN_BROKEN, 7, -1 },
	{ "{\"a\":x}", JSCAN_BROKEN, 5, -1 },
	{ "{\"a\":[1}}", JSCAN_BROKEN, 7, -1 },
	{ "[{]}", JSCAN_BROKEN, 2, -1 },
	/* a line that was cut off */
	{ "{\"a\":\"cut\n{\"b\":1}", JSCAN_BROKEN, 9, -1 },
	{ "{\"a\":1,\n{\"b\":1}", JSCAN_BROKEN, 8, -1 },
	{ "{\"a\":{\"x\":1,\n{\"b\":1}", JSCAN_BROKEN, 12, -1 },
	{ "{\"a\":{\"x\":1,\n<13>host {\"b\":1}", JSCAN_BROKEN, 12, -1 },
};

static void
values_end_where_they_end(void)
{
	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		if (!jscan_force(ways[w]))
			continue;
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const struct row *r = &rows[i];
			struct jscan s;
			char *copy;
			int got = (int)scan_copy(
			    r->text, strlen(r->text), &s, &copy);

			if (got != (int)r->want)
				printf("\n    %s: %s", ways[w], r->text);
			CHECK_INT(got, r->want);
			if (r->end >= 0)
				CHECK_INT(s.end - copy, r->end);
			if (r->members >= 0)
				CHECK_INT(s.n, r->members);
			free(copy);
		}
	}
	jscan_force(NULL);
}

static void
members_are_given_as_written(void)
{
	static const char text[] =
	    "{\"eventName\":\"AssumeRole\",\"n\": 12 ,\"o\":{\"p\":\"}\"},"
	    "\"n\":\"last\",\"q\":\"a\\u0041\"}";
	struct jscan s;

	REQUIRE(jscan_value(text, text + strlen(text), &s) == JSCAN_DONE);
	CHECK_TEXT(
	    jscan_plain(&s, jscan_find(&s, "eventName")->value), "AssumeRole");
	CHECK_TEXT(jscan_find(&s, "o")->value, "{\"p\":\"}\"}");
	CHECK_TEXT(jscan_find(&s, "n")->value, "\"last\"");
	CHECK_TEXT(s.member[1].value, "12");
	CHECK_TEXT(jscan_plain(&s, jscan_find(&s, "q")->value), NULL);
	CHECK(jscan_find(&s, "p") == NULL);
	CHECK(!s.escaped);
}

static void
escaped_names_are_told(void)
{
	static const char text[] = "{\"event\\u004eame\":\"x\"}";
	struct jscan s;

	REQUIRE(jscan_value(text, text + strlen(text), &s) == JSCAN_DONE);
	CHECK(s.escaped);
}

static void
more_members_than_fit_are_listed_in_turns(void)
{
	char text[16384];
	unsigned total = 0, turns = 0;
	size_t n = 0;
	struct jscan s;
	enum jscan_result r;

	text[n++] = '{';
	for (int i = 0; i < 3 * JSCAN_MEMBERS + 5; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s\"k%d\":{\"a\":[%d]}", i ? "," : "", i, i);
	text[n++] = '}';
	r = jscan_value(text, text + n, &s);
	for (;;) {
		REQUIRE(r == JSCAN_DONE);
		CHECK(s.end == text + n);
		total += s.n;
		turns++;
		if (!s.rest)
			break;
		r = jscan_rest(&s, text + n);
	}
	CHECK_INT(total, 3 * JSCAN_MEMBERS + 5);
	CHECK_INT(turns, 4);
}

static void
depth_is_bounded(void)
{
	static char text[2 * 100000 + 1];
	struct jscan s;

	memset(text, '[', 100000);
	memset(text + 100000, ']', 100000);
	CHECK_INT(jscan_value(text, text + 200000, &s), JSCAN_DEEP);
	CHECK_INT(
	    jscan_value(text + 100000 - JSCAN_DEPTH_MAX, text + 200000, &s),
	    JSCAN_DONE);
	CHECK_INT(
	    jscan_value(text + 100000 - JSCAN_DEPTH_MAX - 1, text + 200000, &s),
	    JSCAN_DEEP);
}

/* Backslashes and quotes at every place of a block boundary. */
static void
escapes_are_right_at_block_boundaries(void)
{
	for (size_t pad = 0; pad < 140; pad++) {
		char text[512];
		size_t n;
		struct jscan s;

		n = (size_t)snprintf(text, sizeof(text),
		    "{\"%0*d\":\"\\\\\\\"}\\\\\",\"b\":[\"\\\"]\"]}",
		    (int)(pad + 1), 0);
		for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
			if (!jscan_force(ways[w]))
				continue;
			CHECK_INT(jscan_value(text, text + n, &s), JSCAN_DONE);
			CHECK_INT(s.end - text, n);
			CHECK_INT(s.n, 2);
			for (size_t cut = 1; cut < n; cut++)
				CHECK(jscan_value(text, text + cut, &s) !=
				    JSCAN_DONE);
		}
	}
	jscan_force(NULL);
}

UNIT_MAIN("jscan", { "values end where they end", values_end_where_they_end },
    { "members are given as written", members_are_given_as_written },
    { "escaped names are told", escaped_names_are_told },
    { "more members than fit are listed in turns",
	more_members_than_fit_are_listed_in_turns },
    { "depth is bounded", depth_is_bounded },
    { "escapes are right at block boundaries",
	escapes_are_right_at_block_boundaries })
