/*
 * finding_i.h - what the rooms of findings share: the finder from inside.
 *
 * finding.c folds, closes and gives out; finding_keep.c saves and loads what is
 * open; finding_held.c knows what a digest says.  For these only.
 */
#ifndef ST_FINDING_I_H
#define ST_FINDING_I_H

#include "detect/finding.h"
#include "lib/map.h"

#define STRINGS_FIRST 512

/* The event that the finding is told by. */
struct strongest {
	struct arena arena;
	struct request request;
	struct kept_verdict verdict;
};

/* What a budget held back on one day: the strangest of each of a few. */
#define HELD_LINES_MAX FINDING_STEPS_MAX

struct held_line {
	struct slice who, title;
	double score;
};

struct held {
	struct arena arena;
	struct held_line lines[HELD_LINES_MAX]; /* the strangest first */
	unsigned n;
};

struct open {
	struct open *older, *newer;   /* by when it last grew */
	struct open *before, *behind; /* by when it began */
	uint64_t key_hash, id_hash;
	struct slice key;
	char id[FINDING_ID_SIZE];
	bool closed;
	unsigned revision;
	uint64_t count, told_count;
	struct when first_seen, last_seen;
	enum severity severity;
	struct slice event_ids[FINDING_EVENTS_MAX];
	unsigned n_event_ids;
	struct arena strings; /* key and event ids */
	struct ack ack;
	struct held *held; /* NULL: it is no digest */
	/* Changed since it was saved: then it stands in a list. */
	bool changed, saved;
	struct open *changed_before, *changed_behind;
	struct strongest top;
};

struct finder {
	struct finder_about about;
	finding_cb *cb;
	void *arg;
	bool live, every;
	struct map by_key, by_id;
	struct open *oldest, *newest; /* by when they last grew */
	struct open *first, *last;    /* by when they began */
	struct open *blocker; /* the first that is not closed, if known */
	struct open *digest;  /* of the latest day, while it is open */
	size_t n;
	struct sha256 *sha;
	struct buf key;
	struct open *changed; /* since the last finder_save() */
	struct buf gone;      /* ids of saved ones that are closed */
	struct arena words;   /* of the finding being given out */
	struct finding out;
};

void open_free(struct open *o);

/* ---- finding_held.c ------------------------------------------------------ */

struct held *held_new(void);
void held_free(struct held *h);
/* This was held back, too. */
int held_note(struct held *h, const struct request *r,
    const struct verdict *v) ST_MUSTCHECK;
struct slice held_title(const struct open *o, struct arena *a);
unsigned held_steps(const struct held *h, struct arena *a,
    struct slice steps[FINDING_STEPS_MAX]);
void held_save(const struct held *h, struct buf *out); /* NULL: it is none */
int held_load(struct unpack *u, struct held **result) ST_MUSTCHECK;

/* One that was kept: into both tables and, whatever its times, to the end of
 * both lists; finder_order() follows.  ST_ENOMEM: it is in none of them. */
int finder_link(struct finder *f, struct open *o) ST_MUSTCHECK;
/* The lists anew: by last_seen, and by first_seen.  ST_ENOMEM. */
int finder_order(struct finder *f) ST_MUSTCHECK;
void finder_touch(struct finder *f, struct open *o);
void finder_untouch(struct finder *f, struct open *o);

#endif
