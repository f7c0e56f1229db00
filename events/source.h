/*
 * source.h - where a request came from, as the record says it.
 *
 * The `source` of a decision line: an address, a service, the cloud itself, or
 * none of these.  Pure functions, any thread.
 */
#ifndef ST_SOURCE_H
#define ST_SOURCE_H

#include "events/request.h"

/*
 * Fills in kind, ip, name and addr; the place stays empty.  `text` is the
 * address member as given (may be absent), `buf` holds ADDR_TEXT bytes and
 * must live as long as result->ip is read.
 */
void source_read(struct slice text, char *buf, struct source *result);

#endif
