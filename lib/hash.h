/*
 * hash.h - SipHash-1-3 for tables, SHA-256 for names that must last.
 *
 * Tables whose keys come from outside are keyed with hash_seed(), which is
 * random for each process; never let its order reach an output.
 * hash_stable() has a fixed key: the same on every machine and day.
 */
#ifndef ST_HASH_H
#define ST_HASH_H

#include "lib/slice.h"

#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_HEX 65 /* with the NUL */

uint64_t hash_bytes(const void *p, size_t n, const uint64_t key[2]);
const uint64_t *hash_seed(void);
uint64_t hash_stable(const void *p, size_t n);

static inline uint64_t
hash_slice(struct slice s)
{
	return hash_bytes(s.p, s.n, hash_seed());
}

struct sha256;                   /* libcrypto's context */
struct sha256 *sha256_new(void); /* NULL without memory */
void sha256_add(struct sha256 *h, const void *p, size_t n);
/* Gives the sum and starts anew. */
void sha256_sum(struct sha256 *h, unsigned char out[SHA256_SIZE]);
void sha256_free(struct sha256 *h);

/* Lower-case hex of n bytes; out holds 2 n + 1. */
void hash_hex(const unsigned char *p, size_t n, char *out);

#endif
