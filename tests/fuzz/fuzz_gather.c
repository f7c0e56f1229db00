/*
 * fuzz_gather.c - any bytes as a line of decisions or findings.
 *
 * What is taken must be counted once in each table, and drawn.
 */
#include "report/format.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static int
nowhere(void *arg, struct slice piece, struct err *e)
{
	(void)arg;
	(void)piece;
	(void)e;
	return 0;
}

static uint64_t
sum(const struct table *t)
{
	uint64_t n = t->others.n;

	for (size_t i = 0; i < t->n; i++)
		n += t->rows[i]->n;
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct period always;
	struct gather *g = gather_new(always);
	struct report r = { .gathered = g, .title = "T", .version = "1" };
	struct report_out out = { .emit = nowhere };
	struct err e;

	if (!g)
		return 0;
	for (int i = 0; i < 2; i++)
		if (gather_line(g, slice_of((const char *)data, size),
			WHEN_NONE) == ST_ENOMEM)
			abort();
	gather_finish(g);
	if (sum(&g->paths) != g->all.n || sum(&g->actions) != g->all.n)
		abort();
	if (report_write(&report_html, &r, &out, &e) < 0)
		abort();
	gather_free(g);
	return 0;
}
