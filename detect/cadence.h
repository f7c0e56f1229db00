/*
 * cadence.h - how often a source speaks, and that it has gone silent.
 *
 *     struct cadence *c = cadence_new(CADENCE_SOURCES_MAX);
 *     cadence_heard(c, SLICE_LIT("input tcp:127.0.0.1:6514"), now);
 *     cadence_check(c, now, on_silent, arg);       // every second or so
 *     cadence_free(c);
 *
 * For each source the longest pause of every day is remembered, for
 * CADENCE_DAYS days.  A silence is one that is CADENCE_FACTOR times as long as
 * the longest of them and at least CADENCE_FLOOR_S, or that is longer than the
 * source's own bound where it was given one.  A source is known well enough
 * after CADENCE_LEARN_S and CADENCE_LEARN_HEARD arrivals; before that its
 * silence means nothing.  So offices that rest at weekends are not silent on
 * a Sunday, if they were known for a week.
 *
 * Times are those of arrival: whether we hear anything is the question here,
 * not how old it is.  While we do not listen no silence is learned or told:
 * call cadence_resume() when we begin to.  One owner.
 */
#ifndef ST_CADENCE_H
#define ST_CADENCE_H

#include "lib/pack.h"
#include "lib/when.h"

#define CADENCE_SOURCES_MAX 20000 /* more are not watched, and counted */
#define CADENCE_NAME_MAX 256      /* bytes; a longer name is cut */
#define CADENCE_DAYS 15
#define CADENCE_FACTOR 2
#define CADENCE_FLOOR_S ((int64_t)900)
#define CADENCE_LEARN_S ((int64_t)7 * 86400)
#define CADENCE_LEARN_HEARD 100

struct cadence_silence {
	struct slice source;
	struct when since;
	int64_t silent_s, longest_s; /* now, and ever before */
};

struct cadence;
struct cadence *cadence_new(size_t max_sources); /* NULL without memory */
void cadence_free(struct cadence *c);

/* `source` said something. */
void cadence_heard(struct cadence *c, struct slice source, struct when now);
/* Told as silent once it says nothing for so long, learned or not; 0: as
 * learned; < 0: never. */
void cadence_bound(struct cadence *c, struct slice source, int64_t seconds);
/* Nobody could be heard until now. */
void cadence_resume(struct cadence *c, struct when now);

typedef void cadence_cb(void *arg, const struct cadence_silence *s);
/* Those that have become silent since the last call, each once until it
 * speaks again.  The callback must not call the cadence. */
void
cadence_check(struct cadence *c, struct when now, cadence_cb *cb, void *arg);

/* Is it silent now, told or not? */
bool cadence_is_silent(const struct cadence *c, struct slice source);
size_t cadence_count(const struct cadence *c);
uint64_t cadence_unwatched(const struct cadence *c); /* arrivals */

/* Rows of what has changed since the last save; ST_ENOMEM, or what `row` gave. */
int cadence_save(struct cadence *c, pack_row *row, void *arg) ST_MUSTCHECK;
/* A row as saved; ST_EFORMAT where it is none. */
int cadence_load(
    struct cadence *c, struct slice key, struct slice value) ST_MUSTCHECK;

#endif
