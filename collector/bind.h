/*
 * bind.h - listening sockets of an address or a path.
 *
 *     struct bound b[BIND_MAX];
 *     err = bind_input(input_config, b, &n, &e);
 *     bind_close(&b[i]);
 *
 * A name may stand for more than one address (localhost).  Of a UNIX socket a
 * file that is left over is removed only if it is a socket and nobody answers
 * there; a link is not followed.  bind_close() removes it again, if it is
 * still ours.  Main thread.
 */
#ifndef ST_BIND_H
#define ST_BIND_H

#include "conf/config.h"
#include "geo/addr.h"

#include <sys/socket.h>
#include <sys/types.h>

#define BIND_MAX 16 /* sockets of one name */
#define BIND_BACKLOG 4096

struct bound {
	int fd; /* non-blocking; -1: none */
	struct addr addr;
	uint16_t port;
	char *path; /* UNIX; NULL: no such */
	dev_t dev;
	ino_t ino;
};

int bind_input(const struct input_config *in, struct bound v[BIND_MAX],
    size_t *n, struct err *e) ST_MUSTCHECK;
void bind_close(struct bound *b);
/* "127.0.0.1:6514", or the path. */
void bind_tell(const struct bound *b, struct buf *out);

/* The address of a peer; all zero where it has none (UNIX). */
void
bind_peer(const struct sockaddr_storage *sa, struct addr *a, uint16_t *port);

#endif
