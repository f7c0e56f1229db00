/*
 * main.c - stsentry: what a person runs.
 *
 * Finds the subcommand and calls it; knows nothing else.
 */
#include "config.h"

#include "cli/cli.h"
#include "collector/version.h"
#include "conf/schema.h"
#include "lib/jscan.h"
#include "lib/log.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "scan", cmd_scan, "find token requests in logs and judge them" },
	{ "check", cmd_check, "check a configuration and a policy" },
	{ "backtest", cmd_backtest, "what a new policy would have changed" },
	{ "convert", cmd_convert, "write a finding in another format" },
	{ "drill", cmd_drill, "a test finding through each output" },
	{ "deliver", cmd_deliver,
	    "send what waits now, or what was set aside" },
	{ "ledger", cmd_ledger, "verify, show or copy what was decided" },
	{ "pack", cmd_pack, "put decisions and reports into a signed archive" },
	{ "report", cmd_report, "tell what was decided, for auditors" },
	{ "coverage", cmd_coverage, "whose logs come, and what to switch on" },
	{ "init", cmd_init, "a configuration and a policy to begin with" },
	{ "explain", cmd_explain, "why one request was judged as it was" },
	{ "suggest", cmd_suggest,
	    "a policy from what was normal, or one exception" },
	{ "ack", cmd_ack, "say that a finding was seen, or was all right" },
	{ "reload", cmd_reload,
	    "make a running daemon read its configuration" },
	{ "status", cmd_status, "ask a running daemon how it is" },
	{ "tokens", cmd_tokens,
	    "list temporary credentials and where they came from" },
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE *f)
{
	fprintf(f,
	    "usage: stsentry COMMAND [OPTION]... [ARGUMENT]...\n\n"
	    "A sentry for temporary cloud credentials (AWS STS, GCP "
	    "IAM).\n\nCommands:\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].help);
	fprintf(f,
	    "\nstsentry COMMAND --help says more.  The daemon is "
	    "stsentryd.\n");
}

static void
print_version(void)
{
	printf("stsentry %s (%s)\n", PACKAGE_VERSION, ST_OPTIONS);
	printf("JSON is scanned by %s\n", jscan_way());
	version_libraries(stdout);
}

static int
no_command(const char *given)
{
	const char *names[N_COMMANDS], *near;

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	near = schema_nearest(slice_str(given), names, N_COMMANDS);
	fprintf(stderr, "stsentry: no command \"%s\"; ", given);
	if (near)
		fprintf(stderr, "did you mean \"%s\"?\n", near);
	else
		fputs("see stsentry --help\n", stderr);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		print_version();
		return EXIT_OK;
	}
	log_setup("stsentry", LOG_L_INFO, false);
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return no_command(argv[1]);
}
