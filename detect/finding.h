/*
 * finding.h - verdicts that people should see, repeats folded into one.
 *
 *     struct finder *f = finder_new(&about, on_finding, arg);
 *     finder_add(f, &request, &verdict, group);   // group: the finding's id
 *     finder_finish(f);                           // gives out what is open
 *
 * Two verdicts fold into one finding when provider, account, principal,
 * action, target and the set of reason codes are equal (never address,
 * session or event id: those change with every request) and no more than
 * FINDING_GAP lies between them.  The id is a hash of that key and of the
 * first event: the same evidence gives the same id.  Owned by the pipeline's
 * thread.
 */
#ifndef ST_FINDING_H
#define ST_FINDING_H

#include "detect/verdict.h"
#include "lib/pack.h"

#define FINDING_ID_SIZE 36      /* "f-" and 32 hex digits, and a NUL */
#define FINDING_GAP (24 * 3600) /* seconds of event time */
#define FINDING_EVENTS_MAX 20
#define FINDING_OPEN_MAX 20000 /* then the oldest is given out */
#define FINDING_STEPS_MAX 8
#define FINDING_DISORDER_MAX 4096 /* how far back a late one is put in order */

/* A person has seen it. */
struct ack {
	struct when at; /* not valid: nobody has */
	struct slice by;
	bool taught; /* and said that it is all right */
};

struct finding {
	char id[FINDING_ID_SIZE];
	unsigned revision; /* 1, and one more each time it is given out again */
	bool
	    raised; /* the first time, or its severity has risen since the last */
	struct when time; /* when the strongest event happened */
	struct when first_seen, last_seen;
	uint64_t count;
	enum severity severity;
	double score;
	struct slice title;
	struct reason reasons[VERDICT_REASONS_MAX];
	unsigned n_reasons;
	struct request request; /* of the strongest event */
	struct verdict verdict; /* of the strongest event */
	struct slice event_ids[FINDING_EVENTS_MAX];
	unsigned n_event_ids;
	const struct hop *lineage;
	unsigned n_lineage;
	struct slice next_steps[FINDING_STEPS_MAX];
	unsigned n_next_steps;
	struct ack ack;
	struct slice rule;
	const char *policy_file, *policy_hash;
	const char *version;
};

/* What is written into every finding. */
struct finder_about {
	const char *policy_file, *policy_hash, *version;
};

typedef void finding_cb(void *arg, const struct finding *f);

struct finder;
struct finder *
finder_new(const struct finder_about *about, finding_cb *cb, void *arg);
void finder_free(struct finder *f);

/*
 * Take one verdict with `finding` set.  Copies what it keeps.  `group` gets
 * the finding's id.
 */
int finder_add(struct finder *f, const struct request *r,
    const struct verdict *v, char group[FINDING_ID_SIZE]) ST_MUSTCHECK;

/*
 * Take one that a budget held back (`held_back`).  All of one day (UTC) are one
 * finding, the digest: `informational`, told by its strangest, with a line for
 * each of the strangest principals in place of next steps, and given out an
 * hour behind the end of that day.
 */
int finder_hold(struct finder *f, const struct request *r,
    const struct verdict *v) ST_MUSTCHECK;

/*
 * Before the first verdict.  `as_it_grows` (the daemon): a finding is given
 * out at once, again when its severity rises, and once more when it is closed
 * if its count has changed since.  Else (scan) each is given out once, when it
 * and all that began before it are closed: by first_seen, then id.
 */
/* What findings say of the policy from now on. */
void finder_set_about(struct finder *f, const struct finder_about *about);
void finder_set_live(struct finder *f, bool as_it_grows);
/* Live: give it out with every event that joins it. */
void finder_set_every(struct finder *f, bool every);

/* A further record of an act that is in a finding already: its id joins the
 * list, nothing else changes. */
void finder_join(struct finder *f, const char *group, struct slice event_id);

/* A person has seen it: it is given out once more, with that.  ST_ENOENT: it
 * is not open. */
int finder_ack(
    struct finder *f, const char *id, const struct ack *ack) ST_MUSTCHECK;

/* Event time is here now: close what is older than FINDING_GAP. */
void finder_advance(struct finder *f, struct when now);
void finder_finish(struct finder *f);

/*
 * Over a restart (finding_keep.c): rows of the findings that have changed
 * since the last call, by their id; closed ones are no longer there.  What put()
 * refuses is given again the next time.
 */
int finder_save(struct finder *f, pack_row *put, void *arg) ST_MUSTCHECK;
/* Before the first verdict: each row, then finder_loaded() once.  ST_EFORMAT: it
 * is none of ours; ST_ELIMIT: there are FINDING_OPEN_MAX. */
int finder_load(
    struct finder *f, struct slice key, struct slice value) ST_MUSTCHECK;
int finder_loaded(struct finder *f) ST_MUSTCHECK;
size_t finder_open(const struct finder *f); /* how many are open */

/* The one sentence: who did what, from where, and why that is not normal. */
struct slice finding_title(
    const struct request *r, const struct verdict *v, struct arena *a);

#endif
