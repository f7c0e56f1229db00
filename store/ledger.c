/*
 * ledger.c - the ledger's writing side: chained lines in a file a day.
 *
 * Knows files and hashes, nothing of the database: what is settled it is told.
 */
#include "config.h"

#include "store/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_NONE INT64_MIN

/* What goes into one file; the last is the file that lines go to. */
struct part {
	struct ledger_file file; /* with what is gathered */
	uint64_t from;           /* offset in the file */
	size_t start;            /* in the gathered bytes */
	int64_t day;
	bool fresh; /* nothing of it is settled */
};

struct ledger {
	int dir, fd; /* fd: of the settled file; -1: none */
	const struct store_seam *seam;
	struct sha256 *hash;
	struct ledger_file settled;
	struct part parts[LEDGER_PARTS_MAX];
	size_t n_parts;
	struct ledger_file ended[LEDGER_PARTS_MAX];
	struct buf bytes; /* gathered */
	int64_t at_ms;    /* of at_text */
	char at_text[WHEN_TEXT];
};

const char *
store_kind_name(enum store_kind kind)
{
	static const char *const names[] = {
		[LINE_DECISION] = "decision",
		[LINE_FINDING] = "finding",
		[LINE_NOTE] = "note",
	};

	return kind <= LINE_NOTE ? names[kind] : "?";
}

/* ---- the disk, or what a test puts in its place ------------------------------------- */

static int
write_at(struct ledger *l, int fd, const char *p, size_t n, uint64_t at)
{
	const struct store_seam *m = l->seam;
	ssize_t done;

	while (n > 0) {
		done = m && m->pwrite ? m->pwrite(m->arg, fd, p, n, (off_t)at)
				      : pwrite(fd, p, n, (off_t)at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return 0;
}

static int
sync_file(struct ledger *l, int fd)
{
	const struct store_seam *m = l->seam;

	return m && m->fdatasync ? m->fdatasync(m->arg, fd) : fdatasync(fd);
}

static int
cut(struct ledger *l, int fd, uint64_t size)
{
	const struct store_seam *m = l->seam;

	return m && m->ftruncate ? m->ftruncate(m->arg, fd, (off_t)size)
				 : ftruncate(fd, (off_t)size);
}

static int
create(struct ledger *l, const char *name)
{
	const struct store_seam *m = l->seam;

	return m && m->create
	    ? m->create(m->arg, l->dir, name)
	    : openat(l->dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		  0600);
}

static struct when
now(struct ledger *l)
{
	return l->seam && l->seam->now ? l->seam->now(l->seam->arg)
				       : when_now();
}

/* ---- names -------------------------------------------------------------------------- */

static void
name_of(int64_t day, unsigned part, char *name)
{
	struct when w = { day * 86400, 0, true };
	char text[WHEN_TEXT];

	when_format(w, text);
	if (part <= 1)
		snprintf(name, LEDGER_NAME_MAX, "%.10s.jsonl", text);
	else
		snprintf(name, LEDGER_NAME_MAX, "%.10s.%u.jsonl", text, part);
}

/* Which day and which part of it; false: no file of the ledger. */
static bool
name_parse(const char *name, int64_t *day, unsigned *part)
{
	struct when w;
	int used = 0;

	*part = 1;
	if (strlen(name) < 16 || !when_parse(slice_of(name, 10), &w))
		return false;
	*day = when_day(w);
	if (strcmp(name + 10, ".jsonl") == 0)
		return true;
	return sscanf(name + 10, ".%u.jsonl%n", part, &used) == 1 && used > 0 &&
	    name[10 + used] == '\0';
}

/* ---- gathering ---------------------------------------------------------------------- */

static struct part *
last_part(struct ledger *l)
{
	return &l->parts[l->n_parts - 1];
}

static int
add_part(struct ledger *l, int64_t day)
{
	struct part *old = last_part(l), *p = &l->parts[l->n_parts];
	unsigned part = 1;
	int64_t old_day;

	if (name_parse(old->file.name, &old_day, &part))
		part = old_day == day ? part + 1 : 1;
	memset(p, 0, sizeof(*p));
	name_of(day, part, p->file.name);
	p->file.first = old->file.last + 1;
	p->file.last = old->file.last;
	memcpy(p->file.prev, old->file.head, SHA256_SIZE);
	memcpy(p->file.head, old->file.head, SHA256_SIZE);
	p->start = l->bytes.n;
	p->day = day;
	p->fresh = true;
	l->n_parts++;
	return 0;
}

static struct part *
part_for(struct ledger *l, int64_t day)
{
	struct part *p = last_part(l);
	bool other = p->day == DAY_NONE || day > p->day || day < p->day - 1;

	if (!other && p->file.length < LEDGER_FILE_MAX)
		return p;
	if (l->n_parts == LEDGER_PARTS_MAX)
		return p;
	add_part(l, day);
	return last_part(l);
}

static const char *
at_text(struct ledger *l, struct when at)
{
	int64_t ms = at.sec * 1000 + at.nsec / 1000000;

	if (ms != l->at_ms) {
		at.nsec -= at.nsec % 1000000;
		when_format(at, l->at_text);
		l->at_ms = ms;
	}
	return l->at_text;
}

int
ledger_line(
    struct ledger *l, enum store_kind kind, uint64_t tx, struct slice data)
{
	struct when at = now(l);
	struct part *p = part_for(l, when_day(at));
	size_t start = l->bytes.n;
	char prev[SHA256_HEX];

	hash_hex(p->file.head, SHA256_SIZE, prev);
	buf_addf(&l->bytes,
	    "{\"prev\":\"%s\",\"seq\":%" PRIu64 ",\"tx\":%" PRIu64
	    ",\"at\":\"%s\",\"kind\":\"%s\",\"data\":",
	    prev, p->file.last + 1, tx, at_text(l, at), store_kind_name(kind));
	buf_add_slice(&l->bytes, data);
	buf_adds(&l->bytes, "}\n");
	if (l->bytes.failed) {
		l->bytes.n = start;
		l->bytes.failed = false;
		return ST_ENOMEM;
	}
	sha256_add(l->hash, l->bytes.p + start, l->bytes.n - start);
	sha256_sum(l->hash, p->file.head);
	p->file.last++;
	p->file.length += l->bytes.n - start;
	return 0;
}

size_t
ledger_gathered(const struct ledger *l)
{
	return l->bytes.n;
}

/* ---- writing ------------------------------------------------------------------------ */

static int
write_part(struct ledger *l, const struct part *p, size_t end, struct err *e)
{
	int fd = p->fresh ? create(l, p->file.name) : l->fd, err = 0;

	if (fd < 0)
		return err_sys(e, "ledger: cannot make %s", p->file.name);
	if (write_at(l, fd, l->bytes.p + p->start, end - p->start, p->from) < 0)
		err = err_sys(e, "ledger: cannot write %s", p->file.name);
	else if (sync_file(l, fd) < 0)
		err = err_sys(e, "ledger: cannot sync %s", p->file.name);
	else if (p->fresh && sync_file(l, l->dir) < 0)
		err = err_sys(e, "ledger: cannot sync its folder");
	if (p->fresh)
		close(fd);
	return err;
}

int
ledger_append(struct ledger *l, struct err *e)
{
	size_t end;
	int err = 0;

	for (size_t i = 0; err == 0 && i < l->n_parts; i++) {
		end = i + 1 < l->n_parts ? l->parts[i + 1].start : l->bytes.n;
		if (end > l->parts[i].start)
			err = write_part(l, &l->parts[i], end, e);
	}
	return err;
}

const struct ledger_file *
ledger_end(const struct ledger *l)
{
	return &l->parts[l->n_parts - 1].file;
}

const struct ledger_file *
ledger_ended(const struct ledger *l, size_t *n)
{
	struct ledger *w = (struct ledger *)l;

	*n = l->n_parts - 1;
	for (size_t i = 0; i < *n; i++)
		w->ended[i] = l->parts[i].file;
	return l->ended;
}

static void
begin_gathering(struct ledger *l)
{
	struct part *p = &l->parts[0];
	unsigned part;

	memset(p, 0, sizeof(*p));
	p->file = l->settled;
	p->from = l->settled.length;
	if (!name_parse(p->file.name, &p->day, &part))
		p->day = DAY_NONE;
	l->n_parts = 1;
	buf_reset(&l->bytes);
}

void
ledger_settle(struct ledger *l)
{
	bool moved = l->n_parts > 1;

	l->settled = *ledger_end(l);
	if (moved) {
		if (l->fd >= 0)
			close(l->fd);
		l->fd = openat(
		    l->dir, l->settled.name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	}
	begin_gathering(l);
}

void
ledger_undo(struct ledger *l)
{
	if (l->fd >= 0)
		(void)!cut(l, l->fd, l->settled.length);
}

/* ---- opening ------------------------------------------------------------------------ */

static int
open_settled(struct ledger *l, struct err *e)
{
	const char *name = l->settled.name;
	struct stat st;

	if (!name[0])
		return 0;
	l->fd = openat(l->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (l->fd < 0)
		return errno == ENOENT
		    ? err_set(e, ST_EFORMAT, "ledger: %s is not there", name)
		    : err_sys(e, "ledger: cannot open %s", name);
	if (fstat(l->fd, &st) < 0)
		return err_sys(e, "ledger: cannot look at %s", name);
	if ((uint64_t)st.st_size < l->settled.length)
		return err_set(e, ST_EFORMAT, "ledger: %s is too short", name);
	if (cut(l, l->fd, l->settled.length) < 0)
		return err_sys(e, "ledger: cannot cut %s", name);
	return 0;
}

int
ledger_open(const struct ledger_options *o, const struct ledger_file *end,
    struct ledger **result, struct err *e)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int err = l ? 0 : err_set(e, ST_ENOMEM, "out of memory");

	if (err == 0) {
		l->dir = o->dir;
		l->fd = -1;
		l->seam = o->seam;
		l->settled = *end;
		l->at_ms = INT64_MIN;
		l->hash = sha256_new();
		if (!l->hash)
			err = err_set(e, ST_ENOMEM, "out of memory");
	}
	if (err == 0)
		err = open_settled(l, e);
	if (err == 0) {
		begin_gathering(l);
		*result = l;
		l = NULL;
	}
	ledger_close(l);
	return err;
}

void
ledger_close(struct ledger *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	sha256_free(l->hash);
	buf_release(&l->bytes);
	free(l);
}
