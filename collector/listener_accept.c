/*
 * listener_accept.c - who is let in, and who waits.
 *
 * See listener.h.  Accepts what waits at the doors, counts it with its peer and
 * gives it away; lets callers wait, or sends them away, while descriptors or
 * handshakes are short.  Runs in the main loop.
 */
#include "config.h"

#include "collector/listener_i.h"

#include "collector/client.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* ---- letting in ---- */

static void
say_refused(struct door *d, const char *why)
{
	uint64_t n;

	d->refused++;
	if (rarely(&d->refused_said, clock_ms(), &n))
		log_warnx("input %s: refused a connection, %s; %" PRIu64
			  " since the last such line",
		    d->config->name, why, n);
}

static bool
is_welcome(struct door *d, const struct addr *peer)
{
	struct listener_counts *n = &d->all->counts;
	char why[64];

	switch (peers_come(d->peers, peer)) {
	case PEERS_TOO_MANY:
		n->refused_connections++;
		snprintf(why, sizeof(why), "max_connections: %" PRId64,
		    d->config->max_connections);
		break;
	case PEERS_TOO_MANY_OF_IT:
		n->refused_peer++;
		snprintf(why, sizeof(why), "max_per_peer: %" PRId64,
		    d->config->max_per_peer);
		break;
	case PEERS_NO_MEMORY:
		n->refused_memory++;
		snprintf(why, sizeof(why), "out of memory");
		break;
	default:
		return true;
	}
	say_refused(d, why);
	return false;
}

/* Of a UNIX socket: who is on the other side. */
static void
tell_owner(int fd, char *text, size_t size)
{
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0)
		snprintf(text, size, "pid %ld uid %ld", (long)who.pid,
		    (long)who.uid);
	else
		snprintf(text, size, "a local process");
}

static void
let_in(struct door *d, int fd, const struct sockaddr_storage *sa)
{
	const int on = 1;
	char owner[64];
	struct conn_about about = {
		.fd = fd,
		.input = d->input,
		.id = d->all->next_id++,
		.kind = client_kind_of(d->config->type),
		.name = config_input_type(d->config->type),
		.tls = certs_context(d->certs),
		.peers = d->peers,
	};
	struct conn *c;

	bind_peer(sa, &about.peer, &about.port);
	if (!is_welcome(d, &about.peer)) {
		close(fd);
		return;
	}
	if (d->config->type == INPUT_UNIX) {
		tell_owner(fd, owner, sizeof(owner));
		about.who = owner;
	}
	/* A sender that is gone without a word is noticed some day. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	c = conn_new(&about);
	if (!c) {
		d->all->counts.refused_memory++;
		say_refused(d, "out of memory");
		peers_go(d->peers, &about.peer);
		close(fd);
		return;
	}
	d->accepted++;
	d->all->counts.accepted++;
	d->all->calls.give(d->all->arg, c);
}

/* ---- descriptors are short ---- */

void
listener_get_reserve(struct listeners *all)
{
	if (all->reserve < 0)
		all->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Give up the reserve for as long as it takes to send callers away. */
static void
refuse_waiting(struct socket *s)
{
	struct door *d = s->door;
	struct listeners *all = d->all;
	uint64_t n = 0, said;
	int fd;

	if (all->reserve < 0)
		return;
	close(all->reserve);
	all->reserve = -1;
	for (; n < LISTENER_ACCEPTS_MAX; n++) {
		fd = accept4(s->bound.fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			break;
		close(fd);
	}
	listener_get_reserve(all);
	if (n == 0)
		return;
	all->counts.refused_descriptors += n;
	all->short_said.held += n - 1;
	if (rarely(&all->short_said, clock_ms(), &said))
		log_warnx("input %s: refused %" PRIu64
			  " connections, no descriptors (ulimit -n)",
		    d->config->name, said);
}

static void
disable(struct door *d)
{
	for (size_t i = 0; i < d->n_sockets; i++)
		loop_io_disable(d->sockets[i]->io);
}

/* Nobody is accepted until the timer rings: the loop must not spin. */
static void
descriptors_short(struct socket *s)
{
	struct listeners *all = s->door->all;
	int64_t now = loop_now(all->loop);

	if (all->short_since < 0)
		all->short_since = now;
	if (now - all->short_since >= LISTENER_PATIENCE_MS)
		refuse_waiting(s);
	all->calls.press(all->arg);
	for (size_t i = 0; i < all->n; i++)
		disable(all->v[i]);
	loop_timer_set(all->retry, LISTENER_RETRY_MS);
}

void
listener_on_retry(void *arg)
{
	struct listeners *all = arg;

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i]->n_sockets; k++)
			if (loop_io_enable(all->v[i]->sockets[k]->io) < 0)
				loop_timer_set(all->retry, LISTENER_RETRY_MS);
}

/* ---- handshakes ---- */

/* As many as may be are under way: callers wait in the kernel's queue, and
 * those who take too long are sent away. */
static bool
must_wait(struct door *d)
{
	struct listeners *all = d->all;
	int64_t now = loop_now(all->loop);

	if (!d->certs ||
	    peers_shaking(d->peers) < (size_t)d->config->handshakes) {
		d->waiting_since = -1;
		return false;
	}
	all->counts.waits++;
	if (d->waiting_since < 0)
		d->waiting_since = now;
	if (now - d->waiting_since >= LISTENER_PATIENCE_MS) {
		d->waiting_since = now;
		all->calls.hurry(all->arg);
	}
	disable(d);
	loop_timer_set(all->retry, LISTENER_RETRY_MS);
	return true;
}

/* ---- accepting ---- */

static bool
means_short(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* False when nobody waits, or nobody can be accepted. */
static bool
accept_one(struct socket *s)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	int fd;

	if (must_wait(s->door))
		return false;
	fd = accept4(s->bound.fd, (struct sockaddr *)&sa, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		s->door->all->short_since = -1;
		let_in(s->door, fd, &sa);
		return true;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return false;
	if (means_short(errno)) {
		descriptors_short(s);
		return false;
	}
	/* The caller's own trouble (ECONNABORTED and its like). */
	return true;
}

void
listener_on_caller(void *arg)
{
	struct socket *s = arg;

	listener_get_reserve(s->door->all);
	for (int i = 0; i < LISTENER_ACCEPTS_MAX && accept_one(s); i++)
		;
}

void
listeners_accept_rest(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i]->n_sockets; k++)
			for (int j = 0; j < BIND_BACKLOG &&
			     accept_one(all->v[i]->sockets[k]);
			     j++)
				;
}
