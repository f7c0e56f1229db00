/*
 * test_json.c - what is read, what is refused, what is mended.
 *
 * Runs over yyjson or jansson, whichever was compiled in: both must pass the
 * same table.
 */
#include "config.h"

#include "lib/buf.h"
#include "lib/json.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define TEXT(s)                    \
	{                          \
		(s), sizeof(s) - 1 \
	}

static struct json_reader reader;

static const struct json *
parse(const char *text)
{
	return json_parse(&reader, slice_str(text), NULL);
}

/* ---- accepted and refused ------------------------------------------------ */

static void
json_is_accepted_and_nothing_else(void)
{
	static const struct {
		struct slice text;
		bool accepted;
	} t[] = {
		{ TEXT("{}"), true },
		{ TEXT(" \t\r\n[ ] \n"), true },
		{ TEXT("null"), true },
		{ TEXT("\"text\""), true },
		{ TEXT("-0"), true },
		{ TEXT("1.5e-3"), true },
		{ TEXT("1E+2"), true },
		{ TEXT("1e-999"), true },
		{ TEXT("9223372036854775807"), true },
		{ TEXT("9223372036854775808"), true },
		{ TEXT("18446744073709551616"), true },
		{ TEXT("-9223372036854775809"), true },
		{ TEXT("{\"n\":123456789012345678901234567890}"), true },
		{ TEXT("{\"a\":1,\"a\":2}"), true },
		{ TEXT("{\"\":1}"), true },
		{ TEXT("[\"\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), true },
		{ TEXT("{\"\\u0000\":1}"), true },
		{ TEXT("\"\x7f\xc2\x80\xef\xbf\xbf\""), true },
		/* beyond RFC 8259 */
		{ TEXT("\"a\xff"
		       "b\""),
		    true },
		{ TEXT("\"\xed\xa0\x80\""), true },
		{ TEXT("\"\\ud800\""), true },
		{ TEXT("\"\\udc00\\ud800x\""), true },
		{ TEXT("\"a\nb\0c\""), true },
		{ TEXT("{\"k\xff\":\"\t\"}"), true },
		{ TEXT("{\"k\0\":1}"), true },
		/* no JSON */
		{ TEXT(""), false },
		{ TEXT("  "), false },
		{ TEXT("{"), false },
		{ TEXT("{}{}"), false },
		{ TEXT("{} x"), false },
		{ TEXT("[1,]"), false },
		{ TEXT("[,1]"), false },
		{ TEXT("{\"a\"}"), false },
		{ TEXT("{\"a\":1,}"), false },
		{ TEXT("{a:1}"), false },
		{ TEXT("{'a':1}"), false },
		{ TEXT("01"), false },
		{ TEXT("1."), false },
		{ TEXT(".5"), false },
		{ TEXT("+1"), false },
		{ TEXT("-"), false },
		{ TEXT("0x10"), false },
		{ TEXT("NaN"), false },
		{ TEXT("Infinity"), false },
		{ TEXT("1e999"), false },
		{ TEXT("True"), false },
		{ TEXT("nul"), false },
		{ TEXT("\"open"), false },
		{ TEXT("\"\\x41\""), false },
		{ TEXT("\"\\u12\""), false },
		{ TEXT("\"\\u12g4\""), false },
		{ TEXT("\"\\\n\""), false },
		{ TEXT("\"\\\xff\""), false },
		{ TEXT("[1] // no"), false },
		{ TEXT("/* no */ 1"), false },
		{ TEXT("\0"), false },
		{ TEXT("[1\0]"), false },
		{ TEXT("[\xff]"), false },
		{ TEXT("\xef\xbb\xbf{}"), false },
		{ TEXT("\x0c{}"), false },
		{ TEXT("{\"a\xff\":01}"), false },
	};
	struct err e;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct json *v = json_parse(&reader, t[i].text, &e);

		if ((v != NULL) != t[i].accepted)
			printf("\n    %.*s", SLICE_ARG(t[i].text));
		CHECK_INT(v != NULL, t[i].accepted);
		CHECK(v || e.text[0]);
	}
	CHECK(json_parse(&reader, SLICE_NULL, NULL) == NULL);
}

static void
a_refusal_tells_why_and_where(void)
{
	struct err e;

	CHECK(!json_parse(&reader, SLICE_LIT("{\"a\":tru}"), &e));
	CHECK(slice_find(slice_str(e.text), " at byte ") != NULL);
	CHECK(!json_parse(&reader, SLICE_LIT(""), &e));
	CHECK_TEXT(slice_str(e.text), "empty at byte 0");
	/* a mended copy has other places than the text */
	CHECK(!json_parse(&reader, SLICE_LIT("[\"\xff\", tru]"), &e));
	CHECK(slice_find(slice_str(e.text), " at byte ") == NULL);
}

/* ---- mending ------------------------------------------------------------- */

static void
broken_strings_are_mended(void)
{
	static const struct {
		struct slice text;
		struct slice want;
	} t[] = {
		{ TEXT("\"a\xff"
		       "b\""),
		    TEXT("a\xef\xbf\xbd"
			 "b") },
		{ TEXT("\"\xe2\x82\""), TEXT("\xef\xbf\xbd") },
		{ TEXT("\"\\ud83d\\ude00\""), TEXT("\xf0\x9f\x98\x80") },
		{ TEXT("\"\xff\\ud83d\\ude00\""),
		    TEXT("\xef\xbf\xbd\xf0\x9f\x98\x80") },
		{ TEXT("\"\\ud83dx\""), TEXT("\xef\xbf\xbdx") },
		{ TEXT("\"\\ud83d\\ud83d\\ude00\""),
		    TEXT("\xef\xbf\xbd\xf0\x9f\x98\x80") },
		{ TEXT("\"\\udE00\\n\""), TEXT("\xef\xbf\xbd\n") },
		{ TEXT("\"a\n\t\x01z\""), TEXT("a\n\t\x01z") },
		{ TEXT("\"a\0b\""), TEXT("a\0b") },
		{ TEXT("\"\\u0000\\\\\x1f\""), TEXT("\0\\\x1f") },
		{ TEXT("\"\\\"\x02\\\"\""), TEXT("\"\x02\"") },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct slice s = json_text(
		    json_parse(&reader, t[i].text, NULL));

		CHECK_INT(s.n, t[i].want.n);
		CHECK(slice_eq(s, t[i].want));
	}
}

static void
a_nul_in_a_name_hides_no_other_member(void)
{
	const struct json *v = parse(
	    "{\"a\\u0000b\":1,\"a\":2,\"c\":\"\x01\"}");
	int64_t n = 0;

	CHECK(json_int(json_get(v, "a"), &n));
	CHECK_INT(n, 2);
	CHECK_INT(json_count(v), 3);
	CHECK_TEXT(json_text(json_get(v, "c")), "\x01");
}

static void
big_numbers_beside_broken_strings_stay_numbers(void)
{
	const struct json *v = parse(
	    "[\"\xff\",9223372036854775807,-9223372036854775808,"
	    "9223372036854775808,1e2,20000000000000000000.5]");
	int64_t n = 0;

	CHECK_INT(json_count(v), 6);
	CHECK(json_int(json_at(v, 1), &n) && n == INT64_MAX);
	CHECK(json_int(json_at(v, 2), &n) && n == INT64_MIN);
	CHECK(!json_int(json_at(v, 3), &n));
	CHECK(json_real(json_at(v, 3)) == 9223372036854775808.0);
	CHECK(json_int(json_at(v, 4), &n) && n == 100);
	CHECK(json_real(json_at(v, 5)) == 2e19);
}

/* ---- depth --------------------------------------------------------------- */

static void
nest(struct buf *b, size_t depth, const char *open, const char *close)
{
	buf_reset(b);
	for (size_t i = 0; i < depth; i++)
		buf_adds(b, open);
	buf_adds(b, "[\"]]\\\"}}\"]");
	for (size_t i = 0; i < depth; i++)
		buf_adds(b, close);
}

static void
nesting_has_a_bound(void)
{
	static const struct {
		size_t depth;
		bool accepted;
	} t[] = {
		{ 10, true },
		{ JSON_DEPTH_MAX - 1, true }, /* the innermost is one more */
		{ JSON_DEPTH_MAX, false },
		{ 2047, false },
		{ 3000, false },
		{ 400000, false },
	};
	struct buf b = BUF_INIT;
	struct err e;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		nest(&b, t[i].depth, "[", "]");
		CHECK_INT(json_parse(&reader, buf_slice(&b), &e) != NULL,
		    t[i].accepted);
		if (!t[i].accepted)
			CHECK_TEXT(slice_str(e.text),
			    "nested deeper than 1024 levels");
		nest(&b, t[i].depth, "{\"a[\":", ",\"\":{}}");
		CHECK_INT(json_parse(&reader, buf_slice(&b), &e) != NULL,
		    t[i].accepted);
	}
	buf_reset(&b);
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "[{\"\":");
	CHECK(!json_parse(&reader, buf_slice(&b), &e));
	CHECK_TEXT(slice_str(e.text), "nested deeper than 1024 levels");
	/* wide is not deep */
	buf_reset(&b);
	for (int i = 0; i < 5000; i++)
		buf_adds(&b, i ? ",[]" : "[[]");
	buf_addc(&b, ']');
	CHECK_INT(json_count(json_parse(&reader, buf_slice(&b), &e)), 5000);
	buf_release(&b);
}

/* ---- looking at values --------------------------------------------------- */

static const char event[] =
    "{\"eventName\":\"AssumeRole\",\"readOnly\":true,\"error\":null,"
    "\"requestParameters\":{\"durationSeconds\":3600,"
    "\"policyArns\":[{\"arn\":\"first\"},{\"arn\":\"second\"}]},"
    "\"0\":\"zero\",\"f\":1.25,\"neg\":-7,\"empty\":\"\",\"off\":false}";

static void
types_are_told_apart(void)
{
	static const struct {
		const char *path;
		enum json_type type;
	} t[] = {
		{ "eventName", JSON_STRING },
		{ "readOnly", JSON_BOOL },
		{ "off", JSON_BOOL },
		{ "error", JSON_NULL_ },
		{ "requestParameters", JSON_OBJECT },
		{ "requestParameters.policyArns", JSON_ARRAY },
		{ "f", JSON_NUMBER },
		{ "neg", JSON_NUMBER },
		{ "nothing", JSON_ABSENT },
	};
	const struct json *v = parse(event);

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_INT(json_type(json_path(v, t[i].path)), t[i].type);
	CHECK_INT(json_type(v), JSON_OBJECT);
}

static void
paths_go_through_names_and_indexes(void)
{
	static const char *const t[][2] = {
		{ "eventName", "AssumeRole" },
		{ "requestParameters.policyArns.0.arn", "first" },
		{ "requestParameters.policyArns.1.arn", "second" },
		{ "requestParameters.policyArns.2.arn", NULL },
		{ "requestParameters.policyArns.-1.arn", NULL },
		{ "requestParameters.policyArns..arn", NULL },
		{ "requestParameters.policyArns.4294967296.arn", NULL },
		{ "requestParameters.policyArns.arn", NULL },
		{ "0", "zero" },
		{ "empty", "" },
		{ "eventName.x", NULL },
		{ "", NULL },
		{ "eventname", NULL },
	};
	const struct json *v = parse(event);

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_TEXT(json_text(json_path(v, t[i][0])), t[i][1]);
}

static void
numbers_are_whole_or_not(void)
{
	static const struct {
		const char *text;
		bool whole;
		int64_t n;
		double d;
	} t[] = {
		{ "0", true, 0, 0 },
		{ "-0", true, 0, 0 },
		{ "3600", true, 3600, 3600 },
		{ "-1", true, -1, -1 },
		{ "1.0", true, 1, 1 },
		{ "1e3", true, 1000, 1000 },
		{ "1.5", false, 0, 1.5 },
		{ "9223372036854775807", true, INT64_MAX, 0x1p63 },
		{ "-9223372036854775808", true, INT64_MIN, -0x1p63 },
		{ "9223372036854775808", false, 0, 0x1p63 },
		{ "1e19", false, 0, 1e19 },
		{ "18446744073709551615", false, 0, 0x1p64 },
		{ "\"1\"", false, 0, 0 },
		{ "true", false, 0, 0 },
		{ "[1]", false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct json *v = parse(t[i].text);
		int64_t n = -99;

		CHECK(v != NULL);
		CHECK_INT(json_int(v, &n), t[i].whole);
		CHECK_INT(n, t[i].whole ? t[i].n : -99);
		CHECK(json_real(v) == t[i].d);
	}
}

static void
only_true_is_true(void)
{
	CHECK(json_true(parse("true")));
	CHECK(!json_true(parse("false")));
	CHECK(!json_true(parse("1")));
	CHECK(!json_true(parse("\"true\"")));
	CHECK(!json_true(NULL));
}

static void
the_last_member_of_a_name_counts(void)
{
	const struct json *v = parse(
	    "{\"a\":\"1\",\"b\":{\"x\":{}},\"a\":\"2\",\"a\":\"3\"}");

	CHECK_TEXT(json_text(json_get(v, "a")), "3");
	CHECK_INT(json_type(json_get(v, "b")), JSON_OBJECT);
}

static void
a_walk_gives_everything_in_order(void)
{
	static const char *const names[] = { "eventName", "readOnly", "error",
		"requestParameters", "0", "f", "neg", "empty", "off" };
	const struct json *v = parse(event), *child;
	struct json_iter at = { 0 };
	struct slice name;
	size_t n = 0;

	while ((child = json_next(v, &at, &name))) {
		REQUIRE(n < sizeof(names) / sizeof(names[0]));
		CHECK_TEXT(name, names[n]);
		CHECK(child == json_get(v, names[n]));
		n++;
	}
	CHECK_INT(n, json_count(v));
	CHECK(json_next(v, &at, &name) == NULL);

	v = parse("[[1,[2]],{\"k\":[3]},4]");
	at = (struct json_iter){ 0 };
	for (n = 0; (child = json_next(v, &at, n % 2 ? &name : NULL)); n++) {
		CHECK(child == json_at(v, n));
		CHECK(n % 2 == 0 || name.p == NULL);
	}
	CHECK_INT(n, 3);
	at = (struct json_iter){ 0 };
	CHECK(json_next(json_at(v, 2), &at, &name) == NULL);
	v = parse("{}");
	at = (struct json_iter){ 0 };
	CHECK(json_next(v, &at, &name) == NULL);
}

static void
long_names_are_found(void)
{
	struct buf b = BUF_INIT;
	struct slice name;

	for (size_t n = 120; n <= 300; n += 30) {
		buf_reset(&b);
		buf_adds(&b, "{\"");
		for (size_t i = 0; i < n; i++)
			buf_addc(&b, 'n');
		buf_adds(&b, "\":\"here\"}");
		name = slice_of(b.p + 2, n);
		CHECK_TEXT(json_text(json_get_n(
			       json_parse(&reader, buf_slice(&b), NULL), name)),
		    "here");
	}
	buf_release(&b);
}

static void
nothing_is_a_good_argument(void)
{
	struct json_iter at = { 0 };
	struct slice name = SLICE_LIT("x");
	int64_t n;

	CHECK_INT(json_type(NULL), JSON_ABSENT);
	CHECK(json_get(NULL, "a") == NULL);
	CHECK(json_get(parse("{\"a\":1}"), NULL) == NULL);
	CHECK(json_get_n(parse("{\"\":1}"), SLICE_NULL) == NULL);
	CHECK(json_get_n(parse("{\"\":1}"), SLICE_LIT("")) != NULL);
	CHECK(json_get_n(parse("{\"a\":1}"), SLICE_LIT("a\0")) == NULL);
	CHECK(json_path(NULL, "a.b") == NULL);
	CHECK(json_text(NULL).p == NULL);
	CHECK(!json_int(NULL, &n));
	CHECK(json_real(NULL) == 0);
	CHECK_INT(json_count(NULL), 0);
	CHECK_INT(json_count(parse("\"text\"")), 0);
	CHECK(json_next(NULL, &at, &name) == NULL);
	CHECK(name.p == NULL);
	CHECK(json_at(NULL, 0) == NULL);
	CHECK(json_at(parse("{\"a\":1}"), 0) == NULL);
}

/* ---- memory -------------------------------------------------------------- */

static void
texts_of_every_size_are_read_in_turn(void)
{
	static const size_t sizes[] = { 10, 300000, 5, 4000, 2000000, 60000 };
	struct buf b = BUF_INIT;
	struct json_reader r;
	const struct json *v;

	json_reader_init(&r);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_reset(&b);
		while (b.n < sizes[i])
			buf_adds(&b, b.n ? ",\"e\xc3\xa9\\n\",[]" : "[0,1");
		buf_adds(&b, ",\"end\xff\"]");
		v = json_parse(&r, buf_slice(&b), NULL);
		CHECK_TEXT(json_text(json_at(v, json_count(v) - 1)),
		    "end\xef\xbf\xbd");
	}
	json_reader_release(&r);
	json_reader_release(&r);
	buf_release(&b);
}

static void
the_backend_has_a_name(void)
{
#ifdef HAVE_YYJSON
	CHECK(slice_starts(slice_str(json_backend()), "yyjson "));
#else
	CHECK(slice_starts(slice_str(json_backend()), "jansson "));
#endif
	json_reader_release(&reader);
}

UNIT_MAIN("json",
    { "JSON is accepted and nothing else", json_is_accepted_and_nothing_else },
    { "a refusal tells why and where", a_refusal_tells_why_and_where },
    { "broken strings are mended", broken_strings_are_mended },
    { "a NUL in a name hides no other member",
	a_nul_in_a_name_hides_no_other_member },
    { "big numbers beside broken strings stay numbers",
	big_numbers_beside_broken_strings_stay_numbers },
    { "nesting has a bound", nesting_has_a_bound },
    { "types are told apart", types_are_told_apart },
    { "paths go through names and indexes",
	paths_go_through_names_and_indexes },
    { "numbers are whole or not", numbers_are_whole_or_not },
    { "only true is true", only_true_is_true },
    { "the last member of a name counts", the_last_member_of_a_name_counts },
    { "a walk gives everything in order", a_walk_gives_everything_in_order },
    { "long names are found", long_names_are_found },
    { "nothing is a good argument", nothing_is_a_good_argument },
    { "texts of every size are read in turn",
	texts_of_every_size_are_read_in_turn },
    { "the backend has a name", the_backend_has_a_name })
