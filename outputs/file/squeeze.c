/*
 * squeeze.c - a file becomes a .gz beside it, a piece at a time.
 *
 * See squeeze.h.  Knows zlib's files.
 */
#include "outputs/file/squeeze.h"

#include "outputs/file/rotated.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE ((size_t)64 << 10)

struct squeeze {
	char from[PATH_MAX], unfinished[PATH_MAX], to[PATH_MAX];
	int in, out; /* -1: none; out belongs to gz once that is there */
	gzFile gz;
};

static bool
open_both(struct squeeze *s)
{
	struct stat st;

	s->in = open(s->from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (s->in < 0 || fstat(s->in, &st) < 0)
		return false;
	s->out = open(s->unfinished,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->out < 0 || fchmod(s->out, st.st_mode & 07777) < 0)
		return false;
	/* Only root can give it away; else it is ours as the file was. */
	(void)!fchown(s->out, st.st_uid, st.st_gid);
	s->gz = gzdopen(dup(s->out), "wb6");
	return s->gz != NULL;
}

struct squeeze *
squeeze_start(const char *name, struct stsentry_why *why)
{
	struct squeeze *s = calloc(1, sizeof(*s));

	if (!s) {
		snprintf(why->text, sizeof(why->text), "out of memory");
		return NULL;
	}
	s->in = s->out = -1;
	snprintf(s->from, sizeof(s->from), "%s", name);
	snprintf(s->to, sizeof(s->to), "%.*s%s", PATH_MAX - 16, name,
	    ROTATED_PACKED);
	snprintf(s->unfinished, sizeof(s->unfinished), "%.*s%s", PATH_MAX - 16,
	    name, ROTATED_UNFINISHED);
	if (open_both(s))
		return s;
	snprintf(why->text, sizeof(why->text), "cannot pack %.400s: %s", name,
	    strerror(errno));
	squeeze_free(s);
	return NULL;
}

/* All of it is in: onto the disk, and in its place. */
static enum squeeze_state
finish(struct squeeze *s)
{
	int code = gzclose(s->gz);

	s->gz = NULL;
	if (code != Z_OK || fsync(s->out) < 0 ||
	    rename(s->unfinished, s->to) < 0)
		return SQUEEZE_FAILED;
	s->unfinished[0] = '\0';
	return unlink(s->from) < 0 ? SQUEEZE_FAILED : SQUEEZE_DONE;
}

enum squeeze_state
squeeze_step(struct squeeze *s)
{
	char piece[PIECE];
	ssize_t n = read(s->in, piece, sizeof(piece));

	if (n < 0)
		return errno == EINTR ? SQUEEZE_MORE : SQUEEZE_FAILED;
	if (n == 0)
		return finish(s);
	if (gzwrite(s->gz, piece, (unsigned)n) == (int)n)
		return SQUEEZE_MORE;
	return SQUEEZE_FAILED;
}

void
squeeze_free(struct squeeze *s)
{
	if (!s)
		return;
	if (s->gz)
		gzclose(s->gz);
	if (s->in >= 0)
		close(s->in);
	if (s->out >= 0)
		close(s->out);
	if (s->unfinished[0])
		unlink(s->unfinished);
	free(s);
}
