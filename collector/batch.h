/*
 * batch.h - what moves from a worker to the pipeline: requests and counts.
 *
 * Requests are packed bytes (request_pack), so that a batch is two blocks of
 * memory whatever is in it, and can be given to another thread as a whole.
 * Whoever holds a batch owns it.
 */
#ifndef ST_BATCH_H
#define ST_BATCH_H

#include "events/sift.h"
#include "lib/batchq.h"
#include "lib/buf.h"

#define BATCH_BYTES_MAX ((size_t)256 << 10) /* handed over when larger */

struct batch {
	struct batchq_item item; /* for the hand-over */
	struct buf requests;
	size_t n_requests;
	unsigned input; /* index of the input it came through */
	struct sift_counts counts;
};

struct batch *batch_new(unsigned input); /* NULL without memory */
void batch_free(struct batch *b);
/* Packs a request; false without memory. */
bool batch_add(struct batch *b, const struct request *r);
/* Bytes that it holds, for bounds of queues. */
size_t batch_size(const struct batch *b);

#endif
