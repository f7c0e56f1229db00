/*
 * tail_known.c - which position a file has.
 *
 * See tail.h.  A file is what it holds: the same place on the disk with other
 * first bytes, or other bytes before where we stopped, is another file; another
 * place with the same ones is a copy, and goes on where the first one was.
 * Runs on the thread that reads files.
 */
#include "collector/tail_i.h"

#include "lib/log.h"

#include <string.h>
#include <time.h>

enum holds { HOLDS_OTHER, HOLDS_IT, HOLDS_LESS };

static bool
same_head(const struct position *pos, const struct probe_head *h)
{
	return h->n >= pos->head_n &&
	    position_sum(h->v, pos->head_n) == pos->head;
}

/* Does it hold what was read under this position?  Negative: ST_EIO. */
static int
holds(struct tail *t, const struct found *f, const struct position *pos,
    struct err *e)
{
	struct probe_end end;
	int err;

	if (!same_head(pos, &f->head))
		return HOLDS_OTHER;
	err = prober_before(
	    t->prober, f->fd, f->head.kind, pos->check_at, &end, e);
	if (err < 0)
		return err;
	if (end.at < pos->check_at)
		return HOLDS_LESS;
	return probe_window_sum(&end.before) == pos->check ? HOLDS_IT
							   : HOLDS_OTHER;
}

void
tail_make_ghost(struct tail *t, unsigned input, struct position *pos)
{
	t->counts.truncated++;
	positions_move(t->known, pos, 0, 0);
	pos->size = 0;
	pos->mtime = 0;
	if (!position_set_path(pos, NULL) || pos->head_n == 0)
		tail_forget(t, input, pos);
	else
		tail_mark(t, input, pos);
}

static void
learn_head(struct tail *t, struct position *pos, const struct probe_head *h)
{
	if (h->n > pos->head_n)
		positions_set_head(
		    t->known, pos, position_sum(h->v, h->n), h->n);
}

static bool
is_young(const struct stat *st)
{
	return time(NULL) - st->st_mtim.tv_sec < TAIL_YOUNG_S;
}

/* ---- copies ---- */

/* Is a shorter file the beginning of one that is open? */
static bool
begins_as(struct tail *t, const struct found *f, const struct position *pos)
{
	const struct reading *r = tail_by_position(t, pos);
	struct probe_end a, b;

	return r &&
	    prober_before(
		t->prober, f->fd, f->head.kind, UINT64_MAX, &a, NULL) == 0 &&
	    prober_before(t->prober, r->fd, r->kind, a.at, &b, NULL) == 0 &&
	    a.at == b.at &&
	    probe_window_sum(&a.before) == probe_window_sum(&b.before);
}

/* The file it was copied from is read to its end first: what is in both is
 * then read there. */
static void
catch_up(struct tail *t, const struct position *pos)
{
	struct reading *r = tail_by_position(t, pos);

	if (r)
		tail_read_more(t, r);
}

static int
take_copy(struct tail *t, const struct found *f, const struct position *pos,
    struct position **result)
{
	struct position *c = positions_copy(
	    t->known, pos, f->st.st_dev, f->st.st_ino);

	if (!c)
		return ST_ELIMIT;
	t->counts.copies++;
	*result = c;
	return 0;
}

/* A copy of which there is less than was read, perhaps as yet: nothing is to
 * be read before it is longer.  Its size says that it was looked at. */
static int
take_beginning(
    struct tail *t, const struct found *f, const struct position *pos)
{
	struct position *c;
	int err = take_copy(t, f, pos, &c);

	if (err < 0)
		return err;
	tail_note_size(c, &f->st);
	tail_mark(t, f->input, c);
	return ST_EBUSY;
}

/* Such a one, and not cut since. */
static bool
still_begins(const struct found *f, struct position *pos)
{
	if (pos->size == 0 || (uint64_t)f->st.st_size < pos->size)
		return false;
	tail_note_size(pos, &f->st);
	return true;
}

struct candidates {
	struct position *whole;     /* all that was read of it is here */
	struct position *beginning; /* it is open, and begins as this one */
	bool later; /* this one is shorter, and perhaps not written yet */
};

static int
weigh(struct tail *t, const struct found *f, struct position *pos,
    struct candidates *c, struct err *e)
{
	int is = holds(t, f, pos, e);

	if (is == HOLDS_IT &&
	    (!c->whole || pos->place.offset > c->whole->place.offset))
		c->whole = pos;
	if (is == HOLDS_LESS && begins_as(t, f, pos))
		c->beginning = pos;
	else if (is == HOLDS_LESS && is_young(&f->st))
		c->later = true;
	return is < 0 ? is : 0;
}

/* ST_ENOENT: of no file that is known. */
static int
find_original(struct tail *t, const struct found *f, struct position **result,
    struct err *e)
{
	struct candidates c = { .whole = NULL };
	struct position *pos = NULL;
	int err = 0;

	while (err == 0 &&
	    (pos = positions_by_head(t->known, f->head.v, f->head.n, pos)))
		err = weigh(t, f, pos, &c, e);
	if (err < 0)
		return err;
	/* It may show itself to be the one of which most was read. */
	if (c.later)
		return ST_EBUSY;
	if (c.beginning)
		return take_beginning(t, f, c.beginning);
	if (!c.whole)
		return ST_ENOENT;
	catch_up(t, c.whole);
	err = holds(t, f, c.whole, e);
	if (err == HOLDS_LESS)
		return take_beginning(t, f, c.whole);
	/* They went on differently. */
	if (err == HOLDS_OTHER)
		return ST_ENOENT;
	return err < 0 ? err : take_copy(t, f, c.whole, result);
}

/* ---- new ones ---- */

/* `from: end`: what it holds is passed over. */
static int
start_at_end(
    struct tail *t, const struct found *f, struct position *pos, struct err *e)
{
	struct probe_end end;
	int err = prober_before(
	    t->prober, f->fd, f->head.kind, UINT64_MAX, &end, e);

	if (err < 0 || end.at == 0)
		return err;
	pos->check_at = end.at;
	pos->check = probe_window_sum(&end.before);
	if (end.before.v[end.before.n - 1] == '\n')
		pos->place.offset = end.at;
	else
		frame_place_inside(end.at, &pos->place);
	return 0;
}

static int
make_new(struct tail *t, const struct found *f, struct position **result,
    struct err *e)
{
	const struct input_config *in = tail_input(t, f->input);
	struct position *pos;
	int err = 0;

	if (f->known_only)
		return ST_ENOENT;
	pos = positions_add(t->known, f->st.st_dev, f->st.st_ino);
	if (!pos)
		return ST_ELIMIT;
	if (in->from == FROM_END && !positions_has_fact(t->known, in->name))
		err = start_at_end(t, f, pos, e);
	if (err < 0)
		positions_drop(t->known, pos);
	else
		*result = pos;
	return err;
}

int
tail_know(struct tail *t, const struct found *f, struct position **result,
    struct err *e)
{
	struct position *pos = positions_by_file(
	    t->known, f->st.st_dev, f->st.st_ino);
	int is = pos ? holds(t, f, pos, e) : HOLDS_OTHER;
	int err;

	if (is < 0)
		return is;
	if (is == HOLDS_LESS && still_begins(f, pos))
		return ST_EBUSY;
	if (is != HOLDS_IT) {
		if (pos)
			tail_make_ghost(t, f->input, pos);
		err = find_original(t, f, &pos, e);
		if (err == ST_ENOENT)
			err = make_new(t, f, &pos, e);
		if (err < 0)
			return err;
	}
	learn_head(t, pos, &f->head);
	*result = pos;
	return 0;
}

int
tail_still_holds(struct tail *t, const struct reading *r, struct err *e)
{
	struct found f = { .path = r->path, .fd = r->fd, .input = r->input };
	int is = prober_head(t->prober, r->fd, &f.head, e);

	if (is == 0)
		is = holds(t, &f, r->pos, e);
	if (is < 0)
		return is;
	if (is != HOLDS_IT)
		return ST_ENOENT;
	learn_head(t, r->pos, &f.head);
	return 0;
}
