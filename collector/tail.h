/*
 * tail.h - the thread that reads files.
 *
 *     struct tail *t = tail_new(&shared, on_done, arg);
 *     err = tail_start(t, &e);
 *     tail_stop(t);                  // any thread; it ends soon
 *     tail_join(t);
 *     tail_free(t);
 *
 * Reads what the `paths` of all file inputs match, in the order of inputs and
 * then of names, each file once, and ends.  Undoes gzip and zstd whatever the
 * name says.  A file that cannot be read is named and counted, and does not
 * stop the others.  While the queue to the pipeline is full it waits.
 */
#ifndef ST_TAIL_H
#define ST_TAIL_H

#include "collector/intake.h"

#define TAIL_BUFFER ((size_t)256 << 10)

struct tail_counts {
	uint64_t files, unreadable;
};

struct tail;
/* `on_done` is called on its thread, as the last thing it does. */
struct tail *
tail_new(const struct intake_shared *s, void (*on_done)(void *arg), void *arg);
int tail_start(struct tail *t, struct err *e) ST_MUSTCHECK;
void tail_stop(struct tail *t);
void tail_join(struct tail *t);
void tail_free(struct tail *t);

/* All of it, on the thread that calls: for tests. */
void tail_read_all(struct tail *t);
/* Once it has ended. */
const struct tail_counts *tail_counts(const struct tail *t);

#endif
