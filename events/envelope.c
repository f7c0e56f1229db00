/*
 * envelope.c - finding the JSON in what senders put around it.
 *
 * Headers of syslog, JSON strings, base64.  Does not know records (sift.c).
 * Any thread.
 */
#include "events/envelope.h"

#include "lib/utf8.h"

#define PRI_DIGITS 3
#define RFC5424_FIELDS 5 /* timestamp, host, program, process, message id */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static const char *
skip_mark(const char *p, const char *end)
{
	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return p + 3;
	return p;
}

/* "<133>"; p where there is none. */
static const char *
skip_pri(const char *p, const char *end)
{
	const char *at = p;

	if (at == end || *at != '<')
		return p;
	at++;
	while (at < end && at - p <= PRI_DIGITS && *at >= '0' && *at <= '9')
		at++;
	return at < end && *at == '>' && at > p + 1 ? at + 1 : p;
}

/* One [id name="value" ...]; NULL where it does not end. */
static const char *
skip_element(const char *p, const char *end)
{
	bool quoted = false;

	for (p++; p < end; p++) {
		if (*p == '\\' && quoted)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == ']' && !quoted)
			return p + 1;
	}
	return NULL;
}

/* Behind "1 timestamp host program process id [data]"; p where it is none. */
static const char *
skip_rfc5424(const char *p, const char *end)
{
	const char *at = p;

	if (end - at < 2 || at[0] != '1' || at[1] != ' ')
		return p;
	at += 2;
	for (unsigned i = 0; i < RFC5424_FIELDS; i++) {
		at = memchr(at, ' ', (size_t)(end - at));
		if (!at)
			return p;
		at++;
	}
	while (at && at < end && *at == '[' && at + 1 < end && at[1] != '{' &&
	    at[1] != '"' && at[1] != '[' && at[1] != ']')
		at = skip_element(at, end);
	return at ? at : p;
}

/* Could JSON begin at p?  An object with a key or nothing in it, an array of
 * containers or strings: "[4242]:" and "{name}" could not. */
static bool
looks_like_json(const char *p, const char *end)
{
	const char *next = skip_blanks(p + 1, end);

	if (next == end)
		return true; /* cut off: let it be found out */
	if (*p == '{')
		return *next == '"' || *next == '}';
	return *next == '{' || *next == '[' || *next == '"' || *next == ']';
}

const char *
envelope_body(struct slice line, const char *from)
{
	const char *end = line.p + line.n, *p = from;

	if (from == line.p) {
		p = skip_blanks(skip_mark(p, end), end);
		p = skip_rfc5424(skip_pri(p, end), end);
	}
	for (; p < end; p++)
		if ((*p == '{' || *p == '[') && looks_like_json(p, end))
			return p;
	return NULL;
}

/* ---- JSON strings ---------------------------------------------------------- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits; -1 where they are not there. */
static int
hex4(const char *p, const char *end)
{
	int value = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		value = value << 4 | d;
	}
	return value;
}

/* The escape behind a backslash at p[-1]; where it ends, NULL for a bad one. */
static const char *
unescape_one(const char *p, const char *end, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	int high, low;

	if (p == end)
		return NULL;
	if (*p != 'u') {
		found = memchr(from, *p, sizeof(from) - 1);
		if (!found)
			return NULL;
		buf_addc(out, to[found - from]);
		return p + 1;
	}
	high = hex4(p + 1, end);
	if (high < 0)
		return NULL;
	p += 5;
	if (high < 0xd800 || high > 0xdfff) {
		utf8_add(out, (uint32_t)high);
		return p;
	}
	low = high < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u'
	    ? hex4(p + 2, end)
	    : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		utf8_add(out, UTF8_BAD);
		return p;
	}
	utf8_add(out,
	    0x10000 + (((uint32_t)high - 0xd800) << 10) +
		((uint32_t)low - 0xdc00));
	return p + 6;
}

bool
envelope_unescape(struct slice string, struct buf *out)
{
	const char *p = string.p, *end, *stop;

	if (string.n < 2 || *p != '"' || string.p[string.n - 1] != '"')
		return false;
	end = p + string.n - 1;
	for (p++; p < end;) {
		stop = memchr(p, '\\', (size_t)(end - p));
		if (!stop)
			stop = end;
		buf_add(out, p, (size_t)(stop - p));
		p = stop;
		if (p == end)
			break;
		p = unescape_one(p + 1, end, out);
		if (!p)
			return false;
	}
	return !out->failed;
}

/* ---- base64 ------------------------------------------------------------------ */

/* Standard and URL-safe alphabet; -1 for anything else. */
static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool
envelope_is_base64(struct slice text)
{
	unsigned char first[3];
	int v[4];
	bool starts;

	if (text.n < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		v[i] = sextet(text.p[i]);
		/* "e30=" is {}. */
		if (v[i] < 0 && text.p[i] != '=')
			return false;
		v[i] = v[i] < 0 ? 0 : v[i];
	}
	first[0] = (unsigned char)(v[0] << 2 | v[1] >> 4);
	first[1] = (unsigned char)(v[1] << 4 | v[2] >> 2);
	first[2] = (unsigned char)(v[2] << 6 | v[3]);
	starts = first[0] == '{' || first[0] == '[' || first[0] == '<' ||
	    (first[0] == '\n' && (first[1] == '{' || first[1] == '[')) ||
	    (first[0] == 0x1f && first[1] == 0x8b && first[2] == 8) ||
	    (first[0] == 0x28 && first[1] == 0xb5 && first[2] == 0x2f);
	if (!starts)
		return false;
	for (size_t i = 4; i < text.n; i++)
		if (sextet(text.p[i]) < 0 && text.p[i] != '=' &&
		    !is_blank(text.p[i]))
			return false;
	return true;
}

bool
envelope_base64(struct slice text, struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0;

	if (!buf_reserve(out, text.n / 4 * 3 + 3))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int v = sextet(text.p[i]);

		if (v < 0) {
			if (text.p[i] == '=' || is_blank(text.p[i]))
				continue;
			return false;
		}
		bits = bits << 6 | (uint32_t)v;
		if (++have == 4) {
			out->p[out->n++] = (char)(bits >> 16);
			out->p[out->n++] = (char)(bits >> 8);
			out->p[out->n++] = (char)bits;
			have = 0;
		}
	}
	if (have == 1)
		return false;
	if (have >= 2)
		out->p[out->n++] = (char)(bits >> (have == 2 ? 4 : 10));
	if (have == 3)
		out->p[out->n++] = (char)(bits >> 2);
	return true;
}
