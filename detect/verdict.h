/*
 * verdict.h - the reasons of all detectors become one verdict.
 *
 * Adds up weights to a score of 0 to 100, tells severity, and says whether it
 * is a finding.  Pure functions, any thread.
 */
#ifndef ST_VERDICT_H
#define ST_VERDICT_H

#include "detect/policy.h"

enum verdict_word {
	VERDICT_EXPECTED,
	VERDICT_UNEXPECTED,
	VERDICT_LEARNING,
	VERDICT_SUPPRESSED,
	VERDICT_COUNT
};

#define VERDICT_REASONS_MAX 32
struct verdict {
	enum verdict_word word;
	double score;
	enum severity severity;
	bool finding; /* people are told */
	struct reason reasons[VERDICT_REASONS_MAX];
	unsigned n_reasons;
	struct slice rule;	    /* as in policy_answer */
	struct slice suppressed_by; /* as in policy_answer */
};

const char *verdict_name(enum verdict_word w);

/* What the policy alone says.  Slices stay where the answer has them. */
void verdict_from_policy(const struct request *r,
    const struct policy_answer *answer, struct verdict *result);

#endif
