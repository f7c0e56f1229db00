/*
 * null.c - an output that takes everything and keeps nothing.
 *
 * The shortest complete one: for measuring, and to begin a new output from.
 */
#include <stsentry/output.h>

#include <stddef.h>

static int
null_check(const struct stsentry_setup *setup, struct stsentry_why *why)
{
	(void)setup;
	(void)why;
	return 0;
}

/* It has no state but its host, to answer to. */
static void *
null_open(const struct stsentry_setup *setup, const struct stsentry_host *host,
    struct stsentry_why *why)
{
	(void)setup;
	(void)why;
	return (void *)(uintptr_t)host;
}

static void
null_send(void *self, const struct stsentry_record *records, size_t n)
{
	const struct stsentry_host *host = self;
	const struct stsentry_answer done = { .verdict = STSENTRY_DONE };

	host->answer(host, records, n, &done);
}

static int
null_flush(void *self, struct stsentry_why *why)
{
	(void)self;
	(void)why;
	return 0;
}

static void
null_close(void *self)
{
	(void)self;
}

const struct stsentry_output output_null = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "null",
	.help = "takes everything and keeps nothing",
	.check = null_check,
	.open = null_open,
	.send = null_send,
	.flush = null_flush,
	.reopen = null_flush,
	.close = null_close,
};
