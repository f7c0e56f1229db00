/*
 * sealed.h - a copy of a file that nobody can change any more.
 *
 *     struct sealed s;
 *     err = sealed_copy(path, max, &s, e);
 *     ... open s.path, map it ...
 *     sealed_release(&s);		// the mapping stays
 *
 * In memory (memfd) where the system has that, else in a temporary file
 * that loses its name with sealed_release().
 */
#ifndef ST_SEALED_H
#define ST_SEALED_H

#include "lib/err.h"

#include <stdbool.h>

#define SEALED_PATH 256

struct sealed {
	char path[SEALED_PATH]; /* by which the copy can be opened */
	int fd;
	bool named; /* a temporary file, to be unlinked */
};

/* Regular files of at most max bytes.  An empty one is ST_EFORMAT, one that
 * is being written to ST_EBUSY. */
int sealed_copy(const char *path, size_t max, struct sealed *result,
    struct err *e) ST_MUSTCHECK;

/* The same from bytes; `name` is for the text of errors. */
int sealed_bytes(const char *name, const void *p, size_t n,
    struct sealed *result, struct err *e) ST_MUSTCHECK;

void sealed_release(struct sealed *s);

#endif
