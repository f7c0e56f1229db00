/*
 * row.h - how a row lies in the database: with its transaction and a checksum.
 *
 * The stored value is TX (8 bytes, big-endian), SUM (8 bytes) and the value.
 * SUM is over the table, TX, the key and the value, so that a row that was
 * changed, moved to another table or joined with another's key is known as
 * damaged.  TX is the transaction that wrote it: of two copies of a row the
 * later one can be told, and a row that is newer than its database, too.
 * Pure functions, any thread.
 */
#ifndef ST_STORE_ROW_H
#define ST_STORE_ROW_H

#include "lib/buf.h"

#include <stdint.h>

#define ROW_HEAD 16 /* bytes before the value */

/* Puts the stored form into `out`, which is emptied before. */
void row_seal(struct buf *out, unsigned table, uint64_t tx, struct slice key,
    struct slice value);

/* False: the checksum is wrong.  `value` points into `stored`. */
bool row_unseal(unsigned table, struct slice key, struct slice stored,
    uint64_t *tx, struct slice *value);

/* Numbers as they stand in values: big-endian. */
void row_add64(struct buf *b, uint64_t v);
/* Takes 8 bytes off the front of `s`; false where there are fewer. */
bool row_take64(struct slice *s, uint64_t *v);

#endif
