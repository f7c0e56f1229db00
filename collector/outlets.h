/*
 * outlets.h - the outputs that run, and how those of another configuration
 * take their place.
 *
 *     err = outlets_new(&about, NULL, generation, &now, &e);   // checks
 *     err = outlets_open(now, delivery, &e);
 *     err = outlets_begin(now, &e);             // once rows are loaded
 *
 *     err = outlets_new(&about, now, generation, &next, &e);   // a reload
 *     err = outlets_open(next, delivery, &e);
 *     ... the judge is given next's list, and takes it over ...
 *     outlets_switch(next, on_done, arg);       // the delivery thread follows
 *     outlets_free(now, next);
 *
 * An output that is as it was is in both lists, and nothing happens to it.  One
 * that is new or changed is opened beside the old one: all that can fail has
 * happened then.  One that is gone leaves what waits for it behind, in an outlet
 * that is away, for as long as the process lives.  A list holds the generations
 * that its outlets look at.  Main thread; what happens on the delivery thread it
 * waits for, but for outlets_switch().
 */
#ifndef ST_OUTLETS_H
#define ST_OUTLETS_H

#include "collector/generation.h"
#include "outputs/outlet.h"

/* Outputs by name in the life of a process. */
#define OUTLETS_MAX 1024
/* What an old output has on its way is waited for; then it waits again. */
#define OUTLETS_PATIENCE_MS 5000

struct outlets_about {
	const char *host;          /* as of outlet_new() */
	bool lasts;                /* there is a state */
	const struct walls *walls; /* or NULL: nothing is closed to us */
};

struct outlets;
/* `before` (NULL: none) must stay until `done` of outlets_switch().  A fault has
 * its place in the configuration. */
int outlets_new(const struct outlets_about *about, struct outlets *before,
    struct generation *g, struct outlets **result, struct err *e) ST_MUSTCHECK;
/* Those that are not open yet. */
int
outlets_open(struct outlets *o, struct delivery *d, struct err *e) ST_MUSTCHECK;
/* At the start, where no other is to be waited for. */
int outlets_begin(struct outlets *o, struct err *e) ST_MUSTCHECK;

/* The list for the judge; stays until outlets_free(). */
struct outlet *const *outlets_list(const struct outlets *o);
size_t outlets_count(const struct outlets *o);
bool outlets_want_growth(const struct outlets *o);

/* Once the judge has taken it over: the old ones finish and are closed, the new
 * ones begin.  `done` is called on the delivery thread; then `before` may be
 * freed. */
void outlets_switch(struct outlets *o, void (*done)(void *arg), void *arg);

/* And those of its outlets that are not in `but` (NULL: all).  The list before,
 * if there is one, first.  NULL is fine. */
void outlets_free(struct outlets *o, const struct outlets *but);

#endif
