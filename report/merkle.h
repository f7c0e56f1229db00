/*
 * merkle.h - one hash for a list of lines, from which none can be taken.
 *
 * As RFC 6962 section 2.1: SHA-256, 0x00 before a leaf, 0x01 before a pair, so
 * that a pair can never pass for a leaf.  Memory grows with the logarithm of
 * the list.  One owner.
 */
#ifndef ST_MERKLE_H
#define ST_MERKLE_H

#include "lib/hash.h"

#define MERKLE_LEVELS 64

struct merkle {
	struct sha256 *hash;
	uint64_t n; /* leaves */
	/* The roots of full trees, the largest first. */
	unsigned char node[MERKLE_LEVELS][SHA256_SIZE];
	unsigned depth;
};

bool merkle_init(struct merkle *m); /* false: no memory */
void merkle_release(struct merkle *m);
/* Its hash, and without `leaf` being NULL a copy of it. */
void merkle_add(
    struct merkle *m, struct slice line, unsigned char leaf[SHA256_SIZE]);
/* Of no leaves the hash of nothing.  Ends the list; merkle_add() begins anew. */
void merkle_root(struct merkle *m, unsigned char root[SHA256_SIZE]);

#endif
