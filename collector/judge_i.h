/*
 * judge_i.h - what the rooms of the judge share: its thread's state, inside.
 *
 * judge.c takes batches and decides; judge_keep.c makes it last.  For these
 * only.
 */
#ifndef ST_JUDGE_I_H
#define ST_JUDGE_I_H

#include "collector/judge.h"

#include "lib/clock.h"

#include <pthread.h>
#include <stdatomic.h>

struct judge {
	struct judge_setup s;
	struct pipeline *pipeline;
	struct batch *none;          /* an empty one, for the twins' clock */
	struct telemetry *telemetry; /* NULL: not looked at */
	/* Whose requests are being decided. */
	unsigned input;
	bool history;
	struct when arrived;
	int64_t looked, checked, asked, twin_ms; /* clock_ms() */
	struct outlet_view *shown;               /* [n_outlets] */
	struct sift_counts counts;               /* of what was decided, ever */
	struct sift_counts lost; /* of what never reached the pipeline */
	uint64_t undecided;      /* requests of that */
	pthread_t thread;
	bool started;
	struct rarely failed_said;
	atomic_bool give_up;
	/* judge_change(); read once `change` is seen. */
	struct judge_change next;
	atomic_bool change;
	/* judge_keep.c; decided and not yet committed, oldest first */
	struct batch *waiting, *waiting_last;
	bool gathered; /* something is */
	bool put;      /* and its rows are in the store, not committed */
	int64_t first_ms, committed_ms;
	size_t waiting_bytes;
	int64_t habits_ms; /* when sources' habits were gathered */
	bool stuck;        /* the last commit failed */
	bool untidy;       /* there is housekeeping to go on with */
	struct buf text;
	/* judge_diary.c: what others left for the ledger. */
	pthread_mutex_t notes_lock;
	struct buf notes;
	struct rarely line_said;
};

static inline struct batch *
judge_batch_of(struct batchq_item *i)
{
	return (struct batch *)((char *)i - offsetof(struct batch, item));
}

/* For the ledger, as they are decided.  The first gives the line that it has
 * written, until the next call; absent where there is no ledger. */
struct slice keep_decision(struct judge *j, const struct request *r,
    const struct verdict *v, const char *group);
void keep_finding(struct judge *j, const struct finding *f);
/* It is decided: what it bears waits for the commit.  Takes the batch. */
void keep_batch(struct judge *j, struct batch *b);
/* Something else has changed that must last. */
void keep_changed(struct judge *j);
/* What stands in j->text is a note. */
void keep_note(struct judge *j);
/* What a person said of a finding, for the ledger. */
void keep_ack(struct judge *j, const char *id, const struct ack *ack);
/* Outputs may have answered: that must last, too. */
void keep_answers(struct judge *j);
/* Outlets that are new to it are given what waits for them. */
void keep_welcome(struct judge *j, struct outlet *const *outlets, size_t n);
/* Commit what is gathered, whatever the time; false: it could not be. */
bool keep_commit(struct judge *j);
/* Commit if it is time.  `idle`: nothing else is to be done now. */
void keep_if_due(struct judge *j, bool idle);
/* A piece of the store's housekeeping, where nothing is gathered. */
void keep_tidy(struct judge *j);
/* How long until it is, at most `ms` (-1: for ever). */
int keep_patience(const struct judge *j, int ms);
/* At the end: batches whose commit never came. */
void keep_release(struct judge *j);

/* ---- judge_diary.c ---- */

/* What others left, into the ledger. */
void diary_take(struct judge *j);
/* All is decided. */
void diary_end(struct judge *j);
void diary_silent(struct judge *j, const struct notice *n);
void diary_speaks(struct judge *j, struct slice source);
/* What outputs have answered, with the commit that keeps the answers. */
void diary_deliveries(struct judge *j);

#endif
