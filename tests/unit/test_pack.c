/*
 * test_pack.c - kept values come back as they were; short bytes fail softly.
 */
#include "lib/pack.h"
#include "tests/unit/unit.h"

static void
every_value_comes_back(void)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 300, UINT32_MAX,
		INT64_MAX, UINT64_MAX };
	static const int64_t signs[] = { 0, -1, 1, -64, 64, INT64_MIN,
		INT64_MAX };
	struct buf b = BUF_INIT;
	struct unpack u;
	struct when w;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		pack_uint(&b, numbers[i]);
		pack_ordered(&b, numbers[i]);
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		pack_int(&b, signs[i]);
	pack_double(&b, -0.1);
	pack_bool(&b, true);
	pack_when(&b, (struct when){ -5, 999999999, true });
	pack_when(&b, WHEN_NONE);
	pack_word(&b, "word");
	pack_slice(&b, SLICE_LIT(""));
	pack_slice(&b, SLICE_NULL);
	pack_bytes(&b, "xyz", 3);
	u = unpack_of(buf_slice(&b));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		CHECK(unpack_uint(&u) == numbers[i]);
		CHECK(unpack_ordered(&u) == numbers[i]);
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		CHECK(unpack_int(&u) == signs[i]);
	CHECK(unpack_double(&u) == -0.1);
	CHECK(unpack_bool(&u));
	w = unpack_when(&u);
	CHECK(w.valid && w.sec == -5 && w.nsec == 999999999);
	CHECK(!unpack_when(&u).valid);
	CHECK_TEXT(unpack_slice(&u), "word");
	CHECK_TEXT(unpack_slice(&u), "");
	CHECK(slice_is_null(unpack_slice(&u)));
	CHECK(!unpack_is_whole(&u));
	{
		char three[3];

		unpack_bytes(&u, three, 3);
		CHECK(memcmp(three, "xyz", 3) == 0);
	}
	CHECK(unpack_is_whole(&u));
	buf_release(&b);
}

static void
ordered_numbers_sort_as_keys(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	pack_ordered(&a, 255);
	pack_ordered(&b, 256);
	CHECK(slice_cmp(buf_slice(&a), buf_slice(&b)) < 0);
	buf_release(&a);
	buf_release(&b);
}

static void
behind_the_first_missing_byte_all_is_nothing(void)
{
	struct buf b = BUF_INIT;

	pack_uint(&b, 300);
	pack_slice(&b, SLICE_LIT("abc"));
	pack_when(&b, (struct when){ 5, 6, true });
	pack_double(&b, 1);
	for (size_t n = 0; n < b.n; n++) {
		struct unpack u = unpack_of(slice_of(b.p, n));

		unpack_uint(&u);
		unpack_slice(&u);
		unpack_when(&u);
		unpack_double(&u);
		CHECK(u.failed);
		CHECK(!unpack_is_whole(&u));
		CHECK_INT(unpack_uint(&u), 0);
		CHECK(slice_is_null(unpack_slice(&u)));
		CHECK(!unpack_when(&u).valid);
	}
	buf_release(&b);
}

static void
numbers_over_their_bound_fail(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		bool good;
	} cases[] = {
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, true },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x01", 11, false },
	};
	struct unpack u;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		u = unpack_of(slice_of(cases[i].bytes, cases[i].n));
		unpack_uint(&u);
		CHECK(u.failed == !cases[i].good);
	}
	u = unpack_of(SLICE_LIT("\x05"));
	CHECK_INT(unpack_at_most(&u, 4), 0);
	CHECK(u.failed);
	u = unpack_of(SLICE_LIT("\x02"));
	CHECK(!unpack_bool(&u));
	CHECK(u.failed);
	/* A slice that says it is longer than all there is. */
	u = unpack_of(SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01z"));
	CHECK(slice_is_null(unpack_slice(&u)));
	CHECK(u.failed);
}

UNIT_MAIN("pack", { "every value comes back", every_value_comes_back },
    { "ordered numbers sort as keys", ordered_numbers_sort_as_keys },
    { "behind the first missing byte all is nothing",
	behind_the_first_missing_byte_all_is_nothing },
    { "numbers over their bound fail", numbers_over_their_bound_fail })
