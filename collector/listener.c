/*
 * listener.c - the doors: listening sockets and who is let in.
 *
 * See listener.h.  Knows nothing of what is sent.  Runs in the main loop.
 */
#include "config.h"

#include "collector/listener.h"

#include "collector/client.h"
#include "collector/peers.h"
#include "conf/address.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 16 /* of one name */

struct listener {
	struct listeners *all;
	const struct input_config *config;
	unsigned input;
	struct peers *peers; /* of the input: its sockets share it */
	bool owns_peers;
	int fd;
	struct loop_io *io;
	struct addr addr;
	uint16_t port;
	struct rarely refused_said;
};

struct listeners {
	struct loop *loop;
	struct listener_calls calls;
	void *arg;
	struct listener *v;
	size_t n;
	struct loop_timer *retry;
	int reserve;         /* -1: lost, got again when there are some */
	int64_t short_since; /* -1: descriptors are not short */
	uint64_t next_id;
	struct rarely short_said;
	struct listener_counts counts;
};

/* ---- addresses ---- */

static void
from_sockaddr(const struct sockaddr_storage *sa, struct addr *a, uint16_t *port)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	memset(a, 0, sizeof(*a));
	if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		memcpy(a->b, mapped, sizeof(mapped));
		memcpy(a->b + 12, &in->sin_addr, 4);
		*port = ntohs(in->sin_port);
	} else {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		memcpy(a->b, &in6->sin6_addr, 16);
		*port = ntohs(in6->sin6_port);
	}
	a->v4 = memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

static void
tell_address(const struct addr *a, uint16_t port, struct buf *out)
{
	char text[ADDR_TEXT];

	addr_format(a, text);
	buf_addf(out, a->v4 ? "%s:%u" : "[%s]:%u", text, port);
}

/* ---- letting in ---- */

static void
say_refused(struct listener *l, const char *why)
{
	uint64_t n;

	if (rarely(&l->refused_said, clock_ms(), &n))
		log_warnx("input %s: refused a connection, %s; %" PRIu64
			  " since the last such line",
		    l->config->name, why, n);
}

static bool
is_welcome(struct listener *l, const struct addr *peer)
{
	struct listener_counts *n = &l->all->counts;
	char why[64];

	switch (peers_come(l->peers, peer)) {
	case PEERS_TOO_MANY:
		n->refused_connections++;
		snprintf(why, sizeof(why), "max_connections: %" PRId64,
		    l->config->max_connections);
		break;
	case PEERS_TOO_MANY_OF_IT:
		n->refused_peer++;
		snprintf(why, sizeof(why), "max_per_peer: %" PRId64,
		    l->config->max_per_peer);
		break;
	case PEERS_NO_MEMORY:
		n->refused_memory++;
		snprintf(why, sizeof(why), "out of memory");
		break;
	default:
		return true;
	}
	say_refused(l, why);
	return false;
}

static void
let_in(struct listener *l, int fd, const struct sockaddr_storage *sa)
{
	const int on = 1;
	struct conn_about about = {
		.fd = fd,
		.input = l->input,
		.id = l->all->next_id++,
		.kind = client_kind_of(l->config->type),
		.name = "tcp",
		.peers = l->peers,
	};
	struct conn *c;

	from_sockaddr(sa, &about.peer, &about.port);
	if (!is_welcome(l, &about.peer)) {
		close(fd);
		return;
	}
	/* A sender that is gone without a word is noticed some day. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	c = conn_new(&about);
	if (!c) {
		l->all->counts.refused_memory++;
		say_refused(l, "out of memory");
		peers_go(l->peers, &about.peer);
		close(fd);
		return;
	}
	l->all->counts.accepted++;
	l->all->calls.give(l->all->arg, c);
}

/* ---- descriptors are short ---- */

static void
get_reserve(struct listeners *all)
{
	if (all->reserve < 0)
		all->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Give up the reserve for as long as it takes to send callers away. */
static void
refuse_waiting(struct listener *l)
{
	struct listeners *all = l->all;
	uint64_t n = 0, said;
	int fd;

	if (all->reserve < 0)
		return;
	close(all->reserve);
	all->reserve = -1;
	for (; n < LISTENER_ACCEPTS_MAX; n++) {
		fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			break;
		close(fd);
	}
	get_reserve(all);
	if (n == 0)
		return;
	all->counts.refused_descriptors += n;
	all->short_said.held += n - 1;
	if (rarely(&all->short_said, clock_ms(), &said))
		log_warnx("input %s: refused %" PRIu64
			  " connections, no descriptors (ulimit -n)",
		    l->config->name, said);
}

static void
disable_all(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].io)
			loop_io_disable(all->v[i].io);
}

/* Nobody is accepted until the timer rings: the loop must not spin. */
static void
descriptors_short(struct listener *l)
{
	struct listeners *all = l->all;
	int64_t now = loop_now(all->loop);

	if (all->short_since < 0)
		all->short_since = now;
	if (now - all->short_since >= LISTENER_PATIENCE_MS)
		refuse_waiting(l);
	all->calls.press(all->arg);
	disable_all(all);
	loop_timer_set(all->retry, LISTENER_RETRY_MS);
}

static void
on_retry(void *arg)
{
	struct listeners *all = arg;

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].io && loop_io_enable(all->v[i].io) < 0)
			loop_timer_set(all->retry, LISTENER_RETRY_MS);
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
accept_one(struct listener *l)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd;

	fd = accept4(
	    l->fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		l->all->short_since = -1;
		let_in(l, fd, &sa);
		return true;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return false;
	if (means_short(errno)) {
		descriptors_short(l);
		return false;
	}
	/* The caller's own trouble (ECONNABORTED and its like). */
	return true;
}

static void
on_caller(void *arg)
{
	struct listener *l = arg;

	get_reserve(l->all);
	for (int i = 0; i < LISTENER_ACCEPTS_MAX && accept_one(l); i++)
		;
}

void
listeners_accept_rest(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (int k = 0; k < LISTENER_BACKLOG && all->v[i].io &&
		     accept_one(&all->v[i]);
		     k++)
			;
}

/* ---- opening ---- */

static int
listen_on(const struct addrinfo *ai, bool only_v6, int *result)
{
	const int on = 1;
	int fd;

	fd = socket(
	    ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ST_EIO;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ai->ai_family == AF_INET6 && only_v6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 ||
	    listen(fd, LISTENER_BACKLOG) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return ST_EIO;
	}
	*result = fd;
	return 0;
}

/* The name of an input, as addresses to bind. */
static int
resolve(const struct input_config *c, struct addrinfo **result, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct address a;
	char port[8];
	int code;

	if (!address_parse(slice_str(c->listen), &a))
		return ynode_err(
		    c->node, e, "%s is no address and port", c->listen);
	snprintf(port, sizeof(port), "%u", a.port);
	code = getaddrinfo(
	    strcmp(a.host, "*") == 0 ? NULL : a.host, port, &hints, result);
	if (code != 0)
		return ynode_err(c->node, e, "cannot find %s: %s", c->listen,
		    gai_strerror(code));
	return 0;
}

/* One more socket of an input. */
static int
add_socket(struct listeners *all, const struct input_config *c, unsigned input,
    struct peers *peers, const struct addrinfo *ai, bool only_v6, struct err *e)
{
	struct listener *l = &all->v[all->n];
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd;

	if (listen_on(ai, only_v6, &fd) < 0)
		return ynode_err(c->node, e, "cannot listen on %s: %s",
		    c->listen, strerror(errno));
	*l = (struct listener){ .all = all,
		.config = c,
		.input = input,
		.peers = peers,
		.owns_peers = all->n == 0 || l[-1].peers != peers,
		.fd = fd };
	all->n++;
	if (getsockname(fd, (struct sockaddr *)&sa, &len) == 0)
		from_sockaddr(&sa, &l->addr, &l->port);
	l->io = loop_io_new(all->loop, fd, on_caller, l);
	return l->io ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static int
add_input(struct listeners *all, const struct input_config *c, unsigned input,
    struct err *e)
{
	struct addrinfo *list = NULL;
	struct peers *peers;
	size_t before = all->n, found = 0;
	int err;

	err = resolve(c, &list, e);
	if (err < 0)
		return err;
	peers = peers_new((size_t)c->max_connections, (size_t)c->max_per_peer);
	if (!peers)
		err = err_set(e, ST_ENOMEM, "out of memory");
	for (struct addrinfo *ai = list; ai && err == 0; ai = ai->ai_next)
		if (++found <= SOCKETS_MAX)
			err = add_socket(
			    all, c, input, peers, ai, list->ai_next != NULL, e);
	if (all->n == before)
		peers_free(peers);
	freeaddrinfo(list);
	return err;
}

static size_t
count_inputs(const struct config *c)
{
	const struct input_config *inputs = c->inputs.v;
	size_t n = 0;

	for (size_t i = 0; i < c->inputs.n; i++)
		n += inputs[i].type == INPUT_TCP;
	return n;
}

int
listeners_open(const struct config *c, struct loop *loop,
    const struct listener_calls *calls, void *arg, struct listeners **result,
    struct err *e)
{
	const struct input_config *inputs = c->inputs.v;
	struct listeners *all = calloc(1, sizeof(*all));
	int err = ST_ENOMEM;

	if (!all)
		return err_set(e, ST_ENOMEM, "out of memory");
	all->loop = loop;
	all->calls = *calls;
	all->arg = arg;
	all->reserve = -1;
	all->short_since = -1;
	all->next_id = 1;
	all->v = calloc(count_inputs(c) * SOCKETS_MAX + 1, sizeof(*all->v));
	all->retry = loop_timer_new(loop, on_retry, all);
	if (!all->v || !all->retry) {
		err_set(e, ST_ENOMEM, "out of memory");
		goto out;
	}
	get_reserve(all);
	err = 0;
	for (unsigned i = 0; i < c->inputs.n && err == 0; i++)
		if (inputs[i].type == INPUT_TCP)
			err = add_input(all, &inputs[i], i, e);
	if (err < 0)
		goto out;
	*result = all;
	all = NULL;
out:
	listeners_free(all);
	return err;
}

void
listeners_close(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++) {
		loop_io_free(all->v[i].io);
		all->v[i].io = NULL;
		if (all->v[i].fd >= 0)
			close(all->v[i].fd);
		all->v[i].fd = -1;
	}
	loop_timer_stop(all->retry);
}

void
listeners_free(struct listeners *all)
{
	if (!all)
		return;
	if (all->retry)
		listeners_close(all);
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].owns_peers)
			peers_free(all->v[i].peers);
	loop_timer_free(all->retry);
	if (all->reserve >= 0)
		close(all->reserve);
	free(all->v);
	free(all);
}

size_t
listeners_count(const struct listeners *all)
{
	return all->n;
}

void
listeners_tell(const struct listeners *all, struct buf *out)
{
	for (size_t i = 0; i < all->n; i++) {
		buf_adds(out, i ? ", " : "");
		tell_address(&all->v[i].addr, all->v[i].port, out);
	}
}

uint16_t
listeners_port(const struct listeners *all, size_t i)
{
	return all->v[i].port;
}

const struct listener_counts *
listeners_counts(const struct listeners *all)
{
	return &all->counts;
}
