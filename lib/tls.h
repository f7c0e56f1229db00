/*
 * tls.h - TLS servers: our certificate, who may come, a connection's bytes.
 *
 * The only room that knows libssl; that it does is seen from no header.
 *
 *     struct tls_context *ctx;
 *     err = tls_context_new(&options, &ctx, &e);
 *     struct tls *t = tls_new(ctx, fd);         // of an accepted connection
 *     switch (tls_read(t, buf, size, &io, &e))  // when fd is readable
 *     ...
 *     tls_bye(t);
 *     tls_free(t);
 *     tls_context_unref(ctx);
 *
 * TLS 1.2 and 1.3, AEAD with ephemeral keys only.  No tickets, no sessions
 * kept, no renegotiation, no compression, no early data: after its part of
 * the handshake a server writes nothing, so a client that sends and closes at
 * once never gets a reset that destroys what it has sent.
 *
 * Who may come is decided inside the handshake.  With client_ca a client must
 * show a certificate of these authorities that is good today, is for clients,
 * and that the CRL does not name; with `allow` one of its rows must match.
 * Nothing that the client sends is given out before.
 *
 * A context may be used from any thread at once; a connection by one at a
 * time.
 */
#ifndef ST_TLS_H
#define ST_TLS_H

#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- who may come ---- */

/*
 * A row of the allow-list; where both are given both must hold.
 *
 * `san` is looked for in the subject alternative names of the certificate,
 * never in its subject:
 *     fwd-1.acme.com       a host name, as OpenSSL compares them: a wildcard
 *                          certificate for *.acme.com matches, one for
 *                          f*.acme.com does not
 *     198.51.100.7  ::1    an address
 *     ops@acme.com         an e-mail address
 *     spiffe://acme/fwd    a URI, to the byte
 *     fwd-*.acme.com       a pattern of ours for host names: each * stands for
 *                          one or more letters, digits, - or _, never for a
 *                          dot.  The last label has no *.  The certificate
 *                          must name such a host; that it is a wildcard
 *                          certificate itself is not enough
 */
struct tls_allow {
	const char *san; /* NULL: any */
	const char
	    *fingerprint; /* SHA-256 of the certificate in hex; NULL: any */
	const char *const *tags; /* what the caller knows of such a client */
	size_t n_tags;
};

/* Why this is no `san` as above; NULL: it is one. */
const char *tls_san_problem(const char *san);
/* Does the pattern stand for this host name?  Both as described. */
bool tls_pattern_matches(const char *pattern, const char *name, size_t n);

/* ---- contexts ---- */

enum tls_version { TLS_1_2, TLS_1_3 };

struct tls_options {
	const char *cert, *key;      /* PEM; cert with its chain behind it */
	const char *client_ca, *crl; /* PEM; NULL: nobody is asked; none */
	enum tls_version min;
	const struct tls_allow *allow; /* n_allow 0: all of client_ca */
	size_t n_allow;
};

struct tls_context;
/* Reads the files; copies the rest. */
int tls_context_new(const struct tls_options *o, struct tls_context **result,
    struct err *e) ST_MUSTCHECK;
struct tls_context *tls_context_ref(struct tls_context *ctx); /* any thread */
void tls_context_unref(struct tls_context *ctx);              /* any thread */

/* When our certificate, or one of its chain, is good no longer; when the CRL
 * is to be replaced, INT64_MAX without one.  Seconds since 1970. */
int64_t tls_context_expires(const struct tls_context *ctx);
int64_t tls_context_crl_expires(const struct tls_context *ctx);

/* Which row of `allow` lets this certificate (DER) in: its index, or -1.  Does
 * not ask whether it is genuine. */
int tls_context_row(const struct tls_context *ctx, const void *der, size_t n);

/* ---- connections ---- */

/* The buffer given to tls_read() must be larger than this. */
#define TLS_SLACK ((size_t)17408)
/* What the peer may leave unread of our handshake and answers. */
#define TLS_OUT_MAX ((size_t)256 << 10)

enum tls_state {
	TLS_WAITS,  /* nothing more to read now */
	TLS_MORE,   /* there may be: the buffer was filled */
	TLS_ENDED,  /* the peer has said that it is done */
	TLS_CUT,    /* the connection ended without that */
	TLS_FAILED, /* no peer for us; e says why */
};

struct tls_io {
	size_t n;   /* bytes for the caller, from the start of the buffer on */
	size_t raw; /* bytes that came */
};

struct tls;
/* Holds the context, not the descriptor, which must be a non-blocking socket.
 * NULL without memory. */
struct tls *tls_new(struct tls_context *ctx, int fd);
void tls_free(struct tls *t);

/*
 * Reads once, goes on with the handshake or undoes what came.  In every state
 * io->n bytes may have been given, which came before that state.  Of what
 * came nothing is left over in `buf`: many connections can share it.
 * An end before the handshake is TLS_CUT; `raw` tells who never said anything.
 */
enum tls_state tls_read(
    struct tls *t, char *buf, size_t size, struct tls_io *io, struct err *e);
/* Once it is up.  *taken may be less than n: 0 while what was taken before
 * waits for the peer to read.  ST_EIO when the peer is gone or was never up. */
int
tls_write(struct tls *t, const void *p, size_t n, size_t *taken) ST_MUSTCHECK;
/* Something of ours could not be written yet: call tls_flush() or tls_read()
 * when it can. */
bool tls_wants_write(const struct tls *t);
void tls_flush(struct tls *t);
/* The handshake is over, and the client is one that may come. */
bool tls_is_up(const struct tls *t);
/* The tags of the row that let it in; n 0 without such a row. */
const char *const *tls_tags(const struct tls *t, size_t *n);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384", once it is up. */
const char *tls_describe(const struct tls *t, char *text, size_t size);
/* Tell the peer that nothing will come from us, if it still listens. */
void tls_bye(struct tls *t);

/* For --version: "OpenSSL 3.0.19 27 Jan 2026". */
const char *tls_library_version(void);

#endif
