/*
 * wire.h - the bytes of one connection, in plain or over TLS.
 *
 *     struct wire w;
 *     wire_init_plain(&w, fd);                 // or
 *     err = wire_init_tls(&w, fd, context);    // fd is the wire's from now
 *     switch (wire_read(&w, buf, size, &io, &e)) ...  // when it is readable
 *     n = wire_write(&w, p, size);
 *     if (wire_wants_write(&w)) ...            // wire_flush() when it can be
 *     wire_bye(&w);
 *     wire_release(&w);
 *
 * What is different for each kind stands in one table.  Knows nothing of
 * frames or requests, no loop and no thread; one user at a time.
 */
#ifndef ST_WIRE_H
#define ST_WIRE_H

#include "lib/tls.h"

#include <sys/types.h>

/* The buffer given to wire_read() must be larger than this. */
#define WIRE_SLACK TLS_SLACK

enum wire_state {
	WIRE_WAITS,  /* nothing more to read now */
	WIRE_MORE,   /* there may be: the buffer was filled */
	WIRE_ENDED,  /* the peer has said that it is done */
	WIRE_CUT,    /* TLS: it ended without saying so */
	WIRE_FAILED, /* broken, or no peer for us; e says why */
};

struct wire_io {
	size_t n;   /* bytes for the caller, from the start of the buffer on */
	size_t raw; /* bytes that came */
};

struct wire_kind;
struct wire {
	const struct wire_kind *kind;
	int fd;
	struct tls *tls; /* NULL: plain */
};

void wire_init_plain(struct wire *w, int fd);
/* ST_ENOMEM: the descriptor is still the caller's. */
int wire_init_tls(struct wire *w, int fd, struct tls_context *ctx) ST_MUSTCHECK;
/* Closes the descriptor; once more is harmless. */
void wire_release(struct wire *w);

/* Reads once.  In every state io->n bytes may have been given, which came
 * before that state.  `e` is filled in for WIRE_FAILED only. */
enum wire_state wire_read(
    struct wire *w, char *buf, size_t size, struct wire_io *io, struct err *e);
/* How much of it was taken; 0: come back when it can be written; ST_EIO: the
 * peer is gone, or the handshake is not over. */
ssize_t wire_write(struct wire *w, const void *p, size_t n);
/* Something that was taken could not be written yet. */
bool wire_wants_write(const struct wire *w);
void wire_flush(struct wire *w);
/* Tell the peer that nothing will come from us, once nothing waits to be
 * written; it may go on sending. */
void wire_bye(struct wire *w);

/* Over TLS: the handshake is over, and the client is one that may come. */
bool wire_is_up(const struct wire *w);
bool wire_is_tls(const struct wire *w);
/* Accounts of the row that let it in; n 0: no row, or it has none. */
const char *const *wire_tags(const struct wire *w, size_t *n);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384"; "plain". */
const char *wire_describe(const struct wire *w, char *text, size_t size);

#endif
