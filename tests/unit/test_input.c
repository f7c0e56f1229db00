/*
 * test_input.c - a file read in ranges gives what reading it in one go gives.
 *
 * Ranges are made small, so that their boundaries fall into every kind of
 * place.
 */
#include "config.h"

#include "cli/input.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* What a run found: a line a request, sorted, and the counts. */
struct result {
	char *lines[4096];
	size_t n;
	struct sift_counts counts;
	uint64_t bytes, unreadable;
	unsigned notes;
};

static int
on_requests(void *arg, struct slice packed, struct err *e)
{
	struct result *result = arg;
	struct request r;
	char line[128];
	size_t took;

	(void)e;
	while (packed.n && request_unpack(packed, &r, &took) == 0) {
		snprintf(line, sizeof(line), "%012llu %.*s",
		    (unsigned long long)r.input_offset, SLICE_ARG(r.event_id));
		if (result->n < 4096)
			result->lines[result->n++] = strdup(line);
		packed = slice_of(packed.p + took, packed.n - took);
	}
	return packed.n ? ST_ETRUNC : 0;
}

static void
on_note(void *arg, const char *line)
{
	struct result *result = arg;

	(void)line;
	result->notes++;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
read_file(
    const char *path, unsigned threads, uint64_t range, struct result *result)
{
	struct input_options o = { 0 };
	struct input_calls calls = { on_requests, on_note, NULL };
	struct input *in;
	struct err e;

	memset(result, 0, sizeof(*result));
	o.threads = threads;
	o.range = range;
	in = input_new(&o, &calls, result);
	CHECK_INT(input_add(in, path, &e), 0);
	CHECK_INT(input_run(in, &e), 0);
	result->counts = *input_counts(in);
	result->bytes = input_bytes(in);
	result->unreadable = input_unreadable(in);
	input_free(in);
	qsort(result->lines, result->n, sizeof(char *), by_text);
}

static void
release(struct result *result)
{
	for (size_t i = 0; i < result->n; i++)
		free(result->lines[i]);
}

static void
compare(const char *path, uint64_t range)
{
	static struct result one, many;

	read_file(path, 1, range, &one);
	read_file(path, 3, range, &many);
	CHECK_INT(many.n, one.n);
	CHECK_INT(many.bytes, one.bytes);
	CHECK_INT(many.unreadable, one.unreadable);
	CHECK(memcmp(&many.counts, &one.counts, sizeof(one.counts)) == 0);
	for (size_t i = 0; i < one.n && i < many.n; i++)
		CHECK(strcmp(one.lines[i], many.lines[i]) == 0);
	CHECK(one.n > 0);
	release(&one);
	release(&many);
}

#define REQUEST                                                   \
	"{\"eventSource\":\"sts.amazonaws.com\",%s\"eventName\":" \
	"\"GetSessionToken\",%s\"eventID\":\"id-%u\",\"pad\":\"%0*d\"}%s"

static void
put(FILE *f, unsigned i, const char *between, int pad, const char *end)
{
	fprintf(f, REQUEST, between, between, i, pad, 0, end);
}

static FILE *
create(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", unit_tmpdir(), name);
	return fopen(path, "w");
}

static void
lines_are_cut_anywhere(void)
{
	char path[256];
	FILE *f = create("lines", path, sizeof(path));

	REQUIRE(f != NULL);
	for (unsigned i = 0; i < 500; i++)
		put(f, i, "", (int)(i * 7 % 301) + 1, "\n");
	fclose(f);
	for (uint64_t range = 400; range < 9000; range = range * 2 + 13)
		compare(path, range);
}

static void
records_over_many_lines_straddle_the_cut(void)
{
	char path[256];
	FILE *f = create("pretty", path, sizeof(path));

	REQUIRE(f != NULL);
	for (unsigned i = 0; i < 500; i++)
		put(f, i, i % 3 ? "" : "\n  ", (int)(i % 40) + 1, "\n");
	fclose(f);
	for (uint64_t range = 400; range < 9000; range = range * 2 + 13)
		compare(path, range);
}

static void
a_line_longer_than_ranges_is_read_once(void)
{
	char path[256];
	FILE *f = create("long", path, sizeof(path));

	REQUIRE(f != NULL);
	for (unsigned i = 0; i < 20; i++)
		put(f, i, "", i == 5 ? 20000 : 100, "\n");
	fclose(f);
	compare(path, 1000);
	compare(path, 3000);
}

static void
a_cut_line_and_no_last_newline(void)
{
	char path[256];
	FILE *f = create("cut", path, sizeof(path));

	REQUIRE(f != NULL);
	for (unsigned i = 0; i < 60; i++) {
		if (i % 20 == 7)
			fputs("{\"eventSource\":\"sts.amazonaws", f);
		put(f, i, "", 50, "\n");
		if (i % 20 == 9)
			fputs("{\"a\":\"cut\n", f);
	}
	fputs("{}", f);
	fclose(f);
	for (uint64_t range = 300; range < 5000; range = range * 2 + 13)
		compare(path, range);
}

UNIT_MAIN("input", { "lines are cut anywhere", lines_are_cut_anywhere },
    { "records over many lines straddle the cut",
	records_over_many_lines_straddle_the_cut },
    { "a line longer than ranges is read once",
	a_line_longer_than_ranges_is_read_once },
    { "a cut line, and no last newline", a_cut_line_and_no_last_newline })
