/*
 * dead.h - what an output will never take, set aside in a file with the reason;
 * and its way back.
 *
 *     err = dead_append(path, "hook", &record, "400: no such field", &e);
 *
 * A line each: {"time", "output", "reason", "id", "revision", "severity",
 * "flags", "time_ms"} and the record itself, as "finding" where it is a JSON
 * object, else as the string "text".  Synced before it returns: the record is
 * forgotten afterwards.
 *
 * Sending again (`stsentry deliver --dead`): dead_claim() moves the file aside
 * (PATH.again), so that what dies meanwhile is not sent in circles; dead_ask()
 * leaves word in the state folder; the daemon reads what is claimed, commits,
 * removes it with dead_forget(), and then the word with dead_answer().  Killed
 * in between it reads it once more: at least once, with the same ids.
 *
 * Any thread, one at a time for one file.
 */
#ifndef ST_DEAD_H
#define ST_DEAD_H

#include "lib/err.h"

#include <stdbool.h>
#include <stsentry/output.h>

#define DEAD_READ_MAX ((size_t)64 << 20) /* of a file to be sent again */

int dead_append(const char *path, const char *output,
    const struct stsentry_record *r, const char *reason,
    struct err *e) ST_MUSTCHECK;

/* ST_ENOENT: there are none; ST_EBUSY: what was claimed before is still
 * there. */
int dead_claim(const char *path, struct err *e) ST_MUSTCHECK;
/* Each record of what is claimed, which lives until the callback returns.
 * ST_ENOENT: nothing is; *bad: lines that are none of ours. */
int dead_read(const char *path,
    void (*on_record)(void *arg, const struct stsentry_record *r), void *arg,
    size_t *bad, struct err *e) ST_MUSTCHECK;
void dead_forget(const char *path);

/* ---- the word to the daemon, in its state folder ---- */

int dead_ask(const char *dir, struct err *e) ST_MUSTCHECK;
bool dead_is_asked(const char *dir);
void dead_answer(const char *dir);

#endif
