/*
 * jsonw.c - writing JSON into a buf.
 *
 * Knows commas, colons and escapes; what is written is the caller's.  Stands
 * on the way of every decision line, therefore whole runs of plain bytes are
 * copied at once.  One owner, no locks.
 */
#include "lib/jsonw.h"

#include "lib/utf8.h"

#include <math.h>
#include <stdio.h>

#define FIXED_DIGITS_MAX 6
#define FIXED_TEXT 336 /* -DBL_MAX has 310 digits before its point */
#define FIXED_SOON 1e9
#define FIXED_NEAR 1e-6

void
jsonw_init(struct jsonw *w, struct buf *out)
{
	w->out = out;
	w->depth = 0;
	w->after_key = false;
}

/* What must stand before the next value or key. */
static void
separate(struct jsonw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->depth == 0 || w->depth > JSONW_DEPTH)
		return;
	if (w->comma[w->depth - 1])
		buf_addc(w->out, ',');
	w->comma[w->depth - 1] = true;
}

static void
open_level(struct jsonw *w, bool array)
{
	separate(w);
	if (w->depth >= JSONW_DEPTH) {
		w->depth++;
		w->out->failed = true;
		return;
	}
	w->comma[w->depth] = false;
	w->array[w->depth] = array;
	w->depth++;
	buf_addc(w->out, array ? '[' : '{');
}

void
jsonw_object(struct jsonw *w)
{
	open_level(w, false);
}

void
jsonw_array(struct jsonw *w)
{
	open_level(w, true);
}

void
jsonw_end(struct jsonw *w)
{
	if (w->depth == 0) {
		w->out->failed = true;
		return;
	}
	w->depth--;
	if (w->depth < JSONW_DEPTH)
		buf_addc(w->out, w->array[w->depth] ? ']' : '}');
}

static const char *plain_end(const char *p, const char *end);

/* Nearly every string needs no escape: it goes out in one piece. */
static void
quoted(struct buf *out, struct slice s)
{
	if (plain_end(s.p, s.p + s.n) == s.p + s.n) {
		if (!buf_reserve(out, s.n + 2))
			return;
		out->p[out->n] = '"';
		if (s.n)
			memcpy(out->p + out->n + 1, s.p, s.n);
		out->p[out->n + s.n + 1] = '"';
		out->n += s.n + 2;
		return;
	}
	buf_addc(out, '"');
	jsonw_escape(out, s);
	buf_addc(out, '"');
}

void
jsonw_key(struct jsonw *w, const char *name)
{
	jsonw_key_slice(w, slice_str(name));
}

void
jsonw_key_slice(struct jsonw *w, struct slice name)
{
	separate(w);
	quoted(w->out, name);
	buf_addc(w->out, ':');
	w->after_key = true;
}

void
jsonw_slice(struct jsonw *w, struct slice s)
{
	separate(w);
	if (s.p)
		quoted(w->out, s);
	else
		buf_add(w->out, "null", 4);
}

void
jsonw_str(struct jsonw *w, const char *s)
{
	jsonw_slice(w, slice_str(s));
}

void
jsonw_int(struct jsonw *w, int64_t v)
{
	separate(w);
	buf_add_int(w->out, v);
}

void
jsonw_bool(struct jsonw *w, bool v)
{
	separate(w);
	buf_adds(w->out, v ? "true" : "false");
}

void
jsonw_null(struct jsonw *w)
{
	separate(w);
	buf_add(w->out, "null", 4);
}

/* printf's "%f" with a point whatever the locale, and without "-0". */
static size_t
fixed_text(double v, unsigned digits, char *out)
{
	char text[FIXED_TEXT];
	size_t n = 0;
	bool zero = true;

	snprintf(text, sizeof(text), "%.*f", (int)digits, v);
	for (const char *p = text; *p; p++) {
		bool digit = *p >= '0' && *p <= '9';

		if (digit || *p == '-')
			out[n++] = *p;
		else if (n > 0 && out[n - 1] != '.')
			out[n++] = '.';
		zero = zero && (!digit || *p == '0');
	}
	if (zero && out[0] == '-')
		memmove(out, out + 1, --n);
	return n;
}

/*
 * The same digits for nearly all numbers, without printf.  Below FIXED_SOON the
 * product is off by less than FIXED_NEAR; one that is so near to the middle of
 * two results goes the long way.
 */
static bool
fixed_soon(struct buf *out, double v, unsigned digits)
{
	static const unsigned scales[] = { 1, 10, 100, 1000, 10000, 100000,
		1000000 };
	double x = fabs(v) * scales[digits], whole = floor(x), rest = x - whole;
	uint64_t n;

	if (!(x < FIXED_SOON) || fabs(rest - 0.5) < FIXED_NEAR)
		return false;
	n = (uint64_t)whole + (rest > 0.5);
	if (v < 0 && n > 0)
		buf_addc(out, '-');
	buf_add_uint(out, n / scales[digits]);
	if (digits > 0)
		buf_addc(out, '.');
	while (digits-- > 0)
		buf_addc(out, (char)('0' + n / scales[digits] % 10));
	return true;
}

void
jsonw_fixed(struct jsonw *w, double v, unsigned digits)
{
	char text[FIXED_TEXT];

	if (!isfinite(v)) {
		jsonw_null(w);
		return;
	}
	if (digits > FIXED_DIGITS_MAX)
		digits = FIXED_DIGITS_MAX;
	separate(w);
	if (!fixed_soon(w->out, v, digits))
		buf_add(w->out, text, fixed_text(v, digits, text));
}

void
jsonw_raw(struct jsonw *w, struct slice json)
{
	separate(w);
	buf_add_slice(w->out, json);
}

void
jsonw_member(struct jsonw *w, const char *name, struct slice s)
{
	jsonw_key(w, name);
	jsonw_slice(w, s);
}

void
jsonw_member_str(struct jsonw *w, const char *name, const char *s)
{
	jsonw_key(w, name);
	jsonw_str(w, s);
}

void
jsonw_member_int(struct jsonw *w, const char *name, int64_t v)
{
	jsonw_key(w, name);
	jsonw_int(w, v);
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))
/* The high bit of each byte of x that is less than n (at most 128). */
#define LESS(x, n) (((x)-EACH_BYTE(n)) & ~(x)&EACH_BYTE(0x80))

/* No byte of the eight at p needs a look: all printable ASCII, no `"` `\`.
 * A borrow in LESS can only mark a byte too many, never one too few. */
static bool
eight_plain(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return ((x & EACH_BYTE(0x80)) | LESS(x, 0x20) |
		   LESS(x ^ EACH_BYTE('"'), 1) | LESS(x ^ EACH_BYTE('\\'), 1) |
		   LESS(x ^ EACH_BYTE(0x7f), 1)) == 0;
}

/* Where the run of characters that are written as they are ends. */
static const char *
plain_end(const char *p, const char *end)
{
	size_t len;
	bool ok;

	while (p < end) {
		unsigned char c;
		uint32_t cp;

		while (end - p >= 8 && eight_plain(p))
			p += 8;
		if (p == end)
			break;
		c = (unsigned char)*p;
		if (c == '"' || c == '\\')
			break;
		if (c >= 0x20 && c < 0x7f) {
			p++;
			continue;
		}
		cp = utf8_next(p, end, &len, &ok);
		if (!ok || utf8_is_control(cp))
			break;
		p += len;
	}
	return p;
}

/* One character that is not; returns what stands behind it. */
static const char *
escape_one(struct buf *out, const char *p, const char *end)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *shorter = memchr(from, *p, sizeof(from) - 1);
	size_t len;
	uint32_t cp;
	bool ok;

	if (shorter) {
		const char two[] = { '\\', to[shorter - from] };

		buf_add(out, two, sizeof(two));
		return p + 1;
	}
	cp = utf8_next(p, end, &len, &ok);
	if (ok)
		buf_addf(out, "\\u%04x", (unsigned)cp);
	else
		utf8_add(out, UTF8_BAD);
	return p + len;
}

void
jsonw_escape(struct buf *out, struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;

	while (p < end) {
		const char *run = p;

		p = plain_end(p, end);
		buf_add(out, run, (size_t)(p - run));
		if (p < end)
			p = escape_one(out, p, end);
	}
}
