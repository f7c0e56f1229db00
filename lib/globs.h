/*
 * globs.h - files by patterns, `**` for any number of directories, none too.
 *
 *     struct globs g = GLOBS_INIT;
 *     err = globs_add(&g, "/var/log/trail-*.gz", on_problem, arg);
 *     globs_sort(&g);                       // bytewise, each once
 *     for (i = 0; i < g.n; i++) ... g.v[i] ...
 *     globs_release(&g);
 *
 * `*`, `?` and `[...]` work within a name; a leading
 * dot must be written.  A directory that is named without any wildcard stands
 * for all files beneath it.  Only regular files are given; `**` follows no
 * symbolic links.  What cannot be looked at is told and passed over.
 * One owner; blocks on the file system.
 */
#ifndef ST_GLOBS_H
#define ST_GLOBS_H

#include "lib/err.h"

#include <stddef.h>

#define GLOBS_DEPTH_MAX 64
#define GLOBS_FILES_MAX ((size_t)10000000)

struct globs {
	char **v;
	size_t n, cap;
};
#define GLOBS_INIT         \
	{                  \
		NULL, 0, 0 \
	}

/* `error` is an errno: why `path` cannot be looked at. */
typedef void globs_problem_cb(void *arg, const char *path, int error);

/* ST_ENOMEM, or ST_ELIMIT beyond GLOBS_FILES_MAX; what was found stays. */
int globs_add(struct globs *g, const char *pattern, globs_problem_cb *problem,
    void *arg) ST_MUSTCHECK;
void globs_sort(struct globs *g);
void globs_release(struct globs *g);

#endif
