/*
 * status_say.h - what a running daemon says of itself, for a person.
 *
 *     status_say(json_of_status, color, &out);
 *
 * In lines of at most 80 columns, but for names that are longer.  Names are
 * those of the daemon's own configuration.  Without memory the buffer fails.
 */
#ifndef ST_STATUS_SAY_H
#define ST_STATUS_SAY_H

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/when.h"

/* `now`: what "up for" and the like are told from. */
void
status_say(const struct json *s, struct when now, bool color, struct buf *out);

#endif
