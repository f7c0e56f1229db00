/*
 * drill.h - what `stsentry drill` says, and what it looks at beside outputs.
 *
 *     struct drill d = { .json = json };
 *     drill_say(&d, &(struct drill_line){ "output", "siem", true, 12, "done" });
 *     drill_surroundings(&d, config);
 *     return d.failed ? EXIT_HOLDS : EXIT_OK;
 *
 * Main thread; everything here may block.
 */
#ifndef ST_DRILL_H
#define ST_DRILL_H

#include "conf/config.h"

struct drill {
	bool json;
	unsigned failed;
};

struct drill_line {
	const char *what, *name; /* "output", "siem" */
	bool ok;
	int64_t ms;       /* how long it took; -1: does not matter */
	const char *text; /* what was found */
	const char *fix;  /* where it is not as it should be; or NULL */
};

void drill_say(struct drill *d, const struct drill_line *line);

/* Names that are looked up, certificates, the clock, disks, geo databases. */
void drill_surroundings(struct drill *d, const struct config *c);

#endif
