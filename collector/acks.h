/*
 * acks.h - what people say of findings, on its way to the daemon.
 *
 *     err = acks_put(dir, &words, &e);         // stsentry ack
 *     state = acks_ask(dir, id);               // and then: was it taken in?
 *
 *     n = acks_take(dir, on_words, arg);       // the daemon, now and then
 *
 * A file each, named by the finding's id, in the folder acks/ of the state
 * folder, which the daemon makes: who may write there may say so.  A file is
 * renamed while it is taken in, so that a second word of the same finding is not
 * lost, removed once what it says is kept, and renamed where no such finding is
 * known.  One that is there when the daemon starts is taken in then.  Any
 * thread; nothing is held.
 */
#ifndef ST_ACKS_H
#define ST_ACKS_H

#include "detect/finding.h"
#include "lib/err.h"

#define ACKS_AT_ONCE 256   /* files in one go */
#define ACKS_FILE_MAX 4096 /* bytes of one */
#define ACKS_WHO_MAX 128   /* bytes of a name; longer ones are cut */

struct acks_words {
	const char *id;
	struct slice by; /* who says so */
	bool teach;      /* what it told is habit from now on */
};

enum acks_state { ACKS_WAITS, ACKS_TAKEN, ACKS_UNKNOWN };

int acks_folder(const char *dir, struct err *e) ST_MUSTCHECK;
int acks_put(
    const char *dir, const struct acks_words *w, struct err *e) ST_MUSTCHECK;
/* One that is unknown is forgotten with the answer. */
enum acks_state acks_ask(const char *dir, const char *id);

/* 0: it is kept; ST_ENOENT: no such finding; else it comes again. */
typedef int acks_cb(void *arg, const struct acks_words *w);
/* How many were kept. */
unsigned acks_take(const char *dir, acks_cb *cb, void *arg);

#endif
