/*
 * grants.h - the first token after somebody was let ask for it.
 *
 *     struct grants *g = grants_new(&options);     // NULL without memory
 *     err = grants_note(g, &change);               // KIND_GRANT
 *     if (grants_before(g, &request, &found)) ...  // was it made possible now?
 *     grants_free(g);
 *
 * A change of IAM (events/grant.h) is remembered for a while by whom it lets
 * ask and for what.  A request within that time asks: by its principal, by the
 * identity provider or pool that vouches for it, and by its target; roles and
 * users are compared by account and name.  That it is the first one, the
 * caller tells: to whom nothing is new the change does not matter.
 *
 * Who changes IAM every week (a pipeline, the person who runs it) is told apart
 * from one who does so for the first time: by the days on which it was seen.
 *
 * Memory is bounded: of changes and of those who make them the oldest are
 * forgotten, and counted.  The same record twice is one change.  One owner, no
 * locks.
 */
#ifndef ST_GRANTS_H
#define ST_GRANTS_H

#include "events/request.h"
#include "lib/err.h"
#include "lib/pack.h"

#define GRANTS_MAX 100000     /* changes, and as many who make them */
#define GRANTS_NAME_MAX 512   /* bytes of a name; longer ones are cut */
#define GRANTS_WINDOW_S 86400 /* by default */
#define GRANTS_USED_TO_DAYS 2 /* before: it is nothing new that it grants */
#define GRANTS_KEPT_DAYS 90   /* one who has not granted since is forgotten */

struct grants_options {
	int64_t window; /* seconds; 0: nothing is remembered */
	size_t max;     /* 0: GRANTS_MAX */
	bool kept;      /* somebody calls grants_save() */
};

struct grants_found {
	struct slice who, action, event; /* until the next call of either */
	int64_t age;  /* seconds between the change and the request */
	bool used_to; /* whoever made it does so now and then */
};

struct grants_counts {
	uint64_t known; /* now */
	uint64_t noted, found, expired, evicted, evicted_makers;
};

struct grants;
struct grants *grants_new(const struct grants_options *o);
void grants_free(struct grants *g);
/* From now on; what is forgotten is not known again. */
void grants_set_window(struct grants *g, int64_t seconds);

/* ST_ENOMEM: not remembered. */
int grants_note(struct grants *g, const struct request *change) ST_MUSTCHECK;
/* The last change that made this request possible. */
bool grants_before(
    struct grants *g, const struct request *r, struct grants_found *result);

const struct grants_counts *grants_counts(const struct grants *g);

/*
 * Over a restart: rows of what has changed since the last call; what put()
 * refuses is given again the next time.  grants_load() before the first
 * request, each row, then grants_loaded() once.  ST_EFORMAT: the row is none of
 * ours.
 */
int grants_save(struct grants *g, pack_row *put, void *arg) ST_MUSTCHECK;
int grants_load(
    struct grants *g, struct slice key, struct slice value) ST_MUSTCHECK;
int grants_loaded(struct grants *g) ST_MUSTCHECK;

#endif
