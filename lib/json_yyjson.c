/*
 * json_yyjson.c - yyjson behind json.h.
 *
 * The one file that knows yyjson.  A `struct json` is a yyjson_val.  Texts of
 * ordinary size are read into memory that the reader keeps, so that a warm
 * reader allocates nothing; larger ones are malloc()ed and given back.
 */
#include "lib/json.h"

#include "lib/json_backend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

#define POOLED_TEXT ((size_t)256 << 10)
#define POOL_FIRST ((size_t)64 << 10)

struct json_backend {
	void *pool;
	size_t pool_size;
	yyjson_doc *large; /* outside of the pool */
};

static yyjson_val *
val(const struct json *v)
{
	return (yyjson_val *)(uintptr_t)v;
}

static const struct json *
json(const yyjson_val *v)
{
	return (const struct json *)v;
}

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const char *
json_backend(void)
{
	return "yyjson " TEXT(YYJSON_VERSION_MAJOR) "." TEXT(
	    YYJSON_VERSION_MINOR) "." TEXT(YYJSON_VERSION_PATCH);
}

struct json_backend *
json_backend_new(void)
{
	return calloc(1, sizeof(struct json_backend));
}

void
json_backend_free(struct json_backend *b)
{
	yyjson_doc_free(b->large);
	free(b->pool);
	free(b);
}

/* Room for any text of n bytes; false without memory. */
static bool
grow_pool(struct json_backend *b, size_t n)
{
	size_t need = yyjson_read_max_memory_usage(n, YYJSON_READ_NOFLAG);
	size_t size = b->pool_size ? b->pool_size : POOL_FIRST;
	void *pool;

	if (need <= b->pool_size)
		return true;
	while (size < need)
		size *= 2;
	pool = malloc(size);
	if (!pool)
		return false;
	free(b->pool);
	b->pool = pool;
	b->pool_size = size;
	return true;
}

static yyjson_doc *
read_text(struct json_backend *b, struct slice text, yyjson_read_err *why)
{
	/* yyjson promises not to write without YYJSON_READ_INSITU. */
	char *p = (char *)(uintptr_t)text.p;
	yyjson_doc *doc;
	yyjson_alc alc;

	if (text.n <= POOLED_TEXT && grow_pool(b, text.n) &&
	    yyjson_alc_pool_init(&alc, b->pool, b->pool_size)) {
		doc = yyjson_read_opts(
		    p, text.n, YYJSON_READ_NOFLAG, &alc, why);
		if (doc || why->code != YYJSON_READ_ERROR_MEMORY_ALLOCATION)
			return doc;
	}
	b->large = yyjson_read_opts(p, text.n, YYJSON_READ_NOFLAG, NULL, why);
	return b->large;
}

const struct json *
json_backend_read(struct json_backend *b, struct slice text, size_t *values,
    struct json_refusal *refusal)
{
	yyjson_read_err why = { 0 };
	yyjson_doc *doc;

	yyjson_doc_free(b->large);
	b->large = NULL;
	doc = read_text(b, text, &why);
	if (!doc) {
		snprintf(refusal->why, sizeof(refusal->why), "%s",
		    text.n == 0 ? "empty" : why.msg);
		refusal->at = why.pos;
		return NULL;
	}
	*values = yyjson_doc_get_val_count(doc);
	return json(yyjson_doc_get_root(doc));
}

enum json_type
json_type(const struct json *v)
{
	switch (yyjson_get_type(val(v))) {
	case YYJSON_TYPE_NULL:
		return JSON_NULL_;
	case YYJSON_TYPE_BOOL:
		return JSON_BOOL;
	case YYJSON_TYPE_NUM:
		return JSON_NUMBER;
	case YYJSON_TYPE_STR:
		return JSON_STRING;
	case YYJSON_TYPE_ARR:
		return JSON_ARRAY;
	case YYJSON_TYPE_OBJ:
		return JSON_OBJECT;
	default:
		return JSON_ABSENT;
	}
}

const struct json *
json_get_n(const struct json *v, struct slice name)
{
	size_t n = yyjson_obj_size(val(v));
	yyjson_val *key, *found = NULL;

	if (n == 0 || !name.p)
		return NULL;
	key = unsafe_yyjson_get_first(val(v));
	for (; n > 0; n--, key = unsafe_yyjson_get_next(key + 1))
		if (unsafe_yyjson_get_len(key) == name.n &&
		    memcmp(unsafe_yyjson_get_str(key), name.p, name.n) == 0)
			found = key + 1;
	return json(found);
}

struct slice
json_text(const struct json *v)
{
	const char *p = yyjson_get_str(val(v));

	return p ? slice_of(p, yyjson_get_len(val(v))) : SLICE_NULL;
}

bool
json_true(const struct json *v)
{
	return yyjson_is_true(val(v));
}

/* 2^63 is the first double that is too big. */
static bool
whole(double d, int64_t *result)
{
	if (!(d >= -0x1p63 && d < 0x1p63) || trunc(d) != d)
		return false;
	*result = (int64_t)d;
	return true;
}

bool
json_int(const struct json *v, int64_t *result)
{
	yyjson_val *n = val(v);

	if (yyjson_is_real(n))
		return whole(yyjson_get_real(n), result);
	if (yyjson_is_uint(n) && yyjson_get_uint(n) > INT64_MAX)
		return false;
	if (!yyjson_is_int(n))
		return false;
	*result = yyjson_get_sint(n);
	return true;
}

double
json_real(const struct json *v)
{
	return yyjson_get_num(val(v));
}

size_t
json_count(const struct json *v)
{
	return yyjson_is_ctn(val(v)) ? unsafe_yyjson_get_len(val(v)) : 0;
}

const struct json *
json_next(const struct json *v, struct json_iter *at, struct slice *name)
{
	const yyjson_val *here = at->p;
	bool object = yyjson_is_obj(val(v));

	if (name)
		*name = SLICE_NULL;
	if (at->i >= json_count(v))
		return NULL;
	if (!here)
		here = unsafe_yyjson_get_first(val(v));
	if (object) {
		if (name)
			*name = json_text(json(here));
		here++;
	}
	at->i++;
	at->p = unsafe_yyjson_get_next(val(json(here)));
	return json(here);
}

const struct json *
json_at(const struct json *v, size_t i)
{
	return json(yyjson_arr_get(val(v), i));
}
