/*
 * batch.h - what moves from a worker to the pipeline: requests, uses, counts,
 * marks, and notices.
 *
 * All but the counts are packed bytes, so that a batch is a few blocks of
 * memory whatever is in it, and can be given to another thread as a whole.
 * Whoever holds a batch owns it.
 */
#ifndef ST_BATCH_H
#define ST_BATCH_H

#include "collector/mark.h"
#include "detect/notice.h"
#include "events/sift.h"
#include "lib/batchq.h"
#include "lib/buf.h"

#define BATCH_BYTES_MAX ((size_t)256 << 10) /* handed over when larger */

struct batch {
	struct batchq_item item; /* for the hand-over */
	struct buf requests;
	size_t n_requests;
	struct buf grants; /* requests of KIND_GRANT */
	size_t n_grants;
	struct buf uses; /* requests of KIND_USE */
	size_t n_uses;
	struct buf marks;
	size_t n_marks;
	struct buf notices;
	size_t n_notices;
	unsigned input; /* number of the input it came through */
	/* Some of it was read from files as they were found, and may be old:
	 * when it arrived tells nothing of its events. */
	bool history;
	struct sift_counts counts;
};

struct batch *batch_new(unsigned input); /* NULL without memory */
void batch_free(struct batch *b);
/* Packs a request; false without memory. */
bool batch_add(struct batch *b, const struct request *r);
/* Packs a change of IAM; false without memory. */
bool batch_grant(struct batch *b, const struct request *r);
/* Packs the use of a credential; false without memory. */
bool batch_use(struct batch *b, const struct request *r);
/* Copies a mark: it stands for all requests and counts that the batch has by
 * then.  False without memory. */
bool batch_mark(struct batch *b, const struct mark *m);
/* In the order they came; slices live as long as the batch. */
void batch_each_mark(const struct batch *b,
    void (*cb)(void *arg, const struct mark *m), void *arg);
/* Copies a notice; false without memory. */
bool batch_notice(struct batch *b, const struct notice *n);
/* Bytes that it holds, for bounds of queues. */
size_t batch_size(const struct batch *b);

#endif
