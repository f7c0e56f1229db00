/*
 * inflate.h - undo gzip and zstd, bounded, whatever the name says.
 *
 *     struct inflate *z = inflate_new(&limits);
 *     while (... read ...)
 *         err = inflate_feed(z, p, n, on_bytes, arg, &e);
 *     err = inflate_finish(z, &e);            // ST_ETRUNC: cut off
 *     inflate_free(z);
 *
 * The first bytes tell what it is: gzip (any number of members, bytes behind
 * the last that are no member are an error), zstd (any number of frames,
 * skippable ones too), or neither: then bytes are passed through as they are,
 * without a copy.  Empty input is fine and gives nothing; zero bytes behind
 * the last gzip member are padding.
 * Bounds for what is inflated: output of `max_bytes` in all, not one byte more
 * is given out, and `max_ratio` times the input once INFLATE_RATIO_FREE bytes
 * have come out.  Beyond them: ST_ELIMIT.  The ratio is looked at every 256
 * KiB and at the end, so that it hardly matters how the input was cut.
 * What came out before an error has been given out; after one the stream
 * stays ended until inflate_reset().
 * One owner, no locks.
 */
#ifndef ST_INFLATE_H
#define ST_INFLATE_H

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

#define INFLATE_RATIO_MAX 200
#define INFLATE_BYTES_MAX ((uint64_t)4 << 30)
#define INFLATE_RATIO_FREE ((uint64_t)1 << 20)

enum inflate_kind {
	INFLATE_UNKNOWN,
	INFLATE_PLAIN,
	INFLATE_GZIP,
	INFLATE_ZSTD,
	INFLATE_DEFLATE /* never guessed */
};

struct inflate_limits {
	uint64_t max_bytes; /* 0: INFLATE_BYTES_MAX */
	unsigned max_ratio; /* 0: INFLATE_RATIO_MAX */
};

/* Return 0 to go on; anything else ends inflate_feed() with that value. */
typedef int inflate_cb(void *arg, const char *p, size_t n);

struct inflate;
struct inflate *inflate_new(const struct inflate_limits *l);
int inflate_feed(struct inflate *z, const char *p, size_t n, inflate_cb *cb,
    void *arg, struct err *e) ST_MUSTCHECK;
/* Bytes held back to look at the beginning are given out here, too. */
int inflate_finish(
    struct inflate *z, inflate_cb *cb, void *arg, struct err *e) ST_MUSTCHECK;
/* Could the stream end here?  inflate_finish() would have no error; asking
 * changes nothing. */
bool inflate_is_whole(const struct inflate *z);
enum inflate_kind inflate_is(const struct inflate *z);
/* Ready for another stream, memory kept. */
void inflate_reset(struct inflate *z);
/* The same, for what HTTP calls deflate: one zlib stream, or, as some send it,
 * the same without its head and sum.  Only its first two bytes tell which. */
void inflate_reset_deflate(struct inflate *z);
void inflate_free(struct inflate *z);

/* What the first bytes are; INFLATE_PLAIN where neither. */
enum inflate_kind inflate_guess(struct slice first);

/* For --version: "zlib 1.2.13, zstd 1.5.4". */
const char *inflate_library_versions(void);

#endif
