/*
 * books.h - what came in and what became of it; it balances at any moment.
 *
 *     received = token_requests + uses + other + duplicates + rejected
 *                + in_flight
 *
 * Sums of counts that the pipeline's thread has gathered.  Pure functions.
 */
#ifndef ST_BOOKS_H
#define ST_BOOKS_H

#include "collector/pipeline.h"

struct books {
	uint64_t received, token_requests, uses, other, duplicates, rejected,
	    in_flight;
	uint64_t rejected_by[REJECT_COUNT];
	uint64_t findings, findings_by[SEV_COUNT];
};

/* `in`: of all inputs; `undecided`: requests that the pipeline still holds or
 * that never reached it. */
void books_make(const struct sift_counts *in, const struct pipeline_counts *p,
    uint64_t undecided, struct books *result);
bool books_balance(const struct books *b);

/* One line, without its LF: "received 12 = 3 token requests + ...". */
void books_tell(const struct books *b, struct buf *out);

#endif
