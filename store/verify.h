/*
 * verify.h - is the ledger as it was written?
 *
 *     err = ledger_verify(dir, on_break, arg, &v, &e);
 *
 * Every line must carry the hash of the one before, over the borders of files.
 * Where the state can be read, the ledger must also hold the line that the
 * state knows as the last one, and begin behind what was removed for its age
 * (store/removed); so that neither its end nor its beginning can be taken away
 * unnoticed by who cannot write the state as well.
 * Reads all of it; may go beside the daemon.
 */
#ifndef ST_STORE_VERIFY_H
#define ST_STORE_VERIFY_H

#include "lib/hash.h"
#include "store/walk.h"

struct ledger_break {
	const char *file; /* named after its day; "": the state's */
	uint64_t line;    /* in the file, from 1; 0: none */
	uint64_t seq;     /* of the line; 0: not known */
	const char *why;
};

struct ledger_verdict {
	struct ledger_files files;
	uint64_t lines, breaks;
	uint64_t first, last;            /* numbers */
	unsigned char head[SHA256_SIZE]; /* of the last line */
	char from[WHEN_TEXT], to[WHEN_TEXT];
	bool has_state;
};

/* 0 also where there are breaks.  ST_ENOENT: no ledger; ST_ENOMEM. */
int ledger_verify(const char *dir,
    void (*on_break)(void *arg, const struct ledger_break *b), void *arg,
    struct ledger_verdict *result, struct err *e) ST_MUSTCHECK;

#endif
