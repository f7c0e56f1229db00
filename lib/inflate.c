/*
 * inflate.c - undo gzip and zstd, bounded.
 *
 * The one file that knows zlib and zstd.  Knows where members and frames end
 * and what too much is; not what the bytes mean nor where they came from.
 * What is inflated stays in one buffer until the caller has seen it.
 * One owner, no locks.
 */
#include "lib/inflate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

/* Where the output is cut, and where its ratio to the input is looked at. */
#define CHUNK ((size_t)256 << 10)
#define MAGIC_MAX 4
#define GZIP_WINDOW (15 + 16) /* the largest, and only a gzip header */
#define ZLIB_WINDOW 15
#define BARE_WINDOW (-15) /* no header at all */
#define DEFLATE_HEAD 2
#define ZSTD_WINDOW_LOG 27
#define ZSTD_KEEP ((size_t)8 << 20) /* a larger window is given back */
#define PIECE_MAX ((size_t)1 << 30) /* zlib counts in unsigned int */

enum place { BETWEEN, INSIDE, PADDING, ENDED };

struct inflate {
	uint64_t max_bytes, in, out;
	unsigned max_ratio;
	enum inflate_kind kind;
	enum place place;
	int failed; /* what ended the stream: it stays so */
	size_t head_n;
	char head[MAGIC_MAX]; /* held back until the kind is known */
	char *chunk;
	z_stream gz;
	bool gz_ready;
	ZSTD_DStream *zstd;
};

/* Who gets the bytes, and who the reason. */
struct sink {
	inflate_cb *cb;
	void *arg;
	struct err *e;
};

/* ---- what is it ---------------------------------------------------------- */

static const struct {
	enum inflate_kind kind;
	unsigned char magic[MAGIC_MAX], mask[MAGIC_MAX];
	size_t n;
} kinds[] = {
	{ INFLATE_GZIP, { 0x1f, 0x8b, 8 }, { 0xff, 0xff, 0xff }, 3 },
	{ INFLATE_ZSTD, { 0x28, 0xb5, 0x2f, 0xfd }, { 0xff, 0xff, 0xff, 0xff },
	    4 },
	/* a skippable frame, sixteen kinds of it */
	{ INFLATE_ZSTD, { 0x50, 0x2a, 0x4d, 0x18 }, { 0xf0, 0xff, 0xff, 0xff },
	    4 },
};

static const char *
kind_name(enum inflate_kind kind)
{
	if (kind == INFLATE_DEFLATE)
		return "deflate";
	return kind == INFLATE_GZIP ? "gzip" : "zstd";
}

/* INFLATE_UNKNOWN where more bytes are needed to tell. */
static enum inflate_kind
kind_of(const char *p, size_t n)
{
	enum inflate_kind kind = INFLATE_PLAIN;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t i = 0;

		while (i < n && i < kinds[k].n &&
		    ((unsigned char)p[i] & kinds[k].mask[i]) ==
			kinds[k].magic[i])
			i++;
		if (i == kinds[k].n)
			return kinds[k].kind;
		if (i == n)
			kind = INFLATE_UNKNOWN;
	}
	return kind;
}

enum inflate_kind
inflate_guess(struct slice first)
{
	enum inflate_kind kind = kind_of(first.p, first.n);

	return kind == INFLATE_UNKNOWN ? INFLATE_PLAIN : kind;
}

enum inflate_kind
inflate_is(const struct inflate *z)
{
	return z->kind;
}

bool
inflate_is_whole(const struct inflate *z)
{
	if (z->failed)
		return false;
	if (z->kind == INFLATE_UNKNOWN || z->kind == INFLATE_DEFLATE)
		return z->head_n == 0 || z->place == ENDED;
	return z->kind == INFLATE_PLAIN || z->place != INSIDE;
}

/* ---- life ---------------------------------------------------------------- */

struct inflate *
inflate_new(const struct inflate_limits *l)
{
	struct inflate *z = calloc(1, sizeof(*z));

	if (!z)
		return NULL;
	z->max_bytes = l && l->max_bytes ? l->max_bytes : INFLATE_BYTES_MAX;
	z->max_ratio = l && l->max_ratio ? l->max_ratio : INFLATE_RATIO_MAX;
	return z;
}

void
inflate_reset(struct inflate *z)
{
	z->in = z->out = 0;
	z->kind = INFLATE_UNKNOWN;
	z->place = BETWEEN;
	z->failed = 0;
	z->head_n = 0;
	if (z->zstd && ZSTD_sizeof_DStream(z->zstd) > ZSTD_KEEP) {
		ZSTD_freeDStream(z->zstd);
		z->zstd = NULL;
	}
}

void
inflate_reset_deflate(struct inflate *z)
{
	inflate_reset(z);
	z->kind = INFLATE_DEFLATE;
}

void
inflate_free(struct inflate *z)
{
	if (!z)
		return;
	if (z->gz_ready)
		inflateEnd(&z->gz);
	ZSTD_freeDStream(z->zstd);
	free(z->chunk);
	free(z);
}

const char *
inflate_library_versions(void)
{
	return "zlib " ZLIB_VERSION ", zstd " ZSTD_VERSION_STRING;
}

static int
begin_zlib(struct inflate *z, int window, struct err *e)
{
	bool good = z->gz_ready ? inflateReset2(&z->gz, window) == Z_OK
				: inflateInit2(&z->gz, window) == Z_OK;

	z->gz_ready = z->gz_ready || good;
	return good ? 0 : err_set(e, ST_ENOMEM, "%s", st_strerror(ST_ENOMEM));
}

/* A zlib stream's first two bytes are a multiple of 31 (RFC 1950 2.2). */
static int
deflate_window(const char *head)
{
	unsigned a = (unsigned char)head[0], b = (unsigned char)head[1];

	return (a & 0x0f) == Z_DEFLATED && (a << 8 | b) % 31 == 0 ? ZLIB_WINDOW
								  : BARE_WINDOW;
}

/* What a kind needs, made when it is first met and kept from then on. */
static int
begin(struct inflate *z, struct err *e)
{
	if (!z->chunk)
		z->chunk = malloc(CHUNK);
	if (!z->chunk)
		return err_set(e, ST_ENOMEM, "%s", st_strerror(ST_ENOMEM));
	if (z->kind == INFLATE_GZIP)
		return begin_zlib(z, GZIP_WINDOW, e);
	if (z->kind == INFLATE_DEFLATE)
		return begin_zlib(z, deflate_window(z->head), e);
	if (!z->zstd)
		z->zstd = ZSTD_createDStream();
	if (!z->zstd)
		return err_set(e, ST_ENOMEM, "%s", st_strerror(ST_ENOMEM));
	ZSTD_DCtx_reset(z->zstd, ZSTD_reset_session_and_parameters);
	ZSTD_DCtx_setParameter(z->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	return 0;
}

/* ---- bounds -------------------------------------------------------------- */

/* How much may come out before somebody looks.  Never 0: at the bound one
 * byte is asked for, to know the end from too much. */
static size_t
room(const struct inflate *z)
{
	uint64_t left = z->max_bytes - z->out;
	size_t n = CHUNK - (size_t)(z->out % CHUNK);

	return left == 0 ? 1 : left < n ? (size_t)left : n;
}

static int
check_ratio(const struct inflate *z, struct err *e)
{
	/* out <= in * max_ratio, without the product */
	if (z->out <= INFLATE_RATIO_FREE || (z->out - 1) / z->max_ratio < z->in)
		return 0;
	return err_set(e, ST_ELIMIT, "inflates to more than %u times its size",
	    z->max_ratio);
}

/* The first n bytes of the chunk are new. */
static int
deliver(struct inflate *z, size_t n, const struct sink *to)
{
	int err;

	if (n == 0)
		return 0;
	if (z->out >= z->max_bytes)
		return err_set(to->e, ST_ELIMIT,
		    "inflates to more than %" PRIu64 " bytes", z->max_bytes);
	z->out += n;
	err = to->cb(to->arg, z->chunk, n);
	if (err)
		return err;
	/* Only where a chunk ends, so that the answer hardly depends on how
	 * the input was cut. */
	return z->out % CHUNK == 0 ? check_ratio(z, to->e) : 0;
}

static int
broken(
    const struct inflate *z, const char *what, const char *why, struct err *e)
{
	return err_set(e, ST_EFORMAT, "%s: %s at byte %" PRIu64, what,
	    why ? why : "not in the expected format", z->in);
}

/* ---- gzip ---------------------------------------------------------------- */

/* Behind a member: another one, or the zeros that tapes and tar leave. */
static int
gzip_between(struct inflate *z, struct err *e)
{
	for (; z->gz.avail_in > 0; z->gz.avail_in--, z->gz.next_in++) {
		unsigned char c = *z->gz.next_in;

		if (c == 0x1f && z->place == BETWEEN) {
			z->place = INSIDE;
			inflateReset(&z->gz);
			return 0;
		}
		if (c != 0)
			return broken(
			    z, "gzip", "bytes behind the last member", e);
		z->place = PADDING;
		z->in++;
	}
	return 0;
}

/* One step inside of a member or stream; *full where more may come without input. */
static int
gzip_inside(struct inflate *z, const struct sink *to, bool *full)
{
	unsigned before = z->gz.avail_in, size = (unsigned)room(z);
	int r, err;

	z->gz.next_out = (unsigned char *)z->chunk;
	z->gz.avail_out = size;
	r = inflate(&z->gz, Z_NO_FLUSH);
	z->in += before - z->gz.avail_in;
	*full = z->gz.avail_out == 0;
	err = deliver(z, size - z->gz.avail_out, to);
	if (err)
		return err;
	if (r == Z_STREAM_END)
		z->place = BETWEEN;
	else if (r == Z_MEM_ERROR)
		return err_set(to->e, ST_ENOMEM, "%s", st_strerror(ST_ENOMEM));
	else if (r != Z_OK && r != Z_BUF_ERROR)
		return broken(z, kind_name(z->kind), z->gz.msg, to->e);
	return 0;
}

static int
gzip_feed(struct inflate *z, const char *p, size_t n, const struct sink *to)
{
	bool full = false;
	int err = 0;

	z->gz.next_in = (unsigned char *)(uintptr_t)p;
	z->gz.avail_in = (unsigned)n;
	while (
	    err == 0 && (z->gz.avail_in > 0 || (full && z->place == INSIDE))) {
		if (z->place == INSIDE)
			err = gzip_inside(z, to, &full);
		else
			err = gzip_between(z, to->e);
	}
	return err;
}

/* ---- deflate ------------------------------------------------------------- */

static int
deflate_inside(
    struct inflate *z, const char *p, size_t n, const struct sink *to)
{
	bool full = false;
	int err = 0;

	z->gz.next_in = (unsigned char *)(uintptr_t)p;
	z->gz.avail_in = (unsigned)n;
	while (err == 0 && z->place == INSIDE && (z->gz.avail_in > 0 || full)) {
		err = gzip_inside(z, to, &full);
		if (z->place == BETWEEN)
			z->place = ENDED;
	}
	if (err == 0 && z->gz.avail_in > 0)
		err = broken(z, "deflate", "bytes behind the end", to->e);
	return err;
}

/* Its head is held until it is whole. */
static int
deflate_feed(struct inflate *z, const char *p, size_t n, const struct sink *to)
{
	int err = 0;

	for (; z->place == BETWEEN && n > 0 && err == 0; p++, n--) {
		z->head[z->head_n++] = *p;
		if (z->head_n < DEFLATE_HEAD)
			continue;
		err = begin(z, to->e);
		z->place = INSIDE;
		if (err == 0)
			err = deflate_inside(z, z->head, DEFLATE_HEAD, to);
	}
	if (n > 0 && err == 0 && z->place == ENDED)
		err = broken(z, "deflate", "bytes behind the end", to->e);
	return err || n == 0 ? err : deflate_inside(z, p, n, to);
}

/* ---- zstd ---------------------------------------------------------------- */

static int
zstd_feed(struct inflate *z, const char *p, size_t n, const struct sink *to)
{
	ZSTD_inBuffer in = { p, n, 0 };
	bool full = false;
	int err = 0;

	while (err == 0 && (in.pos < n || (full && z->place == INSIDE))) {
		ZSTD_outBuffer out = { z->chunk, room(z), 0 };
		size_t before = in.pos, r;

		r = ZSTD_decompressStream(z->zstd, &out, &in);
		z->in += in.pos - before;
		full = out.pos == out.size;
		err = deliver(z, out.pos, to);
		if (err == 0 && ZSTD_isError(r))
			err = broken(z, "zstd", ZSTD_getErrorName(r), to->e);
		z->place = r == 0 ? BETWEEN : INSIDE;
	}
	return err;
}

/* ---- all kinds ----------------------------------------------------------- */

static int
feed_known(struct inflate *z, const char *p, size_t n, const struct sink *to)
{
	int err = 0;

	if (n > 0 && z->kind == INFLATE_PLAIN)
		return to->cb(to->arg, p, n);
	while (n > 0 && err == 0) {
		size_t piece = n < PIECE_MAX ? n : PIECE_MAX;

		if (z->kind == INFLATE_GZIP)
			err = gzip_feed(z, p, piece, to);
		else if (z->kind == INFLATE_DEFLATE)
			err = deflate_feed(z, p, piece, to);
		else
			err = zstd_feed(z, p, piece, to);
		p += piece;
		n -= piece;
	}
	return err;
}

/* The kind is known: first what was held back. */
static int
feed_head(struct inflate *z, const struct sink *to)
{
	size_t n = z->head_n;
	int err = 0;

	z->head_n = 0;
	if (z->kind != INFLATE_PLAIN)
		err = begin(z, to->e);
	return err ? err : feed_known(z, z->head, n, to);
}

static int
feed(struct inflate *z, const char *p, size_t n, const struct sink *to)
{
	int err = 0;

	if (z->kind == INFLATE_UNKNOWN && z->head_n == 0) {
		/* Mostly the first bytes come together: no need to hold. */
		z->kind = kind_of(p, n);
		if (z->kind != INFLATE_UNKNOWN)
			err = feed_head(z, to);
	}
	for (; z->kind == INFLATE_UNKNOWN && n > 0 && err == 0; p++, n--) {
		z->head[z->head_n++] = *p;
		z->kind = kind_of(z->head, z->head_n);
		if (z->kind != INFLATE_UNKNOWN)
			err = feed_head(z, to);
	}
	return err ? err : feed_known(z, p, n, to);
}

int
inflate_feed(struct inflate *z, const char *p, size_t n, inflate_cb *cb,
    void *arg, struct err *e)
{
	const struct sink to = { cb, arg, e };

	if (z->failed)
		return err_set(e, z->failed, "the stream has ended before");
	if (n > 0)
		z->failed = feed(z, p, n, &to);
	return z->failed;
}

int
inflate_finish(struct inflate *z, inflate_cb *cb, void *arg, struct err *e)
{
	const struct sink to = { cb, arg, e };

	if (z->failed)
		return err_set(e, z->failed, "the stream has ended before");
	if (z->kind == INFLATE_UNKNOWN) {
		z->kind = INFLATE_PLAIN;
		z->failed = feed_head(z, &to);
	} else if (!inflate_is_whole(z)) {
		z->failed = err_set(
		    e, ST_ETRUNC, "%s: ends too early", kind_name(z->kind));
	} else if (z->kind != INFLATE_PLAIN) {
		z->failed = check_ratio(z, e);
	}
	return z->failed;
}
