/*
 * lines.c - the lines of one file of the ledger, plain or compressed.
 *
 * Knows files and LF, not what is in a line.  One owner.
 */
#include "config.h"

#include "store/lines.h"

#include "lib/buf.h"
#include "lib/inflate.h"
#include "store/line.h"
#include "store/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct lines {
	int fd;
	struct inflate *z; /* NULL: a plain file */
	struct buf held;   /* read, not given out */
	size_t given;      /* of `held`, taken off before the next line */
	size_t looked;     /* of `held`, without LF */
	uint64_t at, skip;
	bool ended;
	int failed; /* what is said behind the lines that came out before */
	struct err why;
};

static int
open_either(struct lines *r, int dir, const char *name, struct err *e)
{
	char zst[SHELF_NAME_MAX + sizeof(SHELF_ZST)];
	struct inflate_limits l = { .max_bytes = (uint64_t)1 << 40,
		.max_ratio = LINES_RATIO };

	r->fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (r->fd >= 0)
		return 0;
	snprintf(zst, sizeof(zst), "%s" SHELF_ZST, name);
	if (errno == ENOENT)
		r->fd = openat(dir, zst, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (r->fd < 0)
		return errno == ENOENT
		    ? err_set(e, ST_ENOENT, "ledger: %s is not there", name)
		    : err_sys(e, "ledger: cannot open %s", name);
	r->z = inflate_new(&l);
	return r->z ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

int
lines_open(int dir, const char *name, uint64_t from, struct lines **result,
    struct err *e)
{
	struct lines *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return err_set(e, ST_ENOMEM, "out of memory");
	r->fd = -1;
	err = open_either(r, dir, name, e);
	if (err == 0 && !r->z && lseek(r->fd, (off_t)from, SEEK_SET) < 0)
		err = err_sys(e, "ledger: cannot seek in %s", name);
	if (err < 0) {
		lines_close(r);
		return err;
	}
	r->at = from;
	r->skip = r->z ? from : 0;
	*result = r;
	return 0;
}

void
lines_close(struct lines *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	inflate_free(r->z);
	buf_release(&r->held);
	free(r);
}

static int
on_bytes(void *arg, const char *p, size_t n)
{
	struct lines *r = arg;
	size_t skip = n < r->skip ? n : (size_t)r->skip;

	r->skip -= skip;
	if (n > skip)
		buf_add(&r->held, p + skip, n - skip);
	return r->held.failed ? ST_ENOMEM : 0;
}

static int
inflate_some(struct lines *r)
{
	char chunk[LINES_ZST_CHUNK];
	ssize_t n = read(r->fd, chunk, sizeof(chunk));

	if (n < 0)
		return errno == EINTR ? 0
				      : err_sys(&r->why, "ledger: cannot read");
	if (n > 0)
		return inflate_feed(
		    r->z, chunk, (size_t)n, on_bytes, r, &r->why);
	r->ended = true;
	return inflate_finish(r->z, on_bytes, r, &r->why);
}

static int
read_some(struct lines *r)
{
	ssize_t n;

	if (r->z)
		return inflate_some(r);
	if (!buf_reserve(&r->held, LINES_CHUNK))
		return err_set(&r->why, ST_ENOMEM, "out of memory");
	n = read(r->fd, r->held.p + r->held.n, LINES_CHUNK);
	if (n < 0)
		return errno == EINTR ? 0
				      : err_sys(&r->why, "ledger: cannot read");
	r->held.n += (size_t)n;
	r->ended = n == 0;
	return 0;
}

static void
drop_given(struct lines *r)
{
	/* Moving the rest for each line would cost its square. */
	if (r->given < r->held.n && r->given < LINES_CHUNK)
		return;
	buf_consume(&r->held, r->given);
	r->looked -= r->given;
	r->given = 0;
}

static int
last_words(struct lines *r, struct err *e)
{
	size_t left = r->held.n - r->given;
	int err = r->failed;

	r->given = r->looked = r->held.n;
	r->failed = 0;
	if (err < 0) {
		if (e)
			*e = r->why;
		return err == ST_ELIMIT ? ST_EFORMAT : err;
	}
	return left ? err_set(e, ST_ETRUNC, "the last line is cut off") : 0;
}

int
lines_next(struct lines *r, struct slice *text, struct err *e)
{
	const char *lf;

	for (;;) {
		lf = r->held.n > r->looked
		    ? memchr(r->held.p + r->looked, '\n', r->held.n - r->looked)
		    : NULL;
		if (lf)
			break;
		r->looked = r->held.n;
		if (r->ended)
			return last_words(r, e);
		if (r->held.n - r->given > LINE_TEXT_MAX) {
			r->ended = true;
			r->given = r->held.n;
			return err_set(e, ST_ELIMIT, "a line is too long");
		}
		drop_given(r);
		r->failed = read_some(r);
		r->ended = r->ended || r->failed < 0;
	}
	*text = slice_of(
	    r->held.p + r->given, (size_t)(lf + 1 - (r->held.p + r->given)));
	r->given += text->n;
	r->looked = r->given;
	r->at += text->n;
	return 1;
}

uint64_t
lines_at(const struct lines *r)
{
	return r->at;
}
