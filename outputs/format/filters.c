/*
 * filters.c - what a template's filters do to values.
 *
 * One table.  A filter changes a value (and makes it text), or escapes one
 * code point at a time for what reads it; limits and JSON are the renderer's.
 * Pure functions, any thread.
 */
#include "outputs/format/template_inner.h"

#include "detect/names.h"
#include "detect/reasons.h"
#include "lib/hash.h"
#include "lib/jsonw.h"
#include "lib/utf8.h"
#include "lib/when.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ---- values as text and as JSON ---- */

static void
put_number(struct jsonw *w, const struct json *v)
{
	char text[40];
	int64_t n;
	double d = json_real(v);

	if (json_int(v, &n)) {
		jsonw_int(w, n);
	} else if (isfinite(d)) {
		snprintf(text, sizeof(text), "%.15g", d);
		jsonw_raw(w, slice_str(text));
	} else {
		jsonw_null(w);
	}
}

static void
put_json(struct jsonw *w, const struct json *v, unsigned depth)
{
	struct json_iter at = { 0 };
	const struct json *item;
	struct slice name;

	switch (depth < JSONW_DEPTH - 1 ? json_type(v) : JSON_NULL_) {
	case JSON_BOOL:
		jsonw_bool(w, json_true(v));
		return;
	case JSON_NUMBER:
		put_number(w, v);
		return;
	case JSON_STRING:
		jsonw_slice(w, json_text(v));
		return;
	case JSON_ARRAY:
		jsonw_array(w);
		while ((item = json_next(v, &at, NULL)))
			put_json(w, item, depth + 1);
		jsonw_end(w);
		return;
	case JSON_OBJECT:
		break;
	default:
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	while ((item = json_next(v, &at, &name))) {
		jsonw_key_slice(w, name);
		put_json(w, item, depth + 1);
	}
	jsonw_end(w);
}

void
tvalue_json(const struct tvalue *v, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	if (v->v)
		put_json(&w, v->v, 0);
	else
		jsonw_slice(&w, v->text);
}

static struct slice
kept(struct buf *b, struct arena *a)
{
	struct slice s = b->failed || !b->n ? SLICE_LIT("")
					    : arena_slice(a, buf_slice(b));

	buf_release(b);
	return s;
}

static struct slice
list_text(const struct json *v, const char *sep, struct arena *a)
{
	struct json_iter at = { 0 };
	const struct json *item;
	struct buf b = BUF_INIT;
	struct tvalue one = { NULL, SLICE_NULL };

	while ((item = json_next(v, &at, NULL))) {
		if (b.n)
			buf_adds(&b, sep);
		one.v = item;
		/* A list in a list is JSON: no text of ours has one. */
		if (json_type(item) == JSON_ARRAY)
			tvalue_json(&one, &b);
		else
			buf_add_slice(&b, tvalue_text(&one, a));
	}
	return kept(&b, a);
}

struct slice
tvalue_text(const struct tvalue *v, struct arena *a)
{
	struct buf b = BUF_INIT;

	switch (json_type(v->v)) {
	case JSON_ABSENT:
		return v->text;
	case JSON_NULL_:
		return SLICE_NULL;
	case JSON_STRING:
		return json_text(v->v);
	case JSON_ARRAY:
		return list_text(v->v, ", ", a);
	default:
		tvalue_json(v, &b);
		return kept(&b, a);
	}
}

bool
tvalue_holds(const struct tvalue *v, struct arena *a)
{
	struct slice s;

	if (json_type(v->v) == JSON_ARRAY || json_type(v->v) == JSON_OBJECT)
		return json_count(v->v) > 0;
	s = tvalue_text(v, a);
	if (json_type(v->v) == JSON_STRING)
		return s.n > 0;
	return s.n > 0 && !slice_is(s, "0") && !slice_is(s, "false");
}

/* ---- filters that change ---- */

static void
set_text(struct tvalue *v, struct slice text)
{
	*v = (struct tvalue){ NULL, text };
}

static void
change_case(struct tvalue *v, struct arena *a, char from, int by)
{
	struct slice s = tvalue_text(v, a);
	char *copy = s.n ? arena_dup(a, s.p, s.n) : NULL;

	for (size_t i = 0; copy && i < s.n; i++)
		if (copy[i] >= from && copy[i] <= from + 25)
			copy[i] = (char)(copy[i] + by);
	set_text(v, copy ? slice_of(copy, s.n) : SLICE_NULL);
}

static void
do_upper(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	(void)c;
	change_case(v, a, 'a', -32);
}

static void
do_lower(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	(void)c;
	change_case(v, a, 'A', 32);
}

static void
do_default(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	if (tvalue_text(v, a).n == 0)
		set_text(v, c->arg);
}

/* One of "a=x,b=y,*=z"; false at the end. */
static bool
next_pair(struct slice *rest, struct slice *key, struct slice *value)
{
	const char *comma, *equals;
	size_t n = 0;

	if (rest->n == 0)
		return false;
	comma = memchr(rest->p, ',', rest->n);
	n = comma ? (size_t)(comma - rest->p) : rest->n;
	*key = slice_of(rest->p, n);
	*value = slice_of(rest->p, 0);
	equals = memchr(rest->p, '=', n);
	if (equals) {
		key->n = (size_t)(equals - rest->p);
		*value = slice_of(equals + 1, n - key->n - 1);
	}
	*key = slice_trim(*key);
	*rest = comma ? slice_of(comma + 1, rest->n - n - 1)
		      : slice_of(rest->p + n, 0);
	return true;
}

static void
do_map(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct slice s = tvalue_text(v, a), rest = c->arg, key, value;

	while (next_pair(&rest, &key, &value))
		if (slice_eq(key, s) || slice_is(key, "*")) {
			set_text(v, value);
			return;
		}
	set_text(v, s);
}

static void
do_is(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct slice s = tvalue_text(v, a), rest = c->arg, key, value;

	while (next_pair(&rest, &key, &value))
		if (slice_eq(key, s)) {
			set_text(v, SLICE_LIT("true"));
			return;
		}
	set_text(v, SLICE_NULL);
}

static void
do_not(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	(void)c;
	set_text(v, tvalue_holds(v, a) ? SLICE_NULL : SLICE_LIT("true"));
}

static void
do_join(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	char *sep = arena_dup(a, c->arg.p, c->arg.n);

	if (json_type(v->v) == JSON_ARRAY && sep)
		set_text(v, list_text(v->v, sep, a));
}

static void
do_count(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	(void)c;
	set_text(v, arena_printf(a, "%zu", json_count(v->v)));
}

/* How many lie behind the first N: nothing where all are shown. */
static void
do_rest(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	size_t n = json_count(v->v);

	set_text(v,
	    n > c->number ? arena_printf(a, "%zu", n - c->number) : SLICE_NULL);
}

static void
do_short(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct slice s = tvalue_text(v, a), name = names_short(s);

	(void)c;
	set_text(v, name.n ? name : s);
}

/* What a reason's code means, for people. */
static void
do_sentence(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct slice s = tvalue_text(v, a);
	int code = reason_of(s);

	(void)c;
	set_text(v, code < 0 ? s : slice_str(reason_table[code].help));
}

static void
do_sha256(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct slice s = tvalue_text(v, a);
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX] = "";
	struct sha256 *h = sha256_new();

	(void)c;
	if (h) {
		if (s.n)
			sha256_add(h, s.p, s.n);
		sha256_sum(h, sum);
		hash_hex(sum, sizeof(sum), hex);
		sha256_free(h);
	}
	set_text(v, arena_printf(a, "%s", hex));
}

static bool
moment_of(const struct tvalue *v, struct arena *a, struct when *t)
{
	return when_parse(tvalue_text(v, a), t) && t->valid;
}

static void
do_unix(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct when t = WHEN_NONE;

	(void)c;
	set_text(v,
	    moment_of(v, a, &t) ? arena_printf(a, "%" PRId64, t.sec)
				: SLICE_LIT("0"));
}

static void
do_unixms(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct when t = WHEN_NONE;

	(void)c;
	moment_of(v, a, &t);
	set_text(
	    v, arena_printf(a, "%" PRId64, t.sec * 1000 + t.nsec / 1000000));
}

static void
do_unixfloat(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct when t = WHEN_NONE;

	(void)c;
	moment_of(v, a, &t);
	set_text(
	    v, arena_printf(a, "%" PRId64 ".%03d", t.sec, t.nsec / 1000000));
}

static void
do_unixns(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct when t = WHEN_NONE;

	(void)c;
	moment_of(v, a, &t);
	set_text(v,
	    t.sec >= 0 ? arena_printf(a, "%" PRId64 "%09d", t.sec, t.nsec)
		       : SLICE_LIT("0"));
}

/* What JSON takes as a number, else 0: for where no quotes are. */
static void
do_number(struct tvalue *v, const struct filter_call *c, struct arena *a)
{
	struct slice s = tvalue_text(v, a);
	struct json_reader r;
	bool ok = false;

	(void)c;
	json_reader_init(&r);
	if (s.n && s.n < 40)
		ok = json_type(json_parse(&r, s, NULL)) == JSON_NUMBER;
	json_reader_release(&r);
	set_text(v, ok ? slice_trim(s) : SLICE_LIT("0"));
}

/* ---- filters that escape ---- */

#define ZERO_WIDTH "\xe2\x80\x8b"

static size_t
put(char *out, const char *p, size_t n)
{
	memcpy(out, p, n);
	return n;
}

#define PUT(out, text) put((out), (text), sizeof(text) - 1)

static size_t
escape_html(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	switch (cp) {
	case '&':
		return PUT(out, "&amp;");
	case '<':
		return PUT(out, "&lt;");
	case '>':
		return PUT(out, "&gt;");
	case '"':
		return PUT(out, "&quot;");
	case '\'':
		return PUT(out, "&#39;");
	default:
		return put(out, p, len);
	}
}

/* All that Slack asks for; a backtick would end a code span. */
static size_t
escape_slack(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	if (cp == '`')
		return PUT(out, "'");
	if (cp == '"' || cp == '\'')
		return put(out, p, len);
	return escape_html(cp, p, len, out);
}

/* A backslash takes the meaning from any mark; a mention and a bare URL have
 * none to take, and are torn by a space of no width. */
static size_t
escape_markdown(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	if (cp == '@')
		return PUT(out, "@" ZERO_WIDTH);
	if (cp == ':')
		return PUT(out, ":" ZERO_WIDTH);
	if (cp < 0x80 && cp != 0 && strchr("\\`*_{}[]()<>#+-.!|~&$", (int)cp)) {
		out[0] = '\\';
		return 1 + put(out + 1, p, len);
	}
	return put(out, p, len);
}

/* Inside `...`, where only a backtick means anything. */
static size_t
escape_code(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	return cp == '`' ? PUT(out, "'") : put(out, p, len);
}

static size_t
escape_url(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	size_t n = 0;

	if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
	    (cp >= '0' && cp <= '9') ||
	    (cp && cp < 0x80 && strchr("-._~", (int)cp)))
		return put(out, p, len);
	for (size_t i = 0; i < len; i++)
		n += (size_t)snprintf(
		    out + n, ESCAPED_MAX - n, "%%%02X", (unsigned char)p[i]);
	return n;
}

/* Inside "...", as in a label of a query or a search. */
static size_t
escape_quoted(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	if (cp != '"' && cp != '\\')
		return put(out, p, len);
	out[0] = '\\';
	return 1 + put(out + 1, p, len);
}

#define CHANGE(name_, fn_, arg_, help_)                    \
	{                                                  \
		.name = name_, .change = fn_, .arg = arg_, \
		.kind = FILTER_CHANGE, .help = help_       \
	}
#define ESCAPE(name_, fn_, help_)                                    \
	{                                                            \
		.name = name_, .escape = fn_, .kind = FILTER_ESCAPE, \
		.help = help_                                        \
	}

const struct filter filter_table[] = {
	CHANGE("upper", do_upper, ARG_NONE, "ASCII letters in upper case"),
	CHANGE("lower", do_lower, ARG_NONE, "ASCII letters in lower case"),
	CHANGE("default", do_default, ARG_TEXT, "this where there is nothing"),
	CHANGE("map", do_map, ARG_TEXT, "a=x,b=y,*=z: another word for each"),
	CHANGE("is", do_is, ARG_TEXT, "a,b: true for one of these, else empty"),
	CHANGE("not", do_not, ARG_NONE, "true for nothing, else empty"),
	CHANGE("join", do_join, ARG_TEXT, "a list with this between"),
	CHANGE("count", do_count, ARG_NONE, "how many elements"),
	CHANGE("rest", do_rest, ARG_NUMBER, "how many behind the first N"),
	CHANGE("short", do_short, ARG_NONE, "a principal's or role's name"),
	CHANGE("sentence", do_sentence, ARG_NONE, "what a reason code means"),
	CHANGE("sha256", do_sha256, ARG_NONE, "its hash, 64 hex digits"),
	CHANGE("number", do_number, ARG_NONE, "a number, 0 for what is none"),
	CHANGE("unix", do_unix, ARG_NONE, "a time in seconds since 1970"),
	CHANGE("unixms", do_unixms, ARG_NONE, "in milliseconds"),
	CHANGE("unixns", do_unixns, ARG_NONE, "in nanoseconds"),
	CHANGE("unixfloat", do_unixfloat, ARG_NONE, "in seconds, 3 decimals"),
	ESCAPE("html", escape_html, "for HTML"),
	ESCAPE("slack", escape_slack, "for Slack's mrkdwn"),
	ESCAPE("markdown", escape_markdown, "for Markdown"),
	ESCAPE("code", escape_code, "between backticks"),
	ESCAPE("url", escape_url, "percent-encoded"),
	ESCAPE("quoted", escape_quoted, "between double quotes"),
	{ .name = "max",
	    .arg = ARG_NUMBER,
	    .kind = FILTER_MAX,
	    .help = "at most N UTF-16 units" },
	{ .name = "bytes",
	    .arg = ARG_NUMBER,
	    .kind = FILTER_BYTES,
	    .help = "at most N bytes of UTF-8" },
	{ .name = "json",
	    .kind = FILTER_JSON,
	    .help = "the whole value as JSON" },
	{ .name = NULL },
};

const struct filter *
filter_find(struct slice name)
{
	for (const struct filter *f = filter_table; f->name; f++)
		if (slice_is(name, f->name))
			return f;
	return NULL;
}

void
template_filters(struct buf *out)
{
	static const char *const args[] = { "", ":TEXT", ":N" };
	static const char *const takes[] = { "no argument", "a text",
		"a number" };

	for (const struct filter *f = filter_table; f->name; f++)
		buf_addf(out, "%s%s\n    %s\n    %s\n", f->name, args[f->arg],
		    takes[f->arg], f->help);
}
