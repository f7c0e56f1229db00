/*
 * batchq.c - the bounded hand-over between threads.
 *
 * See batchq.h.  Knows nothing of what is handed over.  Any number of threads
 * put, one takes.  The callbacks run outside the lock.
 */
#include "lib/batchq.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct batchq {
	pthread_mutex_t lock;
	pthread_cond_t filled; /* the consumer waits here */
	pthread_cond_t room;   /* producers that may sleep wait here */
	struct batchq_item *first, **last;
	struct batchq_limits high;
	size_t events, bytes; /* put and not yet done */
	bool full;            /* since the high mark, until the low one */
	bool nudged, closed;
	struct batchq_calls calls;
	void *arg;
};

static int
init_cond(pthread_cond_t *c)
{
	pthread_condattr_t attr;
	int err;

	if (pthread_condattr_init(&attr) != 0)
		return -1;
	err = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (err == 0)
		err = pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
	return err;
}

struct batchq *
batchq_new(
    const struct batchq_limits *l, const struct batchq_calls *calls, void *arg)
{
	struct batchq *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	if (pthread_mutex_init(&q->lock, NULL) != 0)
		goto no_lock;
	if (init_cond(&q->filled) != 0)
		goto no_filled;
	if (init_cond(&q->room) != 0)
		goto no_room;
	q->last = &q->first;
	q->high.events = l && l->events ? l->events : BATCHQ_EVENTS;
	q->high.bytes = l && l->bytes ? l->bytes : BATCHQ_BYTES;
	if (calls)
		q->calls = *calls;
	q->arg = arg;
	return q;
no_room:
	pthread_cond_destroy(&q->filled);
no_filled:
	pthread_mutex_destroy(&q->lock);
no_lock:
	free(q);
	return NULL;
}

void
batchq_free(struct batchq *q)
{
	if (!q)
		return;
	pthread_cond_destroy(&q->room);
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* Seconds and nanoseconds from now, on the clock of our conditions. */
static struct timespec
after(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

/* Wait until signalled; false when the time is over. */
static bool
sleep_on(pthread_cond_t *c, pthread_mutex_t *lock, const struct timespec *until)
{
	if (!until)
		return pthread_cond_wait(c, lock) == 0;
	return pthread_cond_timedwait(c, lock, until) == 0;
}

bool
batchq_put(
    struct batchq *q, struct batchq_item *item, size_t events, size_t bytes)
{
	bool was_empty, full;

	item->next = NULL;
	item->events = events;
	item->bytes = bytes;
	pthread_mutex_lock(&q->lock);
	was_empty = !q->first;
	*q->last = item;
	q->last = &item->next;
	q->events += events;
	q->bytes += bytes;
	if (q->events >= q->high.events || q->bytes >= q->high.bytes)
		q->full = true;
	full = q->full;
	if (was_empty && !q->calls.wake)
		pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	if (was_empty && q->calls.wake)
		q->calls.wake(q->arg);
	return !full;
}

bool
batchq_is_full(struct batchq *q)
{
	bool full;

	pthread_mutex_lock(&q->lock);
	full = q->full;
	pthread_mutex_unlock(&q->lock);
	return full;
}

void
batchq_look(struct batchq *q, struct batchq_counts *result)
{
	pthread_mutex_lock(&q->lock);
	result->events = q->events;
	result->bytes = q->bytes;
	pthread_mutex_unlock(&q->lock);
}

bool
batchq_wait_room(struct batchq *q, int timeout_ms)
{
	struct timespec until = after(timeout_ms);
	bool full;

	pthread_mutex_lock(&q->lock);
	while (q->full && sleep_on(&q->room, &q->lock, &until))
		;
	full = q->full;
	pthread_mutex_unlock(&q->lock);
	return !full;
}

struct batchq_item *
batchq_take(struct batchq *q, int timeout_ms)
{
	struct timespec until = after(timeout_ms < 0 ? 0 : timeout_ms);
	struct batchq_item *list;

	pthread_mutex_lock(&q->lock);
	while (!q->first && !q->nudged && !q->closed && timeout_ms != 0)
		if (!sleep_on(
			&q->filled, &q->lock, timeout_ms < 0 ? NULL : &until))
			break;
	q->nudged = false;
	list = q->first;
	q->first = NULL;
	q->last = &q->first;
	pthread_mutex_unlock(&q->lock);
	return list;
}

void
batchq_done(struct batchq *q, const struct batchq_item *item)
{
	bool low = false;

	pthread_mutex_lock(&q->lock);
	q->events -= item->events;
	q->bytes -= item->bytes;
	if (q->full && q->events <= q->high.events / 2 &&
	    q->bytes <= q->high.bytes / 2) {
		q->full = false;
		low = true;
		pthread_cond_broadcast(&q->room);
	}
	pthread_mutex_unlock(&q->lock);
	if (low && q->calls.low)
		q->calls.low(q->arg);
}

void
batchq_nudge(struct batchq *q)
{
	pthread_mutex_lock(&q->lock);
	q->nudged = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	if (q->calls.wake)
		q->calls.wake(q->arg);
}

void
batchq_close(struct batchq *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	if (q->calls.wake)
		q->calls.wake(q->arg);
}

bool
batchq_is_over(struct batchq *q)
{
	bool over;

	pthread_mutex_lock(&q->lock);
	over = q->closed && !q->first;
	pthread_mutex_unlock(&q->lock);
	return over;
}
