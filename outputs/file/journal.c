/*
 * journal.c - how long the files of one output were at each position.
 *
 * See journal.h.  Knows its lines and its file; what is done with a length is
 * tree.c's business.
 */
#include "outputs/file/journal.h"

#include "outputs/file/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "stsentry-places 1 "
#define NAME_MAX_BYTES 255
#define UNFINISHED ".tmp"
#define LINE_ROOM 80 /* of a line, but for its path */
#define JOURNAL_MODE 0600
/* One that is longer is none of ours. */
#define READ_MAX (JOURNAL_MAX * 64)

struct journal {
	int folder, fd; /* -1: not begun */
	char name[NAME_MAX_BYTES + 1];
	uint32_t life; /* of what was read; 0: nothing was */
	char *past;    /* the lines that were read, NUL behind */
	char *text;    /* to be written */
	size_t n, room, size;
	bool failed; /* something could not be noted */
};

/* ---- what is there ---- */

static char *
read_all(int fd, size_t size)
{
	char *text = malloc(size + 1);
	size_t n = 0;
	ssize_t r = 1;

	while (text && n < size && r > 0) {
		r = read(fd, text + n, size - n);
		if (r < 0 && errno == EINTR)
			r = 1;
		else if (r > 0)
			n += (size_t)r;
	}
	if (text && r >= 0) {
		text[n] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

static void
read_head(struct journal *j)
{
	unsigned life = 0;
	char *end = strchr(j->past, '\n');

	if (end && sscanf(j->past, HEAD "%u\n", &life) == 1)
		j->life = life;
}

static int
read_past(struct journal *j, struct stsentry_why *why)
{
	int fd = openat(j->folder, j->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT
		    ? 0
		    : file_why_sys(why, "cannot open %s", j->name);
	if (fstat(fd, &st) == 0 && st.st_size < (off_t)READ_MAX)
		j->past = read_all(fd, (size_t)st.st_size);
	close(fd);
	if (!j->past)
		return file_why_sys(why, "cannot read %s", j->name);
	read_head(j);
	return 0;
}

struct journal *
journal_open(int folder, const char *name, struct stsentry_why *why)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j) {
		file_why(why, "out of memory");
		return NULL;
	}
	j->folder = folder;
	j->fd = -1;
	snprintf(j->name, sizeof(j->name), "%s", name);
	if (read_past(j, why) == 0)
		return j;
	journal_close(j);
	return NULL;
}

void
journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		close(j->fd);
	free(j->past);
	free(j->text);
	free(j);
}

bool
journal_knows(const struct journal *j, uint32_t life)
{
	return life != 0 && j->life == life;
}

void
journal_each(const struct journal *j, uint64_t seq,
    void (*on_length)(
	void *arg, const char *path, uint64_t number, int64_t length),
    void *arg)
{
	char *line = j->past ? strchr(j->past, '\n') : NULL, *end;
	uint64_t at, number;
	int64_t length;
	int skip;

	for (; line && (end = strchr(line + 1, '\n')); line = end) {
		*end = '\0';
		if (sscanf(line + 1, "%" SCNu64 " %" SCNu64 " %" SCNd64 " %n",
			&at, &number, &length, &skip) == 3 &&
		    at <= seq && length >= 0)
			on_length(arg, line + 1 + skip, number, length);
		*end = '\n';
	}
}

/* ---- writing ---- */

static bool
make_room(struct journal *j, size_t more)
{
	size_t room = j->room ? j->room : LINE_ROOM;
	char *text;

	while (room < j->n + more)
		room *= 2;
	if (room == j->room)
		return true;
	text = realloc(j->text, room);
	if (!text)
		return false;
	j->text = text;
	j->room = room;
	return true;
}

void
journal_note(struct journal *j, uint64_t seq, uint64_t number, int64_t length,
    const char *path)
{
	size_t most = LINE_ROOM + strlen(path);

	if (!make_room(j, most)) {
		j->failed = true;
		return;
	}
	j->n += (size_t)snprintf(j->text + j->n, most,
	    "%" PRIu64 " %" PRIu64 " %" PRId64 " %s\n", seq, number, length,
	    path);
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

int
journal_sync(struct journal *j, bool disk, struct stsentry_why *why)
{
	if (j->failed) {
		j->failed = false;
		return file_why(why, "out of memory");
	}
	if (j->n == 0)
		return 0;
	if (!write_all(j->fd, j->text, j->n) ||
	    (disk && fdatasync(j->fd) < 0)) {
		/* Whole lines, or none. */
		(void)!ftruncate(j->fd, (off_t)j->size);
		return file_why_sys(why, "cannot write %s", j->name);
	}
	j->size += j->n;
	j->n = 0;
	return 0;
}

/* The new one's descriptor, -1 with errno. */
static int
write_new(struct journal *j, const char *head, const char *unfinished)
{
	int fd = openat(j->folder, unfinished,
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
	    JOURNAL_MODE);
	if (fd < 0 ||
	    (write_all(fd, head, strlen(head)) && fsync(fd) == 0 &&
		renameat(j->folder, unfinished, j->folder, j->name) == 0 &&
		fsync(j->folder) == 0))
		return fd;
	close(fd);
	return -1;
}

int
journal_begin(struct journal *j, uint32_t life, struct stsentry_why *why)
{
	char unfinished[NAME_MAX_BYTES + sizeof(UNFINISHED)];
	char head[LINE_ROOM];
	int fd;

	snprintf(unfinished, sizeof(unfinished), "%s" UNFINISHED, j->name);
	snprintf(head, sizeof(head), HEAD "%u\n", (unsigned)life);
	fd = write_new(j, head, unfinished);
	if (fd < 0)
		return file_why_sys(why, "cannot write %s", j->name);
	if (j->fd >= 0)
		close(j->fd);
	free(j->past);
	j->past = NULL;
	j->fd = fd;
	j->life = life;
	j->size = strlen(head);
	j->n = 0;
	return 0;
}

size_t
journal_size(const struct journal *j)
{
	return j->size;
}
