/*
 * salvage.h - a new database of what is right in a damaged one.
 *
 *     err = salvage_finish(dir, seam, &e);            // at each open, first
 *     err = salvage_state(&options, &r, &e);          // the database is closed
 *
 * All rows whose checksum is right go into state.db.new, wherever in the file
 * or its log they lie (pages.h); of two with one key the later.  Then the
 * damaged file and its log are renamed to state.db.damaged-TIME and the new one
 * takes its place.  Dying in between is finished by salvage_finish().
 * Tables of which all is read at start and little is written come first; what
 * is not done after SALVAGE_MS stays in the file that is set aside.
 * At most SALVAGE_ASIDE_MAX damaged files are kept, the latest.
 */
#ifndef ST_STORE_SALVAGE_H
#define ST_STORE_SALVAGE_H

#include "store/disk.h"
#include "store/store.h"

#define SALVAGE_MS 3000
#define SALVAGE_ASIDE_MAX 8
#define SALVAGE_FILE "state.db"

struct salvage_options {
	int dir;          /* of the state */
	const char *path; /* the same */
	const struct store_seam *seam;
};

struct salvaged {
	uint64_t rows, missing;
	bool counted; /* `missing` is known */
	bool late;    /* time was over before all was read */
	char aside[DISK_ASIDE_MAX];
};

/* ST_EIO, ST_ENOMEM: all is as it was; or, where result->aside is not empty, the
 * damaged one is out of the way and salvage_finish() is to be called. */
int salvage_state(const struct salvage_options *o, struct salvaged *result,
    struct err *e) ST_MUSTCHECK;
int
salvage_finish(int dir, const struct store_seam *m, struct err *e) ST_MUSTCHECK;

#endif
