/*
 * squeeze.h - a file becomes a .gz beside it, a piece at a time.
 *
 *     s = squeeze_start(name, &why);
 *     while (squeeze_step(s) == SQUEEZE_MORE) ...      // from a timer
 *     squeeze_free(s);
 *
 * The file goes only when its .gz is whole and on the disk; after an end in
 * the middle it is still there.  Mode and owner stay.  One owner.
 */
#ifndef ST_FILE_SQUEEZE_H
#define ST_FILE_SQUEEZE_H

#include <stsentry/output.h>

enum squeeze_state { SQUEEZE_MORE, SQUEEZE_DONE, SQUEEZE_FAILED };

struct squeeze;
struct squeeze *squeeze_start(const char *name, struct stsentry_why *why);
/* About a millisecond of work.  FAILED with errno. */
enum squeeze_state squeeze_step(struct squeeze *s);
void squeeze_free(struct squeeze *s); /* NULL is fine */

#endif
