/*
 * folder.c - opendir() by a descriptor of open().
 *
 * See folder.h.
 */
#include "config.h"

#include "lib/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

DIR *
folder_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int error = errno;

	if (fd >= 0 && !d)
		close(fd);
	errno = error;
	return d;
}
