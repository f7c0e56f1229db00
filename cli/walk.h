/*
 * walk.h - the files under a path, in an order that does not change.
 *
 * A directory's entries come sorted bytewise, directories are entered,
 * symbolic links to directories are not (they could lead around in circles).
 * Names may hold any byte.
 */
#ifndef ST_WALK_H
#define ST_WALK_H

#include "lib/err.h"

#include <stdint.h>

#define WALK_DEPTH_MAX 64

/* `size` is 0 for what is no regular file.  A value that is not 0 ends it. */
typedef int walk_file_cb(void *arg, const char *path, uint64_t size);
typedef void walk_unreadable_cb(void *arg, const char *path, const char *why);

/* "-" is given as it is. */
int walk(const char *path, walk_file_cb *on_file,
    walk_unreadable_cb *on_unreadable, void *arg) ST_MUSTCHECK;

#endif
