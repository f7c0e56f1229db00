/*
 * sealed.c - copy a file into memory that cannot change any more.
 *
 * Somebody who truncates or overwrites a file that we have mapped would kill
 * us with SIGBUS, or hand us half of the new one: so we map only copies.
 * Knows memfd and temporary files; not what is in the file (geo.c).  Holds
 * no state, any thread.
 */
#include "config.h"

#include "geo/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_STEP 65536

static int
open_memory(struct sealed *s)
{
#if defined(HAVE_MEMFD_CREATE) && defined(MFD_ALLOW_SEALING)
	s->fd = memfd_create("stsentry-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (s->fd < 0)
		return -1;
	snprintf(s->path, sizeof(s->path), "/proc/self/fd/%d", s->fd);
	if (access(s->path, R_OK) == 0)
		return 0;
	close(s->fd); /* without /proc it cannot be opened again */
	s->fd = -1;
#endif
	return -1;
}

static int
open_temporary(struct sealed *s)
{
	const char *dir = getenv("TMPDIR");
	int n;

	n = snprintf(s->path, sizeof(s->path), "%s/stsentry-geo-XXXXXX",
	    dir && dir[0] ? dir : "/tmp");
	if (n < 0 || (size_t)n >= sizeof(s->path))
		return -1;
	s->fd = mkostemp(s->path, O_CLOEXEC);
	s->named = s->fd >= 0;
	return s->fd < 0 ? -1 : 0;
}

static int
open_copy(const char *name, struct sealed *s, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	if (open_memory(s) < 0 && open_temporary(s) < 0)
		return err_sys(e, "%s: no room for a copy", name);
	return 0;
}

static int
write_all(const char *name, int fd, const void *p, size_t n, struct err *e)
{
	const char *at = p;
	ssize_t done;

	while (n > 0) {
		done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_sys(e, "%s: cannot be copied", name);
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Everything up to the end; the bound holds for files that grow, too. */
static int
copy(const char *path, int from, size_t max, int to, struct err *e)
{
	char block[COPY_STEP];
	size_t total = 0;
	ssize_t n;
	int err;

	for (;;) {
		n = read(from, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "%s: cannot be read", path);
		if (n == 0)
			break;
		total += (size_t)n;
		if (total > max)
			return err_set(e, ST_ELIMIT,
			    "%s: larger than %zu bytes", path, max);
		err = write_all(path, to, block, (size_t)n, e);
		if (err < 0)
			return err;
	}
	if (total == 0)
		return err_set(e, ST_EFORMAT, "%s: the file is empty", path);
	return 0;
}

static void
seal(struct sealed *s)
{
#ifdef F_ADD_SEALS
	/* Best effort: without seals it is still only ours. */
	if (!s->named)
		(void)fcntl(s->fd, F_ADD_SEALS,
		    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
#endif
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
	struct sealed s = { .fd = -1 };
	struct stat before;
	int fd = -1, err;

	err = open_source(path, &fd, &before, e);
	if (err < 0)
		goto out;
	err = open_copy(path, &s, e);
	if (err < 0)
		goto out;
	err = copy(path, fd, max, s.fd, e);
	if (err < 0)
		goto out;
	err = check_unchanged(path, fd, &before, e);
	if (err < 0)
		goto out;
	seal(&s);
	*result = s;
	s.fd = -1;
	s.named = false;
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
	err = open_copy(name, &s, e);
	if (err < 0)
		return err;
	err = write_all(name, s.fd, p, n, e);
	if (err < 0) {
		sealed_release(&s);
		return err;
	}
	seal(&s);
	*result = s;
	return 0;
}

void
sealed_release(struct sealed *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->named)
		unlink(s->path);
	s->fd = -1;
	s->named = false;
}
