/*
 * tar.h - a tar archive (POSIX ustar), written and read as a stream.
 *
 *     tar_header(&out, "report.html", n);  ... n bytes ...  tar_pad(&out, n);
 *     tar_end(&out);
 *
 *     struct tar_reader r;
 *     tar_reader_init(&r, &calls, arg);
 *     err = tar_feed(&r, p, n, &e);        // as often as bytes come
 *     err = tar_finish(&r, &e);
 *
 * Written members are plain files with mode 0644, nobody's, of time 0: the same
 * content gives the same bytes.  Read are plain files of names up to
 * TAR_NAME_MAX; anything else, a header whose sum is wrong, and bytes behind
 * the end are ST_EFORMAT, an archive that is cut off ST_ETRUNC.  One owner.
 */
#ifndef ST_TAR_H
#define ST_TAR_H

#include "lib/buf.h"
#include "lib/err.h"

#include <stdint.h>

#define TAR_BLOCK 512
#define TAR_NAME_MAX 99

/* ST_EINVAL: the name is too long, or the size is more than ustar holds. */
int tar_header(struct buf *out, const char *name, uint64_t size) ST_MUSTCHECK;
void tar_pad(struct buf *out, uint64_t size);
void tar_end(struct buf *out);

struct tar_calls {
	/* A value that is not 0 ends tar_feed() with it. */
	int (*begin)(void *arg, const char *name, uint64_t size);
	int (*bytes)(void *arg, const char *p, size_t n);
	int (*end)(void *arg);
};

struct tar_reader {
	struct tar_calls calls;
	void *arg;
	char block[TAR_BLOCK]; /* a header, as far as it is there */
	size_t have;
	uint64_t left;  /* of the member's bytes */
	uint64_t pad;   /* of the bytes behind it */
	uint64_t at;    /* where in the archive we are */
	unsigned zeros; /* blocks of zeros: two end it */
	bool in_member;
};

void
tar_reader_init(struct tar_reader *r, const struct tar_calls *calls, void *arg);
int tar_feed(
    struct tar_reader *r, const char *p, size_t n, struct err *e) ST_MUSTCHECK;
int tar_finish(struct tar_reader *r, struct err *e) ST_MUSTCHECK;

#endif
