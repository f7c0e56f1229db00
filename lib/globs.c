/*
 * globs.c - files by patterns, `**` for any number of directories, none too.
 *
 * See globs.h.  Goes down the pattern and the directories together, one
 * segment at a time.
 */
#include "lib/globs.h"

#include "lib/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
	struct globs *found;
	globs_problem_cb *problem;
	void *arg;
	struct buf path; /* so far; a NUL behind it */
	unsigned depth;
};

static int go(struct walk *w, const char *rest);

static int
set_path(struct walk *w, size_t keep, const char *name, size_t n)
{
	w->path.n = keep;
	if (keep > 0 && w->path.p[keep - 1] != '/')
		buf_addc(&w->path, '/');
	buf_add(&w->path, name, n);
	buf_addc(&w->path, '\0');
	if (w->path.failed)
		return ST_ENOMEM;
	w->path.n--;
	return 0;
}

static void
tell(struct walk *w, int error)
{
	if (w->problem)
		w->problem(w->arg, w->path.p, error);
}

static int
list_add(struct globs *l, const char *name)
{
	if (l->n == GLOBS_FILES_MAX)
		return ST_ELIMIT;
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		char **v = realloc(l->v, cap * sizeof(*v));

		if (!v)
			return ST_ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n] = strdup(name);
	if (!l->v[l->n])
		return ST_ENOMEM;
	l->n++;
	return 0;
}

static bool
is_wild(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr("*?[", p[i]))
			return true;
	return false;
}

/* ---- entries of a directory ---- */

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All but hidden ones, unless `pattern` asks for those. */
static int
read_names(struct walk *w, const char *pattern, struct globs *l)
{
	DIR *d = opendir(w->path.n ? w->path.p : ".");
	struct dirent *e;
	int err = 0;

	if (!d) {
		/* Not there, or no directory: then nothing matches. */
		if (errno != ENOENT && errno != ENOTDIR)
			tell(w, errno);
		return 0;
	}
	while (err == 0 && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (fnmatch(pattern, e->d_name, FNM_PERIOD) == 0)
			err = list_add(l, e->d_name);
	}
	closedir(d);
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
	return err;
}

static bool
is_real_directory(const struct walk *w)
{
	struct stat st;

	return lstat(w->path.p, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- segments ---- */

/* Every name that matches, and then the rest of the pattern below it. */
static int
go_matching(struct walk *w, const char *pattern, const char *rest)
{
	struct globs l = GLOBS_INIT;
	size_t keep = w->path.n;
	int err = read_names(w, pattern, &l);

	for (size_t i = 0; i < l.n && err == 0; i++) {
		err = set_path(w, keep, l.v[i], strlen(l.v[i]));
		if (err == 0)
			err = go(w, rest);
	}
	globs_release(&l);
	return err;
}

/* `**`: the rest here, and the same again in every directory below. */
static int
go_deep(struct walk *w, const char *rest)
{
	struct globs l = GLOBS_INIT;
	size_t keep = w->path.n;
	int err;

	err = go(w, *rest ? rest : "*");
	if (err < 0 || w->depth == GLOBS_DEPTH_MAX)
		return err;
	w->depth++;
	err = set_path(w, keep, "", 0);
	if (err == 0)
		err = read_names(w, "*", &l);
	for (size_t i = 0; i < l.n && err == 0; i++) {
		err = set_path(w, keep, l.v[i], strlen(l.v[i]));
		if (err == 0 && is_real_directory(w))
			err = go_deep(w, rest);
	}
	w->depth--;
	globs_release(&l);
	return err;
}

/* The pattern is used up: a file stands here, or not. */
static int
arrive(struct walk *w)
{
	struct stat st;

	if (stat(w->path.p, &st) < 0) {
		tell(w, errno);
		return 0;
	}
	return S_ISREG(st.st_mode) ? list_add(w->found, w->path.p) : 0;
}

static int
go(struct walk *w, const char *rest)
{
	size_t keep = w->path.n, len;
	char segment[256];
	int err;

	while (*rest == '/')
		rest++;
	if (!*rest)
		return arrive(w);
	len = strcspn(rest, "/");
	if (len == 2 && memcmp(rest, "**", 2) == 0) {
		while (
		    strncmp(rest, "**", 2) == 0 && (rest[2] == '/' || !rest[2]))
			rest += rest[2] ? 3 : 2;
		return go_deep(w, rest);
	}
	if (!is_wild(rest, len)) {
		err = set_path(w, keep, rest, len);
		return err < 0 ? err : go(w, rest + len);
	}
	if (len >= sizeof(segment))
		return 0; /* no name is that long */
	memcpy(segment, rest, len);
	segment[len] = '\0';
	return go_matching(w, segment, rest + len);
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
globs_add(
    struct globs *g, const char *pattern, globs_problem_cb *problem, void *arg)
{
	struct walk w = { .found = g, .problem = problem, .arg = arg };
	int err;

	buf_adds(&w.path, *pattern == '/' ? "/" : "");
	err = w.path.failed ? ST_ENOMEM : 0;
	if (err == 0 && !is_wild(pattern, strlen(pattern)) &&
	    is_directory(pattern)) {
		err = set_path(&w, 0, pattern, strlen(pattern));
		if (err == 0)
			err = go_deep(&w, "");
	} else if (err == 0) {
		err = go(&w, pattern);
	}
	buf_release(&w.path);
	return err;
}

void
globs_sort(struct globs *g)
{
	size_t kept = 0;

	if (g->n == 0)
		return;
	qsort(g->v, g->n, sizeof(*g->v), by_bytes);
	for (size_t i = 1; i < g->n; i++) {
		if (strcmp(g->v[kept], g->v[i]) == 0)
			free(g->v[i]);
		else
			g->v[++kept] = g->v[i];
	}
	g->n = kept + 1;
}

void
globs_release(struct globs *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->v[i]);
	free(g->v);
	*g = (struct globs)GLOBS_INIT;
}
