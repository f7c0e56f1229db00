/*
 * store_case.h - what tests of the store share: folders, rows, the ledger read
 * back, a clock that can be set and a disk that can fail.
 *
 * Strings are static buffers, good until the next call of the same function.
 */
#ifndef ST_STORE_CASE_H
#define ST_STORE_CASE_H

#include "store/seam.h"
#include "store/store.h"

/* A path that does not exist yet. */
const char *case_dir(void);
/* Checks that it opened; NULL and a line of why where not. */
struct store *case_open(const char *dir, const struct store_seam *seam);
/* One row and one line, committed; gives what store_commit() did. */
int case_add(struct store *s, const char *key, const char *value);
/* "a=1 b=2 " */
const char *case_rows(struct store *s, enum store_table t);

/* "2026-11-24.jsonl: 1 decision {}; 2 note {}; ..." for each file of the
 * ledger in its order; a line that does not follow has "!" before it. */
const char *case_ledger(const char *dir);
/* Files in dir/sub whose name has `part` in it. */
int case_files(const char *dir, const char *sub, const char *part);

void case_append(const char *dir, const char *name, struct slice bytes);
void case_truncate(const char *dir, const char *name, long size);
long case_size(const char *dir, const char *name);
/* Turns over bits of `n` bytes at `at` (from the end where negative). */
void case_damage(const char *dir, const char *name, long at, size_t n);
void case_remove(const char *dir, const char *name);

/* A disk that fails with `error` at the n-th call from now (0: never), and
 * from then on as long as `stuck`. */
struct case_disk {
	int after, error;
	bool stuck;
	int64_t now; /* seconds; 0: the wall clock */
	int calls;
};
struct store_seam case_seam(struct case_disk *d);

#endif
