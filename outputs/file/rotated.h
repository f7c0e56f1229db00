/*
 * rotated.h - the files that an output has left behind, by their names.
 *
 *     findings.jsonl.20260301T024709Z-000
 *     findings.jsonl.20260302T000000Z-000.gz
 *
 * A name says when its file was ended, in UTC, and sorts as the files came;
 * the number tells two of one second apart.  Files with other names are not
 * ours and are never touched.  Pure but for the file system; any thread.
 */
#ifndef ST_FILE_ROTATED_H
#define ST_FILE_ROTATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROTATED_STAMP 21 /* ".20260301T024709Z-000" */
#define ROTATED_PACKED ".gz"
#define ROTATED_UNFINISHED ".gz.tmp"
#define ROTATED_MAX 10000 /* that are looked at */

/* Whole paths, oldest first. */
struct rotated {
	char **v;
	size_t n;
};

/* Those of the output at `path`; false without memory, or where the folder
 * cannot be read.  Unfinished ones are not among them. */
bool rotated_list(const char *path, struct rotated *result);
void rotated_release(struct rotated *r);
bool rotated_is_packed(const char *name);

/* A name that no file has yet; false where there is none. */
bool rotated_name(const char *path, int64_t time_ms, char *name, size_t size);

/* Removes the oldest, so that `keep` remain; how many were removed. */
size_t rotated_keep(const char *path, size_t keep);
/* Removes what an end in the middle left unfinished. */
void rotated_sweep(const char *path);

#endif
