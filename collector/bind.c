/*
 * bind.c - listening sockets of an address or a path.
 *
 * See bind.h.
 */
#include "config.h"

#include "collector/bind.h"

#include "conf/address.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void
bind_peer(const struct sockaddr_storage *sa, struct addr *a, uint16_t *port)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	memset(a, 0, sizeof(*a));
	*port = 0;
	if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		memcpy(a->b, mapped, sizeof(mapped));
		memcpy(a->b + 12, &in->sin_addr, 4);
		*port = ntohs(in->sin_port);
	} else if (sa->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		memcpy(a->b, &in6->sin6_addr, 16);
		*port = ntohs(in6->sin6_port);
	}
	a->v4 = memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

void
bind_tell(const struct bound *b, struct buf *out)
{
	char text[ADDR_TEXT];

	if (b->path) {
		buf_adds(out, b->path);
		return;
	}
	addr_format(&b->addr, text);
	buf_addf(out, b->addr.v4 ? "%s:%u" : "[%s]:%u", text, b->port);
}

void
bind_close(struct bound *b)
{
	struct stat st;

	if (b->fd < 0)
		return;
	if (b->path && lstat(b->path, &st) == 0 && st.st_dev == b->dev &&
	    st.st_ino == b->ino)
		unlink(b->path);
	close(b->fd);
	b->fd = -1;
	free(b->path);
	b->path = NULL;
}

/* ---- addresses ---- */

/* Closes it and keeps errno for a message. */
static int
give_up(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return ST_EIO;
}

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
	    listen(fd, BIND_BACKLOG) < 0)
		return give_up(fd);
	*result = fd;
	return 0;
}

/* The name of an input, as addresses to bind. */
static int
resolve(const struct input_config *in, struct addrinfo **result, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct address a;
	char port[8];
	int code;

	if (!address_parse(slice_str(in->listen), &a))
		return ynode_err(
		    in->node, e, "%s is no address and port", in->listen);
	snprintf(port, sizeof(port), "%u", a.port);
	code = getaddrinfo(
	    strcmp(a.host, "*") == 0 ? NULL : a.host, port, &hints, result);
	if (code != 0)
		return ynode_err(in->node, e, "cannot find %s: %s", in->listen,
		    gai_strerror(code));
	return 0;
}

static int
bind_address(const struct input_config *in, const struct addrinfo *ai,
    bool only_v6, struct bound *b, struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	memset(b, 0, sizeof(*b));
	if (listen_on(ai, only_v6, &b->fd) < 0) {
		b->fd = -1;
		return ynode_err(in->node, e, "cannot listen on %s: %s",
		    in->listen, strerror(errno));
	}
	if (getsockname(b->fd, (struct sockaddr *)&sa, &len) == 0)
		bind_peer(&sa, &b->addr, &b->port);
	return 0;
}

static int
bind_name(const struct input_config *in, struct bound v[BIND_MAX], size_t *n,
    struct err *e)
{
	struct addrinfo *list;
	int err = resolve(in, &list, e);

	if (err < 0)
		return err;
	for (struct addrinfo *ai = list; ai && err == 0 && *n < BIND_MAX;
	     ai = ai->ai_next) {
		err = bind_address(in, ai, list->ai_next != NULL, &v[*n], e);
		if (err == 0)
			(*n)++;
	}
	freeaddrinfo(list);
	return err;
}

/* ---- paths ---- */

static struct sockaddr_un
as_sockaddr(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	/* The configuration has looked that it fits. */
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	return un;
}

/* Nobody listens there any more. */
static bool
is_left_over(const char *path)
{
	const struct sockaddr_un un = as_sockaddr(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool refused = fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&un, sizeof(un)) < 0 &&
	    errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return refused;
}

static int
make_way(const struct input_config *in, struct err *e)
{
	struct stat st;

	if (lstat(in->listen, &st) < 0)
		return errno == ENOENT
		    ? 0
		    : ynode_err(in->node, e, "cannot listen on %s: %s",
			  in->listen, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return ynode_err(in->node, e,
		    "cannot listen on %s: something is there that is no socket",
		    in->listen);
	if (!is_left_over(in->listen))
		return ynode_err(in->node, e,
		    "cannot listen on %s: somebody listens there already",
		    in->listen);
	if (unlink(in->listen) < 0)
		return ynode_err(in->node, e, "cannot remove %s: %s",
		    in->listen, strerror(errno));
	return 0;
}

static int
find_group(const char *name, gid_t *result)
{
	const struct group *g = getgrnam(name);

	if (!g)
		return ST_ENOENT;
	*result = g->gr_gid;
	return 0;
}

/* "user" or "user:group". */
static int
give_owner(const struct input_config *in, struct err *e)
{
	const char *colon = strchr(in->owner, ':');
	size_t n = colon ? (size_t)(colon - in->owner) : strlen(in->owner);
	const struct passwd *p;
	gid_t group = (gid_t)-1;
	char user[64];

	snprintf(user, sizeof(user), "%.*s", (int)n, in->owner);
	p = getpwnam(user);
	if (!p || (colon && find_group(colon + 1, &group) < 0))
		return ynode_err(
		    in->node, e, "owner: %s is not known here", in->owner);
	if (lchown(in->listen, p->pw_uid, group) < 0)
		return ynode_err(in->node, e, "cannot give %s to %s: %s",
		    in->listen, in->owner, strerror(errno));
	return 0;
}

/* Nobody but us, until mode and owner are right. */
static int
bind_path_closed(int fd, const char *path)
{
	const struct sockaddr_un un = as_sockaddr(path);

	fchmod(fd, 0600);
	return bind(fd, (const struct sockaddr *)&un, sizeof(un));
}

static int
bind_path(const struct input_config *in, struct bound *b, struct err *e)
{
	struct stat st;
	int err = make_way(in, e);

	if (err < 0)
		return err;
	memset(b, 0, sizeof(*b));
	b->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (b->fd < 0 || bind_path_closed(b->fd, in->listen) < 0) {
		if (b->fd >= 0)
			give_up(b->fd);
		return ynode_err(in->node, e, "cannot listen on %s: %s",
		    in->listen, strerror(errno));
	}
	b->path = strdup(in->listen);
	if (lstat(in->listen, &st) == 0) {
		b->dev = st.st_dev;
		b->ino = st.st_ino;
	}
	if (in->owner)
		err = give_owner(in, e);
	if (err == 0 &&
	    (!b->path || chmod(in->listen, in->mode_bits) < 0 ||
		listen(b->fd, BIND_BACKLOG) < 0))
		err = ynode_err(in->node, e, "cannot listen on %s: %s",
		    in->listen, strerror(errno));
	if (err < 0)
		bind_close(b);
	return err;
}

int
bind_input(const struct input_config *in, struct bound v[BIND_MAX], size_t *n,
    struct err *e)
{
	int err;

	*n = 0;
	if (in->type == INPUT_UNIX) {
		err = bind_path(in, &v[0], e);
		*n = err == 0;
		return err;
	}
	err = bind_name(in, v, n, e);
	while (err < 0 && *n > 0)
		bind_close(&v[--*n]);
	return err;
}
