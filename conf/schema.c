/*
 * schema.c - options are rows: fills a structure from a node by its rows.
 *
 * Knows types, defaults, bounds and the words of the errors; text_to_value is
 * in value.c, the tables for people and editors in schemadoc.c.  Does not
 * know what any option is for.  Constant data, any thread.
 */
#include "conf/schema.h"

#include "conf/secret.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX 128
#define REAL_TEXT_MAX 64

struct fill {
	struct arena *a;
	struct err *e;
	struct problems *all; /* NULL: the first one ends it */
	size_t *faults;       /* counts those told and those told before */
	bool absent;          /* the whole block is: nothing is required */
};

static int block(struct fill *f, const struct ynode *n, const struct opt *rows,
    void *result);

static int
out_of_memory(struct fill *f)
{
	return err_set(f->e, ST_ENOMEM, "out of memory");
}

/* What became of a part: 0 goes on. */
static int
take(struct fill *f, int err)
{
	*f->faults += err < 0;
	return problems_take(f->all, err, f->e);
}

/* `key:` with nothing behind it, which is how a list whose lines are all
 * commented out looks: never what was meant. */
static bool
is_nothing(const struct ynode *n)
{
	return n->kind == YNODE_SCALAR && n->plain && !n->secret &&
	    (n->text.n == 0 || slice_is(n->text, "~") ||
		slice_is(n->text, "null"));
}

static int
is_no(struct fill *f, const struct ynode *n, const struct opt *row,
    const char *what)
{
	char shown[YNODE_SHOWN];

	return ynode_err(
	    n, f->e, "%s: %s is no %s", row->name, ynode_shown(n, shown), what);
}

static int
not_a(struct fill *f, const struct ynode *n, const struct opt *row,
    const char *what)
{
	char shown[YNODE_SHOWN];

	return ynode_err(n, f->e, "%s: expects %s, not %s", row->name, what,
	    ynode_shown(n, shown));
}

static bool
parse_bool(struct slice s, bool *result)
{
	static const char *const words[] = { "false", "no", "off", "true",
		"yes", "on" };

	for (size_t i = 0; i < 6; i++) {
		if (!slice_is(s, words[i]))
			continue;
		*result = i >= 3;
		return true;
	}
	return false;
}

static bool
parse_real(struct slice s, double *result)
{
	char text[REAL_TEXT_MAX], *end;

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	/* strtod() would also take hexadecimal, "inf" and "nan". */
	if (strspn(text, "+-.0123456789eE") != s.n)
		return false;
	*result = strtod(text, &end);
	return *end == '\0' && end != text && isfinite(*result);
}

static int
word_of(struct slice s, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (slice_is(s, words[i]))
			return i;
	return -1;
}

/* What one would write for a bound. */
static void
write_bound(const struct opt *row, double v, char *buf, size_t size)
{
	static const struct {
		const char *unit;
		double factor;
	} durations[] = {
		{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
		{ "s", 1000 }, { "ms", 1 },
	}, sizes[] = {
		{ "T", 1099511627776.0 }, { "G", 1073741824 },
		{ "M", 1048576 }, { "k", 1024 }, { "", 1 },
	};

	for (size_t i = 0; i < 5; i++) {
		const char *unit = row->type == OPT_DURATION ? durations[i].unit
							     : sizes[i].unit;
		double factor = row->type == OPT_DURATION ? durations[i].factor
							  : sizes[i].factor;

		if (row->type != OPT_DURATION && row->type != OPT_SIZE)
			break;
		if (v < factor || fmod(v, factor) != 0)
			continue;
		snprintf(buf, size, "%.0f%s", v / factor, unit);
		return;
	}
	snprintf(buf, size, "%.15g", v);
}

void
schema_bounds(const struct opt *row, char *min, char *max, size_t size)
{
	write_bound(row, row->min, min, size);
	write_bound(row, row->max, max, size);
}

static int
check_bounds(
    struct fill *f, const struct ynode *n, const struct opt *row, double v)
{
	char shown[YNODE_SHOWN], min[SCHEMA_BOUND], max[SCHEMA_BOUND];

	if ((row->min == 0 && row->max == 0) ||
	    (v >= row->min && v <= row->max))
		return 0;
	assert(n); /* a default is within its own bounds */
	schema_bounds(row, min, max, SCHEMA_BOUND);
	return ynode_err(n, f->e,
	    "%s: %s is out of bounds, %s to %s are "
	    "possible",
	    row->name, ynode_shown(n, shown), min, max);
}

static int
fill_bool(struct fill *f, const struct ynode *n, const struct opt *row,
    struct slice s, void *field)
{
	if (parse_bool(s, field) && (!n || n->plain))
		return 0;
	return is_no(f, n, row,
	    n->plain ? "boolean (true or false)"
		     : "boolean (true or false, without quotes)");
}

static int
fill_int(struct fill *f, const struct ynode *n, const struct opt *row,
    struct slice s, void *field)
{
	int64_t *v = field;

	if (!schema_count(s, v))
		return is_no(f, n, row, "whole number (as 10, 5k, 10M)");
	return check_bounds(f, n, row, (double)*v);
}

static int
fill_real(struct fill *f, const struct ynode *n, const struct opt *row,
    struct slice s, void *field)
{
	double *v = field;

	if (!parse_real(s, v))
		return is_no(f, n, row, "number");
	return check_bounds(f, n, row, *v);
}

static int
fill_size(struct fill *f, const struct ynode *n, const struct opt *row,
    struct slice s, void *field)
{
	size_t *v = field;

	if (!schema_size(s, v))
		return is_no(f, n, row, "size (as 256k, 1M)");
	return check_bounds(f, n, row, (double)*v);
}

static int
fill_duration(struct fill *f, const struct ynode *n, const struct opt *row,
    struct slice s, void *field)
{
	int64_t *v = field;

	if (!schema_duration(s, v))
		return is_no(
		    f, n, row, "duration (as 50ms, 15s, 15m, 1h, 30d)");
	return check_bounds(f, n, row, (double)*v);
}

/* What a value may be, for a message. */
/* The words in one line; false where they are too many to be read there. */
static bool
list_words(const char *const *words, char *list, size_t size, size_t *count)
{
	size_t at = 0;

	for (*count = 0; words[*count]; ++*count)
		if (at < size)
			at += (size_t)snprintf(list + at, size - at, "%s%s",
			    *count ? ", " : "", words[*count]);
	return at < size;
}

int
schema_no_word(const struct ynode *n, const char *name,
    const char *const *words, struct err *e)
{
	char shown[YNODE_SHOWN], list[256];
	const char *near, *possible = list;
	size_t count;

	if (!list_words(words, list, sizeof(list), &count))
		possible = "the words that are possible";
	near = n->kind == YNODE_SCALAR && !n->secret
	    ? schema_nearest(n->text, words, count)
	    : NULL;
	return ynode_err(n, e, "%s: %s is none of %s%s%s%s", name,
	    ynode_shown(n, shown), possible, near ? "; did you mean \"" : "",
	    near ? near : "", near ? "\"?" : "");
}

static int
fill_word(struct fill *f, const struct ynode *n, const struct opt *row,
    struct slice s, void *field)
{
	int word = word_of(s, row->words);

	for (size_t i = 0; row->refused && row->refused[i]; i += 2)
		if (slice_is(s, row->refused[i]))
			return ynode_err(n, f->e, "%s: \"%s\" is refused: %s",
			    row->name, row->refused[i], row->refused[i + 1]);
	if (word < 0)
		return schema_no_word(n, row->name, row->words, f->e);
	*(int *)field = word;
	return 0;
}

static int
fill_string(struct fill *f, const struct ynode *n, const struct opt *row,
    struct slice s, void *field)
{
	const char *copy;

	if (n && n->text.n == 0 &&
	    (row->flags & (OPT_REQUIRED | OPT_SECRET | OPT_PATH)))
		return ynode_err(n, f->e, "%s: is empty", row->name);
	if (n && (row->flags & OPT_PATH))
		copy = secret_path(f->a, n->file, s);
	else
		copy = arena_dup(f->a, s.p, s.n);
	if (!copy)
		return out_of_memory(f);
	*(const char **)field = copy;
	return 0;
}

typedef int fill_fn(struct fill *f, const struct ynode *n,
    const struct opt *row, struct slice s, void *field);

/* Types that are one scalar; n is NULL for a default. */
static fill_fn *const scalars[] = {
	[OPT_BOOL] = fill_bool,
	[OPT_INT] = fill_int,
	[OPT_REAL] = fill_real,
	[OPT_SIZE] = fill_size,
	[OPT_DURATION] = fill_duration,
	[OPT_STRING] = fill_string,
	[OPT_WORD] = fill_word,
	[OPT_NODE] = NULL,
};

static int
strings_new(struct fill *f, size_t n, struct opt_strings *result)
{
	result->v = arena_calloc(f->a, (n ? n : 1) * sizeof(*result->v));
	result->nodes = arena_calloc(
	    f->a, (n ? n : 1) * sizeof(*result->nodes));
	result->n = n;
	return result->v && result->nodes ? 0 : out_of_memory(f);
}

/* Element i of a list, into place at. */
static int
fill_element(struct fill *f, const struct ynode *n, const struct opt *row,
    struct opt_strings *result, size_t at)
{
	int err;

	if (n->kind != YNODE_SCALAR)
		return not_a(f, n, row, "a list of words");
	if (is_nothing(n) || n->text.n == 0)
		return ynode_err(n, f->e, "%s: is empty", row->name);
	result->nodes[at] = n;
	err = fill_string(f, n, row, n->text, &result->v[at]);
	return err;
}

static int
fill_strings(struct fill *f, const struct ynode *n, const struct opt *row,
    struct opt_strings *result)
{
	const struct ynode *const *items = n->kind == YNODE_SEQ ? n->items : &n;
	size_t count = n->kind == YNODE_SEQ ? n->n : 1, good = 0;
	int err;

	if (n->kind == YNODE_MAP)
		return not_a(f, n, row, "a list");
	err = strings_new(f, count, result);
	for (size_t i = 0; err == 0 && i < count; i++) {
		if (items[i]->broken) {
			++*f->faults;
			continue;
		}
		err = fill_element(f, items[i], row, result, good);
		good += err == 0;
		err = take(f, err);
	}
	result->n = good;
	return err;
}

static int
fill_element_block(struct fill *f, const struct ynode *n, const struct opt *row,
    void *result, bool *bad)
{
	size_t before = *f->faults;
	int err = n->kind == YNODE_MAP ? block(f, n, row->rows, result)
				       : not_a(f, n, row, "a list of blocks");

	err = take(f, err);
	*bad = *f->faults > before;
	return err;
}

static int
fill_blocks(struct fill *f, const struct ynode *n, const struct opt *row,
    struct opt_blocks *result)
{
	size_t room = n->n ? n->n : 1;
	bool *bad;
	char *at;
	int err = 0;

	if (n->kind != YNODE_SEQ)
		return not_a(f, n, row, "a list");
	at = arena_calloc(f->a, room * row->size);
	bad = arena_calloc(f->a, room * sizeof(*bad));
	if (!at || !bad)
		return out_of_memory(f);
	result->v = at;
	result->n = n->n;
	result->bad = bad;
	for (size_t i = 0; i < n->n && err == 0; i++, at += row->size)
		err = fill_element_block(f, n->items[i], row, at, &bad[i]);
	return err;
}

static size_t
field_size(enum opt_type type)
{
	static const size_t sizes[] = {
		[OPT_BOOL] = sizeof(bool),
		[OPT_INT] = sizeof(int64_t),
		[OPT_REAL] = sizeof(double),
		[OPT_SIZE] = sizeof(size_t),
		[OPT_DURATION] = sizeof(int64_t),
		[OPT_STRING] = sizeof(const char *),
		[OPT_WORD] = sizeof(int),
		[OPT_STRINGS] = sizeof(struct opt_strings),
		[OPT_BLOCKS] = sizeof(struct opt_blocks),
		[OPT_NODE] = sizeof(const struct ynode *),
	};

	return sizes[type];
}

static int
fill_default(struct fill *f, const struct opt *row, void *field)
{
	struct fill inner = *f;
	struct opt_strings *strings = field;

	if (row->type == OPT_BLOCK) {
		inner.absent = true;
		return block(&inner, NULL, row->rows, field);
	}
	if (!row->def) {
		memset(field, 0, field_size(row->type));
		return 0;
	}
	if (row->type == OPT_STRINGS) {
		if (strings_new(f, 1, strings) < 0)
			return ST_ENOMEM;
		return fill_string(
		    f, NULL, row, slice_str(row->def), &strings->v[0]);
	}
	assert(scalars[row->type]);
	return scalars[row->type](f, NULL, row, slice_str(row->def), field);
}

static int
fill_given(
    struct fill *f, const struct ynode *n, const struct opt *row, void *field)
{
	if (is_nothing(n) &&
	    !(row->type == OPT_WORD && word_of(n->text, row->words) >= 0))
		return ynode_err(n, f->e, "%s: has no value", row->name);
	switch (row->type) {
	case OPT_NODE:
		*(const struct ynode **)field = n;
		return 0;
	case OPT_STRINGS:
		return fill_strings(f, n, row, field);
	case OPT_BLOCKS:
		return fill_blocks(f, n, row, field);
	case OPT_BLOCK:
		if (n->kind != YNODE_MAP)
			return not_a(f, n, row, "a block of keys");
		return block(f, n, row->rows, field);
	default:
		if (n->kind != YNODE_SCALAR)
			return not_a(f, n, row, "one value");
		return scalars[row->type](f, n, row, n->text, field);
	}
}

static int
fill_checked(
    struct fill *f, const struct ynode *n, const struct opt *row, void *field)
{
	struct fill inner = *f;
	size_t before = *f->faults;
	int err;

	inner.absent = false;
	err = fill_given(&inner, n, row, field);
	if (err == 0 && row->check && *f->faults == before)
		err = row->check(n, field, f->e);
	return err;
}

static int
missing(struct fill *f, const struct ynode *map, const struct opt *row)
{
	if (map)
		return ynode_err(map, f->e, "\"%s\" is missing", row->name);
	return err_set(f->e, ST_EINVAL, "\"%s\" is missing", row->name);
}

static bool
has_parts(const struct opt *row)
{
	return row->type == OPT_BLOCK || row->type == OPT_BLOCKS ||
	    row->type == OPT_STRINGS;
}

/* A value with a fault is as if it were not there; of a block or a list the
 * good parts stay. */
static int
fill_row(struct fill *f, const struct ynode *map, const struct opt *row,
    void *result)
{
	void *field = (char *)result + row->offset;
	const struct ynode *n = ynode_get(map, row->name);
	size_t before = *f->faults;
	int err = 0;

	if (!n || has_parts(row))
		err = fill_default(f, row, field);
	if (err < 0)
		return err;
	if (n && n->broken)
		++*f->faults;
	else if (n)
		err = take(f, fill_checked(f, n, row, field));
	else if ((row->flags & OPT_REQUIRED) && !f->absent)
		err = take(f, missing(f, map, row));
	if (err == 0 && *f->faults > before && !has_parts(row))
		err = fill_default(f, row, field);
	return err;
}

static const struct opt *
row_of(const struct opt *rows, struct slice name)
{
	for (; rows->name; rows++)
		if (slice_is(name, rows->name))
			return rows;
	return NULL;
}

static int
unknown_key(const struct ynode *key, const struct opt *rows, struct err *e)
{
	const char *words[ROWS_MAX], *near;
	char shown[YNODE_SHOWN];
	size_t n = 0;

	for (; rows->name && n < ROWS_MAX; rows++)
		words[n++] = rows->name;
	near = schema_nearest(key->text, words, n);
	if (near)
		return ynode_err(key, e, "unknown key %s; did you mean \"%s\"?",
		    ynode_shown(key, shown), near);
	return ynode_err(key, e, "unknown key %s", ynode_shown(key, shown));
}

static int
block(
    struct fill *f, const struct ynode *n, const struct opt *rows, void *result)
{
	int err = 0;

	for (size_t i = 0; n && i < n->n && err == 0; i++)
		if (!row_of(rows, n->keys[i]->text))
			err = take(f, unknown_key(n->keys[i], rows, f->e));
	for (; rows->name && err == 0; rows++)
		err = fill_row(f, n, rows, result);
	return err;
}

int
schema_fill_all(const struct ynode *n, const struct opt *rows, struct arena *a,
    void *result, struct problems *all, struct err *e)
{
	size_t faults = 0;
	struct fill f = { a, e, all, &faults, false };
	char shown[YNODE_SHOWN];

	if (n && n->kind != YNODE_MAP) {
		int err = take(&f,
		    ynode_err(n, e, "expects a block of keys, not %s",
			ynode_shown(n, shown)));

		f.absent = true;
		return err < 0 ? err : block(&f, NULL, rows, result);
	}
	return block(&f, n, rows, result);
}

int
schema_fill(const struct ynode *n, const struct opt *rows, struct arena *a,
    void *result, struct err *e)
{
	return schema_fill_all(n, rows, a, result, NULL, e);
}

int
schema_fill_row(const struct ynode *map, const struct opt *row, struct arena *a,
    void *result, struct err *e)
{
	size_t faults = 0;
	struct fill f = { a, e, NULL, &faults, false };

	return fill_row(&f, map, row, result);
}

const struct ynode *
schema_node(const struct ynode *map, const char *name)
{
	return ynode_get(map, name);
}
