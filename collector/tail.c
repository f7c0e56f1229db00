/*
 * tail.c - the thread that reads files.
 *
 * See tail.h.  Knows files and their compression; records are the framer's
 * and the intake's business.  Blocks on the disk and on the queue, which is
 * why it is no worker: a thread of its own, without a loop.
 */
#include "config.h"

#include "collector/tail.h"

#include "lib/globs.h"
#include "lib/inflate.h"
#include "lib/log.h"
#include "lib/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM_WAIT_MS 200 /* then it looks whether it shall stop */

struct tail {
	const struct config *config;
	struct batchq *queue;
	struct intake *intake;
	struct inflate *inflate;
	char *buf;
	pthread_t thread;
	bool started;
	atomic_bool stop;
	struct tail_counts counts;
	void (*on_done)(void *arg);
	void *arg;
};

/* What one input is doing. */
struct reading {
	struct tail *tail;
	const struct input_config *input;
	unsigned number;
	struct framer *framer;
};

struct tail *
tail_new(const struct intake_shared *s, void (*on_done)(void *arg), void *arg)
{
	const struct inflate_limits limits = {
		.max_bytes = s->config->limits.inflated,
		.max_ratio = (unsigned)s->config->limits.inflate_ratio,
	};
	struct tail *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->config = s->config;
	t->queue = s->queue;
	t->on_done = on_done;
	t->arg = arg;
	t->intake = intake_new(s);
	t->inflate = inflate_new(&limits);
	t->buf = malloc(TAIL_BUFFER);
	if (!t->intake || !t->inflate || !t->buf) {
		tail_free(t);
		return NULL;
	}
	return t;
}

void
tail_free(struct tail *t)
{
	if (!t)
		return;
	intake_free(t->intake);
	inflate_free(t->inflate);
	free(t->buf);
	free(t);
}

static bool
is_stopped(struct tail *t)
{
	return atomic_load(&t->stop);
}

/* Hand over, and wait until there is room to go on; false to stop. */
static bool
hand_over(struct tail *t)
{
	if (intake_flush(t->intake))
		return !is_stopped(t);
	while (!is_stopped(t))
		if (batchq_wait_room(t->queue, ROOM_WAIT_MS))
			return true;
	return false;
}

static void
unreadable(struct reading *r, const char *path, const char *why)
{
	r->tail->counts.unreadable++;
	log_warnx("input %s: cannot read %s: %s", r->input->name, path, why);
}

static void
on_problem(void *arg, const char *path, int error)
{
	unreadable(arg, path, strerror(error));
}

/* ---- one file ---- */

static int
on_bytes(void *arg, const char *p, size_t n)
{
	struct reading *r = arg;

	if (framer_feed(r->framer, p, n) < 0)
		return ST_EFORMAT;
	return hand_over(r->tail) ? 0 : ST_ESTOPPED;
}

static int
read_bytes(struct reading *r, int fd, struct err *e)
{
	struct tail *t = r->tail;
	ssize_t n;
	int err;

	for (;;) {
		n = read(fd, t->buf, TAIL_BUFFER);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read");
		if (n == 0)
			return inflate_finish(t->inflate, on_bytes, r, e);
		err = inflate_feed(
		    t->inflate, t->buf, (size_t)n, on_bytes, r, e);
		if (err < 0)
			return err;
	}
}

/* Which of the counted reasons an unreadable rest is. */
static enum reject
reject_of(int err)
{
	if (err == ST_ELIMIT)
		return REJECT_INFLATED_TOO_LARGE;
	return err == ST_ETRUNC ? REJECT_TRUNCATED : REJECT_BAD_COMPRESSION;
}

static int
open_file(const char *path, int *result, struct err *e)
{
	struct stat st;
	int fd;

	/* Not blocking: it may be a pipe by now. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_set(e, ST_EIO, "%s", strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ST_EINVAL, "not a regular file");
	}
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	*result = fd;
	return 0;
}

static void
read_open_file(struct reading *r, int fd, const char *path, uint64_t stream)
{
	const struct frame_limits limits = {
		.max_record = r->input->max_record,
	};
	struct tail *t = r->tail;
	struct err e = { .text = "" };
	int err;

	r->framer = framer_new(
	    FRAME_FILE, &limits, intake_frame, intake_reject, t->intake);
	if (!r->framer) {
		unreadable(r, path, "out of memory");
		return;
	}
	inflate_reset(t->inflate);
	intake_begin(t->intake, r->number, stream, path);
	err = read_bytes(r, fd, &e);
	if (err != ST_ESTOPPED)
		framer_finish(r->framer);
	if (err < 0 && err != ST_ESTOPPED && err != ST_EIO)
		intake_reject(t->intake, reject_of(err), 0, SLICE_NULL, 0);
	intake_end(t->intake, NULL);
	framer_free(r->framer);
	if (err < 0 && err != ST_ESTOPPED)
		unreadable(r, path, e.text);
}

static void
read_file(struct reading *r, const char *path, uint64_t stream)
{
	struct err e = { .text = "" };
	int fd;

	r->tail->counts.files++;
	if (open_file(path, &fd, &e) < 0) {
		unreadable(r, path, e.text);
		return;
	}
	read_open_file(r, fd, path, stream);
	close(fd);
	hand_over(r->tail);
}

/* ---- all files ---- */

static void
read_input(struct reading *r, uint64_t *stream)
{
	const struct opt_strings *patterns = &r->input->files;
	struct globs g = GLOBS_INIT;
	int err = 0;

	for (size_t i = 0; i < patterns->n && err == 0; i++)
		err = globs_add(&g, patterns->v[i], on_problem, r);
	if (err < 0)
		log_errorx("input %s: not all files are read: %s",
		    r->input->name, st_strerror(err));
	globs_sort(&g);
	if (g.n == 0)
		log_warnx("input %s: there is no file to read", r->input->name);
	for (size_t i = 0; i < g.n && !is_stopped(r->tail); i++)
		read_file(r, g.v[i], ++*stream);
	globs_release(&g);
}

void
tail_read_all(struct tail *t)
{
	const struct input_config *inputs = t->config->inputs.v;
	uint64_t stream = 0;

	for (unsigned i = 0; i < t->config->inputs.n; i++) {
		struct reading r = { t, &inputs[i], i, NULL };

		if (inputs[i].type == INPUT_FILE && !is_stopped(t))
			read_input(&r, &stream);
	}
	intake_flush_all(t->intake);
	log_info("files: %s %" PRIu64 ", of these %" PRIu64 " unreadable",
	    is_stopped(t) ? "stopped after" : "read all", t->counts.files,
	    t->counts.unreadable);
}

static void *
run(void *arg)
{
	struct tail *t = arg;

	tail_read_all(t);
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
