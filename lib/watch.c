/*
 * watch.c - sleep until something changes in directories.
 *
 * See watch.h.  The one file that knows inotify; without it there is only the
 * bell, a pipe.  Watched directories stand in two tables, by number and by
 * path, and in a list by when they were last heard of.
 */
#include "config.h"

#include "lib/watch.h"

#include "lib/hash.h"
#include "lib/map.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_SYS_INOTIFY_H
#include <sys/inotify.h>
#endif

#define EVENTS_BYTES ((size_t)16 << 10) /* read at a time */
#define READS_MAX 16                    /* before others have their turn */

struct folder {
	struct folder *older, *newer;
	int number; /* inotify's watch descriptor */
	char path[];
};

struct watch {
	int bell[2];
	int notify; /* -1: none */
	struct map by_number, by_path;
	struct folder *oldest, *newest;
	size_t n;
	char *events;
};

/* ---- tables ---------------------------------------------------------------- */

static uint64_t
number_hash(int number)
{
	return hash_bytes(&number, sizeof(number), hash_seed());
}

static bool
has_number(const void *item, const void *key)
{
	const struct folder *f = item;

	return f->number == *(const int *)key;
}

static uint64_t
path_hash(const char *path)
{
	return hash_bytes(path, strlen(path), hash_seed());
}

static bool
has_path(const void *item, const void *key)
{
	const struct folder *f = item;

	return strcmp(f->path, key) == 0;
}

static void
unlink_folder(struct watch *w, struct folder *f)
{
	if (f->older)
		f->older->newer = f->newer;
	else
		w->oldest = f->newer;
	if (f->newer)
		f->newer->older = f->older;
	else
		w->newest = f->older;
}

static void
link_newest(struct watch *w, struct folder *f)
{
	f->newer = NULL;
	f->older = w->newest;
	if (w->newest)
		w->newest->newer = f;
	else
		w->oldest = f;
	w->newest = f;
}

static void
forget(struct watch *w, struct folder *f)
{
	unlink_folder(w, f);
	map_remove(&w->by_number, number_hash(f->number), f);
	map_remove(&w->by_path, path_hash(f->path), f);
	w->n--;
	free(f);
}

/* ---- inotify --------------------------------------------------------------- */

#ifdef HAVE_SYS_INOTIFY_H

#define CHANGES                                                            \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY | \
	    IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

static void
open_notify(struct watch *w)
{
	w->events = malloc(EVENTS_BYTES);
	if (w->events)
		w->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

static int
add_number(struct watch *w, const char *path)
{
	return inotify_add_watch(w->notify, path, CHANGES);
}

static void
drop_oldest(struct watch *w)
{
	inotify_rm_watch(w->notify, w->oldest->number);
	forget(w, w->oldest);
}

static void
tell(struct watch *w, const struct inotify_event *ev, watch_cb *cb, void *arg)
{
	struct folder *f = map_get(&w->by_number, number_hash(ev->wd), &ev->wd);

	if (ev->mask & IN_Q_OVERFLOW)
		cb(arg, WATCH_LOST, "", "");
	if (!f)
		return;
	if (ev->mask & (IN_IGNORED | IN_MOVE_SELF | IN_UNMOUNT)) {
		/* It is not there any more, or not under this name. */
		if (!(ev->mask & IN_IGNORED))
			inotify_rm_watch(w->notify, f->number);
		forget(w, f);
		cb(arg, WATCH_LOST, "", "");
		return;
	}
	unlink_folder(w, f);
	link_newest(w, f);
	if (ev->len == 0)
		return;
	if (!(ev->mask & IN_ISDIR))
		cb(arg, WATCH_FILE, f->path, ev->name);
	else if (ev->mask & (IN_CREATE | IN_MOVED_TO))
		cb(arg, WATCH_FOLDER, f->path, ev->name);
}

/* The same name again right behind itself says nothing new. */
static bool
is_repeat(const struct inotify_event *a, const struct inotify_event *b)
{
	return a && a->wd == b->wd && a->mask == b->mask && a->len == b->len &&
	    memcmp(a->name, b->name, a->len) == 0;
}

static bool
read_events(struct watch *w, watch_cb *cb, void *arg)
{
	const struct inotify_event *ev, *last = NULL;
	ssize_t n = read(w->notify, w->events, EVENTS_BYTES);

	if (n <= 0)
		return false;
	for (char *p = w->events; p < w->events + n;
	     p += sizeof(*ev) + ev->len) {
		ev = (const struct inotify_event *)(void *)p;
		if (!is_repeat(last, ev))
			tell(w, ev, cb, arg);
		last = ev;
	}
	return true;
}

#else

static void
open_notify(struct watch *w)
{
	(void)w;
}

static int
add_number(struct watch *w, const char *path)
{
	(void)w;
	(void)path;
	return -1;
}

static void
drop_oldest(struct watch *w)
{
	forget(w, w->oldest);
}

static bool
read_events(struct watch *w, watch_cb *cb, void *arg)
{
	(void)w;
	(void)cb;
	(void)arg;
	return false;
}

#endif

/* ---- the room -------------------------------------------------------------- */

struct watch *
watch_new(void)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->notify = -1;
	w->by_number = (struct map)MAP_INIT(has_number);
	w->by_path = (struct map)MAP_INIT(has_path);
	if (pipe2(w->bell, O_NONBLOCK | O_CLOEXEC) < 0) {
		free(w);
		return NULL;
	}
	open_notify(w);
	return w;
}

void
watch_free(struct watch *w)
{
	if (!w)
		return;
	while (w->oldest)
		forget(w, w->oldest);
	if (w->notify >= 0)
		close(w->notify);
	close(w->bell[0]);
	close(w->bell[1]);
	map_release(&w->by_number);
	map_release(&w->by_path);
	free(w->events);
	free(w);
}

size_t
watch_count(const struct watch *w)
{
	return w->n;
}

static bool
keep(struct watch *w, const char *path, int number)
{
	size_t n = strlen(path) + 1;
	struct folder *f, *other;

	/* The same directory under another path. */
	other = map_get(&w->by_number, number_hash(number), &number);
	if (other)
		forget(w, other);
	f = malloc(sizeof(*f) + n);
	if (!f)
		return false;
	memcpy(f->path, path, n);
	f->number = number;
	link_newest(w, f);
	w->n++;
	if (map_put(&w->by_number, number_hash(number), f) &&
	    map_put(&w->by_path, path_hash(path), f))
		return true;
	forget(w, f);
	return false;
}

bool
watch_folder(struct watch *w, const char *path)
{
	int number;

	if (w->notify < 0)
		return false;
	if (map_get(&w->by_path, path_hash(path), path))
		return true;
	if (w->n == WATCH_FOLDERS_MAX)
		drop_oldest(w);
	number = add_number(w, path);
	if (number < 0 && errno == ENOSPC && w->oldest) {
		/* The user's bound is lower than ours. */
		drop_oldest(w);
		number = add_number(w, path);
	}
	return number >= 0 && keep(w, path, number);
}

bool
watch_wait(struct watch *w, int timeout_ms, watch_cb *cb, void *arg)
{
	struct pollfd fds[2] = { { w->bell[0], POLLIN, 0 },
		{ w->notify, POLLIN, 0 } };
	char bytes[64];
	bool changed = false;

	if (poll(fds, w->notify < 0 ? 1 : 2, timeout_ms) <= 0)
		return false;
	if (fds[0].revents)
		while (read(w->bell[0], bytes, sizeof(bytes)) > 0)
			;
	for (int i = 0; fds[1].revents && i < READS_MAX; i++) {
		if (!read_events(w, cb, arg))
			break;
		changed = true;
	}
	return changed;
}

void
watch_wake(struct watch *w)
{
	/* A full pipe wakes as well. */
	if (write(w->bell[1], "", 1) < 0)
		return;
}
