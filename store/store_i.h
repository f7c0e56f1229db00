/*
 * store_i.h - the store's inside, for store.c and store_tidy.c alone.
 */
#ifndef ST_STORE_I_H
#define ST_STORE_I_H

#include "store/store.h"

#include "store/ledger.h"
#include "store/salvage.h"
#include "store/tidy.h"

#define STATE_FILE SALVAGE_FILE

/* One row to be written or removed; its bytes are in `gathered`. */
struct change {
	uint32_t table;
	bool drop;
	size_t key, key_n, value_n; /* the value stands behind the key */
};

struct store {
	char *path; /* the folder */
	int dir, ledger_dir, lock;
	bool read_only;
	const struct store_seam *seam;
	struct state *state;
	struct ledger *ledger;
	struct buf changes;  /* of struct change */
	struct buf gathered; /* their keys and values */
	struct buf note;     /* of a mending, not gathered yet */
	uint64_t tx;         /* the last transaction that was */
	struct tidy *tidy;
	struct tidy_bounds keep;
	uint64_t limit;
	char looked_at[LEDGER_NAME_MAX]; /* the current file at the last look */
	uint64_t looked_length;          /* its length then */
	int64_t looked_ms, tidied_ms;    /* clock_ms(); 0: not yet */
	struct store_counts counts;
};

/* The row of a file of the ledger under this key. */
int store_file_row(struct store *s, const char *key, struct ledger_file *f,
    struct err *e) ST_MUSTCHECK;
/* As `known` of recover.h and tidy.h; `arg` is the store. */
bool store_knows_file(void *arg, const char *name, uint64_t *first);
/* Also rows of our own. */
int store_gather(struct store *s, const struct change *c, struct slice key,
    struct slice value) ST_MUSTCHECK;
/* Whatever the limit is. */
int store_commit_now(struct store *s, struct err *e) ST_MUSTCHECK;

/* store_tidy.c: ST_EIO beyond the limit, and bytes on the disk. */
int store_check_limit(struct store *s, struct err *e) ST_MUSTCHECK;
uint64_t store_state_size(const struct store *s);
uint64_t store_ledger_size(const struct store *s);

#endif
