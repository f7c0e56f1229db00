/*
 * mark.h - who wants to know when what came before is kept.
 *
 * A mark rides in a batch behind its requests.  When all of the batch lasts,
 * the pipeline's thread stores the mark's row, if it has one, in the same
 * transaction, and then calls the owner: a sender may be answered, a position
 * has moved.  Marks of one input are kept in the order they were made.
 */
#ifndef ST_MARK_H
#define ST_MARK_H

#include "lib/slice.h"

#include <stdint.h>

#define MARK_KEY_MAX 4096    /* bytes of a row's key */
#define MARK_VALUE_MAX 16384 /* bytes of its value */

/* Must outlive all batches that bear its marks. */
struct mark_owner {
	/* On the pipeline's thread: hand it to your own and return.  NULL:
	 * only the row matters. */
	void (*kept)(void *arg, uint64_t token);
	void *arg;
};

struct mark {
	const struct mark_owner *owner;
	uint64_t token; /* the owner's own word */
	/* A row of positions; a null key: none.  A null value drops it. */
	struct slice key, value;
};

#endif
