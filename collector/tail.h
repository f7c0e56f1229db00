/*
 * tail.h - the thread that reads files.
 *
 *     err = tail_new(&shared, positions, on_done, arg, &t, &e);
 *     err = tail_start(t, &e);
 *     tail_stop(t);                  // any thread; it ends soon
 *     tail_join(t);
 *     tail_free(t);
 *
 * Reads what the `paths` of all file inputs match, in the order of inputs and
 * then of names.  With `follow` it goes on as files grow, appear, are renamed,
 * truncated, copied and packed; a change is heard of at once where the system
 * tells, else within TAIL_RESCAN_MS.  Undoes gzip and zstd whatever the name
 * says.
 *
 * What was read is known by its position (positions.h), not by its name or
 * time: a file under another name goes on where it was, a copy or a packed
 * sibling is not read twice.  A position rides as a mark behind the records it
 * stands for, so both last or neither does.  A last line that is not finished
 * waits, outside of its position, until it is, or until its file has not
 * changed for TAIL_REST_S or lies under no name that is read any more.
 *
 * What a file holds at the first look is history; what a followed one grows by
 * once it was read to its end, and what appears later and was written lately,
 * is live: only of that the time from event to decision is told (intake.h).
 *
 * A trail's digest files hold no records: they are passed over, and with
 * `verify_digests` checked (tail_digest.h).
 *
 * A file that cannot be read is named and counted, stops no other, and is
 * tried again with the next round.  While the queue to the pipeline is full it
 * waits.
 */
#ifndef ST_TAIL_H
#define ST_TAIL_H

#include "collector/intake.h"
#include "collector/positions.h"

#define TAIL_BUFFER ((size_t)256 << 10)
#define TAIL_OPEN_MAX 256    /* files that are kept open */
#define TAIL_RESCAN_MS 30000 /* all is looked at again */
#define TAIL_UNHEARD_MS 2000 /* the same, where changes come without a word */
#define TAIL_AGAIN_MS 1000   /* a file that was not ready is looked at again */
#define TAIL_LATER_MS 5000   /* the same, where it may take longer */
#define TAIL_AGAIN_MAX 256   /* such files; more: all is looked at */
#define TAIL_LEAVE_MS 30000  /* a file without a name has not grown so long */
#define TAIL_REST_S 3600     /* an unfinished rest is taken as it is */
#define TAIL_YOUNG_S 2       /* a file that changed so lately still changes */
#define TAIL_FRESH_S 3600    /* one that changed so lately tells of today */

struct tail_counts {
	uint64_t files;      /* that were opened */
	uint64_t unreadable; /* tries that failed */
	uint64_t truncated, copies;
	uint64_t left_out; /* beyond the bound of positions */
};

struct tail;
/* `known` is the tail's until it is freed, and stays the caller's.  `on_done`
 * is called on its thread, as the last thing it does. */
int tail_new(const struct intake_shared *s, struct positions *known,
    void (*on_done)(void *arg), void *arg, struct tail **result,
    struct err *e) ST_MUSTCHECK;
int tail_start(struct tail *t, struct err *e) ST_MUSTCHECK;
/*
 * Another configuration, in two halves: what can fail, on main's thread; then
 * what cannot.  `done` is called on its thread when it looks at the old one no
 * more.  Then all files of the new one are looked at as at a start.
 */
struct tail_swap;
int tail_swap_new(const struct intake_shared *s, struct tail_swap **result,
    struct err *e) ST_MUSTCHECK;
void tail_swap_free(struct tail_swap *w); /* NULL is fine */
void tail_swap(
    struct tail *t, struct tail_swap *w, void (*done)(void *arg), void *arg);

void tail_stop(struct tail *t);
void tail_join(struct tail *t);
void tail_free(struct tail *t);

/* What its thread does, one after the other: all files as they are now; then,
 * again and again, what changes, waiting for that at most so long. */
void tail_begin(struct tail *t);
void tail_round(struct tail *t, int timeout_ms);
/* Once it has ended. */
const struct tail_counts *tail_counts(const struct tail *t);

#endif
