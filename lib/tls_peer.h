/*
 * tls_peer.h - what certificate a server shows, for what a person runs.
 *
 *     struct tls_peer p;
 *     err = tls_peer_look("siem.example.com", "6514", NULL, &p, &e);
 *     ... p.problem, p.expires ...
 *
 * Connects, shakes hands whatever the certificate is, and says good-bye: nothing
 * is sent.  Not for the daemon: it blocks, TLS_PEER_TIMEOUT_S at most for each
 * step.
 */
#ifndef ST_TLS_PEER_H
#define ST_TLS_PEER_H

#include "lib/err.h"

#include <stdint.h>

#define TLS_PEER_TIMEOUT_S 10

struct tls_peer {
	int64_t expires;     /* the first of its chain; seconds since 1970 */
	const char *problem; /* why it is not to be trusted; NULL: it is */
};

/* `ca` NULL: the system's authorities.  ST_EIO: nobody answers with TLS. */
int tls_peer_look(const char *host, const char *port, const char *ca,
    struct tls_peer *result, struct err *e) ST_MUSTCHECK;

#endif
