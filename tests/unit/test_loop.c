/*
 * test_loop.c - descriptors, timers, signals and bells of one loop.
 */
#include "lib/loop.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

struct seen {
	struct loop *l;
	unsigned calls, turns;
	unsigned stop_at;
};

static void
count(void *arg)
{
	struct seen *s = arg;

	if (++s->calls == s->stop_at)
		loop_stop(s->l);
}

static void
count_turn(void *arg)
{
	((struct seen *)arg)->turns++;
}

static void
a_descriptor_calls_while_there_is_something_to_read(void)
{
	struct seen s = { .l = loop_new() };
	struct loop_io *io;
	char byte;
	int fd[2];

	REQUIRE(s.l != NULL && pipe(fd) == 0);
	io = loop_io_new(s.l, fd[0], count, &s);
	REQUIRE(io != NULL);
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(s.calls, 0);
	REQUIRE(write(fd[1], "x", 1) == 1);
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(s.calls, 2);
	loop_io_disable(io);
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(s.calls, 2);
	CHECK_INT(loop_io_enable(io), 0);
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(s.calls, 3);
	REQUIRE(read(fd[0], &byte, 1) == 1);
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(s.calls, 3);
	loop_io_free(io);
	close(fd[0]);
	close(fd[1]);
	loop_free(s.l);
}

static void
a_timer_rings_once_and_the_loop_runs_until_stopped(void)
{
	struct seen s = { .l = loop_new(), .stop_at = 1 };
	struct loop_timer *t;

	REQUIRE(s.l != NULL);
	loop_on_turn(s.l, count_turn, &s);
	t = loop_timer_new(s.l, count, &s);
	REQUIRE(t != NULL);
	CHECK(!loop_timer_is_set(t));
	loop_timer_set(t, 60000);
	loop_timer_set(t, 1);
	CHECK(loop_timer_is_set(t));
	CHECK_INT(loop_run(s.l), 0);
	CHECK_INT(s.calls, 1);
	CHECK(!loop_timer_is_set(t));
	CHECK(s.turns >= 1);
	loop_timer_set(t, 0);
	loop_timer_stop(t);
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(s.calls, 1);
	loop_timer_free(t);
	loop_free(s.l);
}

static void
a_signal_is_a_call_in_the_loop(void)
{
	struct seen s = { .l = loop_new(), .stop_at = 1 };
	struct loop_signal *sig;

	REQUIRE(s.l != NULL);
	sig = loop_signal_new(s.l, SIGUSR1, count, &s);
	REQUIRE(sig != NULL);
	REQUIRE(raise(SIGUSR1) == 0);
	CHECK_INT(loop_run(s.l), 0);
	CHECK_INT(s.calls, 1);
	loop_signal_free(sig);
	loop_free(s.l);
}

static void *
ring_often(void *arg)
{
	for (int i = 0; i < 100; i++)
		loop_wake(arg);
	return NULL;
}

static void
rings_of_another_thread_are_heard_at_least_once(void)
{
	struct seen s = { .l = loop_new(), .stop_at = 1 };
	struct loop_bell *b;
	pthread_t t;

	REQUIRE(s.l != NULL);
	b = loop_bell_new(s.l, count, &s);
	REQUIRE(b != NULL);
	REQUIRE(pthread_create(&t, NULL, ring_often, b) == 0);
	CHECK_INT(loop_run(s.l), 0);
	pthread_join(t, NULL);
	CHECK_INT(loop_step(s.l), 0);
	CHECK(s.calls >= 1 && s.calls <= 100);
	s.calls = 0;
	CHECK_INT(loop_step(s.l), 0);
	CHECK_INT(s.calls, 0);
	loop_bell_free(b);
	loop_free(s.l);
}

static void
time_goes_on_and_can_be_held_for_a_test(void)
{
	struct loop *l = loop_new();
	int64_t a;

	REQUIRE(l != NULL);
	a = loop_now(l);
	CHECK(loop_now(l) >= a);
	loop_set_now(l, 42);
	CHECK_INT(loop_now(l), 42);
	loop_free(l);
}

UNIT_MAIN("loop",
    { "a descriptor calls while there is something to read",
	a_descriptor_calls_while_there_is_something_to_read },
    { "a timer rings once, and the loop runs until stopped",
	a_timer_rings_once_and_the_loop_runs_until_stopped },
    { "a signal is a call in the loop", a_signal_is_a_call_in_the_loop },
    { "rings of another thread are heard at least once",
	rings_of_another_thread_are_heard_at_least_once },
    { "time goes on, and can be held for a test",
	time_goes_on_and_can_be_held_for_a_test })
