/*
 * test_digest.c - a record written again, and its hash.
 */
#include "events/digest.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
the_same_bytes_come_of_the_same_record(void)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{ " { \"a\" : [ 1 , 2 ] , \"b\" : { } } ",
		    "{\"a\":[1,2],\"b\":{}}" },
		{ "[]", "[]" },
		{ "[[],{},[[]]]", "[[],{},[[]]]" },
		{ "\"x\"", "\"x\"" },
		{ "[true,false,null]", "[true,false,null]" },
		{ "[-0,1.50,1E+2,0.1e-7,100]", "[-0,1.50,1E+2,0.1e-7,100]" },
		{ "\"\\u0041\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
		    "\"A/\\b\\f\\n\\r\\t\\\"\\\\\"" },
		{ "\"\\u001F\\u0000\\u007f\"", "\"\\u001f\\u0000\x7f\"" },
		{ "\"\x01\t\n\"", "\"\\u0001\\t\\n\"" },
		{ "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
		{ "\"\\uD83D\"", "\"\\ud83d\"" },
		{ "\"\\uDE00x\\uD83Dy\"", "\"\\ude00x\\ud83dy\"" },
		{ "\"\\ud83d\\ud83d\\ude00\"", "\"\\ud83d\xf0\x9f\x98\x80\"" },
		{ "\"\\u2028\\u00e9\"", "\"\xe2\x80\xa8\xc3\xa9\"" },
		{ "\"a\xff\x62\"", "\"a\xef\xbf\xbd\x62\"" },
		{ "\"\xe2\x82\"", "\"\xef\xbf\xbd\"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = BUF_INIT;

		CHECK_INT(digest_canonical(slice_str(rows[i].json), &b), 0);
		CHECK_TEXT(buf_slice(&b), rows[i].want);
		buf_release(&b);
	}
}

static void
of_a_name_that_repeats_first_place_and_last_value_count(void)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{ "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}" },
		{ "{\"a\":1,\"a\":2,\"a\":[3,4]}", "{\"a\":[3,4]}" },
		{ "{\"a\":{\"x\":1,\"x\":2},\"b\":0,\"a\":{\"y\":1,\"y\":7}}",
		    "{\"a\":{\"y\":7},\"b\":0}" },
		{ "{\"a\":1,\"\\u0061\":2}", "{\"a\":2}" },
		{ "{\"\":1,\"\":2}", "{\"\":2}" },
		{ "{\"a\":1,\"aa\":2,\"a\\\"\":3,\"aa\":4}",
		    "{\"a\":1,\"aa\":4,\"a\\\"\":3}" },
		{ "{\"b\":1,\"a\":2,\"b\":3,\"a\":4}", "{\"b\":3,\"a\":4}" },
		{ "[{\"a\":1,\"a\":2},{\"a\":1}]", "[{\"a\":2},{\"a\":1}]" },
		{ "{\"o\":{\"a\":1,\"a\":2},\"p\":{\"a\":5}}",
		    "{\"o\":{\"a\":2},\"p\":{\"a\":5}}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = BUF_INIT;

		CHECK_INT(digest_canonical(slice_str(rows[i].json), &b), 0);
		CHECK_TEXT(buf_slice(&b), rows[i].want);
		buf_release(&b);
	}
}

static void
what_is_no_json_is_refused(void)
{
	static const char *const rows[] = { "", " ", "{", "[", "{]", "[}",
		"{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "[1 2]",
		"{1:2}", "{\"a\":1 \"b\":2}", "01", "-", "1.", "1e", ".5", "+1",
		"tru", "nulls", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
		"\"\\ud800\\u00\"", "\"\\", "1 1", "{}{}", "\xff" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = BUF_INIT;
		size_t n = strlen(rows[i]);
		char *exact = malloc(n ? n : 1);

		REQUIRE(exact != NULL);
		memcpy(exact, rows[i], n);
		buf_adds(&b, "before");
		CHECK_INT(digest_canonical(slice_of(exact, n), &b), ST_EFORMAT);
		CHECK_TEXT(buf_slice(&b), "before");
		buf_release(&b);
		free(exact);
	}
	CHECK_INT(
	    digest_canonical(SLICE_NULL, &(struct buf)BUF_INIT), ST_EFORMAT);
}

static void
depth_is_bounded(void)
{
	struct buf deep = BUF_INIT, out = BUF_INIT;

	for (int i = 0; i < 1024; i++)
		buf_addc(&deep, '[');
	for (int i = 0; i < 1024; i++)
		buf_addc(&deep, ']');
	CHECK_INT(digest_canonical(buf_slice(&deep), &out), 0);
	CHECK_INT(out.n, 2048);
	buf_reset(&deep);
	for (int i = 0; i < 1025; i++)
		buf_addc(&deep, '[');
	for (int i = 0; i < 1025; i++)
		buf_addc(&deep, ']');
	CHECK_INT(digest_canonical(buf_slice(&deep), &out), ST_EFORMAT);
	buf_release(&deep);
	buf_release(&out);
}

static void
many_members_are_settled_quickly(void)
{
	struct buf in = BUF_INIT, out = BUF_INIT;

	buf_addc(&in, '{');
	for (int i = 0; i < 40000; i++)
		buf_addf(&in, "%s\"k%d\":%d", i ? "," : "", i % 20000, i);
	buf_addc(&in, '}');
	CHECK_INT(digest_canonical(buf_slice(&in), &out), 0);
	CHECK(slice_starts(buf_slice(&out), "{\"k0\":20000,\"k1\":20001,"));
	CHECK(slice_ends(buf_slice(&out), ",\"k19999\":39999}"));
	buf_release(&in);
	buf_release(&out);
}

static void
the_id_is_the_hash_of_the_canonical_bytes(void)
{
	static const char vector[] =
	    "{ \"b\" : 1.50, \"a\" : [ \"\\u00e9\\/\\u2028\\n\\u001f"
	    "\\ud83d\\ude00\" , true , null ] }";
	char id[DIGEST_ID_SIZE], again[DIGEST_ID_SIZE];

	digest_id(slice_str(vector), id);
	CHECK_TEXT(slice_str(id),
	    "sha256:348f92e3d4c656b83d248bcb6bf0e5f8760fa62c3e99c78b62b6c0bf"
	    "8fdb16a7");
	digest_id(SLICE_LIT("{\"b\":1.50,\"a\":[\"\xc3\xa9/\xe2\x80\xa8\\n"
			    "\\u001F\xf0\x9f\x98\x80\",true,null]}"),
	    again);
	CHECK_TEXT(slice_str(again), id);
	digest_id(SLICE_LIT("no JSON"), id);
	digest_id(SLICE_LIT("no  JSON"), again);
	CHECK(strcmp(id, again) != 0);
	CHECK_INT(strlen(id), 71);
}

UNIT_MAIN("digest",
    { "the same bytes come of the same record",
	the_same_bytes_come_of_the_same_record },
    { "of a name that repeats first place and last value count",
	of_a_name_that_repeats_first_place_and_last_value_count },
    { "what is no JSON is refused", what_is_no_json_is_refused },
    { "depth is bounded", depth_is_bounded },
    { "many members are settled quickly", many_members_are_settled_quickly },
    { "the id is the hash of the canonical bytes",
	the_id_is_the_hash_of_the_canonical_bytes })
