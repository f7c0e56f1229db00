/*
 * baseline.h - what is usual here, learned from what happens.
 *
 *     struct baseline *b = baseline_new(&options);
 *     baseline_judge(b, &request, told, &answer);   // judges, then takes it in
 *     baseline_finish(b);                            // learn what still waits
 *     baseline_free(b);
 *
 * Each principal has its own habits (which actions, targets, regions,
 * countries, networks, programs, hours), its peers have theirs, and each
 * target knows its callers.  What is new to a principal is worth bits of
 * surprise: more where the principal hardly ever does anything new, more
 * where hardly anybody uses what is new, fewer where colleagues began to do
 * the same in the last days.  doc/baseline.md tells how.
 *
 * Event time counts.  A request is judged by what was learned up to
 * `lateness` before the latest one seen, and by what of its own principal
 * waits since then; it is learned in order of time when that moment passes,
 * so that the learned state does not depend on the order of arrival.
 * What was part of a finding is believed only after it was seen on several
 * days.  Memory is bounded: who is least useful is forgotten, and counted.
 * One owner, no locks.
 */
#ifndef ST_BASELINE_H
#define ST_BASELINE_H

#include "detect/grants.h"
#include "detect/reasons.h"
#include "events/request.h"
#include "lib/pack.h"

#define BASELINE_BYTES_DEFAULT ((size_t)256 << 20)
#define BASELINE_FACTS_MAX 96        /* of one principal */
#define BASELINE_FACTS_OF_DIM_MAX 48 /* of one principal in one dimension */
#define BASELINE_PENDING_MAX 262144  /* requests; then the first is learned */
#define BASELINE_PENDING_BYTES_MAX ((size_t)64 << 20)
#define BASELINE_REASONS_MAX 12

struct baseline_options {
	int64_t half_life; /* seconds after which a count is half */
	int64_t learning;  /* seconds of history before anything is judged */
	int64_t lateness;  /* seconds that records may be out of order */
	double budget;     /* findings a day; 0: none, a fixed threshold */
	/* Learn up to here and judge from here on, whatever `learning` says. */
	struct when learn_until;
	size_t bytes_max; /* 0: BASELINE_BYTES_DEFAULT */
	bool kept;        /* somebody calls baseline_save() or _load() */
	int64_t grants;   /* seconds that a grant counts (grants.h) */
};
#define BASELINE_OPTIONS_DEFAULT                                               \
	((struct baseline_options){ 30 * 86400, 14 * 86400, 900, 0, WHEN_NONE, \
	    0, false, GRANTS_WINDOW_S })

struct config;
/* By `detect:`; the defaults without a configuration. */
struct baseline_options baseline_options_of(const struct config *c);

struct baseline_answer {
	bool silent;    /* it has no time or no principal: nothing to say */
	bool learning;  /* too little history to judge */
	bool finding;   /* people should know */
	bool held_back; /* it would be one, were it not for the budget */
	bool usual;     /* nothing in it is new, and it was on other days */
	bool goes_on;   /* its principal was told on an earlier day of late */
	double bits, score;                          /* 0 to 100 */
	struct reason reasons[BASELINE_REASONS_MAX]; /* the heaviest first */
	unsigned n_reasons;
	struct slice who; /* whose habits: findings of one fold together */
};

struct baseline_counts {
	uint64_t principals, values, facts; /* now */
	uint64_t evicted_principals, evicted_facts;
	uint64_t learned;
	uint64_t late;      /* came after their moment was learned */
	uint64_t hurried;   /* learned early, for lack of room to wait */
	uint64_t held_back; /* by the budget */
	uint64_t bytes;
};

struct baseline;
struct baseline *baseline_new(const struct baseline_options *o);
void baseline_free(struct baseline *b);
/* From the next request on; what was learned stays, and `kept`. */
void baseline_set_options(struct baseline *b, const struct baseline_options *o);

/* `told`: the policy has made a finding of it, so that it must not teach.
 * The answer's slices live until the next judgement. */
int baseline_judge(struct baseline *b, const struct request *r, bool told,
    struct baseline_answer *answer) ST_MUSTCHECK;

/* Learn what waits; event time goes on from there. */
int baseline_finish(struct baseline *b) ST_MUSTCHECK;

/* The finding of this id told of such a request. */
int baseline_told(struct baseline *b, const char *finding,
    const struct request *r) ST_MUSTCHECK;
/* Is it one that told of somebody?  ST_ENOENT: no, or long ago. */
int
baseline_told_of(const struct baseline *b, const char *finding) ST_MUSTCHECK;
/* A person says that what this finding told was all right: what its principal
 * did so far is habit.  ST_ENOENT as above. */
int baseline_believe(struct baseline *b, const char *finding) ST_MUSTCHECK;

/*
 * Over a restart (baseline_save.c), with `kept`: the rows of what has changed
 * since the last call; what put() refuses is given again the next time.
 */
int baseline_save(struct baseline *b, pack_row *put, void *arg) ST_MUSTCHECK;
/* Before the first request: each row in the order of keys, then
 * baseline_loaded() once.  ST_EFORMAT: it is none of ours, the others hold. */
int baseline_load(
    struct baseline *b, struct slice key, struct slice value) ST_MUSTCHECK;
int baseline_loaded(struct baseline *b) ST_MUSTCHECK;

const struct baseline_counts *baseline_counts(const struct baseline *b);

#endif
