/*
 * delivery.h - the thread that takes to outputs what waits for them.
 *
 *     struct delivery *d = delivery_new(on_news, arg);
 *     err = delivery_add(d, courier, &e);     // made on delivery_loop(d)
 *     err = delivery_start(d, &e);
 *     delivery_wake(d);                       // any thread: there is work
 *     delivery_stop(d);
 *     delivery_free(d);
 *
 * One loop for all couriers: an output that is slow or down waits on a timer
 * or a descriptor, and costs the others nothing.  Couriers belong to whoever
 * made them, and must be there until delivery_remove(), or until
 * delivery_stop() has returned.
 */
#ifndef ST_DELIVERY_H
#define ST_DELIVERY_H

#include "lib/err.h"

#include <stdbool.h>

struct courier;
struct loop;

struct delivery;
/* `on_news` tells that there are answers to be kept; on its thread. */
struct delivery *delivery_new(void (*on_news)(void *arg), void *arg);
/* After delivery_stop(), or without a start. */
void delivery_free(struct delivery *d);

struct loop *delivery_loop(struct delivery *d);
/* On its thread, or while it does not run. */
int
delivery_add(struct delivery *d, struct courier *c, struct err *e) ST_MUSTCHECK;
void delivery_remove(struct delivery *d, const struct courier *c);

int delivery_start(struct delivery *d, struct err *e) ST_MUSTCHECK;
void delivery_stop(struct delivery *d);
/* One turn on the thread that calls: for tests. */
void delivery_step(struct delivery *d);

/* Main's: runs it on the delivery thread and waits for that; at once, on this
 * one, while that does not run.  What it calls must not wait for main. */
void delivery_call(struct delivery *d, void (*call)(void *arg), void *arg);

/* ---- any thread ---- */

void delivery_wake(struct delivery *d);
void delivery_news(struct delivery *d);
/* Begin new output files. */
void delivery_reopen(struct delivery *d);
/* Try now what has failed. */
void delivery_retry(struct delivery *d);
/* Take nothing new any more. */
void delivery_rest(struct delivery *d);

#endif
