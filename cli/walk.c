/*
 * walk.c - the files under a path, in an order that does not change.
 *
 * Main thread.
 */
#include "config.h"

#include "cli/walk.h"

#include "lib/slice.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct walker {
	walk_file_cb *on_file;
	walk_unreadable_cb *on_unreadable;
	void *arg;
};

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
no_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static int visit(struct walker *w, const char *path, unsigned depth);

static int
visit_directory(struct walker *w, const char *path, unsigned depth)
{
	struct dirent **entries;
	char child[PATH_MAX];
	int err = 0, n;

	if (depth == WALK_DEPTH_MAX) {
		w->on_unreadable(w->arg, path, "directories nested too deep");
		return 0;
	}
	n = scandir(path, &entries, no_dots, by_bytes);
	if (n < 0) {
		w->on_unreadable(w->arg, path, strerror(errno));
		return 0;
	}
	for (int i = 0; i < n; i++) {
		int len = snprintf(
		    child, sizeof(child), "%s/%s", path, entries[i]->d_name);

		if (len < 0 || (size_t)len >= sizeof(child))
			w->on_unreadable(
			    w->arg, path, "a name in it is too long");
		else if (err == 0)
			err = visit(w, child, depth + 1);
		free(entries[i]);
	}
	free(entries);
	return err;
}

static int
visit(struct walker *w, const char *path, unsigned depth)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		w->on_unreadable(w->arg, path, strerror(errno));
		return 0;
	}
	if (!S_ISDIR(st.st_mode))
		return w->on_file(w->arg, path,
		    S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0);
	if (depth > 0 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return 0;
	return visit_directory(w, path, depth);
}

int
walk(const char *path, walk_file_cb *on_file, walk_unreadable_cb *on_unreadable,
    void *arg)
{
	struct walker w = { on_file, on_unreadable, arg };
	char trimmed[PATH_MAX];
	size_t n = strlen(path);

	if (strcmp(path, "-") == 0)
		return on_file(arg, path, 0);
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n >= sizeof(trimmed)) {
		on_unreadable(arg, path, strerror(ENAMETOOLONG));
		return 0;
	}
	memcpy(trimmed, path, n);
	trimmed[n] = '\0';
	return visit(&w, trimmed, 0);
}
