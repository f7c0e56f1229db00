/*
 * null.c - an output that takes everything and keeps nothing.
 *
 * The shortest complete one: for measuring, and to begin a new output from.
 */
#include "outputs/output.h"

#include <stddef.h>

static int
null_check(const struct output_options *o, struct err *e)
{
	(void)o;
	(void)e;
	return 0;
}

static int
null_open(
    const struct output_options *o, void **self, bool *fresh, struct err *e)
{
	(void)o;
	(void)e;
	*self = NULL;
	*fresh = true;
	return 0;
}

static enum output_verdict
null_write(void *self, const char *p, size_t n, size_t *taken, struct err *e)
{
	(void)self;
	(void)p;
	(void)e;
	*taken = n;
	return OUTPUT_DONE;
}

static int
null_flush(void *self, struct err *e)
{
	(void)self;
	(void)e;
	return 0;
}

static int
null_reopen(void *self, size_t torn, bool *fresh, struct err *e)
{
	(void)self;
	(void)torn;
	(void)e;
	*fresh = false;
	return 0;
}

static void
null_close(void *self)
{
	(void)self;
}

const struct output_kind output_null = {
	.name = "null",
	.help = "takes everything and keeps nothing",
	.check = null_check,
	.open = null_open,
	.write = null_write,
	.flush = null_flush,
	.reopen = null_reopen,
	.close = null_close,
};
