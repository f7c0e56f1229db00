/*
 * worker.h - a thread that reads connections.
 *
 *     err = worker_new(&shared, 0, on_done, arg, &w, &e);
 *     err = worker_start(w, &e);
 *     worker_give(w, conn);          // main, for each accepted connection
 *     worker_tell(w, WORKER_ROOM);   // any thread
 *     worker_tell(w, WORKER_DRAIN);  // finish and end; calls on_done
 *     worker_join(w);
 *     worker_free(w);
 *
 * Owns a loop, its connections, one read buffer for all of them and an
 * intake.  While the queue to the pipeline is full it reads nothing.  What is
 * said over a connection is the business of its kind: client.h tells how one
 * plugs in.  Marks of connections bear their worker as owner: it must outlive
 * the pipeline's thread.
 */
#ifndef ST_WORKER_H
#define ST_WORKER_H

#include "collector/intake.h"

/* Idle connections hold nothing of it: all of a worker's share one. */
#define WORKER_BUFFER ((size_t)256 << 10)
/* An end is quiet when nothing came for so long, and comes in any case. */
#define WORKER_QUIET_MS 100
#define WORKER_DRAIN_MS 4000
/* Descriptors are short: so many that were idle for so long are closed. */
#define WORKER_PRESS_CLOSE 32
#define WORKER_PRESS_IDLE_MS 250
/* How long a handshake may last while others wait for their turn. */
#define WORKER_HURRY_MS 1000

enum worker_order {
	WORKER_ROOM = 1 << 0,  /* the queue is low again */
	WORKER_PRESS = 1 << 1, /* descriptors are short: close the idlest */
	WORKER_HURRY = 1 << 3, /* close handshakes that last too long */
	WORKER_DRAIN = 1 << 2, /* read what is there, hand it over, end */
};

struct conn;
struct worker;

/*
 * A new configuration, while connections stay:
 *
 *     swap = worker_swap_new(&shared, n);         // for each worker, first
 *     err = listeners_update(l, config, map, &e); // then what may fail
 *     worker_swap(w, swap, map, on_swapped, arg); // then this cannot
 *     worker_swap_free(swap);                     // or, where it failed
 *
 * The worker hands over what it holds, in the numbers of the old inputs, and
 * goes on with the new; connections of inputs that are gone are ended.  What
 * is given to it before the swap bears old numbers, what comes after it new
 * ones.  `done` is called on the worker's thread: from then on it knows
 * nothing of the old configuration.
 */
#define WORKER_GONE ((unsigned)-1)
struct worker_swap;
/* For a configuration of so many inputs until now.  Where it fails, e says why:
 * memory, or what one of its inputs needs. */
int worker_swap_new(const struct intake_shared *s, size_t n_inputs,
    struct worker_swap **result, struct err *e) ST_MUSTCHECK;
void worker_swap_free(struct worker_swap *s);
/* map[old input]: its new number, or WORKER_GONE; copied. */
void worker_swap(struct worker *w, struct worker_swap *s, const unsigned *map,
    void (*done)(void *arg), void *arg);

/* `on_done` is called on the worker's thread, as the last thing it does. */
int worker_new(const struct intake_shared *s, unsigned number,
    void (*on_done)(void *arg), void *arg, struct worker **result,
    struct err *e) ST_MUSTCHECK;
int worker_start(struct worker *w, struct err *e) ST_MUSTCHECK;
void worker_join(struct worker *w);
void worker_free(struct worker *w);

/* Any thread.  Takes the connection in any case; without memory it closes
 * it. */
void worker_give(struct worker *w, struct conn *c);
void worker_tell(struct worker *w, enum worker_order order);
/* How much it has to do: open connections, and bytes read so far. */
size_t worker_conns(struct worker *w);
uint64_t worker_bytes(struct worker *w);

/* Without a thread, for tests: one turn of its loop; is it over?; its clock. */
bool worker_step(struct worker *w);
void worker_set_now(struct worker *w, int64_t ms);
/* What the timer of each second does. */
void worker_tick(struct worker *w);

#endif
