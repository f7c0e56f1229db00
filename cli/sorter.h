/*
 * sorter.h - token requests in the order of time, however many there are.
 *
 *     struct sorter *s = sorter_new(&options);
 *     sorter_add(s, bytes, n);            // packed requests, any thread
 *     sorter_run(s, on_request, arg, &e); // in order, once
 *     sorter_free(s);
 *
 * Keeps up to a bound in memory, then writes sorted runs into an unlinked
 * file of the temporary folder and merges them, SORTER_RUNS_MAX at a time.
 * The order is that of request_cmp(), so it does not matter which thread read
 * what first.
 *
 * Requests seen before are left out and counted: of several the first in the
 * input is kept.  Up to SORTER_SEEN_MAX keys are remembered exactly; beyond
 * them only copies that also have the same time and id are recognised.
 * Uses of credentials and grants (KIND_USE, KIND_GRANT) are put in order, and all
 * given out.
 */
#ifndef ST_SORTER_H
#define ST_SORTER_H

#include "events/request.h"
#include "lib/err.h"

#define SORTER_MEMORY ((size_t)24 << 20) /* default */
#define SORTER_SEEN_MAX ((size_t)700000)
#define SORTER_RUNS_MAX 256 /* more are merged into one on the way */

struct sorter_options {
	size_t memory;        /* 0: SORTER_MEMORY */
	bool keep_duplicates; /* every copy is given out */
	const char *tmpdir;   /* NULL: TMPDIR, else /tmp */
};

struct sorter;
struct sorter *sorter_new(const struct sorter_options *o);
void sorter_free(struct sorter *s);

/* Takes packed requests (request_pack), one behind another. */
int
sorter_add(struct sorter *s, struct slice packed, struct err *e) ST_MUSTCHECK;

typedef int sorter_cb(void *arg, const struct request *r);
/* Stops at the first value of the callback that is not 0, and returns it. */
int sorter_run(
    struct sorter *s, sorter_cb *cb, void *arg, struct err *e) ST_MUSTCHECK;
uint64_t sorter_duplicates(const struct sorter *s);
size_t sorter_runs(const struct sorter *s);

#endif
