/*
 * board.h - the last day for people to look at: hours, countries, findings.
 *
 *     board_decision(b, &request, &verdict);   // the pipeline's thread
 *     board_finding(b, &finding);
 *     board_publish(b);                        // from time to time
 *
 *     struct board_view *v = board_look(b);    // any thread; a copy
 *     board_view_free(v);
 *
 *     err = board_save(b, put, arg);           // with each commit
 *     err = board_load(b, key, value);         // at the start, each row
 *
 * Counted by event time: the day is the 24 hours that end with the latest event.
 * Counting takes no lock; publishing copies all of it under one.  With a store
 * it is there again after a restart; nothing depends on it.
 */
#ifndef ST_BOARD_H
#define ST_BOARD_H

#include "detect/finding.h"
#include "lib/pack.h"

#define BOARD_HOURS 24
#define BOARD_PLACES_MAX 48   /* countries an hour; others are not drawn */
#define BOARD_FINDINGS_MAX 20 /* the last ones */
#define BOARD_FINDING_MAX ((size_t)64 << 10) /* bytes; longer is left out */

struct board_place {
	char country[3];
	uint64_t n, odd; /* requests, those not expected */
};

struct board_hour {
	int64_t hour; /* since 1970; another's: the slot is empty */
	uint64_t verdict[VERDICT_COUNT];
	uint64_t findings; /* first told of this hour */
	struct board_place places[BOARD_PLACES_MAX];
	unsigned n_places;
};

struct board_view {
	int64_t last; /* the latest hour; 0: nothing with a time yet */
	struct board_hour hours[BOARD_HOURS];    /* by hour modulo */
	struct buf findings[BOARD_FINDINGS_MAX]; /* native JSON */
	unsigned n_findings, next; /* `next` is where the oldest stands */
	char ids[BOARD_FINDINGS_MAX][FINDING_ID_SIZE];
};

struct board;
struct board *board_new(void); /* NULL without memory */
void board_free(struct board *b);

/* The pipeline's thread. */
void board_decision(
    struct board *b, const struct request *r, const struct verdict *v);
void board_finding(struct board *b, const struct finding *f);
void board_publish(struct board *b);

/* What has changed since it was saved last, in rows whose keys begin with
 * BOARD_ROWS. */
#define BOARD_ROWS "board/"
int board_save(struct board *b, pack_row *put, void *arg) ST_MUSTCHECK;
/* ST_EFORMAT: a row that this version cannot read; ST_ENOMEM. */
int
board_load(struct board *b, struct slice key, struct slice value) ST_MUSTCHECK;

/* Any thread.  NULL without memory. */
struct board_view *board_look(struct board *b);
void board_view_free(struct board_view *v); /* NULL is fine */
/* The i-th of the findings, the latest first. */
struct slice board_finding_at(const struct board_view *v, unsigned i);

#endif
