/*
 * secret.h - values that do not stand in the file itself.
 *
 * `${NAME}` inside a scalar is the environment's NAME, `$${` is a literal
 * `${`; `!file PATH` is a file's text without its last newline.  Messages
 * name the variable or the file, never what it holds.  Main thread: they read
 * the environment and files.
 */
#ifndef ST_SECRET_H
#define ST_SECRET_H

#include "lib/arena.h"
#include "lib/err.h"

/*
 * `text` with its variables filled in, in the arena.  *filled tells whether
 * there were any.  The message in `e` has no place.
 */
int secret_expand(struct slice text, struct arena *a, struct slice *result,
    bool *filled, struct err *e) ST_MUSTCHECK;

/* The text of a file of at most `max` bytes, without its last newline. */
int secret_file(const char *path, size_t max, struct arena *a,
    struct slice *result, struct err *e) ST_MUSTCHECK;

/* `path` as seen from the folder of `file`; in the arena, NULL without
 * memory. */
char *secret_path(struct arena *a, const char *file, struct slice path);

/* A whole file of at most `max` bytes; the caller frees *bytes. */
int secret_slurp(const char *path, size_t max, char **bytes, size_t *n,
    struct err *e) ST_MUSTCHECK;

#endif
