/*
 * globs.h - files by patterns, `**` for any number of directories, none too.
 *
 *     struct globs g = GLOBS_INIT;
 *     err = globs_add(&g, "/var/log/trail-*.gz", on_problem, arg);
 *     globs_sort(&g);                       // bytewise, each once
 *     for (i = 0; i < g.n; i++) ... g.v[i] ...
 *     globs_release(&g);
 *
 *     err = globs_walk("/var/log/" "**", NULL, &calls, arg);  // one at a time
 *     good = globs_match("/var/log/" "**", "/var/log/a/b");   // looks at no disk
 *
 * `*`, `?` and `[...]` work within a name; a leading
 * dot must be written.  A directory that is named without any wildcard stands
 * for all files beneath it.  Only regular files are given; `**` follows no
 * symbolic links.  What cannot be looked at is told and passed over.
 * One owner; blocks on the file system.
 */
#ifndef ST_GLOBS_H
#define ST_GLOBS_H

#include "lib/buf.h"
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

struct stat;
struct globs_calls {
	/* A file that matches.  Anything but 0 ends the walk. */
	int (*file)(void *arg, const char *path, const struct stat *st);
	/* A directory whose entries are looked at, perhaps not for the first
	 * time in this walk; may be NULL. */
	void (*folder)(void *arg, const char *path);
	globs_problem_cb *problem; /* may be NULL */
};

/*
 * Give each file as it is found, entries of a directory in bytewise order, and
 * gather nothing; a file may be given twice where the pattern has more than
 * one `**`.  `only` is NULL or a path as one of the callbacks got it, or one
 * below: then nothing else is looked at but what stands there and beneath.
 * Returns what ended it, or ST_ENOMEM.
 */
int globs_walk(const char *pattern, const char *only,
    const struct globs_calls *calls, void *arg) ST_MUSTCHECK;

/* Would globs_walk() give this file if it were there? */
bool globs_match(const char *pattern, const char *path);

/* The directory above the first wildcard, in which all of it lies; for a name
 * without wildcards the directory that it is in. */
void globs_root(const char *pattern, struct buf *out);

#endif
