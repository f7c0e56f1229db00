/*
 * raw.h - the record itself inside a finding, and out of it again.
 */
#ifndef ST_RAW_H
#define ST_RAW_H

#include "lib/buf.h"

struct jsonw;

/* Deeper records are carried as a string, so that the whole can be read. */
#define RAW_DEPTH_MAX 1000

/*
 * Writes the value of a member: the record as JSON on one line, members and
 * numbers as they were, or as a string where it is no JSON.
 */
void raw_write(struct jsonw *w, struct slice record);

/* The bytes of a member of the outermost object of `text`, which must be
 * valid JSON; absent where there is none.  The last of a name counts. */
struct slice raw_member(struct slice text, const char *name);

#endif
