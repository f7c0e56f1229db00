/*
 * test_dead.c - what was set aside comes back as it was.
 */
#include "outputs/dead.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RECORDS 3

static const struct stsentry_record given[RECORDS] = {
	{ "{\"a\":1.50,\"b\":\"\\u00e9\"}\n", 24, "f-1", 2, 3, STSENTRY_FINDING,
	    1772352000123, "", "" },
	{ "<34>1 text \"quoted\"\twith\x01\n", 26, "f-2", 1, 4, 0, 0, "", "" },
	{ "{\"two\":1}\n{\"objects\":2}\n", 24, "id \"3\"", 7, 0, 0, -5, "",
	    "" },
};

struct seen {
	size_t n;
};

static void
on_record(void *arg, const struct stsentry_record *r)
{
	struct seen *seen = arg;
	const struct stsentry_record *want = &given[seen->n++ % RECORDS];
	char data[64];

	snprintf(data, sizeof(data), "%.*s", (int)want->size, want->data);
	CHECK_TEXT(slice_of(r->data, r->size), data);
	CHECK_TEXT(slice_str(r->id), want->id);
	CHECK_INT(r->revision, want->revision);
	CHECK_INT(r->severity, want->severity);
	CHECK_INT(r->flags, want->flags);
	CHECK_INT(r->time_ms, want->time_ms);
}

static const char *
path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(), name);
	return path;
}

static void
records_come_back_to_the_byte(void)
{
	const char *path = path_of("dead");
	struct seen seen = { 0 };
	struct err e = { .text = "" };
	size_t bad = 9;
	FILE *f;

	CHECK_INT(dead_claim(path, &e), ST_ENOENT);
	CHECK_INT(dead_read(path, on_record, &seen, &bad, &e), ST_ENOENT);
	for (size_t i = 0; i < RECORDS; i++)
		CHECK_INT(dead_append(path, "out", &given[i], "400", &e), 0);
	f = fopen(path, "a");
	REQUIRE(f != NULL);
	fputs("{\"id\":\"no data\"}\nnone of ours\n\n[]\n", f);
	fclose(f);
	CHECK_INT(dead_claim(path, &e), 0);
	CHECK(access(path, F_OK) < 0);
	CHECK_INT(dead_append(path, "out", &given[0], "400", &e), 0);
	CHECK_INT(dead_claim(path, &e), ST_EBUSY);
	CHECK_INT(dead_read(path, on_record, &seen, &bad, &e), 0);
	CHECK_INT(seen.n, RECORDS);
	CHECK_INT(bad, 3);
	dead_forget(path);
	CHECK_INT(dead_claim(path, &e), 0);
}

static void
word_is_left_and_answered(void)
{
	const char *dir = unit_tmpdir();
	struct err e = { .text = "" };

	CHECK(!dead_is_asked(dir));
	CHECK_INT(dead_ask(dir, &e), 0);
	CHECK_INT(dead_ask(dir, &e), 0);
	CHECK(dead_is_asked(dir));
	dead_answer(dir);
	CHECK(!dead_is_asked(dir));
	CHECK(dead_ask("/nonexistent", &e) < 0);
}

UNIT_MAIN("dead",
    { "records come back to the byte", records_come_back_to_the_byte },
    { "word is left and answered", word_is_left_and_answered })
