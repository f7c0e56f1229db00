/*
 * deflate.h - pack bytes with zstd, piece by piece.
 *
 *     struct deflate *d = deflate_new();
 *     err = deflate_feed(d, p, n, &out);        // appends what is ready
 *     err = deflate_finish(d, &out);            // the rest; it may begin again
 *     deflate_free(d);
 *
 * One frame with a checksum of what is in it.  The same bytes give the same
 * frame however they were cut, with one version of the library.
 * One owner, no locks.
 */
#ifndef ST_DEFLATE_H
#define ST_DEFLATE_H

#include "lib/buf.h"
#include "lib/err.h"

struct deflate;
struct deflate *deflate_new(void); /* NULL without memory */
void deflate_free(struct deflate *d);
/* ST_ENOMEM; then it must begin again, as after deflate_finish(). */
int deflate_feed(
    struct deflate *d, const char *p, size_t n, struct buf *out) ST_MUSTCHECK;
int deflate_finish(struct deflate *d, struct buf *out) ST_MUSTCHECK;
/* Forget what was fed. */
void deflate_reset(struct deflate *d);

#endif
