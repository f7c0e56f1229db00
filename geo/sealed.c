/*
 * sealed.c - copy a file into memory that cannot change any more.
 *
 * Somebody who truncates or overwrites a file that we have mapped would kill
 * us with SIGBUS, or hand us half of the new one: so we look only at copies.
 * A copy lies in anonymous memory, filled by read(): sixty megabytes are
 * there in some milliseconds, where the small pages of a memfd and their
 * faults take ten times as long.  Knows not what is in the file (geo.c).
 * Holds no state, any thread.
 */
#include "config.h"

#include "geo/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t)2 << 20)
#define READ_STEP ((size_t)1 << 20)

/* ---- memory ---------------------------------------------------------------- */

/* Best effort: all of it at once is cheaper than a fault for each page. */
static void
populate(void *p, size_t n)
{
#ifdef MADV_HUGEPAGE
	(void)madvise(p, n, MADV_HUGEPAGE);
#endif
#ifdef MADV_POPULATE_WRITE
	(void)madvise(p, n, MADV_POPULATE_WRITE);
#else
	(void)p;
	(void)n;
#endif
}

/* Room for n bytes, at least 1, on a border of large pages. */
static int
take_memory(const char *name, size_t n, struct sealed *s, struct err *e)
{
	size_t size = (n + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	uintptr_t at;
	void *p;

	p = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return err_set(e, ST_ENOMEM, "%s: no room for a copy", name);
	at = ((uintptr_t)p + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	*s = (struct sealed){ (unsigned char *)at, n, p, size + HUGE_PAGE };
	if (n >= HUGE_PAGE)
		populate((void *)at, size);
	return 0;
}

/* Best effort: without this it is still only ours. */
static void
seal(struct sealed *s)
{
	(void)mprotect(s->area, s->area_size, PROT_READ);
}

void
sealed_release(struct sealed *s)
{
	if (s->area)
		munmap(s->area, s->area_size);
	*s = (struct sealed){ 0 };
}

/* ---- copying ---------------------------------------------------------------- */

/* Exactly the bytes that the file had when it was opened. */
static int
fill(const char *path, int fd, struct sealed *s, struct err *e)
{
	size_t done = 0;
	ssize_t n;

	while (done < s->n) {
		n = read(fd, s->p + done,
		    s->n - done < READ_STEP ? s->n - done : READ_STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "%s: cannot be read", path);
		if (n == 0)
			break; /* it has become shorter: check_unchanged() */
		done += (size_t)n;
	}
	return 0;
}

/* Without O_NONBLOCK a FIFO would keep us waiting for its writer. */
static int
open_source(const char *path, int *fd, struct stat *st, struct err *e)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0) {
		int err = errno == ENOENT ? ST_ENOENT : ST_EIO;

		(void)err_sys(e, "%s: cannot be opened", path);
		return err;
	}
	if (fstat(*fd, st) < 0)
		return err_sys(e, "%s: cannot be looked at", path);
	if (!S_ISREG(st->st_mode))
		return err_set(e, ST_EINVAL, "%s: not a regular file", path);
	return 0;
}

static int
check_size(const char *path, off_t size, size_t max, struct err *e)
{
	if (size <= 0)
		return err_set(e, ST_EFORMAT, "%s: the file is empty", path);
	if ((uintmax_t)size > max)
		return err_set(
		    e, ST_ELIMIT, "%s: larger than %zu bytes", path, max);
	return 0;
}

static int
check_unchanged(
    const char *path, int fd, const struct stat *before, struct err *e)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return err_sys(e, "%s: cannot be looked at", path);
	if (now.st_size != before->st_size ||
	    now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
		return err_set(
		    e, ST_EBUSY, "%s: was written to while we read it", path);
	return 0;
}

int
sealed_copy(const char *path, size_t max, struct sealed *result, struct err *e)
{
	struct sealed s = { 0 };
	struct stat before;
	int fd = -1, err;

	err = open_source(path, &fd, &before, e);
	if (err == 0)
		err = check_size(path, before.st_size, max, e);
	if (err == 0)
		err = take_memory(path, (size_t)before.st_size, &s, e);
	if (err == 0)
		err = fill(path, fd, &s, e);
	if (err == 0)
		err = check_unchanged(path, fd, &before, e);
	if (err < 0)
		goto out;
	seal(&s);
	*result = s;
	s = (struct sealed){ 0 };
out:
	if (fd >= 0)
		close(fd);
	sealed_release(&s);
	return err;
}

int
sealed_bytes(const char *name, const void *p, size_t n, struct sealed *result,
    struct err *e)
{
	struct sealed s;
	int err;

	if (n == 0)
		return err_set(e, ST_EFORMAT, "%s: the file is empty", name);
	err = take_memory(name, n, &s, e);
	if (err < 0)
		return err;
	memcpy(s.p, p, n);
	seal(&s);
	*result = s;
	return 0;
}

/* ---- stubs ------------------------------------------------------------------- */

static int
open_memory(struct stub *b)
{
#ifdef HAVE_MEMFD_CREATE
	b->fd = memfd_create("stsentry-geo", MFD_CLOEXEC);
	if (b->fd < 0)
		return -1;
	snprintf(b->path, sizeof(b->path), "/proc/self/fd/%d", b->fd);
	if (access(b->path, R_OK) == 0)
		return 0;
	close(b->fd); /* without /proc it cannot be opened again */
	b->fd = -1;
#endif
	return -1;
}

static int
open_temporary(struct stub *b)
{
	const char *dir = getenv("TMPDIR");
	int n;

	n = snprintf(b->path, sizeof(b->path), "%s/stsentry-geo-XXXXXX",
	    dir && dir[0] ? dir : "/tmp");
	if (n < 0 || (size_t)n >= sizeof(b->path))
		return -1;
	b->fd = mkostemp(b->path, O_CLOEXEC);
	b->named = b->fd >= 0;
	return b->fd < 0 ? -1 : 0;
}

static int
write_tail(const struct stub *b, const struct sealed *s, size_t tail)
{
	size_t at = s->n > tail ? s->n - tail : 0;
	ssize_t n;

	if (ftruncate(b->fd, (off_t)s->n) < 0)
		return -1;
	while (at < s->n) {
		n = pwrite(b->fd, s->p + at, s->n - at, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

int
stub_open(
    const struct sealed *s, size_t tail, struct stub *result, struct err *e)
{
	struct stub b = { .fd = -1 };

	if ((open_memory(&b) < 0 && open_temporary(&b) < 0) ||
	    write_tail(&b, s, tail) < 0) {
		(void)err_sys(e, "no room for a temporary file");
		stub_close(&b);
		return ST_EIO;
	}
	*result = b;
	return 0;
}

void
stub_close(struct stub *b)
{
	if (b->fd >= 0)
		close(b->fd);
	if (b->named)
		unlink(b->path);
	b->fd = -1;
	b->named = false;
}
