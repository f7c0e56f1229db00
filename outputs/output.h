/*
 * output.h - the contract between the core and an output.
 *
 * An output takes bytes to one place and says what became of them.  Format,
 * filters, queue, retry, bounds and counters belong to the core (outlet.h);
 * every call for one instance comes from one thread.  outputs/null is the
 * shortest complete example.
 *
 * A kind is one constant table of functions; all are listed in output.c.
 */
#ifndef ST_OUTPUT_H
#define ST_OUTPUT_H

#include "lib/err.h"

#include <stdbool.h>

struct output_config;

/* What an output is told of its configuration. */
struct output_options {
	const char *name; /* for messages: "output NAME: ..." is added */
	const char *path; /* NULL where the kind has none */
	const char *host; /* this machine, or NULL */
	/* All that was said of it; outlives the output. */
	const struct output_config *config;
};

enum output_verdict {
	OUTPUT_DONE,  /* all of it is taken */
	OUTPUT_AGAIN, /* the rest later; `e` says why */
	OUTPUT_BUSY,  /* the rest later, and nothing is wrong */
};

struct output_kind {
	const char *name; /* the word of `type:` */
	const char *help;

	/* Could it be opened?  Changes nothing; for `stsentryd -t`. */
	int (*check)(const struct output_options *o, struct err *e);

	/* *fresh: nothing stands there yet, begin with the format's head. */
	int (*open)(const struct output_options *o, void **self, bool *fresh,
	    struct err *e);

	/* Whole records one behind another.  *taken: how many bytes are dealt
	 * with; what is not is given again, from exactly there. */
	enum output_verdict (*write)(
	    void *self, const char *p, size_t n, size_t *taken, struct err *e);

	/* Make what was taken last. */
	int (*flush)(void *self, struct err *e);

	/* Somebody moved the file away: begin a new one.  `torn` bytes of an
	 * unfinished record were taken last; that record will be given again
	 * whole, so take them back from the old one.  On error the old one
	 * stays in use, and nothing was taken back. */
	int (*reopen)(void *self, size_t torn, bool *fresh, struct err *e);

	void (*close)(void *self);
};

extern const struct output_kind output_file, output_stdout, output_webhook,
    output_null;

/* NULL where there is no such kind (yet). */
const struct output_kind *output_find(const char *name);

#endif
