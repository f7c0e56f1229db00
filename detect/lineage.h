/*
 * lineage.h - which credential came from which, and where it is used.
 *
 *     struct lineage *l = lineage_new(&options);       // NULL without memory
 *     err = lineage_judge(l, &request, &scope, &answer);  // request or use
 *     err = lineage_mint(l, &request);                 // what it gave out
 *     lineage_free(l);
 *
 * Every credential that was given out is remembered until it expires: who
 * asked, with which credential before it, from where.  A later request or use
 * (KIND_USE) finds its credential by the access key, else by role, session
 * name and the second the session began (Identity Center's keys are never the
 * ones that were logged); in GCP by service account and who stands behind it.
 * Where several would fit and do not come from one identity, none is taken:
 * the root is unknown rather than a wrong one.  A use that comes before its
 * mint waits with the credential, and is judged when the mint arrives.
 *
 * What is told, and when it is kept quiet: doc/lineage.md.
 *
 * Memory is bounded: the credentials and habits of longest ago are forgotten,
 * and counted.  One owner, no locks.  Facts: CloudTrail's sessionContext
 * (creationDate, sessionIssuer, ec2RoleDelivery), Cloud Audit's
 * serviceAccountDelegationInfo.
 */
#ifndef ST_LINEAGE_H
#define ST_LINEAGE_H

#include "detect/reasons.h"
#include "events/request.h"
#include "lib/pack.h"

#define LINEAGE_TOKENS_MAX 400000 /* credentials remembered */
#define LINEAGE_KNOWN_MAX 400000  /* habits: chains, subjects, places */
#define LINEAGE_HOPS_MAX 16       /* of one chain; longer ones are cut */
#define LINEAGE_REASONS_MAX 8

struct hop {
	struct slice who, credential, city;
	char country[3];
	struct when time;
};

struct lineage_options {
	int64_t learning; /* seconds of history before "never seen" counts */
	struct when
	    learn_until; /* judge from here on, whatever `learning` is */
	/* Records come in the order of time: a mint that is not there yet does
	 * not come any more. */
	bool ordered;
	size_t tokens_max, known_max; /* 0: as above */
	bool kept;                    /* somebody calls lineage_save() */
};

/* What the policy knows of a request. */
struct lineage_scope {
	double max_distance_km; /* use.max_distance_km; 0: not set */
	bool trusted;           /* its address is in an approved network */
};

struct lineage_answer {
	bool finding; /* people should know; else the reasons only weigh */
	struct reason reasons[LINEAGE_REASONS_MAX];
	unsigned n_reasons;
	/* The chain it comes from, the root first; an absent `who` is a root
	 * that is not known.  The request itself is not in it. */
	struct hop hops[LINEAGE_HOPS_MAX + 1];
	unsigned n_hops;
};

struct lineage_counts {
	uint64_t tokens, known; /* now */
	uint64_t minted, joined, unjoined;
	uint64_t expired, evicted_tokens, evicted_known;
};

struct lineage;
struct lineage *lineage_new(const struct lineage_options *o);
void lineage_free(struct lineage *l);
/* `learning`, from the next request on. */
void lineage_set_learning(struct lineage *l, int64_t seconds);

/* Says what is not right, and learns.  What the answer points to lives until
 * the next call of either.  ST_ENOMEM. */
int lineage_judge(struct lineage *l, const struct request *r,
    const struct lineage_scope *scope,
    struct lineage_answer *answer) ST_MUSTCHECK;
/* Remembers the credential that a successful request gave out; of each record
 * of an act.  ST_ENOMEM. */
int lineage_mint(struct lineage *l, const struct request *r) ST_MUSTCHECK;

const struct lineage_counts *lineage_counts(const struct lineage *l);

/* A credential of the inventory, for `stsentry tokens`. */
struct lineage_token {
	struct slice credential; /* absent where the record does not tell it */
	struct slice principal;  /* who asked; absent: its mint was not seen */
	struct slice target, session;
	enum provider provider;
	struct when minted, expires, last_used;
	bool lifetime_told; /* else `expires` is the longest it can live */
	char last_country[3];
	struct hop hops[LINEAGE_HOPS_MAX + 1]; /* its own mint is the last */
	unsigned n_hops;
};
/* In the order they were first heard of. */
typedef void lineage_token_cb(void *arg, const struct lineage_token *t);
int lineage_each(
    const struct lineage *l, lineage_token_cb *cb, void *arg) ST_MUSTCHECK;

/*
 * Over a restart (lineage_keep.c): rows of what has changed since the last
 * call.  What put() refuses is given again the next time.  lineage_load()
 * before the first request, each row, then lineage_loaded() once.
 * ST_EFORMAT: the row is none of ours.
 */
int lineage_save(struct lineage *l, pack_row *put, void *arg) ST_MUSTCHECK;
int lineage_load(
    struct lineage *l, struct slice key, struct slice value) ST_MUSTCHECK;
void lineage_loaded(struct lineage *l);

#endif
