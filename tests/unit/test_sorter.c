/*
 * test_sorter.c - the order of time, in memory and in runs; duplicates.
 */
#include "config.h"

#include "cli/sorter.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define REQUESTS 3000

struct seen_order {
	char ids[REQUESTS * 2][24];
	uint64_t offsets[REQUESTS * 2];
	size_t n;
	struct when last;
	bool in_order;
};

static int
on_request(void *arg, const struct request *r)
{
	struct seen_order *o = arg;

	if (o->n && when_cmp(o->last, r->time) > 0)
		o->in_order = false;
	o->last = r->time;
	snprintf(
	    o->ids[o->n], sizeof(o->ids[0]), "%.*s", SLICE_ARG(r->event_id));
	o->offsets[o->n++] = r->input_offset;
	return 0;
}

/* Request number i; `copy` of it stands later in the input. */
static void
add(struct sorter *s, unsigned i, unsigned copy)
{
	struct buf packed = BUF_INIT;
	struct request r;
	struct err e;
	char id[24];

	memset(&r, 0, sizeof(r));
	snprintf(id, sizeof(id), "id-%u", i);
	r.event_id = slice_str(id);
	r.duplicate_key[0] = i * 2654435761u;
	r.duplicate_key[1] = i;
	r.time = (struct when){ 1000 + (int64_t)(i * 7919 % 500),
		(int32_t)(i % 3), i % 50 != 0 };
	r.input_offset = i + copy * 1000000;
	r.duration = -1;
	request_pack(&r, &packed);
	CHECK_INT(sorter_add(s, buf_slice(&packed), &e), 0);
	buf_release(&packed);
}

static void
run(size_t memory, bool keep, bool copies_first, struct seen_order *o,
    size_t *runs, uint64_t *duplicates)
{
	struct sorter_options options = { memory, keep, unit_tmpdir() };
	struct sorter *s = sorter_new(&options);
	struct err e;

	memset(o, 0, sizeof(*o));
	o->in_order = true;
	for (unsigned pass = 0; pass < 2; pass++) {
		unsigned copy = pass != copies_first;

		/* Threads finish in any order: the input's later part may be
		 * added first. */
		for (unsigned i = 0; i < REQUESTS; i++)
			if (!copy || i % 10 == 0)
				add(s, i, copy);
	}
	CHECK_INT(sorter_run(s, on_request, o, &e), 0);
	*runs = sorter_runs(s);
	*duplicates = sorter_duplicates(s);
	sorter_free(s);
}

static void
runs_give_the_order_of_memory(void)
{
	static struct seen_order memory, runs;
	size_t none, some;
	uint64_t d;

	run(0, false, false, &memory, &none, &d);
	CHECK_INT(none, 0);
	CHECK_INT(memory.n, REQUESTS);
	CHECK_INT(d, REQUESTS / 10);
	CHECK(memory.in_order);
	run(20000, false, true, &runs, &some, &d);
	CHECK(some > 10);
	CHECK_INT(d, REQUESTS / 10);
	CHECK(memcmp(&memory, &runs, sizeof(memory)) == 0);
}

static void
more_runs_than_are_merged_at_once(void)
{
	static struct seen_order memory, runs;
	size_t none, some;
	uint64_t d;

	run(0, false, false, &memory, &none, &d);
	run(600, false, true, &runs, &some, &d);
	/* There were about as many as requests. */
	CHECK(some > 0 && some <= SORTER_RUNS_MAX);
	CHECK_INT(d, REQUESTS / 10);
	CHECK(memcmp(&memory, &runs, sizeof(memory)) == 0);
}

static void
of_copies_the_first_in_the_input_is_kept(void)
{
	static struct seen_order o;
	size_t runs;
	uint64_t d;

	for (int first = 0; first < 2; first++) {
		run(0, false, first != 0, &o, &runs, &d);
		for (size_t i = 0; i < o.n; i++)
			CHECK(o.offsets[i] < 1000000);
	}
}

static void
every_copy_is_kept_when_asked_for(void)
{
	static struct seen_order o;
	size_t runs;
	uint64_t d;

	run(20000, true, false, &o, &runs, &d);
	CHECK_INT(o.n, REQUESTS + REQUESTS / 10);
	CHECK_INT(d, 0);
	CHECK(o.in_order);
}

static void
a_folder_that_is_not_there_is_an_error(void)
{
	struct sorter_options options = { 1, false, "/nonexistent" };
	struct sorter *s = sorter_new(&options);
	struct buf packed = BUF_INIT;
	struct request r;
	struct err e = { .text = "" };

	memset(&r, 0, sizeof(r));
	r.event_id = SLICE_LIT("a");
	request_pack(&r, &packed);
	CHECK_INT(sorter_add(s, buf_slice(&packed), &e), 0);
	CHECK_INT(sorter_add(s, buf_slice(&packed), &e), ST_EIO);
	CHECK(slice_find(slice_str(e.text), "/nonexistent") != NULL);
	buf_release(&packed);
	sorter_free(s);
}

UNIT_MAIN("sorter",
    { "runs give the order of memory", runs_give_the_order_of_memory },
    { "more runs than are merged at once", more_runs_than_are_merged_at_once },
    { "of copies the first in the input is kept",
	of_copies_the_first_in_the_input_is_kept },
    { "every copy is kept when asked for", every_copy_is_kept_when_asked_for },
    { "a folder that is not there is an error",
	a_folder_that_is_not_there_is_an_error })
