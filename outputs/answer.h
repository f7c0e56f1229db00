/*
 * answer.h - what a service's answer means for what was sent.
 *
 *     verdict = answer_judge(preset, &answer, n, items, &wait_ms, &why);
 *
 * done: taken.  again: not now; wait as the answer says, or as pace.h does.
 * hold: something at our end or theirs must be put right first (a token that
 * is refused, an address that moved): tried again, rarely, nothing is given
 * up.  lost: this body will never be taken; of several findings in it one may
 * be the cause, so send halves.  Pure functions, any thread.
 */
#ifndef ST_ANSWER_H
#define ST_ANSWER_H

#include "outputs/preset.h"

enum answer_verdict { ANSWER_DONE, ANSWER_AGAIN, ANSWER_HOLD, ANSWER_LOST };

struct answer {
	int status;
	int64_t retry_after; /* seconds by the header, either form; 0: none */
	struct slice body;
};
#define ANSWER_WAIT_MAX_MS ((int64_t)3600 * 1000)

/* items[n] is filled where the preset has results for each, else with the
 * whole's verdict.  *wait_ms: 0 where the answer says nothing. */
enum answer_verdict answer_judge(const struct preset *p, const struct answer *a,
    size_t n, enum answer_verdict *items, int64_t *wait_ms, struct err *why);

#endif
