/*
 * generation.h - one configuration and all that is made of it.
 *
 *     struct generation *g;
 *     err = generation_load("stsentry.yaml", names, &g, &e);
 *     ...                                  // never changes
 *     generation_free(g);
 *
 * The files it names are read and checked, nothing is bound, opened for
 * writing or started.  So a new one is built beside the one that runs, and
 * only when it is whole the rooms are told of it.  Once loaded any thread may
 * read it.  Outputs look at theirs for as long as they run, whatever comes after
 * it: whoever holds a generation keeps it, and each gives it back by
 * generation_free().
 *
 * Inputs come and go with generations, but counts and acknowledgements of one
 * go on: `input_ids` says, for each input of this configuration, the number by
 * which all generations know it.  Main thread, but for reading.
 */
#ifndef ST_GENERATION_H
#define ST_GENERATION_H

#include "conf/config.h"
#include "events/catalogue.h"

/* Names of inputs in the life of a process. */
#define INPUT_NAMES_MAX 4096

struct geo;
struct policy;

/* The names of all inputs that there were, by their number.  Room for all is
 * made at once, so that other threads may read those that are there. */
struct input_names {
	char **v;
	size_t n;
};
void input_names_release(struct input_names *names);

struct generation {
	struct config *config;
	struct policy *policy; /* NULL: none */
	struct geo *geo;       /* NULL: no places */
	struct api_choice apis;
	unsigned *input_ids;
	unsigned holders; /* main's */
};

/* New names are added to `names`, also when something is wrong later on. */
int generation_load(const char *path, struct input_names *names,
    struct generation **result, struct err *e) ST_MUSTCHECK;
void generation_hold(struct generation *g);
/* The last one frees it.  NULL is fine. */
void generation_free(struct generation *g);
/* All of it but the configuration: places and policy. */
void generation_shed(struct generation *g);

#endif
