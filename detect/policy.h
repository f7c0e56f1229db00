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
 * How a request is judged:
 *
 *  1. Who asks?  A rule is for a request when its `principals` (patterns, or
 *     class:NAME), `principal_types` and `sessions` fit, its `outcome` does,
 *     and it has not expired.  `sessions` is asked of caller_session, else of
 *     session.  A rule without any of these is for everybody.
 *  2. The first rule in the file that is for the request and all of whose
 *     conditions hold allows it.  Where none does, the rule that fails the
 *     fewest conditions (of several the first) says which: a reason each,
 *     with what was seen, what was expected, and "rule ID".
 *  3. Where no rule is for the request, `unlisted_principals: alert` is
 *     principal_not_allowed, and `learn` is silence.
 *  4. The `approved` lists are asked of every request on top, but for what
 *     the rule of step 2 says itself: `from: {countries, networks}` stand
 *     for approved.countries and approved.networks, `from: {asns}` for
 *     approved.asns, `cloud_regions` and `accounts` for theirs (`accounts` of
 *     a rule is asked of `account` alone, the approved ones of
 *     target_account, too).
 *     approved.networks and approved.countries vouch for one another: an
 *     address in an approved network is fine whatever its country and ASN,
 *     and with both lists an address in an approved country is fine whatever
 *     its network.
 *  5. A decoy (patterns of targets and principals) that is touched is a
 *     breach, whatever rules say.
 *  6. Exceptions and maintenance windows hold reasons back: all of them
 *     makes POLICY_SUPPRESSED, some of them leaves a breach of the others.
 *     A decoy is held back only by an exception whose `codes` name it.
 *
 * Service-driven requests (principal_type service) are quiet: only rules
 * with a who of their own (step 1) and decoys say anything of them, and
 * approved lists are asked only with such a rule.
 *
 * What a record does not tell is no breach of a rule or of an approved list:
 * country, network and ASN of a source that is no public address (a private
 * one has a network for rules), an unknown country or ASN, a duration or a
 * time that is not there.  To insist on an address, say `source_kinds: [ip]`.
 * An absent action, target, account, session, cloud_region, external_id or
 * source_identity fits only a pattern "-".  `mfa: required` is breached by a
 * request without MFA, and by one that does not tell where records usually do
 * (principal_type user, root, role).  A failed or denied request is judged
 * like others.  Exceptions are stricter: what is not told does not fit them.
 *
 * Moments are of the request, not of the day of the judgement.  A date in
 * `expires` and `until` includes that day, in UTC.  A request without a time
 * is outside no hours, finds no rule expired and no exception in force.
 *
 * Patterns: pattern.h; bytewise, but countries in any case.  A name of a role
 * is also tried without its path, and a pattern that names one role of one
 * account fits that role whichever of the two has the path.
 *
 * The keys: policy_rows.c, policy.yaml(5).
 */
#ifndef ST_POLICY_H
#define ST_POLICY_H

#include "detect/reasons.h"
#include "events/request.h"
#include "lib/err.h"
#include "lib/json.h"
#include "lib/problems.h"

struct policy;
struct policy_scratch;

int policy_load(
    const char *path, struct policy **result, struct err *e) ST_MUSTCHECK;
/* The same from text; `name` stands for the file in messages. */
int policy_load_text(struct slice yaml, const char *name,
    struct policy **result, struct err *e) ST_MUSTCHECK;
/* All that is wrong goes on the list; NULL where something is. */
struct policy *policy_examine(const char *path, struct problems *all);
struct policy *
policy_examine_text(struct slice yaml, const char *name, struct problems *all);
void policy_free(struct policy *p);

struct policy_scratch *policy_scratch_new(const struct policy *p);
void policy_scratch_free(struct policy_scratch *s);

enum policy_word {
	POLICY_ALLOWED, /* a rule allows it, and nothing approved is broken */
	POLICY_BREACH,  /* at least one reason */
	POLICY_SILENT, /* says nothing of this principal: the baseline judges */
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
struct slice policy_class(
    const struct policy *p, struct policy_scratch *s, const struct request *r);

/* It comes from an address of approved.networks. */
bool policy_trusts(const struct policy *p, const struct request *r);

/* `use.max_distance_km`; 0 where it is not set. */
double policy_max_distance_km(const struct policy *p);

/* The file's name ("" for the empty policy) and "sha256:..." of its bytes. */
const char *policy_path(const struct policy *p);
const char *policy_hash(const struct policy *p);
size_t policy_rule_count(const struct policy *p);

/* A rule or an exception, for those who tell of it: as written, NULL where it
 * is not.  All live as long as the policy. */
struct policy_entry {
	const char *id, *owner, *why, *end_text;
	struct when end;      /* from then on not in force; not valid: never */
	int64_t max_duration; /* seconds; 0: any */
	struct slice says; /* what policy_excuse() returns; absent for a rule */
};
/* Rules first, then exceptions. */
size_t policy_entry_count(const struct policy *p);
void
policy_entry_at(const struct policy *p, size_t i, struct policy_entry *result);

/* The rules considered for one request, for a person: each rule, which
 * conditions held and which failed, the verdict.  `stsentry check
 * --explain-policy`. */
void policy_explain(const struct policy *p, struct policy_scratch *s,
    const struct request *r, struct buf *out);

struct policy_test_result {
	size_t run, failed, uncovered;
};
/* Run the policy's own `tests:`; each failure goes on one list, each rule
 * that no case comes to (that neither allows it nor says why not) on another. */
int policy_run_tests(const struct policy *p, struct problems *failed,
    struct problems *uncovered, struct policy_test_result *result) ST_MUSTCHECK;

/* The published JSON Schema of policy.yaml. */
void policy_schema(struct buf *out);

#endif
