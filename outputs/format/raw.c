/*
 * raw.c - the record itself inside a finding, and out of it again.
 *
 * Copies JSON token by token, so that numbers and member order stay as the
 * provider wrote them; only blanks go, and what could turn a terminal or
 * start a line is escaped.  Whether it is JSON, lib/json says.  Any thread.
 */
#include "outputs/format/raw.h"
#include "lib/json.h"
#include "lib/jsonw.h"
#include "lib/utf8.h"

/* Behind the string that begins at p (on its quote). */
static const char *
string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : end;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
too_deep(struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;
	unsigned depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = string_end(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && depth)
			depth--;
		if (depth > RAW_DEPTH_MAX)
			return true;
		p++;
	}
	return false;
}

static int
hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = strchr(digits, p[i] | 0x20);

		if (!at || p[i] == '\0')
			return -1;
		v = v * 16 + (int)(at - digits);
	}
	return v;
}

/* One escape as it is; half a surrogate pair becomes U+FFFD. */
static const char *
copy_escape(struct buf *out, const char *p, const char *end)
{
	int first = hex4(p, end), second;
	size_t n = first < 0 ? 2 : 6;

	if (first >= 0xd800 && first < 0xe000) {
		second = hex4(p + 6, end);
		if (first >= 0xdc00 || second < 0xdc00 || second >= 0xe000) {
			buf_adds(out, "\\ufffd");
			return p + 6;
		}
		n = 12;
	}
	if (n > (size_t)(end - p))
		n = (size_t)(end - p);
	buf_add(out, p, n);
	return p + n;
}

static const char *
copy_string(struct buf *out, const char *p, const char *end)
{
	const char *stop = string_end(p, end), *run;

	buf_addc(out, '"');
	for (p++; p < stop - 1;) {
		if (*p == '\\') {
			p = copy_escape(out, p, stop - 1);
			continue;
		}
		for (run = p; p < stop - 1 && *p != '\\'; p++)
			;
		jsonw_escape(out, slice_of(run, (size_t)(p - run)));
	}
	buf_addc(out, '"');
	return stop;
}

static void
copy_json(struct buf *out, struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;

	while (p < end) {
		if (*p == '"') {
			p = copy_string(out, p, end);
			continue;
		}
		if (!is_blank(*p))
			buf_addc(out, *p);
		p++;
	}
}

void
raw_write(struct jsonw *w, struct slice record)
{
	struct json_reader r;
	struct buf copy = BUF_INIT;

	json_reader_init(&r);
	if (record.n && json_parse(&r, record, NULL) && !too_deep(record)) {
		copy_json(&copy, record);
		jsonw_raw(w, buf_slice(&copy));
		if (copy.failed)
			w->out->failed = true;
	} else {
		jsonw_slice(w, record);
	}
	buf_release(&copy);
	json_reader_release(&r);
}

/* Behind the value that begins at p: at the comma or bracket after it. */
static const char *
value_end(const char *p, const char *end)
{
	unsigned depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = string_end(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if (depth && (*p == '}' || *p == ']'))
			depth--;
		else if (!depth && (*p == ',' || *p == '}'))
			break;
		p++;
	}
	return p;
}

struct slice
raw_member(struct slice text, const char *name)
{
	const char *p, *end, *value, *stop;
	struct slice found = SLICE_NULL, key;

	if (!text.n)
		return SLICE_NULL;
	end = text.p + text.n;
	p = memchr(text.p, '{', text.n);
	while (p && p < end && (p = memchr(p, '"', (size_t)(end - p)))) {
		stop = string_end(p, end);
		key = slice_of(p + 1, (size_t)(stop - p) - 2);
		value = memchr(stop, ':', (size_t)(end - stop));
		if (!value)
			break;
		for (value++; value < end && is_blank(*value); value++)
			;
		p = value_end(value, end);
		if (slice_is(key, name))
			found = slice_of(value, (size_t)(p - value));
	}
	while (found.n && is_blank(found.p[found.n - 1]))
		found.n--;
	return found;
}
