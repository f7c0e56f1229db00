/*
 * yaml.c - a YAML file as a tree that knows where everything stood.
 *
 * Knows libyaml, and is the only room that does: its events become nodes in
 * an arena.  What the keys mean is schema.c's business; where secrets come
 * from, secret.c's.  An alias is the same node once more, not a copy, but
 * counts with all that is in it, so that whoever walks the tree is bounded
 * too.  Main thread; the finished tree may be read by any.
 */
#include "conf/yaml.h"

#include "conf/secret.h"
#include "lib/arena.h"
#include "lib/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#define CORE_TAG "tag:yaml.org,2002:"

struct yaml_doc {
	struct arena arena;
	struct slice text;
	const char *name;
	const struct ynode *root;
};

/* A node as it is built; `n` comes first, so that both are one address. */
struct built {
	struct ynode n;
	size_t expanded; /* itself and all below, aliases counted each time */
	unsigned height; /* levels of lists and maps, itself one */
	bool open;       /* its end has not been seen */
};

struct anchor {
	const char *name;
	struct built *node;
};

struct builder {
	yaml_parser_t parser;
	struct yaml_doc *doc;
	struct err *e;
	struct problems *all; /* NULL: the first one ends it */
	struct built **stack; /* children of all open lists and maps */
	size_t n_stack, cap_stack;
	struct anchor anchors[YAML_ALIASES_MAX];
	size_t n_anchors, n_aliases;
};

static int node(struct builder *b, yaml_event_type_t end, unsigned depth,
    struct built **result);

static int
out_of_memory(struct builder *b)
{
	return err_at(b->e, ST_ENOMEM, b->doc->name, 0, 0, "out of memory");
}

/* An error at a mark of libyaml's, which counts from 0. */
#define AT(b, code, mark, ...)                                            \
	err_at((b)->e, (code), (b)->doc->name, (unsigned)(mark).line + 1, \
	    (unsigned)(mark).column + 1, __VA_ARGS__)

/* The reader tells only a byte offset. */
static yaml_mark_t
mark_of_offset(struct slice text, size_t offset)
{
	yaml_mark_t m = { 0, 0, 0 };

	for (size_t i = 0; i < offset && i < text.n; i++) {
		if (text.p[i] == '\n') {
			m.line++;
			m.column = 0;
		} else if (((unsigned char)text.p[i] & 0xc0) != 0x80) {
			m.column++;
		}
	}
	return m;
}

static int
syntax_error(struct builder *b)
{
	const yaml_parser_t *p = &b->parser;
	const char *problem = p->problem ? p->problem : "cannot be read";
	yaml_mark_t mark = p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR)
		return out_of_memory(b);
	if (p->error == YAML_READER_ERROR)
		mark = mark_of_offset(b->doc->text, p->problem_offset);
	if (p->error == YAML_READER_ERROR || !p->context ||
	    p->context_mark.line == mark.line)
		return AT(b, ST_EFORMAT, mark, "not YAML: %s", problem);
	return AT(b, ST_EFORMAT, mark,
	    "not YAML: %s (%s that begins on line "
	    "%u)",
	    problem, p->context, (unsigned)p->context_mark.line + 1);
}

static int
next_event(struct builder *b, yaml_event_t *ev)
{
	if (!yaml_parser_parse(&b->parser, ev))
		return syntax_error(b);
	return 0;
}

static struct built *
built_new(struct builder *b, const yaml_event_t *ev, enum ynode_kind kind)
{
	struct built *n = arena_calloc(&b->doc->arena, sizeof(*n));

	if (!n)
		return NULL;
	n->n.kind = kind;
	n->n.line = (unsigned)ev->start_mark.line + 1;
	n->n.col = (unsigned)ev->start_mark.column + 1;
	n->n.file = b->doc->name;
	n->expanded = 1;
	n->height = kind != YNODE_SCALAR;
	return n;
}

/* Later anchors hide earlier ones of the same name, as YAML has it. */
static int
anchor_add(struct builder *b, const yaml_event_t *ev, const yaml_char_t *name,
    struct built *n)
{
	char *copy;

	if (!name)
		return 0;
	if (b->n_anchors == YAML_ALIASES_MAX)
		return AT(b, ST_ELIMIT, ev->start_mark, "more than %d anchors",
		    YAML_ALIASES_MAX);
	copy = arena_dup(
	    &b->doc->arena, (const char *)name, strlen((const char *)name));
	if (!copy)
		return out_of_memory(b);
	b->anchors[b->n_anchors++] = (struct anchor){ copy, n };
	return 0;
}

static int
alias(struct builder *b, const yaml_event_t *ev, unsigned depth,
    struct built **result)
{
	const char *name = (const char *)ev->data.alias.anchor;

	if (++b->n_aliases > YAML_ALIASES_MAX)
		return AT(b, ST_ELIMIT, ev->start_mark, "more than %d aliases",
		    YAML_ALIASES_MAX);
	for (size_t i = b->n_anchors; i-- > 0;) {
		struct built *n = b->anchors[i].node;

		if (strcmp(b->anchors[i].name, name) != 0)
			continue;
		if (n->open)
			return AT(b, ST_EINVAL, ev->start_mark,
			    "alias \"%s\" contains itself", name);
		if (depth + n->height > YAML_DEPTH_MAX)
			return AT(b, ST_ELIMIT, ev->start_mark,
			    "nested deeper than %d levels", YAML_DEPTH_MAX);
		*result = n;
		return 0;
	}
	return AT(b, ST_EINVAL, ev->start_mark,
	    "alias \"%s\" has no anchor before it", name);
}

static bool
tag_is(const char *tag, const char *const *core)
{
	if (strcmp(tag, "!") == 0)
		return true;
	if (strncmp(tag, CORE_TAG, strlen(CORE_TAG)) != 0)
		return false;
	for (; *core; core++)
		if (strcmp(tag + strlen(CORE_TAG), *core) == 0)
			return true;
	return false;
}

static int
bad_tag(struct builder *b, const yaml_event_t *ev, const char *tag)
{
	bool core = strncmp(tag, CORE_TAG, strlen(CORE_TAG)) == 0;

	return AT(b, ST_EINVAL, ev->start_mark,
	    "the tag \"%s%s\" cannot stand here; \"!file PATH\" and the plain "
	    "YAML ones are known",
	    core ? "!!" : "", core ? tag + strlen(CORE_TAG) : tag);
}

static int
check_collection_tag(struct builder *b, const yaml_event_t *ev,
    const yaml_char_t *tag, const char *word)
{
	const char *const core[] = { word, NULL };

	if (!tag || tag_is((const char *)tag, core))
		return 0;
	return bad_tag(b, ev, (const char *)tag);
}

/* A message without place gets that of the event. */
static int
place_error(
    struct builder *b, const yaml_event_t *ev, int err, const struct err *inner)
{
	if (err == ST_ENOMEM)
		return out_of_memory(b);
	return AT(b, err, ev->start_mark, "%s", inner->text);
}

static int
fill_file(struct builder *b, const yaml_event_t *ev, struct built *n)
{
	struct arena *a = &b->doc->arena;
	struct err inner;
	char *path;
	int err;

	if (n->n.text.n == 0)
		return AT(b, ST_EINVAL, ev->start_mark,
		    "\"!file\" wants a path behind it");
	path = secret_path(a, b->doc->name, n->n.text);
	if (!path)
		return out_of_memory(b);
	err = secret_file(path, YAML_SECRET_MAX, a, &n->n.text, &inner);
	n->n.secret = true;
	n->n.plain = false;
	return err < 0 ? place_error(b, ev, err, &inner) : 0;
}

/* What does not stand in the text itself: "${NAME}" and "!file". */
static int
fill_in(struct builder *b, const yaml_event_t *ev, struct built *n)
{
	const char *tag = (const char *)ev->data.scalar.tag;
	bool file = tag && strcmp(tag, "!file") == 0, filled;
	struct err inner;
	int err;

	if (!file && !slice_find(n->n.text, "${"))
		return 0;
	/* A text of no file, as in fuzzing, sees nothing of the machine. */
	if (b->doc->name[0] == '\0')
		return AT(b, ST_EINVAL, ev->start_mark,
		    "\"!file\" and \"${...}\" work in files only");
	err = secret_expand(
	    n->n.text, &b->doc->arena, &n->n.text, &filled, &inner);
	if (err < 0)
		return place_error(b, ev, err, &inner);
	n->n.secret = filled;
	return file ? fill_file(b, ev, n) : 0;
}

static int
scalar(struct builder *b, const yaml_event_t *ev, struct built **result)
{
	static const char *const core[] = { "str", "int", "float", "bool",
		"null", NULL };
	const char *tag = (const char *)ev->data.scalar.tag;
	struct slice text = slice_of(
	    (const char *)ev->data.scalar.value, ev->data.scalar.length);
	struct built *n;
	int err;

	if (tag && strcmp(tag, "!file") != 0 && !tag_is(tag, core))
		return bad_tag(b, ev, tag);
	if (text.n && memchr(text.p, '\0', text.n))
		return AT(
		    b, ST_EINVAL, ev->start_mark, "a text cannot hold a NUL");
	n = built_new(b, ev, YNODE_SCALAR);
	if (n)
		n->n.text = arena_slice(&b->doc->arena, text);
	if (!n || !n->n.text.p)
		return out_of_memory(b);
	n->n.plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    !(tag &&
		(strcmp(tag, "!") == 0 || strcmp(tag, CORE_TAG "str") == 0));
	err = fill_in(b, ev, n);
	n->n.broken = err < 0;
	err = problems_take(b->all, err, b->e);
	if (n->n.broken) {
		n->n.text = SLICE_LIT("");
		n->n.secret = true;
	}
	if (err == 0)
		err = anchor_add(b, ev, ev->data.scalar.anchor, n);
	if (err == 0)
		*result = n;
	return err;
}

static int
push(struct builder *b, struct built *parent, struct built *child)
{
	if (b->n_stack == b->cap_stack) {
		size_t cap = b->cap_stack ? b->cap_stack * 2 : 64;
		struct built **p = realloc(b->stack, cap * sizeof(*p));

		if (!p)
			return out_of_memory(b);
		b->stack = p;
		b->cap_stack = cap;
	}
	b->stack[b->n_stack++] = child;
	parent->expanded += child->expanded;
	if (child->height >= parent->height)
		parent->height = child->height + 1;
	if (parent->expanded > YAML_NODES_MAX)
		return err_at(b->e, ST_ELIMIT, b->doc->name, parent->n.line,
		    parent->n.col,
		    "more than %d values, aliases counted each "
		    "time",
		    YAML_NODES_MAX);
	return 0;
}

/* Children `base`, base + step, ... of the stack, kept in the arena. */
static const struct ynode *const *
keep(struct builder *b, size_t base, size_t step, size_t n)
{
	const struct ynode **v;

	v = arena_alloc(&b->doc->arena, (n ? n : 1) * sizeof(*v));
	for (size_t i = 0; v && i < n; i++)
		v[i] = &b->stack[base + i * step]->n;
	return v;
}

static int
sequence(struct builder *b, const yaml_event_t *ev, unsigned depth,
    struct built **result)
{
	size_t base = b->n_stack;
	struct built *n, *child;
	int err;

	err = check_collection_tag(b, ev, ev->data.sequence_start.tag, "seq");
	if (err < 0)
		return err;
	n = built_new(b, ev, YNODE_SEQ);
	if (!n)
		return out_of_memory(b);
	n->open = true;
	err = anchor_add(b, ev, ev->data.sequence_start.anchor, n);
	while (err == 0) {
		err = node(b, YAML_SEQUENCE_END_EVENT, depth, &child);
		if (err < 0 || !child)
			break;
		err = push(b, n, child);
	}
	if (err < 0)
		return err;
	n->open = false;
	n->n.n = b->n_stack - base;
	n->n.items = keep(b, base, 1, n->n.n);
	b->n_stack = base;
	*result = n;
	return n->n.items ? 0 : out_of_memory(b);
}

/* A key is a plain or quoted scalar without anything filled in. */
static int
key(struct builder *b, struct built **result)
{
	yaml_event_t ev;
	int err;

	err = next_event(b, &ev);
	if (err < 0)
		return err;
	if (ev.type == YAML_MAPPING_END_EVENT)
		*result = NULL;
	else if (ev.type != YAML_SCALAR_EVENT ||
	    ev.data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
	    ev.data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
		err = AT(b, ST_EINVAL, ev.start_mark,
		    "a key must be a plain word or a quoted one");
	else if (ev.data.scalar.tag ||
	    strstr((char *)ev.data.scalar.value, "${"))
		err = AT(b, ST_EINVAL, ev.start_mark,
		    "a key cannot have a tag or be filled in");
	else
		err = scalar(b, &ev, result);
	yaml_event_delete(&ev);
	return err;
}

static int
cmp_keys(const void *a, const void *b)
{
	const struct ynode *x = *(const struct ynode *const *)a;
	const struct ynode *y = *(const struct ynode *const *)b;
	int c = slice_cmp(x->text, y->text);

	if (c == 0)
		c = x->line != y->line ? (x->line < y->line ? -1 : 1)
		    : x->col != y->col ? (x->col < y->col ? -1 : 1)
				       : 0;
	return c;
}

static int
twice(struct builder *b, const struct ynode *again, const struct ynode *first)
{
	char shown[YNODE_SHOWN];
	int err = ynode_err(again, b->e,
	    "key %s is there twice, first on line %u",
	    ynode_shown(again, shown), first->line);

	return problems_take(b->all, err, b->e);
}

static bool
stands_before(const struct ynode *a, const struct ynode *b)
{
	return a->line < b->line || (a->line == b->line && a->col < b->col);
}

/* Without a list, the first key of the file that was there before. */
static int
refuse_twice(struct builder *b, const struct ynode *const *v, size_t n)
{
	const struct ynode *again = NULL, *first = NULL;
	int err = 0;

	for (size_t i = 1; i < n && err == 0; i++) {
		if (!slice_eq(v[i - 1]->text, v[i]->text))
			continue;
		if (b->all) {
			err = twice(b, v[i], v[i - 1]);
		} else if (!again || stands_before(v[i], again)) {
			again = v[i];
			first = v[i - 1];
		}
	}
	return again ? twice(b, again, first) : err;
}

static int
check_duplicates(struct builder *b, const struct ynode *map)
{
	const struct ynode **v;
	int err;

	if (map->n < 2)
		return 0;
	v = malloc(map->n * sizeof(*v));
	if (!v)
		return out_of_memory(b);
	memcpy(v, map->keys, map->n * sizeof(*v));
	qsort(v, map->n, sizeof(*v), cmp_keys);
	err = refuse_twice(b, v, map->n);
	free(v);
	return err;
}

static int
pairs(struct builder *b, struct built *n, unsigned depth)
{
	struct built *k, *v;
	int err;

	for (;;) {
		err = key(b, &k);
		if (err < 0 || !k)
			return err;
		err = node(b, YAML_NO_EVENT, depth, &v);
		if (err == 0)
			err = push(b, n, k);
		if (err == 0)
			err = push(b, n, v);
		if (err < 0)
			return err;
	}
}

static int
mapping(struct builder *b, const yaml_event_t *ev, unsigned depth,
    struct built **result)
{
	size_t base = b->n_stack;
	struct built *n;
	int err;

	err = check_collection_tag(b, ev, ev->data.mapping_start.tag, "map");
	if (err < 0)
		return err;
	n = built_new(b, ev, YNODE_MAP);
	if (!n)
		return out_of_memory(b);
	n->open = true;
	err = anchor_add(b, ev, ev->data.mapping_start.anchor, n);
	if (err == 0)
		err = pairs(b, n, depth);
	if (err < 0)
		return err;
	n->open = false;
	n->n.n = (b->n_stack - base) / 2;
	n->n.keys = keep(b, base, 2, n->n.n);
	n->n.items = keep(b, base + 1, 2, n->n.n);
	b->n_stack = base;
	*result = n;
	if (!n->n.keys || !n->n.items)
		return out_of_memory(b);
	return check_duplicates(b, &n->n);
}

static int
node_of_event(struct builder *b, const yaml_event_t *ev, unsigned depth,
    struct built **result)
{
	bool nests = ev->type == YAML_SEQUENCE_START_EVENT ||
	    ev->type == YAML_MAPPING_START_EVENT;

	if (nests && depth >= YAML_DEPTH_MAX)
		return AT(b, ST_ELIMIT, ev->start_mark,
		    "nested deeper than %d levels", YAML_DEPTH_MAX);
	switch (ev->type) {
	case YAML_ALIAS_EVENT:
		return alias(b, ev, depth, result);
	case YAML_SCALAR_EVENT:
		return scalar(b, ev, result);
	case YAML_SEQUENCE_START_EVENT:
		return sequence(b, ev, depth + 1, result);
	case YAML_MAPPING_START_EVENT:
		return mapping(b, ev, depth + 1, result);
	default:
		return AT(b, ST_EFORMAT, ev->start_mark, "not YAML here");
	}
}

/* One value, or NULL where the event is `end`. */
static int
node(struct builder *b, yaml_event_type_t end, unsigned depth,
    struct built **result)
{
	yaml_event_t ev;
	int err;

	err = next_event(b, &ev);
	if (err < 0)
		return err;
	if (end != YAML_NO_EVENT && ev.type == end)
		*result = NULL;
	else
		err = node_of_event(b, &ev, depth, result);
	yaml_event_delete(&ev);
	return err;
}

/* The next event's kind, for those that carry nothing. */
static int
step(struct builder *b, yaml_event_type_t *type, yaml_mark_t *mark)
{
	yaml_event_t ev;
	int err;

	err = next_event(b, &ev);
	if (err < 0)
		return err;
	*type = ev.type;
	*mark = ev.start_mark;
	yaml_event_delete(&ev);
	return 0;
}

static int
stream(struct builder *b)
{
	yaml_event_type_t type = YAML_NO_EVENT;
	struct built *root = NULL;
	yaml_mark_t mark;
	int err;

	err = step(b, &type, &mark); /* the stream's start */
	if (err == 0)
		err = step(b, &type, &mark);
	if (err < 0 || type == YAML_STREAM_END_EVENT)
		return err;
	err = node(b, YAML_NO_EVENT, 0, &root);
	if (err == 0)
		err = step(b, &type, &mark); /* the document's end */
	if (err == 0)
		err = step(b, &type, &mark);
	if (err < 0)
		return err;
	if (type != YAML_STREAM_END_EVENT)
		return AT(b, ST_EINVAL, mark,
		    "a second document begins here; one a file");
	b->doc->root = &root->n;
	return 0;
}

static int
build(struct yaml_doc *doc, struct problems *all, struct err *e)
{
	struct builder *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return err_set(e, ST_ENOMEM, "out of memory");
	b->doc = doc;
	b->e = e;
	b->all = all;
	if (yaml_parser_initialize(&b->parser)) {
		yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&b->parser,
		    (const unsigned char *)doc->text.p, doc->text.n);
		err = stream(b);
		yaml_parser_delete(&b->parser);
	} else {
		err = out_of_memory(b);
	}
	free(b->stack);
	free(b);
	return err;
}

int
yaml_load_text_all(struct slice text, const char *name, struct problems *all,
    struct yaml_doc **result, struct err *e)
{
	struct yaml_doc *doc;
	int err;

	if (text.n > YAML_SIZE_MAX)
		return err_at(e, ST_ELIMIT, name, 0, 0, "longer than %zu bytes",
		    YAML_SIZE_MAX);
	doc = calloc(1, sizeof(*doc));
	if (!doc)
		return err_set(e, ST_ENOMEM, "out of memory");
	arena_init(&doc->arena, 4096);
	doc->name = arena_dup(&doc->arena, name, strlen(name));
	doc->text = slice_of(arena_dup(&doc->arena, text.p, text.n), text.n);
	if (doc->name && doc->text.p)
		err = build(doc, all, e);
	else
		err = err_set(e, ST_ENOMEM, "out of memory");
	if (err == 0)
		*result = doc;
	else
		yaml_free(doc);
	return err;
}

int
yaml_load_text(struct slice text, const char *name, struct yaml_doc **result,
    struct err *e)
{
	return yaml_load_text_all(text, name, NULL, result, e);
}

int
yaml_load_all(const char *path, struct problems *all, struct yaml_doc **result,
    struct err *e)
{
	char *bytes = NULL;
	size_t n = 0;
	int err;

	err = secret_slurp(path, YAML_SIZE_MAX, &bytes, &n, e);
	if (err < 0)
		return err;
	err = yaml_load_text_all(slice_of(bytes, n), path, all, result, e);
	free(bytes);
	return err;
}

int
yaml_load(const char *path, struct yaml_doc **result, struct err *e)
{
	return yaml_load_all(path, NULL, result, e);
}

void
yaml_doc_free(struct yaml_doc *doc)
{
	if (!doc)
		return;
	arena_release(&doc->arena);
	free(doc);
}

const struct ynode *
yaml_root(const struct yaml_doc *doc)
{
	return doc->root;
}

struct slice
yaml_text(const struct yaml_doc *doc)
{
	return doc->text;
}

bool
ynode_same(const struct ynode *a, const struct ynode *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind || a->n != b->n || !slice_eq(a->text, b->text))
		return false;
	if (a->kind == YNODE_SCALAR)
		return a->plain == b->plain;
	for (size_t i = 0; i < a->n; i++)
		if (!ynode_same(a->items[i], b->items[i]) ||
		    (a->kind == YNODE_MAP &&
			!ynode_same(a->keys[i], b->keys[i])))
			return false;
	return true;
}

const struct ynode *
ynode_get(const struct ynode *n, const char *name)
{
	for (size_t i = 0; n && n->kind == YNODE_MAP && i < n->n; i++)
		if (slice_is(n->keys[i]->text, name))
			return n->items[i];
	return NULL;
}

int
ynode_err(const struct ynode *n, struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_at(e, ST_EINVAL, n->file, n->line, n->col, "%s", text);
}

const char *
ynode_shown(const struct ynode *n, char *buf)
{
	size_t at = 0, i;

	if (n->kind == YNODE_MAP)
		return "a block of keys";
	if (n->kind == YNODE_SEQ)
		return "a list";
	if (n->secret)
		return "the value filled in";
	buf[at++] = '"';
	for (i = 0; i < n->text.n && at < YNODE_SHOWN - 8; i++) {
		unsigned char c = (unsigned char)n->text.p[i];

		if (c < 0x20 || c == 0x7f)
			at += (size_t)sprintf(buf + at, "\\x%02x", c);
		else
			buf[at++] = (char)c;
	}
	/* A character is shown whole or not at all. */
	while (i < n->text.n && at > 1 &&
	    ((unsigned char)n->text.p[i] & 0xc0) == 0x80) {
		i--;
		at--;
	}
	strcpy(buf + at, i < n->text.n ? "...\"" : "\"");
	return buf;
}

const char *
yaml_library_version(void)
{
	return yaml_get_version_string();
}
