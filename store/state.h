/*
 * state.h - the database: tables of rows in one SQLite file.
 *
 *     err = state_open(&options, &s, &e);
 *     err = state_begin(s, &e);
 *     if (err == 0) err = state_put(s, table, key, value, &e);
 *     err = err == 0 ? state_commit(s, &e) : err;
 *     if (err < 0) state_rollback(s);
 *     state_close(s);
 *
 * The one room that knows SQLite.  WAL, synchronous=FULL: when state_commit()
 * has returned 0 the transaction outlasts a loss of power.  Each row carries a
 * checksum and the number of its transaction (row.h), and the row
 * STATE_ROW in STORE_META says the schema's version, the last transaction and
 * how many rows each table has.  Everything is compared with these when it is
 * read; what does not fit is ST_EFORMAT: damaged.  Repairing is not done here
 * (store.c, salvage.h).
 *
 * Errors: ST_EFORMAT damaged, ST_EIO the disk refuses, ST_ENOMEM, ST_EINVAL
 * the schema is newer than ours.  After an error within a transaction it must
 * be rolled back.  One thread at a time.
 *
 * What SQLite holds is bounded: STATE_CACHE of pages, and the WAL is moved into
 * the file when it is over STATE_WAL_PAGES.
 */
#ifndef ST_STATE_H
#define ST_STATE_H

#include "store/store.h"

#define STATE_VERSION 1
#define STATE_CACHE_KIB 8192
#define STATE_WAL_PAGES 1000 /* of STATE_PAGE bytes */
#define STATE_PAGE 4096
#define STATE_BUSY_MS 1000 /* how long a reader beside us is waited for */

/* Keys of STORE_META that begin so belong to the store. */
#define STATE_OWN "store/"
#define STATE_ROW "store/state"

struct state;

/* From version `from` to from + 1, within a transaction. */
struct state_step {
	uint64_t from;
	int (*run)(struct state *s, struct err *e);
};

struct state_options {
	const char *path;
	const char *vfs;  /* SQLite's, NULL: its own */
	bool read_only;   /* as store_open_read() */
	bool exclusive;   /* without shared memory, nobody can read beside us */
	bool restoring;   /* a new file, quickly: it is synced by the caller */
	uint64_t version; /* 0: STATE_VERSION; with its `steps`, for tests */
	const struct state_step *steps;
	size_t n_steps;
};

int state_open(const struct state_options *o, struct state **result,
    struct err *e) ST_MUSTCHECK;
/* NULL is fine.  A transaction that is open is rolled back. */
void state_close(struct state *s);

/* As store_each(), behind `after` (absent: from the start).  The store's own
 * rows are among them. */
int state_each(struct state *s, enum store_table table, struct slice after,
    store_cb *cb, void *arg, struct err *e) ST_MUSTCHECK;
int state_get(struct state *s, enum store_table table, struct slice key,
    struct buf *value, struct err *e) ST_MUSTCHECK;

int state_begin(struct state *s, struct err *e) ST_MUSTCHECK;
int state_put(struct state *s, enum store_table table, struct slice key,
    struct slice value, struct err *e) ST_MUSTCHECK;
int state_drop(struct state *s, enum store_table table, struct slice key,
    struct err *e) ST_MUSTCHECK;
/* A row as it stood in another file, where none with its key is later. */
int state_restore(struct state *s, enum store_table table, struct slice key,
    struct slice stored, uint64_t tx, struct err *e) ST_MUSTCHECK;
int state_commit(struct state *s, struct err *e) ST_MUSTCHECK;
void state_rollback(struct state *s);

/* What a value of STATE_ROW says of how many rows there are in all. */
bool state_head_rows(struct slice value, uint64_t *rows);

/* The last transaction that is durable. */
uint64_t state_tx(const struct state *s);
/* The next transaction is behind `tx` at least: the ledger has more of them. */
void state_skip(struct state *s, uint64_t tx);
/* Rows of a table, as of the last transaction. */
uint64_t state_rows(const struct state *s, enum store_table table);

#endif
