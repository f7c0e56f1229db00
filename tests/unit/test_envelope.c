/*
 * test_envelope.c - what stands before a body, what a string says, base64.
 */
#include "events/envelope.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* In a copy of its exact size, so that a read behind it shows. */
static char *
exact(struct slice text)
{
	char *copy = malloc(text.n ? text.n : 1);

	if (!copy)
		abort();
	if (text.n)
		memcpy(copy, text.p, text.n);
	return copy;
}

/* Where the body begins; -1 for nowhere. */
static int
body_at(struct slice text)
{
	char *copy = exact(text);
	const char *p = envelope_body(slice_of(copy, text.n), copy);
	int at = p ? (int)(p - copy) : -1;

	free(copy);
	return at;
}

static void
the_body_stands_behind_any_header(void)
{
	static const char *const rows[] = {
		"{\"a\":1}",
		"[{\"a\":1}]",
		"[[1]]",
		"{}",
		"[]",
		"{ \"a\" : 1}",
		"\xef\xbb\xbf{\"a\":1}",
		"<13>{\"a\":1}",
		"<133>Mar  1 08:00:00 vm cloudtrail: {\"a\":1}",
		"Mar  1 08:00:00 vm cloudtrail[4242]: {\"a\":1}",
		"<165>1 2026-03-01T08:00:00Z vm app 17 ID1 - {\"a\":1}",
		"<165>1 2026-03-01T08:00:00Z vm app - - - \xef\xbb\xbf{\"a\":1}",
		"<165>1 2026-03-01T08:00:00Z vm app - - [x@1 k=\"v\"] {\"a\":1}",
		("<165>1 2026-03-01T08:00:00Z vm app - - [x@1 k=\"]\\\"{\\\"\"]"
		 "[y@2] {\"a\":1}"),
		"<13>Mar  1 08:00:00 vm app: @cee: {\"a\":1}",
		"<13>Mar  1 08:00:00 vm app: @cee:{\"a\":1}",
		"2026-03-01T08:00:00Z {name} [4242] (x) {\"a\":1}",
		"[2026-03-01 08:00:00] {\"a\":1}",
		"{not json} {\"a\":1}",
		"<192>x {\"a\":1}",
		"<>x {\"a\":1}",
		"<-1>x {\"a\":1}",
		"<4294967296>x {\"a\":1}",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice row = slice_str(rows[i]);
		const char *want = strstr(rows[i], "{\"a\":1}");

		if (!want)
			want = strstr(rows[i], rows[i][0] == '{' ? "{" : "[");
		else if (want > rows[i] && want[-1] == '[')
			want--;
		CHECK_INT(body_at(row), want - rows[i]);
	}
}

static void
a_line_without_a_body_has_none(void)
{
	static const char *const rows[] = { "", " ", "hello", "<13>", "<13",
		"<", "tag[4242]: started", "{name}", "[x]", "<165>1 " };

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_INT(body_at(slice_str(rows[i])), -1);
	CHECK_INT(body_at(SLICE_LIT("a\0b{\"a\":1}")), 3);
}

/* Headers cut at every byte: nothing is read behind the end. */
static void
a_header_may_end_anywhere(void)
{
	static const char *const rows[] = {
		"<165>1 2026-03-01T08:00:00Z vm app 17 ID1 "
		"[x@1 k=\"v\\\"]\"][y] \xef\xbb\xbf{\"a\":[1,\"x\"]}",
		"\xef\xbb\xbf<13>Mar  1 08:00:00 vm app[1]: @cee: {\"a\":1}",
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n <= strlen(rows[i]); n++) {
			const char *json = strstr(rows[i], "{\"a");
			int at = body_at(slice_of(rows[i], n));

			CHECK(at == -1 || at < (int)n);
			if (n > (size_t)(json - rows[i]))
				CHECK_INT(at, json - rows[i]);
		}
}

static void
the_search_goes_on_behind_a_miss(void)
{
	static const char line[] = "x {\"a\" {\"b\":1}";
	struct slice s = slice_str(line);
	const char *first = envelope_body(s, line);

	REQUIRE(first == line + 2);
	CHECK(envelope_body(s, first + 1) == line + 7);
	CHECK(envelope_body(s, line + 8) == NULL);
	CHECK(envelope_body(s, line + s.n) == NULL);
}

static void
escapes_are_undone(void)
{
	static const struct {
		struct slice string;
		struct slice want;
	} rows[] = {
		{ SLICE_LIT("\"\""), SLICE_LIT("") },
		{ SLICE_LIT("\"abc\""), SLICE_LIT("abc") },
		{ SLICE_LIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
		    SLICE_LIT("\"\\/\b\f\n\r\t") },
		{ SLICE_LIT("\"\\u0041\\u00e9\\u20AC\""),
		    SLICE_LIT("A\xc3\xa9\xe2\x82\xac") },
		{ SLICE_LIT("\"\\ud83d\\ude00\""),
		    SLICE_LIT("\xf0\x9f\x98\x80") },
		{ SLICE_LIT("\"a\\u0000b\""), SLICE_LIT("a\0b") },
		{ SLICE_LIT("\"\\ud83d\""), SLICE_LIT("\xef\xbf\xbd") },
		{ SLICE_LIT("\"\\ud83dx\""), SLICE_LIT("\xef\xbf\xbdx") },
		{ SLICE_LIT("\"\\ude00\\ud83d\\u0041\""),
		    SLICE_LIT("\xef\xbf\xbd\xef\xbf\xbd"
			      "A") },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *copy = exact(rows[i].string);
		struct buf out = BUF_INIT;

		CHECK(
		    envelope_unescape(slice_of(copy, rows[i].string.n), &out));
		CHECK(slice_eq(buf_slice(&out), rows[i].want));
		buf_release(&out);
		free(copy);
	}
}

static void
what_is_no_string_is_refused(void)
{
	static const char *const rows[] = { "", "\"", "a\"", "\"a", "abc",
		"\"\\\"", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"",
		"\"\\ud83d\\u12\"" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *copy = exact(slice_str(rows[i]));
		struct buf out = BUF_INIT;

		CHECK(
		    !envelope_unescape(slice_of(copy, strlen(rows[i])), &out));
		buf_release(&out);
		free(copy);
	}
}

static void
base64_is_told_by_what_it_would_be(void)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "eyJhIjoxfQ==", true }, /* {"a":1} */
		{ "eyJhIjoxfQ", true },   /* without its padding */
		{ "e30=", true },         /* {} */
		{ "W10=", true },         /* [] */
		{ "H4sIAAAAAAAA", true }, /* gzip */
		{ "KLUv/SAA", true },     /* zstd */
		{ "KLUv_SAA", true },     /* in the other alphabet */
		{ "eyJh\nIjox\r\nfQ==", true },
		{ "PDEzPg==", true },  /* <13> */
		{ "Cnt9", true },      /* LF and {} */
		{ "aGVsbG8=", false }, /* hello */
		{ "eyJ", false },
		{ "", false },
		{ "{\"a\":1}", false },
		{ "eyJhIjoxfQ== x!", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *copy = exact(slice_str(rows[i].text));

		CHECK(envelope_is_base64(
			  slice_of(copy, strlen(rows[i].text))) == rows[i].is);
		free(copy);
	}
}

static void
base64_is_decoded_with_and_without_padding(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "YQ==", "a" },
		{ "YQ", "a" },
		{ "YWI=", "ab" },
		{ "YWI", "ab" },
		{ "YWJj", "abc" },
		{ "YW\r\nJj\n", "abc" },
		{ "_-_-", "\xff\xef\xfe" },
		{ "/+/+", "\xff\xef\xfe" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT;

		buf_adds(&out, ">");
		CHECK(envelope_base64(slice_str(rows[i].text), &out));
		CHECK(slice_is(slice_of(out.p + 1, out.n - 1), rows[i].want));
		buf_release(&out);
	}
}

static void
what_is_no_base64_is_refused(void)
{
	static const char *const rows[] = { "Y", "YWJjY", "Y!==", "YW\x80j",
		"{\"a\":1}" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT;

		CHECK(!envelope_base64(slice_str(rows[i]), &out));
		buf_release(&out);
	}
}

UNIT_MAIN("envelope",
    { "the body stands behind any header", the_body_stands_behind_any_header },
    { "a line without a body has none", a_line_without_a_body_has_none },
    { "a header may end anywhere", a_header_may_end_anywhere },
    { "the search goes on behind a miss", the_search_goes_on_behind_a_miss },
    { "escapes are undone", escapes_are_undone },
    { "what is no string is refused", what_is_no_string_is_refused },
    { "base64 is told by what it would be",
	base64_is_told_by_what_it_would_be },
    { "base64 is decoded with and without padding",
	base64_is_decoded_with_and_without_padding },
    { "what is no base64 is refused", what_is_no_base64_is_refused })
