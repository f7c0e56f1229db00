/*
 * test_ledger.c - lines are chained, belong to a transaction or are not there,
 * and what was damaged is told.
 */
#include "store/line.h"
#include "tests/unit/store_case.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY 86400
#define MAY_1 ((int64_t)1777593600) /* 2026-05-01T00:00:00Z */
#define FILE_1 "ledger/2026-05-01.jsonl"

static const char start[] =
    "{\"prev\":"
    "\"0000000000000000000000000000000000000000000000000000000000000000\","
    "\"seq\":1,\"tx\":2,\"at\":\"2026-05-01T00:00:00Z\",\"kind\":\"note\","
    "\"data\":";

static void
a_line_is_read_only_as_it_was_written(void)
{
	static const char *const bad[] = { "", "}", "1", "{}x" };
	struct buf b = BUF_INIT;
	struct line l;

	buf_addf(&b, "%s{\"a\":1}}", start);
	CHECK(line_parse(buf_slice(&b), &l));
	CHECK_INT(l.seq, 1);
	CHECK_INT(l.tx, 2);
	CHECK_INT(l.at.sec, MAY_1);
	CHECK_TEXT(l.kind, "note");
	CHECK_TEXT(l.data, "{\"a\":1}");
	CHECK(line_is_start(&l));
	for (size_t n = 0; n < sizeof(start); n++)
		CHECK(!line_parse(slice_of(b.p, n), &l));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		buf_reset(&b);
		buf_addf(&b, "%s%s", start, bad[i]);
		CHECK(!line_parse(buf_slice(&b), &l));
	}
	buf_release(&b);
}

static void
a_day_has_a_file_and_its_first_line_the_head_of_the_day_before(void)
{
	struct case_disk d = { .now = MAY_1 };
	struct store_seam m = case_seam(&d);
	const char *dir = case_dir();
	struct store *s = case_open(dir, &m);

	REQUIRE(s != NULL);
	CHECK_INT(case_add(s, "a", "1"), 0);
	d.now += DAY - 1;
	CHECK_INT(case_add(s, "a", "2"), 0);
	d.now += 1;
	CHECK_INT(case_add(s, "a", "3"), 0);
	d.now -= DAY / 2;
	CHECK_INT(case_add(s, "a", "4"), 0);
	CHECK_TEXT(slice_str(case_ledger(dir)),
	    "2026-05-01.jsonl: 1 decision 1; 2 decision 2; "
	    "2026-05-02.jsonl: 3 decision 3; 4 decision 4; ");
	store_close(s);
}

static void
a_clock_that_goes_back_writes_over_nothing(void)
{
	struct case_disk d = { .now = MAY_1 };
	struct store_seam m = case_seam(&d);
	const char *dir = case_dir();
	struct store *s = case_open(dir, &m);

	REQUIRE(s != NULL);
	CHECK_INT(case_add(s, "a", "1"), 0);
	d.now += 3 * DAY;
	CHECK_INT(case_add(s, "a", "2"), 0);
	d.now -= 3 * DAY;
	CHECK_INT(case_add(s, "a", "3"), 0);
	CHECK_TEXT(slice_str(case_ledger(dir)),
	    "2026-05-01.jsonl: 1 decision 1; "
	    "2026-05-04.jsonl: 2 decision 2; "
	    "2026-05-01.2.jsonl: 3 decision 3; ");
	store_close(s);
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	CHECK_INT(case_add(s, "a", "4"), 0);
	CHECK(strstr(case_ledger(dir), "3 decision 3; 4 decision 4; ") != NULL);
	store_close(s);
}

/* A folder with three committed lines on one day. */
static const char *
three_lines(struct store_seam *m)
{
	const char *dir = case_dir();
	struct store *s = case_open(dir, m);

	if (!s)
		return dir;
	CHECK_INT(case_add(s, "a", "1"), 0);
	CHECK_INT(case_add(s, "b", "2"), 0);
	CHECK_INT(case_add(s, "c", "3"), 0);
	store_close(s);
	return dir;
}

static void
what_lies_behind_the_last_transaction_is_cut_off(void)
{
	static const char *const tails[] = { "x", "{\"prev\":\"", "\n\n" };
	struct case_disk d = { .now = MAY_1 };
	struct store_seam m = case_seam(&d);
	const char *dir = three_lines(&m);
	struct store *s;
	long size = case_size(dir, FILE_1);

	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		case_append(dir, FILE_1, slice_str(tails[i]));
		s = case_open(dir, &m);
		REQUIRE(s != NULL);
		CHECK_INT(case_size(dir, FILE_1), size);
		store_close(s);
	}
	case_append(dir, FILE_1, slice_of("\0\0\0\0", 4));
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	CHECK_INT(case_add(s, "d", "4"), 0);
	CHECK_TEXT(slice_str(case_ledger(dir)),
	    "2026-05-01.jsonl: 1 decision 1; 2 decision 2; 3 decision 3; "
	    "4 decision 4; ");
	store_close(s);
}

static void
a_damaged_end_is_set_aside_and_a_new_chain_says_so(void)
{
	struct case_disk d = { .now = MAY_1 };
	struct store_seam m = case_seam(&d);
	const char *dir = three_lines(&m), *text;
	struct store_counts n;
	struct store *s;

	case_damage(dir, FILE_1, -40, 1);
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	store_counts(s, &n);
	CHECK_INT(n.lines_missing, 1);
	CHECK_INT(n.set_aside, 1);
	CHECK_INT(case_files(dir, "ledger", "2026-05-01.jsonl.damaged-"), 1);
	text = case_ledger(dir);
	CHECK(strstr(text,
		  "2026-05-01.jsonl: 1 decision 1; 2 decision 2; "
		  "2026-05-01.2.jsonl: !4 note "
		  "{\"event\":\"ledger_damaged\","
		  "\"file\":\"2026-05-01.jsonl\"") == text);
	CHECK_INT(case_add(s, "d", "4"), 0);
	CHECK(strstr(case_ledger(dir), "5 decision 4; ") != NULL);
	CHECK_TEXT(slice_str(case_rows(s, STORE_BOOKS)), "a=1 b=2 c=3 d=4 ");
	store_close(s);
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	store_counts(s, &n);
	CHECK_INT(n.lines_missing, 0);
	store_close(s);
}

static void
a_ledger_that_is_gone_begins_anew_and_says_so(void)
{
	struct case_disk d = { .now = MAY_1 };
	struct store_seam m = case_seam(&d);
	const char *dir = three_lines(&m), *text;
	struct store *s;

	case_remove(dir, FILE_1);
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	text = case_ledger(dir);
	CHECK(strstr(text,
		  "2026-05-01.jsonl: 4 note {\"event\":\"ledger_damaged\"") ==
	    text);
	CHECK(strstr(text, "\"set_aside\":null,\"lines_missing\":3") != NULL);
	store_close(s);
}

static void
a_state_that_is_lost_leaves_the_ledger_and_its_chain(void)
{
	struct case_disk d = { .now = MAY_1 };
	struct store_seam m = case_seam(&d);
	const char *dir = three_lines(&m), *text;
	struct store_counts n;
	struct store *s;

	case_remove(dir, "state.db");
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	store_counts(s, &n);
	CHECK_INT(n.transactions_missing, 3);
	CHECK_INT(n.lines_missing, 0);
	text = case_ledger(dir);
	CHECK(strstr(text,
		  "2026-05-01.jsonl: 1 decision 1; 2 decision 2; 3 decision "
		  "3; 2026-05-01.2.jsonl: 4 note "
		  "{\"event\":\"state_older_than_ledger\"") == text);
	CHECK_INT(case_add(s, "d", "4"), 0);
	store_counts(s, &n);
	CHECK(n.transactions > 4);
	store_close(s);
}

static void
what_there_was_no_time_to_read_is_not_removed(void)
{
	struct case_disk d = { .now = MAY_1 };
	struct store_seam m = case_seam(&d);
	const char *dir = three_lines(&m);
	long size = case_size(dir, FILE_1);
	struct store *s = case_open(dir, &m);

	REQUIRE(s != NULL);
	d.now += DAY;
	CHECK_INT(case_add(s, "d", "4"), 0);
	store_close(s);
	case_remove(dir, "state.db");
	m.hurry = true;
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	CHECK_INT(case_files(dir, "ledger", ".damaged-"), 2);
	CHECK_INT(case_add(s, "e", "5"), 0);
	store_close(s);
	/* A tail behind the end that the state names. */
	d.now = MAY_1;
	dir = three_lines(&m);
	case_append(dir, FILE_1, SLICE_LIT("tail"));
	s = case_open(dir, &m);
	REQUIRE(s != NULL);
	CHECK_INT(case_size(dir, FILE_1), size);
	CHECK_INT(case_files(dir, "ledger", ".damaged-"), 1);
	store_close(s);
}

static void
a_commit_that_fails_is_whole_when_it_is_tried_again(void)
{
	struct case_disk d = { .now = MAY_1, .error = ENOSPC };
	struct store_seam m = case_seam(&d);
	const char *dir;
	struct store *s;
	struct err e;

	for (int at = 1; at <= 4; at++) {
		dir = three_lines(&m);
		s = case_open(dir, &m);
		REQUIRE(s != NULL);
		d.now = MAY_1 + (at & 1) * DAY;
		d.after = at;
		if (case_add(s, "d", "4") < 0) {
			CHECK_TEXT(slice_str(case_rows(s, STORE_BOOKS)),
			    "a=1 b=2 c=3 ");
			CHECK_INT(store_commit(s, &e), 0);
		}
		d.after = 0;
		CHECK_TEXT(
		    slice_str(case_rows(s, STORE_BOOKS)), "a=1 b=2 c=3 d=4 ");
		CHECK(strstr(case_ledger(dir), "4 decision 4; ") != NULL);
		CHECK(strstr(case_ledger(dir), "!") == NULL);
		store_close(s);
		d.now = MAY_1;
	}
}

UNIT_MAIN("ledger",
    { "what there was no time to read is not removed",
	what_there_was_no_time_to_read_is_not_removed },
    { "a line is read only as it was written",
	a_line_is_read_only_as_it_was_written },
    { "a day has a file and its first line the head of the day before",
	a_day_has_a_file_and_its_first_line_the_head_of_the_day_before },
    { "a clock that goes back writes over nothing",
	a_clock_that_goes_back_writes_over_nothing },
    { "what lies behind the last transaction is cut off",
	what_lies_behind_the_last_transaction_is_cut_off },
    { "a damaged end is set aside and a new chain says so",
	a_damaged_end_is_set_aside_and_a_new_chain_says_so },
    { "a ledger that is gone begins anew and says so",
	a_ledger_that_is_gone_begins_anew_and_says_so },
    { "a state that is lost leaves the ledger and its chain",
	a_state_that_is_lost_leaves_the_ledger_and_its_chain },
    { "a commit that fails is whole when it is tried again",
	a_commit_that_fails_is_whole_when_it_is_tried_again })
