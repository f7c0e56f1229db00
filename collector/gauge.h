/*
 * gauge.h - what the pipeline's thread has counted, for others to look at.
 *
 *     gauge_batch(g, batch, now);            // the pipeline's thread
 *     gauge_lag(g, batch->input, ms);
 *     gauge_publish(g, &books, outputs, n);  // from time to time
 *
 *     struct gauge_view v = GAUGE_VIEW_INIT;
 *     gauge_look(g, &v);                     // any thread; a copy
 *     gauge_view_release(&v);
 *
 * Counting takes no lock; publishing copies all of it under one, so a view
 * fits together: its books balance.
 */
#ifndef ST_GAUGE_H
#define ST_GAUGE_H

#include "collector/books.h"
#include "collector/lag.h"
#include "detect/baseline.h"
#include "outputs/outlet.h"
#include "store/store.h"

/* Sources that are silent, by name, as many as people will read. */
#define GAUGE_SILENT_MAX 16
#define GAUGE_NAME_MAX 160

struct gauge_input {
	struct sift_counts counts;
	struct lag lag;
	int64_t heard; /* clock_ms() of its last record; -1: none yet */
};

/* An output that is not configured any more, for which records wait. */
struct gauge_removed {
	char name[CONFIG_NAME_MAX + 1];
	struct outbox_counts counts;
};
#define GAUGE_REMOVED_MAX 16 /* by name; the rest wait all the same */

struct gauge_state {
	bool is_kept; /* there is a store */
	bool stuck;   /* its last commit failed */
	struct store_counts counts;
	uint64_t duplicates_known; /* keys of the window */
	struct baseline_counts habits;
	struct lineage_counts lineage;
	struct grants_counts grants;
};

struct gauge_view {
	struct books books;
	struct gauge_state state;
	struct gauge_input *inputs; /* by their number */
	size_t n_inputs;
	struct outlet_view *outputs; /* as the judge has them */
	size_t n_outputs;
	char silent[GAUGE_SILENT_MAX][GAUGE_NAME_MAX];
	size_t n_silent;
	struct gauge_removed removed[GAUGE_REMOVED_MAX];
	size_t n_removed;
};
#define GAUGE_VIEW_INIT                                                        \
	(struct gauge_view)                                                    \
	{                                                                      \
		.inputs = NULL, .n_inputs = 0, .outputs = NULL, .n_outputs = 0 \
	}

struct gauge;
struct gauge *gauge_new(void); /* NULL without memory */
void gauge_free(struct gauge *g);

/* The pipeline's thread. */
void gauge_batch(struct gauge *g, const struct batch *b, int64_t now);
void gauge_lag(struct gauge *g, unsigned input, int64_t ms);
/* What an input has counted, or NULL; go on from what it had. */
const struct sift_counts *gauge_counts(const struct gauge *g, unsigned input);
void
gauge_count_on(struct gauge *g, unsigned input, const struct sift_counts *from);
void gauge_state(struct gauge *g, const struct gauge_state *state);
void gauge_silent(struct gauge *g, struct slice source);
/* At the start. */
void gauge_add_removed(
    struct gauge *g, struct slice name, const struct outbox_counts *counts);
/* One of that name is configured again. */
void gauge_drop_removed(struct gauge *g, struct slice name);
/* Those for which `is_silent` says no are silent no longer. */
void gauge_recheck(struct gauge *g,
    bool (*is_silent)(void *arg, struct slice source), void *arg);
/* False without memory: the last view stays. */
bool gauge_publish(struct gauge *g, const struct books *books,
    const struct outlet_view *outputs, size_t n);

/* Any thread; `v` is filled anew.  False without memory, or before the first
 * gauge_publish(). */
bool gauge_look(struct gauge *g, struct gauge_view *v);
void gauge_view_release(struct gauge_view *v);

#endif
