/*
 * twins.h - records that tell of one act, judged once.
 *
 * AWS writes some acts down more than once: copies in the caller's and in the
 * target's trail share a sharedEventID, and a SwitchRole in the console has an
 * AssumeRole beside it, of the same role in the same second, whose source is
 * "AWS Internal".  Each such record has its line, but only one, the primary,
 * is judged; the others get its verdict's word and its group, no score and no
 * reasons.  The primary is the one with a public address; of two, the caller's
 * own copy; of two, the first.
 *
 *     struct twins *t = twins_new(live, &calls, arg);
 *     twins_add(t, &request);      // calls judge, join and line
 *     twins_tick(t);               // live: one more batch
 *     twins_finish(t);             // what is held is decided
 *     twins_free(t);
 *
 * Scan (live false): requests come in the order of time, and lines go out in
 * exactly that order.  One that may have a twin is held, and all that come
 * behind it, until TWINS_SECONDS of event time are over, or TWINS_HELD_MAX
 * requests or TWINS_BYTES_MAX bytes are held.
 *
 * Live: decided on arrival.  Only a copy that cannot be the primary (it names
 * nobody but an account, or AWS made it inside) waits for its twin: for at
 * most TWINS_TICKS ticks.  What was decided is remembered for the last
 * TWINS_RECENT_MAX acts at most, so that a later copy joins it.
 *
 * A request without a twin is judged by its own line.  One owner, no locks.
 */
#ifndef ST_TWINS_H
#define ST_TWINS_H

#include "detect/finding.h"
#include "lib/pack.h"

#define TWINS_SECONDS 2
#define TWINS_HELD_MAX 4096
#define TWINS_BYTES_MAX ((size_t)64 << 20)
#define TWINS_TICKS 64
#define TWINS_RECENT_MAX 131072

struct twins_calls {
	/* Judge a request, once an act.  `group` is "" where it is in no
	 * finding.  What *v points to must live until the next judgement. */
	int (*judge)(void *arg, const struct request *r, struct verdict *v,
	    char group[FINDING_ID_SIZE]);
	/* A further record of an act that is in this finding. */
	void (*join)(void *arg, const char *group, struct slice event_id);
	/* The line of one request; group is NULL for none. */
	void (*line)(void *arg, const struct request *r,
	    const struct verdict *v, const char *group);
};

struct twins;
struct twins *twins_new(bool live, const struct twins_calls *calls, void *arg);
void twins_free(struct twins *t); /* what is held is forgotten */

/* Errors are those of judge(), and ST_ENOMEM. */
int twins_add(struct twins *t, const struct request *r) ST_MUSTCHECK;
int twins_tick(struct twins *t) ST_MUSTCHECK;
int twins_finish(struct twins *t) ST_MUSTCHECK;

/* Requests that have no line yet. */
size_t twins_held(const struct twins *t);

/*
 * Live, over a restart (twins_keep.c): a row of each request that is held and
 * was not saved, and for those that have their line by now that it is there no
 * longer.  What put() refuses is given again the next time.
 */
int twins_save(struct twins *t, pack_row *put, void *arg) ST_MUSTCHECK;
/* Before anything else, in the order of keys: it waits anew.  ST_EFORMAT: it is
 * none of ours. */
int
twins_load(struct twins *t, struct slice key, struct slice value) ST_MUSTCHECK;

#endif
