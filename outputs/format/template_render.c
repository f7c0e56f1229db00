/*
 * template_render.c - a template and a finding become text.
 *
 * Every value goes through emit(), code point by code point: made visible,
 * escaped as the hole asks, counted against each limit that is open, escaped
 * as the template's context asks.  Knows no filter by name.  Any thread.
 */
#include "outputs/format/template_inner.h"

#include "lib/utf8.h"
#include "outputs/format/escape.h"

#include <stdio.h>

#define LIMITS_MAX (TEMPLATE_DEPTH_MAX + 2 * TEMPLATE_FILTERS_MAX)

/* An open limit: where to cut if what follows does not fit. */
struct limit {
	size_t max, used, mark_used, mark;
	bool bytes; /* else UTF-16 units */
	bool over;  /* cut: takes nothing more */
};

struct render {
	const struct template *t;
	const struct template_input *in;
	struct buf *out;
	size_t start;
	struct limit limits[LIMITS_MAX];
	unsigned n_limits;
	const struct json *item; /* of the innermost `each` */
	size_t count;            /* @n */
};

static const struct slice cut_text = SLICE_LIT(TEMPLATE_CUT);
#define CUT_UNITS 6

/* ---- escapes of contexts ---- */

static size_t
copy(const char *p, size_t len, char *out)
{
	memcpy(out, p, len);
	return len;
}

static size_t
as_is(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	(void)cp;
	return copy(p, len, out);
}

static size_t
json_escape(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	if (cp == '\n')
		return copy("\\n", 2, out);
	if (cp == '\t')
		return copy("\\t", 2, out);
	if (cp == '"' || cp == '\\') {
		out[0] = '\\';
		out[1] = (char)cp;
		return 2;
	}
	if (utf8_is_control(cp))
		return (size_t)snprintf(
		    out, ESCAPED_MAX, "\\u%04x", (unsigned)cp);
	return copy(p, len, out);
}

static size_t
header_escape(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX])
{
	if (cp >= 0x20 && cp < 0x7f)
		return copy(p, len, out);
	return (size_t)snprintf(out, ESCAPED_MAX, "\\u%04x", (unsigned)cp);
}

static template_escape *
context_escape(enum template_context c)
{
	switch (c) {
	case TEMPLATE_JSON:
		return json_escape;
	case TEMPLATE_HTML:
		return filter_find(SLICE_LIT("html"))->escape;
	case TEMPLATE_URL:
		return filter_find(SLICE_LIT("url"))->escape;
	case TEMPLATE_HEADER:
		return header_escape;
	default:
		return as_is; /* a cell is escaped as a whole */
	}
}

static void
add_escaped(struct render *r, const char *p, size_t n, template_escape *context)
{
	const char *end = p + n;
	char out[ESCAPED_MAX];
	size_t len;
	bool ok;

	while (p < end) {
		uint32_t cp = utf8_next(p, end, &len, &ok);

		buf_add(r->out, out, context(cp, p, len, out));
		p += len;
	}
}

/* ---- limits ---- */

static void
limit_open(struct render *r, size_t max, bool bytes)
{
	struct limit *l = &r->limits[r->n_limits++];

	memset(l, 0, sizeof(*l));
	l->max = max;
	l->bytes = bytes;
	l->mark = r->out->n;
}

static size_t
cut_size(const struct limit *l)
{
	return l->bytes ? cut_text.n : CUT_UNITS;
}

/* Would so much more still leave room for the word that says it was cut? */
static void
limit_mark(struct render *r)
{
	for (unsigned i = 0; i < r->n_limits; i++) {
		struct limit *l = &r->limits[i];

		if (!l->over && l->used + cut_size(l) <= l->max) {
			l->mark = r->out->n;
			l->mark_used = l->used;
		}
	}
}

static bool
is_over(const struct render *r)
{
	for (unsigned i = 0; i < r->n_limits; i++)
		if (r->limits[i].over)
			return true;
	return false;
}

static void
count(struct limit *l, size_t units, size_t bytes)
{
	l->used += l->bytes ? bytes : units;
}

/*
 * Cut where the mark is and say so.  What is taken away is forgotten by the
 * limits around it as well; they count it as gone only roughly (in the units
 * of this one), always too high, never too low.
 */
static void
cut(struct render *r, unsigned i)
{
	struct limit *l = &r->limits[i];

	r->out->n = l->mark;
	l->over = true;
	if (l->max >= cut_size(l))
		add_escaped(
		    r, cut_text.p, cut_text.n, context_escape(r->t->context));
	for (unsigned j = 0; j < i; j++) {
		if (r->limits[j].mark > r->out->n)
			r->limits[j].mark = l->mark;
		count(&r->limits[j], CUT_UNITS, cut_text.n);
	}
}

/* Is there room?  If not, the outermost limit that is too small cuts. */
static bool
limit_take(struct render *r, size_t units, size_t bytes)
{
	limit_mark(r);
	for (unsigned i = 0; i < r->n_limits; i++) {
		struct limit *l = &r->limits[i];

		if (l->used + (l->bytes ? bytes : units) > l->max) {
			cut(r, i);
			return false;
		}
	}
	for (unsigned i = 0; i < r->n_limits; i++)
		count(&r->limits[i], units, bytes);
	return true;
}

/* ---- emitting ---- */

static size_t
units_of(const char *p, size_t n)
{
	size_t units = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		units += (c & 0xc0) != 0x80;
		units += c >= 0xf0;
	}
	return units;
}

/* What the hole's escape made of one code point; it is kept or cut whole. */
static void
emit_token(struct render *r, const char *p, size_t n, template_escape *context)
{
	if (r->n_limits && (is_over(r) || !limit_take(r, units_of(p, n), n)))
		return;
	add_escaped(r, p, n, context);
}

static size_t
visible(uint32_t cp, char out[ESCAPED_MAX])
{
	return (size_t)snprintf(out, ESCAPED_MAX, "\\u%04x", (unsigned)cp);
}

static void
emit_value(struct render *r, struct slice s, template_escape *inner,
    template_escape *context)
{
	const char *end = s.n ? s.p + s.n : NULL;
	char token[ESCAPED_MAX], shown[ESCAPED_MAX];
	size_t len, n;
	bool ok;

	while (s.n) {
		uint32_t cp = utf8_next(s.p, end, &len, &ok);
		const char *p = ok ? s.p : "\xef\xbf\xbd";
		size_t have = ok ? len : 3;

		if (ok && utf8_is_control(cp)) {
			have = visible(cp, shown);
			p = shown;
			for (size_t i = 0; i < have; i++) {
				n = inner(
				    (uint32_t)shown[i], shown + i, 1, token);
				emit_token(r, token, n, context);
			}
		} else {
			n = inner(cp, p, have, token);
			emit_token(r, token, n, context);
		}
		s = slice_of(s.p + len, s.n - len);
	}
}

/* In JSON an escape is one token of the text, or a cut would tear it. */
static size_t
literal_token(const struct render *r, struct slice s)
{
	size_t len;
	bool ok;

	if (r->t->context == TEMPLATE_JSON && s.p[0] == '\\' && s.n > 1)
		return s.p[1] == 'u' && s.n >= 6 ? 6 : 2;
	utf8_next(s.p, s.p + s.n, &len, &ok);
	return len;
}

static void
emit_literal(struct render *r, struct slice s)
{
	if (r->n_limits == 0) {
		buf_add_slice(r->out, s);
		return;
	}
	while (s.n) {
		size_t n = literal_token(r, s);

		emit_token(r, s.p, n, as_is);
		s = slice_of(s.p + n, s.n - n);
	}
}

/* ---- values ---- */

static struct slice
var_value(const struct template_input *in, struct slice name)
{
	for (const struct template_var *v = in->vars; v && v->name; v++)
		if (slice_is(name, v->name))
			return v->value;
	return SLICE_NULL;
}

static void
value_of(const struct render *r, const struct tnode *n, struct tvalue *v)
{
	struct slice path = n->text;
	const char *name;

	*v = (struct tvalue){ NULL, SLICE_NULL };
	if (path.p[0] == '$') {
		v->text = var_value(r->in, slice_of(path.p + 1, path.n - 1));
		return;
	}
	if (slice_is(path, "@n")) {
		v->text = arena_printf(r->in->arena, "%zu", r->count);
		return;
	}
	if (slice_is(path, ".") || slice_is(path, "@root")) {
		v->v = path.n > 1 ? r->in->root : r->item;
		return;
	}
	name = arena_dup(r->in->arena, path.p, path.n);
	if (!name)
		r->out->failed = true;
	else if (path.p[0] == '.')
		v->v = json_path(r->item, name + 1);
	else
		v->v = json_path(r->in->root, name);
}

static void
apply(const struct render *r, const struct tnode *n, struct tvalue *v)
{
	for (unsigned i = 0; i < n->n_calls; i++)
		if (n->calls[i].filter->change)
			n->calls[i].filter->change(
			    v, &n->calls[i], r->in->arena);
}

static const struct filter_call *
last_of(const struct tnode *n, int kind)
{
	for (unsigned i = n->n_calls; i-- > 0;)
		if ((int)n->calls[i].filter->kind == kind)
			return &n->calls[i];
	return NULL;
}

/* A whole JSON value where JSON wants one; elsewhere it is text like any. */
static void
fill_json(struct render *r, const struct tvalue *v)
{
	struct buf text = BUF_INIT;

	tvalue_json(v, &text);
	if (text.failed)
		r->out->failed = true;
	else if (r->t->context == TEMPLATE_JSON)
		buf_add_slice(r->out, buf_slice(&text));
	else
		emit_value(
		    r, buf_slice(&text), as_is, context_escape(r->t->context));
	buf_release(&text);
}

static void
fill_cell(struct render *r, struct slice text)
{
	escape_csv(r->out, text);
}

static void
fill_text(struct render *r, const struct tnode *n, struct slice text)
{
	const struct filter_call *escape = last_of(n, FILTER_ESCAPE);
	unsigned before = r->n_limits;

	for (unsigned i = 0; i < n->n_calls; i++) {
		const struct filter_call *c = &n->calls[i];

		if (c->filter->kind == FILTER_MAX ||
		    c->filter->kind == FILTER_BYTES)
			limit_open(
			    r, c->number, c->filter->kind == FILTER_BYTES);
	}
	emit_value(r, text, escape ? escape->filter->escape : as_is,
	    context_escape(r->t->context));
	r->n_limits = before;
}

static void
fill_hole(struct render *r, const struct tnode *n)
{
	struct tvalue v;

	value_of(r, n, &v);
	apply(r, n, &v);
	if (last_of(n, FILTER_JSON))
		fill_json(r, &v);
	else if (r->t->context == TEMPLATE_CSV)
		fill_cell(r, tvalue_text(&v, r->in->arena));
	else
		fill_text(r, n, tvalue_text(&v, r->in->arena));
}

/* ---- blocks ---- */

static void walk(struct render *r, size_t from, size_t to);

static bool
is_too_much(const struct render *r)
{
	return r->out->failed || r->out->n - r->start > TEMPLATE_OUT_MAX;
}

static void
fill_each(struct render *r, const struct tnode *n, size_t at)
{
	struct json_iter i = { 0 };
	const struct json *outer = r->item, *v;
	size_t outer_count = r->count, done = 0;
	struct tvalue list;

	value_of(r, n, &list);
	apply(r, n, &list);
	while (done < n->max && !is_too_much(r) &&
	    json_type(list.v) == JSON_ARRAY &&
	    (v = json_next(list.v, &i, NULL))) {
		if (done++ > 0)
			emit_literal(r, n->sep);
		r->item = v;
		r->count = done;
		walk(r, at + 1, n->other);
	}
	r->item = outer;
	r->count = outer_count;
	if (done == 0)
		walk(r, n->other, n->end);
}

static void
fill_if(struct render *r, const struct tnode *n, size_t at)
{
	struct tvalue v;

	value_of(r, n, &v);
	apply(r, n, &v);
	if (tvalue_holds(&v, r->in->arena))
		walk(r, at + 1, n->other);
	else
		walk(r, n->other, n->end);
}

static void
fill_max(struct render *r, const struct tnode *n, size_t at)
{
	limit_open(r, n->max, false);
	walk(r, at + 1, n->end);
	r->n_limits--;
}

static void
walk(struct render *r, size_t from, size_t to)
{
	size_t next;

	for (size_t i = from; i < to && !is_too_much(r); i = next) {
		const struct tnode *n = &r->t->nodes[i];

		next = n->end ? n->end : i + 1;
		if (n->kind == TNODE_TEXT)
			emit_literal(r, n->text);
		else if (n->kind == TNODE_HOLE)
			fill_hole(r, n);
		else if (n->kind == TNODE_EACH)
			fill_each(r, n, i);
		else if (n->kind == TNODE_IF)
			fill_if(r, n, i);
		else
			fill_max(r, n, i);
	}
}

int
template_render(
    const struct template *t, const struct template_input *in, struct buf *out)
{
	struct render r = {
		.t = t,
		.in = in,
		.out = out,
		.start = out->n,
		.item = in->root,
	};
	bool failed;

	walk(&r, 0, t->n);
	failed = out->failed;
	if (!is_too_much(&r))
		return 0;
	out->n = r.start;
	return failed ? ST_ENOMEM : ST_ELIMIT;
}
