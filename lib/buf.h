/*
 * buf.h - bytes being written.
 *
 *     struct buf b = BUF_INIT;
 *     buf_addf(&b, "%s %d\n", name, n);
 *     if (b.failed) ...                  // once, at the end
 *     write(fd, b.p, b.n);
 *     buf_release(&b);
 *
 * Grows by doubling.  When memory is out the buffer is marked failed and takes
 * nothing more, so that a writer need not look at each step.  One owner.
 */
#ifndef ST_BUF_H
#define ST_BUF_H

#include "lib/slice.h"

#include <stdint.h>

struct buf {
	char *p;
	size_t n, cap;
	bool failed;
};

#define BUF_INIT                  \
	{                         \
		NULL, 0, 0, false \
	}

void buf_release(struct buf *b);
/* Empty it and forget a failure; the memory is kept. */
void buf_reset(struct buf *b);
/* Room for `more` bytes behind the end; false (and failed) without memory. */
bool buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_add_slice(struct buf *b, struct slice s);
/* In decimal digits, many times as fast as buf_addf() does it. */
void buf_add_uint(struct buf *b, uint64_t v);
void buf_add_int(struct buf *b, int64_t v);
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Drop the first n bytes. */
void buf_consume(struct buf *b, size_t n);

static inline struct slice
buf_slice(const struct buf *b)
{
	return slice_of(b->p, b->n);
}

#endif
