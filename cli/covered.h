/*
 * covered.h - whose logs come, from where, and which do not.
 *
 *     covered_init(&c);
 *     covered_take(&c, &request);             // in the order of time
 *     covered_expect(&c, account);            // one that should be there
 *     covered_settle(&c);
 *     ... c.rows.v[i], covered_row(); c.advice ...
 *     covered_release(&c);
 *
 * A row is an account (of the trail that told, as far as the record says), a
 * region, and a kind of log: management, data, data_access and others, as
 * events/catalogue has them for each token API.  Only token requests are seen:
 * a project whose admin activity comes and whose data access logs are off has no
 * row, and is found by being named by others.  Advice is of what is named and
 * does not come, of what has stopped, and of what a trail evidently leaves out.
 * Main thread.
 */
#ifndef ST_COVERED_H
#define ST_COVERED_H

#include "cli/counts.h"
#include "events/request.h"
#include "lib/buf.h"
#include "lib/err.h"

#define COVERED_ROWS_MAX 100000
#define COVERED_ADVICE_MAX 1000
#define COVERED_SILENT_DAYS 2 /* without a request, before it is told */

enum missing {
	MISSING_ACCOUNT, /* AWS: nothing comes of it */
	MISSING_PROJECT, /* GCP: no data access log comes of it */
	MISSING_GLOBAL,  /* AWS: no global events, no us-east-1 */
	MISSING_ASSUME,  /* AWS: some come, and no sts:AssumeRole ever */
	MISSING_NOW,     /* it came, and has stopped */
};

struct advice {
	enum missing what;
	struct slice account; /* lives in the counts */
	uint64_t n;           /* requests that name it; days of silence */
};

struct covered {
	struct counts rows;     /* packed; other: days of the longest gap */
	struct counts accounts; /* that send; other: 1 where GCP's */
	struct counts named;    /* that are named; other: the same */
	struct counts global, assume; /* accounts that have these */
	struct advice *advice;
	size_t n_advice;
	int64_t last_day;
	uint64_t requests;
	struct buf key;
};

void covered_init(struct covered *c);
void covered_release(struct covered *c);
void covered_take(struct covered *c, const struct request *r);
void covered_expect(struct covered *c, struct slice account);
/* Rows in order, and advice; ST_ENOMEM. */
int covered_settle(struct covered *c) ST_MUSTCHECK;

struct covered_row {
	struct slice provider, account, region, logs;
	const struct count *count;
	uint64_t silent; /* days up to the last day of all */
};
struct covered_row covered_row(const struct covered *c, size_t i);

/* One sentence; and how to switch it on, in gcloud, AWS CLI and Terraform. */
void covered_say(const struct advice *a, struct buf *out);
void covered_commands(const struct advice *a, struct buf *out);

#endif
