/*
 * resolve.h - a name's addresses, without waiting for them.
 *
 *     r = resolve_start(host, name, port, on_done, arg);
 *     ... on_done(arg, addresses, why) later, from the loop ...
 *     resolve_cancel(r);                  // it is not called any more
 *
 * The system's resolver blocks: it gets a thread for each question, which
 * nobody waits for.  Addresses are the callee's, for freeaddrinfo(); NULL with
 * the reason.  One owner, the host's thread.
 */
#ifndef ST_SYSLOG_RESOLVE_H
#define ST_SYSLOG_RESOLVE_H

#include <netdb.h>
#include <stsentry/output.h>

struct resolve;
typedef void resolve_cb(void *arg, struct addrinfo *found, const char *why);

/* NULL without memory, descriptors or threads. */
struct resolve *
resolve_start(const struct stsentry_host *host, const char *name,
    const char *port, int socktype, resolve_cb *cb, void *arg);
/* NULL is fine. */
void resolve_cancel(struct resolve *r);

#endif
