/*
 * stdout.c - an output onto the standard output.
 *
 * A reader that stops reading must not stop us for ever: into a pipe or a
 * socket only so much is written at once as is sure not to block.  The flags
 * of the descriptor are not ours to change, others share it; and it may be a
 * file, which no loop can watch: what does not go now is asked for again by a
 * timer, from the very byte.
 */
#include <stsentry/output.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS 50

struct out {
	const struct stsentry_host *host;
	struct stsentry_timer *retry;
	const struct stsentry_setup *setup;
	bool begun; /* the head is out */
	/* what is still to be written */
	const struct stsentry_record *records;
	size_t n, at; /* at: bytes of the first that are out */
};

static int
stdout_check(const struct stsentry_setup *setup, struct stsentry_why *why)
{
	(void)setup;
	(void)why;
	return 0;
}

static bool
would_block(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 0;
}

/* From *at on; NULL when all is out, else why not. */
static const char *
put(const char *p, size_t n, size_t *at)
{
	while (*at < n) {
		size_t piece = n - *at;
		ssize_t w;

		if (piece > PIPE_BUF)
			piece = PIPE_BUF;
		if (would_block(STDOUT_FILENO))
			return "its reader does not read";
		w = write(STDOUT_FILENO, p + *at, piece);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return strerror(errno);
		*at += (size_t)w;
	}
	return NULL;
}

/* What is out whole is answered; a record that is torn must be ended first, so
 * it is ours until then. */
static void
go_on(void *arg)
{
	struct out *o = arg;
	const struct stsentry_record *first = o->records;
	struct stsentry_answer answer = { .verdict = STSENTRY_DONE };
	size_t done = 0, rest;

	while (done < o->n && !answer.why) {
		answer.why = put(first[done].data, first[done].size, &o->at);
		if (answer.why)
			break;
		o->at = 0;
		done++;
	}
	rest = o->n - done;
	o->records = first + done;
	o->n = o->at > 0 ? 1 : 0;
	if (o->n > 0)
		o->host->timer_set(o->retry, RETRY_MS);
	o->host->answer(o->host, first, done,
	    &(const struct stsentry_answer){ .verdict = STSENTRY_DONE });
	answer.verdict = STSENTRY_AGAIN;
	if (rest > o->n)
		o->host->answer(
		    o->host, first + done + o->n, rest - o->n, &answer);
}

static void *
stdout_open(const struct stsentry_setup *setup,
    const struct stsentry_host *host, struct stsentry_why *why)
{
	struct out *o = calloc(1, sizeof(*o));

	if (o) {
		o->host = host;
		o->setup = setup;
		o->retry = host->timer(host, go_on, o);
	}
	if (o && o->retry)
		return o;
	free(o);
	snprintf(why->text, sizeof(why->text), "out of memory");
	return NULL;
}

static void
stdout_send(void *self, const struct stsentry_record *records, size_t n)
{
	struct out *o = self;
	struct stsentry_answer again = { .verdict = STSENTRY_AGAIN };

	if (!o->begun) {
		again.why = put(o->setup->head, o->setup->head_size, &o->at);
		if (again.why) {
			o->host->answer(o->host, records, n, &again);
			return;
		}
		o->begun = true;
		o->at = 0;
	}
	o->records = records;
	o->n = n;
	go_on(o);
}

static int
stdout_flush(void *self, struct stsentry_why *why)
{
	(void)self;
	(void)why;
	return 0;
}

static void
stdout_close(void *self)
{
	struct out *o = self;

	o->host->timer_free(o->retry);
	free(o);
}

const struct stsentry_output output_stdout = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "stdout",
	.help = "writes to the standard output",
	.check = stdout_check,
	.open = stdout_open,
	.send = stdout_send,
	.flush = stdout_flush,
	.reopen = stdout_flush,
	.close = stdout_close,
};
