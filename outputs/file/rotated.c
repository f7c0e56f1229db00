/*
 * rotated.c - the files that an output has left behind, by their names.
 *
 * See rotated.h.
 */
#include "outputs/file/rotated.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NUMBER_MAX 999

/* "d": a digit, else the character itself. */
static const char stamp[] = ".ddddddddTddddddZ-ddd";

static bool
has_stamp(const char *s)
{
	for (size_t i = 0; i < ROTATED_STAMP; i++)
		if (stamp[i] == 'd' ? !isdigit((unsigned char)s[i])
				    : s[i] != stamp[i])
			return false;
	return true;
}

/* Is it `base` with a stamp and `end` behind it? */
static bool
is_named(const char *name, const char *base, const char *end)
{
	size_t n = strlen(base);

	return strncmp(name, base, n) == 0 &&
	    strlen(name) >= n + ROTATED_STAMP && has_stamp(name + n) &&
	    strcmp(name + n + ROTATED_STAMP, end) == 0;
}

bool
rotated_is_packed(const char *name)
{
	size_t n = strlen(name), end = sizeof(ROTATED_PACKED) - 1;

	return n > end && strcmp(name + n - end, ROTATED_PACKED) == 0;
}

void
rotated_release(struct rotated *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i]);
	free(r->v);
	*r = (struct rotated){ NULL, 0 };
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
add(struct rotated *r, const char *folder, const char *name)
{
	size_t n = strlen(folder) + strlen(name) + 2;
	char **more, *path;

	if ((r->n & (r->n - 1)) == 0) {
		more = realloc(r->v, (r->n ? r->n * 2 : 1) * sizeof(*r->v));
		if (!more)
			return false;
		r->v = more;
	}
	path = malloc(n);
	if (!path)
		return false;
	snprintf(path, n, "%s/%s", folder, name);
	r->v[r->n++] = path;
	return true;
}

/* The folder of a path and what is behind it. */
static const char *
split(const char *path, char *folder, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (!slash) {
		snprintf(folder, size, ".");
		return path;
	}
	snprintf(folder, size, "%.*s", slash == path ? 1 : (int)(slash - path),
	    path);
	return slash + 1;
}

static bool
list(const char *path, const char *const *ends, struct rotated *r)
{
	char folder[PATH_MAX];
	const char *base = split(path, folder, sizeof(folder));
	DIR *d = opendir(folder);
	struct dirent *entry;
	bool ok = d != NULL;

	while (ok && r->n < ROTATED_MAX && (entry = readdir(d)))
		for (size_t i = 0; ok && ends[i]; i++)
			if (is_named(entry->d_name, base, ends[i]))
				ok = add(r, folder, entry->d_name);
	if (d)
		closedir(d);
	if (r->n > 0)
		qsort(r->v, r->n, sizeof(*r->v), by_name);
	return ok;
}

bool
rotated_list(const char *path, struct rotated *result)
{
	static const char *const ends[] = { "", ROTATED_PACKED, NULL };

	*result = (struct rotated){ NULL, 0 };
	if (list(path, ends, result))
		return true;
	rotated_release(result);
	return false;
}

bool
rotated_name(const char *path, int64_t time_ms, char *name, size_t size)
{
	char packed[PATH_MAX + sizeof(ROTATED_PACKED)], text[32];
	time_t sec = (time_t)(time_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&sec, &tm))
		return false;
	strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &tm);
	for (int i = 0; i <= NUMBER_MAX; i++) {
		int n = snprintf(name, size, "%s.%s-%03d", path, text, i);

		if (n < 0 || (size_t)n >= size)
			return false;
		snprintf(packed, sizeof(packed), "%s%s", name, ROTATED_PACKED);
		if (access(name, F_OK) < 0 && access(packed, F_OK) < 0)
			return true;
	}
	return false;
}

size_t
rotated_keep(const char *path, size_t keep)
{
	struct rotated r;
	size_t n = 0;

	if (!rotated_list(path, &r))
		return 0;
	for (size_t i = 0; i + keep < r.n; i++)
		n += unlink(r.v[i]) == 0;
	rotated_release(&r);
	return n;
}

void
rotated_sweep(const char *path)
{
	static const char *const ends[] = { ROTATED_UNFINISHED, NULL };
	struct rotated r = { NULL, 0 };

	if (list(path, ends, &r))
		for (size_t i = 0; i < r.n; i++)
			unlink(r.v[i]);
	rotated_release(&r);
}
