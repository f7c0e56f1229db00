/*
 * template.h - text with holes that a finding's native JSON fills.
 *
 *     struct template *t;
 *     err = template_compile(text, TEMPLATE_JSON, &t, &e);
 *     err = template_render(t, &in, &out);        // appends
 *     template_free(t);
 *
 * What stands in a template:
 *
 *     {{title}}                        a value; dots and indices: reasons.0.code
 *     {{title|upper|max:150}}          through filters, from left to right
 *     {{$token}}                       a variable (template_input.vars)
 *     {{#each reasons max:10 sep:", "}}{{.code}}{{else}}none{{/each}}
 *     {{#if source.ip|is:192.0.2.1}}...{{else}}...{{/if}}
 *     {{#max 3000}}...{{/max}}         all of it within 3000 characters
 *     {{! a word to the reader of the template}}
 *
 * Inside `each`, `.` is the element, `.name` its member, `@n` counts from 1;
 * other paths begin at the finding, which as a whole is `@root`.  A brace that
 * stands before a hole belongs to the text.  A condition holds for what is not null,
 * false, 0 or empty.  What is not there is an empty text.
 *
 * A value is always data: control and bidi characters become visible (\u000a),
 * then the filter's escaping is done (`slack`, `markdown`, `html`, `code`,
 * `csv`, `url`), then that of the template's own context, whichever hole it
 * is; no filter turns that off.  `json` writes a whole value where JSON wants
 * one.  Limits (`max:N` in UTF-16 units, `bytes:N`) count what the receiver
 * reads, cut at a code point and say so: "…[cut]".
 *
 * A template is constant once compiled: any thread, each with an arena.
 */
#ifndef ST_TEMPLATE_H
#define ST_TEMPLATE_H

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"

/* What the whole is: how every value is escaped at last. */
enum template_context {
	TEMPLATE_TEXT,
	TEMPLATE_JSON,   /* values stand inside strings */
	TEMPLATE_HTML,   /* between tags, or in quoted attributes */
	TEMPLATE_URL,    /* anything but unreserved characters is %XX */
	TEMPLATE_HEADER, /* one line of printable ASCII */
	TEMPLATE_CSV,    /* each value is one cell */
};

#define TEMPLATE_TEXT_MAX ((size_t)256 << 10)
#define TEMPLATE_NODES_MAX 4096
#define TEMPLATE_DEPTH_MAX 8
#define TEMPLATE_FILTERS_MAX 8
#define TEMPLATE_EACH_MAX 1000 /* elements that `each` walks at most */
#define TEMPLATE_OUT_MAX ((size_t)8 << 20)
#define TEMPLATE_CUT "\xe2\x80\xa6[cut]"

struct template;

/* e has line and column, counted in the template. */
int template_compile(struct slice text, enum template_context context,
    struct template **result, struct err *e) ST_MUSTCHECK;
void template_free(struct template *t);

/* {{$name}}: ours, not other people's, but escaped like everything else.  The
 * last has no name. */
struct template_var {
	const char *name;
	struct slice value;
};

struct template_input {
	const struct json *root;
	const struct template_var *vars; /* or NULL */
	struct arena *arena;             /* for values on their way */
};

/* ST_ELIMIT: more than TEMPLATE_OUT_MAX; ST_ENOMEM.  What was appended until
 * then is taken back. */
int template_render(const struct template *t, const struct template_input *in,
    struct buf *out) ST_MUSTCHECK;

/* Is a variable of this name asked for anywhere? */
bool template_asks(const struct template *t, const char *var);

/* The filters as a table for the manual, of the form of schema_table(). */
void template_filters(struct buf *out);

#endif
