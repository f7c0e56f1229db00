/*
 * admin.h - the admin endpoint: pages over HTTP, for reading only.
 *
 *     struct admin *a;
 *     err = admin_open("127.0.0.1:9478", loop, &calls, arg, &a, &e);
 *     admin_tell(a, &buf);                // "127.0.0.1:9478"
 *     admin_close(a);
 *
 * /live /ready /health /metrics /status for programs, / for people, and /events,
 * which tells a browser that shows it what has changed (admin_events.h).  GET and
 * HEAD, everything else is refused.  The pages come from a snapshot that the caller fills for each
 * request.  Runs in the main loop: what it serves is small, and ADMIN_* bound
 * what a caller may cost.
 */
#ifndef ST_ADMIN_H
#define ST_ADMIN_H

#include "collector/board.h"
#include "collector/status.h"
#include "lib/err.h"

#define ADMIN_HEADER_MAX 8192
#define ADMIN_TIMEOUT_S 10

struct loop;
struct admin;

struct admin_calls {
	/* A snapshot of now, whose borrowed strings live until the next call. */
	void (*snapshot)(void *arg, struct status *s);
	struct board *board; /* the last day, or NULL */
};

int admin_open(const char *listen, struct loop *loop,
    const struct admin_calls *calls, void *arg, struct admin **result,
    struct err *e) ST_MUSTCHECK;
void admin_close(struct admin *a); /* NULL is fine */
void admin_tell(const struct admin *a, struct buf *out);

#endif
