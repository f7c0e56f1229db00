/*
 * store.h - what must outlast a restart: rows, and the ledger.
 *
 *     err = store_open(&options, &s, &e);          // main, before threads
 *     err = store_each(s, STORE_FINDING, on_row, arg, &e);
 *     ...
 *     err = store_put(s, STORE_POSITION, key, value);
 *     err = store_line(s, LINE_DECISION, json);
 *     err = store_commit(s, &e);                   // all of it, or nothing
 *     store_close(s);
 *
 * Two things lie in the folder `dir`: the file state.db (SQLite; see state.h)
 * with rows of bytes under keys of bytes, one table a purpose, and ledger/, a
 * file of JSON lines a day in which each line carries the hash of the one
 * before (see ledger.h).  store_put(), store_drop() and store_line() only gather
 * in memory; store_commit() appends the lines, syncs them, and then writes the
 * rows together with the ledger's new end in one transaction.
 *
 * What was committed is there after kill -9 and after a loss of power.  What
 * was not is not: at the next open the ledger is cut back to what the last
 * transaction says, so lines and rows always tell the same.
 *
 * Everything a caller hands in is copied; keys and values are any bytes.
 * One thread at a time: main until the pipeline's thread starts, that thread
 * from then on, main again for store_close().  Nothing here blocks for longer
 * than the disk.
 *
 * A file of the ledger is closed when the next one begins.  store_tidy() packs
 * it (FILE.zst), and removes it when it is too old or all are too large: first
 * the state and a line of the ledger say so, then the file goes, so that the
 * chain is known to begin there.  Nothing but closed files is ever removed.
 *
 * Damage.  A database that is damaged, wherever it shows (open, reading,
 * commit), is set aside as state.db.damaged-TIME and a new one is made of all
 * rows whose checksum is right.  That happens within the call, which then goes
 * on; a row is given back as it was written or not at all.  A ledger whose end
 * is not what the database says is set aside as FILE.damaged-TIME, and a new
 * chain begins with a line that says so.  What is missing is logged, noted in
 * the ledger and counted (store_counts()).  The caller notices nothing but
 * missing rows.
 *
 * Errors.  ST_EIO: the disk refuses (full, read-only, broken); `e` says which
 * call and why; nothing is lost or half done, call again later.  The same beyond `limit`.  ST_ENOMEM:
 * the same, for memory.  ST_EBUSY: another process uses the folder.
 * ST_EFORMAT from store_open(): written by a newer version of this program.
 */
#ifndef ST_STORE_H
#define ST_STORE_H

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/slice.h"
#include "lib/when.h"

#include <stdint.h>

#define STORE_KEY_MAX 4096                 /* bytes of a key */
#define STORE_VALUE_MAX ((size_t)16 << 20) /* bytes of a value */
#define STORE_LINE_MAX ((size_t)8 << 20)   /* bytes of a line's data */

/* Each is a table of its own; what stands in it is its users' business. */
enum store_table {
	STORE_META,  /* facts of the state; keys "store/..." are the store's */
	STORE_BOOKS, /* totals since the state began */
	STORE_POSITION, /* how far inputs have been read */
	STORE_SEEN,     /* the duplicates window, in chunks */
	STORE_FINDING,  /* open findings */
	STORE_HELD,     /* requests that wait for their twin */
	STORE_DELIVERY, /* what outputs have not taken yet */
	STORE_DETECT,   /* what detection has learned */
	STORE_TABLES
};

enum store_kind { LINE_DECISION, LINE_FINDING, LINE_NOTE };

struct store_seam; /* faults and clocks for tests: store/seam.h */

struct store_options {
	const char *dir;
	/* Closed files of the ledger go, the oldest first, when their day has
	 * been over for so long (ms; 0: never), or while all files are more
	 * than so many bytes on the disk (0: any). */
	int64_t keep;
	uint64_t keep_size;
	/* Bytes of the folder: beyond them nothing is committed. 0: any. */
	uint64_t limit;
	const struct store_seam *seam; /* NULL: the system itself */
};

struct store;

/*
 * Makes the folder (0700) where it is not there; its files are 0600.  Takes the
 * lock: ST_EBUSY with "state directory X is in use by process N" where another
 * has it.  Is done within 5 s whatever it finds, and reads neither the whole
 * ledger nor the whole database.
 */
int store_open(const struct store_options *o, struct store **result,
    struct err *e) ST_MUSTCHECK;
/*
 * For looking only, also beside a running daemon: takes no lock, changes
 * nothing, repairs nothing (damage is ST_EFORMAT).  Only store_each(),
 * store_get(), store_counts() and store_close() may be called.
 */
int store_open_read(
    const char *dir, struct store **result, struct err *e) ST_MUSTCHECK;
/* NULL is fine.  What is gathered and not committed is forgotten. */
void store_close(struct store *s);

/* ---- reading: what is committed; what is only gathered does not show ------- */

/* Return 0 to go on; anything else ends store_each() with that value.  The
 * slices live until it returns; it must not call the store. */
typedef int store_cb(void *arg, struct slice key, struct slice value);

/* All rows of a table, in the order of their keys' bytes. */
int store_each(struct store *s, enum store_table table, store_cb *cb, void *arg,
    struct err *e) ST_MUSTCHECK;
/* Adds the value to `value`; ST_ENOENT (without text): no such row. */
int store_get(struct store *s, enum store_table table, struct slice key,
    struct buf *value, struct err *e) ST_MUSTCHECK;

/* ---- gathering ----------------------------------------------------------------- */

/*
 * The next commit writes the row, replacing one with that key, or removes it.
 * Of several calls for one key the last holds.  ST_ELIMIT: longer than the
 * bounds above; ST_EINVAL: a key of the store itself.
 */
int store_put(struct store *s, enum store_table table, struct slice key,
    struct slice value) ST_MUSTCHECK;
int store_drop(
    struct store *s, enum store_table table, struct slice key) ST_MUSTCHECK;
/*
 * The next commit appends
 *     {"prev":"HASH","seq":N,"tx":N,"at":"TIME","kind":"finding","data":DATA}
 * `data` is a whole JSON value on one line (ST_EINVAL where a LF is in it).
 */
int store_line(
    struct store *s, enum store_kind kind, struct slice data) ST_MUSTCHECK;
/* Bytes that are gathered: the caller commits before they are too many. */
size_t store_gathered(const struct store *s);

/*
 * All that is gathered becomes durable, and nothing is gathered any more.  On an
 * error nothing of it is there after a restart (or, if the disk failed in the
 * very last step, all of it), all stays gathered, more may be added, and it may
 * be called again.  With nothing gathered it does nothing.
 */
int store_commit(struct store *s, struct err *e) ST_MUSTCHECK;

/* A small piece of housekeeping, when nothing is gathered; true: there is
 * more, call again in STORE_TIDY_MS.  What the disk refuses is said, and tried
 * again later. */
#define STORE_TIDY_MS 20
bool store_tidy(struct store *s);

/* ---- numbers ---------------------------------------------------------------------- */

struct store_counts {
	uint64_t transactions; /* since the state began */
	uint64_t rows[STORE_TABLES];
	uint64_t lines;        /* of the ledger, since it began */
	uint64_t state_bytes;  /* state.db and its log, on disk */
	uint64_t ledger_bytes; /* of all its files, on disk */
	bool full;             /* the folder is at its limit */
	/* Since this open: */
	uint64_t commits_failed;
	uint64_t set_aside;     /* files */
	uint64_t rows_saved;    /* out of damaged databases */
	uint64_t rows_missing;  /* not found there any more */
	uint64_t lines_missing; /* set aside, or not there */
	uint64_t lines_cut;     /* belonged to no transaction */
	uint64_t
	    transactions_missing; /* the database is older than the ledger */
};

void store_counts(struct store *s, struct store_counts *result);

/* "decision", "position"; for messages and metrics. */
const char *store_table_name(enum store_table table);
const char *store_kind_name(enum store_kind kind);

/* For --version: "SQLite 3.40.1". */
const char *store_library_version(void);

#endif
