/*
 * dead.h - what an output will never take, set aside in a file with the reason.
 *
 *     err = dead_append(path, "hook", &record, "400: no such field", &e);
 *
 * A line each: {"time", "output", "reason", "id", "revision", "severity",
 * "flags", "time_ms"} and the record itself, as "finding" where it is a JSON
 * object, else as the string "text".  Synced before it returns: the record is
 * forgotten afterwards.
 *
 * Any thread, one at a
 * time for one file.
 */
#ifndef ST_DEAD_H
#define ST_DEAD_H

#include "lib/err.h"

#include <stdbool.h>
#include <stsentry/output.h>

int dead_append(const char *path, const char *output,
    const struct stsentry_record *r, const char *reason,
    struct err *e) ST_MUSTCHECK;

#endif
