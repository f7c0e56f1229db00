/*
 * test_jsonw.c - commas, escapes, numbers; what may never be written raw.
 */
#include "lib/jsonw.h"
#include "lib/utf8.h"
#include "tests/unit/unit.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void
commas_stand_between_and_nowhere_else(void)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_member(&w, "a", SLICE_LIT("x"));
	jsonw_member(&w, "none", SLICE_NULL);
	jsonw_member_str(&w, "s", "y");
	jsonw_member_int(&w, "min", INT64_MIN);
	jsonw_key(&w, "list");
	jsonw_array(&w);
	jsonw_int(&w, 1);
	jsonw_bool(&w, true);
	jsonw_bool(&w, false);
	jsonw_null(&w);
	jsonw_str(&w, NULL);
	jsonw_raw(&w, SLICE_LIT("{\"r\":1}"));
	jsonw_object(&w);
	jsonw_end(&w);
	jsonw_array(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_key(&w, "e\"");
	jsonw_fixed(&w, 1.5, 1);
	jsonw_end(&w);
	CHECK(!b.failed);
	CHECK_TEXT(buf_slice(&b),
	    "{\"a\":\"x\",\"none\":null,\"s\":\"y\","
	    "\"min\":-9223372036854775808,"
	    "\"list\":[1,true,false,null,null,{\"r\":1},{},[]],"
	    "\"e\\\"\":1.5}");
	buf_release(&b);
}

static void
a_line_is_a_value_at_the_top(void)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	for (int i = 0; i < 2; i++) {
		jsonw_init(&w, &b);
		jsonw_array(&w);
		jsonw_end(&w);
		buf_addc(&b, '\n');
	}
	CHECK_TEXT(buf_slice(&b), "[]\n[]\n");
	buf_release(&b);
}

static void
what_a_terminal_obeys_is_escaped(void)
{
	static const struct {
		struct slice text;
		const char *want;
	} t[] = {
		{ { "", 0 }, "" },
		{ { "plain text, longer than eight", 29 },
		    "plain text, longer than eight" },
		{ { "\"\\\b\f\n\r\t/", 8 }, "\\\"\\\\\\b\\f\\n\\r\\t/" },
		{ { "a\0b", 3 }, "a\\u0000b" },
		{ { "\x1b[31m", 5 }, "\\u001b[31m" },
		{ { "\x7f", 1 }, "\\u007f" },
		{ { "\xc2\x85\xc2\x9f\xc2\xa0", 6 }, "\\u0085\\u009f\xc2\xa0" },
		{ { "\xe2\x80\xa8\xe2\x80\xa9", 6 }, "\\u2028\\u2029" },
		{ { "\xe2\x80\xaetxt\xe2\x81\xa6", 9 }, "\\u202etxt\\u2066" },
		{ { "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 11 },
		    "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80" },
		{ { "\xff", 1 }, "\xef\xbf\xbd" },
		{ { "a\xe2\x80", 3 }, "a\xef\xbf\xbd" },
		{ { "12345678\"", 9 }, "12345678\\\"" },
		{ { "1234567\xff", 8 }, "1234567\xef\xbf\xbd" },
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_reset(&b);
		jsonw_escape(&b, t[i].text);
		buf_addc(&b, '.');
		CHECK(slice_starts(buf_slice(&b), t[i].want));
		CHECK_INT(b.n, strlen(t[i].want) + 1);
	}
	buf_release(&b);
}

/* The eight-at-once way must see each byte at each place. */
static void
every_byte_at_every_place_is_treated_alike(void)
{
	struct buf alone = BUF_INIT, among = BUF_INIT;

	for (int c = 0; c < 256; c++) {
		char one = (char)c;

		buf_reset(&alone);
		jsonw_escape(&alone, slice_of(&one, 1));
		for (size_t at = 0; at < 24; at++) {
			char text[24], want[24 + 6];

			memset(text, at % 2 ? 'x' : ' ', sizeof(text));
			memset(want, text[0], sizeof(want));
			text[at] = one;
			memcpy(want + at, alone.p, alone.n);
			buf_reset(&among);
			jsonw_escape(&among, slice_of(text, sizeof(text)));
			CHECK_INT(among.n, sizeof(text) - 1 + alone.n);
			CHECK(memcmp(among.p, want, among.n) == 0);
		}
	}
	buf_release(&alone);
	buf_release(&among);
}

static void
numbers_have_a_point_whatever_the_locale(void)
{
	static const struct {
		double v;
		unsigned digits;
		const char *want;
	} t[] = {
		{ 0, 0, "0" },
		{ 3.14159, 2, "3.14" },
		{ -2.5, 3, "-2.500" },
		{ 100, 1, "100.0" },
		{ -0.0, 1, "0.0" },
		{ -0.04, 1, "0.0" },
		{ 1e-9, 6, "0.000000" },
		{ 1234567.125, 99, "1234567.125000" },
		{ NAN, 2, "null" },
		{ INFINITY, 2, "null" },
		{ -INFINITY, 2, "null" },
	};
	struct buf b = BUF_INIT;
	struct jsonw w;

	setlocale(LC_NUMERIC, "de_DE.UTF-8"); /* where there is one */
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_reset(&b);
		jsonw_init(&w, &b);
		jsonw_fixed(&w, t[i].v, t[i].digits);
		CHECK_TEXT(buf_slice(&b), t[i].want);
	}
	buf_reset(&b);
	jsonw_init(&w, &b);
	jsonw_fixed(&w, -DBL_MAX, 6);
	CHECK_INT(b.n, 1 + 309 + 7);
	setlocale(LC_NUMERIC, "C");
	buf_release(&b);
}

/* Ties, neighbours of ties, and what lies between, as printf rounds them. */
static void
numbers_are_rounded_as_printf_does(void)
{
	struct buf b = BUF_INIT;
	struct jsonw w;
	char want[64];

	for (int i = -40000; i <= 40000; i++) {
		double tie = i * 0.025,
		       v[] = { tie, nextafter(tie, -1e300),
			       nextafter(tie, 1e300), i / 7.0, i * 99999.975 };

		for (size_t k = 0; k < sizeof(v) / sizeof(v[0]); k++) {
			unsigned digits = (unsigned)(i & 3);

			buf_reset(&b);
			jsonw_init(&w, &b);
			jsonw_fixed(&w, v[k], digits);
			snprintf(want, sizeof(want), "%.*f", (int)digits, v[k]);
			if (strtod(want, NULL) == 0 && want[0] == '-')
				memmove(want, want + 1, strlen(want));
			CHECK_TEXT(buf_slice(&b), want);
		}
	}
	buf_release(&b);
}

static void
too_deep_or_unbalanced_fails_and_hurts_nobody(void)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	for (int i = 0; i < JSONW_DEPTH; i++)
		jsonw_array(&w);
	CHECK(!b.failed);
	for (int i = 0; i < 10; i++)
		jsonw_object(&w);
	jsonw_int(&w, 1);
	CHECK(b.failed);
	for (int i = 0; i < JSONW_DEPTH + 10; i++)
		jsonw_end(&w);
	CHECK_INT(w.depth, 0);
	buf_reset(&b);
	jsonw_end(&w);
	CHECK(b.failed);
	buf_release(&b);
}

UNIT_MAIN("jsonw",
    { "commas stand between and nowhere else",
	commas_stand_between_and_nowhere_else },
    { "a line is a value at the top", a_line_is_a_value_at_the_top },
    { "what a terminal obeys is escaped", what_a_terminal_obeys_is_escaped },
    { "every byte at every place is treated alike",
	every_byte_at_every_place_is_treated_alike },
    { "numbers have a point whatever the locale",
	numbers_have_a_point_whatever_the_locale },
    { "numbers are rounded as printf does",
	numbers_are_rounded_as_printf_does },
    { "too deep or unbalanced fails and hurts nobody",
	too_deep_or_unbalanced_fails_and_hurts_nobody })
