/*
 * policy.h - what is allowed: policy.yaml, compiled.
 *
 *     struct policy *p;
 *     int err = policy_load(path, &p, &e);      // path NULL: the empty policy
 *     struct policy_scratch *s = policy_scratch_new(p);
 *     policy_judge(p, s, &request, &answer);
 *
 * All patterns of all rules go into one automaton, so that a judgement costs
 * by the length of the names, not by the number of rules.  A policy never
 * changes once loaded and may be asked from any thread, each with a scratch
 * of its own.  Answers point into the policy, the scratch and the request.
 *
 * The keys and their meaning: CONTRACTS section 4, policy.yaml(5).
 */
#ifndef ST_POLICY_H
#define ST_POLICY_H

#include "detect/reasons.h"
#include "events/request.h"
#include "lib/err.h"
#include "lib/json.h"

struct policy;
struct policy_scratch;

int policy_load(const char *path, struct policy **result,
    struct err *e) ST_MUSTCHECK;
/* The same from text; `name` stands for the file in messages. */
int policy_load_text(struct slice yaml, const char *name,
    struct policy **result, struct err *e) ST_MUSTCHECK;
void policy_free(struct policy *p);

struct policy_scratch *policy_scratch_new(const struct policy *p);
void policy_scratch_free(struct policy_scratch *s);

enum policy_word {
	POLICY_ALLOWED,	   /* a rule allows it, and nothing approved is broken */
	POLICY_BREACH,	   /* at least one reason */
	POLICY_SILENT,	   /* says nothing of this principal: the baseline judges */
	POLICY_SUPPRESSED, /* a breach held back by an exception or maintenance */
};

#define POLICY_REASONS_MAX 16
struct policy_answer {
	enum policy_word word;
	struct slice rule; /* id of the rule that allowed it, or of the one
			    * nearest to it whose conditions failed */
	struct reason reasons[POLICY_REASONS_MAX];
	unsigned n_reasons;
	/* Why it is held back: "exception SOC-1234 (alice@acme.com, until
	 * 2026-12-31): migration"; reasons keep what was held back. */
	struct slice suppressed_by;
};

void policy_judge(const struct policy *p, struct policy_scratch *s,
    const struct request *r, struct policy_answer *result);

/* Does an exception or a maintenance window cover this code for this request?
 * For reasons of baseline and lineage.  Absent, or the words as above. */
struct slice policy_excuse(const struct policy *p, struct policy_scratch *s,
    const struct request *r, enum reason_code code);

/* The first class that the request's principal is of; absent for none. */
struct slice policy_class(const struct policy *p, struct policy_scratch *s,
    const struct request *r);

/* `use.max_distance_km`; 0 where it is not set. */
double policy_max_distance_km(const struct policy *p);

/* The file's name ("" for the empty policy) and "sha256:..." of its bytes. */
const char *policy_path(const struct policy *p);
const char *policy_hash(const struct policy *p);
size_t policy_rule_count(const struct policy *p);

/* The rules considered for one request, for a person: each rule, which
 * conditions held and which failed, the verdict.  `stsentry check
 * --explain-policy`. */
void policy_explain(const struct policy *p, struct policy_scratch *s,
    const struct request *r, struct buf *out);

/* The rule numbers that allowed requests so far, to tell what no test covers. */
struct policy_test_result {
	size_t run, failed, uncovered;
};
/* Run the policy's own `tests:`; a line a failure and a line an uncovered rule
 * into `out`. */
int policy_run_tests(const struct policy *p, struct buf *out,
    struct policy_test_result *result) ST_MUSTCHECK;

#endif
