/*
 * http_desk.h - what a worker's connections of one http input share.
 *
 *     err = http_desk_new(&shared, input, id, &desk, &e);
 *     desk->guard, desk->counts ...
 *     http_desk_free(desk);
 *
 * Made anew with each configuration.  Belongs to one worker; what its shared
 * parts are is in http_shared.h.
 */
#ifndef ST_HTTP_DESK_H
#define ST_HTTP_DESK_H

#include "collector/http_body.h"
#include "collector/http_guard.h"
#include "collector/http_shared.h"
#include "collector/intake.h"
#include "lib/json.h"

struct http_desk {
	const struct input_config *in;
	struct http_guard *guard;
	struct http_unpack *unpack;
	struct json_reader json;
	struct http_ids *ids;
	struct http_counts *counts;
};

/* With the shapes of a client's kind: *result is a struct http_desk. */
int http_desk_new(const struct intake_shared *s, const struct input_config *in,
    unsigned id, void **result, struct err *e) ST_MUSTCHECK;
void http_desk_free(void *desk);

#endif
