/*
 * journal.h - how long the files of one output were at each position.
 *
 *     j = journal_open(base, name, &why);       // reads what is there
 *     if (journal_knows(j, life)) journal_each(j, seq, on_length, arg);
 *     err = journal_begin(j, life, &why);       // from here on, without a past
 *     journal_note(j, seq, number, length, path);
 *     err = journal_sync(j, true, &why);
 *     journal_close(j);
 *
 * A file beside the outputs': a line for each file that was written, with the
 * position at which it was so long.  A file that grows for the first time after
 * a position is noted before that, so that what a crash leaves behind is found
 * by what stands there.  A life is a number drawn when a journal begins without
 * a past: a position of another life says nothing here.  One owner; functions
 * that give an int give 0, or -1 with the reason.
 */
#ifndef ST_FILE_JOURNAL_H
#define ST_FILE_JOURNAL_H

#include <stdbool.h>
#include <stsentry/output.h>

/* Then it begins anew, when nothing before the last position is needed. */
#define JOURNAL_MAX ((size_t)1 << 20)

struct journal;
/* `folder` is a descriptor, which must outlive it.  A file that is none of ours
 * counts as empty; one that cannot be read does not. */
struct journal *
journal_open(int folder, const char *name, struct stsentry_why *why);
void journal_close(struct journal *j); /* NULL is fine */

bool journal_knows(const struct journal *j, uint32_t life);
/* The length of each file at that position: the last one of each is the one
 * that counts, in the order of lines. */
void journal_each(const struct journal *j, uint64_t seq,
    void (*on_length)(
	void *arg, const char *path, uint64_t number, int64_t length),
    void *arg);

/* What was there is replaced as a whole. */
int journal_begin(struct journal *j, uint32_t life, struct stsentry_why *why);
/* Into memory; what there is no memory for fails the next sync. */
void journal_note(struct journal *j, uint64_t seq, uint64_t number,
    int64_t length, const char *path);
/* `disk`: and wait until it is there. */
int journal_sync(struct journal *j, bool disk, struct stsentry_why *why);
size_t journal_size(const struct journal *j);

#endif
