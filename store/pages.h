/*
 * pages.h - the rows of a SQLite file that SQLite cannot read any more.
 *
 *     err = pages_open(dir, "state.db", &p, &e);
 *     err = pages_each(p, until, on_row, arg);
 *     pages_close(p);
 *
 * Trusts no page and no pointer: each page is looked at by itself, in the form
 * in which the log (NAME-wal) has it last, and what may be a row is given out.
 * Whether it is one, its checksum tells (row.h).  Of the log, what no commit
 * ends is passed over, and so is a last transaction that is not whole.
 * Reads only.  Facts: "Database File Format" of SQLite, sections 1.6, 2, 4.
 */
#ifndef ST_STORE_PAGES_H
#define ST_STORE_PAGES_H

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

#define PAGES_SIZE 4096 /* of a page: state.h makes no other */
#define PAGES_MAX ((uint32_t)1 << 26)

struct pages;
int pages_open(int dir, const char *name, struct pages **result,
    struct err *e) ST_MUSTCHECK;
void pages_close(struct pages *p); /* NULL is fine */

/* Is there more behind a damaged place of the log?  SQLite would end there. */
bool pages_log_is_broken(const struct pages *p);

/* PAGES_SKIP from the first row of a page: its others are not looked at. */
enum { PAGES_SKIP = 1 };

/* `first`: of its page.  The slices live until it returns.  Negative ends it. */
typedef int
pages_cb(void *arg, struct slice key, struct slice stored, bool first);

/* All rows once, until clock_ms() is `until`: ST_ELIMIT. */
int pages_each(
    struct pages *p, int64_t until, pages_cb *cb, void *arg) ST_MUSTCHECK;

#endif
