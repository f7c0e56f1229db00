/*
 * json_repair.c - make of a text that is nearly JSON one that is.
 *
 * Knows strings and numbers, not the grammar around them: whether the copy is
 * JSON is for the backend to say.  Only texts that were refused come here.
 * Pure functions, any thread.
 */
#include "lib/json_repair.h"

#include "lib/utf8.h"

#define ESCAPE_U 6 /* the length of \uXXXX */

struct repair {
	const char *p, *end;
	struct buf *out;
	bool changed;
};

static void
replace(struct repair *r, const char *by, size_t taken)
{
	buf_adds(r->out, by);
	r->p += taken;
	r->changed = true;
}

static void
copy(struct repair *r, size_t n)
{
	buf_add(r->out, r->p, n);
	r->p += n;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value of \uXXXX at p, or -1. */
static int
escape_value(const char *p, const char *end)
{
	int v = 0;

	if (end - p < ESCAPE_U || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < ESCAPE_U; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

static void
repair_escape(struct repair *r, bool is_name)
{
	int v = escape_value(r->p, r->end), low;

	if (v < 0) {
		/* No escape to mend: both bytes, so that `\"` ends nothing. */
		copy(r, r->end - r->p > 1 ? 2 : 1);
		return;
	}
	if (v == 0 && is_name) {
		replace(r, "\\ufffd", ESCAPE_U);
		return;
	}
	if (v < 0xd800 || v > 0xdfff) {
		copy(r, ESCAPE_U);
		return;
	}
	low = escape_value(r->p + ESCAPE_U, r->end);
	if (v < 0xdc00 && low >= 0xdc00 && low <= 0xdfff)
		copy(r, 2 * (size_t)ESCAPE_U);
	else
		replace(r, "\\ufffd", ESCAPE_U);
}

/* The closing quote of the string at p, or the end. */
static const char *
string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && end - p > 1)
			p++;
	return p;
}

static bool
is_member_name(const char *quote, const char *end)
{
	const char *p = string_end(quote, end);

	for (p++; p < end; p++)
		if (!strchr(" \t\r\n", *p) || *p == '\0')
			return *p == ':';
	return false;
}

static void
repair_byte(struct repair *r, bool is_name)
{
	unsigned char c = (unsigned char)*r->p;
	size_t len;
	bool ok;

	if (c < 0x20) {
		buf_addf(r->out, "\\u%04x", c || !is_name ? c : UTF8_BAD);
		r->p++;
		r->changed = true;
		return;
	}
	utf8_next(r->p, r->end, &len, &ok);
	if (ok)
		copy(r, len);
	else
		replace(r, "\xef\xbf\xbd", len);
}

static void
repair_string(struct repair *r)
{
	bool is_name = is_member_name(r->p, r->end);

	copy(r, 1);
	while (r->p < r->end && *r->p != '"') {
		if (*r->p == '\\')
			repair_escape(r, is_name);
		else
			repair_byte(r, is_name);
	}
	if (r->p < r->end)
		copy(r, 1);
}

/* Digits that are more than an int64_t holds. */
static bool
is_too_big(const char *p, size_t n, bool negative)
{
	const char *most = negative ? "9223372036854775808"
				    : "9223372036854775807";

	return n > 19 || (n == 19 && memcmp(p, most, 19) > 0);
}

static void
repair_number(struct repair *r)
{
	bool negative = *r->p == '-', whole = true;
	const char *digits = r->p + negative, *p = digits;

	while (p < r->end && strchr("0123456789.eE+-", *p) && *p) {
		whole = whole && *p >= '0' && *p <= '9';
		p++;
	}
	whole = whole && is_too_big(digits, (size_t)(p - digits), negative);
	copy(r, (size_t)(p - r->p));
	if (whole)
		replace(r, ".0", 0);
}

bool
json_repair(struct slice text, struct buf *out)
{
	struct repair r = { text.p, text.p + text.n, out, false };

	while (r.p < r.end) {
		if (*r.p == '"')
			repair_string(&r);
		else if (*r.p == '-' || (*r.p >= '0' && *r.p <= '9'))
			repair_number(&r);
		else
			copy(&r, 1);
	}
	return r.changed;
}

size_t
json_depth(struct slice text, size_t max)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t depth = 0, deepest = 0;

	for (; p < end && deepest <= max; p++) {
		if (*p == '"')
			p = string_end(p, end);
		else if (*p == '[' || *p == '{')
			depth++;
		else if ((*p == ']' || *p == '}') && depth > 0)
			depth--;
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}
