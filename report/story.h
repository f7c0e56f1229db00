/*
 * story.h - one finding for a person, as HTML that opens and closes.
 *
 * What happened, why it is not normal, who became whom, and what to do.
 */
#ifndef ST_STORY_H
#define ST_STORY_H

#include "lib/arena.h"
#include "lib/buf.h"

/* `finding` is native JSON; `id` is for its picture, and must be the page's
 * only one; `a` is reset.  False: it cannot be read, nothing is written. */
bool story_write(
    struct slice finding, const char *id, struct arena *a, struct buf *out);

#endif
