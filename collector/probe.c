/*
 * probe.c - what a file holds at a place, by which files are told apart.
 *
 * See probe.h.  Knows files and their packing; what the sums mean is the
 * business of positions.c and tail_known.c.  One owner.
 */
#include "config.h"

#include "collector/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBE_BUFFER ((size_t)16 << 10)
#define MAGIC 4 /* bytes that tell what a file is packed with */

struct prober {
	struct inflate *inflate;
	char buf[PROBE_BUFFER];
};

/* ---- the window ---- */

void
probe_window_add(struct probe_window *w, const char *p, size_t n)
{
	size_t keep;

	if (n >= sizeof(w->v)) {
		memcpy(w->v, p + n - sizeof(w->v), sizeof(w->v));
		w->n = sizeof(w->v);
		return;
	}
	keep = w->n + n <= sizeof(w->v) ? w->n : sizeof(w->v) - n;
	memmove(w->v, w->v + w->n - keep, keep);
	if (n > 0)
		memcpy(w->v + keep, p, n);
	w->n = keep + n;
}

uint64_t
probe_window_sum(const struct probe_window *w)
{
	return position_sum(w->v, w->n);
}

/* ---- life ---- */

struct prober *
prober_new(const struct inflate_limits *l)
{
	struct prober *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->inflate = inflate_new(l);
	if (!p->inflate) {
		free(p);
		return NULL;
	}
	return p;
}

void
prober_free(struct prober *p)
{
	if (!p)
		return;
	inflate_free(p->inflate);
	free(p);
}

/* ---- reading ---- */

/* As many bytes as there are, up to n; negative: ST_EIO. */
static ssize_t
read_at(int fd, char *buf, size_t n, uint64_t at, struct err *e)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, buf + got, n - got, (off_t)(at + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, "read");
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

/* All of it through the inflater, until the callback has enough.  What cannot
 * be undone ends it as the end of the file does. */
static int
unpack(struct prober *p, int fd, inflate_cb *cb, void *arg, struct err *e)
{
	uint64_t at = 0;
	ssize_t n;
	int err = 0;

	inflate_reset(p->inflate);
	while (err == 0) {
		n = read_at(fd, p->buf, sizeof(p->buf), at, e);
		if (n < 0)
			return (int)n;
		if (n == 0) {
			err = inflate_finish(p->inflate, cb, arg, NULL);
			break;
		}
		at += (uint64_t)n;
		err = inflate_feed(
		    p->inflate, p->buf, (size_t)n, cb, arg, NULL);
	}
	return err == ST_ENOMEM ? err : 0;
}

/* ---- the head ---- */

static int
add_to_head(void *arg, const char *p, size_t n)
{
	struct probe_head *h = arg;
	size_t more = sizeof(h->v) - h->n;

	if (more > n)
		more = n;
	memcpy(h->v + h->n, p, more);
	h->n += more;
	return h->n == sizeof(h->v) ? ST_ESTOPPED : 0;
}

/* The first bytes of a packed file may not all be there yet. */
static bool
may_become_packed(const char *p, size_t n)
{
	return n < MAGIC && (p[0] == 0x1f || p[0] == 0x28);
}

int
prober_head(struct prober *p, int fd, struct probe_head *result, struct err *e)
{
	struct probe_head h = { .kind = INFLATE_UNKNOWN };
	ssize_t n = read_at(fd, h.v, sizeof(h.v), 0, e);
	int err = 0;

	if (n < 0)
		return (int)n;
	if (n > 0 && !may_become_packed(h.v, (size_t)n))
		h.kind = inflate_guess(slice_of(h.v, (size_t)n));
	if (h.kind == INFLATE_PLAIN)
		h.n = (size_t)n;
	else if (h.kind != INFLATE_UNKNOWN)
		err = unpack(p, fd, add_to_head, &h, e);
	if (err == 0)
		*result = h;
	return err;
}

/* ---- before a place ---- */

struct seek {
	struct probe_end *end;
	uint64_t at;
};

static int
pass_by(void *arg, const char *p, size_t n)
{
	struct seek *s = arg;
	uint64_t left = s->at - s->end->at;

	if (n > left)
		n = (size_t)left;
	probe_window_add(&s->end->before, p, n);
	s->end->at += n;
	return s->end->at == s->at ? ST_ESTOPPED : 0;
}

static int
before_plain(int fd, uint64_t at, struct probe_end *end, struct err *e)
{
	struct stat st;
	size_t n;
	ssize_t got;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "fstat");
	end->at = at < (uint64_t)st.st_size ? at : (uint64_t)st.st_size;
	n = end->at < POSITION_HEAD ? (size_t)end->at : POSITION_HEAD;
	got = read_at(fd, end->before.v, n, end->at - n, e);
	if (got < 0)
		return (int)got;
	end->before.n = (size_t)got;
	/* It was cut while we looked. */
	if ((size_t)got < n)
		end->at = end->at - n + (size_t)got;
	return 0;
}

int
prober_before(struct prober *p, int fd, enum inflate_kind kind, uint64_t at,
    struct probe_end *result, struct err *e)
{
	struct seek s = { result, at };

	*result = (struct probe_end){ .at = 0 };
	if (at == 0)
		return 0;
	if (kind == INFLATE_PLAIN)
		return before_plain(fd, at, result, e);
	return unpack(p, fd, pass_by, &s, e);
}
