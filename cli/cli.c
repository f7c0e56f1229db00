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
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MIN 60
#define WIDTH_MAX 120

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

bool
cli_color(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!no || !*no);
}

unsigned
cli_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 0;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN
	    : size.ws_col > WIDTH_MAX  ? WIDTH_MAX
				       : size.ws_col;
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
