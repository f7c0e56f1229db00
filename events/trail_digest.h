/*
 * trail_digest.h - CloudTrail's digest files: what a trail says of its own files.
 *
 *     if (trail_digest_parse(&reader, text, &d) == 0)
 *             while (trail_digest_file(&d, &at, &f)) ...
 *     trail_digest_signed(&d, hash, &out);       // what its signature is over
 *
 * Each hour a trail writes a digest: the SHA-256 of each log file of that hour,
 * and hash and signature of the digest before, so that they make a chain; the
 * signature of the newest stands only in the object's metadata.  Hashes are of
 * the unpacked bytes, in hexadecimal.  Slices live as the reader's text does.
 * Pure functions, any thread.
 */
#ifndef ST_TRAIL_DIGEST_H
#define ST_TRAIL_DIGEST_H

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"
#include "lib/when.h"

struct trail_digest {
	struct slice account, bucket, object, start, end, fingerprint;
	/* Absent: the first of its chain. */
	struct slice previous_object, previous_hash, previous_signature;
	const struct json *files;
};

struct trail_file {
	struct slice bucket, object, hash;
};

/* ST_EFORMAT: no digest file. */
int trail_digest_parse(struct json_reader *r, struct slice text,
    struct trail_digest *result) ST_MUSTCHECK;
/* `at` starts as zero; false: no more. */
bool trail_digest_file(const struct trail_digest *d, struct json_iter *at,
    struct trail_file *result);
/* `hash` is that of the digest file itself. */
void trail_digest_signed(
    const struct trail_digest *d, const char *hash, struct buf *out);
/* The name of the chain that a digest belongs to: its object's name without
 * folders and time; absent where it has none. */
struct slice trail_digest_chain(const struct trail_digest *d);

#endif
