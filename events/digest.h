/*
 * digest.h - the name of a record that has none: a hash of its canonical bytes.
 *
 * CONTRACTS section 2, `event_id`: members in the order they came, numbers as
 * written, no blanks outside strings, strings in UTF-8 with the fewest
 * escapes; of a repeated name the first place and the last value count.  The
 * test vector there is a test here.  Any thread.
 */
#ifndef ST_DIGEST_H
#define ST_DIGEST_H

#include "lib/buf.h"
#include "lib/err.h"

#define DIGEST_ID_SIZE 72 /* "sha256:" and 64 hex digits, and a NUL */

/* The record written again.  ST_EFORMAT where `json` is no JSON value. */
int digest_canonical(struct slice json, struct buf *out) ST_MUSTCHECK;

/* Writes "sha256:..." into id.  What cannot be read as JSON is hashed as it
 * is. */
void digest_id(struct slice json, char id[DIGEST_ID_SIZE]);

#endif
