/*
 * link.c - a way to a server of lines: UDP, TCP, TLS or a UNIX socket.
 *
 * See link.h.  Knows sockets, and tries the addresses of a name one after
 * another.  What is written is the caller's.
 */
#include "config.h"

#include "outputs/syslog/link.h"

#include "outputs/syslog/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum phase { DOWN, RESOLVES, CONNECTS, SHAKES, UP };

struct link {
	const struct stsentry_host *host;
	struct link_about about;
	struct link_listener listener;
	const struct secure *secure;
	enum phase phase;
	struct resolve *resolve;
	struct stsentry_timer *soon;   /* what must not be said at once */
	struct addrinfo *found, *next; /* next: not tried yet */
	struct secure_link *tls;
	struct stsentry_watch *watch;
	int fd;
	bool datagram;
	char why[256];
};

static void on_soon(void *arg);

struct link *
link_new(const struct stsentry_host *host, const struct link_about *about,
    const struct link_listener *listener)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->host = host;
	l->about = *about;
	l->listener = *listener;
	l->fd = -1;
	l->soon = host->timer(host, on_soon, l);
	if (l->soon)
		return l;
	free(l);
	return NULL;
}

static void
drop_socket(struct link *l)
{
	secure_close(l->tls);
	l->tls = NULL;
	l->host->unwatch(l->watch);
	l->watch = NULL;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

void
link_stop(struct link *l)
{
	resolve_cancel(l->resolve);
	l->resolve = NULL;
	l->host->timer_set(l->soon, -1);
	drop_socket(l);
	if (l->found)
		freeaddrinfo(l->found);
	l->found = l->next = NULL;
	l->phase = DOWN;
}

void
link_free(struct link *l)
{
	if (!l)
		return;
	link_stop(l);
	l->host->timer_free(l->soon);
	free(l);
}

bool
link_is_up(const struct link *l)
{
	return l->phase == UP;
}

bool
link_is_started(const struct link *l)
{
	return l->phase != DOWN;
}

bool
link_is_datagram(const struct link *l)
{
	return l->datagram;
}

/* `text` may be l->why. */
static void
go_down(struct link *l, const char *text, bool torn)
{
	char why[sizeof(l->why)];

	snprintf(why, sizeof(why), "%s", text);
	link_stop(l);
	l->listener.on_down(l->listener.arg, why, torn);
}

/* ---- up ---- */

/* What comes is thrown away; false at its end. */
static bool
read_away(struct link *l)
{
	enum secure_state state = SECURE_READS;
	char bytes[4096];
	ssize_t n;

	do
		n = l->tls ? secure_read(l->tls, bytes, sizeof(bytes), &state)
			   : recv(l->fd, bytes, sizeof(bytes), 0);
	while (n > 0);
	if (l->tls)
		return n == 0 && state != SECURE_DONE;
	return (n == 0 && l->datagram) ||
	    (n < 0 &&
		(errno == EAGAIN || errno == EINTR ||
		    (l->datagram && errno == ECONNREFUSED)));
}

/* The peer has read all that it was sent, as far as a system can tell: it
 * ended the connection itself, and nothing was refused. */
static bool
is_torn(struct link *l)
{
	int code = 0;
	socklen_t n = sizeof(code);

	return errno == ECONNRESET ||
	    (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &code, &n) == 0 &&
		code != 0) ||
	    !link_is_drained(l);
}

static void
on_up_event(struct link *l, unsigned events)
{
	if (events & STSENTRY_READ) {
		errno = 0;
		if (!read_away(l)) {
			go_down(
			    l, "the server closed the connection", is_torn(l));
			return;
		}
	}
	if (events & STSENTRY_WRITE) {
		l->host->watch_for(l->watch, STSENTRY_READ);
		l->listener.on_ready(l->listener.arg);
	}
}

static void
come_up(struct link *l)
{
	l->phase = UP;
	l->host->watch_for(l->watch, STSENTRY_READ);
	l->listener.on_ready(l->listener.arg);
}

/* ---- on the way there ---- */

static void try_next(struct link *l);

static void
note(struct link *l, const char *what, const char *why)
{
	snprintf(l->why, sizeof(l->why), "%s %.100s: %.100s", what,
	    l->about.name, why);
}

static void
shake(struct link *l)
{
	struct stsentry_why why = { .text = "" };

	switch (secure_shake(l->tls, &why)) {
	case SECURE_DONE:
		come_up(l);
		return;
	case SECURE_READS:
		l->host->watch_for(l->watch, STSENTRY_READ);
		return;
	case SECURE_WRITES:
		l->host->watch_for(l->watch, STSENTRY_WRITE);
		return;
	case SECURE_FAILED:
		note(l, "cannot trust", why.text);
		try_next(l);
	}
}

static void
on_connected(struct link *l)
{
	int code = 0;
	socklen_t n = sizeof(code);

	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &code, &n) < 0)
		code = errno;
	if (code) {
		note(l, "cannot connect to", strerror(code));
		try_next(l);
		return;
	}
	if (l->about.kind != LINK_TLS) {
		come_up(l);
		return;
	}
	l->tls = secure_open(l->secure, l->fd, l->about.name);
	if (!l->tls) {
		note(l, "cannot begin TLS with", "out of memory");
		try_next(l);
		return;
	}
	l->phase = SHAKES;
	shake(l);
}

static void
on_event(void *arg, unsigned events)
{
	struct link *l = arg;

	if (l->phase == UP)
		on_up_event(l, events);
	else if (l->phase == SHAKES)
		shake(l);
	else
		on_connected(l);
}

/* False with the reason noted. */
static bool
connect_to(struct link *l, const struct sockaddr *a, socklen_t n, int type)
{
	int on = 1;

	l->fd = socket(a->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0 || (connect(l->fd, a, n) < 0 && errno != EINPROGRESS)) {
		note(l, "cannot connect to", strerror(errno));
		drop_socket(l);
		return false;
	}
	l->datagram = type == SOCK_DGRAM;
	if (type == SOCK_STREAM && a->sa_family != AF_UNIX) {
		setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		setsockopt(l->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	}
	l->phase = CONNECTS;
	l->watch = l->host->watch(l->host, l->fd, STSENTRY_WRITE, on_event, l);
	if (l->watch)
		return true;
	note(l, "cannot connect to", "out of memory");
	drop_socket(l);
	return false;
}

static void
try_next(struct link *l)
{
	drop_socket(l);
	while (l->next) {
		struct addrinfo *a = l->next;

		l->next = a->ai_next;
		if (connect_to(l, a->ai_addr, a->ai_addrlen, a->ai_socktype))
			return;
	}
	go_down(l, l->why, true);
}

static void
on_resolved(void *arg, struct addrinfo *found, const char *why)
{
	struct link *l = arg;

	l->resolve = NULL;
	l->found = l->next = found;
	note(l, "cannot find", why ? why : "it has no address");
	try_next(l);
}

/* A log daemon listens for messages, or for connections. */
static bool
connect_unix(struct link *l)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const struct sockaddr *sa = (const struct sockaddr *)(const void *)&a;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", l->about.name);
	return connect_to(l, sa, sizeof(a), SOCK_DGRAM) ||
	    connect_to(l, sa, sizeof(a), SOCK_STREAM);
}

static void
on_soon(void *arg)
{
	go_down(arg, ((struct link *)arg)->why, true);
}

void
link_start(struct link *l, const struct secure *secure)
{
	bool ok;

	l->secure = secure;
	l->phase = RESOLVES;
	if (l->about.kind == LINK_UNIX) {
		ok = connect_unix(l);
	} else {
		l->resolve = resolve_start(l->host, l->about.name,
		    l->about.port,
		    l->about.kind == LINK_UDP ? SOCK_DGRAM : SOCK_STREAM,
		    on_resolved, l);
		ok = l->resolve != NULL;
		if (!ok)
			note(l, "cannot look for", "out of memory");
	}
	if (!ok)
		l->host->timer_set(l->soon, 0);
}

/* ---- writing ---- */

ssize_t
link_write(struct link *l, const void *p, size_t n)
{
	enum secure_state state = SECURE_WRITES;
	ssize_t w;

	if (l->tls) {
		w = secure_write(l->tls, p, n, &state);
		if (w < 0)
			errno = ECONNRESET;
	} else {
		w = send(l->fd, p, n, MSG_NOSIGNAL);
		if (w < 0 && (errno == EAGAIN || errno == EINTR))
			w = 0;
	}
	if (w == 0)
		l->host->watch_for(l->watch,
		    STSENTRY_READ |
			(state == SECURE_WRITES ? STSENTRY_WRITE : 0U));
	return w;
}

bool
link_is_drained(const struct link *l)
{
	int left = 0;

	return l->datagram || ioctl(l->fd, SIOCOUTQ, &left) < 0 || left == 0;
}
