/*
 * wire.c - the bytes of one connection, in plain or over TLS.
 *
 * See wire.h.  A row of functions for each kind; what a plain connection need
 * not do is answered here.
 */
#include "collector/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct wire_kind {
	enum wire_state (*read)(struct wire *w, char *buf, size_t size,
	    struct wire_io *io, struct err *e);
	ssize_t (*write)(struct wire *w, const void *p, size_t n);
	void (*bye)(struct wire *w);
};

/* ---- plain ---- */

static enum wire_state
plain_read(
    struct wire *w, char *buf, size_t size, struct wire_io *io, struct err *e)
{
	ssize_t n;

	do
		n = read(w->fd, buf, size);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return WIRE_ENDED;
	if (n < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return WIRE_WAITS;
		err_set(e, ST_EIO, "%s", strerror(errno));
		return WIRE_FAILED;
	}
	io->n = io->raw = (size_t)n;
	return io->n < size ? WIRE_WAITS : WIRE_MORE;
}

static ssize_t
plain_write(struct wire *w, const void *p, size_t n)
{
	ssize_t sent;

	do
		sent = send(w->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : ST_EIO;
}

static void
plain_bye(struct wire *w)
{
	(void)w;
}

static const struct wire_kind plain = { plain_read, plain_write, plain_bye };

/* ---- TLS ---- */

static enum wire_state
over_tls_read(
    struct wire *w, char *buf, size_t size, struct wire_io *io, struct err *e)
{
	static const enum wire_state states[] = {
		[TLS_WAITS] = WIRE_WAITS,
		[TLS_MORE] = WIRE_MORE,
		[TLS_ENDED] = WIRE_ENDED,
		[TLS_CUT] = WIRE_CUT,
		[TLS_FAILED] = WIRE_FAILED,
	};
	struct tls_io got;
	enum tls_state state = tls_read(w->tls, buf, size, &got, e);

	io->n = got.n;
	io->raw = got.raw;
	return states[state];
}

static ssize_t
over_tls_write(struct wire *w, const void *p, size_t n)
{
	size_t taken;

	return tls_write(w->tls, p, n, &taken) < 0 ? ST_EIO : (ssize_t)taken;
}

static void
over_tls_bye(struct wire *w)
{
	tls_bye(w->tls);
}

static const struct wire_kind over_tls = { over_tls_read, over_tls_write,
	over_tls_bye };

/* ---- both ---- */

void
wire_init_plain(struct wire *w, int fd)
{
	*w = (struct wire){ &plain, fd, NULL };
}

int
wire_init_tls(struct wire *w, int fd, struct tls_context *ctx)
{
	struct tls *t = tls_new(ctx, fd);

	if (!t)
		return ST_ENOMEM;
	*w = (struct wire){ &over_tls, fd, t };
	return 0;
}

void
wire_release(struct wire *w)
{
	tls_free(w->tls);
	w->tls = NULL;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

enum wire_state
wire_read(
    struct wire *w, char *buf, size_t size, struct wire_io *io, struct err *e)
{
	*io = (struct wire_io){ 0, 0 };
	return w->kind->read(w, buf, size, io, e);
}

ssize_t
wire_write(struct wire *w, const void *p, size_t n)
{
	return n > 0 ? w->kind->write(w, p, n) : 0;
}

bool
wire_wants_write(const struct wire *w)
{
	return w->tls && tls_wants_write(w->tls);
}

void
wire_flush(struct wire *w)
{
	if (w->tls)
		tls_flush(w->tls);
}

void
wire_bye(struct wire *w)
{
	w->kind->bye(w);
	shutdown(w->fd, SHUT_WR);
}

bool
wire_is_up(const struct wire *w)
{
	return !w->tls || tls_is_up(w->tls);
}

bool
wire_is_tls(const struct wire *w)
{
	return w->tls != NULL;
}

const char *const *
wire_tags(const struct wire *w, size_t *n)
{
	*n = 0;
	return w->tls ? tls_tags(w->tls, n) : NULL;
}

const char *
wire_describe(const struct wire *w, char *text, size_t size)
{
	if (w->tls)
		return tls_describe(w->tls, text, size);
	snprintf(text, size, "plain");
	return text;
}
