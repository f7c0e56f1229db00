/*
 * sheet.h - one table of a report, before it is drawn.
 *
 *     sheet_begin(&s, "principals", "Principals");
 *     sheet_columns(&s, columns, N_COLUMNS);
 *     sheet_about(&s, "%" PRIu64 " principals asked.", n);
 *     sheet_text(&s, name); sheet_count(&s, n);      // cell by cell, row by row
 *     ... html, csv and json draw it ...
 *     sheet_release(&s);
 *
 * The same cells are drawn in every format, so that they cannot tell different
 * numbers.  Text is other people's until a format has escaped it; it is copied.
 * At most SHEET_ROWS_MAX rows; further ones are counted in left_out.  Memory
 * that is out shows in `failed`.  One owner, no locks.
 */
#ifndef ST_SHEET_H
#define ST_SHEET_H

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

#define SHEET_COLUMNS_MAX 12
#define SHEET_ROWS_MAX 100000

enum sheet_kind {
	SHEET_TEXT,
	SHEET_COUNT, /* a whole number */
	SHEET_TIME,  /* a moment, RFC 3339 */
	SHEET_SHORT, /* text of a few characters: a country, an account */
	SHEET_WORD,  /* a word of ours: a verdict, a severity, a state */
	SHEET_WORDS, /* several, a blank between two */
	SHEET_GROUP, /* the same for many rows: on a page a heading above them;
		      * such columns come first */
};

struct sheet_column {
	const char
	    *name; /* "requests": a JSON member; words with '_' between */
	enum sheet_kind kind;
	bool
	    aside; /* not on a page, which is too narrow; other formats have it */
};

struct sheet {
	const char *id, *title;
	struct buf about; /* sentences before the table, a LF between two */
	const struct sheet_column *columns;
	unsigned n_columns;
	struct slice *cells; /* n of them, row by row; absent is null */
	size_t n, room;
	uint64_t beyond;   /* cells that were not kept */
	uint64_t left_out; /* rows beyond SHEET_ROWS_MAX */
	struct arena arena;
	bool failed;
};

void sheet_init(struct sheet *s);
void sheet_release(struct sheet *s);

/* Empty it for the next table; its columns come before its first cell. */
void sheet_begin(struct sheet *s, const char *id, const char *title);
void
sheet_columns(struct sheet *s, const struct sheet_column *columns, unsigned n);
/* One more sentence. */
void sheet_about(struct sheet *s, const char *fmt, ...) ST_PRINTF(2, 3);

void sheet_text(struct sheet *s, struct slice text); /* absent is null */
void sheet_str(struct sheet *s, const char *text);
void sheet_count(struct sheet *s, uint64_t n);
void sheet_time(struct sheet *s, int64_t sec);
void sheet_null(struct sheet *s);

size_t sheet_rows(const struct sheet *s);
/* The column's name with blanks, its first letter large. */
void sheet_heading(const struct sheet_column *c, struct buf *out);

#endif
