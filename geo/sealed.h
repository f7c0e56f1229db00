/*
 * sealed.h - a copy of a file that nobody can change any more.
 *
 *     struct sealed s;
 *     err = sealed_copy(path, max, &s, e);
 *     ... s.p[0 .. s.n) ...
 *     sealed_release(&s);
 *
 * Private, read-only memory in large pages where the system has them.  For
 * libraries that only take a path there are stubs: files of our own that are
 * as long as the copy, but hold only the end of it.
 *
 *     struct stub b;
 *     err = stub_open(&s, tail, &b, e);
 *     ... open b.path ...
 *     stub_close(&b);		// what was mapped stays
 */
#ifndef ST_SEALED_H
#define ST_SEALED_H

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>

struct sealed {
	unsigned char *p; /* not to be written to */
	size_t n;
	void *area; /* p and what was mapped with it */
	size_t area_size;
};

/* Regular files of at most max bytes.  An empty one is ST_EFORMAT, one that
 * is being written to ST_EBUSY. */
int sealed_copy(const char *path, size_t max, struct sealed *result,
    struct err *e) ST_MUSTCHECK;

/* The same from bytes; `name` is for the text of errors. */
int sealed_bytes(const char *name, const void *p, size_t n,
    struct sealed *result, struct err *e) ST_MUSTCHECK;

/* A second time is harmless. */
void sealed_release(struct sealed *s);

#define STUB_PATH 256

/* In memory (memfd) where the system has that, else a temporary file that
 * loses its name with stub_close(). */
struct stub {
	char path[STUB_PATH];
	int fd;
	bool named;
};

/* The last `tail` bytes are those of the copy, those before it are zero. */
int stub_open(const struct sealed *s, size_t tail, struct stub *result,
    struct err *e) ST_MUSTCHECK;
void stub_close(struct stub *b);

#endif
