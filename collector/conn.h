/*
 * conn.h - one accepted connection: its wire, where it came from, its name.
 *
 *     err = conn_new(&about, &c);              // owns about.fd from now
 *     state = wire_read(conn_wire(c), ...);
 *     conn_free(c);
 *
 * What is said over it is the business of its kind (client.h): stream.c,
 * http.  Knows no loop and no thread; whoever uses it must be one at a time.
 */
#ifndef ST_CONN_H
#define ST_CONN_H

#include "collector/wire.h"
#include "geo/addr.h"

struct client_kind;
struct peers;

struct conn_about {
	int fd;         /* non-blocking */
	unsigned input; /* index into the configuration's inputs */
	uint64_t id;
	const struct client_kind *kind; /* what is said over it */
	const char *name;               /* "tcp", for messages */
	const char *who;                /* NULL: peer and port */
	struct tls_context *tls;        /* NULL: plain */
	struct addr peer;
	uint16_t port;
	/* Where it was counted as coming; held, and it is counted as gone when
	 * freed.  May be NULL. */
	struct peers *peers;
};

enum conn_state {
	CONN_WAITS,  /* nothing more to read now */
	CONN_MORE,   /* there may be: come back, others are waiting */
	CONN_ENDED,  /* all is said */
	CONN_FAILED, /* broken, or its bytes can no longer be told apart */
};

struct conn;
/* NULL without memory: the descriptor is still the caller's. */
struct conn *conn_new(const struct conn_about *a);
/* Closes the descriptor.  Any thread. */
void conn_free(struct conn *c);

struct wire *conn_wire(struct conn *c);
int conn_fd(const struct conn *c);
unsigned conn_input(const struct conn *c);
/* Another configuration counts its inputs anew. */
void conn_set_input(struct conn *c, unsigned input);
/* Its handshake has been seen to be over. */
void conn_shaken(struct conn *c);
uint64_t conn_id(const struct conn *c);
const struct client_kind *conn_kind(const struct conn *c);
/* "conn 17 tcp 198.51.100.7:4431" */
const char *conn_label(const struct conn *c);

#endif
