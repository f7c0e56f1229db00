/*
 * stdout.c - an output onto the standard output.
 *
 * A reader that stops reading must not stop us for ever: into a pipe or a
 * socket only so much is written at once as is sure not to block.  The flags
 * of the descriptor are not ours to change, others share it.
 */
#include "outputs/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static int
stdout_check(const struct output_options *o, struct err *e)
{
	(void)o;
	(void)e;
	return 0;
}

static int
stdout_open(
    const struct output_options *o, void **self, bool *fresh, struct err *e)
{
	(void)o;
	(void)e;
	*self = NULL;
	*fresh = true;
	return 0;
}

static bool
would_block(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 0;
}

static enum output_verdict
stdout_write(void *self, const char *p, size_t n, size_t *taken, struct err *e)
{
	ssize_t w;

	(void)self;
	*taken = 0;
	while (*taken < n) {
		size_t piece = n - *taken;

		if (piece > PIPE_BUF)
			piece = PIPE_BUF;
		if (would_block(STDOUT_FILENO)) {
			err_set(e, ST_EBUSY, "its reader does not read");
			return OUTPUT_AGAIN;
		}
		w = write(STDOUT_FILENO, p + *taken, piece);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			err_sys(e, "cannot write");
			return OUTPUT_AGAIN;
		}
		*taken += (size_t)w;
	}
	return OUTPUT_DONE;
}

static int
stdout_flush(void *self, struct err *e)
{
	(void)self;
	(void)e;
	return 0;
}

static int
stdout_reopen(void *self, size_t torn, bool *fresh, struct err *e)
{
	(void)self;
	(void)torn;
	*fresh = false;
	return err_set(e, ST_EINVAL, "it cannot be opened again");
}

static void
stdout_close(void *self)
{
	(void)self;
}

const struct output_kind output_stdout = {
	.name = "stdout",
	.help = "writes to the standard output",
	.check = stdout_check,
	.open = stdout_open,
	.write = stdout_write,
	.flush = stdout_flush,
	.reopen = stdout_reopen,
	.close = stdout_close,
};
