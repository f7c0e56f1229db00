/*
 * recover.c - makes the ledger's files agree with what the state says.
 *
 * Knows files and the chain; what is in the state it is told.  Called by the
 * store's owner at open, keeps nothing.
 */
#include "config.h"

#include "store/recover.h"

#include "lib/clock.h"
#include "lib/jsonw.h"
#include "lib/log.h"
#include "store/disk.h"
#include "store/line.h"
#include "store/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* How far a walk through lines came. */
struct reach {
	uint64_t length;      /* of the file, up to the last good line */
	uint64_t first, last; /* their numbers; 0: no line was good */
	uint64_t lines, tx;   /* how many; the last one's transaction */
	unsigned char prev[SHA256_SIZE]; /* what the first carries */
	unsigned char head[SHA256_SIZE];
};

struct work {
	const struct recover_options *o;
	struct recovery *r;
	struct shelf shelf;
	int64_t until; /* clock_ms() */
	bool fits;     /* the file that the state names is as it says */
	bool ahead;    /* there are transactions that the state does not know */
	uint64_t behind; /* bytes behind the settled end */
	bool late;       /* time was over before all of that was read */
	struct err *e;
};

/* ---- looking ---------------------------------------------------------------------- */

static bool
has_time(struct work *w)
{
	w->late = w->late || clock_ms() >= w->until;
	return !w->late;
}

/* Through the lines of a file, up to offset `end`, as far as each follows the
 * one before. */
static int
walk(struct work *w, const char *name, struct chain *c, uint64_t from,
    uint64_t end, struct reach *reach)
{
	struct lines *r = NULL;
	struct slice text;
	struct line line;
	int err = lines_open(w->o->dir, name, from, &r, w->e), more = 1;

	memset(reach, 0, sizeof(*reach));
	reach->length = from;
	if (err < 0)
		return err == ST_ENOENT ? 0 : err;
	while (reach->length < end && has_time(w) &&
	    (more = lines_next(r, &text, NULL)) == 1 &&
	    chain_step(c, text, &line, NULL) == 0) {
		if (reach->lines++ == 0) {
			memcpy(reach->prev, line.prev, SHA256_SIZE);
			reach->first = line.seq;
		}
		reach->length = lines_at(r);
		reach->last = line.seq;
		reach->tx = line.tx;
	}
	lines_close(r);
	memcpy(reach->head, c->head, SHA256_SIZE);
	return more == ST_ENOMEM || more == ST_EIO
	    ? err_set(w->e, more, "ledger: cannot read %s", name)
	    : 0;
}

/* A line that ends at `end`; empty where none that could be one does. */
static int
read_last(int fd, uint64_t end, struct buf *out, struct err *e)
{
	size_t size = 4096;
	ssize_t n;

	for (;; size *= 4) {
		if (size > end)
			size = (size_t)end;
		buf_reset(out);
		if (!buf_reserve(out, size))
			return err_set(e, ST_ENOMEM, "out of memory");
		n = pread(fd, out->p, size, (off_t)(end - size));
		if (n < 0)
			return err_sys(e, "ledger: cannot read");
		out->n = (size_t)n;
		if (out->n < size || out->p[size - 1] != '\n')
			break;
		for (size_t i = size - 1; i > 0; i--)
			if (out->p[i - 1] == '\n') {
				buf_consume(out, i);
				return 0;
			}
		if (size == end)
			return 0;
		if (size > LINE_TEXT_MAX)
			break;
	}
	buf_reset(out);
	return 0;
}

static bool
is_line(struct slice text, uint64_t seq, const unsigned char *prev,
    const unsigned char *head)
{
	struct chain c;
	struct line l;
	bool yes = chain_init(&c) && chain_step(&c, text, &l, NULL) == 0 &&
	    l.seq == seq && (!prev || memcmp(l.prev, prev, SHA256_SIZE) == 0) &&
	    (!head || memcmp(c.head, head, SHA256_SIZE) == 0);

	chain_release(&c);
	return yes;
}

static int
look_at_first(struct work *w, bool *good)
{
	const struct ledger_file *end = w->o->end;
	struct lines *r = NULL;
	struct slice text;
	int err = lines_open(w->o->dir, end->name, 0, &r, w->e), more = 0;

	if (err == 0)
		more = lines_next(r, &text, w->e);
	*good = more == 1 && is_line(text, end->first, end->prev, NULL);
	lines_close(r);
	return err == ST_ENOENT ? 0 : err;
}

/* The state's file: does it end, and begin, as the state says? */
static int
look_at_end(struct work *w)
{
	const struct ledger_file *end = w->o->end;
	struct buf last = BUF_INIT;
	struct stat st;
	bool first = false;
	int fd = openat(
	    w->o->dir, end->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP
		    ? 0
		    : err_sys(w->e, "ledger: cannot open %s", end->name);
	if (fstat(fd, &st) < 0)
		err = err_sys(w->e, "ledger: cannot look at %s", end->name);
	else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size >= end->length)
		err = read_last(fd, end->length, &last, w->e);
	close(fd);
	if (err == 0 && last.n > 0 &&
	    is_line(buf_slice(&last), end->last, NULL, end->head))
		err = look_at_first(w, &first);
	w->fits = first;
	w->behind = first ? (uint64_t)st.st_size - end->length : 0;
	buf_release(&last);
	return err;
}

/* ---- what the state does not know ---------------------------------------------------- */

/* Those stay on the shelf. */
static void
drop_known(struct work *w)
{
	struct shelf *s = &w->shelf;
	size_t n = 0;
	uint64_t first;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, w->o->end->name) != 0 &&
		    !w->o->known(w->o->arg, s->v[i].name, &first))
			s->v[n++] = s->v[i];
	s->n = n;
}

/* Older ones are not the next transaction's: rows of theirs may be missing. */
static void
drop_older(struct work *w)
{
	struct shelf *s = &w->shelf;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].bad || s->v[i].first > w->o->end->last)
			s->v[n++] = s->v[i];
	s->n = n;
}

static bool
is_later(const struct work *w, const struct reach *reach)
{
	return reach->lines > 0 && reach->tx > w->o->tx + 1;
}

static int
walk_unknown(struct work *w, const char *name, struct reach *reach)
{
	struct chain c;
	int err = chain_init(&c) ? walk(w, name, &c, 0, UINT64_MAX, reach)
				 : err_set(w->e, ST_ENOMEM, "out of memory");

	chain_release(&c);
	return err;
}

static int
walk_behind(struct work *w, struct reach *reach)
{
	const struct ledger_file *end = w->o->end;
	struct chain c;
	int err = chain_init(&c) ? 0
				 : err_set(w->e, ST_ENOMEM, "out of memory");

	chain_set(&c, end->head, end->last, w->o->tx);
	if (err == 0)
		err = walk(w, end->name, &c, end->length, UINT64_MAX, reach);
	chain_release(&c);
	return err;
}

static void
end_at(struct work *w, const char *name, const struct reach *reach)
{
	struct ledger_file *f = &w->r->end;

	*f = *w->o->end;
	if (strcmp(name, f->name) != 0) {
		snprintf(f->name, sizeof(f->name), "%s", name);
		f->first = reach->first;
		memcpy(f->prev, reach->prev, SHA256_SIZE);
	}
	f->length = reach->length;
	f->last = reach->last;
	memcpy(f->head, reach->head, SHA256_SIZE);
	w->r->last = reach->last;
	w->r->tx = reach->tx;
	w->ahead = true;
}

/* Finds the last good line among all that the state does not know, if any
 * belongs to a transaction later than the next. */
static int
look_behind(struct work *w)
{
	struct reach reach;
	int err = 0;

	if (w->fits && w->behind > 0) {
		err = walk_behind(w, &reach);
		w->r->lines_cut = reach.lines;
		if (err == 0 && is_later(w, &reach))
			end_at(w, w->o->end->name, &reach);
	}
	for (size_t i = 0; err == 0 && i < w->shelf.n; i++) {
		if (w->shelf.v[i].bad)
			continue;
		err = walk_unknown(w, w->shelf.v[i].name, &reach);
		w->shelf.v[i].unread = w->late;
		w->r->lines_cut += reach.lines;
		if (err == 0 && is_later(w, &reach) && reach.last >= w->r->last)
			end_at(w, w->shelf.v[i].name, &reach);
	}
	return err;
}

/* ---- setting aside ------------------------------------------------------------------ */

static int
move_aside(struct work *w, const char *name, char to[DISK_ASIDE_MAX])
{
	disk_aside_name(w->o->seam, w->o->dir, name, to);
	if (disk_rename(w->o->seam, w->o->dir, name, to) < 0 && errno != ENOENT)
		return err_sys(w->e, "ledger: cannot set %s aside", name);
	w->r->set_aside++;
	return 0;
}

static int
copy_bytes(struct work *w, int from, uint64_t at, uint64_t n, int to)
{
	char chunk[65536];
	uint64_t done = 0;
	ssize_t got;

	while (done < n) {
		got = pread(from, chunk, sizeof(chunk), (off_t)(at + done));
		if (got <= 0)
			return -1;
		if (disk_write(w->o->seam, to, chunk, (size_t)got, done) < 0)
			return -1;
		done += (uint64_t)got;
	}
	return disk_sync(w->o->seam, to);
}

/* What lies behind `keep` goes into a file of its own; false: it could not. */
static bool
copy_aside(struct work *w, const char *name, uint64_t keep, uint64_t size,
    char to[DISK_ASIDE_MAX])
{
	const struct store_seam *m = w->o->seam;
	int from = openat(w->o->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	int fd = -1;
	bool done = false;

	disk_aside_name(m, w->o->dir, name, to);
	if (from >= 0)
		fd = disk_create(m, w->o->dir, to);
	if (fd >= 0)
		done = copy_bytes(w, from, keep, size - keep, fd) == 0 &&
		    disk_cut(m, from, keep) == 0 && disk_sync(m, from) == 0;
	if (fd >= 0 && !done)
		(void)!disk_unlink(m, w->o->dir, to);
	if (fd >= 0)
		close(fd);
	if (from >= 0)
		close(from);
	w->r->set_aside += done;
	return done;
}

/* Keeps the lines of the state's file that are still in the chain. */
static int
keep_good(struct work *w, char aside[DISK_ASIDE_MAX])
{
	const struct ledger_file *end = w->o->end;
	struct reach reach;
	struct stat st;
	struct chain c;
	int err = chain_init(&c) ? 0
				 : err_set(w->e, ST_ENOMEM, "out of memory");

	chain_set(&c, end->prev, end->first - 1, 0);
	if (err == 0)
		err = walk(w, end->name, &c, 0, end->length, &reach);
	chain_release(&c);
	if (err < 0)
		return err;
	if (fstatat(w->o->dir, end->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT
		    ? 0
		    : err_sys(w->e, "ledger: cannot look at %s", end->name);
	if (reach.last == 0 || reach.last >= end->last ||
	    (uint64_t)st.st_size - reach.length > RECOVER_COPY_MAX ||
	    !copy_aside(
		w, end->name, reach.length, (uint64_t)st.st_size, aside))
		return move_aside(w, end->name, aside);
	w->r->end = *end;
	w->r->end.length = reach.length;
	w->r->end.last = reach.last;
	memcpy(w->r->end.head, reach.head, SHA256_SIZE);
	return 0;
}

/* ---- deciding ---------------------------------------------------------------------- */

static void
note_hash(struct jsonw *w, const char *name, const unsigned char *hash)
{
	char text[SHA256_HEX];

	hash_hex(hash, SHA256_SIZE, text);
	jsonw_member_str(w, name, text);
}

static void
note_damage(struct work *w, const char *aside)
{
	const struct ledger_file *end = w->o->end;
	struct jsonw j;

	w->r->lines_missing += w->r->end.name[0] ? end->last - w->r->end.last
						 : end->last - end->first + 1;
	jsonw_init(&j, &w->r->note);
	jsonw_object(&j);
	jsonw_member_str(&j, "event", "ledger_damaged");
	jsonw_member_str(&j, "file", end->name);
	jsonw_member_str(&j, "set_aside", *aside ? aside : NULL);
	jsonw_member_int(&j, "lines_missing", (int64_t)w->r->lines_missing);
	jsonw_member_int(&j, "last_seq", (int64_t)end->last);
	note_hash(&j, "last_hash", end->head);
	jsonw_end(&j);
	log_warnx("ledger: %s is damaged: %" PRIu64 " lines are missing, %s%s; "
		  "a new chain begins",
	    end->name, w->r->lines_missing,
	    *aside ? "what is left of them is in " : "the file is gone", aside);
}

static void
note_ahead(struct work *w)
{
	struct jsonw j;

	jsonw_init(&j, &w->r->note);
	jsonw_object(&j);
	jsonw_member_str(&j, "event", "state_older_than_ledger");
	jsonw_member_int(&j, "state_tx", (int64_t)w->o->tx);
	jsonw_member_int(&j, "ledger_tx", (int64_t)w->r->tx);
	jsonw_end(&j);
	log_warnx("state.db is older than the ledger: it ends with transaction "
		  "%" PRIu64 ", the ledger with %" PRIu64,
	    w->o->tx, w->r->tx);
}

/* Nothing but zeros, or nothing: what a loss of power leaves of a new file. */
static bool
is_blank(struct work *w, const char *name)
{
	char chunk[4096];
	int fd = openat(w->o->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, chunk, sizeof(chunk));

	for (ssize_t i = 0; i < n; i++)
		if (chunk[i])
			n = -1;
	if (fd >= 0)
		close(fd);
	return n >= 0;
}

/* Files of a transaction that never was. */
static int
remove_unknown(struct work *w)
{
	char aside[DISK_ASIDE_MAX];
	int err = 0;

	for (size_t i = 0; err == 0 && i < w->shelf.n; i++) {
		const struct shelf_file *f = &w->shelf.v[i];

		/* The last is gone on behind, and its tail set aside. */
		if (w->ahead && strcmp(f->name, w->r->end.name) == 0)
			continue;
		if (f->unread ||
		    (f->bad && (w->ahead || f->zst || !is_blank(w, f->name))))
			err = f->plain ? move_aside(w, f->name, aside) : 0;
		else if (!w->ahead && f->plain &&
		    disk_unlink(w->o->seam, w->o->dir, f->name) < 0 &&
		    errno != ENOENT)
			err = err_sys(
			    w->e, "ledger: cannot remove %s", f->name);
	}
	return err;
}

static int
cut_to(struct work *w, const struct ledger_file *f)
{
	char aside[DISK_ASIDE_MAX];
	struct stat st;
	int fd, err = 0;

	if (!f->name[0] ||
	    fstatat(w->o->dir, f->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (uint64_t)st.st_size <= f->length)
		return 0;
	if (w->late)
		return copy_aside(
			   w, f->name, f->length, (uint64_t)st.st_size, aside)
		    ? 0
		    : err_set(
			  w->e, ST_EIO, "ledger: cannot set %s aside", f->name);
	fd = openat(w->o->dir, f->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || disk_cut(w->o->seam, fd, f->length) < 0)
		err = err_sys(w->e, "ledger: cannot cut %s", f->name);
	if (fd >= 0)
		close(fd);
	return err;
}

static int
decide(struct work *w)
{
	char aside[DISK_ASIDE_MAX] = "";
	int err = remove_unknown(w);

	if (err < 0)
		return err;
	if (w->ahead) {
		w->r->lines_cut = 0;
		w->r->restart = true;
		note_ahead(w);
	} else if (w->fits || !w->o->end->name[0]) {
		w->r->end = *w->o->end;
	} else {
		err = keep_good(w, aside);
		w->r->restart = w->r->fresh = true;
		if (err == 0)
			note_damage(w, aside);
	}
	return err == 0 ? cut_to(w, &w->r->end) : err;
}

int
recover_ledger(
    const struct recover_options *o, struct recovery *result, struct err *e)
{
	struct recovery r = { .last = o->end->last, .tx = o->tx };
	struct work w = { .o = o,
		.r = &r,
		.e = e,
		.until = clock_ms() +
		    (o->seam && o->seam->hurry ? 0 : RECOVER_MS) };
	int err = shelf_read(o->dir, &w.shelf, e);

	if (err == 0) {
		drop_known(&w);
		err = shelf_order(o->dir, &w.shelf, e);
		drop_older(&w);
	}
	if (err == 0 && o->end->name[0])
		err = look_at_end(&w);
	if (err == 0)
		err = look_behind(&w);
	if (err == 0)
		err = decide(&w);
	if (err == 0 && r.note.failed)
		err = err_set(e, ST_ENOMEM, "out of memory");
	shelf_release(&w.shelf);
	if (err < 0)
		recovery_release(&r);
	else
		*result = r;
	return err;
}

void
recovery_release(struct recovery *r)
{
	buf_release(&r->note);
}
