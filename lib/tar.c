/*
 * tar.c - a tar archive (POSIX ustar), written and read as a stream.
 *
 * Fields of a header: POSIX.1-2017, pax, "ustar Interchange Format".  One
 * owner, no locks.
 */
#include "lib/tar.h"

#include <inttypes.h>
#include <stdio.h>

#define AT_MODE 100
#define AT_OWNER 108
#define AT_GROUP 116
#define AT_SIZE 124
#define AT_TIME 136
#define AT_SUM 148
#define AT_TYPE 156
#define AT_MAGIC 257
#define SUM_SIZE 8
#define SUM_DIGITS 6   /* octal, then NUL and a blank */
#define SIZE_DIGITS 11 /* octal */
#define SIZE_MAX_USTAR (((uint64_t)1 << 33) - 1)

static const char zeros[TAR_BLOCK];

/* ---- writing -------------------------------------------------------------------- */

/* Of all bytes, with blanks where the sum itself stands. */
static unsigned
sum_of(const char *block)
{
	unsigned sum = 0;

	for (int i = 0; i < TAR_BLOCK; i++)
		sum += i >= AT_SUM && i < AT_SUM + SUM_SIZE
		    ? (unsigned)' '
		    : (unsigned char)block[i];
	return sum;
}

int
tar_header(struct buf *out, const char *name, uint64_t size)
{
	char block[TAR_BLOCK] = { 0 };
	size_t n = strlen(name);

	if (n > TAR_NAME_MAX || size > SIZE_MAX_USTAR)
		return ST_EINVAL;
	memcpy(block, name, n);
	memcpy(block + AT_MODE, "0000644", 7);
	memcpy(block + AT_OWNER, "0000000", 7);
	memcpy(block + AT_GROUP, "0000000", 7);
	snprintf(block + AT_SIZE, SIZE_DIGITS + 1, "%011" PRIo64, size);
	memcpy(block + AT_TIME, "00000000000", 11);
	block[AT_TYPE] = '0';
	memcpy(block + AT_MAGIC, "ustar\00000", 8);
	snprintf(block + AT_SUM, SUM_SIZE, "%06o", sum_of(block));
	block[AT_SUM + SUM_SIZE - 1] = ' ';
	buf_add(out, block, sizeof(block));
	return 0;
}

static uint64_t
pad_of(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

void
tar_pad(struct buf *out, uint64_t size)
{
	buf_add(out, zeros, pad_of(size));
}

void
tar_end(struct buf *out)
{
	buf_add(out, zeros, sizeof(zeros));
	buf_add(out, zeros, sizeof(zeros));
}

/* ---- reading -------------------------------------------------------------------- */

void
tar_reader_init(struct tar_reader *r, const struct tar_calls *calls, void *arg)
{
	memset(r, 0, sizeof(*r));
	r->calls = *calls;
	r->arg = arg;
}

static bool
octal(const char *p, unsigned digits, uint64_t *result)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < digits; i++) {
		if (p[i] < '0' || p[i] > '7')
			return false;
		v = v << 3 | (uint64_t)(p[i] - '0');
	}
	*result = v;
	return true;
}

static int
bad(const struct tar_reader *r, const char *what, struct err *e)
{
	return err_set(e, ST_EFORMAT, "%s before byte %" PRIu64, what, r->at);
}

static int
end_member(struct tar_reader *r)
{
	r->in_member = false;
	return r->calls.end(r->arg);
}

static int
take_header(struct tar_reader *r, struct err *e)
{
	const char *b = r->block;
	uint64_t sum;
	int err;

	if (memcmp(b, zeros, TAR_BLOCK) == 0) {
		r->zeros++;
		return 0;
	}
	if (r->zeros || b[TAR_NAME_MAX] != 0 || b[AT_TYPE] != '0' ||
	    memcmp(b + AT_MAGIC, "ustar", 6) != 0 ||
	    !octal(b + AT_SUM, SUM_DIGITS, &sum) || sum != sum_of(b) ||
	    memcmp(b + AT_SUM + SUM_DIGITS, "\0 ", 2) != 0 ||
	    !octal(b + AT_SIZE, SIZE_DIGITS, &r->left))
		return bad(r, "no header of a member", e);
	r->pad = pad_of(r->left);
	r->in_member = true;
	err = r->calls.begin(r->arg, b, r->left);
	return err == 0 && r->left == 0 ? end_member(r) : err;
}

/* Each takes some bytes, and says how many. */
static int
feed_header(
    struct tar_reader *r, const char *p, size_t n, size_t *took, struct err *e)
{
	*took = TAR_BLOCK - r->have < n ? TAR_BLOCK - r->have : n;
	memcpy(r->block + r->have, p, *took);
	r->have += *took;
	r->at += *took;
	if (r->have < TAR_BLOCK)
		return 0;
	r->have = 0;
	return take_header(r, e);
}

static int
feed_member(struct tar_reader *r, const char *p, size_t n, size_t *took)
{
	int err;

	*took = r->left < n ? (size_t)r->left : n;
	r->left -= *took;
	r->at += *took;
	err = r->calls.bytes(r->arg, p, *took);
	return err == 0 && r->left == 0 ? end_member(r) : err;
}

static int
feed_pad(
    struct tar_reader *r, const char *p, size_t n, size_t *took, struct err *e)
{
	*took = r->pad < n ? (size_t)r->pad : n;
	r->pad -= *took;
	r->at += *took;
	return memcmp(p, zeros, *took) == 0
	    ? 0
	    : bad(r, "something behind a member", e);
}

int
tar_feed(struct tar_reader *r, const char *p, size_t n, struct err *e)
{
	size_t took;
	int err = 0;

	while (err == 0 && n) {
		if (r->in_member)
			err = feed_member(r, p, n, &took);
		else if (r->pad)
			err = feed_pad(r, p, n, &took, e);
		else
			err = feed_header(r, p, n, &took, e);
		p += took;
		n -= took;
	}
	return err;
}

int
tar_finish(struct tar_reader *r, struct err *e)
{
	if (!r->in_member && !r->pad && !r->have && r->zeros >= 2)
		return 0;
	return err_set(e, ST_ETRUNC,
	    "the archive ends too early, at byte %" PRIu64, r->at);
}
