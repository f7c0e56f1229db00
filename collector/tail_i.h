/*
 * tail_i.h - the inside of the thread that reads files, for tail*.c alone.
 *
 *     tail.c        finds files, hears of changes, says when to look
 *     tail_known.c  which position a file has
 *     tail_read.c   reads one file from its position on, and makes marks
 *
 *     tail_swap.c   another configuration
 *
 * All of it belongs to that thread, but for `stop`, `swap` and the bell.
 */
#ifndef ST_TAIL_I_H
#define ST_TAIL_I_H

#include "collector/tail.h"

#include "collector/probe.h"
#include "collector/tail_digest.h"
#include "lib/clock.h"
#include "lib/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* A file whose bytes are being read; one that may grow is kept open. */
struct reading {
	struct reading *older, *newer; /* by when they grew; tail's list */
	int fd;
	enum inflate_kind kind;
	unsigned input;
	uint64_t stream;
	struct position *pos;
	char *path; /* where it was last seen */
	struct framer *framer;
	uint64_t at;   /* of the bytes that are fed next */
	uint64_t skip; /* so many are passed by before, of a packed file */
	struct probe_window before; /* `at` */
	char head[POSITION_HEAD];   /* the first bytes that were fed */
	struct stat st;    /* before it was made sure that it is this file */
	struct when st_at; /* when that was */
	int64_t grew_ms;   /* clock_ms() */
	bool nameless;     /* under no name that is read */
	bool live;         /* what comes now has just been written */
	struct tail *tail;
};

/* A file that was not ready. */
struct again {
	char *path;
	unsigned input;
	int64_t due_ms;
};

/* What another configuration needs, made beforehand. */
struct tail_swap {
	const struct config *config;
	struct intake *intake;
	struct digests *digests;
	void (*done)(void *arg);
	void *arg;
};

struct tail {
	const struct config *config;
	struct batchq *queue;
	struct intake *intake;
	struct inflate *inflate;
	struct prober *prober;
	struct digests *digests;
	struct positions *known;
	struct watch *watch;
	char *buf;
	struct reading *oldest, *newest; /* those that are open */
	size_t n_open;
	struct again again[TAIL_AGAIN_MAX];
	size_t n_again;
	uint64_t streams;
	int64_t rescan_ms, rescan_took; /* when it is due; how long one took */
	int64_t forget_ms;              /* when positions of what is gone go */
	bool unheard;                   /* some folder is not watched */
	bool missed;                    /* a walk could not see all */
	bool begun;                     /* all that was there was looked at */
	struct buf key, value;          /* of a row */
	struct rarely said;
	struct tail_counts counts;
	pthread_t thread;
	bool started;
	atomic_bool stop;
	_Atomic(struct tail_swap *) swap; /* waits to be taken */
	void (*on_done)(void *arg);
	void *arg;
};

const struct input_config *tail_input(const struct tail *t, unsigned input);
/* It shall end, or go on with another configuration: what is under way is
 * left where it stands. */
bool tail_is_stopped(struct tail *t);
/* tail_swap.c: true where there was one. */
bool tail_take_swap(struct tail *t);
void tail_unreadable(
    struct tail *t, unsigned input, const char *path, const char *why);
/* Look at it again, so many ms later. */
void
tail_look_again(struct tail *t, unsigned input, const char *path, int64_t ms);

/* ---- tail_known.c ---- */

/* A file that is open, as it is found. */
struct found {
	const char *path;
	int fd;
	unsigned input;
	struct stat st;
	struct when st_at;
	struct probe_head head;
	bool known_only; /* a file that is not known is left alone */
};

/*
 * Finds or makes its position; one that it has no right to any more is made a
 * ghost.  ST_ENOENT: not known; ST_EBUSY: it cannot be told yet; ST_ELIMIT:
 * beyond the bound; ST_EIO.
 */
int tail_know(struct tail *t, const struct found *f, struct position **result,
    struct err *e) ST_MUSTCHECK;
/* Does an open file still hold what was read?  ST_ENOENT: other bytes; ST_EIO.
 */
int tail_still_holds(
    struct tail *t, const struct reading *r, struct err *e) ST_MUSTCHECK;
/* It has lost its place, and is known by what it held; or not at all. */
void tail_make_ghost(struct tail *t, unsigned input, struct position *pos);

/* ---- tail_read.c ---- */

/* Takes the descriptor.  NULL: said. */
struct reading *
tail_open(struct tail *t, struct found *f, struct position *pos);
/* All that is there by now.  Closes one that will not grow, and one that holds
 * other bytes than those that were read. */
void tail_read(struct tail *t, struct reading *r);
/* The same for one that was read before. */
void tail_read_more(struct tail *t, struct reading *r);
/* Nothing more will come: what is held is taken as it is. */
void tail_read_rest(struct tail *t, struct reading *r);
void tail_close(struct tail *t, struct reading *r);
struct reading *
tail_by_position(const struct tail *t, const struct position *p);
struct reading *tail_by_path(const struct tail *t, const char *path);
bool tail_has_rest(const struct reading *r);

/* So it was when all of it was read. */
void tail_note_size(struct position *pos, const struct stat *st);
/* Its row rides behind what was read up to here; or goes, and it with it. */
void tail_mark(struct tail *t, unsigned input, const struct position *pos);
void tail_forget(struct tail *t, unsigned input, struct position *pos);
/* The row that stands in `key` and `value`; or it goes. */
void tail_mark_row(struct tail *t, unsigned input, bool keep);
/* Hand over, and wait until there is room to go on; false to stop. */
bool tail_hand_over(struct tail *t);

#endif
