/*
 * batchq.h - the bounded hand-over between threads.
 *
 *     struct batchq *q = batchq_new(&limits, &calls, arg);
 *     go_on = batchq_put(q, &b->item, events, bytes);  // any thread
 *     list = batchq_take(q, -1);                       // the one consumer
 *     ... for each: work, then batchq_done(q, events, bytes) ...
 *
 * A list under a mutex.  What is put belongs to the queue, what is taken to
 * the consumer, who takes the whole list at once, oldest first.  The consumer
 * is woken only if the queue was empty.
 *
 * The bound: what was put and is not yet done counts, also while the consumer
 * has it in hand.  batchq_put() never refuses, but returns false from the high
 * mark on: stop producing, until `low` says that half of it is gone.  A
 * producer therefore goes over by at most what it puts at once.
 */
#ifndef ST_BATCHQ_H
#define ST_BATCHQ_H

#include <stdbool.h>
#include <stddef.h>

/* Stands in what is put; the queue knows no more of it. */
struct batchq_item {
	struct batchq_item *next;
	size_t events, bytes;
};

struct batchq_limits {
	size_t events, bytes; /* high marks; 0: BATCHQ_EVENTS, BATCHQ_BYTES */
};
#define BATCHQ_EVENTS ((size_t)100000)
#define BATCHQ_BYTES ((size_t)64 << 20)

struct batchq_calls {
	/* Something came into an empty queue; on the producer's thread.  NULL:
	 * the consumer sleeps in batchq_take(). */
	void (*wake)(void *arg);
	/* It was full and is below the low mark; on the consumer's thread. */
	void (*low)(void *arg);
};

struct batchq;
struct batchq *batchq_new(const struct batchq_limits *l,
    const struct batchq_calls *calls /* or NULL */, void *arg);
/* The queue must be empty: its items are not ours to free. */
void batchq_free(struct batchq *q);

bool batchq_put(
    struct batchq *q, struct batchq_item *item, size_t events, size_t bytes);
bool batchq_is_full(struct batchq *q);
/* Sleep while it is full, at most that long; true when there is room. */
bool batchq_wait_room(struct batchq *q, int timeout_ms);

/*
 * All there is.  Where there is nothing: sleeps up to timeout_ms (-1: without
 * end, 0: not at all) for something to come, for batchq_nudge() or
 * batchq_close(); NULL then.
 */
struct batchq_item *batchq_take(struct batchq *q, int timeout_ms);
/* Of what was taken, this item is dealt with: call it before freeing it. */
void batchq_done(struct batchq *q, const struct batchq_item *item);

/* What is in it, and what was taken and is not done. */
struct batchq_counts {
	size_t events, bytes;
};
void batchq_look(struct batchq *q, struct batchq_counts *result);

/* Make the consumer return from batchq_take(), now or the next time. */
void batchq_nudge(struct batchq *q);
/* Nothing will come any more. */
void batchq_close(struct batchq *q);
/* Closed, and nothing left to take. */
bool batchq_is_over(struct batchq *q);

#endif
