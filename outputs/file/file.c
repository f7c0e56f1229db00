/*
 * file.c - an output into a file, behind what stands there.
 *
 * Never overwrites; a full disk is "again", not an end.  Opened without
 * blocking, so that a named pipe nobody reads is an error at once and a slow
 * reader is "again".
 */
#include "outputs/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640

struct file {
	char *path;
	int fd;
};

static int
file_check(const struct output_options *o, struct err *e)
{
	char dir[PATH_MAX];
	struct stat st;

	if (!o->path || !*o->path)
		return err_set(e, ST_EINVAL, "a file output needs a path");
	if (strlen(o->path) >= sizeof(dir))
		return err_set(e, ST_EINVAL, "the path is too long");
	if (stat(o->path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return err_set(
			    e, ST_EINVAL, "%s is a directory", o->path);
		if (access(o->path, W_OK) < 0)
			return err_sys(e, "cannot write %s", o->path);
		return 0;
	}
	snprintf(dir, sizeof(dir), "%s", o->path);
	if (access(dirname(dir), W_OK | X_OK) < 0)
		return err_sys(e, "cannot create %s", o->path);
	return 0;
}

static int
open_behind(const char *path, int *fd, bool *fresh, struct err *e)
{
	struct stat st;
	int n;

	n = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    FILE_MODE);
	if (n < 0)
		return err_sys(e, "cannot open %s", path);
	if (fstat(n, &st) < 0) {
		close(n);
		return err_sys(e, "cannot look at %s", path);
	}
	*fd = n;
	*fresh = st.st_size == 0;
	return 0;
}

static void
file_close(void *self)
{
	struct file *f = self;

	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

static int
file_open(
    const struct output_options *o, void **self, bool *fresh, struct err *e)
{
	struct file *f = calloc(1, sizeof(*f));
	int err = ST_ENOMEM;

	if (!f)
		return err_set(e, ST_ENOMEM, "out of memory");
	f->fd = -1;
	f->path = strdup(o->path);
	if (!f->path) {
		err_set(e, ST_ENOMEM, "out of memory");
		goto out;
	}
	err = open_behind(f->path, &f->fd, fresh, e);
	if (err < 0)
		goto out;
	*self = f;
	f = NULL;
out:
	file_close(f);
	return err;
}

static enum output_verdict
file_write(void *self, const char *p, size_t n, size_t *taken, struct err *e)
{
	struct file *f = self;
	ssize_t w;

	*taken = 0;
	while (*taken < n) {
		w = write(f->fd, p + *taken, n - *taken);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			err_sys(e, "cannot write %s", f->path);
			return OUTPUT_AGAIN;
		}
		*taken += (size_t)w;
	}
	return OUTPUT_DONE;
}

static int
file_flush(void *self, struct err *e)
{
	struct file *f = self;

	/* EINVAL: a pipe or a device, which keeps nothing. */
	if (fdatasync(f->fd) < 0 && errno != EINVAL && errno != EROFS)
		return err_sys(e, "cannot sync %s", f->path);
	return 0;
}

static void
take_back(int fd, size_t torn)
{
	struct stat st;

	if (torn == 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size < (off_t)torn)
		return;
	/* Failing, the old file ends with half a record and the new one begins
	 * with all of it: nothing is lost. */
	(void)!ftruncate(fd, st.st_size - (off_t)torn);
}

static int
file_reopen(void *self, size_t torn, bool *fresh, struct err *e)
{
	struct file *f = self;
	int fd, err;

	err = open_behind(f->path, &fd, fresh, e);
	if (err < 0)
		return err;
	take_back(f->fd, torn);
	fdatasync(f->fd);
	close(f->fd);
	f->fd = fd;
	return 0;
}

const struct output_kind output_file = {
	.name = "file",
	.help = "appends to a file",
	.check = file_check,
	.open = file_open,
	.write = file_write,
	.flush = file_flush,
	.reopen = file_reopen,
	.close = file_close,
};
