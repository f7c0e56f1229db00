/*
 * digest.h - the name of a record that has none: a hash of its canonical bytes.
 *
 * An `event_id` where the record has none is made of it: members in the order
 * they came, numbers as written, no blanks outside strings, strings in UTF-8
 * with the fewest escapes; of a repeated name the first place and the last
 * value count.  Any thread.
 */
#ifndef ST_DIGEST_H
#define ST_DIGEST_H

#include "events/request.h"
#include "lib/err.h"

#define DIGEST_ID_SIZE 72 /* "sha256:" and 64 hex digits, and a NUL */

/* The record written again.  ST_EFORMAT where `json` is no JSON value. */
int digest_canonical(struct slice json, struct buf *out) ST_MUSTCHECK;

/* Writes "sha256:..." into id.  What cannot be read as JSON is hashed as it
 * is. */
void digest_id(struct slice json, char id[DIGEST_ID_SIZE]);

/* Of what makes two records copies of one (request.h, duplicate_key): the same
 * on every machine and day, where a part ends is part of it. */
void digest_key(enum provider provider, const struct slice *parts, size_t n,
    uint64_t key[2]);

#endif
