/*
 * deflate.c - pack bytes with zstd, piece by piece.
 *
 * See deflate.h.  Beside inflate.c the one file that knows zstd.
 */
#include "lib/deflate.h"

#include <stdlib.h>
#include <zstd.h>

#define LEVEL 3 /* what costs no more than reading the file */

struct deflate {
	ZSTD_CCtx *zstd;
};

struct deflate *
deflate_new(void)
{
	struct deflate *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->zstd = ZSTD_createCCtx();
	if (!d->zstd) {
		free(d);
		return NULL;
	}
	ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_checksumFlag, 1);
	return d;
}

void
deflate_free(struct deflate *d)
{
	if (!d)
		return;
	ZSTD_freeCCtx(d->zstd);
	free(d);
}

void
deflate_reset(struct deflate *d)
{
	ZSTD_CCtx_reset(d->zstd, ZSTD_reset_session_only);
}

static int
pack(struct deflate *d, ZSTD_inBuffer *in, ZSTD_EndDirective how,
    struct buf *out)
{
	size_t left;

	do {
		ZSTD_outBuffer to;

		if (!buf_reserve(out, ZSTD_CStreamOutSize())) {
			deflate_reset(d);
			return ST_ENOMEM;
		}
		to = (ZSTD_outBuffer){ out->p + out->n, ZSTD_CStreamOutSize(),
			0 };
		left = ZSTD_compressStream2(d->zstd, &to, in, how);
		/* Nothing but memory can be missing. */
		if (ZSTD_isError(left)) {
			deflate_reset(d);
			return ST_ENOMEM;
		}
		out->n += to.pos;
	} while (how == ZSTD_e_end ? left > 0 : in->pos < in->size);
	return 0;
}

int
deflate_feed(struct deflate *d, const char *p, size_t n, struct buf *out)
{
	ZSTD_inBuffer in = { p, n, 0 };

	return pack(d, &in, ZSTD_e_continue, out);
}

int
deflate_finish(struct deflate *d, struct buf *out)
{
	ZSTD_inBuffer in = { NULL, 0, 0 };

	return pack(d, &in, ZSTD_e_end, out);
}
