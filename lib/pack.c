/*
 * pack.c - values as bytes that are kept, and back.
 *
 * See pack.h.  Knows no structure, only values.  Pure functions, any thread.
 */
#include "lib/pack.h"

/* ---- writing ------------------------------------------------------------ */

void
pack_uint(struct buf *out, uint64_t v)
{
	char bytes[10];
	size_t n = 0;

	while (v > 127) {
		bytes[n++] = (char)(v | 128);
		v >>= 7;
	}
	bytes[n++] = (char)v;
	buf_add(out, bytes, n);
}

/* 0, -1, 1, -2, ... become 0, 1, 2, 3, ... */
void
pack_int(struct buf *out, int64_t v)
{
	uint64_t u = (uint64_t)v << 1;

	pack_uint(out, v < 0 ? ~u : u);
}

void
pack_bool(struct buf *out, bool v)
{
	buf_addc(out, v ? 1 : 0);
}

void
pack_ordered(struct buf *out, uint64_t v)
{
	char bytes[8];

	for (int i = 7; i >= 0; i--) {
		bytes[i] = (char)(v & 255);
		v >>= 8;
	}
	buf_add(out, bytes, sizeof(bytes));
}

void
pack_double(struct buf *out, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	pack_ordered(out, bits);
}

/* A length: 0 is an absent slice, else n + 1. */
void
pack_slice(struct buf *out, struct slice s)
{
	pack_uint(out, s.p ? (uint64_t)s.n + 1 : 0);
	if (s.p)
		buf_add_slice(out, s);
}

void
pack_word(struct buf *out, const char *s)
{
	pack_slice(out, slice_str(s));
}

void
pack_when(struct buf *out, struct when w)
{
	pack_bool(out, w.valid);
	if (!w.valid)
		return;
	pack_int(out, w.sec);
	pack_uint(out, (uint64_t)w.nsec);
}

void
pack_bytes(struct buf *out, const void *p, size_t n)
{
	if (n > 0)
		buf_add(out, p, n);
}

/* ---- reading ------------------------------------------------------------ */

struct unpack
unpack_of(struct slice bytes)
{
	return (struct unpack){ bytes, false };
}

static void
fail(struct unpack *u)
{
	u->failed = true;
	u->rest = SLICE_NULL;
}

/* The next n bytes, or NULL. */
static const char *
take(struct unpack *u, size_t n)
{
	const char *p = u->rest.p;

	if (u->failed || u->rest.n < n || !p) {
		fail(u);
		return NULL;
	}
	u->rest = slice_of(p + n, u->rest.n - n);
	return p;
}

uint64_t
unpack_uint(struct unpack *u)
{
	uint64_t v = 0;
	const char *p;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		unsigned char c;

		p = take(u, 1);
		if (!p)
			return 0;
		c = (unsigned char)*p;
		/* Of the tenth byte only one bit has room. */
		if (shift == 63 && c > 1)
			break;
		v |= (uint64_t)(c & 127) << shift;
		if (!(c & 128))
			return v;
	}
	fail(u);
	return 0;
}

uint64_t
unpack_at_most(struct unpack *u, uint64_t max)
{
	uint64_t v = unpack_uint(u);

	if (v <= max)
		return v;
	fail(u);
	return 0;
}

int64_t
unpack_int(struct unpack *u)
{
	uint64_t v = unpack_uint(u);

	return v & 1 ? -(int64_t)(v >> 1) - 1 : (int64_t)(v >> 1);
}

bool
unpack_bool(struct unpack *u)
{
	return unpack_at_most(u, 1) == 1;
}

uint64_t
unpack_ordered(struct unpack *u)
{
	const char *p = take(u, 8);
	uint64_t v = 0;

	for (int i = 0; p && i < 8; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

double
unpack_double(struct unpack *u)
{
	uint64_t bits = unpack_ordered(u);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

struct slice
unpack_slice(struct unpack *u)
{
	uint64_t n = unpack_uint(u);
	const char *p;

	if (n == 0)
		return SLICE_NULL;
	if (n - 1 > u->rest.n) {
		fail(u);
		return SLICE_NULL;
	}
	p = take(u, (size_t)(n - 1));
	return p ? slice_of(p, (size_t)(n - 1)) : SLICE_NULL;
}

struct when
unpack_when(struct unpack *u)
{
	struct when w = { .valid = unpack_bool(u) };

	if (!w.valid)
		return WHEN_NONE;
	w.sec = unpack_int(u);
	w.nsec = (int32_t)unpack_at_most(u, 999999999);
	return u->failed ? WHEN_NONE : w;
}

void
unpack_bytes(struct unpack *u, void *p, size_t n)
{
	const char *from = n > 0 ? take(u, n) : NULL;

	if (from)
		memcpy(p, from, n);
	else if (n > 0)
		memset(p, 0, n);
}

bool
unpack_is_whole(const struct unpack *u)
{
	return !u->failed && u->rest.n == 0;
}
