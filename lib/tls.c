/*
 * tls.c - the bytes of a TLS connection.
 *
 * See tls.h.  libssl is given no socket but a source and a sink of ours.  The
 * source is what one read() brought, so that a record costs no system calls
 * of its own; libssl takes all of it, for it keeps an unfinished record
 * itself.  The sink never says no: what the socket does not take is kept, so
 * that libssl never stops in the middle of what it was given.
 *
 * What came stands TLS_SLACK bytes behind the start of the caller's buffer,
 * and what it meant is written to its start: plain bytes are fewer than the
 * bytes taken and the one unfinished record before them, so that the writer
 * stays behind the reader.
 */
#include "config.h"

#include "lib/tls_inner.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- source and sink ---- */

static int
source_read(BIO *b, char *p, int n)
{
	struct tls *t = BIO_get_data(b);
	size_t some = t->in_left < (size_t)n ? t->in_left : (size_t)n;

	BIO_clear_retry_flags(b);
	if (some == 0) {
		BIO_set_retry_read(b);
		return -1;
	}
	/* They overlap only if libssl read into the caller's buffer itself. */
	memmove(p, t->in, some);
	t->in += some;
	t->in_left -= some;
	return (int)some;
}

/* As much as the socket takes.  When the peer is gone there is no use in
 * saying so: reading will tell, behind all that has come. */
static size_t
send_some(struct tls *t, const char *p, size_t n)
{
	ssize_t sent;

	do
		sent = send(t->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return (size_t)sent;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		t->gone = true;
	return 0;
}

static int
sink_write(BIO *b, const char *p, int n)
{
	struct tls *t = BIO_get_data(b);
	size_t sent = 0;

	BIO_clear_retry_flags(b);
	if (!t->gone && t->out.n == 0)
		sent = send_some(t, p, (size_t)n);
	if (!t->gone)
		buf_add(&t->out, p + sent, (size_t)n - sent);
	return t->out.failed || t->out.n > TLS_OUT_MAX ? -1 : n;
}

void
tls_flush(struct tls *t)
{
	if (t->out.n > 0 && !t->gone)
		buf_consume(&t->out, send_some(t, t->out.p, t->out.n));
	if (t->gone || t->out.n == 0)
		buf_release(&t->out);
}

static long
bio_ctrl(BIO *b, int what, long num, void *arg)
{
	(void)b;
	(void)num;
	(void)arg;
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method;

/* Made once and never given back: connections of any thread share it. */
static void
make_method(void)
{
	BIO_METHOD *m = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stsentry");

	if (!m || BIO_meth_set_read(m, source_read) != 1 ||
	    BIO_meth_set_write(m, sink_write) != 1 ||
	    BIO_meth_set_ctrl(m, bio_ctrl) != 1) {
		BIO_meth_free(m);
		return;
	}
	method = m;
}

static bool
give_bio(struct tls *t)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	BIO *b;

	pthread_once(&once, make_method);
	b = method ? BIO_new(method) : NULL;
	if (!b)
		return false;
	BIO_set_data(b, t);
	BIO_set_init(b, 1);
	SSL_set_bio(t->ssl, b, b);
	return true;
}

/* ---- life ---- */

struct tls *
tls_new(struct tls_context *ctx, int fd)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fd = fd;
	t->row = -1;
	t->context = tls_context_ref(ctx);
	t->ssl = SSL_new(ctx->ssl);
	if (!t->ssl || !give_bio(t)) {
		tls_reason();
		tls_free(t);
		return NULL;
	}
	SSL_set_app_data(t->ssl, t);
	SSL_set_accept_state(t->ssl);
	return t;
}

void
tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	tls_context_unref(t->context);
	buf_release(&t->out);
	free(t->denied);
	free(t);
}

void
tls_bye(struct tls *t)
{
	if (!t->up || t->failed || t->gone)
		return;
	ERR_clear_error();
	SSL_shutdown(t->ssl);
	tls_flush(t);
	ERR_clear_error();
}

/* ---- what went wrong ---- */

/* Reasons of libssl that say little to an operator. */
static const struct {
	int reason;
	const char *text;
} words[] = {
	{ SSL_R_HTTP_REQUEST, "the peer speaks HTTP, not TLS" },
	{ SSL_R_HTTPS_PROXY_REQUEST, "the peer speaks HTTP, not TLS" },
	{ SSL_R_WRONG_VERSION_NUMBER, "the peer does not speak TLS" },
	{ SSL_R_BAD_RECORD_TYPE, "the peer does not speak TLS" },
	{ SSL_R_RECORD_LENGTH_MISMATCH, "the peer does not speak TLS" },
	{ SSL_R_UNSUPPORTED_PROTOCOL, "the peer's TLS version is too old" },
	{ SSL_R_VERSION_TOO_LOW, "the peer's TLS version is too old" },
	{ SSL_R_NO_SHARED_CIPHER, "no cipher that both know" },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
	    "the peer showed no certificate" },
};

static const char *
ssl_reason(void)
{
	unsigned long code = ERR_peek_error();

	if (ERR_GET_LIB(code) == ERR_LIB_SSL)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (ERR_GET_REASON(code) == words[i].reason) {
				ERR_clear_error();
				return words[i].text;
			}
	return tls_reason();
}

/* Alerts are told as they came: "tlsv1 alert unknown ca". */
static enum tls_state
fail(struct tls *t, struct err *e)
{
	const char *reason = ssl_reason();

	if (t->out.n > TLS_OUT_MAX)
		reason = "the peer does not read our answers";
	if (t->denied)
		reason = t->denied;
	err_set(e, ST_EFORMAT, "%s: %s",
	    t->up ? "broken TLS" : "handshake failed", reason);
	t->failed = true;
	return TLS_FAILED;
}

/* ---- reading ---- */

/* libssl has called it good; that it asked at all is looked at once more. */
static bool
is_welcome(struct tls *t)
{
	if (!t->context->asks)
		return true;
	if (SSL_get_verify_result(t->ssl) == X509_V_OK &&
	    SSL_get0_peer_certificate(t->ssl) &&
	    (t->context->n_rows == 0 || t->row >= 0))
		return true;
	if (!t->denied)
		t->denied = strdup("its certificate was not checked");
	return false;
}

static enum tls_state
shake_hands(struct tls *t, struct err *e)
{
	int good = SSL_accept(t->ssl);

	if (good != 1)
		return SSL_get_error(t->ssl, good) == SSL_ERROR_WANT_READ
		    ? TLS_WAITS
		    : fail(t, e);
	if (!is_welcome(t))
		return fail(t, e);
	t->up = true;
	return TLS_MORE;
}

/* Undo what stands in the source, to the start of the caller's buffer. */
static enum tls_state
take_all(struct tls *t, char *buf, size_t *n, struct err *e)
{
	enum tls_state state = TLS_MORE;

	ERR_clear_error();
	if (!t->up)
		state = shake_hands(t, e);
	while (state == TLS_MORE) {
		size_t room = (size_t)(t->in - buf) - *n, some;
		int good = SSL_read_ex(t->ssl, buf + *n, room, &some);

		if (good == 1) {
			*n += some;
			continue;
		}
		switch (SSL_get_error(t->ssl, good)) {
		case SSL_ERROR_WANT_READ:
			state = TLS_WAITS;
			break;
		case SSL_ERROR_ZERO_RETURN:
			state = TLS_ENDED;
			break;
		default:
			state = fail(t, e);
		}
	}
	return state;
}

static ssize_t
read_some(int fd, char *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n;
}

enum tls_state
tls_read(
    struct tls *t, char *buf, size_t size, struct tls_io *io, struct err *e)
{
	enum tls_state state;
	ssize_t got;

	assert(size > TLS_SLACK);
	*io = (struct tls_io){ 0, 0 };
	tls_flush(t);
	got = read_some(t->fd, buf + TLS_SLACK, size - TLS_SLACK);
	if (got == 0)
		return TLS_CUT;
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return TLS_WAITS;
	if (got < 0) {
		err_set(e, ST_EIO, "%s", strerror(errno));
		t->failed = true;
		return TLS_FAILED;
	}
	t->in = buf + TLS_SLACK;
	t->in_left = io->raw = (size_t)got;
	state = take_all(t, buf, &io->n, e);
	t->in = NULL;
	t->in_left = 0;
	if (state == TLS_WAITS && io->raw == size - TLS_SLACK)
		state = TLS_MORE;
	return state;
}

/* ---- writing ---- */

int
tls_write(struct tls *t, const void *p, size_t n, size_t *taken)
{
	*taken = 0;
	if (!t->up || t->failed)
		return ST_EIO;
	tls_flush(t);
	if (t->out.n == 0 && !t->gone && n > 0) {
		ERR_clear_error();
		/* One record at a time bounds what is kept for the socket. */
		if (n > SSL3_RT_MAX_PLAIN_LENGTH)
			n = SSL3_RT_MAX_PLAIN_LENGTH;
		if (SSL_write_ex(t->ssl, p, n, taken) != 1) {
			tls_reason();
			t->failed = true;
			return ST_EIO;
		}
	}
	return t->gone ? ST_EIO : 0;
}

/* ---- asking ---- */

bool
tls_wants_write(const struct tls *t)
{
	return t->out.n > 0 && !t->gone;
}

bool
tls_is_up(const struct tls *t)
{
	return t->up;
}

const char *const *
tls_tags(const struct tls *t, size_t *n)
{
	const struct tls_row *row = t->up && t->row >= 0
	    ? &t->context->rows[t->row]
	    : NULL;

	*n = row ? row->n_tags : 0;
	return row ? row->tags : NULL;
}

const char *
tls_describe(const struct tls *t, char *text, size_t size)
{
	snprintf(text, size, "%s %s", SSL_get_version(t->ssl),
	    SSL_get_cipher_name(t->ssl));
	return text;
}
