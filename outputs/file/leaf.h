/*
 * leaf.h - one of the files below a base, opened without following a link.
 *
 *     err = leaf_open(base, "a/b.jsonl", &owner, &leaf, &made, &why);
 *     err = leaf_put(&leaf, data, size, &why);      // whole, or not at all
 *     leaf_close(&leaf);
 *
 * Folders on the way are made; a symbolic link in any place is an error, and so
 * is what is no regular file.  Functions that give an int give 0, or -1 with
 * the reason.  One owner.
 */
#ifndef ST_FILE_LEAF_H
#define ST_FILE_LEAF_H

#include "outputs/file/owner.h"

#include <stdbool.h>

struct leaf {
	int fd;          /* -1: closed */
	uint64_t number; /* the file's own, whatever its name */
	off_t size;
};

/* `make`: it need not be there; only then folders are made, too. */
int leaf_open(int base, const char *path, const struct owner *owner, bool make,
    struct leaf *result, struct stsentry_why *why);
int leaf_put(
    struct leaf *l, const char *data, size_t size, struct stsentry_why *why);
int leaf_cut(struct leaf *l, off_t size, struct stsentry_why *why);
int leaf_sync(struct leaf *l, struct stsentry_why *why);
void leaf_close(struct leaf *l);

#endif
