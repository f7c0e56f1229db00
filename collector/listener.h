/*
 * listener.h - the doors: listening sockets and who is let in.
 *
 *     struct listeners *l;
 *     err = listeners_open(config, loop, &calls, arg, &l, &e);  // binds
 *     listeners_tell(l, &buf);            // "127.0.0.1:6514, [::1]:6514"
 *     err = listeners_update(l, new_config, map, &e);   // all, or nothing
 *     listeners_accept_rest(l);           // before the end: who waits already
 *     listeners_close(l);
 *
 * Accepts in the main loop and gives each connection away at once.  Refuses
 * (accepts and closes) what is over max_connections or max_per_peer of its
 * input.  When descriptors are short it lets callers wait in the kernel's
 * queue, asks for idle connections to be closed, and refuses only after
 * LISTENER_PATIENCE_MS without any progress, by the one descriptor that it
 * keeps in reserve.  While as many TLS handshakes as may be are under way
 * callers wait in the kernel's queue; when none ends for that long, the
 * longest are sent away.  Certificates are looked at each minute and read again
 * where their files have changed.  Main thread.
 */
#ifndef ST_LISTENER_H
#define ST_LISTENER_H

#include "conf/config.h"
#include "lib/loop.h"

#define LISTENER_ACCEPTS_MAX 64 /* in one turn */
#define LISTENER_RETRY_MS 50
#define LISTENER_PATIENCE_MS 1000
#define LISTENER_CERTS_MS 60000

struct conn;

struct listener_calls {
	/* Takes the connection. */
	void (*give)(void *arg, struct conn *c);
	/* Descriptors are short: close what is idle. */
	void (*press)(void *arg);
	/* Handshakes are short: close those that last too long. */
	void (*hurry)(void *arg);
};

struct listener_counts {
	uint64_t accepted;
	uint64_t refused_connections; /* over max_connections */
	uint64_t refused_peer;        /* over max_per_peer */
	uint64_t refused_descriptors;
	uint64_t refused_memory;
	uint64_t waits; /* times that callers waited for handshakes to end */
};

struct listeners;
/* Of all inputs that listen; none is fine.  The configuration is used until
 * the next one, or the end. */
int listeners_open(const struct config *c, struct loop *loop,
    const struct listener_calls *calls, void *arg, struct listeners **result,
    struct err *e) ST_MUSTCHECK;
/* Stop accepting.  Connections still know their counts: free comes last. */
void listeners_close(struct listeners *l);
void listeners_free(struct listeners *l);

/*
 * Another configuration: sockets stay where their address does, new ones are
 * opened first, then those that are gone are closed.  On failure nothing has
 * changed.  Connections stay, too: map[old input] is its new index for each
 * input of the old configuration, LISTENER_GONE where nothing listens there
 * any more; give it to worker_reload() before the loop turns again.
 */
#define LISTENER_GONE ((unsigned)-1)
int listeners_update(struct listeners *l, const struct config *c, unsigned *map,
    struct err *e) ST_MUSTCHECK;

/* What listeners_open() would read, is it good?  Binds nothing. */
int listeners_check(const struct config *c, struct err *e) ST_MUSTCHECK;

/* Read all of them again; those that changed.  Where one cannot be used the
 * old ones stay, and it is said. */
void listeners_renew_certificates(struct listeners *l);
void listeners_look_at_certificates(struct listeners *l);

struct listener_status {
	size_t connections, shaking;
	uint64_t accepted, refused, handshakes_failed;
	/* Seconds since 1970; INT64_MAX: none. */
	int64_t cert_expires, crl_expires;
	bool certs_stale; /* what is in the files cannot be used */
};
/* False for an input that does not listen. */
bool listeners_input_status(
    const struct listeners *l, unsigned input, struct listener_status *s);

void listeners_accept_rest(struct listeners *l);
size_t listeners_count(const struct listeners *l);
void listeners_tell(const struct listeners *l, struct buf *out);
/* The port of the i-th socket. */
uint16_t listeners_port(const struct listeners *l, size_t i);
const struct listener_counts *listeners_counts(const struct listeners *l);

#endif
