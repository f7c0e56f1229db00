/*
 * globs.c - files by patterns, `**` for any number of directories, none too.
 *
 * See globs.h.  Goes down the pattern and the directories together, one
 * segment at a time.
 */
#include "lib/globs.h"

#include "lib/folder.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
	const struct globs_calls *calls;
	void *arg;
	const char *only; /* or NULL */
	struct buf path;  /* so far; a NUL behind it */
	unsigned depth;
};

/* What stands in a directory. */
struct entry {
	unsigned char type; /* DT_... */
	char name[];
};

struct entries {
	struct entry **v;
	size_t n, cap;
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
	if (w->calls->problem)
		w->calls->problem(w->arg, w->path.p, error);
}

static bool
is_wild(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr("*?[", p[i]))
			return true;
	return false;
}

/* ---- only a part ---- */

/* Is `a` the path `b`, or a directory above it? */
static bool
is_above(const char *a, size_t n, const char *b)
{
	return strncmp(a, b, n) == 0 &&
	    (n == 0 || a[n - 1] == '/' || b[n] == '/' || b[n] == '\0');
}

/* The path leads to what alone is wanted, but is not there yet: the name
 * behind it, else NULL. */
static const char *
next_name(const struct walk *w)
{
	const char *next;

	if (!w->only || strlen(w->only) <= w->path.n ||
	    !is_above(w->path.n ? w->path.p : "", w->path.n, w->only))
		return NULL;
	next = w->only + w->path.n;
	return *next == '/' ? next + 1 : next;
}

static bool
is_wanted(const struct walk *w)
{
	return !w->only || is_above(w->path.p, w->path.n, w->only) ||
	    is_above(w->only, strlen(w->only), w->path.p);
}

/* ---- entries of a directory ---- */

static int
by_bytes(const void *a, const void *b)
{
	return strcmp((*(struct entry *const *)a)->name,
	    (*(struct entry *const *)b)->name);
}

static void
entries_release(struct entries *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

static int
entries_add(struct entries *l, const char *name, size_t n, unsigned char type)
{
	struct entry *e;

	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		struct entry **v = realloc(l->v, cap * sizeof(*v));

		if (!v)
			return ST_ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	e = malloc(sizeof(*e) + n + 1);
	if (!e)
		return ST_ENOMEM;
	e->type = type;
	memcpy(e->name, name, n);
	e->name[n] = '\0';
	l->v[l->n++] = e;
	return 0;
}

/* Drop what the pattern does not match: hidden ones, unless it asks. */
static void
entries_match(struct entries *l, const char *pattern)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (fnmatch(pattern, l->v[i]->name, FNM_PERIOD) == 0)
			l->v[kept++] = l->v[i];
		else
			free(l->v[i]);
	}
	l->n = kept;
}

static int
read_folder(struct walk *w, struct entries *l)
{
	DIR *d = folder_open(w->path.n ? w->path.p : ".");
	struct dirent *e;
	int err = 0;

	if (!d) {
		/* Not there, or no directory: then nothing matches. */
		if (errno != ENOENT && errno != ENOTDIR)
			tell(w, errno);
		return 0;
	}
	if (w->calls->folder)
		w->calls->folder(w->arg, w->path.n ? w->path.p : ".");
	while (err == 0 && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			err = entries_add(
			    l, e->d_name, strlen(e->d_name), e->d_type);
	closedir(d);
	return err;
}

static int
read_entries(struct walk *w, const char *pattern, struct entries *l)
{
	const char *next = next_name(w);
	int err;

	if (next)
		err = entries_add(l, next, strcspn(next, "/"), DT_UNKNOWN);
	else
		err = read_folder(w, l);
	entries_match(l, pattern);
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
	return err;
}

static bool
is_real_directory(const struct walk *w, unsigned char type)
{
	struct stat st;

	if (type != DT_UNKNOWN)
		return type == DT_DIR;
	return lstat(w->path.p, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- segments ---- */

/* Every name that matches, and then the rest of the pattern below it. */
static int
go_matching(struct walk *w, const char *pattern, const char *rest)
{
	struct entries l = { NULL, 0, 0 };
	size_t keep = w->path.n;
	int err = read_entries(w, pattern, &l);

	for (size_t i = 0; i < l.n && err == 0; i++) {
		err = set_path(w, keep, l.v[i]->name, strlen(l.v[i]->name));
		if (err == 0)
			err = go(w, rest);
	}
	entries_release(&l);
	return err;
}

/* `**`: the rest here, and the same again in every directory below. */
static int
go_deep(struct walk *w, const char *rest)
{
	struct entries l = { NULL, 0, 0 };
	size_t keep = w->path.n;
	int err;

	err = go(w, *rest ? rest : "*");
	if (err != 0 || w->depth == GLOBS_DEPTH_MAX)
		return err;
	w->depth++;
	w->path.p[w->path.n = keep] = '\0';
	err = read_entries(w, "*", &l);
	for (size_t i = 0; i < l.n && err == 0; i++) {
		err = set_path(w, keep, l.v[i]->name, strlen(l.v[i]->name));
		if (err == 0 && is_real_directory(w, l.v[i]->type))
			err = go_deep(w, rest);
	}
	w->depth--;
	entries_release(&l);
	return err;
}

/* The pattern is used up: a file stands here, or not. */
static int
arrive(struct walk *w)
{
	struct stat st;

	if (!is_wanted(w))
		return 0;
	if (stat(w->path.p, &st) < 0) {
		tell(w, errno);
		return 0;
	}
	return S_ISREG(st.st_mode) ? w->calls->file(w->arg, w->path.p, &st) : 0;
}

static bool
is_deep(const char *segment)
{
	return strncmp(segment, "**", 2) == 0 &&
	    (segment[2] == '/' || !segment[2]);
}

/* Behind `**`, and behind more of them. */
static const char *
after_deep(const char *rest)
{
	while (is_deep(rest))
		rest += rest[2] ? 3 : 2;
	return rest;
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
	if (is_deep(rest))
		return go_deep(w, after_deep(rest));
	if (!is_wild(rest, len)) {
		err = set_path(w, keep, rest, len);
		if (err == 0 && is_wanted(w))
			err = go(w, rest + len);
		return err;
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
globs_walk(const char *pattern, const char *only,
    const struct globs_calls *calls, void *arg)
{
	struct walk w = { .calls = calls, .arg = arg, .only = only };
	int err;

	err = set_path(&w, 0, pattern, *pattern == '/');
	if (err == 0 && !is_wild(pattern, strlen(pattern)) &&
	    is_directory(pattern)) {
		err = set_path(&w, 0, pattern, strlen(pattern));
		while (w.path.n > 1 && w.path.p[w.path.n - 1] == '/')
			w.path.p[--w.path.n] = '\0';
		if (err == 0 && is_wanted(&w))
			err = go_deep(&w, "");
	} else if (err == 0) {
		err = go(&w, pattern);
	}
	buf_release(&w.path);
	return err;
}

/* ---- without a disk ---- */

static const char *
skip_slashes(const char *p)
{
	return p + strspn(p, "/");
}

static bool
name_matches(const char *pattern, size_t n, const char *name, size_t len)
{
	char p[256], s[256];

	if (n >= sizeof(p) || len >= sizeof(s))
		return false;
	memcpy(p, pattern, n);
	p[n] = '\0';
	memcpy(s, name, len);
	s[len] = '\0';
	return fnmatch(p, s, FNM_PERIOD) == 0;
}

/* All names of it may stand below a `**`. */
static bool
has_no_hidden(const char *path)
{
	for (; *path; path = skip_slashes(path + strcspn(path, "/")))
		if (*path == '.')
			return false;
	return true;
}

static bool
rest_matches(const char *pattern, const char *path)
{
	size_t n, len;

	pattern = skip_slashes(pattern);
	path = skip_slashes(path);
	if (!*pattern || !*path)
		return !*pattern && !*path;
	n = strcspn(pattern, "/");
	len = strcspn(path, "/");
	if (!is_deep(pattern))
		return name_matches(pattern, n, path, len) &&
		    rest_matches(pattern + n, path + len);
	pattern = after_deep(pattern);
	if (!*pattern)
		return has_no_hidden(path);
	/* Each of its directories may be the last that `**` stands for. */
	while (!rest_matches(pattern, path)) {
		len = strcspn(path, "/");
		if (!path[len] || *path == '.')
			return false;
		path = skip_slashes(path + len);
	}
	return true;
}

bool
globs_match(const char *pattern, const char *path)
{
	size_t n = strlen(pattern);

	if ((*pattern == '/') != (*path == '/'))
		return false;
	while (n > 1 && pattern[n - 1] == '/')
		n--;
	/* A directory stands for all beneath it. */
	if (!is_wild(pattern, n) && strlen(path) > n &&
	    is_above(pattern, n, path))
		return has_no_hidden(skip_slashes(path + n));
	return rest_matches(pattern, path);
}

void
globs_root(const char *pattern, struct buf *out)
{
	size_t n = strcspn(pattern, "*?[");

	while (n > 0 && pattern[n - 1] != '/')
		n--;
	while (n > 1 && pattern[n - 1] == '/')
		n--;
	if (n > 0)
		buf_add(out, pattern, n);
	else
		buf_addc(out, '.');
}

/* ---- lists ---- */

struct gather {
	struct globs *found;
	globs_problem_cb *problem;
	void *arg;
};

static int
gather_file(void *arg, const char *path, const struct stat *st)
{
	struct gather *to = arg;
	struct globs *l = to->found;

	(void)st;
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
	l->v[l->n] = strdup(path);
	if (!l->v[l->n])
		return ST_ENOMEM;
	l->n++;
	return 0;
}

static void
gather_problem(void *arg, const char *path, int error)
{
	struct gather *to = arg;

	if (to->problem)
		to->problem(to->arg, path, error);
}

int
globs_add(
    struct globs *g, const char *pattern, globs_problem_cb *problem, void *arg)
{
	static const struct globs_calls calls = {
		.file = gather_file,
		.problem = gather_problem,
	};
	struct gather to = { g, problem, arg };

	return globs_walk(pattern, NULL, &calls, &to);
}

static int
paths_by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
globs_sort(struct globs *g)
{
	size_t kept = 0;

	if (g->n == 0)
		return;
	qsort(g->v, g->n, sizeof(*g->v), paths_by_bytes);
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
