/*
 * recent.h - which uses of a credential are no news.
 *
 *     struct recent *r = recent_new();          // NULL without memory
 *     if (!recent_has(r, &use)) ...             // and remembers it
 *     recent_forget(r);
 *     recent_free(r);
 *
 * A credential at work leaves many records a minute, nearly all from where it
 * was seen a moment ago.  One of each minute (of event time), credential and
 * source is news; the others end on the worker, without an allocation.  The
 * memory has a fixed size: what is pushed out is news once more, which costs a
 * look further on and changes nothing.  Which uses are news depends only on
 * what came since the last recent_forget().  One owner, no locks.
 */
#ifndef ST_RECENT_H
#define ST_RECENT_H

#include "events/use.h"

#define RECENT_MAX 32768

struct recent;
struct recent *recent_new(void);
void recent_free(struct recent *r);
bool recent_has(struct recent *r, const struct use *u);
void recent_forget(struct recent *r);

#endif
