/*
 * test_problems.c - all that is wrong, in order and bounded.
 */
#include "lib/problems.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static void
add(struct problems *all, const char *file, unsigned line, unsigned col,
    const char *text)
{
	struct err e;

	err_at(&e, ST_EINVAL, file, line, col, "%s", text);
	problems_add(all, &e);
}

static void
a_list_is_by_file_and_place(void)
{
	struct problems all = PROBLEMS_INIT;
	struct buf out = BUF_INIT;

	add(&all, "b", 3, 1, "third");
	add(&all, "a", 1, 1, "of another file");
	add(&all, "b", 1, 9, "second \"quoted\" \033[1m\n\xff");
	add(&all, "b", 1, 2, "first");
	add(&all, "b", 1, 2, "first, said later");
	add(&all, "", 0, 0, "of no file");
	problems_write(&all, &out);
	CHECK_TEXT(buf_slice(&out),
	    "b:1:2: first\n"
	    "b:1:2: first, said later\n"
	    "b:1:9: second \"quoted\" \\u001b[1m\\u000a\xef\xbf\xbd\n"
	    "b:3:1: third\n"
	    "a:1:1: of another file\n"
	    "of no file\n");
	CHECK_TEXT(slice_str(problems_first(&all)->text), "third");
	buf_release(&out);
	problems_release(&all);
	CHECK(problems_first(&all) == NULL);
}

static void
a_json_array_has_a_place_or_null(void)
{
	struct problems all = PROBLEMS_INIT;
	struct buf out = BUF_INIT;

	problems_json(&all, &out);
	CHECK_TEXT(buf_slice(&out), "[]\n");
	buf_reset(&out);
	add(&all, "a", 1, 2, "x \"y\"");
	add(&all, "", 0, 0, "z");
	problems_json(&all, &out);
	CHECK_TEXT(buf_slice(&out),
	    "[{\"file\":\"a\",\"line\":1,\"column\":2,"
	    "\"problem\":\"x \\\"y\\\"\"},"
	    "{\"file\":null,\"line\":null,\"column\":null,"
	    "\"problem\":\"z\"}]\n");
	buf_release(&out);
	problems_release(&all);
}

static void
a_fault_is_taken_where_there_is_a_list(void)
{
	struct problems all = PROBLEMS_INIT;
	struct err e = { .text = "x" };

	CHECK_INT(problems_take(NULL, ST_EINVAL, &e), ST_EINVAL);
	CHECK_INT(problems_take(&all, 0, &e), 0);
	CHECK_INT(problems_count(&all), 0);
	CHECK_INT(problems_take(&all, ST_EINVAL, &e), 0);
	CHECK_INT(problems_count(&all), 1);
	CHECK_INT(problems_take(&all, ST_ENOMEM, &e), ST_ENOMEM);
	CHECK_INT(problems_count(&all), 1);
	problems_release(&all);
}

static void
a_list_has_an_end_and_counts_on(void)
{
	struct problems all = PROBLEMS_INIT;
	struct buf out = BUF_INIT;

	for (unsigned i = 0; i < PROBLEMS_MAX + 5; i++)
		add(&all, "f", i + 1, 1, "x");
	CHECK_INT(problems_count(&all), PROBLEMS_MAX + 5);
	problems_write(&all, &out);
	CHECK(slice_ends(buf_slice(&out), "f:1000:1: x\nand 5 more\n"));
	buf_release(&out);
	problems_release(&all);
}

UNIT_MAIN("problems",
    { "a list is by file and place", a_list_is_by_file_and_place },
    { "a JSON array has a place or null", a_json_array_has_a_place_or_null },
    { "a fault is taken where there is a list",
	a_fault_is_taken_where_there_is_a_list },
    { "a list has an end and counts on", a_list_has_an_end_and_counts_on })
