/*
 * http_body.h - the body of a request over HTTP: gathered, unpacked.
 *
 *     http_body_begin(&b, &head, max);
 *     why = http_body_take(&b, &p, end);          // moves p on
 *     if (why == HTTP_WHY_DONE && http_body_is_whole(&b))
 *             why = http_unpack(u, &b, max_inflated, &plain, &broken);
 *     http_body_release(&b);
 *
 * A body is gathered whole before anything in it is read: what a connection
 * that breaks off has sent leaves no trace, and its sender sends it again.
 * Bounds: bytes as they come and bytes once unpacked.  One owner.
 */
#ifndef ST_HTTP_BODY_H
#define ST_HTTP_BODY_H

#include "collector/http_head.h"
#include "collector/http_why.h"
#include "lib/err.h"

/* Memory of unpacking that is kept for the next body. */
#define HTTP_UNPACK_KEEP ((size_t)1 << 20)

struct http_body {
	struct buf bytes;
	struct http_chunks chunks;
	bool chunked, whole;
	bool deflate; /* what it is packed with must be told */
	int64_t left; /* not chunked: bytes that are missing */
	size_t max;
};

/* Without a length there is no body. */
void
http_body_begin(struct http_body *b, const struct http_head *h, size_t max);
/* HTTP_WHY_DONE: go on, or it is whole; else it can never be. */
enum http_why
http_body_take(struct http_body *b, const char **p, const char *end);
bool http_body_is_whole(const struct http_body *b);
void http_body_release(struct http_body *b);

struct http_unpack; /* memory for many bodies, one after the other */
struct http_unpack *http_unpack_new(size_t max_inflated); /* NULL: no memory */
void http_unpack_free(struct http_unpack *u);
/*
 * What the body is once gzip, zstd or deflate is undone, the first
 * two seen by their first bytes; it lives until http_unpack_done().  *broken: it is cut off or damaged
 * behind what is given.
 */
enum http_why http_unpack(struct http_unpack *u, const struct http_body *b,
    struct slice *plain, bool *broken);
void http_unpack_done(struct http_unpack *u);

#endif
