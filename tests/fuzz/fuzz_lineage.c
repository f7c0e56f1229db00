/*
 * fuzz_lineage.c - any bytes as rows of lineage in a state.
 *
 * The input is keys and values, each with its length before it.  What is loaded
 * must be listed, used and freed.
 */
#include "detect/lineage.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void
on_token(void *arg, const struct lineage_token *t)
{
	(void)arg;
	if (t->n_hops == 0 || t->n_hops > LINEAGE_HOPS_MAX + 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lineage_options o = { .kept = true };
	static const struct lineage_scope scope = { 0 };
	struct unpack u = unpack_of(slice_of((const char *)data, size));
	struct lineage *l = lineage_new(&o);
	struct request r = { .kind = KIND_USE,
		.principal_type = PT_ROLE,
		.time = { 1772352000, 0, true },
		.principal = SLICE_LIT("arn:aws:iam::111122223333:role/ops"),
		.caller_session = SLICE_LIT("s"),
		.caller_credential = SLICE_LIT("ASIAALICE2") };
	struct lineage_answer a;
	int err;

	if (!l)
		abort();
	while (!u.failed && u.rest.n) {
		struct slice key = unpack_slice(&u), value = unpack_slice(&u);

		err = lineage_load(l, key, value);
		if (err < 0 && err != ST_EFORMAT)
			abort();
	}
	lineage_loaded(l);
	if (lineage_judge(l, &r, &scope, &a) < 0 ||
	    lineage_each(l, on_token, NULL) < 0)
		abort();
	lineage_free(l);
	return 0;
}
