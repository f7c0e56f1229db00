/*
 * diary.h - what the daemon itself did, as notes of the ledger.
 *
 *     diary_start(&about, &text);       // {"event":"start",...}, without a LF
 *
 * One JSON object each, whose member "event" says what: start, stop, reload,
 * refusal, silence, heard, delivery.  What follows is written for
 * `stsentry ledger show` and the report; members are only ever added.  That a
 * person took notice (judge_keep.c) and what the store found or removed
 * (store/) are notes of other rooms.  Pure functions, any thread.
 */
#ifndef ST_DIARY_H
#define ST_DIARY_H

#include "collector/books.h"
#include "detect/notice.h"
#include "lib/buf.h"
#include "outputs/outbox.h"

#define DIARY_IDS_MAX 250 /* of one delivery note; more make another */

struct config;
struct policy;

/* By what it decides from now on.  Hashes are those of the files' bytes. */
struct diary_about {
	const char *version;
	unsigned generation;
	const struct config *config;
	const struct policy *policy;
};
void diary_start(const struct diary_about *a, struct buf *out);
void diary_reload(const struct diary_about *a, struct buf *out);
void diary_refused(const char *why, struct buf *out);
/* All that was taken in is decided, and these are its books. */
void diary_stop(const struct books *b, struct buf *out);
/* A source that is silent against its habit. */
void diary_silence(const struct notice *n, struct buf *out);
/* It speaks again. */
void diary_heard(struct slice source, struct buf *out);
/* Who was told: n findings that an output took, or did not. */
void diary_delivery(const char *output, const struct outbox_told *told,
    size_t n, struct buf *out);

#endif
