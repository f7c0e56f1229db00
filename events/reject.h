/*
 * reject.h - why a piece of input is no record that we can read.
 *
 * One table; each has its counter in summaries, /metrics and /status.
 */
#ifndef ST_REJECT_H
#define ST_REJECT_H

#include <stdbool.h>
#include <stdint.h>

enum reject {
	REJECT_TRUNCATED, /* JSON that was cut off */
	REJECT_BAD_JSON,  /* begins like JSON and is none */
	REJECT_NOT_JSON,  /* a line or body that holds no JSON at all */
	REJECT_NOT_AUDIT, /* JSON, but no audit record in it */
	REJECT_TOO_LONG,  /* over max_record */
	REJECT_TOO_DEEP,  /* over JSON_DEPTH_MAX */
	REJECT_WRAPPED_TOO_DEEP,
	REJECT_BAD_COUNT, /* octet count that is none */
	REJECT_BAD_BASE64,
	REJECT_BAD_COMPRESSION,
	REJECT_INFLATED_TOO_LARGE,
	REJECT_ACCOUNT, /* not allowed through this input */
	REJECT_NO_MEMORY,
	REJECT_COUNT
};

/* "truncated", "bad_json", ...: the name in /status and summaries. */
const char *reject_name(enum reject r);
/* A sentence for a person. */
const char *reject_help(enum reject r);
/* Does it mean that input could not be read or parsed (exit status 3)?
 * REJECT_NOT_AUDIT, REJECT_NOT_JSON and REJECT_ACCOUNT do not. */
bool reject_is_error(enum reject r);

#endif
