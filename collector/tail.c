/*
 * tail.c - the thread that reads files: finds them, and hears of changes.
 *
 * See tail.h.  What a change means is found out by looking: a hint says only
 * where, and all is looked at from time to time.
 * Blocks on the disk and on the queue, which is why it is no worker: a thread
 * of its own, without a loop.
 */
#include "config.h"

#include "collector/tail_i.h"

#include "lib/globs.h"
#include "lib/log.h"
#include "lib/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESCAN_SHARE 20 /* a round may take this part of the time at most */
#define DAY_MIN 1440    /* a position's `seen` is in minutes */
#define DAY_MS 86400000
#define FORGET_MIN (POSITIONS_FORGET_S / 60)

/* A walk on behalf of one input. */
struct walk {
	struct tail *tail;
	unsigned input;
	bool only_seen;     /* nothing is read */
	const char *prefix; /* of names; NULL: all */
	uint64_t files;
};

/* ---- life ---- */

static int
fill(struct tail *t, const struct intake_shared *s, struct err *e)
{
	const struct inflate_limits limits = {
		.max_bytes = s->config->limits.inflated,
		.max_ratio = (unsigned)s->config->limits.inflate_ratio,
	};

	t->intake = intake_new(s);
	t->inflate = inflate_new(&limits);
	t->prober = prober_new(&limits);
	t->watch = watch_new();
	t->buf = malloc(TAIL_BUFFER);
	if (!t->intake || !t->inflate || !t->prober || !t->watch || !t->buf)
		return err_set(e, ST_ENOMEM, "out of memory");
	return digests_new(s->config, &t->digests, e);
}

int
tail_new(const struct intake_shared *s, struct positions *known,
    void (*on_done)(void *arg), void *arg, struct tail **result, struct err *e)
{
	struct tail *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return err_set(e, ST_ENOMEM, "out of memory");
	t->config = s->config;
	t->queue = s->queue;
	t->known = known;
	t->on_done = on_done;
	t->arg = arg;
	t->forget_ms = clock_ms();
	err = fill(t, s, e);
	if (err == 0)
		*result = t;
	else
		tail_free(t);
	return err;
}

void
tail_free(struct tail *t)
{
	if (!t)
		return;
	while (t->oldest)
		tail_close(t, t->oldest);
	tail_swap_free(atomic_load(&t->swap));
	for (size_t i = 0; i < t->n_again; i++)
		free(t->again[i].path);
	buf_release(&t->key);
	buf_release(&t->value);
	intake_free(t->intake);
	inflate_free(t->inflate);
	prober_free(t->prober);
	digests_free(t->digests);
	watch_free(t->watch);
	free(t->buf);
	free(t);
}

const struct input_config *
tail_input(const struct tail *t, unsigned input)
{
	return (const struct input_config *)t->config->inputs.v + input;
}

bool
tail_is_stopped(struct tail *t)
{
	return atomic_load(&t->stop) || atomic_load(&t->swap);
}

void
tail_unreadable(
    struct tail *t, unsigned input, const char *path, const char *why)
{
	t->counts.unreadable++;
	log_warnx("input %s: cannot read %s: %s", tail_input(t, input)->name,
	    path, why);
}

static uint32_t
minutes_now(void)
{
	return (uint32_t)(when_now().sec / 60);
}

/* ---- one file ---- */

static void
left_out(struct tail *t, const char *path)
{
	uint64_t n;

	t->counts.left_out++;
	if (rarely(&t->said, clock_ms(), &n))
		log_errorx("files: %s and %" PRIu64 " others are not read: "
			   "there are more than %zu",
		    path, n - 1, POSITIONS_MAX);
}

struct told {
	struct tail *tail;
	const struct found *found;
};

static void
on_digest_notice(void *arg, const struct notice *n)
{
	const struct told *told = arg;
	struct tail *t = told->tail;

	intake_begin(t->intake, told->found->input, 0, told->found->path);
	if (!intake_notice(t->intake, n))
		log_errorx("files: no memory to tell it as a finding");
	intake_end(t->intake, NULL);
}

/* True: it is a digest, and no records are to be looked for in it. */
static bool
take_digest(struct tail *t, const struct found *f, struct position *pos)
{
	struct told told = { t, f };
	enum digest_word word = digests_look(
	    t->digests, f->input, f->path, f->fd, on_digest_notice, &told);

	if (word == DIGEST_SOON || word == DIGEST_LATER)
		tail_look_again(t, f->input, f->path,
		    word == DIGEST_SOON ? TAIL_AGAIN_MS : TAIL_LATER_MS);
	if (word == DIGEST_DONE) {
		pos->flags |= POSITION_DONE;
		tail_note_size(pos, &f->st);
		tail_mark(t, f->input, pos);
		tail_hand_over(t);
	}
	return word != DIGEST_NONE;
}

static void
read_found(struct tail *t, struct found *f)
{
	struct err e = { .text = "" };
	struct position *pos;
	struct reading *r;
	int err = prober_head(t->prober, f->fd, &f->head, &e);

	/* Nothing can be told of a file without bytes. */
	if (err == 0 && f->head.kind == INFLATE_UNKNOWN)
		return;
	if (err == 0)
		err = tail_know(t, f, &pos, &e);
	if (err == 0) {
		pos->seen = minutes_now();
		r = take_digest(t, f, pos) ? NULL : tail_open(t, f, pos);
		if (r)
			tail_read(t, r);
	} else if (err == ST_EBUSY) {
		tail_look_again(t, f->input, f->path, TAIL_AGAIN_MS);
	} else if (err == ST_ELIMIT) {
		left_out(t, f->path);
	} else if (err != ST_ENOENT) {
		tail_unreadable(t, f->input, f->path, e.text);
	}
}

static void
open_found(struct tail *t, struct found *f)
{
	/* Not blocking: it may be a pipe by now. */
	f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0) {
		if (errno != ENOENT)
			tail_unreadable(t, f->input, f->path, strerror(errno));
		return;
	}
	t->counts.files++;
	f->st_at = when_now();
	if (fstat(f->fd, &f->st) == 0 && S_ISREG(f->st.st_mode))
		read_found(t, f);
	if (f->fd >= 0)
		close(f->fd);
}

/* Is it as it was when all of it was read? */
static bool
is_unchanged(const struct position *pos, const struct stat *st)
{
	return pos->size > 0 && pos->size == (uint64_t)st->st_size &&
	    pos->mtime == st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* So that what is there is not forgotten. */
static void
note_seen(struct tail *t, unsigned input, struct position *pos)
{
	uint32_t now = minutes_now();

	if (now - pos->seen < DAY_MIN)
		return;
	pos->seen = now;
	tail_mark(t, input, pos);
	tail_hand_over(t);
}

static void
rename_reading(struct reading *r, const char *path)
{
	char *copy;

	r->nameless = false;
	if (strcmp(r->path, path) == 0)
		return;
	copy = strdup(path);
	if (!copy || !position_set_path(r->pos, path)) {
		free(copy);
		return;
	}
	free(r->path);
	r->path = copy;
}

/* Another file stands under its name, or none: it has been moved away, and
 * perhaps not all of it was read. */
static void
lose_name(struct tail *t, const char *path, const struct reading * not )
{
	struct reading *r = tail_by_path(t, path);

	if (!r || r == not )
		return;
	r->nameless = true;
	tail_read_more(t, r);
}

static void
look_at(struct tail *t, unsigned input, const char *path, const struct stat *st,
    bool known_only)
{
	struct position *pos = positions_by_file(
	    t->known, st->st_dev, st->st_ino);
	struct reading *r = pos ? tail_by_position(t, pos) : NULL;
	struct found f = {
		.path = path, .fd = -1, .input = input, .known_only = known_only
	};

	lose_name(t, path, r);
	if (r) {
		rename_reading(r, path);
		if (!is_unchanged(pos, st))
			tail_read_more(t, r);
	} else if (pos && is_unchanged(pos, st)) {
		note_seen(t, input, pos);
	} else {
		open_found(t, &f);
	}
}

/* A name of which something was heard. */
static void
look_by_name(struct tail *t, unsigned input, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		lose_name(t, path, NULL);
	else if (S_ISREG(st.st_mode))
		look_at(t, input, path, &st, false);
}

/* ---- files that were not ready ---- */

void
tail_look_again(struct tail *t, unsigned input, const char *path, int64_t ms)
{
	int64_t due = clock_ms() + ms;
	char *copy = NULL;

	for (size_t i = 0; i < t->n_again; i++)
		if (strcmp(t->again[i].path, path) == 0)
			return;
	if (t->n_again < TAIL_AGAIN_MAX)
		copy = strdup(path);
	if (copy)
		t->again[t->n_again++] = (struct again){ copy, input, due };
	else if (t->rescan_ms > due)
		t->rescan_ms = due;
}

static void
look_at_those_due(struct tail *t)
{
	int64_t now = clock_ms();

	for (size_t i = t->n_again; i-- > 0;) {
		struct again a = t->again[i];

		if (a.due_ms > now)
			continue;
		t->again[i] = t->again[--t->n_again];
		look_by_name(t, a.input, a.path);
		free(a.path);
	}
}

/* One without a name may still be written by who has it open. */
static void
read_nameless(struct tail *t)
{
	struct reading *r, *newer;

	for (r = t->oldest; r; r = newer) {
		struct stat st;

		newer = r->newer;
		if (!r->nameless || fstat(r->fd, &st) < 0)
			continue;
		if ((uint64_t)st.st_size != r->at) {
			tail_read_more(t, r);
		} else if (clock_ms() - r->grew_ms >= TAIL_LEAVE_MS) {
			tail_read_rest(t, r);
			tail_close(t, r);
		}
	}
}

/* ---- all files ---- */

static int
on_file(void *arg, const char *path, const struct stat *st)
{
	struct walk *w = arg;
	struct position *pos = NULL;

	w->files++;
	if (w->only_seen)
		pos = positions_by_file(w->tail->known, st->st_dev, st->st_ino);
	else
		look_at(w->tail, w->input, path, st, false);
	if (pos)
		note_seen(w->tail, w->input, pos);
	return tail_is_stopped(w->tail) ? ST_ESTOPPED : 0;
}

static void
on_folder(void *arg, const char *path)
{
	struct walk *w = arg;

	if (tail_input(w->tail, w->input)->follow &&
	    !watch_folder(w->tail->watch, path))
		w->tail->unheard = true;
}

static void
on_problem(void *arg, const char *path, int error)
{
	struct walk *w = arg;

	w->tail->missed = true;
	tail_unreadable(w->tail, w->input, path, strerror(error));
}

/* Only a walk of all inputs has seen all that is there. */
static void
forget_gone(struct tail *t, unsigned input)
{
	uint32_t now = minutes_now();
	struct position *pos = NULL;

	if (t->missed || tail_is_stopped(t))
		return;
	while ((pos = positions_next(t->known, pos)))
		if (!(pos->flags & POSITION_OPEN) &&
		    now > pos->seen + FORGET_MIN)
			tail_forget(t, input, pos);
	t->forget_ms = clock_ms() + DAY_MS;
}

static int
walk_patterns(struct walk *w, const char *only)
{
	static const struct globs_calls calls = { on_file, on_folder,
		on_problem };
	const struct opt_strings *patterns =
	    &tail_input(w->tail, w->input)->files;
	struct buf root = BUF_INIT;
	int err = 0;

	for (size_t i = 0; i < patterns->n && err == 0; i++) {
		/* Also where nothing matches yet. */
		buf_reset(&root);
		globs_root(patterns->v[i], &root);
		buf_addc(&root, '\0');
		if (!root.failed && !only)
			on_folder(w, root.p);
		err = globs_walk(patterns->v[i], only, &calls, w);
	}
	buf_release(&root);
	return err;
}

static uint64_t
walk_input(struct tail *t, unsigned input, const char *only, bool only_seen)
{
	struct walk w = { .tail = t, .input = input, .only_seen = only_seen };
	int err = walk_patterns(&w, only);

	if (err == 0 || err == ST_ESTOPPED)
		return w.files;
	t->missed = true;
	log_errorx("input %s: not all files are read: %s",
	    tail_input(t, input)->name, st_strerror(err));
	return w.files;
}

/* A file that was removed or renamed where changes come without a word. */
static void
check_names(struct tail *t)
{
	struct reading *r, *newer;
	struct stat st;

	for (r = t->oldest; r; r = newer) {
		newer = r->newer;
		if (!r->nameless &&
		    (stat(r->path, &st) < 0 || st.st_ino != r->pos->ino ||
			st.st_dev != r->pos->dev))
			lose_name(t, r->path, NULL);
	}
}

/* Inputs that do not follow are read the first time, and later only looked at
 * for what is gone. */
static void
walk_all(struct tail *t, bool first)
{
	int64_t began = clock_ms();
	bool forget = began >= t->forget_ms;
	unsigned some = 0;

	t->unheard = t->missed = false;
	for (unsigned i = 0; i < t->config->inputs.n; i++) {
		const struct input_config *in = tail_input(t, i);
		bool read = in->follow || first;

		if (in->type != INPUT_FILE || tail_is_stopped(t) ||
		    !(read || forget))
			continue;
		some = i;
		if (walk_input(t, i, NULL, !read) == 0 && first)
			log_warnx("input %s: there is no file to read%s",
			    in->name, in->follow ? " yet" : "");
	}
	check_names(t);
	if (forget)
		forget_gone(t, some);
	t->rescan_took = clock_ms() - began;
	t->rescan_ms = clock_ms() +
	    (t->unheard ? TAIL_UNHEARD_MS : TAIL_RESCAN_MS) +
	    t->rescan_took * RESCAN_SHARE;
}

/* ---- those that are gone ---- */

/* While we did not run, a file may have got a name that nobody reads, or have
 * been packed: what it had grown by then is looked for beside its old name. */
static int
on_neighbour(void *arg, const char *path, const struct stat *st)
{
	struct walk *w = arg;

	if (positions_by_file(w->tail->known, st->st_dev, st->st_ino) ||
	    strncmp(path, w->prefix, strlen(w->prefix)) == 0)
		look_at(w->tail, w->input, path, st, true);
	return tail_is_stopped(w->tail) ? ST_ESTOPPED : 0;
}

static void
search_beside(struct tail *t, unsigned input, const char *path)
{
	static const struct globs_calls calls = { .file = on_neighbour };
	struct walk w = { .tail = t, .input = input, .prefix = path };
	struct buf pattern = BUF_INIT;
	const char *slash = strrchr(path, '/');

	buf_add(&pattern, path, slash ? (size_t)(slash - path) + 1 : 0);
	buf_add(&pattern, "*", 2);
	/* Best effort: without memory or rights there is nothing to be found. */
	if (!pattern.failed && globs_walk(pattern.p, NULL, &calls, &w) < 0)
		log_debug("files: not all is seen beside %s", path);
	buf_release(&pattern);
}

static int
input_of(const struct tail *t, const char *path)
{
	for (unsigned i = 0; i < t->config->inputs.n; i++) {
		const struct input_config *in = tail_input(t, i);

		for (size_t k = 0; in->type == INPUT_FILE && k < in->files.n;
		     k++)
			if (globs_match(in->files.v[k], path))
				return (int)i;
	}
	return -1;
}

static void
search_lost(struct tail *t)
{
	struct position *pos = NULL;
	struct stat st;

	while ((pos = positions_next(t->known, pos)) && !tail_is_stopped(t)) {
		int input = pos->path ? input_of(t, pos->path) : -1;
		char *path;

		if (input < 0 || (pos->flags & POSITION_OPEN) ||
		    (stat(pos->path, &st) == 0 && st.st_dev == pos->dev &&
			st.st_ino == pos->ino))
			continue;
		path = strdup(pos->path);
		if (path)
			search_beside(t, (unsigned)input, path);
		free(path);
	}
}

/* ---- changes ---- */

static void
on_change(void *arg, enum watch_what what, const char *folder, const char *name)
{
	struct tail *t = arg;
	struct buf path = BUF_INIT;

	if (what == WATCH_LOST)
		t->rescan_ms = clock_ms() + t->rescan_took * RESCAN_SHARE;
	buf_addf(
	    &path, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", name);
	buf_addc(&path, '\0');
	for (unsigned i = 0; i < t->config->inputs.n && !path.failed; i++) {
		const struct input_config *in = tail_input(t, i);
		bool named = false;

		if (what == WATCH_LOST || !in->follow)
			continue;
		for (size_t k = 0; k < in->files.n && !named; k++)
			named = globs_match(in->files.v[k], path.p);
		if (what == WATCH_FOLDER)
			walk_input(t, i, path.p, false);
		else if (named)
			look_by_name(t, i, path.p);
	}
	buf_release(&path);
}

static bool
any_nameless(const struct tail *t)
{
	const struct reading *r = t->oldest;

	while (r && !r->nameless)
		r = r->newer;
	return r;
}

/* How long nothing is to be done. */
static int
patience(const struct tail *t, int timeout_ms)
{
	int64_t left = t->rescan_ms - clock_ms();

	if (left > TAIL_AGAIN_MS && (t->n_again > 0 || any_nameless(t)))
		left = TAIL_AGAIN_MS;
	if (left < 0)
		left = 0;
	return timeout_ms >= 0 && left > timeout_ms ? timeout_ms : (int)left;
}

void
tail_round(struct tail *t, int timeout_ms)
{
	watch_wait(t->watch, patience(t, timeout_ms), on_change, t);
	look_at_those_due(t);
	read_nameless(t);
	if (clock_ms() >= t->rescan_ms)
		walk_all(t, false);
	intake_flush_all(t->intake);
}

/* ---- the thread ---- */

/* An input has begun once all that was there was looked at: `from` is for
 * that time only. */
static void
note_begun(struct tail *t)
{
	for (unsigned i = 0; i < t->config->inputs.n; i++) {
		const struct input_config *in = tail_input(t, i);

		if (in->type != INPUT_FILE || tail_is_stopped(t) ||
		    positions_has_fact(t->known, in->name))
			continue;
		if (positions_fact(t->known, in->name, &t->key, &t->value))
			tail_mark_row(t, i, true);
	}
}

/* While nobody looked, nothing was seen: it has another day. */
static void
let_all_be_looked_for(struct tail *t)
{
	uint32_t least = minutes_now() - FORGET_MIN + DAY_MIN;
	struct position *pos = NULL;

	while ((pos = positions_next(t->known, pos)))
		if (pos->seen < least)
			pos->seen = least;
}

static bool
has_files(const struct tail *t)
{
	bool any = false;

	for (unsigned i = 0; i < t->config->inputs.n; i++)
		any = any || tail_input(t, i)->type == INPUT_FILE;
	return any;
}

void
tail_begin(struct tail *t)
{
	t->begun = false;
	let_all_be_looked_for(t);
	walk_all(t, true);
	search_lost(t);
	note_begun(t);
	t->begun = !tail_is_stopped(t);
	intake_flush_all(t->intake);
	if (!has_files(t))
		return;
	log_info("files: %s %" PRIu64 ", of these %" PRIu64 " unreadable",
	    tail_is_stopped(t) ? "stopped after" : "read all", t->counts.files,
	    t->counts.unreadable);
}

static void *
run(void *arg)
{
	struct tail *t = arg;

	do {
		tail_begin(t);
		while (!tail_is_stopped(t))
			tail_round(t, -1);
	} while (tail_take_swap(t));
	intake_flush_all(t->intake);
	if (t->on_done)
		t->on_done(t->arg);
	return NULL;
}

int
tail_start(struct tail *t, struct err *e)
{
	int err = thread_start(&t->thread, "files", run, t, e);

	t->started = err == 0;
	return err;
}

void
tail_stop(struct tail *t)
{
	atomic_store(&t->stop, true);
	watch_wake(t->watch);
}

void
tail_join(struct tail *t)
{
	if (t->started)
		pthread_join(t->thread, NULL);
	t->started = false;
}

const struct tail_counts *
tail_counts(const struct tail *t)
{
	return &t->counts;
}
