/*
 * pages.c - the rows of a SQLite file that SQLite cannot read any more.
 *
 * Knows the file format, not SQLite.  One owner.
 */
#include "config.h"

#include "store/pages.h"

#include "lib/buf.h"
#include "lib/clock.h"
#include "store/row.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAL_HEAD 32
#define FRAME_HEAD 24
#define FRAME_SIZE (FRAME_HEAD + PAGES_SIZE)
#define FRAMES_MAX ((uint32_t)1 << 24)
#define ROW_MAX (STORE_KEY_MAX + ROW_HEAD + STORE_VALUE_MAX + 64)

/* An index page's cell keeps so much of its row, at most and at least. */
#define LOCAL_MAX ((PAGES_SIZE - 12) * 64 / 255 - 23)
#define LOCAL_MIN ((PAGES_SIZE - 12) * 32 / 255 - 23)

enum { LEAF = 0x0a, INTERIOR = 0x02 };

struct frame {
	uint32_t page, commit;
	uint32_t salt[2], sum[2];
};

struct pages {
	int fd, wal;
	uint32_t n;    /* pages there may be */
	uint32_t *map; /* of the log: the frame that has a page, from 1 */
	uint32_t n_map;
	bool broken; /* the log, with more behind */
	struct buf row;
	unsigned char page[PAGES_SIZE], over[PAGES_SIZE];
};

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static uint32_t
get16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

/* ---- the log ----------------------------------------------------------------------- */

static uint32_t
word(const unsigned char *p, bool big)
{
	return big ? get32(p)
		   : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
		(uint32_t)p[1] << 8 | p[0];
}

static void
add_sum(uint32_t sum[2], const unsigned char *p, size_t n, bool big)
{
	for (size_t i = 0; i < n; i += 8) {
		sum[0] += word(p + i, big) + sum[1];
		sum[1] += word(p + i + 4, big) + sum[0];
	}
}

static bool
read_frame(struct pages *p, uint32_t i, struct frame *f, unsigned char *bytes)
{
	off_t at = WAL_HEAD + (off_t)i * FRAME_SIZE;

	if (pread(p->wal, bytes, FRAME_SIZE, at) != FRAME_SIZE)
		return false;
	f->page = get32(bytes);
	f->commit = get32(bytes + 4);
	for (int k = 0; k < 2; k++) {
		f->salt[k] = get32(bytes + 8 + 4 * k);
		f->sum[k] = get32(bytes + 16 + 4 * k);
	}
	return true;
}

static bool
map_page(struct pages *p, uint32_t page, uint32_t frame)
{
	uint32_t n = p->n_map ? p->n_map : 1024, *more;

	if (page == 0 || page > PAGES_MAX)
		return true;
	while (n <= page)
		n *= 2;
	if (n > p->n_map) {
		more = realloc(p->map, n * sizeof(*more));
		if (!more)
			return false;
		memset(more + p->n_map, 0, (n - p->n_map) * sizeof(*more));
		p->map = more;
		p->n_map = n;
	}
	p->map[page] = frame + 1;
	if (page > p->n)
		p->n = page;
	return true;
}

/* One transaction of the log. */
struct group {
	uint32_t first, n;
	bool whole;
};

static uint32_t
page_of(struct pages *p, uint32_t frame)
{
	unsigned char head[4];

	return pread(p->wal, head, 4, WAL_HEAD + (off_t)frame * FRAME_SIZE) == 4
	    ? get32(head)
	    : 0;
}

static bool
take_group(struct pages *p, const struct group *g)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < g->n; i++)
		ok = map_page(p, page_of(p, g->first + i), g->first + i);
	return ok;
}

struct log {
	struct group now, held; /* held: not whole, taken if another follows */
	uint32_t salt[2], sum[2];
	bool big, salted;
};

static bool
end_group(struct pages *p, struct log *l)
{
	bool ok = true;

	if (l->held.n > 0) {
		p->broken = true;
		ok = take_group(p, &l->held);
	}
	l->held.n = 0;
	if (l->now.whole)
		ok = ok && take_group(p, &l->now);
	else
		l->held = l->now;
	l->now = (struct group){ .first = l->now.first + l->now.n,
		.whole = true };
	return ok;
}

static bool
follows(struct log *l, const struct frame *f, const unsigned char *bytes)
{
	uint32_t sum[2] = { l->sum[0], l->sum[1] };

	add_sum(sum, bytes, 8, l->big);
	add_sum(sum, bytes + FRAME_HEAD, PAGES_SIZE, l->big);
	return sum[0] == f->sum[0] && sum[1] == f->sum[1];
}

static bool
take_frame(struct pages *p, struct log *l, const struct frame *f,
    const unsigned char *bytes)
{
	if (!follows(l, f, bytes))
		l->now.whole = false;
	l->sum[0] = f->sum[0];
	l->sum[1] = f->sum[1];
	l->now.n++;
	return f->commit == 0 || end_group(p, l);
}

/* Frames of a log that was begun anew have another salt: those of the old one
 * are behind them. */
static bool
read_log(struct pages *p)
{
	unsigned char bytes[FRAME_SIZE];
	struct log l = { .now = { .whole = true } };
	struct frame f;
	uint32_t strange = 0;
	bool ok = true;

	if (p->wal < 0 || pread(p->wal, bytes, WAL_HEAD, 0) != WAL_HEAD)
		return true;
	l.big = bytes[3] & 1;
	for (int k = 0; k < 2; k++) {
		l.salt[k] = get32(bytes + 16 + 4 * k);
		l.sum[k] = get32(bytes + 24 + 4 * k);
	}
	for (uint32_t i = 0; ok && i < FRAMES_MAX && strange < 64 &&
	     read_frame(p, i, &f, bytes);
	     i++) {
		if (i == 0 && f.salt[0] != l.salt[0] && f.salt[1] == l.salt[1])
			l.salt[0] = f.salt[0];
		if (f.salt[0] == l.salt[0] && f.salt[1] == l.salt[1]) {
			ok = take_frame(p, &l, &f, bytes);
			strange = 0;
			continue;
		}
		strange++;
		l.now.n++;
		l.now.whole = false;
	}
	return ok;
}

/* ---- opening ---------------------------------------------------------------------- */

int
pages_open(int dir, const char *name, struct pages **result, struct err *e)
{
	struct pages *p = calloc(1, sizeof(*p));
	char wal[256];
	struct stat st;
	int err = p ? 0 : err_set(e, ST_ENOMEM, "out of memory");

	if (err < 0)
		return err;
	snprintf(wal, sizeof(wal), "%s-wal", name);
	p->fd = openat(
	    dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	p->wal = openat(
	    dir, wal, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (p->fd >= 0 && fstat(p->fd, &st) == 0 && st.st_size > 0)
		p->n = st.st_size / PAGES_SIZE > PAGES_MAX
		    ? PAGES_MAX
		    : (uint32_t)((st.st_size + PAGES_SIZE - 1) / PAGES_SIZE);
	if (!read_log(p)) {
		pages_close(p);
		return err_set(e, ST_ENOMEM, "out of memory");
	}
	*result = p;
	return 0;
}

bool
pages_log_is_broken(const struct pages *p)
{
	return p->broken;
}

void
pages_close(struct pages *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		close(p->fd);
	if (p->wal >= 0)
		close(p->wal);
	buf_release(&p->row);
	free(p->map);
	free(p);
}

/* ---- pages ------------------------------------------------------------------------ */

static bool
read_page(struct pages *p, uint32_t page, unsigned char *out)
{
	uint32_t frame = page < p->n_map ? p->map[page] : 0;
	ssize_t n;

	if (page == 0 || page > p->n)
		return false;
	if (frame)
		n = pread(p->wal, out, PAGES_SIZE,
		    WAL_HEAD + (off_t)(frame - 1) * FRAME_SIZE + FRAME_HEAD);
	else
		n = pread(
		    p->fd, out, PAGES_SIZE, (off_t)(page - 1) * PAGES_SIZE);
	if (n > 0 && n < PAGES_SIZE)
		memset(out + n, 0, PAGES_SIZE - (size_t)n);
	return n > 0;
}

/* The varint at *at, before `end`. */
static bool
get_varint(const unsigned char *p, size_t *at, size_t end, uint64_t *result)
{
	uint64_t v = 0;

	for (int i = 0; i < 9 && *at < end; i++) {
		if (i == 8) {
			*result = v << 8 | p[(*at)++];
			return true;
		}
		v = v << 7 | (p[*at] & 0x7f);
		if (!(p[(*at)++] & 0x80)) {
			*result = v;
			return true;
		}
	}
	return false;
}

/* What of a row lies in other pages; each holds all it can, so a circle ends. */
static bool
add_overflow(struct pages *p, uint32_t page, uint64_t left)
{
	size_t n;

	while (left > 0) {
		if (!read_page(p, page, p->over))
			return false;
		n = left < PAGES_SIZE - 4 ? (size_t)left : PAGES_SIZE - 4;
		buf_add(&p->row, p->over + 4, n);
		left -= n;
		page = get32(p->over);
	}
	return !p->row.failed;
}

/* The bytes of the row whose cell begins at `at`. */
static bool
collect(struct pages *p, size_t at)
{
	uint64_t size, local;

	if (!get_varint(p->page, &at, PAGES_SIZE, &size) || size > ROW_MAX)
		return false;
	local = size;
	if (size > LOCAL_MAX) {
		local = LOCAL_MIN + (size - LOCAL_MIN) % (PAGES_SIZE - 4);
		if (local > LOCAL_MAX)
			local = LOCAL_MIN;
	}
	if (at + local + (local < size ? 4 : 0) > PAGES_SIZE)
		return false;
	buf_reset(&p->row);
	if (!buf_reserve(&p->row, (size_t)size + 1))
		return false;
	buf_add(&p->row, p->page + at, (size_t)local);
	return local == size ||
	    add_overflow(p, get32(p->page + at + local), size - local);
}

/* Two blobs: the types 12 + 2 n. */
static bool
split(const struct pages *p, struct slice *key, struct slice *stored)
{
	const unsigned char *row = (const unsigned char *)p->row.p;
	uint64_t head, a, b;
	size_t at = 0;

	if (!get_varint(row, &at, p->row.n, &head) || head > p->row.n ||
	    !get_varint(row, &at, (size_t)head, &a) ||
	    !get_varint(row, &at, (size_t)head, &b) || at != head || a < 12 ||
	    b < 12 || a % 2 || b % 2)
		return false;
	a = (a - 12) / 2;
	b = (b - 12) / 2;
	if (a > p->row.n || b > p->row.n || head + a + b != p->row.n)
		return false;
	*key = slice_of(p->row.p + head, (size_t)a);
	*stored = slice_of(p->row.p + head + a, (size_t)b);
	return true;
}

static int
each_cell(struct pages *p, uint32_t page, pages_cb *cb, void *arg)
{
	size_t base = page == 1 ? 100 : 0, n, at;
	unsigned char type = p->page[base];
	struct slice key, stored;
	bool first = true;
	int rc = 0;

	if (type != LEAF && type != INTERIOR)
		return 0;
	n = get16(p->page + base + 3);
	base += type == LEAF ? 8 : 12;
	for (size_t i = 0; i < n && base + 2 * i + 2 <= PAGES_SIZE && rc == 0;
	     i++) {
		at = get16(p->page + base + 2 * i) + (type == LEAF ? 0 : 4);
		if (at >= PAGES_SIZE || !collect(p, at) ||
		    !split(p, &key, &stored))
			continue;
		rc = cb(arg, key, stored, first);
		first = false;
	}
	return rc < 0 ? rc : 0;
}

int
pages_each(struct pages *p, int64_t until, pages_cb *cb, void *arg)
{
	int rc = 0;

	for (uint32_t i = 1; i <= p->n && rc == 0; i++) {
		if (i % 64 == 0 && clock_ms() > until)
			return ST_ELIMIT;
		if (read_page(p, i, p->page))
			rc = each_cell(p, i, cb, arg);
	}
	return p->row.failed ? ST_ENOMEM : rc;
}
