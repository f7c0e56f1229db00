/*
 * fuzz_json.c - read any bytes as JSON and look at every value.
 *
 * One reader over all inputs, so that what one text leaves behind meets the
 * next.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/json.h"
#include "lib/utf8.h"

#include <stdlib.h>

static struct json_reader reader;

struct level {
	const struct json *v;
	struct json_iter at;
};

static void
look(const struct json *v)
{
	struct slice s = json_text(v);
	int64_t n;

	if (s.p && !utf8_valid(s))
		abort();
	if (json_int(v, &n) && json_type(v) != JSON_NUMBER)
		abort();
	if (json_true(v) && json_type(v) != JSON_BOOL)
		abort();
	(void)json_real(v);
}

static void
walk(const struct json *root)
{
	static struct level stack[JSON_DEPTH_MAX + 1];
	size_t depth = 1;

	stack[0] = (struct level){ root, { 0 } };
	while (depth > 0) {
		struct level *l = &stack[depth - 1];
		struct slice name;
		const struct json *child = json_next(l->v, &l->at, &name);

		if (!child) {
			depth--;
			continue;
		}
		if (name.p && (!utf8_valid(name) || !json_get_n(l->v, name)))
			abort();
		look(child);
		if (depth > JSON_DEPTH_MAX)
			abort();
		stack[depth++] = (struct level){ child, { 0 } };
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .text = "" };
	const struct json *root = json_parse(
	    &reader, slice_of((const char *)data, size), &e);

	if (!root) {
		if (!e.text[0])
			abort();
		return 0;
	}
	look(root);
	walk(root);
	json_path(root, "a.0.b");
	return 0;
}
