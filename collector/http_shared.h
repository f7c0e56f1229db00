/*
 * http_shared.h - what the http inputs of all workers have in common.
 *
 *     struct http_shared *s = http_shared_new();
 *     err = http_shared_load(s, key, value);      // each row that was kept
 *     struct http_counts *n = http_shared_counts(s, input_id);
 *     http_shared_free(s);                        // after all workers
 *
 * Deliveries are known wherever they come again, and an input's bounds hold
 * for all its connections.  Rows are loaded, and counts are made, on the main
 * thread; what they point to is any thread's.
 */
#ifndef ST_HTTP_SHARED_H
#define ST_HTTP_SHARED_H

#include "collector/http_ids.h"
#include "collector/http_why.h"

#include <stdatomic.h>

/* Of one input, since the start. */
struct http_counts {
	_Atomic uint64_t answers[HTTP_WHY_COUNT];
	_Atomic uint64_t repeated; /* of those that are done */
	_Atomic uint64_t cut;      /* requests that ended before their end */
	atomic_size_t held;        /* bytes of bodies now */
};

struct http_shared;
struct http_shared *http_shared_new(void); /* NULL without memory */
void http_shared_free(struct http_shared *s);

struct http_ids *http_shared_ids(const struct http_shared *s);
/* As http_ids_load(). */
int http_shared_load(
    struct http_shared *s, struct slice key, struct slice value) ST_MUSTCHECK;
/* By the input's number in the life of the process; made when it is first
 * asked for.  NULL without memory. */
struct http_counts *http_shared_counts(struct http_shared *s, unsigned id);

#endif
