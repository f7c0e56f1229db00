/*
 * recover.h - makes the ledger's files agree with what the state says.
 *
 *     err = recover_ledger(&options, &r, &e);
 *     ... go on behind r.end; write r.note where it is not empty ...
 *     recovery_release(&r);
 *
 * Done at each open, before anything is appended.  Looks at the last line of
 * the file that the state names, at what lies behind it, and at files that the
 * state does not know; never at all of the ledger.
 *
 *   What lies behind belongs to the next transaction     is cut off: it never
 *                                                        was.
 *   It belongs to later ones, too                        the state is older than
 *                                                        the ledger (a backup, a
 *                                                        lost database): all
 *                                                        stays, the chain goes on
 *                                                        behind it in a new file.
 *   The file is too short, another, or not there         what of it is not in the
 *                                                        chain is set aside as
 *                                                        FILE.damaged-TIME; a new
 *                                                        chain begins.
 *
 *   Time is over before it is known                      nothing is cut off or
 *                                                        removed: what was not
 *                                                        looked at is set aside.
 *
 * The note is the data of a line that tells the second and the third.
 */
#ifndef ST_STORE_RECOVER_H
#define ST_STORE_RECOVER_H

#include "store/ledger.h"

/* What is walked through at open: of a file that is damaged, for its good
 * lines, and of what the state does not know, for its last. */
#define RECOVER_MS 2000
#define RECOVER_COPY_MAX ((uint64_t)64 << 20) /* else the file goes whole */

struct recover_options {
	int dir; /* of the ledger, open */
	const struct store_seam *seam;
	const struct ledger_file *end; /* as the state says */
	uint64_t tx;                   /* its last transaction */
	/* Does the state know a closed file of that name?  Then the number of
	 * its first line. */
	bool (*known)(void *arg, const char *name, uint64_t *first);
	void *arg;
};

struct recovery {
	struct ledger_file end; /* settled; no name: nothing is */
	bool restart, fresh;    /* as ledger_restart() */
	uint64_t last;          /* the number before the next line's */
	uint64_t tx;            /* the last transaction in the ledger */
	struct buf note;        /* JSON; empty: nothing to tell */
	uint64_t lines_cut, lines_missing, set_aside;
};

/* ST_EIO, ST_ENOMEM: nothing was decided, it may be called again. */
int recover_ledger(const struct recover_options *o, struct recovery *result,
    struct err *e) ST_MUSTCHECK;
void recovery_release(struct recovery *r);

#endif
