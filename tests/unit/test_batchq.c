/*
 * test_batchq.c - the hand-over between threads: its order, its bound, its
 * wake-ups.
 */
#include "lib/batchq.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct thing {
	struct batchq_item item;
	unsigned from, number;
};

struct rings {
	unsigned wakes, lows;
};

static void
on_wake(void *arg)
{
	((struct rings *)arg)->wakes++;
}

static void
on_low(void *arg)
{
	((struct rings *)arg)->lows++;
}

static const struct batchq_calls calls = { on_wake, on_low };

static void
the_list_is_taken_whole_oldest_first(void)
{
	struct batchq *q = batchq_new(NULL, NULL, NULL);
	struct thing t[3] = { 0 };
	struct batchq_item *list;

	REQUIRE(q != NULL);
	for (size_t i = 0; i < 3; i++)
		CHECK(batchq_put(q, &t[i].item, 1, 1));
	list = batchq_take(q, 0);
	CHECK(list == &t[0].item);
	CHECK(list->next == &t[1].item);
	CHECK(list->next->next == &t[2].item);
	CHECK(list->next->next->next == NULL);
	CHECK(batchq_take(q, 0) == NULL);
	batchq_free(q);
}

static void
the_consumer_is_woken_only_if_the_queue_was_empty(void)
{
	struct rings r = { 0 };
	struct batchq *q = batchq_new(NULL, &calls, &r);
	struct thing t[4] = { 0 };

	REQUIRE(q != NULL);
	for (size_t i = 0; i < 3; i++)
		batchq_put(q, &t[i].item, 1, 1);
	CHECK_INT(r.wakes, 1);
	CHECK(batchq_take(q, 0) != NULL);
	batchq_put(q, &t[3].item, 1, 1);
	CHECK_INT(r.wakes, 2);
	CHECK(batchq_take(q, 0) != NULL);
	batchq_free(q);
}

static void
full_from_the_high_mark_until_the_low_one(void)
{
	static const struct {
		size_t events, bytes; /* of each of four items */
	} cases[] = { { 25, 1 }, { 0, 250 }, { 25, 250 } };
	const struct batchq_limits limits = { 100, 1000 };

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct rings r = { 0 };
		struct batchq *q = batchq_new(&limits, &calls, &r);
		struct thing t[4] = { 0 };

		REQUIRE(q != NULL);
		for (size_t i = 0; i < 4; i++)
			CHECK_INT(batchq_put(q, &t[i].item, cases[c].events,
				      cases[c].bytes),
			    i < 3);
		CHECK(batchq_is_full(q));
		CHECK(batchq_take(q, 0) != NULL);
		/* In hand is not done. */
		CHECK(batchq_is_full(q));
		CHECK(!batchq_wait_room(q, 0));
		batchq_done(q, &t[0].item);
		CHECK(batchq_is_full(q));
		CHECK_INT(r.lows, 0);
		batchq_done(q, &t[1].item);
		CHECK(!batchq_is_full(q));
		CHECK(batchq_wait_room(q, 0));
		CHECK_INT(r.lows, 1);
		batchq_done(q, &t[2].item);
		batchq_done(q, &t[3].item);
		CHECK_INT(r.lows, 1);
		batchq_free(q);
	}
}

static void
a_nudge_and_a_close_end_the_wait(void)
{
	struct batchq *q = batchq_new(NULL, NULL, NULL);
	struct thing t = { 0 };

	REQUIRE(q != NULL);
	batchq_nudge(q);
	CHECK(batchq_take(q, -1) == NULL);
	CHECK(!batchq_is_over(q));
	batchq_put(q, &t.item, 1, 1);
	batchq_close(q);
	CHECK(!batchq_is_over(q));
	CHECK(batchq_take(q, -1) == &t.item);
	CHECK(batchq_take(q, -1) == NULL);
	CHECK(batchq_is_over(q));
	batchq_free(q);
}

/* Four threads put numbered things; every thing arrives once and in the
 * order of its thread, and never more than the bound and one thing a producer
 * is under way. */
#define PRODUCERS 4
#define EACH 5000
#define BOUND 100

struct race {
	struct batchq *q;
	atomic_uint next_id;
	atomic_uint under_way, most;
};

static void *
produce(void *arg)
{
	struct race *r = arg;
	unsigned id = atomic_fetch_add(&r->next_id, 1);

	for (unsigned i = 0; i < EACH; i++) {
		struct thing *t = calloc(1, sizeof(*t));
		unsigned n, most;

		if (!t)
			abort();
		t->from = id;
		t->number = i;
		n = atomic_fetch_add(&r->under_way, 1) + 1;
		most = atomic_load(&r->most);
		while (n > most &&
		    !atomic_compare_exchange_weak(&r->most, &most, n))
			;
		if (!batchq_put(r->q, &t->item, 1, sizeof(*t)))
			while (!batchq_wait_room(r->q, 1000))
				;
	}
	return NULL;
}

static unsigned
consume(struct race *r, unsigned seen[PRODUCERS])
{
	struct batchq_item *i, *next;
	unsigned wrong = 0;

	while (!batchq_is_over(r->q)) {
		for (i = batchq_take(r->q, -1); i; i = next) {
			struct thing *t = (struct thing *)i;

			next = i->next;
			if (t->number != seen[t->from]++)
				wrong++;
			atomic_fetch_sub(&r->under_way, 1);
			batchq_done(r->q, i);
			free(t);
		}
	}
	return wrong;
}

static void *
close_when_all_is_put(void *arg)
{
	struct race *r = arg;
	pthread_t p[PRODUCERS];

	for (size_t i = 0; i < PRODUCERS; i++)
		if (pthread_create(&p[i], NULL, produce, r) != 0)
			abort();
	for (size_t i = 0; i < PRODUCERS; i++)
		pthread_join(p[i], NULL);
	batchq_close(r->q);
	return NULL;
}

static void
many_threads_put_and_nothing_is_lost_or_disordered(void)
{
	const struct batchq_limits limits = { BOUND, 0 };
	struct race r = { .q = batchq_new(&limits, NULL, NULL) };
	unsigned seen[PRODUCERS] = { 0 };
	pthread_t closer;

	REQUIRE(r.q != NULL);
	REQUIRE(pthread_create(&closer, NULL, close_when_all_is_put, &r) == 0);
	CHECK_INT(consume(&r, seen), 0);
	pthread_join(closer, NULL);
	for (size_t i = 0; i < PRODUCERS; i++)
		CHECK_INT(seen[i], EACH);
	CHECK(atomic_load(&r.most) <= BOUND + PRODUCERS);
	batchq_free(r.q);
}

UNIT_MAIN("batchq",
    { "the list is taken whole, oldest first",
	the_list_is_taken_whole_oldest_first },
    { "the consumer is woken only if the queue was empty",
	the_consumer_is_woken_only_if_the_queue_was_empty },
    { "full from the high mark until the low one",
	full_from_the_high_mark_until_the_low_one },
    { "a nudge and a close end the wait", a_nudge_and_a_close_end_the_wait },
    { "many threads put, and nothing is lost or disordered",
	many_threads_put_and_nothing_is_lost_or_disordered })
