/*
 * loop.h - one thread's event loop; the only room that knows libevent.
 *
 *     struct loop *l = loop_new();
 *     struct loop_io *io = loop_io_new(l, fd, on_readable, conn);
 *     loop_on_turn(l, flush, worker);     // after each turn of the loop
 *     loop_run(l);                        // until loop_stop()
 *     loop_io_free(io);
 *     loop_free(l);
 *
 * A loop and all that is made for it belong to one thread; only loop_wake()
 * may be called from others.  What a callback frees must not be used by it
 * afterwards; a room whose callbacks may free one another's objects parks
 * them until the turn's end.  Times are monotonic milliseconds: a step of the
 * wall clock moves no timer.
 */
#ifndef ST_LOOP_H
#define ST_LOOP_H

#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef void loop_cb(void *arg);

struct loop;
struct loop *loop_new(void); /* NULL without memory or descriptors */
void loop_free(struct loop *l);
/* Returns when loop_stop() was called, at the end of that turn. */
int loop_run(struct loop *l) ST_MUSTCHECK;
/* One turn without sleeping: for tests. */
int loop_step(struct loop *l) ST_MUSTCHECK;
void loop_stop(struct loop *l);
/* Called after each turn, when all that was ready has been served. */
void loop_on_turn(struct loop *l, loop_cb *cb, void *arg);
/* Milliseconds, to a few; only differences mean something. */
int64_t loop_now(const struct loop *l);
/* For tests: from now on it is that late and stays so. */
void loop_set_now(struct loop *l, int64_t ms);

/* A descriptor to be read; level-triggered; starts enabled.  The descriptor
 * stays the caller's: free the io before closing it. */
struct loop_io;
struct loop_io *loop_io_new(struct loop *l, int fd, loop_cb *cb, void *arg);
int loop_io_enable(struct loop_io *io) ST_MUSTCHECK;
void loop_io_disable(struct loop_io *io);
/* Whether it is read or not, call `cb` when it can be written; NULL: no more.
 * Where it can be both, one turn writes and the next one reads. */
int loop_io_on_writable(struct loop_io *io, loop_cb *cb) ST_MUSTCHECK;
void loop_io_free(struct loop_io *io);

/* Rings once after loop_timer_set(); setting again moves it. */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *l, loop_cb *cb, void *arg);
void loop_timer_set(struct loop_timer *t, int64_t ms);
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);
void loop_timer_free(struct loop_timer *t);

/* A signal; of one loop in the process only. */
struct loop_signal;
struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_cb *cb, void *arg);
void loop_signal_free(struct loop_signal *s);

/* A bell that other threads ring: cb runs in the loop, once for any number
 * of rings before it. */
struct loop_bell;
struct loop_bell *loop_bell_new(struct loop *l, loop_cb *cb, void *arg);
void loop_wake(struct loop_bell *b); /* any thread */
void loop_bell_free(struct loop_bell *b);

/* libevent's own handle, for the rooms that serve HTTP with it (script/
 * check-includes knows them) and for nobody else. */
struct event_base;
struct event_base *loop_native(struct loop *l);

/* For --version: "libevent 2.1.12-stable". */
const char *loop_library_version(void);

#endif
