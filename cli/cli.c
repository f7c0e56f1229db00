/*
 * cli.c - what the subcommands of stsentry share.
 *
 * Main thread.
 */
#include "config.h"

#include "cli/cli.h"

#include <getopt.h>
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

int
cli_time(const char *command, const char *option, const char *value,
    struct when *result)
{
	if (when_parse(slice_str(value), result))
		return EXIT_OK;
	return cli_usage(command,
	    "--%s %s: no time, as 2026-03-01 or 2026-03-01T08:00:00Z", option,
	    value);
}

int
cli_options(const struct cli_options *o, int argc, char **argv, void *self)
{
	int c, status = EXIT_OK;

	while (status == EXIT_OK &&
	    (c = getopt_long(argc, argv, o->letters, o->words, NULL)) != -1) {
		if (c == 'h') {
			fputs(o->help, stdout);
			return EXIT_OK;
		}
		status = o->take(self, c);
	}
	return status == EXIT_OK ? -1 : status;
}
