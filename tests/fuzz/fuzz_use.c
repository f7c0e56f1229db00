/*
 * fuzz_use.c - any bytes as records of requests and uses, and what lineage
 * makes of them.
 *
 * Whatever it learned must be saved, loaded, and saved again with the same
 * number of rows.
 */
#include "detect/lineage.h"
#include "events/sift.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

struct fuzz {
	struct lineage *from, *to;
	unsigned rows;
};

static void
take(struct fuzz *f, const struct request *r)
{
	static const struct lineage_scope scope = { .max_distance_km = 500 };
	struct lineage_answer a;

	if (lineage_judge(f->from, r, &scope, &a) < 0 ||
	    lineage_mint(f->from, r) < 0)
		abort();
}

static void
on_request(void *arg, struct request *r)
{
	take(arg, r);
}

static void
on_use(void *arg, const struct use *u, uint64_t offset, uint32_t index)
{
	struct use_room room;
	struct request r;

	(void)offset;
	(void)index;
	use_read(u, &room, &r);
	take(arg, &r);
}

static int
on_row(void *arg, struct slice key, struct slice value)
{
	struct fuzz *f = arg;

	f->rows++;
	if (value.p && lineage_load(f->to, key, value) < 0)
		abort();
	return 0;
}

static void
count_token(void *arg, const struct lineage_token *t)
{
	(void)t;
	++*(unsigned *)arg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lineage_options o = { .kept = true };
	static const struct sift_options so = { 0 };
	static const struct sift_calls calls = { .request = on_request,
		.use = on_use };
	struct fuzz f = { lineage_new(&o), lineage_new(&o), 0 };
	struct sifter *s = sifter_new(&so, &calls, &f);
	struct slice rest = slice_of((const char *)data, size), line;
	unsigned before = 0, after = 0;

	if (!f.from || !f.to || !s)
		abort();
	while (rest.n) {
		line = slice_before(rest, '\n');
		if (!line.p)
			line = rest;
		sifter_frame(s, line, NULL, 0);
		rest = line.n < rest.n ? slice_after(rest, '\n') : SLICE_NULL;
	}
	if (lineage_save(f.from, on_row, &f) < 0)
		abort();
	lineage_loaded(f.to);
	if (lineage_each(f.from, count_token, &before) < 0 ||
	    lineage_each(f.to, count_token, &after) < 0 || before != after)
		abort();
	sifter_free(s);
	lineage_free(f.from);
	lineage_free(f.to);
	return 0;
}
