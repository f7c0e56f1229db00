/*
 * tls_context.c - what a server has: certificate, key, authorities, CRL.
 *
 * See lib/tls.h.  Reads files, blocking, on the thread that calls.  A context
 * never changes once made: new files make a new one.
 */
#include "config.h"

#include "lib/tls_inner.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Without ephemeral keys a stolen key reads what was recorded; without AEAD
 * a TLS 1.2 record is open to padding attacks. */
#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL"

const char *
tls_library_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

const char *
tls_reason(void)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return reason ? reason : "unknown";
}

static int
failed(struct err *e, const char *what, const char *path)
{
	unsigned long code = ERR_peek_error();

	/* The system's own reason is a number of errno. */
	if (ERR_SYSTEM_ERROR(code)) {
		ERR_clear_error();
		return err_set(e, ST_EIO, "%s %s: %s", what, path,
		    strerror(ERR_GET_REASON(code)));
	}
	return err_set(e, ST_EFORMAT, "%s %s: %s", what, path, tls_reason());
}

/* A key that is encrypted cannot be asked for: there may be no terminal. */
static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static SSL_CTX *
make_ssl(enum tls_version min)
{
	SSL_CTX *s = SSL_CTX_new(TLS_server_method());

	if (!s)
		return NULL;
	SSL_CTX_set_options(s,
	    SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(s, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(s, 0);
	SSL_CTX_set_max_early_data(s, 0);
	SSL_CTX_set_mode(s, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(s, 0);
	SSL_CTX_set_default_passwd_cb(s, no_password);
	SSL_CTX_set_dh_auto(s, 1);
	if (!SSL_CTX_set_min_proto_version(
		s, min == TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION) ||
	    !SSL_CTX_set_cipher_list(s, CIPHERS_1_2)) {
		SSL_CTX_free(s);
		return NULL;
	}
	return s;
}

/* ---- our certificate ---- */

int64_t
tls_seconds(const ASN1_TIME *t)
{
	struct tm tm;

	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return INT64_MAX;
	return (int64_t)timegm(&tm);
}

static void
note_end(int64_t *earliest, const ASN1_TIME *t)
{
	int64_t at = tls_seconds(t);

	if (at < *earliest)
		*earliest = at;
}

static int
load_pair(struct tls_context *ctx, const struct tls_options *o, struct err *e)
{
	STACK_OF(X509) *chain = NULL;

	if (SSL_CTX_use_certificate_chain_file(ctx->ssl, o->cert) != 1)
		return failed(e, "cert", o->cert);
	if (SSL_CTX_use_PrivateKey_file(ctx->ssl, o->key, SSL_FILETYPE_PEM) !=
	    1)
		return failed(e, "key", o->key);
	if (SSL_CTX_check_private_key(ctx->ssl) != 1)
		return failed(e, "key", o->key);
	note_end(&ctx->expires,
	    X509_get0_notAfter(SSL_CTX_get0_certificate(ctx->ssl)));
	SSL_CTX_get0_chain_certs(ctx->ssl, &chain);
	for (int i = 0; i < sk_X509_num(chain); i++)
		note_end(
		    &ctx->expires, X509_get0_notAfter(sk_X509_value(chain, i)));
	return 0;
}

/* ---- the clients' ---- */

static int
load_client_ca(struct tls_context *ctx, const char *path, struct err *e)
{
	STACK_OF(X509_NAME) * names;

	if (SSL_CTX_load_verify_locations(ctx->ssl, path, NULL) != 1)
		return failed(e, "client_ca", path);
	names = SSL_load_client_CA_file(path);
	if (!names)
		return failed(e, "client_ca", path);
	SSL_CTX_set_client_CA_list(ctx->ssl, names);
	/* Those that are named are trusted, roots or not. */
	X509_STORE_set_flags(
	    SSL_CTX_get_cert_store(ctx->ssl), X509_V_FLAG_PARTIAL_CHAIN);
	SSL_CTX_set_verify(ctx->ssl,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, tls_verify);
	ctx->asks = true;
	return 0;
}

/* Every CRL of an open file; how many there were, -1: one is broken. */
static int
add_crls(struct tls_context *ctx, BIO *file)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx->ssl);
	X509_CRL *crl;
	int n = 0, good = 1;

	ERR_clear_error();
	while (good == 1 &&
	    (crl = PEM_read_bio_X509_CRL(file, NULL, NULL, NULL)) != NULL) {
		note_end(&ctx->crl_expires, X509_CRL_get0_nextUpdate(crl));
		good = X509_STORE_add_crl(store, crl);
		X509_CRL_free(crl);
		n++;
	}
	/* Where PEM ends there is "no start line". */
	if (good == 1 &&
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE &&
	    n > 0) {
		ERR_clear_error();
		return n;
	}
	return -1;
}

static int
load_crl(struct tls_context *ctx, const char *path, struct err *e)
{
	BIO *file = BIO_new_file(path, "r");
	int n = file ? add_crls(ctx, file) : -1;

	BIO_free(file);
	if (n < 0)
		return failed(e, "crl", path);
	X509_STORE_set_flags(SSL_CTX_get_cert_store(ctx->ssl),
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return 0;
}

/* ---- life ---- */

static int
load(struct tls_context *ctx, const struct tls_options *o, struct err *e)
{
	int err;

	ctx->ssl = make_ssl(o->min);
	if (!ctx->ssl)
		return err_set(
		    e, ST_ENOMEM, "cannot set up TLS: %s", tls_reason());
	err = load_pair(ctx, o, e);
	if (err == 0 && o->client_ca)
		err = load_client_ca(ctx, o->client_ca, e);
	if (err == 0 && o->crl)
		err = load_crl(ctx, o->crl, e);
	return err < 0 ? err : tls_allow_compile(ctx, o, e);
}

int
tls_context_new(
    const struct tls_options *o, struct tls_context **result, struct err *e)
{
	struct tls_context *ctx = calloc(1, sizeof(*ctx));
	int err;

	if (!ctx)
		return err_set(e, ST_ENOMEM, "out of memory");
	atomic_init(&ctx->refs, 1);
	arena_init(&ctx->arena, 512);
	ctx->expires = ctx->crl_expires = INT64_MAX;
	ERR_clear_error();
	if ((o->crl || o->n_allow > 0) && !o->client_ca)
		err = err_set(e, ST_EINVAL,
		    "without client_ca nobody is asked "
		    "for a certificate");
	else
		err = load(ctx, o, e);
	ERR_clear_error();
	if (err < 0)
		tls_context_unref(ctx);
	else
		*result = ctx;
	return err;
}

struct tls_context *
tls_context_ref(struct tls_context *ctx)
{
	atomic_fetch_add(&ctx->refs, 1);
	return ctx;
}

void
tls_context_unref(struct tls_context *ctx)
{
	if (!ctx || atomic_fetch_sub(&ctx->refs, 1) > 1)
		return;
	SSL_CTX_free(ctx->ssl);
	arena_release(&ctx->arena);
	free(ctx);
}

int64_t
tls_context_expires(const struct tls_context *ctx)
{
	return ctx->expires;
}

int64_t
tls_context_crl_expires(const struct tls_context *ctx)
{
	return ctx->crl_expires;
}
