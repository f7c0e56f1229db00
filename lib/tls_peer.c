/*
 * tls_peer.c - what certificate a server shows, for what a person runs.
 *
 * See tls_peer.h.  Main thread.
 */
#include "lib/tls_peer.h"

#include "lib/tls_inner.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int
connect_to(const struct addrinfo *a)
{
	const struct timeval patience = { .tv_sec = TLS_PEER_TIMEOUT_S };
	int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* The one for sending bounds connect(2), too. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
dial(const char *host, const char *port, int *result, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int code = getaddrinfo(host, port, &hints, &found), fd = -1, err = 0;

	if (code)
		return err_set(
		    e, ST_EIO, "cannot find %s: %s", host, gai_strerror(code));
	for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
		fd = connect_to(a);
	if (fd < 0)
		err = err_sys(e, "cannot connect to %s port %s", host, port);
	else
		*result = fd;
	freeaddrinfo(found);
	return err;
}

/* Its name or address is looked at with the rest, and ends nothing. */
static bool
expect(SSL *ssl, const char *host)
{
	unsigned char a[16];

	if (inet_pton(AF_INET, host, a) == 1 ||
	    inet_pton(AF_INET6, host, a) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(
			   SSL_get0_param(ssl), host) == 1;
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

static void
read_chain(SSL *ssl, struct tls_peer *p)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	long verdict = SSL_get_verify_result(ssl);

	*p = (struct tls_peer){ .expires = INT64_MAX };
	for (int i = 0; i < sk_X509_num(chain); i++) {
		int64_t at = tls_seconds(
		    X509_get0_notAfter(sk_X509_value(chain, i)));

		if (at < p->expires)
			p->expires = at;
	}
	if (verdict != X509_V_OK)
		p->problem = X509_verify_cert_error_string(verdict);
}

static int
shake(SSL_CTX *ctx, int fd, const char *host, struct tls_peer *p, struct err *e)
{
	SSL *ssl = SSL_new(ctx);
	int err = 0;

	if (!ssl || SSL_set_fd(ssl, fd) != 1 || !expect(ssl, host))
		err = err_set(e, ST_ENOMEM, "out of memory");
	else if (SSL_connect(ssl) != 1)
		err = err_set(e, ST_EIO, "%s does not answer with TLS: %s",
		    host, tls_reason());
	if (err == 0) {
		read_chain(ssl, p);
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	return err;
}

int
tls_peer_look(const char *host, const char *port, const char *ca,
    struct tls_peer *result, struct err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int fd = -1, err = ST_ENOMEM;

	if (!ctx) {
		err_set(e, ST_ENOMEM, "out of memory");
		goto out;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	if (ca ? SSL_CTX_load_verify_file(ctx, ca) != 1
	       : SSL_CTX_set_default_verify_paths(ctx) != 1) {
		err = err_set(e, ST_EIO, "cannot use %s: %s",
		    ca ? ca : "the system's authorities", tls_reason());
		goto out;
	}
	err = dial(host, port, &fd, e);
	if (err == 0)
		err = shake(ctx, fd, host, result, e);
out:
	if (fd >= 0)
		close(fd);
	SSL_CTX_free(ctx);
	return err;
}
