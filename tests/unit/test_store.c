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

static int
count_row(void *arg, struct slice key, struct slice value)
{
	size_t *n = arg;

	(void)key;
	CHECK_INT(value.n, 200);
	++*n;
	return 0;
}

/* A hundred rows on some pages, one of which is damaged while it is open. */
static struct store *
damaged_store(struct store_seam *m)
{
	const char *dir = case_dir();
	struct store *s = case_open(dir, m);
	char key[16], value[200];
	struct err e;

	if (!s)
		return NULL;
	memset(value, 'v', sizeof(value));
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		CHECK_INT(store_put(s, STORE_FINDING, slice_str(key),
			      slice_of(value, sizeof(value))),
		    0);
	}
	CHECK_INT(store_commit(s, &e), 0);
	store_close(s);
	s = case_open(dir, m);
	case_damage(dir, "state.db", -4096, 4);
	case_damage(dir, "state.db", -8192, 4);
	return s;
}

/* How many rows there are after the disk refused the n-th step of the mending
 * and takes things again; 0: it refuses nothing. */
static size_t
rows_after(int step)
{
	struct case_disk d = { .now = 0 };
	struct store_seam m = case_seam(&d);
	struct store *s = damaged_store(&m);
	struct store_counts counts;
	struct err e;
	size_t n = 0, ignored = 0;

	if (!s)
		return 0;
	if (step > 0) {
		d = (struct case_disk){
			.after = step, .error = ENOSPC, .stuck = true
		};
		(void)!store_each(s, STORE_FINDING, count_row, &ignored, &e);
		d = (struct case_disk){ .after = 0 };
	}
	CHECK_INT(case_add(s, "more", "v"), 0);
	CHECK_INT(store_each(s, STORE_FINDING, count_row, &n, &e), 0);
	store_counts(s, &counts);
	CHECK_INT(counts.set_aside, 1);
	CHECK(counts.rows_saved >= n);
	store_close(s);
	return n;
}

static void
a_mending_that_fails_half_way_is_finished(void)
{
	size_t all = rows_after(0);

	CHECK(all >= 50 && all < 100);
	for (int step = 1; step <= 12; step++)
		CHECK_INT(rows_after(step), all);
}

UNIT_MAIN("store",
    { "a mending that fails half way is finished",
	a_mending_that_fails_half_way_is_finished },
    { "what is committed is there and what is gathered is not",
	what_is_committed_is_there_and_what_is_gathered_is_not },
    { "a second opener is refused with the process that has it",
	a_second_opener_is_refused_with_the_process_that_has_it })
