/*
 * test_utf8.c - what is a code point, and how much is wrong where none is.
 */
#include "lib/utf8.h"
#include "tests/unit/unit.h"

struct point {
	const char *bytes;
	size_t n;
	uint32_t cp;
	size_t len;
	bool ok;
};

static void
check_points(const struct point *t, size_t n)
{
	for (size_t i = 0; i < n; i++, t++) {
		size_t len;
		bool ok;

		CHECK_INT(
		    utf8_next(t->bytes, t->bytes + t->n, &len, &ok), t->cp);
		CHECK_INT(len, t->len);
		CHECK_INT(ok, t->ok);
		CHECK_INT(utf8_valid(slice_of(t->bytes, t->n)),
		    t->ok && t->len == t->n);
	}
}

static void
shortest_forms_are_code_points(void)
{
	static const struct point t[] = {
		{ "\0", 1, 0, 1, true },
		{ "A", 1, 'A', 1, true },
		{ "\x7f", 1, 0x7f, 1, true },
		{ "\xc2\x80", 2, 0x80, 2, true },
		{ "\xdf\xbf", 2, 0x7ff, 2, true },
		{ "\xe0\xa0\x80", 3, 0x800, 3, true },
		{ "\xed\x9f\xbf", 3, 0xd7ff, 3, true },
		{ "\xee\x80\x80", 3, 0xe000, 3, true },
		{ "\xef\xbf\xbf", 3, 0xffff, 3, true },
		{ "\xf0\x90\x80\x80", 4, 0x10000, 4, true },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff, 4, true },
	};

	check_points(t, sizeof(t) / sizeof(t[0]));
}

static void
wrong_bytes_are_passed_by_their_longest_wrong_prefix(void)
{
	static const struct point t[] = {
		{ "\x80", 1, UTF8_BAD, 1, false },
		{ "\xff", 1, UTF8_BAD, 1, false },
		{ "\xc0\x80", 2, UTF8_BAD, 1, false },         /* overlong */
		{ "\xc1\xbf", 2, UTF8_BAD, 1, false },         /* overlong */
		{ "\xe0\x9f\xbf", 3, UTF8_BAD, 1, false },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", 4, UTF8_BAD, 1, false }, /* overlong */
		{ "\xed\xa0\x80", 3, UTF8_BAD, 1, false },     /* surrogate */
		{ "\xf4\x90\x80\x80", 4, UTF8_BAD, 1, false }, /* too high */
		{ "\xf5\x80\x80\x80", 4, UTF8_BAD, 1, false },
		{ "\xe2\x80", 2, UTF8_BAD, 2, false }, /* cut off */
		{ "\xe2\x80z", 3, UTF8_BAD, 2, false },
		{ "\xf0\x9f\x98", 3, UTF8_BAD, 3, false },
		{ "\xf0\x9f\xf0\x9f", 4, UTF8_BAD, 2, false },
		{ "\xc3", 1, UTF8_BAD, 1, false },
	};

	check_points(t, sizeof(t) / sizeof(t[0]));
}

static void
every_code_point_is_read_as_it_was_written(void)
{
	struct buf b = BUF_INIT;

	for (uint32_t cp = 0; cp <= 0x10ffff; cp += cp < 0x3000 ? 1 : 61) {
		size_t len;
		bool ok;

		buf_reset(&b);
		utf8_add(&b, cp);
		if (cp >= 0xd800 && cp <= 0xdfff) {
			CHECK_TEXT(buf_slice(&b), "\xef\xbf\xbd");
			continue;
		}
		if (utf8_next(b.p, b.p + b.n, &len, &ok) != cp || !ok ||
		    len != b.n)
			CHECK_INT(cp, -1);
	}
	buf_reset(&b);
	utf8_add(&b, 0x110000);
	CHECK_TEXT(buf_slice(&b), "\xef\xbf\xbd");
	buf_release(&b);
}

static void
nothing_and_absent_are_valid(void)
{
	CHECK(utf8_valid(SLICE_NULL));
	CHECK(utf8_valid(SLICE_LIT("")));
	CHECK(utf8_valid(SLICE_LIT("gr\xc3\xbc\xc3\x9f dich")));
	CHECK(!utf8_valid(SLICE_LIT("gr\xfc\xdf dich")));
}

static void
controls_are_what_a_terminal_obeys(void)
{
	static const uint32_t yes[] = { 0, 7, 0x0a, 0x1b, 0x1f, 0x7f, 0x80,
		0x9b, 0x9f, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a,
		0x202e, 0x2066, 0x2069 };
	static const uint32_t no[] = { ' ', '~', 0xa0, 0xad, 0x200b, 0x200d,
		0x2027, 0x202f, 0x2065, 0x206a, 0xfffd, 0x1f600 };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		CHECK(utf8_is_control(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		CHECK(!utf8_is_control(no[i]));
}

static void
a_cut_never_falls_into_a_code_point(void)
{
	static const struct {
		const char *text;
		size_t max;
		const char *want;
	} t[] = {
		{ "abc", 3, "abc" },
		{ "abc", 9, "abc" },
		{ "abc", 2, "ab" },
		{ "abc", 0, "" },
		{ "a\xc3\xbc", 2, "a" },
		{ "a\xc3\xbc", 3, "a\xc3\xbc" },
		{ "\xf0\x9f\x98\x80", 3, "" },
		{ "x\xf0\x9f\x98\x80y", 5, "x\xf0\x9f\x98\x80" },
		{ "x\xf0\x9f\x98\x80y", 4, "x" },
		/* what is no UTF-8 is cut where it must be */
		{ "\x80\x80\x80\x80\x80", 4, "\x80\x80\x80\x80" },
		{ "a\xc3\xbc\xbc", 3, "a\xc3\xbc" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_TEXT(utf8_cut(slice_str(t[i].text), t[i].max), t[i].want);
	CHECK_TEXT(utf8_cut(SLICE_NULL, 3), NULL);
}

UNIT_MAIN("utf8",
    { "shortest forms are code points", shortest_forms_are_code_points },
    { "wrong bytes are passed by their longest wrong prefix",
	wrong_bytes_are_passed_by_their_longest_wrong_prefix },
    { "every code point is read as it was written",
	every_code_point_is_read_as_it_was_written },
    { "nothing and absent are valid", nothing_and_absent_are_valid },
    { "controls are what a terminal obeys",
	controls_are_what_a_terminal_obeys },
    { "a cut never falls into a code point",
	a_cut_never_falls_into_a_code_point })
