/*
 * json_backend.h - what json.c asks of the reader that was compiled in.
 *
 * Inside of lib/json only.  The looking at values (json_type(), json_get_n(),
 * json_next() ...) is the backend's as well, see json.h.
 */
#ifndef ST_JSON_BACKEND_H
#define ST_JSON_BACKEND_H

#include "lib/slice.h"

struct json;
struct json_backend; /* one reader's memory */

/* Why a text was refused. */
struct json_refusal {
	char why[160];
	size_t at; /* bytes before the place */
};

struct json_backend *json_backend_new(void); /* NULL without memory */
void json_backend_free(struct json_backend *b);

/* What was read before is gone.  NULL: refused.  *values is not less than the
 * number of values read. */
const struct json *json_backend_read(struct json_backend *b, struct slice text,
    size_t *values, struct json_refusal *refusal);

#endif
