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
#include "detect/finding.h"

struct pipeline_options {
	const struct policy *policy; /* must outlive the pipeline */
	const char *version;
	bool live;	 /* the daemon: findings are given out as they grow */
	/* Requests seen before are counted as duplicates and not judged; 0: the
	 * caller has done that. */
	size_t duplicates_max;
};

/* What becomes of each request.  Everything lives until the call returns. */
struct pipeline_sink {
	void (*decision)(void *arg, const struct request *r,
	    const struct verdict *v, const char *group /* or NULL */);
	void (*finding)(void *arg, const struct finding *f);
};

struct pipeline_counts {
	uint64_t requests, duplicates;
	uint64_t by_verdict[VERDICT_COUNT];
	uint64_t findings[SEV_COUNT];
};

struct pipeline;
struct pipeline *pipeline_new(const struct pipeline_options *o,
    const struct pipeline_sink *sink, void *arg);
void pipeline_free(struct pipeline *p);
int pipeline_request(struct pipeline *p, const struct request *r) ST_MUSTCHECK;
int pipeline_batch(struct pipeline *p, const struct batch *b) ST_MUSTCHECK;
/* Judge what is held back for a twin, close the findings that are open. */
int pipeline_finish(struct pipeline *p) ST_MUSTCHECK;
const struct pipeline_counts *pipeline_counts(const struct pipeline *p);

#endif
