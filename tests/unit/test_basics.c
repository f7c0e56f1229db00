/*
 * test_basics.c - slices, arenas, buffers, reasons with their place.
 */
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

static void
slices_compare_bytewise_and_absent_is_first(void)
{
	CHECK(slice_cmp(SLICE_LIT("a"), SLICE_LIT("b")) < 0);
	CHECK(slice_cmp(SLICE_LIT("a"), SLICE_LIT("aa")) < 0);
	CHECK(slice_cmp(SLICE_LIT("\xff"), SLICE_LIT("a")) > 0);
	CHECK(slice_cmp(SLICE_NULL, SLICE_LIT("")) < 0);
	CHECK_INT(slice_cmp(SLICE_LIT("x"), SLICE_LIT("x")), 0);
	CHECK(!slice_eq(SLICE_LIT("a\0b"), SLICE_LIT("a")));
}

static void
slices_are_cut_at_characters(void)
{
	struct slice s = SLICE_LIT("a/b/c");

	CHECK_TEXT(slice_after_last(s, '/'), "c");
	CHECK_TEXT(slice_after_last(s, ':'), "a/b/c");
	CHECK_TEXT(slice_before(s, '/'), "a");
	CHECK_TEXT(slice_after(s, '/'), "b/c");
	CHECK_TEXT(slice_before(s, ':'), NULL);
	CHECK_TEXT(slice_trim(SLICE_LIT(" \tx y ")), "x y");
	CHECK_TEXT(slice_after_last(SLICE_NULL, '/'), NULL);
}

static void
an_arena_keeps_its_blocks_over_a_reset(void)
{
	struct arena a;
	void *first;

	arena_init(&a, 256);
	first = arena_alloc(&a, 100);
	REQUIRE(first != NULL);
	for (int i = 0; i < 1000; i++)
		CHECK(arena_alloc(&a, 1000) != NULL);
	arena_reset(&a);
	CHECK(arena_alloc(&a, 100) == first);
	CHECK(arena_alloc(&a, SIZE_MAX - 8) == NULL);
	CHECK_TEXT(
	    arena_cat(&a, SLICE_LIT("a"), SLICE_NULL, SLICE_LIT("b")), "ab");
	CHECK_TEXT(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	CHECK_TEXT(arena_slice(&a, SLICE_NULL), NULL);
	arena_release(&a);
}

static void
a_buffer_grows_and_is_consumed_from_the_front(void)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%04d", i);
	CHECK_INT(b.n, 4000);
	buf_consume(&b, 3996);
	CHECK_TEXT(buf_slice(&b), "0999");
	buf_consume(&b, 99);
	CHECK_INT(b.n, 0);
	CHECK(!b.failed);
	buf_release(&b);
}

static void
digits_are_those_of_printf(void)
{
	static const int64_t t[] = { 0, 9, 10, -1, 1234567890, INT64_MIN,
		INT64_MAX };
	struct buf b = BUF_INIT;
	char want[64];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_reset(&b);
		buf_add_int(&b, t[i]);
		buf_addc(&b, ' ');
		buf_add_uint(&b, (uint64_t)t[i]);
		snprintf(want, sizeof(want), "%" PRId64 " %" PRIu64, t[i],
		    (uint64_t)t[i]);
		CHECK_TEXT(buf_slice(&b), want);
	}
	buf_release(&b);
}

static void
an_error_tells_its_place(void)
{
	struct err e;
	char line[512];

	CHECK_INT(
	    err_at(&e, ST_EINVAL, "a.yaml", 3, 7, "bad %s", "key"), ST_EINVAL);
	CHECK_TEXT(slice_str(err_format(&e, line, sizeof(line))),
	    "a.yaml:3:7: bad key");
	err_set(&e, ST_EINVAL, "plain");
	CHECK_TEXT(slice_str(err_format(&e, line, sizeof(line))), "plain");
	CHECK_INT(err_set(NULL, ST_ENOMEM, "x"), ST_ENOMEM);
}

UNIT_MAIN("basics",
    { "slices compare bytewise, absent first",
	slices_compare_bytewise_and_absent_is_first },
    { "slices are cut at characters", slices_are_cut_at_characters },
    { "an arena keeps its blocks over a reset",
	an_arena_keeps_its_blocks_over_a_reset },
    { "a buffer grows and is consumed from the front",
	a_buffer_grows_and_is_consumed_from_the_front },
    { "digits are those of printf", digits_are_those_of_printf },
    { "an error tells its place", an_error_tells_its_place })
