/*
 * sent.h - which records of an output are answered and perhaps not kept yet: a
 * file that outlives the process.
 *
 *     err = sent_open("/var/lib/stsentry/sent-hook", false, &s, &e);
 *     sent_each(s, on_answer, arg);            // at the start
 *     err = sent_note(s, &a, &e);              // as answers come
 *     sent_close(s);
 *
 * A commit is milliseconds of waiting for a disk, an answer over a fast network
 * is none: so that the next record need not wait for the commit of the one
 * before, its answer is written here first, without a sync.  The system has
 * it then, and kill -9 takes nothing back; only a crash of the machine may, and
 * then what lies here is sent again.
 *
 * The file is a ring of the last SENT_MAX answers, which the commit overtakes:
 * who writes must not be further ahead of it than that.  A note says the
 * record's number, and a hash by which it is known that it means this record
 * and this answer, whatever happened to the state meanwhile; one that is torn
 * or old means nothing.  One owner; opening and reading may be another
 * thread's, before the first note.
 */
#ifndef ST_SENT_H
#define ST_SENT_H

#include "lib/err.h"

#include <stdbool.h>
#include <stsentry/output.h>

#define SENT_MAX 1024

struct sent;
/* The file is made where it is not there, for us alone.  `anew`: the state knows
 * nothing of the output, and what was noted beside another means nothing. */
int sent_open(const char *path, bool anew, struct sent **result,
    struct err *e) ST_MUSTCHECK;
/* NULL is fine. */
void sent_close(struct sent *s);

/* `answer` is the owner's number for what became of it. */
int sent_note(struct sent *s, uint64_t number, const struct stsentry_record *r,
    unsigned answer, struct err *e) ST_MUSTCHECK;

/* Each note that was there at sent_open(), true or not. */
struct sent_note {
	uint64_t number, hash;
};
void sent_each(struct sent *s,
    void (*cb)(void *arg, const struct sent_note *note), void *arg);
/* Does it say of this record that this became of it? */
bool sent_says(const struct sent_note *note, const struct stsentry_record *r,
    unsigned answer);

#endif
