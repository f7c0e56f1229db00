/*
 * leaf.c - one of the files below a base, opened without following a link.
 *
 * See leaf.h.
 */
#include "outputs/file/leaf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who may read a file may look into its folder. */
static mode_t
folder_mode(mode_t file)
{
	return file | S_IRWXU | (file & 0444) >> 2;
}

/* One part of the way down; gives the new descriptor, or -1 with errno. */
static int
step(int at, const char *name, const struct owner *owner, bool make)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stsentry_why why;
	struct owner as = *owner;
	int fd = openat(at, name, flags);

	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	as.mode = folder_mode(owner->mode);
	if (mkdirat(at, name, as.mode) < 0)
		return -1;
	fd = openat(at, name, flags);
	/* One that cannot be given away is ours, and serves. */
	if (fd >= 0)
		(void)!owner_give(&as, fd, name, &why);
	return fd;
}

/* The folder that the last part of the path is in; *last is that part. */
static int
walk(int base, const char *path, const struct owner *owner, bool make,
    const char **last)
{
	int at = dup(base), next;
	char name[NAME_MAX + 1];
	const char *slash;

	for (; at >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		if ((size_t)(slash - path) >= sizeof(name)) {
			errno = ENAMETOOLONG;
			next = -1;
		} else {
			snprintf(name, sizeof(name), "%.*s",
			    (int)(slash - path), path);
			next = step(at, name, owner, make);
		}
		close(at);
		at = next;
	}
	*last = path;
	return at;
}

/* -1 with errno or the reason: see leaf_open(). */
static int
open_last(int folder, const char *name, const struct owner *owner, bool make,
    struct stsentry_why *why)
{
	const int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK;
	int fd = make
	    ? openat(folder, name, flags | O_CREAT | O_EXCL, owner->mode)
	    : -1;

	if (fd < 0)
		return make && errno != EEXIST ? -1
					       : openat(folder, name, flags);
	/* Its name must last as it does. */
	if (owner_give(owner, fd, name, why) == 0 && fsync(folder) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
fill(int fd, const char *path, struct leaf *l, struct stsentry_why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return file_why_sys(why, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return file_why_sys(why, "%s is no regular file", path);
	}
	*l = (struct leaf){ fd, (uint64_t)st.st_ino, st.st_size };
	return 0;
}

int
leaf_open(int base, const char *path, const struct owner *owner, bool make,
    struct leaf *result, struct stsentry_why *why)
{
	const char *last;
	int folder = walk(base, path, owner, make, &last), fd;

	if (folder < 0)
		return file_why_sys(why, "cannot reach %s", path);
	fd = open_last(folder, last, owner, make, why);
	if (fd < 0)
		file_why_sys(why, "cannot open %s", path);
	close(folder);
	if (fd < 0)
		return -1;
	if (fill(fd, path, result, why) == 0)
		return 0;
	close(fd);
	return -1;
}

int
leaf_put(
    struct leaf *l, const char *data, size_t size, struct stsentry_why *why)
{
	size_t out = 0;
	ssize_t n;

	while (out < size) {
		n = write(l->fd, data + out, size - out);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			file_why_sys(why, "cannot write");
			/* Nothing half is left. */
			(void)!ftruncate(l->fd, l->size);
			return -1;
		}
		out += (size_t)n;
	}
	l->size += (off_t)size;
	return 0;
}

int
leaf_cut(struct leaf *l, off_t size, struct stsentry_why *why)
{
	if (ftruncate(l->fd, size) < 0 || fsync(l->fd) < 0)
		return file_why_sys(why, "cannot cut");
	l->size = size;
	return 0;
}

int
leaf_sync(struct leaf *l, struct stsentry_why *why)
{
	if (l->fd >= 0 && fdatasync(l->fd) < 0)
		return file_why_sys(why, "cannot sync");
	return 0;
}

void
leaf_close(struct leaf *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
