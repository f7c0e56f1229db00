/*
 * test_positions.c - which files have been read, and how far.
 */
#include "collector/positions.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static void
fill(struct positions *p, struct position *f, const char *head)
{
	f->size = 4711;
	f->mtime = 1234567890123456789;
	f->check = 99;
	f->check_at = 1 << 20;
	f->place = (struct frame_place){ .offset = 1000000 };
	f->seen = 29000000;
	positions_set_head(
	    p, f, position_sum(head, strlen(head)), strlen(head));
}

static void
a_row_brings_back_all_that_was_known(void)
{
	struct positions *p = positions_new(0), *q = positions_new(0);
	struct buf key = BUF_INIT, value = BUF_INIT;
	struct position *f = positions_add(p, 7, 8), *g;

	fill(p, f, "first bytes");
	positions_row(p, f, "/var/log/a", &key, &value);
	CHECK_INT(positions_load(q, buf_slice(&key), buf_slice(&value)), 0);
	g = positions_by_file(q, 7, 8);
	REQUIRE(g != NULL);
	CHECK_INT(g->size, f->size);
	CHECK_INT(g->mtime, f->mtime);
	CHECK_INT(g->check, f->check);
	CHECK_INT(g->check_at, f->check_at);
	CHECK_INT(g->place.offset, f->place.offset);
	CHECK_INT(g->number, f->number);
	CHECK_INT(g->seen, f->seen);
	CHECK_TEXT(slice_str(g->path), "/var/log/a");
	CHECK(positions_by_head(q, "first bytes and more", 20, NULL) == g);
	/* Numbers go on behind the highest that was loaded. */
	CHECK(positions_add(q, 1, 1)->number > g->number);
	buf_release(&key);
	buf_release(&value);
	positions_free(p);
	positions_free(q);
}

/* Each cut, and each bit turned: taken or refused, never worse. */
static void
a_damaged_row_is_refused(void)
{
	struct positions *p = positions_new(0);
	struct buf key = BUF_INIT, value = BUF_INIT;
	struct position *f = positions_add(p, 7, 8);

	fill(p, f, "first bytes");
	positions_row(p, f, NULL, &key, &value);
	for (size_t n = 0; n < value.n; n++)
		CHECK_INT(
		    positions_load(p, buf_slice(&key), slice_of(value.p, n)),
		    ST_EFORMAT);
	for (size_t i = 0; i < value.n * 8; i++) {
		struct positions *q = positions_new(0);
		int err;

		value.p[i / 8] ^= (char)(1 << (i % 8));
		err = positions_load(q, buf_slice(&key), buf_slice(&value));
		CHECK(err == 0 || err == ST_EFORMAT);
		value.p[i / 8] ^= (char)(1 << (i % 8));
		positions_free(q);
	}
	CHECK_INT(positions_load(p, SLICE_LIT("file/xyz"), buf_slice(&value)),
	    ST_EFORMAT);
	CHECK_INT(positions_load(p, SLICE_LIT("queue/1"), buf_slice(&value)),
	    ST_ENOENT);
	buf_release(&key);
	buf_release(&value);
	positions_free(p);
}

static void
a_head_is_found_whatever_its_length(void)
{
	struct positions *p = positions_new(0);
	struct position *a = positions_add(p, 1, 1),
			*b = positions_add(p, 1, 2),
			*c = positions_add(p, 1, 3), *f;

	positions_set_head(p, a, position_sum("abc", 3), 3);
	positions_set_head(p, b, position_sum("abcdef", 6), 6);
	positions_set_head(p, c, position_sum("abc", 3), 3);
	f = positions_by_head(p, "abcdefgh", 8, NULL);
	CHECK(f == b);
	f = positions_by_head(p, "abcdefgh", 8, f);
	CHECK(f == a || f == c);
	f = positions_by_head(p, "abcdefgh", 8, f);
	CHECK(f == a || f == c);
	CHECK(!positions_by_head(p, "abcdefgh", 8, f));
	CHECK(!positions_by_head(p, "ab", 2, NULL));
	CHECK(!positions_by_head(p, "", 0, NULL));
	positions_set_head(p, b, position_sum("xbcdef", 6), 6);
	CHECK(positions_by_head(p, "abcdefgh", 8, NULL) != b);
	positions_free(p);
}

static void
a_ghost_is_found_by_what_it_held(void)
{
	struct positions *p = positions_new(0);
	struct position *a = positions_add(p, 1, 1);

	positions_set_head(p, a, position_sum("abc", 3), 3);
	positions_move(p, a, 0, 0);
	CHECK(!positions_by_file(p, 1, 1));
	CHECK(!positions_by_file(p, 0, 0));
	CHECK(positions_by_head(p, "abc", 3, NULL) == a);
	positions_move(p, a, 1, 9);
	CHECK(positions_by_file(p, 1, 9) == a);
	positions_free(p);
}

/* Against a plain list, a hundred thousand steps. */
static void
many_come_and_go(void)
{
	enum { N = 5000 };
	struct positions *p = positions_new(0);
	struct position *by[N] = { NULL };
	size_t n = 0;
	unsigned r = 1;

	for (int step = 0; step < 100000; step++) {
		uint64_t i = (r = r * 1103515245U + 12345U) >> 8 & 0xffffff;
		char head[16];

		i %= N;
		snprintf(head, sizeof(head), "h%u", (unsigned)(i % 700));
		CHECK(positions_by_file(p, 5, i + 1) == by[i]);
		if (by[i]) {
			positions_drop(p, by[i]);
			by[i] = NULL;
			n--;
			continue;
		}
		by[i] = positions_add(p, 5, i + 1);
		positions_set_head(
		    p, by[i], position_sum(head, strlen(head)), strlen(head));
		n++;
	}
	CHECK_INT(positions_count(p), n);
	for (struct position *f = positions_next(p, NULL); f;
	     f = positions_next(p, f))
		n--;
	CHECK_INT(n, 0);
	positions_free(p);
}

static void
beyond_the_bound_nothing_is_taken(void)
{
	struct positions *p = positions_new(3);

	for (uint64_t i = 1; i <= 3; i++)
		CHECK(positions_add(p, 1, i) != NULL);
	CHECK(!positions_add(p, 1, 4));
	positions_drop(p, positions_by_file(p, 1, 2));
	CHECK(positions_add(p, 1, 4) != NULL);
	positions_free(p);
}

static void
a_fact_lasts(void)
{
	struct positions *p = positions_new(0), *q = positions_new(0);
	struct buf key = BUF_INIT, value = BUF_INIT;

	CHECK(!positions_has_fact(p, "in"));
	CHECK(positions_fact(p, "in", &key, &value));
	CHECK(positions_has_fact(p, "in"));
	CHECK_INT(positions_load(q, buf_slice(&key), buf_slice(&value)), 0);
	CHECK(positions_has_fact(q, "in"));
	CHECK(!positions_has_fact(q, "other"));
	CHECK_INT(positions_count(q), 0);
	buf_release(&key);
	buf_release(&value);
	positions_free(p);
	positions_free(q);
}

UNIT_MAIN("positions",
    { "a row brings back all that was known",
	a_row_brings_back_all_that_was_known },
    { "a damaged row is refused", a_damaged_row_is_refused },
    { "a head is found whatever its length",
	a_head_is_found_whatever_its_length },
    { "a ghost is found by what it held", a_ghost_is_found_by_what_it_held },
    { "many come and go", many_come_and_go },
    { "beyond the bound nothing is taken", beyond_the_bound_nothing_is_taken },
    { "a fact lasts", a_fact_lasts })
