/*
 * http_body.c - the body of a request over HTTP: gathered, unpacked.
 *
 * See http_body.h.  Knows lengths, chunks and codings; not what is in a body.
 */
#include "collector/http_body.h"

#include "lib/inflate.h"

#include <stdlib.h>

/* ---- gathering ---- */

void
http_body_begin(struct http_body *b, const struct http_head *h, size_t max)
{
	*b = (struct http_body){ .chunked = h->chunked,
		.deflate = http_same(
		    http_head_get(h, "Content-Encoding"), "deflate"),
		.left = h->length > 0 ? h->length : 0,
		.max = max };
	http_chunks_init(&b->chunks);
	b->whole = !b->chunked && b->left == 0;
}

static enum http_why
add(struct http_body *b, struct slice data)
{
	if (data.n > b->max - b->bytes.n)
		return HTTP_WHY_TOO_LARGE;
	buf_add(&b->bytes, data.p, data.n);
	return b->bytes.failed ? HTTP_WHY_MEMORY : HTTP_WHY_DONE;
}

static enum http_why
take_chunks(struct http_body *b, const char **p, const char *end)
{
	enum http_why why = HTTP_WHY_DONE;
	struct slice data;

	while (why == HTTP_WHY_DONE)
		switch (http_chunks_next(&b->chunks, p, end, &data)) {
		case HTTP_CHUNK_MORE:
			return HTTP_WHY_DONE;
		case HTTP_CHUNK_DATA:
			why = add(b, data);
			break;
		case HTTP_CHUNK_END:
			b->whole = true;
			return HTTP_WHY_DONE;
		default:
			why = HTTP_WHY_MALFORMED;
		}
	return why;
}

enum http_why
http_body_take(struct http_body *b, const char **p, const char *end)
{
	size_t n = (size_t)(end - *p);
	enum http_why why;

	if (b->whole)
		return HTTP_WHY_DONE;
	if (b->chunked)
		return take_chunks(b, p, end);
	if (n > (uint64_t)b->left)
		n = (size_t)b->left;
	why = add(b, slice_of(*p, n));
	*p += n;
	b->left -= (int64_t)n;
	b->whole = b->left == 0;
	return why;
}

bool
http_body_is_whole(const struct http_body *b)
{
	return b->whole;
}

void
http_body_release(struct http_body *b)
{
	buf_release(&b->bytes);
}

/* ---- unpacking ---- */

struct http_unpack {
	struct inflate *inflate;
	struct buf plain;
};

struct http_unpack *
http_unpack_new(size_t max_inflated)
{
	const struct inflate_limits limits = { .max_bytes = max_inflated };
	struct http_unpack *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->inflate = inflate_new(&limits);
	if (u->inflate)
		return u;
	free(u);
	return NULL;
}

void
http_unpack_free(struct http_unpack *u)
{
	if (!u)
		return;
	inflate_free(u->inflate);
	buf_release(&u->plain);
	free(u);
}

static int
on_bytes(void *arg, const char *p, size_t n)
{
	struct http_unpack *u = arg;

	buf_add(&u->plain, p, n);
	return u->plain.failed ? ST_ENOMEM : 0;
}

static int
inflate_all(struct http_unpack *u, struct slice packed, bool deflate)
{
	struct err e;
	int err;

	buf_reset(&u->plain);
	if (deflate)
		inflate_reset_deflate(u->inflate);
	else
		inflate_reset(u->inflate);
	err = inflate_feed(u->inflate, packed.p, packed.n, on_bytes, u, &e);
	return err ? err : inflate_finish(u->inflate, on_bytes, u, &e);
}

enum http_why
http_unpack(struct http_unpack *u, const struct http_body *b,
    struct slice *plain, bool *broken)
{
	struct slice body = buf_slice(&b->bytes);
	int err;

	*broken = false;
	*plain = body;
	if (body.n == 0 ||
	    (!b->deflate && inflate_guess(body) == INFLATE_PLAIN))
		return HTTP_WHY_DONE;
	err = inflate_all(u, body, b->deflate);
	*plain = buf_slice(&u->plain);
	*broken = err == ST_EFORMAT || err == ST_ETRUNC;
	if (err == ST_ELIMIT)
		return HTTP_WHY_INFLATED;
	return err == 0 || *broken ? HTTP_WHY_DONE : HTTP_WHY_MEMORY;
}

void
http_unpack_done(struct http_unpack *u)
{
	if (u->plain.cap > HTTP_UNPACK_KEEP)
		buf_release(&u->plain);
}
