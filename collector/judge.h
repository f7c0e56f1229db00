/*
 * judge.h - the pipeline's thread: takes batches, decides, fills the outlets.
 *
 *     struct judge *j;
 *     err = judge_new(&setup, &j, &e);
 *     err = judge_start(j, &e);
 *     batchq_close(queue);            // it decides what is there, and ends
 *     judge_join(j);
 *     judge_books(j, &books);
 *     judge_free(j);
 *
 * Owns all detection state, hence no locks.  While an output that blocks is
 * over its bound it takes no batch: the queue fills, and the inputs stop
 * reading.
 *
 * With a store, what was decided is committed as soon as the queue is empty,
 * JUDGE_COMMIT_MIN_MS after the last commit at the earliest, and
 * JUDGE_COMMIT_MAX_MS after it was decided at the latest.  Only then marks are
 * kept, and outlets may give what they have to the delivery thread; what that
 * was told of it is kept in the same way.  While a commit fails it takes no batch either,
 * and tries again every JUDGE_RETRY_MS.
 */
#ifndef ST_JUDGE_H
#define ST_JUDGE_H

#include "collector/board.h"
#include "collector/books.h"
#include "collector/gauge.h"
#include "collector/generation.h"
#include "outputs/outlet.h"
#include "store/store.h"

#define JUDGE_RETRY_MS 100  /* a commit that failed */
#define JUDGE_FULL_MS 5     /* has a full output room again? */
#define JUDGE_DRAIN_MS 5000 /* with a state: the end waits for outputs */
#define JUDGE_TWIN_MS 50    /* a request that waits for its twin */
#define JUDGE_NOTES_MAX ((size_t)1 << 20) /* bytes that others leave */
#define JUDGE_LOOK_MS 200                 /* how old the gauge may be */
#define JUDGE_HABITS_MS 60000 /* how often sources' habits are kept */
#define JUDGE_CHECK_MS 1000   /* who is silent? */
#define JUDGE_COMMIT_MIN_MS 5
#define JUDGE_COMMIT_MAX_MS 50
#define JUDGE_COMMIT_BYTES ((size_t)4 << 20) /* gathered: commit now */

struct judge_setup {
	struct batchq *queue;
	struct pipeline_options pipeline;
	struct outlet *const *outlets; /* open; must outlive the judge */
	size_t n_outlets;
	/* NULL: nothing lasts.  The judge's alone until it is joined. */
	struct store *store;
	/* Where people leave word (acks.h, dead.h); NULL: nobody can. */
	const char *state_dir;
	/* What it counts is published there; NULL: nowhere. */
	struct gauge *gauge;
	struct board *board; /* likewise, the last day */
	/* Names of inputs by their number, for what it tells of them; must
	 * outlive it.  NULL: silence and lateness are not looked for. */
	const struct input_names *inputs;
	int64_t lateness; /* ms: later events are late */
	/* Outputs take nothing new any more; try now what failed.  NULL: there
	 * are none. */
	void (*on_rest)(void *arg);
	void (*on_retry)(void *arg);
	/* On its thread, as the last thing it does. */
	void (*on_done)(void *arg);
	void *arg;
};

struct judge;
int judge_new(const struct judge_setup *s, struct judge **result,
    struct err *e) ST_MUSTCHECK;
/* Before it starts: go on from what the store has. */
int judge_restore(struct judge *j, struct err *e) ST_MUSTCHECK;
int judge_start(struct judge *j, struct err *e) ST_MUSTCHECK;
void judge_join(struct judge *j);
void judge_free(struct judge *j);

/* Any thread.  Look again: outputs have answered. */
void judge_wake(struct judge *j);
/* What judge_change() brings: all of it must outlive the judge, or the next
 * change. */
struct judge_change {
	struct pipeline_options pipeline; /* pipeline_set_options() */
	struct outlet *const *outlets;    /* open */
	size_t n_outlets;
	int64_t lateness;
	/* On its thread, when what was before is looked at no more. */
	void (*done)(void *arg);
	void *arg;
};
/* Any thread.  A note for the ledger (diary.h), with the next round; without a
 * state there is none.  False: there is no room for it. */
bool judge_note(struct judge *j, struct slice note);
/* Any thread, one at a time.  What is decided from now on is decided and told
 * so; an outlet that is not in the list before takes over what waits for the
 * one before it. */
void judge_change(struct judge *j, const struct judge_change *c);
/* Any thread.  Wait for no output any more: without a state, what it holds is
 * lost. */
void judge_give_up(struct judge *j);

/* On the thread that calls, for tests: one round; the end. */
void judge_step(struct judge *j, int timeout_ms);
void judge_finish(struct judge *j);

/* Once it has ended. */
void judge_books(const struct judge *j, struct books *result);
/* Records that wait for outputs. */
uint64_t judge_queued(const struct judge *j);
/* What was decided last was not made to last. */
bool judge_is_unkept(const struct judge *j);

#endif
