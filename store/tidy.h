/*
 * tidy.h - what becomes of the ledger's closed files: packed, and at last gone.
 *
 *     err = tidy_new(dir, seam, &t, &e);
 *     err = tidy_look(t, &from, &e);         // which files there are
 *     f = tidy_too_old(t, &bounds);          // NULL: none has to go
 *     err = tidy_remove(t, f->name, &e);     // once the state knows
 *     more = tidy_pack(t);                   // a small piece of work
 *     tidy_free(t);
 *
 * A file is packed into NAME.zst.tmp, synced and renamed; only then the plain
 * one goes.  What is half done at a crash is done again.  A disk that refuses
 * is told, and tried again at the next look.
 * The store's owner, in pieces of TIDY_STEP bytes, so that nothing waits long.
 */
#ifndef ST_STORE_TIDY_H
#define ST_STORE_TIDY_H

#include "store/seam.h"
#include "store/shelf.h"

#define TIDY_STEP ((size_t)1 << 20)
#define TIDY_LOOK_MS 60000 /* how often the folder is looked at, at least */

struct tidy_from {
	const char *current;    /* the file that lines go to */
	uint64_t current_first; /* number of its first line */
	uint64_t removed;       /* lines up to this one are to be gone */
	/* Number of the first line of a file that the state knows. */
	bool (*known)(void *arg, const char *name, uint64_t *first);
	void *arg;
};

struct tidy_bounds {
	int64_t keep_ms; /* since the end of its day; 0: for ever */
	uint64_t size;   /* of all files, on the disk; 0: any */
};

struct tidy;
int tidy_new(int dir, const struct store_seam *seam, struct tidy **result,
    struct err *e) ST_MUSTCHECK;
void tidy_free(struct tidy *t); /* NULL is fine */

int tidy_look(
    struct tidy *t, const struct tidy_from *from, struct err *e) ST_MUSTCHECK;
/* Bytes of all files on the disk, as of the last look and what was done since. */
uint64_t tidy_bytes(const struct tidy *t);
/* The oldest closed file, if a bound says that it has to go.  `next` is the
 * number of the first line behind it. */
const struct shelf_file *
tidy_too_old(const struct tidy *t, const struct tidy_bounds *b, uint64_t *next);
void tidy_remove(struct tidy *t, const char *name);
/* True: there is more to be packed. */
bool tidy_pack(struct tidy *t);

#endif
