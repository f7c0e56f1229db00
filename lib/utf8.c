/*
 * utf8.c - code points in bytes from outside.
 *
 * Knows the form of UTF-8 (Unicode 15, table 3-7) and which characters a
 * terminal obeys.  Pure functions, any thread.
 */
#include "lib/utf8.h"

/*
 * What a lead byte promises: how many bytes in all, and the range of the
 * second one.  The narrow ranges keep out overlong forms, surrogates and
 * what lies above U+10FFFF.
 */
static size_t
lead(unsigned char c, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xbf;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	if (c < 0xe0)
		return 2;
	if (c < 0xf0) {
		if (c == 0xe0)
			*lo = 0xa0;
		else if (c == 0xed)
			*hi = 0x9f;
		return 3;
	}
	if (c == 0xf0)
		*lo = 0x90;
	else if (c == 0xf4)
		*hi = 0x8f;
	return 4;
}

uint32_t
utf8_next(const char *p, const char *end, size_t *len, bool *ok)
{
	unsigned char c = (unsigned char)*p, lo, hi;
	size_t n, i;
	uint32_t cp;

	*ok = true;
	*len = 1;
	if (c < 0x80)
		return c;
	n = lead(c, &lo, &hi);
	cp = c & (0x7fU >> n);
	for (i = 1; i < n && p + i < end; i++) {
		c = (unsigned char)p[i];
		if (c < lo || c > hi)
			break;
		cp = cp << 6 | (c & 0x3f);
		lo = 0x80;
		hi = 0xbf;
	}
	*len = i;
	if (i == n)
		return cp;
	*ok = false;
	return UTF8_BAD;
}

bool
utf8_valid(struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t len;
	bool ok;

	while (p < end) {
		if ((unsigned char)*p < 0x80) {
			p++;
			continue;
		}
		utf8_next(p, end, &len, &ok);
		if (!ok)
			return false;
		p += len;
	}
	return true;
}

void
utf8_add(struct buf *b, uint32_t cp)
{
	char c[4];

	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = UTF8_BAD;
	if (cp < 0x80) {
		buf_addc(b, (char)cp);
		return;
	}
	c[3] = (char)(0x80 | (cp & 0x3f));
	c[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	c[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	if (cp < 0x800) {
		c[2] = (char)(0xc0 | cp >> 6);
		buf_add(b, c + 2, 2);
	} else if (cp < 0x10000) {
		c[1] = (char)(0xe0 | cp >> 12);
		buf_add(b, c + 1, 3);
	} else {
		c[0] = (char)(0xf0 | cp >> 18);
		buf_add(b, c, 4);
	}
}

bool
utf8_is_control(uint32_t cp)
{
	if (cp < 0x20)
		return true;
	if (cp < 0x7f)
		return false;
	return cp <= 0x9f || cp == 0x61c || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

struct slice
utf8_cut(struct slice s, size_t max)
{
	size_t at = max, len;
	bool ok;

	if (s.n <= max)
		return s;
	/* A code point that begins at most 3 bytes before may reach over. */
	while (
	    at > 0 && max - at < 3 && ((unsigned char)s.p[at] & 0xc0) == 0x80)
		at--;
	utf8_next(s.p + at, s.p + s.n, &len, &ok);
	return slice_of(s.p, ok && at + len > max ? at : max);
}
