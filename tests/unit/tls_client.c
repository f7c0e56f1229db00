/*
 * tls_client.c - the other end of a TLS connection, for tests.
 *
 * See tls_client.h.
 */
#include "tests/unit/tls_client.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
show(SSL_CTX *ctx, const struct client_about *about)
{
	char path[512];

	if (!about->name)
		return true;
	snprintf(path, sizeof(path), "%s/%s.pem", about->dir, about->name);
	if (SSL_CTX_use_certificate_chain_file(ctx, path) != 1)
		return false;
	snprintf(path, sizeof(path), "%s/%s.key", about->dir, about->name);
	return SSL_CTX_use_PrivateKey_file(ctx, path, SSL_FILETYPE_PEM) == 1;
}

bool
client_init(struct tls_client *c, const struct client_about *about)
{
	int fd[2];

	memset(c, 0, sizeof(*c));
	if (socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) < 0)
		return false;
	c->own = fd[0];
	c->fd = fd[1];
	c->ctx = SSL_CTX_new(TLS_client_method());
	if (!c->ctx)
		return false;
	/* So that versions can be offered that are no longer good. */
	SSL_CTX_set_security_level(c->ctx, 0);
	SSL_CTX_set_min_proto_version(c->ctx, about->min ? about->min : 0);
	SSL_CTX_set_max_proto_version(c->ctx, about->max ? about->max : 0);
	SSL_CTX_set_verify(c->ctx, SSL_VERIFY_NONE, NULL);
	if (!show(c->ctx, about))
		return false;
	c->ssl = SSL_new(c->ctx);
	return c->ssl && SSL_set_fd(c->ssl, c->own) == 1;
}

void
client_release(struct tls_client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	client_close(c);
	if (c->fd >= 0)
		close(c->fd);
	ERR_clear_error();
}

bool
client_step(struct tls_client *c)
{
	int good;

	if (c->failed || client_is_up(c))
		return false;
	ERR_clear_error();
	good = SSL_connect(c->ssl);
	if (good != 1 && SSL_get_error(c->ssl, good) != SSL_ERROR_WANT_READ)
		c->failed = true;
	return good != 1 && !c->failed;
}

bool
client_is_up(const struct tls_client *c)
{
	return SSL_is_init_finished(c->ssl) == 1;
}

bool
client_write(struct tls_client *c, const void *p, size_t n)
{
	size_t wrote = 0;

	ERR_clear_error();
	return SSL_write_ex(c->ssl, p, n, &wrote) == 1 && wrote == n;
}

void
client_bye(struct tls_client *c)
{
	ERR_clear_error();
	SSL_shutdown(c->ssl);
	shutdown(c->own, SHUT_WR);
}

void
client_close(struct tls_client *c)
{
	if (c->own >= 0)
		close(c->own);
	c->own = -1;
}

size_t
client_unread(const struct tls_client *c)
{
	int n = 0;

	return ioctl(c->own, FIONREAD, &n) < 0 || n < 0 ? 0 : (size_t)n;
}
