/*
 * walk.c - all lines of a ledger, in the order they were written.
 *
 * See walk.h.  Knows files; what a line says is for others.
 */
#include "config.h"

#include "store/walk.h"

#include "store/lines.h"
#include "store/shelf.h"

#include <fcntl.h>
#include <unistd.h>

#define LEDGER_FOLDER "ledger"

static int
open_ledger(const char *dir, int *result, struct err *e)
{
	int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int sub;

	if (top < 0)
		return err_sys(e, "cannot open %s", dir);
	sub = openat(top, LEDGER_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sub >= 0) {
		close(top);
		top = sub;
	}
	*result = top;
	return 0;
}

static void
tell_damage(const struct ledger_walk *w, void *arg,
    const struct ledger_place *at, int err, const struct err *e)
{
	/* The last line of the last file is being written. */
	if (!w->damage || (err == ST_ETRUNC && at->last))
		return;
	w->damage(arg, at, e->text[0] ? e->text : st_strerror(err));
}

static int
walk_file(int dir, struct ledger_place *at, const struct ledger_walk *w,
    void *arg, struct err *e)
{
	struct err why = { .text = "" };
	struct lines *r = NULL;
	struct slice text;
	int more = lines_open(dir, at->file, 0, &r, &why), err = 0;

	if (more == ST_ENOENT)
		return 0;
	for (at->line = 1; more >= 0 && err == 0; at->line++) {
		more = lines_next(r, &text, &why);
		if (more <= 0)
			break;
		err = w->line(arg, at, text);
	}
	lines_close(r);
	if (more == ST_ENOMEM)
		return err_set(e, more, "out of memory");
	if (more < 0)
		tell_damage(w, arg, at, more, &why);
	return err;
}

static int
walk_files(int dir, const struct shelf *s, const struct ledger_walk *w,
    void *arg, struct err *e)
{
	int err = 0;

	for (size_t i = 0; i < s->n && err == 0; i++) {
		struct ledger_place at = { .file = s->v[i].name,
			.last = i + 1 == s->n };

		if (w->since.valid && s->v[i].day < when_day(w->since))
			continue;
		err = walk_file(dir, &at, w, arg, e);
	}
	return err;
}

int
ledger_walk(const char *path, const struct ledger_walk *w, void *arg,
    struct ledger_files *files, struct err *e)
{
	struct shelf s = { .v = NULL };
	int dir = -1, err = open_ledger(path, &dir, e);

	if (err == 0)
		err = shelf_read(dir, &s, e);
	if (err == 0)
		err = shelf_order(dir, &s, e);
	if (err == 0 && s.n == 0)
		err = err_set(e, ST_ENOENT, "%s: there is no ledger", path);
	if (err == 0) {
		*files = (struct ledger_files){ s.n, s.bytes, s.aside };
		err = walk_files(dir, &s, w, arg, e);
	}
	shelf_release(&s);
	if (dir >= 0)
		close(dir);
	return err;
}
