/*
 * cli.h - what the subcommands of stsentry share.
 *
 * One file a subcommand: cmd_NAME() gets its own argv (argv[0] is the name)
 * and returns an exit status as the README lists them.  Main thread.
 */
#ifndef ST_CLI_H
#define ST_CLI_H

#include "lib/err.h"
#include "lib/when.h"

struct option;

enum exit_status {
	EXIT_OK = 0,
	EXIT_HOLDS = 1,      /* it ran and the condition asked for holds */
	EXIT_USAGE = 2,      /* usage or configuration error */
	EXIT_UNREADABLE = 3, /* some input could not be read or parsed */
};

int cmd_ack(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_backtest(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_drill(int argc, char **argv);
int cmd_deliver(int argc, char **argv);
int cmd_ledger(int argc, char **argv);
int cmd_pack(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_coverage(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_suggest(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_tokens(int argc, char **argv);

/* "stsentry scan: TEXT" to stderr; returns EXIT_USAGE. */
int cli_usage(const char *command, const char *fmt, ...) ST_PRINTF(2, 3);
/* Standard output is a terminal, and nobody asked for no colours. */
bool cli_color(void);
/* Columns of standard output's terminal, within what is easily read; 0: it is
 * none. */
unsigned cli_width(void);
/* The value of --OPTION as a moment; an exit status. */
int cli_time(const char *command, const char *option, const char *value,
    struct when *result);

/* getopt_long(), that tells what is not taken, with the nearest that is:
 * gives '?' then. */
int cli_getopt(
    int argc, char **argv, const char *letters, const struct option *words);

/* How a subcommand reads its options; -h prints `help`. */
struct cli_options {
	const char *letters; /* of getopt, with "h" */
	const struct option *words;
	const char *help;
	int (*take)(void *self, int c); /* one; an exit status */
};
/* -1: go on with argv from optind; else the exit status, all is said. */
int cli_options(const struct cli_options *o, int argc, char **argv, void *self);

/* The same for a filled-in error. */
int cli_error(const char *command, const struct err *e);

#endif
