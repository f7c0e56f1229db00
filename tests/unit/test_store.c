/*
 * test_store.c - what is committed is there, what is not is not.
 */
#include "tests/unit/store_case.h"
#include "tests/unit/unit.h"

static void
what_is_committed_is_there_and_what_is_gathered_is_not(void)
{
	const char *dir = case_dir();
	struct store *s = case_open(dir, NULL);
	struct buf v = BUF_INIT;
	struct err e;

	REQUIRE(s != NULL);
	CHECK_INT(store_put(s, STORE_BOOKS, SLICE_LIT("b"), SLICE_LIT("2")), 0);
	CHECK_INT(store_put(s, STORE_BOOKS, SLICE_LIT("a"), SLICE_LIT("0")), 0);
	CHECK_INT(store_put(s, STORE_BOOKS, SLICE_LIT("a"), SLICE_LIT("1")), 0);
	CHECK_INT(store_put(s, STORE_BOOKS, SLICE_LIT("c"), SLICE_LIT("3")), 0);
	CHECK_INT(store_drop(s, STORE_BOOKS, SLICE_LIT("c")), 0);
	CHECK_INT(store_line(s, LINE_NOTE, SLICE_LIT("{}")), 0);
	CHECK_TEXT(slice_str(case_rows(s, STORE_BOOKS)), "");
	CHECK_INT(store_commit(s, &e), 0);
	CHECK_INT(store_gathered(s), 0);
	CHECK_TEXT(slice_str(case_rows(s, STORE_BOOKS)), "a=1 b=2 ");
	CHECK_INT(store_put(s, STORE_BOOKS, SLICE_LIT("d"), SLICE_LIT("4")), 0);
	CHECK_INT(store_line(s, LINE_NOTE, SLICE_LIT("{}")), 0);
	store_close(s);
	s = case_open(dir, NULL);
	REQUIRE(s != NULL);
	CHECK_TEXT(slice_str(case_rows(s, STORE_BOOKS)), "a=1 b=2 ");
	CHECK_TEXT(slice_str(case_rows(s, STORE_META)), "");
	CHECK_INT(store_get(s, STORE_BOOKS, SLICE_LIT("b"), &v, &e), 0);
	CHECK_TEXT(buf_slice(&v), "2");
	CHECK_INT(store_get(s, STORE_BOOKS, SLICE_LIT("d"), &v, &e), ST_ENOENT);
	buf_release(&v);
	store_close(s);
}

static void
a_second_opener_is_refused_with_the_process_that_has_it(void)
{
	const char *dir = case_dir();
	struct store_options o = { .dir = dir };
	struct store *s = case_open(dir, NULL), *other;
	struct err e = { .text = "" };

	REQUIRE(s != NULL);
	CHECK_INT(store_open(&o, &other, &e), ST_EBUSY);
	CHECK(strstr(e.text, "is in use by process ") != NULL);
	store_close(s);
	s = case_open(dir, NULL);
	store_close(s);
}

UNIT_MAIN("store",
    { "what is committed is there and what is gathered is not",
	what_is_committed_is_there_and_what_is_gathered_is_not },
    { "a second opener is refused with the process that has it",
	a_second_opener_is_refused_with_the_process_that_has_it })
