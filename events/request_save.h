/*
 * request_save.h - a request as bytes that outlast this program.
 *
 *     request_save(&request, &buf);
 *     err = request_load(bytes, &request, &taken);    // slices into `bytes`
 *
 * Unlike request_pack(), whose bytes never leave the process: members have
 * numbers and kinds are words, so that a later version reads what an earlier one
 * has written, and passes over what it does not know.  The raw record does not
 * go along.  A request of an API that is not in the catalogue any more has none.
 * Pure functions, any thread.
 */
#ifndef ST_REQUEST_SAVE_H
#define ST_REQUEST_SAVE_H

#include "events/request.h"
#include "lib/err.h"

void request_save(const struct request *r, struct buf *out);
/* ST_EFORMAT where the bytes are none of request_save()'s. */
int request_load(
    struct slice bytes, struct request *result, size_t *taken) ST_MUSTCHECK;

#endif
