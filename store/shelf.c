/*
 * shelf.c - which files of a ledger there are, and in which order.
 *
 * Reads the folder and first lines, changes nothing.  Any thread.
 */
#include "config.h"

#include "store/shelf.h"

#include "lib/when.h"
#include "store/line.h"
#include "store/lines.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ----------------------------------------------------------------------- */

void
shelf_name(int64_t day, unsigned part, char *name)
{
	struct when w = { day * 86400, 0, true };
	char text[WHEN_TEXT];

	when_format(w, text);
	if (part <= 1)
		snprintf(name, SHELF_NAME_MAX, "%.10s.jsonl", text);
	else
		snprintf(name, SHELF_NAME_MAX, "%.10s.%u.jsonl", text, part);
}

bool
shelf_parse(const char *name, int64_t *day, unsigned *part, bool *zst)
{
	char again[SHELF_NAME_MAX];
	size_t n = strlen(name);
	struct when w;

	if (n < 16 || n >= SHELF_NAME_MAX || name[4] != '-' ||
	    !when_parse(slice_of(name, 10), &w))
		return false;
	*day = when_day(w);
	*part = 1;
	if (name[11] != 'j')
		*part = (unsigned)strtoul(name + 11, NULL, 10);
	shelf_name(*day, *part, again);
	*zst = n > 4 && strcmp(name + n - 4, SHELF_ZST) == 0;
	n -= *zst ? 4 : 0;
	return strlen(again) == n && memcmp(name, again, n) == 0;
}

bool
shelf_has(int dir, const char *name)
{
	char zst[SHELF_NAME_MAX + sizeof(SHELF_ZST)];

	snprintf(zst, sizeof(zst), "%s" SHELF_ZST, name);
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    faccessat(dir, zst, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- the folder ------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	const struct shelf_file *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->part > y->part) - (x->part < y->part);
}

static int
add_file(struct shelf *s, const struct shelf_file *f, struct err *e)
{
	struct shelf_file *more;
	size_t room = s->room ? 2 * s->room : 64;

	if (s->n == SHELF_MAX)
		return err_set(
		    e, ST_ELIMIT, "ledger: more than %d files", SHELF_MAX);
	if (s->n == s->room) {
		more = realloc(s->v, room * sizeof(*more));
		if (!more)
			return err_set(e, ST_ENOMEM, "out of memory");
		s->v = more;
		s->room = room;
	}
	s->v[s->n++] = *f;
	return 0;
}

static int
take_entry(struct shelf *s, int dir, const char *name, struct err *e)
{
	struct shelf_file f = { .plain = false };
	struct stat st;
	bool zst;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	s->bytes += (uint64_t)st.st_size;
	if (strstr(name, SHELF_ASIDE))
		s->aside++;
	if (!shelf_parse(name, &f.day, &f.part, &zst))
		return 0;
	shelf_name(f.day, f.part, f.name);
	f.zst = zst;
	f.plain = !zst;
	f.bytes = (uint64_t)st.st_size;
	return add_file(s, &f, e);
}

/* A plain and a compressed file of one name are one. */
static void
join(struct shelf *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (n == 0 || by_name(&s->v[n - 1], &s->v[i]) != 0) {
			s->v[n++] = s->v[i];
			continue;
		}
		s->v[n - 1].plain = s->v[n - 1].zst = true;
		s->v[n - 1].bytes += s->v[i].bytes;
	}
	s->n = n;
}

int
shelf_list(DIR *entries, struct shelf *result, struct err *e)
{
	struct shelf s = { .n = 0 };
	struct dirent *entry;
	int err = 0;

	rewinddir(entries);
	while (err == 0 && (entry = readdir(entries)))
		err = take_entry(&s, dirfd(entries), entry->d_name, e);
	if (err < 0) {
		shelf_release(&s);
		return err;
	}
	if (s.n)
		qsort(s.v, s.n, sizeof(*s.v), by_name);
	join(&s);
	*result = s;
	return 0;
}

int
shelf_open(int dir, DIR **result, struct err *e)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return err_sys(e, "ledger: cannot open its folder");
	*result = fdopendir(fd);
	if (*result)
		return 0;
	err = err_sys(e, "ledger: cannot read its folder");
	close(fd);
	return err;
}

int
shelf_read(int dir, struct shelf *result, struct err *e)
{
	DIR *d;
	int err = shelf_open(dir, &d, e);

	if (err < 0)
		return err;
	err = shelf_list(d, result, e);
	closedir(d);
	return err;
}

void
shelf_release(struct shelf *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* ---- the order -------------------------------------------------------------------- */

static int
by_first(const void *a, const void *b)
{
	const struct shelf_file *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return by_name(a, b);
}

static int
read_first(int dir, struct shelf_file *f, struct err *e)
{
	struct lines *r = NULL;
	struct slice text;
	struct line line;
	int err = lines_open(dir, f->name, 0, &r, e);

	f->first = 0;
	if (err == 0)
		err = lines_next(r, &text, e);
	if (err == 1 && line_parse(slice_of(text.p, text.n - 1), &line))
		f->first = line.seq;
	lines_close(r);
	return err == ST_ENOMEM ? err : 0;
}

int
shelf_order(int dir, struct shelf *s, struct err *e)
{
	uint64_t before = 0;
	int err = 0;

	for (size_t i = 0; err == 0 && i < s->n; i++) {
		if (s->v[i].first == 0)
			err = read_first(dir, &s->v[i], e);
		s->v[i].bad = s->v[i].first == 0;
		if (s->v[i].bad)
			s->v[i].first = before;
		before = s->v[i].first;
	}
	if (err == 0 && s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_first);
	return err;
}
