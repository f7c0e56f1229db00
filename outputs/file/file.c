/*
 * file.c - an output into a file, behind what stands there.
 *
 * Never overwrites; a full disk is "again", not an end, and leaves no torn
 * record behind.  Opened without blocking, so that a named pipe nobody reads
 * is an error at once and a slow reader is "again".
 *
 * Rotation happens before a batch: the file gets a name with its time
 * (rotated.h) and a new one begins.  It is packed when its content is kept for
 * good, a piece at a time.  A position is the file's number and its length, so
 * that it is found under its new name, and what took its place is not cut.
 */
#include <stsentry/output.h>

#include "outputs/file/owner.h"
#include "outputs/file/rotated.h"
#include "outputs/file/squeeze.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIPE_RETRY_MS 50
#define PACK_MS 1 /* between two pieces */
/* Asked for so often, the first position after a rotation is kept. */
#define KEPT_MARKS 2
#define WRITE_MAX 256 /* records in one call; below IOV_MAX */
/* A position: the file's number above, its length below. */
#define LENGTH_BITS 40
#define LENGTH_MASK (((uint64_t)1 << LENGTH_BITS) - 1)
#define NUMBER_MAX 0xfffffe

struct file {
	const struct stsentry_host *host;
	const struct stsentry_setup *setup;
	const char *path;
	struct owner owner;
	int fd;
	bool regular;
	bool begun;      /* the head is out */
	uint64_t number; /* of the file, never 0 */
	off_t size;
	bool sync;
	/* rotation */
	int64_t rotate_size, rotate_every; /* 0: never */
	size_t keep;                       /* 0: all */
	bool compress;
	int64_t written_ms; /* when it was written last */
	unsigned marks;     /* asked for since the last rotation */
	bool marked;        /* positions are asked for at all */
	bool alone;         /* no instance before us is at work any more */
	struct stsentry_timer *pack;
	struct squeeze *squeeze;
	/* a pipe's: the record that is not out whole, and what is of it */
	struct stsentry_timer *retry;
	const struct stsentry_record *torn;
	size_t torn_at;
};

/* ---- settings ---- */

static const char *
path_of(const struct stsentry_setup *s)
{
	const struct stsentry_setting *path = stsentry_setting(s, "path");

	return path && path->text[0] ? path->text : NULL;
}

static int
file_check(const struct stsentry_setup *setup, struct stsentry_why *why)
{
	const char *path = path_of(setup);
	char dir[PATH_MAX];
	struct stat st;

	if (!path)
		return file_why(why, "a file output needs a path");
	if (strlen(path) >= sizeof(dir))
		return file_why(why, "the path is too long");
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode)) {
			snprintf(why->text, sizeof(why->text),
			    "%s is a directory", path);
			return -1;
		}
		if (access(path, W_OK) < 0)
			return file_why_sys(why, "cannot write %s", path);
		return 0;
	}
	snprintf(dir, sizeof(dir), "%s", path);
	if (access(dirname(dir), W_OK | X_OK) < 0)
		return file_why_sys(why, "cannot create %s", path);
	return 0;
}

/* ---- opening ---- */

static uint64_t
number_of(const struct stat *st)
{
	return (uint64_t)st->st_ino % NUMBER_MAX + 1;
}

static int
open_behind(const struct file *f, int *result, struct stsentry_why *why)
{
	const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK;
	int fd = open(f->path, flags | O_CREAT | O_EXCL, f->owner.mode);
	bool made = fd >= 0;

	if (!made && errno == EEXIST)
		fd = open(f->path, flags | O_CREAT, f->owner.mode);
	if (fd < 0)
		return file_why_sys(why, "cannot open %s", f->path);
	if (made && owner_give(&f->owner, fd, f->path, why) < 0) {
		close(fd);
		return -1;
	}
	*result = fd;
	return 0;
}

/* Takes the descriptor; on error it is closed and the old one stays. */
static int
use(struct file *f, int fd, struct stsentry_why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		close(fd);
		return file_why_sys(why, "cannot look at %s", f->path);
	}
	if (f->fd >= 0) {
		fdatasync(f->fd);
		close(f->fd);
	}
	f->fd = fd;
	f->regular = S_ISREG(st.st_mode);
	f->number = number_of(&st);
	f->size = st.st_size;
	f->begun = f->size > 0;
	f->written_ms = (int64_t)st.st_mtim.tv_sec * 1000;
	return 0;
}

static void
file_close(void *self)
{
	struct file *f = self;

	if (f->fd >= 0)
		close(f->fd);
	f->host->timer_free(f->retry);
	f->host->timer_free(f->pack);
	squeeze_free(f->squeeze);
	free(f);
}

static void end_torn(void *arg);
static void pack_some(void *arg);

static int64_t
number_in(const struct stsentry_setup *s, const char *name, int64_t other)
{
	const struct stsentry_setting *found = stsentry_setting(s, name);

	return found ? found->number : other;
}

static int
prepare(struct file *f, struct stsentry_why *why)
{
	f->sync = number_in(f->setup, "sync", 1) != 0;
	f->rotate_size = number_in(f->setup, "rotate_size", 0);
	f->rotate_every = number_in(f->setup, "rotate_every", 0);
	f->keep = (size_t)number_in(f->setup, "keep", 0);
	f->compress = number_in(f->setup, "compress", 0) != 0;
	f->retry = f->host->timer(f->host, end_torn, f);
	f->pack = f->host->timer(f->host, pack_some, f);
	if (!f->retry || !f->pack)
		return file_why(why, "out of memory");
	return owner_read(&f->owner, f->setup, why);
}

static void *
file_open(const struct stsentry_setup *setup, const struct stsentry_host *host,
    struct stsentry_why *why)
{
	struct file *f = calloc(1, sizeof(*f));
	int fd;

	if (!f) {
		file_why(why, "out of memory");
		return NULL;
	}
	f->host = host;
	f->setup = setup;
	f->path = path_of(setup);
	f->fd = -1;
	if (prepare(f, why) < 0 || open_behind(f, &fd, why) < 0 ||
	    use(f, fd, why) < 0) {
		file_close(f);
		return NULL;
	}
	return f;
}

/* The first thing that we are asked for. */
static void
be_alone(struct file *f)
{
	if (f->alone)
		return;
	f->alone = true;
	if (f->compress) {
		rotated_sweep(f->path);
		f->host->timer_set(f->pack, PACK_MS);
	}
}

/* ---- rotation ---- */

static void
warn(const struct file *f, const char *what, const char *why)
{
	f->host->log(
	    f->host, STSENTRY_WARNING, "%s %s: %s", what, f->path, why);
}

/* The oldest that is plain; none while a crash could still lead to the newest
 * being cut. */
static bool
begin_pack(struct file *f)
{
	struct stsentry_why why = { .text = "" };
	struct rotated r;
	size_t i = 0;

	if ((f->marked && f->marks < KEPT_MARKS) || !rotated_list(f->path, &r))
		return false;
	while (i < r.n && rotated_is_packed(r.v[i]))
		i++;
	if (i < r.n)
		f->squeeze = squeeze_start(r.v[i], &why);
	if (why.text[0])
		f->host->log(f->host, STSENTRY_WARNING, "%s", why.text);
	rotated_release(&r);
	return f->squeeze != NULL;
}

static void
pack_some(void *arg)
{
	struct file *f = arg;
	enum squeeze_state state;

	if (!f->squeeze && !begin_pack(f))
		return;
	state = squeeze_step(f->squeeze);
	if (state != SQUEEZE_MORE) {
		if (state == SQUEEZE_FAILED)
			warn(f, "cannot pack a file of", strerror(errno));
		squeeze_free(f->squeeze);
		f->squeeze = NULL;
	}
	/* A failure waits for the next rotation. */
	if (state != SQUEEZE_FAILED)
		f->host->timer_set(f->pack, PACK_MS);
}

static bool
is_time(const struct file *f, size_t more)
{
	int64_t now = f->host->time_ms(f->host);

	if (!f->regular || f->size == 0)
		return false;
	if (f->rotate_size > 0 && f->size + (off_t)more > f->rotate_size)
		return true;
	return f->rotate_every > 0 &&
	    f->written_ms / f->rotate_every != now / f->rotate_every;
}

/* Where that cannot be, the old one grows on. */
static void
rotate(struct file *f)
{
	struct stsentry_why why = { .text = "" };
	char name[PATH_MAX];
	int fd;

	if (!rotated_name(
		f->path, f->host->time_ms(f->host), name, sizeof(name)) ||
	    rename(f->path, name) < 0) {
		warn(f, "cannot rotate", strerror(errno));
		return;
	}
	if (open_behind(f, &fd, &why) < 0 || use(f, fd, &why) < 0) {
		f->host->log(f->host, STSENTRY_WARNING, "%s", why.text);
		(void)!rename(name, f->path);
		return;
	}
	f->marks = 0;
	if (f->keep > 0)
		rotated_keep(f->path, f->keep);
	if (f->compress)
		f->host->timer_set(f->pack, PACK_MS);
}

/* ---- writing ---- */

/* Nothing half is left: what the last write began is taken back. */
static void
take_back(struct file *f)
{
	if (f->regular && ftruncate(f->fd, f->size) < 0)
		f->host->log(f->host, STSENTRY_WARNING,
		    "cannot take back half a record in %s: %s", f->path,
		    strerror(errno));
}

/* How many bytes are out, which may be less than all; none with *code set. */
static size_t
put(int fd, const struct iovec *v, size_t n, int *code)
{
	ssize_t w;

	do
		w = writev(fd, v, (int)n);
	while (w < 0 && errno == EINTR);
	*code = w < 0 ? errno : 0;
	return w < 0 ? 0 : (size_t)w;
}

/* The rest of `p`, of which `at` bytes are out; an errno. */
static int
put_rest(int fd, const char *p, size_t n, size_t *at)
{
	int code = 0;

	while (*at < n && code == 0) {
		struct iovec v = { (void *)(uintptr_t)(p + *at), n - *at };

		*at += put(fd, &v, 1, &code);
	}
	return code;
}

static void
answer(
    const struct file *f, const struct stsentry_record *r, size_t n, int code)
{
	char why[PATH_MAX + 64];
	struct stsentry_answer a = { .verdict = STSENTRY_DONE };

	if (code) {
		snprintf(why, sizeof(why), "cannot write %s: %s", f->path,
		    strerror(code));
		a = (struct stsentry_answer){ .verdict = STSENTRY_AGAIN,
			.why = why };
	}
	f->host->answer(f->host, r, n, &a);
}

/* A pipe has taken a part of it: the rest follows, and nothing before it. */
static void
end_torn(void *arg)
{
	struct file *f = arg;
	const struct stsentry_record *r = f->torn;
	int code = put_rest(f->fd, r->data, r->size, &f->torn_at);

	if (code == EAGAIN) {
		f->host->timer_set(f->retry, PIPE_RETRY_MS);
		return;
	}
	f->torn = NULL;
	answer(f, r, 1, code);
}

/* `out` bytes of n records are out: those that are so whole are done, and one
 * more is ended, or taken back from a file, or followed up in a pipe.  How
 * many are dealt with. */
static size_t
settle(struct file *f, const struct stsentry_record *r, size_t n, size_t out,
    int *code)
{
	size_t done = 0;

	while (done < n && out >= r[done].size)
		out -= r[done++].size;
	if (out > 0) {
		*code = put_rest(f->fd, r[done].data, r[done].size, &out);
		done += *code == 0;
	}
	for (size_t i = 0; i < done; i++)
		f->size += (off_t)r[i].size;
	answer(f, r, done, 0);
	if (out == 0 || *code == 0)
		return done;
	if (f->regular) {
		take_back(f);
		return done;
	}
	f->torn = r + done;
	f->torn_at = out;
	f->host->timer_set(f->retry, PIPE_RETRY_MS);
	return done + 1;
}

/* A file that begins: the format's head first.  An errno. */
static int
put_head(struct file *f)
{
	size_t out = 0;
	int code;

	if (f->begun || f->setup->head_size == 0)
		return 0;
	code = put_rest(f->fd, f->setup->head, f->setup->head_size, &out);
	if (code)
		take_back(f);
	else
		f->size = (off_t)out;
	f->begun = code == 0;
	return code;
}

static void
rotate_if_due(struct file *f, const struct stsentry_record *r, size_t n)
{
	size_t more = 0;

	for (size_t i = 0; i < n; i++)
		more += r[i].size;
	if (is_time(f, more))
		rotate(f);
	f->written_ms = f->host->time_ms(f->host);
}

static void
file_send(void *self, const struct stsentry_record *records, size_t n)
{
	struct file *f = self;
	struct iovec v[WRITE_MAX];
	size_t at = 0, piece, out;
	int code;

	be_alone(f);
	rotate_if_due(f, records, n);
	code = put_head(f);
	while (at < n && code == 0 && !f->torn) {
		for (piece = 0; piece < WRITE_MAX && at + piece < n; piece++) {
			v[piece].iov_base =
			    (void *)(uintptr_t)records[at + piece].data;
			v[piece].iov_len = records[at + piece].size;
		}
		out = put(f->fd, v, piece, &code);
		at += settle(f, records + at, piece, out, &code);
	}
	answer(f, records + at, n - at, code ? code : EAGAIN);
}

static int
file_flush(void *self, struct stsentry_why *why)
{
	struct file *f = self;

	/* EINVAL: a pipe or a device, which keeps nothing. */
	if (f->sync && fdatasync(f->fd) < 0 && errno != EINVAL &&
	    errno != EROFS)
		return file_why_sys(why, "cannot sync %s", f->path);
	return 0;
}

static int
file_reopen(void *self, struct stsentry_why *why)
{
	struct file *f = self;
	int fd;

	be_alone(f);
	if (f->torn)
		return file_why(why, "its reader has half a record");
	if (open_behind(f, &fd, why) < 0)
		return -1;
	return use(f, fd, why);
}

/* ---- positions ---- */

static uint64_t
file_mark(void *self)
{
	struct file *f = self;

	f->marked = true;
	f->marks++;
	if (f->marks == KEPT_MARKS && f->compress)
		f->host->timer_set(f->pack, PACK_MS);
	if (!f->regular)
		return 0;
	return f->number << LENGTH_BITS | ((uint64_t)f->size & LENGTH_MASK);
}

static int
cut(int fd, const char *path, off_t kept, struct stsentry_why *why)
{
	if (ftruncate(fd, kept) < 0 || fsync(fd) < 0)
		return file_why_sys(why, "cannot cut %s", path);
	return 0;
}

/* Is it that file, and not shorter than it was? */
static bool
is_file(const char *path, uint64_t number, off_t kept)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    number_of(&st) == number && st.st_size >= kept;
}

/* It was rotated after the position was kept: what lies behind it is its own
 * end, and all that came after it. */
static int
resume_rotated(struct file *f, const struct rotated *r, uint64_t number,
    off_t kept, struct stsentry_why *why)
{
	size_t i = r->n;
	int fd, err;

	while (i > 0 && !is_file(r->v[i - 1], number, kept))
		i--;
	/* Not there any more: nothing else is ours to cut. */
	if (i == 0)
		return 0;
	fd = open(r->v[i - 1], O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return file_why_sys(why, "cannot open %s", r->v[i - 1]);
	err = cut(fd, r->v[i - 1], kept, why);
	close(fd);
	for (; err == 0 && i < r->n; i++)
		if (unlink(r->v[i]) < 0)
			err = file_why_sys(why, "cannot remove %s", r->v[i]);
	if (err == 0)
		err = cut(f->fd, f->path, 0, why);
	if (err == 0) {
		f->size = 0;
		f->begun = false;
	}
	return err;
}

static int
file_resume(void *self, uint64_t position, struct stsentry_why *why)
{
	struct file *f = self;
	uint64_t number = position >> LENGTH_BITS;
	off_t kept = (off_t)(position & LENGTH_MASK);
	struct rotated r;
	int err;

	be_alone(f);
	if (!f->regular || number == 0)
		return 0;
	f->marked = true;
	if (number != f->number) {
		if (!rotated_list(f->path, &r))
			return file_why(why, "its folder cannot be read");
		err = resume_rotated(f, &r, number, kept, why);
		rotated_release(&r);
		return err;
	}
	if (f->size < kept) {
		warn(f, "going on at the end of", "it is shorter than it was");
		return 0;
	}
	err = cut(f->fd, f->path, kept, why);
	if (err == 0) {
		f->size = kept;
		f->begun = kept > 0;
	}
	return err;
}

const struct stsentry_output output_file = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "file",
	.help = "appends to a file",
	.check = file_check,
	.open = file_open,
	.send = file_send,
	.flush = file_flush,
	.reopen = file_reopen,
	.close = file_close,
	.mark = file_mark,
	.resume = file_resume,
};
