/*
 * ledger.h - the ledger's writing side: chained lines in a file a day.
 *
 *     err = ledger_open(&options, &end, &l, &e);
 *     err = ledger_line(l, LINE_NOTE, tx, data);
 *     err = ledger_append(l, &e);              // written and synced
 *     end = *ledger_end(l);  ...               // kept in the same transaction
 *     ledger_settle(l);                        // or ledger_undo(l)
 *     ledger_close(l);
 *
 * A line is
 *     {"prev":"HASH","seq":N,"tx":N,"at":"TIME","kind":"KIND","data":DATA}
 * where HASH is the SHA-256 of the line before, its LF included (`sed -n 7p F |
 * sha256sum` is what line 8 says), over the borders of files; the very first says
 * 64 zeros.  `seq` counts all lines, `tx` is the transaction the line belongs to.
 * Files are named after the UTC day of the first line's `at`: 2026-11-24.jsonl,
 * and 2026-11-24.2.jsonl where that one was over LEDGER_FILE_MAX or is taken.
 * A clock that goes back less than a day goes on in the file; one that goes
 * back further begins a file of that day, under a name that is free.
 *
 * Lines are gathered in memory; their hashes are made at once.  ledger_append()
 * writes behind the last settled end whatever a failed attempt has left there.
 * One thread at a time.
 */
#ifndef ST_LEDGER_H
#define ST_LEDGER_H

#include "lib/hash.h"
#include "store/seam.h"
#include "store/shelf.h"
#include "store/store.h"

#define LEDGER_NAME_MAX SHELF_NAME_MAX
#define LEDGER_FILE_MAX ((uint64_t)1 << 30)
#define LEDGER_PARTS_MAX 8 /* files that one gathering may go into */

/* A file, as far as it is settled. */
struct ledger_file {
	char name[LEDGER_NAME_MAX]; /* "": none */
	uint64_t length;            /* bytes, not compressed */
	uint64_t first, last;       /* seq of its lines */
	unsigned char prev[SHA256_SIZE], head[SHA256_SIZE];
};

/* Rows of the state's table STORE_META: how far it is settled, each closed
 * file (its name behind), and the last one that was removed for its age. */
#define LEDGER_ROW "store/ledger"
#define LEDGER_FILE_ROW "store/file/"
#define LEDGER_REMOVED_ROW "store/removed"

/* As they stand in these rows. */
void ledger_file_write(const struct ledger_file *f, struct buf *out);
bool ledger_file_parse(struct slice v, struct ledger_file *f);

struct ledger_options {
	int dir; /* of the ledger, open; stays the caller's */
	const struct store_seam *seam;
};

struct ledger;
/* `end` is what was settled last, with an empty name where the next line
 * begins a file.  The file has been looked at and cut (recover.h). */
int ledger_open(const struct ledger_options *o, const struct ledger_file *end,
    struct ledger **result, struct err *e) ST_MUSTCHECK;
void ledger_close(struct ledger *l);

/* The next line begins a file, and with `fresh` a new chain; it is the line
 * behind number `last`.  Nothing is gathered yet. */
void ledger_restart(struct ledger *l, bool fresh, uint64_t last);

int ledger_line(struct ledger *l, enum store_kind kind, uint64_t tx,
    struct slice data) ST_MUSTCHECK;
/* Bytes that are gathered. */
size_t ledger_gathered(const struct ledger *l);
/* All that is gathered is on the disk. */
int ledger_append(struct ledger *l, struct err *e) ST_MUSTCHECK;
/* Where the ledger ends with what is gathered. */
const struct ledger_file *ledger_end(const struct ledger *l);
/* The files that end with what is gathered: n of them, oldest first. */
const struct ledger_file *ledger_ended(const struct ledger *l, size_t *n);
/* What was appended belongs to a transaction now; nothing is gathered. */
void ledger_settle(struct ledger *l);
/* It does not: what was written is taken back, as far as the disk lets us.
 * With `doubtful` it stays, until it is settled: the transaction failed in its
 * last step, and may turn out to be there after a crash. */
void ledger_undo(struct ledger *l, bool doubtful);

#endif
