/*
 * disk.c - the system's calls, or what a test puts in their place (seam.h).
 *
 * No state.
 */
#include "config.h"

#include "store/disk.h"

#include "store/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
disk_write(
    const struct store_seam *m, int fd, const char *p, size_t n, uint64_t at)
{
	ssize_t done;

	while (n > 0) {
		done = m && m->pwrite ? m->pwrite(m->arg, fd, p, n, (off_t)at)
				      : pwrite(fd, p, n, (off_t)at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENOSPC;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return 0;
}

int
disk_sync(const struct store_seam *m, int fd)
{
	return m && m->fdatasync ? m->fdatasync(m->arg, fd) : fdatasync(fd);
}

int
disk_cut(const struct store_seam *m, int fd, uint64_t size)
{
	return m && m->ftruncate ? m->ftruncate(m->arg, fd, (off_t)size)
				 : ftruncate(fd, (off_t)size);
}

int
disk_create(const struct store_seam *m, int dir, const char *name)
{
	return m && m->create
	    ? m->create(m->arg, dir, name)
	    : openat(
		  dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int
disk_rename(
    const struct store_seam *m, int dir, const char *from, const char *to)
{
	return m && m->rename ? m->rename(m->arg, dir, from, to)
			      : renameat(dir, from, dir, to);
}

int
disk_unlink(const struct store_seam *m, int dir, const char *name)
{
	return m && m->unlink ? m->unlink(m->arg, dir, name)
			      : unlinkat(dir, name, 0);
}

struct when
disk_now(const struct store_seam *m)
{
	return m && m->now ? m->now(m->arg) : when_now();
}

void
disk_aside_name(const struct store_seam *m, int dir, const char *name,
    char to[DISK_ASIDE_MAX])
{
	char text[WHEN_TEXT], *t = text;
	struct when at = disk_now(m);
	int n;

	at.nsec = 0;
	when_format(at, text);
	for (const char *p = text; *p; p++)
		if (*p != '-' && *p != ':')
			*t++ = *p;
	*t = '\0';
	n = snprintf(to, DISK_ASIDE_MAX, "%.200s" SHELF_ASIDE "%s", name, text);
	for (int i = 2;
	     i < 1000 && faccessat(dir, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	     i++)
		snprintf(to + n, DISK_ASIDE_MAX - (size_t)n, "-%d", i);
}
