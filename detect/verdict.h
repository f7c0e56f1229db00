/*
 * verdict.h - the reasons of all detectors become one verdict.
 *
 * Adds up weights to a score of 0 to 100, tells severity, and says whether it
 * is a finding.  Pure functions, any thread.
 */
#ifndef ST_VERDICT_H
#define ST_VERDICT_H

#include "detect/baseline.h"
#include "detect/grants.h"
#include "detect/lineage.h"
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
	bool finding;   /* people are told */
	bool held_back; /* by the budget: people are told in the digest */
	struct reason reasons[VERDICT_REASONS_MAX];
	unsigned n_reasons;
	struct slice rule;          /* as in policy_answer */
	struct slice suppressed_by; /* as in policy_answer */
	/* Whose habits it breaks, where that alone makes the finding, or would
	 * without a budget, who breaks
	 * the policy every day, or whom no rule knows: all such findings of one
	 * principal fold together.  Else absent. */
	struct slice fold;
	bool every_day; /* a breach of the policy that is a habit */
	/* "4 minutes after alice called iam:CreateRole", where that made it
	 * possible; else absent. */
	struct slice granted, granted_event; /* the change's record */
	const struct hop *hops; /* the chain it came by, the root first */
	unsigned n_hops;
};

const char *verdict_name(enum verdict_word w);

/* 100 (1 - product of (1 - weight / 100)): more reasons give more, never more
 * than 100.  Rounded to a tenth, so that what compares equal prints equal. */
double verdict_score(const struct reason *reasons, unsigned n);

/*
 * The highest severity among the reasons, and then:
 *   - two or more different reasons of medium, none higher: high;
 *   - two or more different reasons of high, a policy breach among them:
 *     critical (lineage reasons alone often tell one thing twice);
 *   - three or more different reasons of low, none higher: medium;
 *   - a request that was denied or failed: one step lower, not below low.
 * A reason that is critical by itself (a decoy) stays critical in any case.
 */
enum severity verdict_severity(
    const struct reason *reasons, unsigned n, enum outcome outcome);

/*
 * A verdict that must wait: copied into an arena without the room for reasons
 * it does not have.  verdict_keep() gives ST_ENOMEM where memory is out.
 */
struct kept_verdict {
	enum verdict_word word;
	double score;
	enum severity severity;
	bool finding;
	struct reason *reasons;
	unsigned n_reasons;
	struct slice rule, suppressed_by, granted, granted_event;
	struct hop *hops;
	unsigned n_hops;
};
int verdict_keep(const struct verdict *v, struct arena *a,
    struct kept_verdict *result) ST_MUSTCHECK;
void verdict_restore(const struct kept_verdict *k, struct verdict *result);

/* What the policy alone says.  Reasons are sorted by weight, the heaviest
 * first, ties by code; a reason without a weight gets its row's.
 * Slices stay where the answer has them. */
void verdict_from_policy(const struct request *r,
    const struct policy_answer *answer, struct verdict *result);

/*
 * What the baseline adds to that.  A breach of the policy keeps its word and
 * gets the baseline's reasons beside its own, weighs less the more usual it
 * looks and where it goes on from another day, and where it happens day after
 * day counts one step lower, unless it is a decoy; where the policy allows, or
 * says nothing, the baseline decides.  While there is too little history, it
 * adds nothing.  `excuse`: why the policy holds all of its reasons back, or absent.
 */
void verdict_add_baseline(const struct request *r,
    const struct baseline_answer *answer, struct slice excuse,
    struct verdict *result);

/*
 * What lineage adds: its reasons, but for those that are there already, and the
 * chain.  A finding of lineage is one whatever baseline and budget say, unless
 * the policy holds the request back, or `excuse` says why it holds back these
 * reasons.
 */
void verdict_add_lineage(const struct request *r,
    const struct lineage_answer *answer, struct slice excuse,
    struct verdict *result);

/*
 * What it adds that somebody was let ask for this a short while ago: what tells
 * of a first time takes half of what is left to 100 more.  Where whoever changed
 * IAM is not used to that, it counts one step higher, not above high, and what
 * would be no finding becomes one, unless `excuse` says why not.  `told` says
 * it in words.
 */
void verdict_add_grant(const struct request *r, const struct grants_found *f,
    struct slice told, struct slice excuse, struct verdict *result);
/* Is there anything to add to: does it tell of a first time? */
bool verdict_is_first(const struct request *r, const struct verdict *v);

/* A use is no request: nobody but lineage judges it. */
void verdict_from_use(struct verdict *result);

#endif
