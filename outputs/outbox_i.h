/*
 * outbox_i.h - what the rooms of the outbox share: its inside.
 *
 * outbox.c adds, takes and counts; outbox_rows.c makes rows of it and reads
 * them.  For these only.
 */
#ifndef ST_OUTBOX_I_H
#define ST_OUTBOX_I_H

#include "outputs/outbox.h"

#include "lib/clock.h"

#include <pthread.h>

#define OUTBOX_FORM 1        /* of both rows; what is newer is not read */
#define OUTBOX_HEAD_BYTES 48 /* of a record in its row, about */

enum place { WAITS, TAKEN, GONE };

struct chunk {
	struct chunk *next;
	uint64_t first; /* the number of its first record */
	size_t n, left; /* records; those that are not gone */
	size_t begin;   /* all before it are gone */
	int64_t made_ms;
	struct buf text;    /* the row's value */
	struct buf records; /* struct stsentry_record[n] */
	struct buf places;  /* a byte each: enum place */
};

struct list {
	struct chunk *first, *last;
};

struct taken {
	struct chunk *chunk;
	size_t i;
};

struct outbox {
	struct outbox_options o;
	char *name, *sent_file;
	/* Who adds, alone. */
	struct list fresh; /* not given over yet */
	uint64_t next;     /* the number of the next record */
	struct rarely dropped_said;
	bool added; /* since the last save */
	struct buf key, row, names;
	struct buf partial; /* load: what of chunks is done already */
	/* Both. */
	pthread_mutex_t lock;
	struct list queue;    /* given over, something left */
	struct list finished; /* nothing left, but their rows are there */
	size_t to_drop;       /* of these, in the last save */
	uint64_t reach;       /* chunks that begin behind it are whole */
	size_t bytes;
	struct outbox_counts counts;
	struct buf told; /* packed: what became of findings */
	bool unfolded;   /* something came since the last outbox_fold() */
	bool has_mark;
	uint64_t mark;
	/* Numbers of settlements: the last, the last in a save, the last kept;
	 * and how many answers these had in all. */
	uint64_t settled, saved, kept;
	uint64_t answered, answered_saved, answered_kept;
	struct sent *sent; /* from outbox_loaded() on, or NULL */
	bool unsure;       /* some that are not kept are not noted either */
	struct rarely unsure_said;
	/* Who takes, alone. */
	struct taken taken[OUTBOX_TAKE_MAX];
	size_t n_taken;
	enum outbox_fate fates[OUTBOX_TAKE_MAX];
};

static inline struct stsentry_record *
outbox_record(const struct chunk *c, size_t i)
{
	return (struct stsentry_record *)(void *)c->records.p + i;
}

static inline void
outbox_append(struct list *l, struct chunk *c)
{
	c->next = NULL;
	if (l->last)
		l->last->next = c;
	else
		l->first = c;
	l->last = c;
}

void outbox_chunk_free(struct chunk *c);
/* Its records, once its text does not move any more; false: none of ours, or
 * without memory. */
bool outbox_chunk_read(struct chunk *c);
/* Locked.  What became of a record, where that is to be told. */
void outbox_note_fate(struct outbox *o, const struct stsentry_record *r,
    enum outbox_fate fate, bool dropped);
/* Locked.  One record less to be taken. */
void outbox_gone(struct outbox *o, struct chunk *c, size_t i);
/* Locked.  A chunk without a record left leaves the queue, once all before it
 * have. */
void outbox_sweep(struct outbox *o);

#endif
