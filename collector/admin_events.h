/*
 * admin_events.h - server-sent events: a page in a browser stays up to date.
 *
 *     struct admin_events *v = admin_events_new(http, loop, fill, arg);
 *     evhttp_free(http);           // first: it tells who is gone
 *     admin_events_free(v);
 *
 * Serves /events (the "text/event-stream" of the HTML standard).  Every
 * ADMIN_EVENTS_MS, while anybody listens, and when one more does, fill() makes
 * one line, which all of them get.  One more than ADMIN_EVENTS_MAX is told 503; one that does not take
 * what it was sent gets nothing more until it has.  Runs in the main loop.
 */
#ifndef ST_ADMIN_EVENTS_H
#define ST_ADMIN_EVENTS_H

#include "lib/buf.h"

#define ADMIN_EVENTS_MS 2000
#define ADMIN_EVENTS_MAX 16
#define ADMIN_EVENTS_HELD ((size_t)1 << 20) /* bytes not taken yet */
#define ADMIN_EVENTS_IDLE_S 3600 /* a browser comes again by itself */

struct evhttp;
struct loop;

struct admin_events;
struct admin_events *admin_events_new(struct evhttp *http, struct loop *loop,
    void (*fill)(void *arg, struct buf *line), void *arg);
void admin_events_free(struct admin_events *v); /* NULL is fine */

#endif
