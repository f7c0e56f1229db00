/*
 * cli.c - what the subcommands of stsentry share.
 *
 * Main thread.
 */
#include "config.h"

#include "cli/cli.h"

#include "conf/schema.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

#define WORDS_MAX 64

/* "--geo" for "--geoo=x", or NULL. */
static const char *
nearest_option(const char *given, const struct option *words)
{
	const char *names[WORDS_MAX];
	size_t n = 0;

	while (words[n].name && n < WORDS_MAX) {
		names[n] = words[n].name;
		n++;
	}
	return schema_nearest(
	    slice_of(given + 2, strcspn(given, "=") - 2), names, n);
}

static const struct option *
option_of(int val, const struct option *words)
{
	for (; words->name; words++)
		if (val && words->val == val)
			return words;
	return NULL;
}

static void
tell_bad_option(
    const char *command, const char *given, const struct option *words)
{
	const struct option *known = option_of(optopt, words);
	const char *near;

	if (known) {
		cli_usage(command, "--%s %s", known->name,
		    known->has_arg == required_argument ? "needs a value"
							: "takes no value");
	} else if (optopt) {
		cli_usage(command, "there is no option -%c", optopt);
	} else {
		near = nearest_option(given, words);
		cli_usage(command, "there is no option %s%s%s%s", given,
		    near ? "; did you mean \"--" : "", near ? near : "",
		    near ? "\"?" : "");
	}
}

int
cli_getopt(
    int argc, char **argv, const char *letters, const struct option *words)
{
	int c;

	opterr = 0;
	c = getopt_long(argc, argv, letters, words, NULL);
	if (c == '?')
		tell_bad_option(argv[0], argv[optind - 1], words);
	return c;
}

int
cli_options(const struct cli_options *o, int argc, char **argv, void *self)
{
	int c, status = EXIT_OK;

	while (status == EXIT_OK &&
	    (c = cli_getopt(argc, argv, o->letters, o->words)) != -1) {
		if (c == 'h') {
			fputs(o->help, stdout);
			return EXIT_OK;
		}
		status = o->take(self, c);
	}
	return status == EXIT_OK ? -1 : status;
}
