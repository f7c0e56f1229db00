/*
 * seam.h - where tests take hold of the store: its clock and its disk.
 *
 * A program passes NULL and gets the system.  A test passes a table whose
 * functions fail, stop or remember; each has the meaning and the errno of the
 * call it stands for.  The database goes through SQLite's own seam: `vfs`
 * is the name of one that is registered.  Nothing else knows of faults.
 */
#ifndef ST_STORE_SEAM_H
#define ST_STORE_SEAM_H

#include "lib/when.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct store_seam {
	void *arg; /* handed to each */
	struct when (*now)(void *arg);
	/* The ledger's writing; NULL members are the system's. */
	ssize_t (*pwrite)(void *arg, int fd, const void *p, size_t n, off_t at);
	int (*fdatasync)(void *arg, int fd);
	int (*ftruncate)(void *arg, int fd, off_t size);
	int (*create)(void *arg, int dir, const char *name); /* 0600, new */
	int (*rename)(void *arg, int dir, const char *from, const char *to);
	int (*unlink)(void *arg, int dir, const char *name);
	const char *vfs; /* NULL: SQLite's own */
	bool hurry;      /* no time to recover: see RECOVER_MS */
};

#endif
