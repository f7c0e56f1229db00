/*
 * json_jansson.c - jansson behind json.h, where there is no yyjson.
 *
 * The one file of lib/json that knows jansson.  A `struct json` is a json_t.
 * Slower than yyjson and with a malloc() for each value; the same answers.
 */

/* jansson.h has enumerators of these names: ours get others in this file. */
#define JSON_STRING OUR_STRING
#define JSON_ARRAY OUR_ARRAY
#define JSON_OBJECT OUR_OBJECT
#include "lib/json.h"
#undef JSON_STRING
#undef JSON_ARRAY
#undef JSON_OBJECT
/* And these are jansson's own from here on; ours are the st_ ones. */
#undef json_type
#undef json_true
#undef json_real

#include "lib/json_backend.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_SHORT 128

struct json_backend {
	json_t *root;
};

static json_t *
val(const struct json *v)
{
	return (json_t *)(uintptr_t)v;
}

static const struct json *
json(const json_t *v)
{
	return (const struct json *)v;
}

const char *
json_backend(void)
{
	return "jansson " JANSSON_VERSION;
}

struct json_backend *
json_backend_new(void)
{
	return calloc(1, sizeof(struct json_backend));
}

void
json_backend_free(struct json_backend *b)
{
	json_decref(b->root);
	free(b);
}

static const struct json *
refuse(struct json_refusal *refusal, const char *why, size_t at)
{
	snprintf(refusal->why, sizeof(refusal->why), "%s", why);
	refusal->at = at;
	return NULL;
}

const struct json *
json_backend_read(struct json_backend *b, struct slice text, size_t *values,
    struct json_refusal *refusal)
{
	const char *nul = text.n ? memchr(text.p, 0, text.n) : NULL;
	json_error_t why;

	json_decref(b->root);
	b->root = NULL;
	if (text.n == 0)
		return refuse(refusal, "empty", 0);
	/* jansson 2.14 passes by a NUL behind a number. */
	if (nul)
		return refuse(refusal, "NUL byte", (size_t)(nul - text.p));
	b->root = json_loadb(
	    text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (!b->root)
		return refuse(refusal, why.text,
		    why.position > 0 ? (size_t)why.position : 0);
	*values = text.n;
	return json(b->root);
}

enum st_json_type
st_json_type(const struct json *v)
{
	if (!v)
		return JSON_ABSENT;
	switch (json_typeof(val(v))) {
	case JSON_NULL:
		return JSON_NULL_;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_BOOL;
	case JSON_INTEGER:
	case JSON_REAL:
		return JSON_NUMBER;
	case JSON_STRING:
		return OUR_STRING;
	case JSON_ARRAY:
		return OUR_ARRAY;
	case JSON_OBJECT:
		return OUR_OBJECT;
	}
	return JSON_ABSENT;
}

/* jansson 2.13 looks up only names with a NUL behind them. */
const struct json *
json_get_n(const struct json *v, struct slice name)
{
	char on_stack[NAME_SHORT], *key = on_stack;
	const json_t *found;

	if (!json_is_object(val(v)) || !name.p || memchr(name.p, 0, name.n))
		return NULL;
	if (name.n >= sizeof(on_stack)) {
		key = malloc(name.n + 1);
		if (!key)
			return NULL;
	}
	memcpy(key, name.p, name.n);
	key[name.n] = '\0';
	found = json_object_get(val(v), key);
	if (key != on_stack)
		free(key);
	return json(found);
}

struct slice
json_text(const struct json *v)
{
	const char *p = json_string_value(val(v));

	return p ? slice_of(p, json_string_length(val(v))) : SLICE_NULL;
}

bool
st_json_true(const struct json *v)
{
	return json_is_true(val(v));
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
	if (json_is_real(val(v)))
		return whole(json_real_value(val(v)), result);
	if (!json_is_integer(val(v)))
		return false;
	*result = json_integer_value(val(v));
	return true;
}

double
st_json_real(const struct json *v)
{
	return json_number_value(val(v));
}

size_t
json_count(const struct json *v)
{
	return json_is_array(val(v)) ? json_array_size(val(v))
				     : json_object_size(val(v));
}

static const struct json *
next_member(json_t *object, struct json_iter *at, struct slice *name)
{
	void *here = (void *)(uintptr_t)at->p;

	if (at->i >= json_object_size(object))
		return NULL;
	if (!here)
		here = json_object_iter(object);
	if (name)
		*name = slice_str(json_object_iter_key(here));
	at->i++;
	at->p = json_object_iter_next(object, here);
	return json(json_object_iter_value(here));
}

const struct json *
json_next(const struct json *v, struct json_iter *at, struct slice *name)
{
	if (name)
		*name = SLICE_NULL;
	if (json_is_object(val(v)))
		return next_member(val(v), at, name);
	return json_at(v, at->i++);
}

const struct json *
json_at(const struct json *v, size_t i)
{
	return json(json_array_get(val(v), i));
}
