/*
 * lines.h - the lines of one file of the ledger, plain or compressed.
 *
 *     err = lines_open(dir, "2026-11-24.jsonl", 0, &r, &e);
 *     while ((err = lines_next(r, &text, &e)) == 1)
 *             ...                                // text ends with its LF
 *     lines_close(r);
 *
 * Where there is no plain file of that name, the one with .zst behind is read.
 * Memory is bounded by LINE_TEXT_MAX and LINES_CHUNK times LINES_RATIO,
 * whatever the file is.  Writes nothing, so that it can go beside the daemon.
 */
#ifndef ST_STORE_LINES_H
#define ST_STORE_LINES_H

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

#define LINES_CHUNK 65536    /* bytes read at once */
#define LINES_ZST_CHUNK 4096 /* of a compressed file */
#define LINES_RATIO 1000     /* no ledger is compressed more than this */

struct lines;
/* From an offset (of the bytes as they were, not compressed).  ST_ENOENT: no
 * such file. */
int lines_open(int dir, const char *name, uint64_t from, struct lines **result,
    struct err *e) ST_MUSTCHECK;
void lines_close(struct lines *r); /* NULL is fine */

/* 1: a line, which lives until the next call.  0: the end.  ST_ETRUNC: what is
 * left has no LF.  ST_ELIMIT: a line is longer than LINE_TEXT_MAX.  ST_EFORMAT:
 * the compressed file is damaged.  ST_EIO.  After any of these the end. */
int lines_next(struct lines *r, struct slice *text, struct err *e) ST_MUSTCHECK;

/* Where the next line begins. */
uint64_t lines_at(const struct lines *r);

#endif
