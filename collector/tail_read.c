/*
 * tail_read.c - reads one file from its position on, and makes marks.
 *
 * See tail.h.  Knows files and their packing; records are the framer's and the
 * intake's business.  Each mark stands behind the records that came before it,
 * in the batch that bears them, so that a position never tells of records that
 * are lost, nor a record lasts without its position.
 * Runs on the thread that reads files; waits for the disk and the queue.
 */
#include "collector/tail_i.h"

#include "collector/frame.h"
#include "lib/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM_WAIT_MS 200 /* then it looks whether it shall stop */
#define RACY_NS 10000000 /* changes so close look the same in a time stamp */

/* Only their rows matter. */
static const struct mark_owner nobody;

bool
tail_hand_over(struct tail *t)
{
	if (intake_flush(t->intake))
		return !tail_is_stopped(t);
	while (!tail_is_stopped(t))
		if (batchq_wait_room(t->queue, ROOM_WAIT_MS))
			return true;
	return false;
}

/* ---- marks ---- */

/* Between intake_begin() and intake_end(). */
static void
put_mark(struct tail *t, struct slice value)
{
	const struct mark m = {
		.owner = &nobody, .key = buf_slice(&t->key), .value = value
	};
	uint64_t n;

	if (t->key.failed || t->value.failed || !intake_mark(t->intake, &m))
		if (rarely(&t->said, clock_ms(), &n))
			log_errorx("files: %" PRIu64 " positions could not be "
				   "kept: out of memory",
			    n);
}

static void
mark_here(struct reading *r)
{
	struct tail *t = r->tail;

	positions_row(t->known, r->pos, r->path, &t->key, &t->value);
	put_mark(t, buf_slice(&t->value));
}

void
tail_mark_row(struct tail *t, unsigned input, bool keep)
{
	intake_begin(t->intake, input, 0, "");
	put_mark(t, keep ? buf_slice(&t->value) : SLICE_NULL);
	intake_end(t->intake, NULL);
}

void
tail_mark(struct tail *t, unsigned input, const struct position *pos)
{
	positions_row(t->known, pos, pos->path, &t->key, &t->value);
	tail_mark_row(t, input, true);
}

void
tail_forget(struct tail *t, unsigned input, struct position *pos)
{
	positions_row(t->known, pos, NULL, &t->key, &t->value);
	tail_mark_row(t, input, false);
	positions_drop(t->known, pos);
}

/* ---- frames ---- */

static void
on_frame(void *arg, const struct frame *f)
{
	struct reading *r = arg;

	intake_frame(r->tail->intake, f);
}

static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	struct reading *r = arg;

	intake_reject(r->tail->intake, why, offset, some, length);
}

/* A batch is full in the middle of what was fed. */
static void
on_full(void *arg, const struct frame *f)
{
	struct reading *r = arg;

	framer_place_behind(r->framer, f, &r->pos->place);
	mark_here(r);
}

static void
note_place(struct reading *r)
{
	framer_place(r->framer, &r->pos->place);
	r->pos->check_at = r->at;
	r->pos->check = probe_window_sum(&r->before);
}

/* It is named after what was read, whatever stood there when it was found. */
static void
note_head(struct reading *r, const char *p, size_t n)
{
	size_t had = (size_t)r->at, more = POSITION_HEAD - had;

	if (more > n)
		more = n;
	memcpy(r->head + had, p, more);
	positions_set_head(r->tail->known, r->pos,
	    position_sum(r->head, had + more), had + more);
}

static int
on_bytes(void *arg, const char *p, size_t n)
{
	struct reading *r = arg;
	size_t over = r->skip < n ? (size_t)r->skip : n;

	r->skip -= over;
	p += over;
	n -= over;
	if (n == 0)
		return tail_is_stopped(r->tail) ? ST_ESTOPPED : 0;
	if (r->at < POSITION_HEAD)
		note_head(r, p, n);
	probe_window_add(&r->before, p, n);
	r->at += n;
	/* What a mark within these bytes says is checked at their end. */
	r->pos->check_at = r->at;
	r->pos->check = probe_window_sum(&r->before);
	if (framer_feed(r->framer, p, n) < 0)
		return ST_EFORMAT;
	note_place(r);
	mark_here(r);
	return tail_hand_over(r->tail) ? 0 : ST_ESTOPPED;
}

/* ---- bytes ---- */

static ssize_t
read_some(struct reading *r, uint64_t at, struct err *e)
{
	ssize_t n;

	do
		n = pread(r->fd, r->tail->buf, TAIL_BUFFER, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(e, "read") : n;
}

/*
 * The file may be cut and written anew at any moment.  So bytes are read first
 * and count only if what was read before them is still there: then they are of
 * the same file.  Else they are left to the copy that was made of it, or to
 * what stands there now.
 */
static int
make_sure(struct reading *r, size_t n, struct err *e)
{
	if (r->pos->check_at == 0)
		note_head(r, r->tail->buf, n);
	return tail_still_holds(r->tail, r, e);
}

static int
read_plain(struct reading *r, struct err *e)
{
	bool sure = r->at == 0;
	ssize_t n;
	int err = 0;

	while (err == 0) {
		n = read_some(r, r->at, e);
		if (n < 0 || (n == 0 && sure))
			return (int)n;
		err = make_sure(r, (size_t)n, e);
		if (err == 0 && n > 0)
			err = on_bytes(r, r->tail->buf, (size_t)n);
		sure = true;
	}
	return err;
}

/* Always from its beginning: what lies before `at` is undone and passed by. */
static int
read_packed(struct reading *r, struct err *e)
{
	struct inflate *z = r->tail->inflate;
	uint64_t raw = 0;
	ssize_t n;
	int err = 0;

	inflate_reset(z);
	r->skip = r->at;
	while (err == 0) {
		n = read_some(r, raw, e);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return inflate_is_whole(z)
			    ? inflate_finish(z, on_bytes, r, e)
			    : err_set(e, ST_ETRUNC, "ends too early");
		raw += (uint64_t)n;
		err = inflate_feed(z, r->tail->buf, (size_t)n, on_bytes, r, e);
	}
	return err;
}

/* ---- the end ---- */

/* Which of the counted reasons an unreadable rest is. */
static enum reject
reject_of(int err)
{
	if (err == ST_ELIMIT)
		return REJECT_INFLATED_TOO_LARGE;
	return err == ST_ETRUNC ? REJECT_TRUNCATED : REJECT_BAD_COMPRESSION;
}

bool
tail_has_rest(const struct reading *r)
{
	return framer_held(r->framer) > 0 || r->pos->place.state != 0;
}

/* Frames begin behind the next line end, should it grow after all. */
static void
finish(struct reading *r)
{
	bool rest;

	framer_look(r->framer);
	rest = tail_has_rest(r);
	if (!rest)
		framer_place(r->framer, &r->pos->place);
	framer_finish(r->framer);
	r->pos->flags |= POSITION_FINISHED;
	r->pos->check_at = r->at;
	r->pos->check = probe_window_sum(&r->before);
	if (rest)
		frame_place_inside(r->at, &r->pos->place);
	if (framer_resume(r->framer, &r->pos->place) < 0)
		framer_place(r->framer, &r->pos->place);
}

static int64_t
age_of(const struct stat *st)
{
	return when_now().sec - st->st_mtim.tv_sec;
}

static bool
is_old(const struct stat *st)
{
	return age_of(st) > TAIL_REST_S;
}

/* What changed it right behind our look may have left its time as it was. */
static bool
is_racy(const struct reading *r)
{
	const struct timespec *m = &r->st.st_mtim;
	int64_t ns = (r->st_at.sec - m->tv_sec) * 1000000000 + r->st_at.nsec -
	    m->tv_nsec;

	return ns < RACY_NS;
}

void
tail_note_size(struct position *pos, const struct stat *st)
{
	pos->size = (uint64_t)st->st_size;
	pos->mtime = st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* All of it is read as it was before: a look at its size and time will tell. */
static void
note_size(struct reading *r, const struct stat *st)
{
	if (r->kind != INFLATE_PLAIN ||
	    ((uint64_t)st->st_size == r->at && !is_racy(r))) {
		tail_note_size(r->pos, st);
		return;
	}
	r->pos->size = 0;
	r->pos->mtime = 0;
}

static void
end_plain(struct reading *r, const struct stat *st, bool follow)
{
	framer_look(r->framer);
	note_place(r);
	if (tail_has_rest(r) && (!follow || is_old(st)))
		finish(r);
	note_size(r, st);
	if (!follow)
		r->pos->flags |= POSITION_DONE;
}

/* What ends too early may not be written yet. */
static void
end_packed(struct reading *r, const struct stat *st, int err, bool follow)
{
	struct tail *t = r->tail;

	if (err == ST_ETRUNC && follow && !is_old(st)) {
		note_place(r);
		tail_look_again(t, r->input, r->path, TAIL_AGAIN_MS);
		return;
	}
	finish(r);
	if (err < 0)
		intake_reject(t->intake, reject_of(err), r->at, SLICE_NULL, 0);
	r->pos->flags |= POSITION_DONE;
	note_size(r, st);
}

static void
end_here(struct reading *r, const struct stat *st, int err)
{
	bool follow = tail_input(r->tail, r->input)->follow;

	if (r->kind == INFLATE_PLAIN)
		end_plain(r, st, follow);
	else
		end_packed(r, st, err, follow);
	mark_here(r);
}

/* ST_ENOENT: what stands there now is another file. */
static int
read_all(struct reading *r)
{
	struct tail *t = r->tail;
	struct err e = { .text = "" };
	int err;

	intake_begin(t->intake, r->input, r->stream, r->path);
	intake_history(t->intake, !r->live);
	intake_on_full(t->intake, on_full, r);
	err = r->kind == INFLATE_PLAIN ? read_plain(r, &e) : read_packed(r, &e);
	if (err != ST_ESTOPPED && err != ST_EIO && err != ST_ENOENT)
		end_here(r, &r->st, err);
	/* Until now we were behind. */
	if (err == 0)
		r->live = tail_input(t, r->input)->follow;
	intake_end(t->intake, NULL);
	if (err < 0 && err != ST_ESTOPPED && err != ST_ETRUNC &&
	    err != ST_ENOENT)
		tail_unreadable(t, r->input, r->path, e.text);
	tail_hand_over(t);
	return err;
}

/* ---- those that are open ---- */

static void
unlink_reading(struct tail *t, struct reading *r)
{
	if (r->older)
		r->older->newer = r->newer;
	else
		t->oldest = r->newer;
	if (r->newer)
		r->newer->older = r->older;
	else
		t->newest = r->older;
}

static void
link_newest(struct tail *t, struct reading *r)
{
	r->newer = NULL;
	r->older = t->newest;
	if (t->newest)
		t->newest->newer = r;
	else
		t->oldest = r;
	t->newest = r;
}

static void
free_reading(struct reading *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	framer_free(r->framer);
	free(r->path);
	free(r);
}

/* The bytes before its place are needed again. */
static int
seek(struct tail *t, struct reading *r)
{
	struct probe_end end;
	struct err e = { .text = "" };
	int err = prober_before(
	    t->prober, r->fd, r->kind, r->pos->place.offset, &end, &e);

	if (err < 0)
		return err;
	r->at = end.at;
	r->before = end.before;
	memcpy(r->head, end.before.v, end.before.n);
	return framer_resume(r->framer, &r->pos->place);
}

static struct reading *
new_reading(struct tail *t, struct found *f, struct position *pos)
{
	const struct frame_limits limits = {
		.max_record = tail_input(t, f->input)->max_record,
	};
	struct reading *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct reading){ .fd = -1,
		.kind = f->head.kind,
		.input = f->input,
		.stream = ++t->streams,
		.pos = pos,
		.grew_ms = clock_ms(),
		.st = f->st,
		.st_at = f->st_at,
		.live = t->begun && age_of(&f->st) <= TAIL_FRESH_S,
		.tail = t };
	r->path = strdup(f->path);
	r->framer = framer_new(FRAME_FILE, &limits, on_frame, on_reject, r);
	r->fd = f->fd;
	f->fd = -1;
	if (!r->path || !r->framer || seek(t, r) < 0) {
		free_reading(r);
		return NULL;
	}
	return r;
}

static void
close_oldest(struct tail *t)
{
	struct reading *r = t->oldest;

	while (r->newer && r->nameless)
		r = r->newer;
	if (!tail_has_rest(r) && position_set_path(r->pos, NULL))
		r->pos->flags |= POSITION_DONE;
	tail_close(t, r);
}

struct reading *
tail_open(struct tail *t, struct found *f, struct position *pos)
{
	struct reading *r;

	if (t->n_open == TAIL_OPEN_MAX)
		close_oldest(t);
	r = new_reading(t, f, pos);
	if (!r) {
		tail_unreadable(t, f->input, f->path, "out of memory");
		return NULL;
	}
	pos->flags |= POSITION_OPEN;
	pos->flags &= (uint8_t) ~(POSITION_DONE | POSITION_FINISHED);
	if (!position_set_path(pos, f->path))
		log_warnx("files: no memory to note where %s lies", f->path);
	link_newest(t, r);
	t->n_open++;
	return r;
}

void
tail_close(struct tail *t, struct reading *r)
{
	r->pos->flags &= (uint8_t)~POSITION_OPEN;
	unlink_reading(t, r);
	t->n_open--;
	free_reading(r);
}

struct reading *
tail_by_position(const struct tail *t, const struct position *p)
{
	struct reading *r = p->flags & POSITION_OPEN ? t->newest : NULL;

	while (r && r->pos != p)
		r = r->older;
	return r;
}

struct reading *
tail_by_path(const struct tail *t, const char *path)
{
	struct reading *r = t->newest;

	while (r && (r->nameless || strcmp(r->path, path) != 0))
		r = r->older;
	return r;
}

/* ---- from outside ---- */

/* It went on, and is the last one that will be closed for others. */
static void
note_growth(struct tail *t, struct reading *r, uint64_t before)
{
	if (r->at == before)
		return;
	r->grew_ms = clock_ms();
	unlink_reading(t, r);
	link_newest(t, r);
}

static void
lose(struct tail *t, struct reading *r)
{
	struct position *pos = r->pos;
	unsigned input = r->input;

	if (!r->nameless)
		tail_look_again(t, input, r->path, TAIL_AGAIN_MS);
	tail_close(t, r);
	tail_make_ghost(t, input, pos);
}

void
tail_read(struct tail *t, struct reading *r)
{
	uint64_t before = r->at;
	int err = read_all(r);

	note_growth(t, r, before);
	if (err == ST_ENOENT)
		lose(t, r);
	else if (r->kind != INFLATE_PLAIN || !tail_input(t, r->input)->follow)
		tail_close(t, r);
}

void
tail_read_more(struct tail *t, struct reading *r)
{
	r->st_at = when_now();
	if (fstat(r->fd, &r->st) == 0)
		tail_read(t, r);
}

void
tail_read_rest(struct tail *t, struct reading *r)
{
	intake_begin(t->intake, r->input, r->stream, r->path);
	intake_on_full(t->intake, on_full, r);
	finish(r);
	mark_here(r);
	intake_end(t->intake, NULL);
}
