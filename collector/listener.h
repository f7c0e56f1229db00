/*
 * listener.h - the doors: listening sockets and who is let in.
 *
 *     struct listeners *l;
 *     err = listeners_open(config, loop, &calls, arg, &l, &e);  // binds
 *     listeners_tell(l, &buf);            // "127.0.0.1:6514, [::1]:6514"
 *     listeners_accept_rest(l);           // before the end: who waits already
 *     listeners_close(l);
 *
 * Accepts in the main loop and gives each connection away at once.  Refuses
 * (accepts and closes) what is over max_connections or max_per_peer of its
 * input.  When descriptors are short it lets callers wait in the kernel's
 * queue, asks for idle connections to be closed, and refuses only after
 * LISTENER_PATIENCE_MS without any progress, by the one descriptor that it
 * keeps in reserve.  Main thread.
 */
#ifndef ST_LISTENER_H
#define ST_LISTENER_H

#include "conf/config.h"
#include "lib/loop.h"

#define LISTENER_BACKLOG 4096
#define LISTENER_ACCEPTS_MAX 64 /* in one turn */
#define LISTENER_RETRY_MS 50
#define LISTENER_PATIENCE_MS 1000

struct conn;

struct listener_calls {
	/* Takes the connection. */
	void (*give)(void *arg, struct conn *c);
	/* Descriptors are short: close what is idle. */
	void (*press)(void *arg);
};

struct listener_counts {
	uint64_t accepted;
	uint64_t refused_connections; /* over max_connections */
	uint64_t refused_peer;        /* over max_per_peer */
	uint64_t refused_descriptors;
	uint64_t refused_memory;
};

struct listeners;
/* Of all tcp inputs; none is fine. */
int listeners_open(const struct config *c, struct loop *loop,
    const struct listener_calls *calls, void *arg, struct listeners **result,
    struct err *e) ST_MUSTCHECK;
/* Stop accepting.  Connections still know their counts: free comes last. */
void listeners_close(struct listeners *l);
void listeners_free(struct listeners *l);

void listeners_accept_rest(struct listeners *l);
size_t listeners_count(const struct listeners *l);
void listeners_tell(const struct listeners *l, struct buf *out);
/* The port of the i-th socket. */
uint16_t listeners_port(const struct listeners *l, size_t i);
const struct listener_counts *listeners_counts(const struct listeners *l);

#endif
