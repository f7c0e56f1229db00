/*
 * secure.c - the client's side of TLS; knows libssl.
 *
 * See secure.h.  Sockets do not block.
 */
#include "outputs/syslog/secure.h"

#include <arpa/inet.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct secure {
	SSL_CTX *ctx;
};

struct secure_link {
	SSL *ssl;
};

static const char *
reason(void)
{
	unsigned long code = ERR_get_error();
	const char *text = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return text ? text : "unknown";
}

/* A key that is encrypted cannot be asked for: there may be no terminal. */
static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static bool
load(SSL_CTX *ctx, const struct secure_files *f, const char **what)
{
	*what = f->ca ? f->ca : "the system's authorities";
	if (f->ca ? SSL_CTX_load_verify_file(ctx, f->ca) != 1
		  : SSL_CTX_set_default_verify_paths(ctx) != 1)
		return false;
	*what = f->cert;
	if (f->cert && SSL_CTX_use_certificate_chain_file(ctx, f->cert) != 1)
		return false;
	*what = f->key;
	return !f->key ||
	    (SSL_CTX_use_PrivateKey_file(ctx, f->key, SSL_FILETYPE_PEM) == 1 &&
		SSL_CTX_check_private_key(ctx) == 1);
}

struct secure *
secure_new(const struct secure_files *f, struct stsentry_why *why)
{
	struct secure *s = calloc(1, sizeof(*s));
	const char *what = "TLS";

	if (s)
		s->ctx = SSL_CTX_new(TLS_client_method());
	if (s && s->ctx) {
		SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION);
		SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_default_passwd_cb(s->ctx, no_password);
		SSL_CTX_set_mode(s->ctx,
		    SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			SSL_MODE_RELEASE_BUFFERS);
		if (load(s->ctx, f, &what))
			return s;
	}
	snprintf(
	    why->text, sizeof(why->text), "cannot use %s: %s", what, reason());
	secure_free(s);
	return NULL;
}

void
secure_free(struct secure *s)
{
	if (!s)
		return;
	SSL_CTX_free(s->ctx);
	free(s);
}

/* The certificate must be this name's, or this address's. */
static bool
expect(SSL *ssl, const char *name)
{
	unsigned char a[16];

	if (inet_pton(AF_INET, name, a) == 1 ||
	    inet_pton(AF_INET6, name, a) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(
			   SSL_get0_param(ssl), name) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) == 1 &&
	    SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct secure_link *
secure_open(const struct secure *s, int fd, const char *name)
{
	struct secure_link *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->ssl = SSL_new(s->ctx);
	if (t->ssl && SSL_set_fd(t->ssl, fd) == 1 && expect(t->ssl, name)) {
		SSL_set_connect_state(t->ssl);
		return t;
	}
	ERR_clear_error();
	secure_close(t);
	return NULL;
}

void
secure_close(struct secure_link *t)
{
	if (!t)
		return;
	if (t->ssl && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	free(t);
}

static enum secure_state
state_of(const struct secure_link *t, int ret)
{
	switch (SSL_get_error(t->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return SECURE_READS;
	case SSL_ERROR_WANT_WRITE:
		return SECURE_WRITES;
	case SSL_ERROR_ZERO_RETURN:
		return SECURE_DONE;
	default:
		return SECURE_FAILED;
	}
}

enum secure_state
secure_shake(struct secure_link *t, struct stsentry_why *why)
{
	enum secure_state state;
	long verdict;
	int ret;

	ERR_clear_error();
	ret = SSL_do_handshake(t->ssl);
	if (ret == 1)
		return SECURE_DONE;
	state = state_of(t, ret);
	if (state != SECURE_FAILED && state != SECURE_DONE)
		return state;
	verdict = SSL_get_verify_result(t->ssl);
	snprintf(why->text, sizeof(why->text), "TLS: %s",
	    verdict != X509_V_OK   ? X509_verify_cert_error_string(verdict)
		: ERR_peek_error() ? reason()
				   : "the server ended the handshake");
	ERR_clear_error();
	return SECURE_FAILED;
}

ssize_t
secure_write(
    struct secure_link *t, const void *p, size_t n, enum secure_state *state)
{
	int ret;

	ERR_clear_error();
	ret = SSL_write(t->ssl, p, n < INT_MAX ? (int)n : INT_MAX);
	if (ret > 0)
		return ret;
	*state = state_of(t, ret);
	ERR_clear_error();
	return *state == SECURE_READS || *state == SECURE_WRITES ? 0 : -1;
}

ssize_t
secure_read(struct secure_link *t, void *p, size_t n, enum secure_state *state)
{
	int ret;

	ERR_clear_error();
	ret = SSL_read(t->ssl, p, n < INT_MAX ? (int)n : INT_MAX);
	if (ret > 0)
		return ret;
	*state = state_of(t, ret);
	ERR_clear_error();
	return *state == SECURE_FAILED ? -1 : 0;
}
