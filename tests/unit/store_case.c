/*
 * store_case.c - what tests of the store share.
 */
#include "tests/unit/store_case.h"

#include "store/line.h"
#include "store/lines.h"
#include "store/shelf.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- stores ---------------------------------------------------------------------- */

const char *
case_dir(void)
{
	static char dir[512];
	static int n;

	snprintf(dir, sizeof(dir), "%s/state-%d", unit_tmpdir(), n++);
	return dir;
}

struct store *
case_open(const char *dir, const struct store_seam *seam)
{
	struct store_options o = { .dir = dir, .seam = seam };
	struct store *s = NULL;
	struct err e = { .text = "" };

	if (store_open(&o, &s, &e) < 0)
		printf("%s\n", e.text);
	CHECK(s != NULL);
	return s;
}

int
case_add(struct store *s, const char *key, const char *value)
{
	struct err e;

	if (store_put(s, STORE_BOOKS, slice_str(key), slice_str(value)) < 0 ||
	    store_line(s, LINE_DECISION, slice_str(value)) < 0)
		return ST_EINVAL;
	return store_commit(s, &e);
}

static int
add_row(void *arg, struct slice key, struct slice value)
{
	buf_addf(arg, "%.*s=%.*s ", SLICE_ARG(key), SLICE_ARG(value));
	return 0;
}

const char *
case_rows(struct store *s, enum store_table t)
{
	static struct buf b;
	struct err e = { .text = "" };

	buf_reset(&b);
	CHECK_INT(store_each(s, t, add_row, &b, &e), 0);
	buf_addc(&b, '\0');
	return b.p;
}

/* ---- the ledger ------------------------------------------------------------------- */

static void
add_lines(int dir, const char *name, struct chain *c, struct buf *out)
{
	struct lines *r;
	struct slice text;
	struct line l;
	bool follows;

	buf_addf(out, "%s:", name);
	if (lines_open(dir, name, 0, &r, NULL) < 0)
		return;
	while (lines_next(r, &text, NULL) == 1) {
		follows = chain_step(c, text, &l, NULL) == 0;
		if (!follows)
			chain_jump(c, text, &l);
		buf_addf(out, " %s%" PRIu64 " %.*s %.*s;", follows ? "" : "!",
		    l.seq, SLICE_ARG(l.kind), SLICE_ARG(l.data));
	}
	lines_close(r);
	buf_addc(out, ' ');
}

const char *
case_ledger(const char *dir)
{
	static struct buf out;
	char path[600];
	struct shelf shelf = { .n = 0 };
	struct chain c;
	int fd;

	buf_reset(&out);
	snprintf(path, sizeof(path), "%s/ledger", dir);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0 && chain_init(&c));
	CHECK_INT(shelf_read(fd, &shelf, NULL), 0);
	CHECK_INT(shelf_order(fd, &shelf, NULL), 0);
	for (size_t i = 0; i < shelf.n; i++)
		add_lines(fd, shelf.v[i].name, &c, &out);
	chain_release(&c);
	shelf_release(&shelf);
	close(fd);
	buf_addc(&out, '\0');
	return out.p;
}

/* ---- files ------------------------------------------------------------------------ */

static int
open_file(const char *dir, const char *name)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0);
	return fd;
}

int
case_files(const char *dir, const char *sub, const char *part)
{
	char path[600];
	struct dirent *entry;
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, sub);
	d = opendir(path);
	while (d && (entry = readdir(d)))
		n += strstr(entry->d_name, part) != NULL;
	if (d)
		closedir(d);
	return n;
}

void
case_append(const char *dir, const char *name, struct slice bytes)
{
	int fd = open_file(dir, name);

	CHECK(lseek(fd, 0, SEEK_END) >= 0 &&
	    write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
	close(fd);
}

long
case_size(const char *dir, const char *name)
{
	char path[600];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

void
case_truncate(const char *dir, const char *name, long size)
{
	int fd = open_file(dir, name);

	CHECK(ftruncate(fd, size) == 0);
	close(fd);
}

void
case_damage(const char *dir, const char *name, long at, size_t n)
{
	int fd = open_file(dir, name);
	char c;

	if (at < 0)
		at += case_size(dir, name);
	for (; n > 0; n--, at++) {
		CHECK(pread(fd, &c, 1, at) == 1);
		c ^= 0x55;
		CHECK(pwrite(fd, &c, 1, at) == 1);
	}
	close(fd);
}

void
case_remove(const char *dir, const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK(unlink(path) == 0);
}

/* ---- the seam --------------------------------------------------------------------- */

static bool
fails(struct case_disk *d)
{
	d->calls++;
	if (d->after == 0 || --d->after > 0)
		return false;
	d->after = d->stuck ? 1 : 0;
	errno = d->error;
	return true;
}

static ssize_t
seam_pwrite(void *arg, int fd, const void *p, size_t n, off_t at)
{
	/* A full disk takes a part of it first. */
	if (fails(arg)) {
		if (n > 1)
			(void)!pwrite(fd, p, n / 2, at);
		return -1;
	}
	return pwrite(fd, p, n, at);
}

static int
seam_sync(void *arg, int fd)
{
	return fails(arg) ? -1 : fdatasync(fd);
}

static int
seam_cut(void *arg, int fd, off_t size)
{
	return fails(arg) ? -1 : ftruncate(fd, size);
}

static int
seam_create(void *arg, int dir, const char *name)
{
	return fails(arg)
	    ? -1
	    : openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static int
seam_rename(void *arg, int dir, const char *from, const char *to)
{
	return fails(arg) ? -1 : renameat(dir, from, dir, to);
}

static int
seam_unlink(void *arg, int dir, const char *name)
{
	return fails(arg) ? -1 : unlinkat(dir, name, 0);
}

static struct when
seam_now(void *arg)
{
	const struct case_disk *d = arg;

	return d->now ? (struct when){ d->now, 0, true } : when_now();
}

struct store_seam
case_seam(struct case_disk *d)
{
	return (struct store_seam){ .arg = d,
		.now = seam_now,
		.pwrite = seam_pwrite,
		.fdatasync = seam_sync,
		.ftruncate = seam_cut,
		.create = seam_create,
		.rename = seam_rename,
		.unlink = seam_unlink };
}
