/*
 * fuzz_inflate.c - undo any bytes twice: whole, and in pieces.
 *
 * The first byte says how long the pieces are.  What is good both ways must
 * give the same bytes.  The answers must be the same, too, but where a bound
 * is met, for it may depend on how far the library has read ahead what is
 * noticed first, and but for zstd, which checks a frame's size more strictly
 * when it is given the frame whole.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/inflate.h"

#include <stdlib.h>

#define MOST ((uint64_t)4 << 20)

struct seen {
	uint64_t bytes, hash;
};

static int
take(void *arg, const char *p, size_t n)
{
	static const uint64_t prime = UINT64_C(0x100000001b3);
	struct seen *s = arg;

	for (size_t i = 0; i < n; i++)
		s->hash = (s->hash ^ (unsigned char)p[i]) * prime;
	s->bytes += n;
	return 0;
}

static int
undo(struct inflate *z, const char *p, size_t n, size_t piece, struct seen *s)
{
	struct err e;
	int err = 0;

	*s = (struct seen){ 0, 1 };
	inflate_reset(z);
	for (size_t at = 0; at < n && err == 0; at += piece)
		err = inflate_feed(
		    z, p + at, n - at < piece ? n - at : piece, take, s, &e);
	return err ? err : inflate_finish(z, take, s, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct inflate_limits limits = { MOST, 0 };
	static struct inflate *z;
	const char *p = (const char *)data + 1;
	struct seen whole, cut;
	int a, b;

	if (!z)
		z = inflate_new(&limits);
	if (!z || size < 1)
		return 0;
	a = undo(z, p, size - 1, size, &whole);
	b = undo(z, p, size - 1, (size_t)data[0] + 1, &cut);
	if (inflate_is(z) != INFLATE_PLAIN && whole.bytes > MOST)
		abort();
	if (a == 0 && b == 0 && whole.hash != cut.hash)
		abort();
	if (a != b && a != ST_ELIMIT && b != ST_ELIMIT &&
	    inflate_is(z) != INFLATE_ZSTD)
		abort();
	return 0;
}
