/*
 * salvage.c - a new database of what is right in a damaged one.
 *
 * Knows files and rows; pages.h reads the old, state.h writes the new.
 */
#include "config.h"

#include "store/salvage.h"

#include "lib/clock.h"
#include "store/pages.h"
#include "store/row.h"
#include "store/shelf.h"
#include "store/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NEW_FILE SALVAGE_FILE ".new"

struct work {
	struct state *to;
	struct salvaged *r;
	bool large; /* which tables are taken now */
	unsigned guess;
	uint64_t want; /* rows, by the latest head */
	uint64_t head_tx;
	struct err *e;
};

static bool
is_large(enum store_table t)
{
	return t == STORE_SEEN || t == STORE_DETECT;
}

/* Rows of one page are of one table, nearly always. */
static bool
table_of(struct work *w, struct slice key, struct slice stored, uint64_t *tx,
    struct slice *value)
{
	if (row_unseal(w->guess, key, stored, tx, value))
		return true;
	for (unsigned t = 0; t < STORE_TABLES; t++)
		if (row_unseal(t, key, stored, tx, value)) {
			w->guess = t;
			return true;
		}
	return false;
}

static void
take_head(struct work *w, struct slice value, uint64_t tx)
{
	uint64_t rows;

	if (tx < w->head_tx || !state_head_rows(value, &rows))
		return;
	w->head_tx = tx;
	w->want = rows;
	w->r->counted = true;
}

static int
on_row(void *arg, struct slice key, struct slice stored, bool first)
{
	struct work *w = arg;
	struct slice value;
	uint64_t tx;

	if (!table_of(w, key, stored, &tx, &value))
		return 0;
	if (is_large(w->guess) != w->large)
		return first ? PAGES_SKIP : 0;
	if (w->guess == STORE_META && slice_is(key, STATE_ROW)) {
		take_head(w, value, tx);
		return 0;
	}
	return state_restore(w->to, w->guess, key, stored, tx, w->e);
}

static int
copy_rows(struct work *w, struct pages *from)
{
	int64_t until = clock_ms() + SALVAGE_MS;
	int err = state_begin(w->to, w->e);

	for (int large = 0; err == 0 && large < 2 && !w->r->late; large++) {
		w->large = large;
		err = pages_each(from, until, on_row, w);
		w->r->late = err == ST_ELIMIT;
		err = w->r->late ? 0 : err;
	}
	if (err == 0)
		err = state_commit(w->to, w->e);
	for (enum store_table t = 0; t < STORE_TABLES; t++)
		w->r->rows += state_rows(w->to, t);
	w->r->missing = w->want > w->r->rows ? w->want - w->r->rows : 0;
	return err;
}

static int
sync_new(int dir, struct err *e)
{
	int fd = openat(dir, NEW_FILE, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);

	if (rc < 0)
		err_sys(e, "cannot sync " NEW_FILE);
	if (fd >= 0)
		close(fd);
	return rc < 0 ? ST_EIO : 0;
}

static int
build(const struct salvage_options *o, struct salvaged *r, struct err *e)
{
	struct work w = { .r = r, .e = e };
	struct state_options so = { .vfs = o->seam ? o->seam->vfs : NULL,
		.restoring = true };
	struct buf path = BUF_INIT;
	struct pages *from = NULL;
	int err;

	buf_addf(&path, "%s/" NEW_FILE, o->path);
	buf_addc(&path, '\0');
	so.path = path.p;
	err = path.failed ? err_set(e, ST_ENOMEM, "out of memory")
			  : pages_open(o->dir, SALVAGE_FILE, &from, e);
	if (err == 0)
		err = state_open(&so, &w.to, e);
	if (err == 0)
		err = copy_rows(&w, from);
	state_close(w.to);
	pages_close(from);
	buf_release(&path);
	return err == 0 ? sync_new(o->dir, e) : err;
}

/* ---- changing places -------------------------------------------------------------- */

static int
move(const struct store_seam *m, int dir, const char *from, const char *to,
    struct err *e)
{
	if (disk_rename(m, dir, from, to) < 0 && errno != ENOENT)
		return err_sys(e, "cannot rename %s", from);
	return 0;
}

/* What was there is out of the way, but for its log. */
static int
take_place(
    int dir, const struct store_seam *m, const char *aside, struct err *e)
{
	char log[DISK_ASIDE_MAX + 8];
	int err;

	snprintf(log, sizeof(log), "%s-wal", aside);
	err = move(m, dir, SALVAGE_FILE "-wal", log, e);
	if (err == 0 && unlinkat(dir, SALVAGE_FILE "-shm", 0) < 0 &&
	    errno != ENOENT)
		err = err_sys(e, "cannot remove " SALVAGE_FILE "-shm");
	if (err == 0)
		err = move(m, dir, NEW_FILE, SALVAGE_FILE, e);
	if (err == 0 && disk_sync(m, dir) < 0)
		err = err_sys(e, "cannot sync the state directory");
	return err;
}

int
salvage_finish(int dir, const struct store_seam *m, struct err *e)
{
	char aside[DISK_ASIDE_MAX];

	if (faccessat(dir, NEW_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (faccessat(dir, SALVAGE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		/* It was not whole yet: it is made again where it is needed. */
		if (disk_unlink(m, dir, NEW_FILE) < 0 && errno != ENOENT)
			return err_sys(e, "cannot remove " NEW_FILE);
		return 0;
	}
	disk_aside_name(m, dir, SALVAGE_FILE, aside);
	return take_place(dir, m, aside, e);
}

static bool
is_aside(const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, SALVAGE_FILE SHELF_ASIDE,
		   sizeof(SALVAGE_FILE SHELF_ASIDE) - 1) == 0 &&
	    n < DISK_ASIDE_MAX && strcmp(name + n - 4, "-wal") != 0;
}

/* One too many: the oldest goes, by its name, which begins with its time. */
static bool
drop_oldest(int dir, const struct store_seam *m)
{
	char oldest[DISK_ASIDE_MAX] = "", log[DISK_ASIDE_MAX + 8];
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (!is_aside(entry->d_name))
			continue;
		n++;
		if (!*oldest || strcmp(entry->d_name, oldest) < 0)
			snprintf(
			    oldest, sizeof(oldest), "%.300s", entry->d_name);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	if (n <= SALVAGE_ASIDE_MAX)
		return false;
	snprintf(log, sizeof(log), "%s-wal", oldest);
	(void)!disk_unlink(m, dir, log);
	return disk_unlink(m, dir, oldest) == 0;
}

int
salvage_state(
    const struct salvage_options *o, struct salvaged *result, struct err *e)
{
	struct salvaged r = { .rows = 0 };
	int err = 0;

	if (disk_unlink(o->seam, o->dir, NEW_FILE) < 0 && errno != ENOENT)
		err = err_sys(e, "cannot remove " NEW_FILE);
	if (err == 0)
		err = build(o, &r, e);
	if (err < 0)
		(void)!disk_unlink(o->seam, o->dir, NEW_FILE);
	disk_aside_name(o->seam, o->dir, SALVAGE_FILE, r.aside);
	if (err == 0)
		err = move(o->seam, o->dir, SALVAGE_FILE, r.aside, e);
	if (err < 0)
		return err;
	*result = r;
	err = take_place(o->dir, o->seam, r.aside, e);
	while (err == 0 && drop_oldest(o->dir, o->seam))
		;
	return err;
}
