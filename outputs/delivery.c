/*
 * delivery.c - the thread that takes to outputs what waits for them.
 *
 * See delivery.h.  Knows couriers and whom to wake; nothing of records.
 */
#include "outputs/delivery.h"

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/thread.h"
#include "outputs/courier.h"

#include <stdatomic.h>
#include <stdlib.h>

struct delivery {
	struct loop *loop;
	struct loop_bell *bell;
	struct courier **couriers;
	size_t n;
	pthread_t thread;
	bool started;
	atomic_bool reopen, retry, rest, stop;
	void (*on_news)(void *arg);
	void *arg;
	/* delivery_call(), under the lock; NULL: nobody waits. */
	pthread_mutex_t lock;
	pthread_cond_t called;
	void (*call)(void *arg);
	void *call_arg;
};

static void
each(struct delivery *d, void (*call)(struct courier *c))
{
	for (size_t i = 0; i < d->n; i++)
		call(d->couriers[i]);
}

static void
answer_call(struct delivery *d)
{
	pthread_mutex_lock(&d->lock);
	if (d->call) {
		d->call(d->call_arg);
		d->call = NULL;
		pthread_cond_signal(&d->called);
	}
	pthread_mutex_unlock(&d->lock);
}

static void
on_bell(void *arg)
{
	struct delivery *d = arg;

	answer_call(d);
	if (atomic_exchange(&d->reopen, false))
		each(d, courier_reopen);
	if (atomic_exchange(&d->retry, false))
		each(d, courier_retry);
	if (atomic_exchange(&d->rest, false))
		each(d, courier_rest);
	if (atomic_load(&d->stop))
		loop_stop(d->loop);
	each(d, courier_turn);
}

static void *
run(void *arg)
{
	struct delivery *d = arg;

	/* What waits since before the start. */
	each(d, courier_turn);
	if (loop_run(d->loop) < 0)
		log_errorx("the loop of deliveries has failed");
	return NULL;
}

struct delivery *
delivery_new(void (*on_news)(void *arg), void *arg)
{
	struct delivery *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->called, NULL);
	d->on_news = on_news;
	d->arg = arg;
	d->loop = loop_new();
	if (d->loop)
		d->bell = loop_bell_new(d->loop, on_bell, d);
	if (d->bell)
		return d;
	delivery_free(d);
	return NULL;
}

void
delivery_free(struct delivery *d)
{
	if (!d)
		return;
	loop_bell_free(d->bell);
	loop_free(d->loop);
	pthread_cond_destroy(&d->called);
	pthread_mutex_destroy(&d->lock);
	free(d->couriers);
	free(d);
}

struct loop *
delivery_loop(struct delivery *d)
{
	return d->loop;
}

int
delivery_add(struct delivery *d, struct courier *c, struct err *e)
{
	struct courier **more = realloc(
	    d->couriers, (d->n + 1) * sizeof(struct courier *));

	if (!more)
		return err_set(e, ST_ENOMEM, "out of memory");
	d->couriers = more;
	d->couriers[d->n++] = c;
	return 0;
}

void
delivery_remove(struct delivery *d, const struct courier *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->couriers[i] != c)
			d->couriers[kept++] = d->couriers[i];
	d->n = kept;
}

int
delivery_start(struct delivery *d, struct err *e)
{
	int err = thread_start(&d->thread, "delivery", run, d, e);

	d->started = err == 0;
	return err;
}

void
delivery_stop(struct delivery *d)
{
	if (!d->started)
		return;
	atomic_store(&d->stop, true);
	loop_wake(d->bell);
	pthread_join(d->thread, NULL);
	d->started = false;
}

void
delivery_call(struct delivery *d, void (*call)(void *arg), void *arg)
{
	if (!d->started) {
		call(arg);
		return;
	}
	pthread_mutex_lock(&d->lock);
	d->call = call;
	d->call_arg = arg;
	loop_wake(d->bell);
	while (d->call)
		pthread_cond_wait(&d->called, &d->lock);
	pthread_mutex_unlock(&d->lock);
}

void
delivery_step(struct delivery *d)
{
	each(d, courier_turn);
	(void)!loop_step(d->loop);
}

void
delivery_wake(struct delivery *d)
{
	loop_wake(d->bell);
}

void
delivery_news(struct delivery *d)
{
	d->on_news(d->arg);
}

void
delivery_reopen(struct delivery *d)
{
	atomic_store(&d->reopen, true);
	loop_wake(d->bell);
}

void
delivery_retry(struct delivery *d)
{
	atomic_store(&d->retry, true);
	loop_wake(d->bell);
}

void
delivery_rest(struct delivery *d)
{
	atomic_store(&d->rest, true);
	loop_wake(d->bell);
}
