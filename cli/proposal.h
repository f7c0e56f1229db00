/*
 * proposal.h - a policy from the past, and what it covers and leaves out.
 *
 *     err = proposal_make(history, since, min_days, &text, &e);
 *
 * The past is judged as scan does, cli/normal sorts out what was normal, and
 * cli/draft writes the policy.  That very policy is then asked of all: what it
 * covers, and what it would let in though it was left out, is counted, not
 * guessed, and stands in comments before it.  Main thread.
 */
#ifndef ST_PROPOSAL_H
#define ST_PROPOSAL_H

#include "cli/history.h"
#include "lib/buf.h"

/* `since`: a moment, "30d" before the newest, or NULL; min_days 0: normal.h. */
int proposal_make(struct history *h, const char *since, uint64_t min_days,
    struct buf *out, struct err *e) ST_MUSTCHECK;

#endif
