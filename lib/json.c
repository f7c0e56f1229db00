/*
 * json.c - reading JSON: what does not depend on who reads.
 *
 * Knows how a refused text is mended and tried once more, how deep a text may
 * be nested, and paths.  The reading itself is json_yyjson.c or
 * json_jansson.c.  One owner a reader, no locks.
 */
#include "lib/json.h"

#include "lib/buf.h"
#include "lib/json_backend.h"
#include "lib/json_repair.h"

#include <stdlib.h>

/* A mended copy larger than this is not kept for the next text. */
#define REPAIRED_KEEP ((size_t)512 << 10)

struct reader {
	struct json_backend *backend;
	struct buf repaired;
};

static struct reader *
reader_new(void)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->backend = json_backend_new();
	if (!r->backend) {
		free(r);
		return NULL;
	}
	return r;
}

void
json_reader_init(struct json_reader *r)
{
	r->impl = NULL;
}

void
json_reader_release(struct json_reader *r)
{
	struct reader *impl = r->impl;

	if (!impl)
		return;
	json_backend_free(impl->backend);
	buf_release(&impl->repaired);
	free(impl);
	r->impl = NULL;
}

static bool
is_too_deep(struct slice text)
{
	/* Each level takes two bytes and one value. */
	return text.n > JSON_DEPTH_MAX &&
	    json_depth(text, JSON_DEPTH_MAX) > JSON_DEPTH_MAX;
}

static const struct json *
too_deep(struct err *e)
{
	err_set(e, ST_ELIMIT, "nested deeper than %d levels", JSON_DEPTH_MAX);
	return NULL;
}

static const struct json *
read_repaired(struct reader *r, struct slice text, size_t *values,
    struct json_refusal *first, struct err *e)
{
	struct json_refusal second;
	const struct json *root;

	buf_reset(&r->repaired);
	if (!json_repair(text, &r->repaired)) {
		err_set(e, ST_EFORMAT, "%s at byte %zu", first->why, first->at);
		return NULL;
	}
	if (r->repaired.failed) {
		err_set(e, ST_ENOMEM, "%s", st_strerror(ST_ENOMEM));
		return NULL;
	}
	root = json_backend_read(
	    r->backend, buf_slice(&r->repaired), values, &second);
	/* Places in the copy say nothing to one who has the original. */
	if (!root)
		err_set(e, ST_EFORMAT, "%s", second.why);
	return root;
}

const struct json *
json_parse(struct json_reader *reader, struct slice text, struct err *e)
{
	struct json_refusal refusal = { .at = 0 };
	const struct json *root;
	struct reader *r = reader->impl;
	size_t values = 0;

	if (!r)
		r = reader->impl = reader_new();
	if (!r) {
		err_set(e, ST_ENOMEM, "%s", st_strerror(ST_ENOMEM));
		return NULL;
	}
	if (r->repaired.cap > REPAIRED_KEEP)
		buf_release(&r->repaired);
	root = json_backend_read(r->backend, text, &values, &refusal);
	if (!root) {
		if (is_too_deep(text))
			return too_deep(e);
		root = read_repaired(r, text, &values, &refusal, e);
	}
	if (root && values > JSON_DEPTH_MAX && is_too_deep(text))
		return too_deep(e);
	return root;
}

const struct json *
json_get(const struct json *v, const char *name)
{
	return json_get_n(v, slice_str(name));
}

/* An index of at most nine digits, or false. */
static bool
index_of(struct slice s, size_t *result)
{
	size_t i = 0;

	if (s.n == 0 || s.n > 9)
		return false;
	for (size_t k = 0; k < s.n; k++) {
		if (s.p[k] < '0' || s.p[k] > '9')
			return false;
		i = i * 10 + (size_t)(s.p[k] - '0');
	}
	*result = i;
	return true;
}

const struct json *
json_path(const struct json *v, const char *path)
{
	size_t i;

	while (v && path) {
		const char *dot = strchr(path, '.');
		struct slice step = dot ? slice_of(path, (size_t)(dot - path))
					: slice_str(path);

		if (json_type(v) != JSON_ARRAY)
			v = json_get_n(v, step);
		else
			v = index_of(step, &i) ? json_at(v, i) : NULL;
		path = dot ? dot + 1 : NULL;
	}
	return v;
}
