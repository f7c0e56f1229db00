/*
 * records.c - audit records for tests, written with single quotes, decoded.
 */
#include "tests/unit/records.h"

#include "events/cloudtrail.h"
#include "events/gcp.h"

#include <stdlib.h>

static struct json_reader reader;
static struct arena arena;
static struct buf text;
static bool ready;

static void
begin(void)
{
	if (ready)
		return;
	json_reader_init(&reader);
	arena_init(&arena, 4096);
	ready = true;
}

void
records_release(void)
{
	if (!ready)
		return;
	json_reader_release(&reader);
	arena_release(&arena);
	buf_release(&text);
	ready = false;
}

static const struct api *
api_of(const struct json *root)
{
	const struct api *api;

	api = catalogue_find_aws(json_text(json_get(root, "eventSource")),
	    json_text(json_get(root, "eventName")));
	if (!api)
		api = gcp_api(root);
	return api && cloudtrail_counts(root, api) ? api : NULL;
}

const struct request *
decode_text(struct slice json)
{
	static struct request r;
	const struct json *root;
	const struct api *api;
	int err;

	begin();
	arena_reset(&arena);
	root = json_parse(&reader, json, NULL);
	api = api_of(root);
	if (!api)
		return NULL;
	memset(&r, 0, sizeof(r));
	err = api->provider == PROVIDER_AWS
	    ? cloudtrail_decode(root, json, api, &arena, &r)
	    : gcp_decode(root, json, api, &arena, &r);
	return err == 0 ? &r : NULL;
}

static void
unquote(const char *quoted)
{
	buf_reset(&text);
	for (; *quoted; quoted++) {
		if (*quoted == '\\' && quoted[1] == '\'')
			buf_addc(&text, *++quoted);
		else
			buf_addc(&text, *quoted == '\'' ? '"' : *quoted);
	}
}

const struct request *
decode_record(const char *quoted)
{
	unquote(quoted);
	return decode_text(buf_slice(&text));
}

/* ---- mutation ---------------------------------------------------------- */

static const char *const values[] = { "null", "true", "false", "0", "-1",
	"12345678901", "1e308", "\"\"", "\"x\"", "\"arn:aws:iam::1:role/x\"",
	"\"{\"", "\"{\\\"a\\\":1}\"", "[]", "[1]", "[[]]", "[\"x\"]", "{}",
	"[{}]", "{\"a\":null}", "\"HIDDEN_DUE_TO_SECURITY_REASONS\"",
	"\"::::::\"", "\"a:b/c@d\"", "\"\\u0000\"", "\"\xff\"" };

#define N_VALUES (sizeof(values) / sizeof(values[0]))

/* Where the value that begins at `at` ends. */
static size_t
value_end(struct slice s, size_t at)
{
	int depth = 0;
	bool string = false;

	for (; at < s.n; at++) {
		char c = s.p[at];

		if (string) {
			if (c == '\\')
				at++;
			else if (c == '"')
				string = false;
			continue;
		}
		if (c == '"')
			string = true;
		else if (c == '{' || c == '[')
			depth++;
		else if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			return at;
		else if (c == '}' || c == ']')
			depth--;
	}
	return at;
}

static void
try_value(struct slice s, size_t from, size_t end, const char *value)
{
	struct buf b = BUF_INIT;
	char *exact;

	buf_add(&b, s.p, from);
	buf_adds(&b, value);
	buf_add(&b, s.p + end, s.n - end);
	exact = malloc(b.n);
	if (exact) {
		memcpy(exact, b.p, b.n);
		decode_text(slice_of(exact, b.n));
	}
	free(exact);
	buf_release(&b);
}

size_t
mutate_record(const char *quoted)
{
	struct slice s;
	size_t tried = 0;
	char *copy;

	unquote(quoted);
	copy = malloc(text.n + 1);
	if (!copy)
		return 0;
	memcpy(copy, text.p, text.n);
	s = slice_of(copy, text.n);
	/* A value stands behind "name": and behind [ and , in an array. */
	for (size_t i = 1; i < s.n; i++) {
		bool member = s.p[i - 1] == ':' && i > 1 && s.p[i - 2] == '"';
		bool element = s.p[i - 1] == '[' && s.p[i] != ']';

		if (!member && !element)
			continue;
		for (size_t v = 0; v < N_VALUES; v++, tried++)
			try_value(s, i, value_end(s, i), values[v]);
	}
	free(copy);
	return tried;
}
