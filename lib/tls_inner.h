/*
 * tls_inner.h - what the files of lib/tls share; for nobody else.
 *
 * tls_context.c reads files, tls_allow.c knows who may come, tls.c moves the
 * bytes of connections, tls_peer.c looks at a server.
 */
#ifndef ST_TLS_INNER_H
#define ST_TLS_INNER_H

#include "lib/tls.h"

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/hash.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

/* A row of the allow-list, compiled. */
struct tls_row {
	const char *san;
	int kind; /* enum san_kind of tls_allow.c */
	bool by_fingerprint;
	unsigned char fingerprint[SHA256_SIZE];
	const char **tags;
	size_t n_tags;
};

struct tls_context {
	atomic_uint refs;
	SSL_CTX *ssl;
	struct arena arena;
	struct tls_row *rows;
	size_t n_rows;
	bool asks; /* for a client's certificate */
	int64_t expires, crl_expires;
};

struct tls {
	SSL *ssl;
	struct tls_context *context;
	int fd;
	/* What was read and libssl has not yet taken: in the caller's buffer,
	 * and only while tls_read() runs. */
	const char *in;
	size_t in_left;
	struct buf out; /* what the socket did not take */
	int row;        /* that let it in; -1: none */
	char *denied;   /* why it may not come; NULL: nothing was found */
	bool up, failed, gone /* nothing can be written any more */;
};

/* Copies and compiles the rows into the context. */
int tls_allow_compile(struct tls_context *ctx, const struct tls_options *o,
    struct err *e) ST_MUSTCHECK;
/* The first row that matches, or -1. */
int tls_allow_find(const struct tls_context *ctx, X509 *cert);
/* "SHA-256 8f...e1, names a.example, b.example": for a message. */
void tls_allow_describe(X509 *cert, struct buf *out);

/* For SSL_CTX_set_verify(): asks tls_allow_find() and fills in the rest of the
 * struct tls that is the session's application data. */
int tls_verify(int good, X509_STORE_CTX *store);

/* The first reason in this thread's queue, "unknown" without one; empties
 * the queue. */
const char *tls_reason(void);
/* Since 1970; INT64_MAX for a time that is none. */
int64_t tls_seconds(const ASN1_TIME *t);

#endif
