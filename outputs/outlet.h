/*
 * outlet.h - one configured output: filters, format, what is still to be
 * written.
 *
 *     struct outlet *o;
 *     err = outlet_new(&config->outputs[i], &limits, host, &o, &e);
 *     err = outlet_open(o, &e);
 *     outlet_finding(o, &finding);            // into the queue, if it wants it
 *     outlet_push(o);                         // as much as the output takes
 *     if (outlet_is_over(o)) ...              // stop what fills it
 *     outlet_free(o);
 *
 * Nothing is lost while an output cannot be written: it stays in the queue,
 * in memory, and the next push tries again, from the very byte.  At its bound
 * an output says by `when_full` whether the stages before it stop (block) or
 * the oldest records go (drop_oldest, counted and said).  Owned by the
 * pipeline's thread.
 */
#ifndef ST_OUTLET_H
#define ST_OUTLET_H

#include "conf/config.h"
#include "detect/finding.h"

struct outlet_limits {
	size_t records, bytes; /* 0: OUTLET_RECORDS, OUTLET_BYTES */
};
#define OUTLET_RECORDS ((size_t)100000)
#define OUTLET_BYTES ((size_t)64 << 20)
/* Reached in the middle of a round: write. */
#define OUTLET_WRITE_BYTES ((size_t)256 << 10)

struct outlet_counts {
	uint64_t made, delivered, dropped;
};

struct outlet;

/* Checks all that can be checked without changing anything.  The config must
 * outlive it.  `host` may be NULL: who says it, in formats that tell. */
int outlet_new(const struct output_config *c, const struct outlet_limits *l,
    const char *host, struct outlet **result, struct err *e) ST_MUSTCHECK;
int outlet_open(struct outlet *o, struct err *e) ST_MUSTCHECK;
void outlet_free(struct outlet *o);

void outlet_finding(struct outlet *o, const struct finding *f);
void outlet_decision(struct outlet *o, const struct request *r,
    const struct verdict *v, const char *group);

/* Write what is queued; true when nothing is left. */
bool outlet_push(struct outlet *o);
/* Push and make it last. */
bool outlet_sync(struct outlet *o);
/* Begin a new file, if its kind has one. */
void outlet_reopen(struct outlet *o);

bool outlet_is_over(const struct outlet *o);
/* Worth a write now, in the middle of a round. */
bool outlet_is_due(const struct outlet *o);
/* The last write failed. */
bool outlet_is_stuck(const struct outlet *o);
size_t outlet_queued(const struct outlet *o); /* records */
const struct outlet_counts *outlet_counts(const struct outlet *o);
const char *outlet_name(const struct outlet *o);

#endif
