/*
 * records.h - audit records for tests, written with single quotes, decoded.
 *
 *     const struct request *r = decode_record("{'eventSource':...}");
 *     CHECK_TEXT(r->principal, "...");
 *
 * What is returned lives until the next call.  NULL where the record is of no
 * API of the catalogue (or does not count), or is no JSON.
 */
#ifndef ST_TEST_RECORDS_H
#define ST_TEST_RECORDS_H

#include "events/request.h"

/* Single quotes become double quotes, except behind a backslash. */
const struct request *decode_record(const char *quoted);
/* The same for JSON as it is. */
const struct request *decode_text(struct slice text);

/* A record that is one row of a table, with what one field must be. */
struct record_row {
	const char *record, *want;
};

/*
 * Every value of every JSON type in the place of each member of the record,
 * however deep, and each member left out: decoding must survive.  The number
 * of records that were tried.
 */
size_t mutate_record(const char *quoted);

void records_release(void);

#endif
