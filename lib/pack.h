/*
 * pack.h - values as bytes that are kept, and back.
 *
 *     pack_uint(&buf, n);
 *     pack_slice(&buf, name);
 *     if (buf.failed) ...                       // once, at the end
 *
 *     struct unpack u = unpack_of(bytes);
 *     n = unpack_uint(&u);
 *     name = unpack_slice(&u);                  // points into `bytes`
 *     if (!unpack_is_whole(&u)) ...             // once, at the end
 *
 * The bytes are the same on every machine: numbers are seven bits a byte, the
 * lowest first.  Reading never goes beyond its bytes: from the first value that
 * is not there on, all reads give nothing (0, absent, no time) and the reader
 * is marked failed.  Pure functions, any thread.
 */
#ifndef ST_PACK_H
#define ST_PACK_H

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/when.h"

#include <stdint.h>

void pack_uint(struct buf *out, uint64_t v);
void pack_int(struct buf *out, int64_t v); /* short where it is near zero */
void pack_bool(struct buf *out, bool v);
void pack_double(struct buf *out, double v); /* eight bytes, to the bit */
/* Eight bytes, the highest first: as keys they sort as the numbers do. */
void pack_ordered(struct buf *out, uint64_t v);
/* Absent stays absent, empty stays empty. */
void pack_slice(struct buf *out, struct slice s);
void pack_word(struct buf *out, const char *s); /* NULL: absent */
void pack_when(struct buf *out, struct when w);
void pack_bytes(struct buf *out, const void *p, size_t n); /* as they are */

struct unpack {
	struct slice rest;
	bool failed;
};

struct unpack unpack_of(struct slice bytes);

uint64_t unpack_uint(struct unpack *u);
int64_t unpack_int(struct unpack *u);
bool unpack_bool(struct unpack *u);
double unpack_double(struct unpack *u);
uint64_t unpack_ordered(struct unpack *u);
struct slice unpack_slice(struct unpack *u);
struct when unpack_when(struct unpack *u);
/* Filled with zeros where they are not there. */
void unpack_bytes(struct unpack *u, void *p, size_t n);
/* Like unpack_uint(); a number above `max` fails. */
uint64_t unpack_at_most(struct unpack *u, uint64_t max);

/* Nothing was missing and nothing is left. */
bool unpack_is_whole(const struct unpack *u);

/*
 * Takes a row of kept state; a null value: it is there no longer.  What a room
 * of state is saved with, so that it need not know where rows are kept.
 */
typedef int
pack_row(void *arg, struct slice key, struct slice value) ST_MUSTCHECK;

#endif
