/*
 * explain.h - what `stsentry explain` has found out, and how it tells it.
 *
 * explain.c looks for the event and asks; explain_tell.c writes.  Main thread.
 */
#ifndef ST_EXPLAIN_H
#define ST_EXPLAIN_H

#include "cli/change.h"
#include "cli/usual.h"

struct explained {
	struct request request;
	struct verdict verdict;
	struct slice group; /* the finding's id; absent for none */
	struct slice title;
	uint64_t count;            /* requests in the finding; 0: not known */
	const struct hop *lineage; /* the root first */
	unsigned n_lineage;
	bool told; /* as a decision line has it, not judged anew */
	bool has_usual;
	struct usual usual;
	const struct policy *policy;
	struct policy_answer answer; /* of the policy of today */
	struct buf rules;            /* policy_explain() */
	struct change change;
};

void explain_text(const struct explained *x, struct buf *out);
void explain_json(const struct explained *x, struct buf *out);

#endif
