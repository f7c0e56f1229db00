/*
 * row.c - how a row lies in the database: with its transaction and a checksum.
 *
 * Knows nothing of SQLite.  No state.
 */
#include "store/row.h"

#include "lib/hash.h"

#include <endian.h>

/* Of this store's rows, wherever they are: changing it makes all old rows
 * unreadable. */
#define ROW_KEY UINT64_C(0x73747365726f7731)

static uint64_t
sum_of(unsigned table, uint64_t tx, struct slice key, struct slice value)
{
	uint64_t k[2] = { ROW_KEY, table };

	k[0] = hash_bytes(key.p, key.n, k);
	k[1] = tx;
	return hash_bytes(value.p, value.n, k);
}

void
row_add64(struct buf *b, uint64_t v)
{
	v = htobe64(v);
	buf_add(b, &v, sizeof(v));
}

bool
row_take64(struct slice *s, uint64_t *v)
{
	uint64_t big;

	if (s->n < sizeof(big))
		return false;
	memcpy(&big, s->p, sizeof(big));
	*v = be64toh(big);
	s->p += sizeof(big);
	s->n -= sizeof(big);
	return true;
}

void
row_seal(struct buf *out, unsigned table, uint64_t tx, struct slice key,
    struct slice value)
{
	buf_reset(out);
	if (!buf_reserve(out, ROW_HEAD + value.n))
		return;
	row_add64(out, tx);
	row_add64(out, sum_of(table, tx, key, value));
	buf_add_slice(out, value);
}

bool
row_unseal(unsigned table, struct slice key, struct slice stored, uint64_t *tx,
    struct slice *value)
{
	uint64_t at, sum;

	if (!row_take64(&stored, &at) || !row_take64(&stored, &sum) ||
	    sum != sum_of(table, at, key, stored))
		return false;
	*tx = at;
	*value = stored;
	return true;
}
