/*
 * template.c - text with holes: from its text to a list of nodes.
 *
 * Knows the words between {{ and }}.  Filters are filters.c's, filling in is
 * template_render.c's.  One owner until it is compiled.
 */
#include "outputs/format/template.h"
#include "outputs/format/template_inner.h"

#include <stdlib.h>

struct open_block {
	size_t node;
	bool has_else;
};

struct parser {
	struct template *t;
	struct slice whole;
	const char *at; /* the tag that is being read: for messages */
	struct open_block open[TEMPLATE_DEPTH_MAX];
	unsigned depth;
	struct err *e;
};

static int
fault(const struct parser *p, const char *what, struct slice word)
{
	unsigned line = 1, col = 1;

	for (const char *c = p->whole.p; c < p->at; c++) {
		col = *c == '\n' ? 1 : col + 1;
		line += *c == '\n';
	}
	return err_at(p->e, ST_EINVAL, NULL, line, col, "%s%s%.60s%s", what,
	    word.n ? " \"" : "", word.n ? word.p : "", word.n ? "\"" : "");
}

/* fault() with a slice that need not end where it ends. */
static int
fault_word(const struct parser *p, const char *what, struct slice word)
{
	char text[64];
	size_t n = word.n < sizeof(text) - 1 ? word.n : sizeof(text) - 1;

	for (size_t i = 0; i < n; i++)
		text[i] = (unsigned char)word.p[i] < 0x20 ? ' ' : word.p[i];
	text[n] = '\0';
	return fault(p, what, slice_of(text, n));
}

static struct tnode *
add_node(struct parser *p, enum tnode_kind kind)
{
	struct template *t = p->t;
	size_t cap = t->cap ? t->cap * 2 : 16;
	struct tnode *n;

	if (t->n == t->cap) {
		if (t->n >= TEMPLATE_NODES_MAX) {
			fault(p, "more holes than a template may have",
			    SLICE_NULL);
			return NULL;
		}
		n = realloc(t->nodes, cap * sizeof(*n));
		if (!n) {
			err_set(p->e, ST_ENOMEM, "out of memory");
			return NULL;
		}
		t->nodes = n;
		t->cap = cap;
	}
	n = &t->nodes[t->n++];
	memset(n, 0, sizeof(*n));
	n->kind = kind;
	return n;
}

static int
add_text(struct parser *p, struct slice text)
{
	struct tnode *n;

	if (text.n == 0)
		return 0;
	n = add_node(p, TNODE_TEXT);
	if (!n)
		return ST_EINVAL;
	n->text = text;
	return 0;
}

/* ---- words inside a tag ---- */

static struct slice
skip_blanks(struct slice s)
{
	while (s.n && strchr(" \t\r\n", s.p[0]) && s.p[0])
		s = slice_of(s.p + 1, s.n - 1);
	return s;
}

/* "..." with \" \\ \n \t in it; *rest begins behind the closing quote. */
static int
take_quoted(struct parser *p, struct slice *rest, struct slice *result)
{
	struct buf b = BUF_INIT;
	size_t i = 1;

	for (; i < rest->n && rest->p[i] != '"'; i++) {
		char c = rest->p[i];

		if (c == '\\' && i + 1 < rest->n) {
			c = rest->p[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		buf_addc(&b, c);
	}
	if (i >= rest->n) {
		buf_release(&b);
		return fault(p, "a quote that does not end", SLICE_NULL);
	}
	*result = b.n ? arena_slice(&p->t->arena, buf_slice(&b))
		      : SLICE_LIT("");
	buf_release(&b);
	*rest = slice_of(rest->p + i + 1, rest->n - i - 1);
	return result->p ? 0 : err_set(p->e, ST_ENOMEM, "out of memory");
}

/* Up to one of `ends`, or a quoted text. */
static int
take_arg(
    struct parser *p, const char *ends, struct slice *rest, struct slice *arg)
{
	size_t n = 0;

	if (rest->n && rest->p[0] == '"')
		return take_quoted(p, rest, arg);
	while (n < rest->n && !(rest->p[n] && strchr(ends, rest->p[n])))
		n++;
	*arg = slice_trim(slice_of(rest->p, n));
	*rest = slice_of(rest->p + n, rest->n - n);
	return 0;
}

static bool
is_path_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c && strchr("._-$@", c));
}

static int
take_path(struct parser *p, struct slice *rest, struct slice *path)
{
	size_t n = 0;

	*rest = skip_blanks(*rest);
	while (n < rest->n && is_path_char(rest->p[n]))
		n++;
	if (n == 0)
		return fault_word(p, "no name of a value:", *rest);
	*path = slice_of(rest->p, n);
	*rest = skip_blanks(slice_of(rest->p + n, rest->n - n));
	return 0;
}

static bool
to_number(struct slice s, size_t *result)
{
	size_t n = 0;

	if (s.n == 0 || s.n > 9)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (size_t)(s.p[i] - '0');
	}
	*result = n;
	return n > 0;
}

static int
check_arg(struct parser *p, struct filter_call *c, bool given)
{
	if (c->filter->arg == ARG_NONE && given)
		return fault_word(
		    p, "takes nothing behind it:", slice_str(c->filter->name));
	if (c->filter->arg != ARG_NONE && !given)
		return fault_word(p, "needs a word behind it, as NAME:WORD:",
		    slice_str(c->filter->name));
	if (c->filter->arg == ARG_NUMBER && !to_number(c->arg, &c->number))
		return fault_word(p, "is no number:", c->arg);
	return 0;
}

/* One filter; rest begins behind its bar. */
static int
take_filter(
    struct parser *p, const char *ends, struct slice *rest, struct tnode *n)
{
	struct filter_call *c;
	struct slice name;
	bool given;
	size_t len = 0;
	int err = 0;

	*rest = skip_blanks(*rest);
	while (len < rest->n && is_path_char(rest->p[len]))
		len++;
	name = slice_of(rest->p, len);
	*rest = slice_of(rest->p + len, rest->n - len);
	if (n->n_calls == TEMPLATE_FILTERS_MAX)
		return fault(p, "too many filters in one hole", SLICE_NULL);
	c = &n->calls[n->n_calls];
	c->filter = filter_find(name);
	if (!c->filter)
		return fault_word(p, "there is no filter", name);
	n->n_calls++;
	given = rest->n && rest->p[0] == ':';
	if (given) {
		*rest = slice_of(rest->p + 1, rest->n - 1);
		err = take_arg(p, ends, rest, &c->arg);
	}
	*rest = skip_blanks(*rest);
	return err < 0 ? err : check_arg(p, c, given);
}

/* "path|filter|filter:arg"; what `each` has behind it stays in *rest. */
static int
take_value(
    struct parser *p, const char *ends, struct slice *rest, struct tnode *n)
{
	int err = take_path(p, rest, &n->text);

	while (err == 0 && rest->n && rest->p[0] == '|') {
		*rest = slice_of(rest->p + 1, rest->n - 1);
		err = take_filter(p, ends, rest, n);
	}
	return err;
}

/* ---- tags ---- */

static int
nothing_behind(struct parser *p, struct slice rest)
{
	return rest.n ? fault_word(p, "does not belong here:", rest) : 0;
}

static bool
has_kind(const struct tnode *n, int kind)
{
	for (unsigned i = 0; i < n->n_calls; i++)
		if ((int)n->calls[i].filter->kind == kind)
			return true;
	return false;
}

static bool
in_max(const struct parser *p)
{
	for (unsigned i = 0; i < p->depth; i++)
		if (p->t->nodes[p->open[i].node].kind == TNODE_MAX)
			return true;
	return false;
}

/* Half a JSON value is none. */
static bool
is_json_cut(const struct parser *p, const struct tnode *n)
{
	return has_kind(n, FILTER_JSON) &&
	    (in_max(p) || has_kind(n, FILTER_MAX) || has_kind(n, FILTER_BYTES));
}

static int
take_hole(struct parser *p, struct slice tag)
{
	struct tnode *n = add_node(p, TNODE_HOLE);
	int err = n ? take_value(p, "|", &tag, n) : ST_EINVAL;

	if (err == 0 && is_json_cut(p, n))
		return fault(p, "json cannot be cut", SLICE_NULL);
	return err < 0 ? err : nothing_behind(p, tag);
}

/* max:N and sep:TEXT of an `each`. */
static int
take_each_options(struct parser *p, struct slice *rest, struct tnode *n)
{
	struct slice arg;
	int err;

	while (rest->n) {
		bool is_max = slice_starts(*rest, "max:");

		if (!is_max && !slice_starts(*rest, "sep:"))
			return fault_word(
			    p, "each knows max: and sep:, not", *rest);
		*rest = slice_of(rest->p + 4, rest->n - 4);
		err = take_arg(p, " \t\r\n", rest, &arg);
		if (err < 0)
			return err;
		if (is_max && !to_number(arg, &n->max))
			return fault_word(p, "is no number:", arg);
		if (!is_max)
			n->sep = arg;
		*rest = skip_blanks(*rest);
	}
	if (n->max > TEMPLATE_EACH_MAX)
		n->max = TEMPLATE_EACH_MAX;
	return 0;
}

static int
take_max(struct parser *p, struct slice *rest, struct tnode *n)
{
	*rest = slice_trim(*rest);
	if (!to_number(*rest, &n->max))
		return fault_word(p, "max needs a number, not", *rest);
	*rest = slice_of(rest->p + rest->n, 0);
	return 0;
}

static int
open_block(struct parser *p, enum tnode_kind kind, struct slice rest)
{
	struct tnode *n = add_node(p, kind);
	int err;

	if (!n)
		return ST_EINVAL;
	if (p->depth == TEMPLATE_DEPTH_MAX)
		return fault(
		    p, "blocks stand too deep in one another", SLICE_NULL);
	p->open[p->depth].node = p->t->n - 1;
	p->open[p->depth++].has_else = false;
	n->max = TEMPLATE_EACH_MAX;
	if (kind == TNODE_MAX)
		return take_max(p, &rest, n);
	err = take_value(p, kind == TNODE_EACH ? "| \t\r\n" : "|", &rest, n);
	if (err == 0 && kind == TNODE_EACH)
		err = take_each_options(p, &rest, n);
	return err < 0 ? err : nothing_behind(p, rest);
}

static const struct {
	const char *word;
	enum tnode_kind kind;
} blocks[] = {
	{ "each", TNODE_EACH },
	{ "if", TNODE_IF },
	{ "max", TNODE_MAX },
};

static int
take_open(struct parser *p, struct slice tag)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		size_t n = strlen(blocks[i].word);

		if (slice_starts(tag, blocks[i].word) && tag.n > n &&
		    strchr(" \t\n", tag.p[n]))
			return open_block(
			    p, blocks[i].kind, slice_of(tag.p + n, tag.n - n));
	}
	return fault_word(p, "there is no block", tag);
}

static int
take_else(struct parser *p)
{
	struct open_block *b = p->depth ? &p->open[p->depth - 1] : NULL;

	if (!b || b->has_else || p->t->nodes[b->node].kind == TNODE_MAX)
		return fault(p, "an else of nothing", SLICE_NULL);
	b->has_else = true;
	p->t->nodes[b->node].other = p->t->n;
	return 0;
}

static int
take_close(struct parser *p, struct slice word)
{
	struct open_block *b = p->depth ? &p->open[p->depth - 1] : NULL;
	struct tnode *n = b ? &p->t->nodes[b->node] : NULL;

	for (size_t i = 0; n && i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (n->kind != blocks[i].kind ||
		    !slice_is(word, blocks[i].word))
			continue;
		n->end = p->t->n;
		if (!b->has_else)
			n->other = n->end;
		p->depth--;
		return 0;
	}
	return fault_word(p, "nothing to end here with", word);
}

static int
take_tag(struct parser *p, struct slice tag)
{
	struct slice rest = tag.n ? slice_of(tag.p + 1, tag.n - 1) : tag;

	if (tag.n == 0)
		return fault(p, "an empty hole", SLICE_NULL);
	if (tag.p[0] == '!')
		return 0;
	if (tag.p[0] == '#')
		return take_open(p, slice_trim(rest));
	if (tag.p[0] == '/')
		return take_close(p, slice_trim(rest));
	if (slice_is(slice_trim(tag), "else"))
		return take_else(p);
	return take_hole(p, slice_trim(tag));
}

/* The }} that ends a tag: not one inside quotes. */
static const char *
tag_end(struct slice s)
{
	bool quoted = false, comment = s.n && s.p[0] == '!';

	for (size_t i = 0; i + 1 < s.n; i++) {
		if (!comment && quoted && s.p[i] == '\\')
			i++;
		else if (!comment && s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] == '}' && s.p[i + 1] == '}')
			return s.p + i;
	}
	return NULL;
}

static int
parse(struct parser *p)
{
	struct slice rest = p->whole;
	int err = 0;

	while (err == 0) {
		const char *begin = slice_find(rest, "{{"), *end;
		const char *stop = rest.p + rest.n;

		if (!begin)
			break;
		while (begin + 2 < stop && begin[2] == '{')
			begin++; /* text that ends with a brace */
		err = add_text(p, slice_of(rest.p, (size_t)(begin - rest.p)));
		p->at = begin;
		begin += 2;
		end = tag_end(slice_of(begin, (size_t)(stop - begin)));
		if (!end)
			return fault(p, "{{ without }}", SLICE_NULL);
		if (err == 0)
			err = take_tag(
			    p, slice_of(begin, (size_t)(end - begin)));
		rest = slice_of(end + 2, (size_t)(stop - end - 2));
	}
	if (err == 0)
		err = add_text(p, rest);
	if (err == 0 && p->depth)
		err = fault(p, "a block that does not end", SLICE_NULL);
	return err;
}

int
template_compile(struct slice text, enum template_context context,
    struct template **result, struct err *e)
{
	struct parser p = { .e = e };
	int err;

	if (text.n > TEMPLATE_TEXT_MAX)
		return err_set(e, ST_ELIMIT, "a template of %zu bytes", text.n);
	p.t = calloc(1, sizeof(*p.t));
	if (!p.t)
		return err_set(e, ST_ENOMEM, "out of memory");
	arena_init(&p.t->arena, 4096);
	p.t->context = context;
	p.whole = arena_slice(&p.t->arena, text.n ? text : SLICE_LIT(""));
	p.at = p.whole.p;
	err = p.whole.p ? parse(&p) : err_set(e, ST_ENOMEM, "out of memory");
	if (err < 0) {
		template_free(p.t);
		return err;
	}
	*result = p.t;
	return 0;
}

void
template_free(struct template *t)
{
	if (!t)
		return;
	free(t->nodes);
	arena_release(&t->arena);
	free(t);
}

bool
template_asks(const struct template *t, const char *var)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].kind != TNODE_TEXT && t->nodes[i].text.n &&
		    t->nodes[i].text.p[0] == '$' &&
		    slice_is(slice_of(t->nodes[i].text.p + 1,
				 t->nodes[i].text.n - 1),
			var))
			return true;
	return false;
}
