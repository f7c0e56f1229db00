/*
 * test_deflate.c - what is packed comes out as it went in.
 */
#include "lib/deflate.h"

#include "lib/inflate.h"
#include "tests/unit/unit.h"

static int
add(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
	return 0;
}

static void
unpack(struct slice packed, struct buf *out)
{
	struct inflate *z = inflate_new(NULL);
	struct err e;

	CHECK_INT(inflate_feed(z, packed.p, packed.n, add, out, &e), 0);
	CHECK_INT(inflate_finish(z, add, out, &e), 0);
	CHECK_INT(inflate_is(z), INFLATE_ZSTD);
	inflate_free(z);
}

static void
bytes_come_out_as_they_went_in(void)
{
	struct deflate *d = deflate_new();
	struct buf in = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;

	REQUIRE(d != NULL);
	for (int i = 0; i < 100000; i++)
		buf_addf(&in, "line %d\n", i * 7919 % 1000);
	for (size_t at = 0, n; at < in.n; at += n) {
		n = at % 70001 + 1;
		if (n > in.n - at)
			n = in.n - at;
		CHECK_INT(deflate_feed(d, in.p + at, n, &packed), 0);
	}
	CHECK_INT(deflate_finish(d, &packed), 0);
	CHECK(packed.n < in.n / 4);
	unpack(buf_slice(&packed), &out);
	CHECK_INT(out.n, in.n);
	CHECK(out.n == in.n && memcmp(out.p, in.p, in.n) == 0);
	buf_release(&in);
	buf_release(&packed);
	buf_release(&out);
	deflate_free(d);
}

static void
it_begins_again(void)
{
	struct deflate *d = deflate_new();
	struct buf a = BUF_INIT, b = BUF_INIT;

	REQUIRE(d != NULL);
	CHECK_INT(deflate_feed(d, "abc", 3, &a), 0);
	CHECK_INT(deflate_finish(d, &a), 0);
	CHECK_INT(deflate_feed(d, "forgotten", 9, &b), 0);
	deflate_reset(d);
	buf_reset(&b);
	CHECK_INT(deflate_feed(d, "abc", 3, &b), 0);
	CHECK_INT(deflate_finish(d, &b), 0);
	CHECK(a.n == b.n && memcmp(a.p, b.p, a.n) == 0);
	buf_release(&a);
	buf_release(&b);
	deflate_free(d);
}

UNIT_MAIN("deflate",
    { "bytes come out as they went in", bytes_come_out_as_they_went_in },
    { "it begins again", it_begins_again })
