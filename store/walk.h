/*
 * walk.h - all lines of a ledger, in the order they were written.
 *
 *     struct ledger_walk w = { .line = on_line, .damage = on_damage };
 *     err = ledger_walk(dir, &w, arg, &e);
 *
 * Changes nothing, so that it may go beside the daemon: a file that is packed
 * meanwhile is found, one that is removed is passed over, and of a line that is
 * being written (at the end of the last file) nothing is told.
 * Memory is that of lines.h.
 */
#ifndef ST_STORE_WALK_H
#define ST_STORE_WALK_H

#include "lib/err.h"
#include "lib/slice.h"
#include "lib/when.h"

#include <stdint.h>

struct ledger_place {
	const char *file; /* its name, without .zst */
	uint64_t line;    /* in it, from 1 */
	bool last;        /* of all files */
};

struct ledger_walk {
	/* Files that hold nothing from here on are not opened; not valid: all. */
	struct when since;
	/* With its LF.  Anything but 0 ends the walk. */
	int (*line)(
	    void *arg, const struct ledger_place *at, struct slice text);
	/* What stands from here on in this file cannot be read; may be NULL. */
	void (*damage)(
	    void *arg, const struct ledger_place *at, const char *why);
};

struct ledger_files {
	uint64_t files, bytes, aside; /* as shelf.h */
};

/* `dir` is a state folder or a ledger's.  ST_ENOENT: it has no ledger. */
int ledger_walk(const char *dir, const struct ledger_walk *w, void *arg,
    struct ledger_files *files, struct err *e) ST_MUSTCHECK;

#endif
