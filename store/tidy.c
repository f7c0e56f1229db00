/*
 * tidy.c - what becomes of the ledger's closed files: packed, and at last gone.
 *
 * See tidy.h.  Knows files; which are closed and when one may go, it is told.
 */
#include "config.h"

#include "store/tidy.h"

#include "lib/deflate.h"
#include "lib/log.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_S 86400
#define NAME_ROOM (SHELF_NAME_MAX + sizeof(SHELF_ZST SHELF_TMP))

/* A file that is being packed. */
struct packing {
	char name[SHELF_NAME_MAX]; /* "": none */
	int from, to;
	uint64_t read, written;
};

struct tidy {
	int dir;
	DIR *entries; /* of it */
	const struct store_seam *seam;
	char current[SHELF_NAME_MAX];
	struct shelf shelf; /* in order; without the current one */
	uint64_t current_first;
	struct packing now;
	struct deflate *deflate;
	struct buf in, out;
	bool refused; /* until the next look */
};

int
tidy_new(
    int dir, const struct store_seam *seam, struct tidy **result, struct err *e)
{
	struct tidy *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return err_set(e, ST_ENOMEM, "out of memory");
	t->dir = dir;
	t->seam = seam;
	t->now.from = t->now.to = -1;
	t->deflate = deflate_new();
	err = t->deflate && buf_reserve(&t->in, TIDY_STEP)
	    ? shelf_open(dir, &t->entries, e)
	    : err_set(e, ST_ENOMEM, "out of memory");
	if (err == 0)
		*result = t;
	else
		tidy_free(t);
	return err;
}

static void
stop_packing(struct tidy *t)
{
	struct packing *p = &t->now;

	if (p->from >= 0)
		close(p->from);
	if (p->to >= 0)
		close(p->to);
	deflate_reset(t->deflate);
	*p = (struct packing){ .from = -1, .to = -1 };
}

void
tidy_free(struct tidy *t)
{
	if (!t)
		return;
	if (t->deflate)
		stop_packing(t);
	deflate_free(t->deflate);
	if (t->entries)
		closedir(t->entries);
	shelf_release(&t->shelf);
	buf_release(&t->in);
	buf_release(&t->out);
	free(t);
}

static void
refuse(struct tidy *t, const char *what, const char *name)
{
	log_warnx("ledger: cannot %s %s: %s; tried again later", what, name,
	    strerror(errno));
	t->refused = true;
	stop_packing(t);
}

/* ---- looking ---- */

/* The current one, and what is not of any use, are not ours. */
static void
drop_others(struct tidy *t)
{
	struct shelf *s = &t->shelf;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->v[i].name, t->current) == 0)
			t->current_first = s->v[i].first;
		else if (!s->v[i].bad)
			s->v[n++] = s->v[i];
	}
	s->n = n;
}

/* Of which the state knows already that they are gone. */
static void
remove_gone(struct tidy *t, uint64_t removed)
{
	char name[SHELF_NAME_MAX];

	while (
	    t->shelf.n > 0 && t->shelf.v[0].first <= removed && !t->refused) {
		memcpy(name, t->shelf.v[0].name, sizeof(name));
		tidy_remove(t, name);
	}
}

int
tidy_look(struct tidy *t, const struct tidy_from *from, struct err *e)
{
	int err;

	t->refused = false;
	shelf_release(&t->shelf);
	snprintf(t->current, sizeof(t->current), "%s", from->current);
	err = shelf_list(t->entries, &t->shelf, e);
	for (size_t i = 0; err == 0 && i < t->shelf.n; i++) {
		struct shelf_file *f = &t->shelf.v[i];

		if (strcmp(f->name, t->current) == 0)
			f->first = from->current_first;
		else if (!from->known(from->arg, f->name, &f->first))
			f->first = 0;
	}
	if (err == 0)
		err = shelf_order(t->dir, &t->shelf, e);
	if (err < 0)
		return err;
	drop_others(t);
	remove_gone(t, from->removed);
	return 0;
}

uint64_t
tidy_bytes(const struct tidy *t)
{
	return t->shelf.bytes;
}

/* ---- what goes ---- */

const struct shelf_file *
tidy_too_old(const struct tidy *t, const struct tidy_bounds *b, uint64_t *next)
{
	const struct shelf_file *f = t->shelf.v;
	int64_t age;

	if (t->shelf.n == 0 || t->refused)
		return NULL;
	age = disk_now(t->seam).sec - (f->day + 1) * DAY_S;
	if (!(b->keep_ms > 0 && age > b->keep_ms / 1000) &&
	    !(b->size > 0 && t->shelf.bytes > b->size))
		return NULL;
	*next = t->shelf.n > 1 ? t->shelf.v[1].first : t->current_first;
	return f;
}

static bool
unlink_if_there(struct tidy *t, const char *name)
{
	if (disk_unlink(t->seam, t->dir, name) == 0 || errno == ENOENT)
		return true;
	refuse(t, "remove", name);
	return false;
}

void
tidy_remove(struct tidy *t, const char *name)
{
	struct shelf *s = &t->shelf;
	char zst[NAME_ROOM];

	if (strcmp(t->now.name, name) == 0)
		stop_packing(t);
	snprintf(zst, sizeof(zst), "%s" SHELF_ZST, name);
	if (!unlink_if_there(t, zst) || !unlink_if_there(t, name))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0) {
			s->bytes -= s->v[i].bytes;
			s->n--;
			memmove(
			    &s->v[i], &s->v[i + 1], (s->n - i) * sizeof(*s->v));
			return;
		}
}

/* ---- packing ---- */

static struct shelf_file *
find_plain(struct tidy *t)
{
	for (size_t i = 0; i < t->shelf.n; i++)
		if (t->shelf.v[i].plain)
			return &t->shelf.v[i];
	return NULL;
}

static bool
begin_packing(struct tidy *t, const struct shelf_file *f)
{
	struct packing *p = &t->now;
	char tmp[NAME_ROOM];

	snprintf(p->name, sizeof(p->name), "%s", f->name);
	snprintf(tmp, sizeof(tmp), "%s" SHELF_ZST SHELF_TMP, f->name);
	p->from = openat(t->dir, f->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (p->from >= 0)
		p->to = disk_create(t->seam, t->dir, tmp);
	if (p->to >= 0 && disk_cut(t->seam, p->to, 0) == 0)
		return true;
	refuse(t, "pack", f->name);
	return false;
}

static bool
write_out(struct tidy *t)
{
	struct packing *p = &t->now;

	if (disk_write(t->seam, p->to, t->out.p, t->out.n, p->written) < 0)
		return false;
	p->written += t->out.n;
	buf_reset(&t->out);
	return true;
}

/* The packed file is whole: it takes the plain one's place. */
static bool
end_packing(struct tidy *t)
{
	struct packing *p = &t->now;
	char tmp[NAME_ROOM], zst[NAME_ROOM];

	snprintf(zst, sizeof(zst), "%s" SHELF_ZST, p->name);
	snprintf(tmp, sizeof(tmp), "%s" SHELF_ZST SHELF_TMP, p->name);
	return deflate_finish(t->deflate, &t->out) == 0 && write_out(t) &&
	    disk_sync(t->seam, p->to) == 0 &&
	    disk_rename(t->seam, t->dir, tmp, zst) == 0 &&
	    disk_sync(t->seam, t->dir) == 0;
}

static void
note_packed(struct tidy *t, struct shelf_file *f)
{
	if (!unlink_if_there(t, f->name))
		return;
	log_info("ledger: %s is closed and packed, %" PRIu64
		 " bytes of %" PRIu64,
	    f->name, t->now.written, t->now.read);
	t->shelf.bytes = t->shelf.bytes - f->bytes + t->now.written;
	f->bytes = t->now.written;
	f->plain = false;
	f->zst = true;
	stop_packing(t);
}

static void
pack_piece(struct tidy *t, struct shelf_file *f)
{
	struct packing *p = &t->now;
	ssize_t n = pread(p->from, t->in.p, TIDY_STEP, (off_t)p->read);
	bool good = n >= 0;

	if (n > 0)
		good = deflate_feed(t->deflate, t->in.p, (size_t)n, &t->out) ==
			0 &&
		    write_out(t);
	else if (n == 0)
		good = end_packing(t);
	if (!good)
		refuse(t, "pack", f->name);
	else if (n == 0)
		note_packed(t, f);
	else
		p->read += (uint64_t)n;
}

bool
tidy_pack(struct tidy *t)
{
	struct shelf_file *f = t->refused ? NULL : find_plain(t);

	if (!f)
		return false;
	/* An older one has turned up. */
	if (t->now.name[0] && strcmp(t->now.name, f->name) != 0)
		stop_packing(t);
	/* Packed before a crash: only the plain one is left to go. */
	if (f->zst) {
		if (unlink_if_there(t, f->name))
			f->plain = false;
	} else if (t->now.name[0] || begin_packing(t, f)) {
		pack_piece(t, f);
	}
	return !t->refused && find_plain(t);
}
