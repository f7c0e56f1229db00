/*
 * field.c - members of a record, as the decoders want them.
 *
 * Knows which values count as said.  Does not know what they mean.  Any
 * thread.
 */
#include "events/field.h"

#include <inttypes.h>
#include <stdint.h>
#include <strings.h>

/* How CloudTrail replaces what must not be logged. */
#define HIDDEN "HIDDEN_DUE_TO_SECURITY_REASONS"

void
field_pick(const struct json *object, const struct slice *names, size_t n,
    const struct json **result)
{
	struct json_iter at = { 0 };
	const struct json *v;
	struct slice name;

	for (size_t i = 0; i < n; i++)
		result[i] = NULL;
	if (json_type(object) != JSON_OBJECT)
		return;
	while ((v = json_next(object, &at, &name)))
		for (size_t i = 0; i < n; i++)
			if (names[i].n == name.n &&
			    memcmp(names[i].p, name.p, name.n) == 0) {
				result[i] = v;
				break;
			}
}

struct slice
field_text(const struct json *v)
{
	struct slice s = json_text(v);

	return s.n == 0 || slice_starts(s, HIDDEN) ? SLICE_NULL : s;
}

struct slice
field_of(const struct json *object, const char *name)
{
	return field_text(json_get(object, name));
}

struct slice
field_account(const struct json *v, struct arena *a, bool *failed)
{
	struct slice padded;
	int64_t number;

	if (json_type(v) != JSON_NUMBER)
		return field_text(v);
	if (!json_int(v, &number) || number < 0)
		return SLICE_NULL;
	padded = arena_printf(a, "%012" PRId64, number);
	if (!padded.p)
		*failed = true;
	return padded;
}

bool
field_int(const struct json *v, int64_t *result)
{
	struct slice s = json_text(v);
	int64_t n = 0;

	if (!s.p)
		return json_int(v, result);
	if (s.n == 0 || s.n > 18)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (s.p[i] - '0');
	}
	*result = n;
	return true;
}

static bool
is_word(struct slice s, const char *word)
{
	size_t n = strlen(word);

	return s.n == n && s.p && strncasecmp(s.p, word, n) == 0;
}

enum field_bool
field_bool(const struct json *v)
{
	struct slice s = json_text(v);

	if (json_type(v) == JSON_BOOL)
		return json_true(v) ? FIELD_YES : FIELD_NO;
	if (is_word(s, "true") || is_word(s, "yes"))
		return FIELD_YES;
	if (is_word(s, "false") || is_word(s, "no"))
		return FIELD_NO;
	return FIELD_UNSAID;
}

struct slice
field_join(struct arena *a, bool *failed, const struct slice *parts, size_t n)
{
	size_t need = 0;
	char *p, *at;

	for (size_t i = 0; i < n; i++)
		need += parts[i].n;
	p = at = arena_alloc(a, need + 1);
	if (!p) {
		*failed = true;
		return SLICE_NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	*at = '\0';
	return slice_of(p, need);
}
