/*
 * ack.c - `stsentry ack`: a person has seen a finding.
 *
 * Leaves word in the state folder (collector/acks.h) and waits for the daemon
 * to take it in.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/history.h"
#include "collector/acks.h"
#include "lib/clock.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAIT_MS 10000 /* for the daemon, which looks each second */
#define LOOK_MS 50

static const char help[] =
    "usage: stsentry ack [OPTION]... ID\n"
    "\n"
    "Says that the finding was seen: it carries the name and the time from now\n"
    "on, and the ledger has them.  With --teach also that it was all right: what\n"
    "its principal did so far is usual, and is not told again.  Without, what a\n"
    "finding told is learned only once it was seen on three days.\n"
    "\n"
    "  -c, --config FILE  whose state folder (" HISTORY_CONFIG ")\n"
    "      --state DIR    the state folder\n"
    "      --teach        it was all right\n"
    "      --by NAME      who says so (default: $SUDO_USER, $USER)\n"
    "  -h, --help\n"
    "\n"
    "Works beside a running daemon.  Where none runs, it is taken in at the next\n"
    "start.\n"
    "\n"
    "Exit status: 0 it is said, 2 usage error or no such finding.\n";

enum { O_TEACH = 256, O_BY, O_STATE };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "state", required_argument, NULL, O_STATE },
	{ "teach", no_argument, NULL, O_TEACH },
	{ "by", required_argument, NULL, O_BY },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct ack_run {
	const char *config_path, *state, *by;
	struct config *config;
	struct acks_words words;
};

static const char *
who_am_i(void)
{
	static const char *const names[] = { "SUDO_USER", "USER", "LOGNAME" };
	const char *who;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		who = getenv(names[i]);
		if (who && *who)
			return who;
	}
	return NULL;
}

/* 0, or an exit status; -1: help was asked for. */
static int
take_options(struct ack_run *a, int argc, char **argv)
{
	int c;

	a->by = who_am_i();
	while ((c = cli_getopt(argc, argv, "c:h", long_options)) != -1) {
		if (c == 'h')
			return -1;
		if (c == 'c')
			a->config_path = optarg;
		else if (c == O_STATE)
			a->state = optarg;
		else if (c == O_BY)
			a->by = optarg;
		else if (c == O_TEACH)
			a->words.teach = true;
		else
			return EXIT_USAGE;
	}
	if (argc - optind != 1)
		return cli_usage("ack", "one ID; see stsentry ack --help");
	a->words.id = argv[optind];
	a->words.by = slice_str(a->by);
	return 0;
}

static int
find_state(struct ack_run *a, struct err *e)
{
	int err;

	if (a->state)
		return 0;
	err = config_load(
	    a->config_path ? a->config_path : HISTORY_CONFIG, &a->config, e);
	if (err < 0)
		return err;
	a->state = a->config->state.dir;
	return a->state
	    ? 0
	    : err_set(e, ST_EINVAL, "%s: no state folder (state: {dir: ...})",
		  a->config_path ? a->config_path : HISTORY_CONFIG);
}

static enum acks_state
wait_for_daemon(const struct ack_run *a)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	int64_t until = clock_ms() + WAIT_MS;
	enum acks_state state;

	while ((state = acks_ask(a->state, a->words.id)) == ACKS_WAITS &&
	    clock_ms() < until)
		nanosleep(&pause, NULL);
	return state;
}

static int
tell(const struct ack_run *a, enum acks_state state)
{
	const char *id = a->words.id;

	if (state == ACKS_UNKNOWN)
		return cli_usage("ack",
		    "%s: no finding of this id that the daemon knows", id);
	printf("%s: %s\n", id,
	    state == ACKS_TAKEN ? "acknowledged"
				: "noted; the daemon takes it in when it runs");
	return EXIT_OK;
}

int
cmd_ack(int argc, char **argv)
{
	struct ack_run a = { 0 };
	struct err e = { 0 };
	int status = take_options(&a, argc, argv), err;

	if (status < 0)
		fputs(help, stdout);
	if (status)
		return status < 0 ? EXIT_OK : status;
	err = find_state(&a, &e);
	if (err == 0)
		err = acks_put(a.state, &a.words, &e);
	status = err < 0 ? cli_error("ack", &e) : tell(&a, wait_for_daemon(&a));
	config_free(a.config);
	return status;
}
