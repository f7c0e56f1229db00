/*
 * link.h - a way to a server of lines: UDP, TCP, TLS or a UNIX socket.
 *
 *     l = link_new(host, &about, &listener);
 *     link_start(l);                       // on_ready() later, or on_down()
 *     n = link_write(l, p, n);             // 0: on_ready() when it can go on
 *     if (link_is_drained(l)) ...          // the peer's system has it all
 *     link_stop(l);
 *
 * The peer's end is noticed as soon as it comes, not by the next write.  What
 * a server says is read and thrown away.  After on_down() it is stopped, and
 * can be started again.  One owner, the host's thread.
 */
#ifndef ST_SYSLOG_LINK_H
#define ST_SYSLOG_LINK_H

#include "outputs/syslog/secure.h"

#include <stdbool.h>

enum link_kind { LINK_TLS, LINK_TCP, LINK_UDP, LINK_UNIX };

/* Strings stay with the caller, and must live as long as it does. */
struct link_about {
	enum link_kind kind;
	const char *name, *port; /* of UNIX: the path, NULL */
};

struct link_listener {
	void (*on_ready)(void *arg);
	/* `torn`: what was written before may never have been read. */
	void (*on_down)(void *arg, const char *why, bool torn);
	void *arg;
};

struct link;
/* NULL without memory. */
struct link *link_new(const struct stsentry_host *host,
    const struct link_about *about, const struct link_listener *listener);
void link_free(struct link *l);

/* `secure` (TLS) must live until it is stopped.  Never calls back at once. */
void link_start(struct link *l, const struct secure *secure);
void link_stop(struct link *l);
bool link_is_up(const struct link *l);
bool link_is_started(const struct link *l);
/* Each write is a message of its own, taken whole or not at all. */
bool link_is_datagram(const struct link *l);

/* -1: with errno; of a datagram EMSGSIZE means this one alone. */
ssize_t link_write(struct link *l, const void *p, size_t n);
bool link_is_drained(const struct link *l);

#endif
