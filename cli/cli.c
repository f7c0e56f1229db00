/*
 * cli.c - what the subcommands of stsentry share.
 *
 * Main thread.
 */
#include "config.h"

#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

int
cli_usage(const char *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "stsentry %s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

int
cli_error(const char *command, const struct err *e)
{
	char text[1024];

	return cli_usage(command, "%s", err_format(e, text, sizeof(text)));
}
