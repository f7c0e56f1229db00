/*
 * tls_client.h - the other end of a TLS connection, for tests.
 *
 *     struct tls_client c;
 *     client_init(&c, &(struct client_about){ .max = TLS1_3_VERSION });
 *     while (!client_is_up(&c)) ...      // client_step(), then the server's
 *     client_write(&c, p, n);
 *     client_release(&c);
 *
 * One half of a pair of sockets, non-blocking; c.fd is the other half, for the
 * server.  Does not look at the server's certificate.
 */
#ifndef ST_TEST_TLS_CLIENT_H
#define ST_TEST_TLS_CLIENT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct client_about {
	int min, max;     /* versions; 0: any */
	const char *dir;  /* with dir/NAME.pem and .key to show */
	const char *name; /* NULL: nothing to show */
};

struct tls_client {
	SSL_CTX *ctx;
	SSL *ssl;
	int own, fd; /* -1 once closed, or given away */
	bool failed;
};

bool client_init(struct tls_client *c, const struct client_about *about);
void client_release(struct tls_client *c);

/* Go on with the handshake; true while neither up nor failed. */
bool client_step(struct tls_client *c);
bool client_is_up(const struct tls_client *c);
/* All of it, or false. */
bool client_write(struct tls_client *c, const void *p, size_t n);
/* close_notify, and then nothing more is written. */
void client_bye(struct tls_client *c);
/* The socket is closed, whatever was said. */
void client_close(struct tls_client *c);
/* How many bytes have come to the client and were not read, by raw count. */
size_t client_unread(const struct tls_client *c);

#endif
