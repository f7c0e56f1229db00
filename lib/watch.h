/*
 * watch.h - sleep until something changes in directories, or somebody wakes us.
 *
 *     struct watch *w = watch_new();
 *     watch_folder(w, "/var/log");           // again and again, harmless
 *     watch_wait(w, 250, on_change, arg);    // at most so many ms
 *     watch_wake(w);                         // any thread
 *     watch_free(w);
 *
 * A hint, never the truth: where the system has no inotify, a directory lies
 * on a network, or there are more directories than WATCH_FOLDERS_MAX, changes
 * come without a word, and who needs to know all must look by himself.  At the
 * bound the directory of which nothing was heard for the longest time is
 * watched no more.  One owner but for watch_wake().
 */
#ifndef ST_WATCH_H
#define ST_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#define WATCH_FOLDERS_MAX ((size_t)4096)

enum watch_what {
	WATCH_FILE,   /* a file was made, changed, moved here or away */
	WATCH_FOLDER, /* a directory was made or moved here: watch it, too */
	WATCH_LOST,   /* changes were missed: look at everything */
};

/* `name` stands in `folder`; both live until it returns.  WATCH_LOST: "". */
typedef void
watch_cb(void *arg, enum watch_what what, const char *folder, const char *name);

struct watch;
struct watch *watch_new(void); /* NULL without memory or descriptors */
void watch_free(struct watch *w);
/* False where it cannot be watched. */
bool watch_folder(struct watch *w, const char *path);
size_t watch_count(const struct watch *w);

/* Up to timeout_ms (-1: without end); at once where somebody woke us or
 * something has changed already.  True where something has changed. */
bool watch_wait(struct watch *w, int timeout_ms, watch_cb *cb, void *arg);
void watch_wake(struct watch *w);

#endif
