/*
 * ranges.c - lists of the clouds' own address ranges.
 *
 * Knows how each cloud writes its list.  What it means that an address is in
 * one is detect/clouds.c's business.
 */
#include "geo/ranges.h"

#include "geo/sealed.h"
#include "lib/json.h"

#include <stdlib.h>

#define DEPTH_MAX 16      /* of the JSON that is looked into */
#define BUILT_MS_MIN 1e11 /* a larger syncToken counts milliseconds */
#define FIRST_ROOM 1024

struct list {
	char *path;
	int64_t built;
	size_t n;
};

struct ranges {
	struct list lists[RANGES_FILES_MAX];
	size_t n_lists;
	struct cidr *v; /* while reading */
	size_t n, cap;
	struct cidr_set *set;
};

/* ---- one range ------------------------------------------------------------ */

static bool
make_room(struct ranges *r)
{
	size_t cap = r->cap ? 2 * r->cap : FIRST_ROOM;
	struct cidr *v;

	if (r->n < r->cap)
		return true;
	v = realloc(r->v, cap * sizeof(*v));
	if (!v)
		return false;
	r->v = v;
	r->cap = cap;
	return true;
}

static bool
is_too_wide(const struct cidr *c)
{
	return c->base.v4 ? c->bits < 96 + RANGES_V4_BITS_MIN
			  : c->bits < RANGES_V6_BITS_MIN;
}

static int
add_range(struct ranges *r, struct list *l, struct slice text, struct err *e)
{
	struct cidr c;

	if (!cidr_parse(text, &c))
		return err_set(e, ST_EFORMAT,
		    "%s: \"%.*s\" is no range of addresses", l->path,
		    SLICE_ARG(text));
	if (is_too_wide(&c))
		return err_set(e, ST_EFORMAT,
		    "%s: %.*s is too wide to be a cloud's", l->path,
		    SLICE_ARG(text));
	if (r->n == RANGES_MAX)
		return err_set(e, ST_ELIMIT, "%s: more than %zu ranges",
		    l->path, RANGES_MAX);
	if (!make_room(r))
		return err_set(e, ST_ENOMEM, "%s: out of memory", l->path);
	r->v[r->n++] = c;
	l->n++;
	return 0;
}

/* ---- lines ---------------------------------------------------------------- */

static struct slice
first_word(struct slice line)
{
	size_t n = 0;

	line = slice_trim(line);
	while (n < line.n && !strchr(" \t\r,;#", line.p[n]))
		n++;
	return slice_of(line.p, n);
}

static int
read_lines(struct ranges *r, struct list *l, struct slice text, struct err *e)
{
	const char *p = text.p, *end = text.p + text.n, *stop;
	int err = 0;

	for (; p < end && err == 0; p = stop + 1) {
		struct slice word;

		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		word = first_word(slice_of(p, (size_t)(stop - p)));
		if (word.n > 0)
			err = add_range(r, l, word, e);
	}
	return err;
}

/* ---- JSON ------------------------------------------------------------------- */

/* Members whose string, or whose array of strings, is ranges. */
static bool
holds_ranges(struct slice name)
{
	static const char *const names[] = { "ip_prefix", "ipv6_prefix",
		"ipv4Prefix", "ipv6Prefix", "addressPrefixes", "cidr" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

static int
read_value(struct ranges *r, struct list *l, const struct json *v, bool range,
    unsigned depth, struct err *e)
{
	const enum json_type type = json_type(v);
	struct json_iter at = { 0 };
	const struct json *inner;
	struct slice name;
	int err = 0;

	if (type == JSON_STRING && range)
		return add_range(r, l, json_text(v), e);
	if ((type != JSON_ARRAY && type != JSON_OBJECT) || depth == DEPTH_MAX)
		return 0;
	while (err == 0 && (inner = json_next(v, &at, &name)) != NULL)
		err = read_value(r, l, inner,
		    type == JSON_ARRAY ? range : holds_ranges(name), depth + 1,
		    e);
	return err;
}

/* AWS and Google write when it was made as a number in a string: seconds,
 * milliseconds. */
static int64_t
built_of(const struct json *root)
{
	struct slice token = json_text(json_get(root, "syncToken"));
	double t = 0;

	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] < '0' || token.p[i] > '9' || i == 15)
			return 0;
		t = 10 * t + (token.p[i] - '0');
	}
	return (int64_t)(t > BUILT_MS_MIN ? t / 1000 : t);
}

static int
read_json(struct ranges *r, struct list *l, struct slice text, struct err *e)
{
	struct json_reader reader;
	const struct json *root;
	struct err why = { .text = "" };
	int err;

	json_reader_init(&reader);
	root = json_parse(&reader, text, &why);
	if (root) {
		l->built = built_of(root);
		/* A bare array of strings is a list, too. */
		err = read_value(
		    r, l, root, json_type(root) == JSON_ARRAY, 0, e);
	} else {
		err = err_set(e, ST_EFORMAT, "%s: %s", l->path, why.text);
	}
	json_reader_release(&reader);
	return err;
}

/* ---- a list ----------------------------------------------------------------- */

static bool
is_json(struct slice text)
{
	size_t i = 0;

	while (i < text.n && strchr(" \t\r\n", text.p[i]) && text.p[i])
		i++;
	return i < text.n && (text.p[i] == '{' || text.p[i] == '[');
}

static int
read_list(struct ranges *r, const char *name, struct slice text, struct err *e)
{
	struct list *l = &r->lists[r->n_lists++];
	int err;

	l->path = strdup(name);
	if (!l->path)
		return err_set(e, ST_ENOMEM, "%s: out of memory", name);
	if (slice_starts(text, "\xef\xbb\xbf"))
		text = slice_of(text.p + 3, text.n - 3);
	err = is_json(text) ? read_json(r, l, text, e)
			    : read_lines(r, l, text, e);
	if (err == 0 && l->n == 0)
		err = err_set(
		    e, ST_EFORMAT, "%s: no range of addresses in it", name);
	return err;
}

static int
read_file(struct ranges *r, const char *path, struct err *e)
{
	struct sealed s;
	int err = sealed_copy(path, RANGES_FILE_SIZE_MAX, &s, e);

	if (err < 0)
		return err;
	err = read_list(r, path, slice_of((const char *)s.p, s.n), e);
	sealed_release(&s);
	return err;
}

static int
finish(struct ranges *r, struct err *e)
{
	r->set = cidr_set_new(r->v, r->n);
	free(r->v);
	r->v = NULL;
	return r->set ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

/* Takes it: gives it out, or frees it. */
static int
end_with(int err, struct ranges *r, struct ranges **result, struct err *e)
{
	if (err == 0)
		err = finish(r, e);
	if (err < 0)
		ranges_close(r);
	else
		*result = r;
	return err;
}

int
ranges_open(
    const char *const *paths, size_t n, struct ranges **result, struct err *e)
{
	struct ranges *r;
	int err = 0;

	if (n > RANGES_FILES_MAX)
		return err_set(e, ST_ELIMIT,
		    "%zu lists of cloud ranges, at most %d", n,
		    RANGES_FILES_MAX);
	r = calloc(1, sizeof(*r));
	if (!r)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; i < n && err == 0; i++)
		err = read_file(r, paths[i], e);
	return end_with(err, r, result, e);
}

int
ranges_read(
    const char *name, struct slice text, struct ranges **result, struct err *e)
{
	struct ranges *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(e, ST_ENOMEM, "out of memory");
	return end_with(read_list(r, name, text, e), r, result, e);
}

void
ranges_close(struct ranges *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_lists; i++)
		free(r->lists[i].path);
	free(r->v);
	cidr_set_free(r->set);
	free(r);
}

/* ---- asking ----------------------------------------------------------------- */

bool
ranges_has(const struct ranges *r, const struct addr *a)
{
	return cidr_set_has(r->set, a);
}

size_t
ranges_count(const struct ranges *r)
{
	return r ? r->n_lists : 0;
}

void
ranges_describe(const struct ranges *r, size_t i, struct ranges_info *result)
{
	const struct list *l = &r->lists[i];

	*result = (struct ranges_info){ l->path, l->built, l->n };
}
