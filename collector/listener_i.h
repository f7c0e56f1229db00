/*
 * listener_i.h - the doors' inside, for listener.c and listener_accept.c alone.
 *
 * A door is what one input has: its sockets, its peers, its certificates.
 * All of it is main's.
 */
#ifndef ST_LISTENER_I_H
#define ST_LISTENER_I_H

#include "collector/listener.h"

#include "collector/bind.h"
#include "collector/certs.h"
#include "collector/peers.h"
#include "lib/clock.h"

/* One socket of a door. */
struct socket {
	struct door *door;
	struct bound bound;
	struct loop_io *io;
};

/* What stands open for one input. */
struct door {
	struct listeners *all;
	const struct input_config *config;
	unsigned input;
	struct peers *peers;
	struct certs *certs; /* NULL: no TLS */
	bool stale;          /* the last renewal failed */
	struct socket *sockets[BIND_MAX];
	size_t n_sockets;
	struct rarely refused_said;
	int64_t waiting_since; /* for handshakes to end; -1: not */
	uint64_t accepted, refused;
	/* While a configuration changes: whose place this one takes, and
	 * whether somebody takes ours. */
	struct door *before;
	bool taken;
};

struct listeners {
	struct loop *loop;
	struct listener_calls calls;
	void *arg;
	struct door **v;
	size_t n, n_inputs;
	struct loop_timer *retry, *certs, *first;
	unsigned std_input; /* LISTENER_GONE: none */
	bool std_given;
	int reserve;         /* -1: lost, got again when there are some */
	int64_t short_since; /* -1: descriptors are not short */
	uint64_t next_id;
	struct rarely short_said;
	struct listener_counts counts;
};

/* Called when somebody waits at a struct socket. */
loop_cb listener_on_caller;
/* Descriptors, or handshakes, may have become free: callers are heard again. */
loop_cb listener_on_retry;
/* The descriptor that is kept for the day when there are no others. */
void listener_get_reserve(struct listeners *all);

#endif
