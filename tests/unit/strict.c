/*
 * strict.c - readers that forgive nothing, for what the formats write.
 *
 * See strict.h.
 */
#include "tests/unit/strict.h"
#include "lib/utf8.h"

#include <ctype.h>
#include <jansson.h>

#define CEF_PIPES 7
#define LEEF_PIPES 6

bool
strict_json(struct slice text)
{
	json_t *v = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
	bool ok = json_is_object(v);

	json_decref(v);
	return ok;
}

bool
strict_text(struct slice text)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t len;
	uint32_t cp;
	bool ok;

	for (; p < end; p += len) {
		cp = utf8_next(p, end, &len, &ok);
		if (!ok || (utf8_is_control(cp) && cp != '\n'))
			return false;
	}
	return true;
}

bool
strict_line(struct slice line)
{
	return line.n && memchr(line.p, '\n', line.n) == line.p + line.n - 1 &&
	    strict_text(line);
}

static struct slice
without_lf(struct slice line)
{
	if (slice_ends(line, "\n"))
		line.n--;
	return line;
}

/* What stands behind the n-th pipe that has no backslash before it. */
static struct slice
behind_pipes(struct slice line, int n)
{
	size_t i;

	for (i = 0; i < line.n && n > 0; i++) {
		if (line.p[i] == '\\')
			i++;
		else if (line.p[i] == '|')
			n--;
	}
	return n > 0 || i > line.n ? SLICE_NULL
				   : slice_of(line.p + i, line.n - i);
}

static size_t
key_length(struct slice s)
{
	size_t n = 0;

	while (n < s.n && isalnum((unsigned char)s.p[n]))
		n++;
	return n;
}

/* A value ends before " key=", or with the line. */
static size_t
cef_value_length(struct slice s)
{
	size_t i = 0, n;

	for (; i < s.n; i++) {
		if (s.p[i] == '\\') {
			if (i + 1 == s.n || !memchr("\\=rn", s.p[i + 1], 4))
				return SIZE_MAX;
			i++;
			continue;
		}
		if (s.p[i] == '=')
			return SIZE_MAX;
		if (s.p[i] != ' ')
			continue;
		n = key_length(slice_of(s.p + i + 1, s.n - i - 1));
		if (n && i + 1 + n < s.n && s.p[i + 1 + n] == '=')
			break;
	}
	return i;
}

typedef void pair_cb(void *arg, struct slice key, struct slice value);

static int
walk_cef(struct slice line, pair_cb *cb, void *arg)
{
	struct slice s = without_lf(line), value;
	size_t key, len;
	int pairs = 0;

	if (!slice_starts(s, "CEF:0|"))
		return -1;
	s = behind_pipes(s, CEF_PIPES);
	while (s.n) {
		key = key_length(s);
		if (!key || key >= s.n || s.p[key] != '=')
			return -1;
		value = slice_of(s.p + key + 1, s.n - key - 1);
		len = cef_value_length(value);
		if (len == SIZE_MAX)
			return -1;
		cb(arg, slice_of(s.p, key), slice_of(value.p, len));
		pairs++;
		if (len < value.n)
			len++;
		s = slice_of(value.p + len, value.n - len);
	}
	return pairs;
}

static void
ignore(void *arg, struct slice key, struct slice value)
{
	(void)arg;
	(void)key;
	(void)value;
}

int
strict_cef(struct slice line)
{
	return walk_cef(line, ignore, NULL);
}

struct wanted {
	const char *key;
	struct slice value;
};

static void
pick(void *arg, struct slice key, struct slice value)
{
	struct wanted *w = arg;

	if (slice_is(key, w->key))
		w->value = value;
}

bool
strict_cef_value(struct slice line, const char *key, struct buf *value)
{
	struct wanted w = { key, SLICE_NULL };
	char c;

	if (walk_cef(line, pick, &w) < 0 || !w.value.p)
		return false;
	for (size_t i = 0; i < w.value.n; i++) {
		c = w.value.p[i];
		if (c == '\\') {
			c = w.value.p[++i];
			c = c == 'n' ? '\n' : c == 'r' ? '\r' : c;
		}
		buf_addc(value, c);
	}
	return true;
}

int
strict_leef(struct slice line)
{
	struct slice s = without_lf(line), pair;
	int pairs = 0;
	size_t key;

	if (!slice_starts(s, "LEEF:2.0|"))
		return -1;
	s = behind_pipes(s, LEEF_PIPES);
	if (!s.p || s.p[-2] != '^')
		return -1;
	while (s.n) {
		pair = slice_before(s, '^');
		if (!pair.p)
			pair = s;
		key = key_length(pair);
		if (!key || key >= pair.n || pair.p[key] != '=')
			return -1;
		pairs++;
		s = slice_of(s.p + pair.n, s.n - pair.n);
		if (s.n)
			s = slice_of(s.p + 1, s.n - 1);
	}
	return pairs;
}

/* Reads one cell; how many bytes it took, SIZE_MAX where it is broken. */
static size_t
read_cell(struct slice s, struct buf *text)
{
	size_t i = 0;

	if (!s.n || s.p[0] != '"') {
		for (; i < s.n && s.p[i] != ','; i++) {
			if (s.p[i] == '"')
				return SIZE_MAX;
			buf_addc(text, s.p[i]);
		}
		return i;
	}
	for (i = 1; i < s.n; i++) {
		if (s.p[i] == '"' && (++i >= s.n || s.p[i] != '"'))
			return i == s.n || s.p[i] == ',' ? i : SIZE_MAX;
		buf_addc(text, s.p[i]);
	}
	return SIZE_MAX;
}

/* RFC 5424: SP-separated words of printable ASCII. */
static struct slice
behind_words(struct slice s, int n)
{
	while (n-- > 0) {
		size_t i = 0;

		while (i < s.n && s.p[i] > ' ' && s.p[i] < 0x7f)
			i++;
		if (i == 0 || i == s.n || s.p[i] != ' ')
			return SLICE_NULL;
		s = slice_of(s.p + i + 1, s.n - i - 1);
	}
	return s;
}

/* name="value", with ", \ and ] behind a backslash; what is behind it. */
static struct slice
behind_param(struct slice s)
{
	size_t i = 0;

	while (
	    i < s.n && s.p[i] > ' ' && s.p[i] < 0x7f && !strchr("=]\"", s.p[i]))
		i++;
	if (i == 0 || i > 32 || i + 1 >= s.n || s.p[i] != '=' ||
	    s.p[i + 1] != '"')
		return SLICE_NULL;
	for (i += 2; i < s.n && s.p[i] != '"'; i++) {
		if (s.p[i] == ']')
			return SLICE_NULL;
		i += s.p[i] == '\\';
	}
	return i < s.n ? slice_of(s.p + i + 1, s.n - i - 1) : SLICE_NULL;
}

int
strict_5424(struct slice line)
{
	struct slice s = without_lf(line);
	int params = 0;

	if (s.n < 5 || s.p[0] != '<' || !slice_find(s, ">1 "))
		return -1;
	s = behind_words(s, 6);
	if (!slice_starts(s, "[stsentry@32473"))
		return -1;
	s = slice_of(s.p + 15, s.n - 15);
	while (s.n && s.p[0] == ' ') {
		s = behind_param(slice_of(s.p + 1, s.n - 1));
		if (!s.p)
			return -1;
		params++;
	}
	return s.n && s.p[0] == ']' && (s.n == 1 || s.p[1] == ' ') ? params
								   : -1;
}

int
strict_csv(struct slice line, int cell, struct buf *text)
{
	struct slice s = without_lf(line);
	struct buf one = BUF_INIT;
	int cells = 0;
	size_t n;

	for (;;) {
		buf_reset(&one);
		n = read_cell(s, &one);
		if (n == SIZE_MAX) {
			cells = -1;
			break;
		}
		if (cells++ == cell && text)
			buf_add_slice(text, buf_slice(&one));
		if (n == s.n)
			break;
		s = slice_of(s.p + n + 1, s.n - n - 1);
	}
	buf_release(&one);
	return cells;
}
