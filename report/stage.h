/*
 * stage.h - what goes into a pack, gathered in a folder.
 *
 *     err = stage_open(&s, &e);
 *     err = stage_line(s, "decisions", time, line, &e);
 *     err = stage_put(s, "policy.yaml", bytes, &e);   // or stage_create()
 *     err = stage_seal(s, &e);
 *     ... stage_at(s, i) ...
 *     stage_free(s);
 *
 * The folder is made in TMPDIR, for us alone, and is removed with the stage.
 * Lines stand in a file a day (decisions/2026-03-01.jsonl, and undated.jsonl),
 * in the order they came.  Sealing gives each such file an index before it (2026-03-01.index), a
 * line for each of its lines: the hash of it as a leaf (merkle.h) and the
 * event's or the finding's id.  One owner.
 */
#ifndef ST_STAGE_H
#define ST_STAGE_H

#include "lib/hash.h"
#include "lib/err.h"
#include "lib/when.h"

#include <stdio.h>

#define STAGE_NAME_MAX 64
#define STAGE_FILES_MAX 20000

struct stage_file {
	char name[STAGE_NAME_MAX]; /* as in the pack */
	bool lines;                /* has an index and a root */
	/* When sealed: */
	uint64_t bytes, count;
	char sha256[SHA256_HEX];
	char root[SHA256_HEX]; /* of its lines */
};

struct stage;
int stage_open(struct stage **result, struct err *e) ST_MUSTCHECK;
void stage_free(struct stage *s); /* NULL is fine */

/* `group` is "decisions" or "findings". */
int stage_line(struct stage *s, const char *group, struct when time,
    struct slice line, struct err *e) ST_MUSTCHECK;
int stage_put(struct stage *s, const char *name, struct slice bytes,
    struct err *e) ST_MUSTCHECK;
/* To be written and closed by the caller; NULL on an error. */
FILE *stage_create(struct stage *s, const char *name, struct err *e);

/* No more lines; all files are hashed, and sorted by name. */
int stage_seal(struct stage *s, struct err *e) ST_MUSTCHECK;
const struct stage_file *
stage_at(const struct stage *s, size_t i); /* or NULL */
FILE *
stage_read(const struct stage *s, const struct stage_file *f, struct err *e);

#endif
