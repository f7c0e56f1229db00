/*
 * notes.h - what a ledger's notes tell: what the daemon itself did, and who was
 * told of which finding.
 *
 *     struct notes n;
 *     notes_init(&n);
 *     err = notes_take(&n, data, at, &period);   // a note's JSON, and when
 *     for (e = n.first; e; e = e->next) ...
 *     told = notes_told(&n, finding->id);
 *     notes_release(&n);
 *
 * Which notes there are says collector/diary.h.  A delivery is kept by finding
 * and output, with the last that was heard of it; any other note is an event
 * with a sentence of ours.  Bounds have names, what is beyond is counted.  One
 * owner.
 */
#ifndef ST_REPORT_NOTES_H
#define ST_REPORT_NOTES_H

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/json.h"
#include "lib/map.h"
#include "report/period.h"

#define NOTES_EVENTS_MAX 10000
#define NOTES_TOLD_MAX 100000 /* findings, each with an output */
#define NOTES_TEXT_MAX 512    /* bytes of a sentence */

struct noted_event {
	struct noted_event *next;
	struct when at;
	struct slice event;          /* "start", "ledger_removed", ... */
	struct slice text;           /* what there is to say beside it */
	struct slice config, policy; /* hashes; absent where it has none */
};

struct noted_telling {
	struct noted_telling *next; /* of the same finding */
	struct slice id, output;
	struct when first, last;
	int64_t revision;  /* the highest */
	struct slice fate; /* of that: "delivered", "refused", "dropped" */
};

struct notes {
	struct arena arena;
	struct json_reader reader;
	struct noted_event *first, *last; /* as they came */
	struct map by_finding;            /* the first telling of each */
	size_t n_events, n_told;
	uint64_t beyond; /* notes, or findings of them, without room */
	uint64_t starts, stops;
};

void notes_init(struct notes *n);
void notes_release(struct notes *n);

/* One outside of the period is passed over, and one that cannot be read is
 * none.  ST_ENOMEM. */
int notes_take(struct notes *n, struct slice data, struct when at,
    const struct period *period) ST_MUSTCHECK;

/* To which outputs a finding went; NULL: to none that is noted. */
const struct noted_telling *notes_told(const struct notes *n, struct slice id);

#endif
