/*
 * fuzz_grant.c - any JSON as a record of every change of IAM: what it gives is
 * given to somebody or is something, is remembered, and comes back from rows.
 */
#include "detect/grants.h"
#include "events/grant.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#define ROW_KEY 9 /* bytes of a row's key */

static void
on_grant(void *arg, struct request *r)
{
	if (r->kind != KIND_GRANT || !r->event_id.n ||
	    (!r->target.p && !r->n_delegation) || grants_note(arg, r) != 0)
		abort();
}

static int
load(void *arg, struct slice key, struct slice value)
{
	return value.p ? grants_load(arg, key, value) : 0;
}

static void
decode(struct grants *g, const struct json *root, struct slice text,
    const struct api *api)
{
	struct arena a;

	arena_init(&a, 4096);
	grant_decode(root, text, api, &a, on_grant, g);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct grants_options o = {
		.window = 60, .max = 4, .kept = true
	};
	struct slice text = slice_of((const char *)data, size);
	struct grants *g = grants_new(&o), *back = grants_new(&o);
	struct json_reader reader;
	const struct json *root;

	if (!g || !back)
		abort();
	json_reader_init(&reader);
	root = json_parse(&reader, text, NULL);
	for (size_t i = 0; root && i < catalogue_size; i++)
		if (grant_is(&catalogue[i]))
			decode(g, root, text, &catalogue[i]);
	json_reader_release(&reader);
	if (grants_save(g, load, back) != 0 || grants_loaded(back) != 0 ||
	    grants_counts(back)->known != grants_counts(g)->known)
		abort();
	/* As a row of any kind: taken or refused. */
	if (size > ROW_KEY &&
	    grants_load(back, slice_of(text.p, ROW_KEY),
		slice_of(text.p + ROW_KEY, size - ROW_KEY)) == 0 &&
	    grants_loaded(back) != 0)
		abort();
	grants_free(g);
	grants_free(back);
	return 0;
}
