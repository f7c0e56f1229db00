/*
 * template_inner.h - what template.c, template_render.c and filters.c share.
 *
 * A template is a list of nodes in the order of the text; a block's node says
 * where its `else` and its end are.  Values pass through filters as struct
 * tvalue, and come out code point by code point through an escape.
 */
#ifndef ST_TEMPLATE_INNER_H
#define ST_TEMPLATE_INNER_H

#include "outputs/format/template.h"

/* One code point in, its bytes out; p..p+len is how it stood. */
#define ESCAPED_MAX 24
typedef size_t
template_escape(uint32_t cp, const char *p, size_t len, char out[ESCAPED_MAX]);

struct tvalue {
	const struct json *v; /* NULL: text is all there is */
	struct slice text;
};

struct filter_call;
struct filter {
	const char *name;
	const char *help;
	/* Exactly one of the two, or neither for what the renderer does. */
	void (*change)(
	    struct tvalue *v, const struct filter_call *c, struct arena *a);
	template_escape *escape;
	enum { ARG_NONE, ARG_TEXT, ARG_NUMBER } arg;
	enum {
		FILTER_CHANGE,
		FILTER_ESCAPE,
		FILTER_MAX,
		FILTER_BYTES,
		FILTER_JSON
	} kind;
};

struct filter_call {
	const struct filter *filter;
	struct slice arg;
	size_t number;
};

const struct filter *filter_find(struct slice name);
extern const struct filter filter_table[]; /* ends without a name */

/* The text of any value: a string's own, a number as JSON writes it, a list's
 * elements with ", " between, an object as JSON. */
struct slice tvalue_text(const struct tvalue *v, struct arena *a);
/* The whole value as JSON; null where there is none. */
void tvalue_json(const struct tvalue *v, struct buf *out);
bool tvalue_holds(const struct tvalue *v, struct arena *a);

enum tnode_kind { TNODE_TEXT, TNODE_HOLE, TNODE_EACH, TNODE_IF, TNODE_MAX };

struct tnode {
	enum tnode_kind kind;
	struct slice text; /* TNODE_TEXT; else the path */
	struct filter_call calls[TEMPLATE_FILTERS_MAX];
	unsigned n_calls;
	size_t max;       /* each: elements; max: characters */
	struct slice sep; /* each */
	size_t other;     /* where the part behind `else` begins */
	size_t end;       /* one behind the last node of the block */
};

struct template
{
	enum template_context context;
	struct arena arena;
	struct tnode *nodes;
	size_t n, cap;
};

#endif
