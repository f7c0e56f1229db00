/*
 * survey.h - how the daemon is, put together from those who know.
 *
 *     struct survey v;
 *     survey_init(&v);
 *     survey_take(&v, &from, &status);   // status borrows from v
 *     survey_release(&v);
 *
 * Main thread: it looks at the rooms that main owns, and at the gauge of the
 * pipeline's thread.
 */
#ifndef ST_SURVEY_H
#define ST_SURVEY_H

#include "collector/gauge.h"
#include "collector/generation.h"
#include "collector/status.h"
#include "lib/batchq.h"
#include "lib/sandbox.h"

struct http_shared;
struct listeners;

/* A certificate that is good for less than this is a reason. */
#define SURVEY_CERT_DAYS 14

struct survey_from {
	const char *version;
	struct when started;
	unsigned generation;
	bool stopping;
	uint64_t reloads;
	const char *reload_error; /* "": the last one was good */
	const struct generation *now;
	struct gauge *gauge;
	const struct listeners *doors;
	struct batchq *queue;
	struct http_shared *http;
	const struct sandbox_report *walls;
};

struct survey {
	struct gauge_view view;
	struct status_input *inputs;
	struct status_output *outputs;
	struct status_geo *geo;
	struct buf walls;
};

void survey_init(struct survey *v);
void survey_release(struct survey *v);
/* What there is no memory for is left out. */
void
survey_take(struct survey *v, const struct survey_from *from, struct status *s);

#endif
