/*
 * pipeline.h - from requests to verdicts and findings.
 *
 *     struct pipeline *p = pipeline_new(&options, &sink, arg);
 *     pipeline_batch(p, batch);              // the daemon
 *     pipeline_request(p, &request);         // scan, in its own order
 *     pipeline_finish(p);
 *
 * The one place where detection state lives: policy, then verdict, then
 * finding.  It owns no thread; whoever calls it must be one.  The daemon and
 * `stsentry scan` use the same pipeline.
 */
#ifndef ST_PIPELINE_H
#define ST_PIPELINE_H

#include "collector/batch.h"
#include "collector/twins.h"
#include "detect/finding.h"
#include "store/store.h"

/* A live record that is so many seconds ahead of our clock is judged by the
 * policy alone: what it would teach would make all others late. */
#define PIPELINE_AHEAD_S 3600

struct pipeline_options {
	const struct policy *policy; /* must outlive the pipeline */
	const char *version;
	/* The daemon: requests come in any order and are decided on arrival,
	 * findings are given out as they grow.  Else (scan) requests come in
	 * the order of time; decisions are given out in that very order. */
	bool live;
	/* Live: findings are given out with every event that joins them, not
	 * only when that raises them. */
	bool every;
	/* Requests seen before are counted as duplicates and not judged; 0: the
	 * caller has done that.  At most so many are remembered, at least half
	 * of it; the oldest are forgotten first. */
	size_t duplicates_max;
	int64_t duplicates_span; /* seconds; 0: however old (window.h) */
	/* How to learn what is usual; NULL: the policy judges alone. */
	const struct baseline_options *baseline;
};

/* What becomes of each request.  Everything lives until the call returns. */
struct pipeline_sink {
	void (*decision)(void *arg, const struct request *r,
	    const struct verdict *v, const char *group /* or NULL */);
	void (*finding)(void *arg, const struct finding *f);
};

/* What rows of lineage begin with in STORE_DETECT. */
#define PIPELINE_LINEAGE "lineage/"

struct pipeline_counts {
	uint64_t requests; /* all that came, duplicates too */
	uint64_t duplicates;
	uint64_t refused;  /* for lack of memory */
	uint64_t notices;  /* that were told; no requests */
	uint64_t uses;     /* of credentials; no requests */
	uint64_t unminted; /* credentials not remembered, for lack of memory */
	uint64_t by_verdict[VERDICT_COUNT];
	/* By the severity they were first given out with. */
	uint64_t findings[SEV_COUNT];
};

struct pipeline;
struct pipeline *pipeline_new(const struct pipeline_options *o,
    const struct pipeline_sink *sink, void *arg);
void pipeline_free(struct pipeline *p);

/* The decision may come in a later call: see twins.h.  The use of a credential
 * (KIND_USE) has none, but may be a finding; a grant (KIND_GRANT) is only
 * remembered. */
int pipeline_request(struct pipeline *p, const struct request *r) ST_MUSTCHECK;

/*
 * All grants, requests, uses and notices of a batch; an empty batch is a good one.  A live pipeline
 * counts batches to tell how long it has waited for the twin of a copy that
 * names nobody: let it have one, empty if need be, at each commit.  One that is
 * refused for lack of memory does not stop the others; the first error is
 * returned.  ST_ETRUNC where the bytes are none of batch_add()'s.
 */
int pipeline_batch(struct pipeline *p, const struct batch *b) ST_MUSTCHECK;

/* A finding without a request.  The same notice again (a file was read once
 * more) is passed over. */
int pipeline_notice(struct pipeline *p, const struct notice *n) ST_MUSTCHECK;

/* A person has seen this finding; `taught`: and says that it is all right, so that
 * what it told is habit.  ST_ENOENT: no such finding is open, and none of this
 * id has told of anybody lately. */
int pipeline_ack(
    struct pipeline *p, const char *id, const struct ack *ack) ST_MUSTCHECK;

/* What is decided from now on is decided by these; the policy must outlive the
 * pipeline, or the next such call.  Whether it is live, has a baseline and looks
 * for duplicates stays as it is.  On failure nothing has changed. */
int pipeline_set_options(
    struct pipeline *p, const struct pipeline_options *o) ST_MUSTCHECK;

/* Requests that wait for their twin and have no decision yet. */
size_t pipeline_held(const struct pipeline *p);

/* Judge what is held back for a twin; findings stay open. */
int pipeline_settle(struct pipeline *p) ST_MUSTCHECK;
/* The same, and close the findings that are open. */
int pipeline_finish(struct pipeline *p) ST_MUSTCHECK;

/*
 * Over a restart.  pipeline_save() puts the rows of all that has changed since
 * the last call (a null value: the row is there no longer); what put() refuses
 * comes again the next time.  pipeline_load() takes them back before the first
 * request, table by table in the order of keys, and then pipeline_loaded(), once.
 * ST_EFORMAT: a row is none of ours, ST_ENOENT: no room has such rows; the others
 * still hold.  Which rooms have
 * what in which table: the list in pipeline.c.
 */
typedef int pipeline_row(void *arg, enum store_table table, struct slice key,
    struct slice value) ST_MUSTCHECK;
int
pipeline_save(struct pipeline *p, pipeline_row *put, void *arg) ST_MUSTCHECK;
int pipeline_load(struct pipeline *p, enum store_table table, struct slice key,
    struct slice value) ST_MUSTCHECK;
int pipeline_loaded(struct pipeline *p) ST_MUSTCHECK;
bool pipeline_uses(enum store_table table); /* some room has rows there */
/* Go on from what was counted before. */
void pipeline_count_on(struct pipeline *p, const struct pipeline_counts *from);
size_t pipeline_known(const struct pipeline *p); /* keys of the window */
const struct pipeline_counts *pipeline_counts(const struct pipeline *p);
/* All 0 without a baseline. */
struct baseline_counts pipeline_baseline_counts(const struct pipeline *p);
struct lineage_counts pipeline_lineage_counts(const struct pipeline *p);
struct grants_counts pipeline_grants_counts(const struct pipeline *p);

#endif
