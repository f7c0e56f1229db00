/*
 * outbox.h - what one output has yet to take: between two threads, and as rows
 * of the state.
 *
 *     outbox_add(o, &record);                  // the pipeline's thread
 *     err = outbox_save(o, put, arg);          // into the commit's rows
 *     outbox_kept(o);                          // the commit is there
 *
 *     n = outbox_take(o, batch, 256, bytes, 0);   // the delivery thread
 *     outbox_answer(o, i, OUTBOX_DONE);        // for each of them
 *     outbox_settle(o, NULL);                  // the answers hold
 *     if (outbox_may_take(o, 256)) ...         // and outlast us
 *
 * Records that come between two commits make a chunk, which is one row; only
 * when that is kept the delivery thread sees it.  One more row has the books,
 * what of chunks is done already, and the output's own mark.  Without a state
 * outbox_kept() alone does it.
 *
 * made = delivered + queued + dead, at any moment and over restarts.  At its
 * bound it is full (whoever adds stops), or loses the oldest, which count as
 * dead.  What is taken is not lost that way.  Locks inside; adding, saving and
 * loading belong to one thread, taking and answering to another.
 */
#ifndef ST_OUTBOX_H
#define ST_OUTBOX_H

#include "lib/pack.h"

#include <stsentry/output.h>

#define OUTBOX_CHUNK_RECORDS 1024
#define OUTBOX_CHUNK_BYTES ((size_t)256 << 10) /* then a new one begins */
#define OUTBOX_RECORD_MAX ((size_t)8 << 20) /* a longer one is dead at once */
#define OUTBOX_TAKE_MAX 4096
/* In a record's flags, and taken out before it is given: it may wait for a
 * digest, and a later one of its id replaces it. */
#define OUTBOX_LATER ((uint32_t)1 << 31)

struct outbox_options {
	const char *name;      /* the output's, key of its rows; copied */
	size_t records, bytes; /* bounds */
	int64_t age_ms;        /* of the oldest; 0: any */
	bool drop_oldest;      /* at a bound; else it is over */
	bool lasts;            /* there is a state */
	/* Where answers are noted at once (sent.h), or NULL; copied. */
	const char *sent_file;
	/* There is something to take, or answers are kept: any thread. */
	void (*on_work)(void *arg);
	/* There are answers to be saved: the delivery thread. */
	void (*on_news)(void *arg);
	void *arg;
};

struct outbox_counts {
	uint64_t made, delivered, dead;
	uint64_t dropped; /* of the dead: at a bound, or for lack of memory */
};

enum outbox_fate { OUTBOX_AGAIN, OUTBOX_DONE, OUTBOX_DEAD };

/* What became of a finding; only of what lasts, and not of tests. */
struct outbox_told {
	struct slice id;
	uint32_t revision;
	enum outbox_fate fate;
	bool dropped; /* at a bound: nobody was asked */
};
#define OUTBOX_TOLD_BYTES ((size_t)1 << 20) /* kept until they are taken */

struct outbox;
struct outbox *outbox_new(const struct outbox_options *o); /* NULL: no memory */
void outbox_free(struct outbox *o);

/* ---- any thread ---- */

void outbox_look(struct outbox *o, struct outbox_counts *result);
static inline uint64_t
outbox_queued(const struct outbox_counts *c)
{
	return c->made - c->delivered - c->dead;
}

/* ---- who adds ---- */

/* Copied.  One for which there is no memory (NULL: even to make it), or that is
 * too long, is dead. */
void outbox_add(struct outbox *o, const struct stsentry_record *r);
/* From now on. */
void outbox_set_drop_oldest(struct outbox *o, bool drop_oldest);
/* Full, and whoever adds is to wait. */
bool outbox_is_over(struct outbox *o);
/* Something is added or answered and not saved. */
bool outbox_has_news(struct outbox *o);
/* Rows for the next commit; may be made again. */
int outbox_save(struct outbox *o, pack_row *put, void *arg) ST_MUSTCHECK;
/* What became of findings since the last time, and its members one by one;
 * slices point into it.  What has no room is told by the counts alone. */
struct buf outbox_take_told(struct outbox *o);
bool outbox_told_next(struct slice *rest, struct outbox_told *result);
/* What was saved last is durable.  Without a state: what was added is there. */
void outbox_kept(struct outbox *o);

/* Which output a row is of: the name, which points into the key. */
struct slice outbox_row_name(struct slice key);
/* The books of an output that nobody has any more; false: another row. */
bool outbox_row_books(
    struct slice key, struct slice value, struct outbox_counts *result);
/* At the start, before anything else: each row of this output; then what was
 * noted of answers behind the last commit counts, and whether the books and the
 * rows tell the same is put right and said.  ST_EFORMAT: none of ours. */
int outbox_load(
    struct outbox *o, struct slice key, struct slice value) ST_MUSTCHECK;
void outbox_loaded(struct outbox *o);
/* The mark that was kept last; false: there is none. */
bool outbox_mark(struct outbox *o, uint64_t *mark);

/* ---- who takes ---- */

/* The oldest that wait, at most `most` and so many bytes (one in any case).
 * They live until they are answered and settled.  OUTBOX_LATER ones only if
 * they were there at `until` (ms since 1970). */
size_t outbox_take(struct outbox *o, struct stsentry_record *batch, size_t most,
    size_t bytes, int64_t until);
/* OUTBOX_LATER ones that a newer one replaces go, and count as delivered.
 * Since when the oldest that is left waits (ms since 1970); -1: none does.
 * Without memory nothing goes. */
int64_t outbox_fold(struct outbox *o);
/* What became of the i-th that was taken last. */
void outbox_answer(struct outbox *o, size_t i, enum outbox_fate fate);
/* All that was taken is answered: nothing of it is used any more.  `mark`: how
 * far it is there, where the output knows positions and notes are not needed;
 * else NULL. */
void outbox_settle(struct outbox *o, const uint64_t *mark);
/* No answer is waiting to be kept. */
bool outbox_is_settled(struct outbox *o);
/* The same, or all that waits is noted (sent.h) and `most` more can be: a
 * process that dies now repeats none of them. */
bool outbox_may_take(struct outbox *o, size_t most);

#endif
