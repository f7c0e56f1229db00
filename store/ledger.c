/*
 * ledger.c - the ledger's writing side: chained lines in a file a day.
 *
 * Knows files and hashes, nothing of the database: what is settled it is told.
 */
#include "config.h"

#include "store/ledger.h"

#include "store/disk.h"
#include "store/line.h"
#include "store/row.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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
	int dir, fd; /* fd: of the settled file; -1: not open yet */
	const struct store_seam *seam;
	struct sha256 *hash;
	struct ledger_file settled;
	struct part parts[LEDGER_PARTS_MAX];
	size_t n_parts;
	struct ledger_file ended[LEDGER_PARTS_MAX];
	struct buf bytes; /* gathered */
	bool doubtful;    /* what is written may be settled after a crash */
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

/* ---- gathering ---------------------------------------------------------------------- */

static struct part *
last_part(struct ledger *l)
{
	return &l->parts[l->n_parts - 1];
}

/* Is a part gathered for that name already? */
static bool
is_gathered(const struct ledger *l, const char *name)
{
	for (size_t i = 0; i < l->n_parts; i++)
		if (strcmp(l->parts[i].file.name, name) == 0)
			return true;
	return false;
}

static void
free_name(const struct ledger *l, int64_t day, char *name)
{
	unsigned part = 0;

	do
		shelf_name(day, ++part, name);
	while (is_gathered(l, name) || shelf_has(l->dir, name));
}

static void
add_part(struct ledger *l, int64_t day)
{
	struct part *old = last_part(l), *p = &l->parts[l->n_parts];

	memset(p, 0, sizeof(*p));
	free_name(l, day, p->file.name);
	p->file.first = old->file.last + 1;
	p->file.last = old->file.last;
	memcpy(p->file.prev, old->file.head, SHA256_SIZE);
	memcpy(p->file.head, old->file.head, SHA256_SIZE);
	p->start = l->bytes.n;
	p->day = day;
	p->fresh = true;
	l->n_parts++;
}

static struct part *
part_for(struct ledger *l, int64_t day)
{
	struct part *p = last_part(l);
	bool other = p->day == DAY_NONE || day > p->day || day < p->day - 1;

	if (!other && p->file.length < LEDGER_FILE_MAX)
		return p;
	if (p->fresh && p->file.length == 0 && p->day != day) {
		free_name(l, day, p->file.name);
		p->day = day;
	}
	if (l->n_parts == LEDGER_PARTS_MAX || (p->fresh && p->file.length == 0))
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

static void
seal_line(struct ledger *l, struct part *p, size_t start)
{
	size_t n = l->bytes.n - start;

	sha256_add(l->hash, l->bytes.p + start, n);
	sha256_sum(l->hash, p->file.head);
	p->file.last++;
	p->file.length += n;
}

int
ledger_line(
    struct ledger *l, enum store_kind kind, uint64_t tx, struct slice data)
{
	struct when at = disk_now(l->seam);
	struct part *p = part_for(l, when_day(at));
	size_t start = l->bytes.n;
	struct line line = { .seq = p->file.last + 1,
		.tx = tx,
		.at_text = slice_str(at_text(l, at)),
		.kind = slice_str(store_kind_name(kind)),
		.data = data };

	memcpy(line.prev, p->file.head, SHA256_SIZE);
	line_write(&line, &l->bytes);
	if (l->bytes.failed) {
		l->bytes.n = start;
		l->bytes.failed = false;
		return ST_ENOMEM;
	}
	seal_line(l, p, start);
	return 0;
}

size_t
ledger_gathered(const struct ledger *l)
{
	return l->bytes.n;
}

/* ---- writing ------------------------------------------------------------------------ */

static int
open_settled(struct ledger *l, struct err *e)
{
	const char *name = l->settled.name;

	if (!name[0])
		return 0;
	l->fd = openat(l->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	return l->fd < 0 ? err_sys(e, "ledger: cannot open %s", name) : 0;
}

static int
write_part(struct ledger *l, const struct part *p, size_t end, struct err *e)
{
	int err = p->fresh || l->fd >= 0 ? 0 : open_settled(l, e), fd;

	if (err < 0)
		return err;
	fd = p->fresh ? disk_create(l->seam, l->dir, p->file.name) : l->fd;
	if (fd < 0)
		return err_sys(e, "ledger: cannot make %s", p->file.name);
	if (disk_write(l->seam, fd, l->bytes.p + p->start, end - p->start,
		p->from) < 0)
		err = err_sys(e, "ledger: cannot write %s", p->file.name);
	else if (disk_sync(l->seam, fd) < 0)
		err = err_sys(e, "ledger: cannot sync %s", p->file.name);
	else if (p->fresh && disk_sync(l->seam, l->dir) < 0)
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
	bool zst;

	memset(p, 0, sizeof(*p));
	p->file = l->settled;
	p->from = l->settled.length;
	if (!shelf_parse(p->file.name, &p->day, &part, &zst))
		p->day = DAY_NONE;
	l->n_parts = 1;
	l->doubtful = false;
	buf_reset(&l->bytes);
}

void
ledger_settle(struct ledger *l)
{
	bool moved = l->n_parts > 1;

	l->settled = *ledger_end(l);
	if (moved && l->fd >= 0) {
		close(l->fd);
		l->fd = -1;
	}
	begin_gathering(l);
}

/* Files that were begun stay where they cannot be removed: the next attempt
 * writes them again, the next open removes them. */
void
ledger_undo(struct ledger *l, bool doubtful)
{
	l->doubtful = l->doubtful || doubtful;
	if (l->doubtful)
		return;
	if (l->fd >= 0)
		(void)!disk_cut(l->seam, l->fd, l->settled.length);
	for (size_t i = 1; i < l->n_parts; i++)
		if (l->parts[i].fresh)
			(void)!disk_unlink(
			    l->seam, l->dir, l->parts[i].file.name);
}

/* ---- opening ------------------------------------------------------------------------ */

void
ledger_restart(struct ledger *l, bool fresh, uint64_t last)
{
	struct part *p;

	add_part(l, when_day(disk_now(l->seam)));
	p = last_part(l);
	p->file.first = last + 1;
	p->file.last = last;
	if (fresh) {
		memset(p->file.prev, 0, SHA256_SIZE);
		memset(p->file.head, 0, SHA256_SIZE);
	}
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

/* ---- as bytes ---------------------------------------------------------------------- */

void
ledger_file_write(const struct ledger_file *f, struct buf *out)
{
	row_add64(out, f->length);
	row_add64(out, f->first);
	row_add64(out, f->last);
	buf_add(out, f->prev, SHA256_SIZE);
	buf_add(out, f->head, SHA256_SIZE);
	buf_adds(out, f->name);
}

bool
ledger_file_parse(struct slice v, struct ledger_file *f)
{
	memset(f, 0, sizeof(*f));
	if (!row_take64(&v, &f->length) || !row_take64(&v, &f->first) ||
	    !row_take64(&v, &f->last) || v.n < 2 * SHA256_SIZE ||
	    v.n - 2 * SHA256_SIZE >= LEDGER_NAME_MAX)
		return false;
	memcpy(f->prev, v.p, SHA256_SIZE);
	memcpy(f->head, v.p + SHA256_SIZE, SHA256_SIZE);
	memcpy(f->name, v.p + 2 * SHA256_SIZE, v.n - 2 * SHA256_SIZE);
	return true;
}
