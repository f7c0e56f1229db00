/*
 * deliver.c - `stsentry deliver`: what waits for outputs is tried now, and what
 * was set aside is sent again.
 *
 * Leaves word in the state folder (outputs/dead.h) and waits for the daemon to
 * take it in.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/history.h"
#include "conf/config.h"
#include "lib/clock.h"
#include "outputs/dead.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define WAIT_MS 10000 /* for the daemon, which looks each second */
#define LOOK_MS 50

static const char help[] =
    "usage: stsentry deliver [-c FILE] [--dead] [OUTPUT]\n"
    "\n"
    "Makes a running stsentryd try now to deliver what waits for its outputs,\n"
    "whatever failed before.  With --dead what was set aside is sent again, too,\n"
    "of one output or of all: with the same ids, and counted as made once more.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration (" HISTORY_CONFIG ")\n"
    "      --dead         dead letters, too\n"
    "  -h, --help\n"
    "\n"
    "Where no daemon runs, it is done at the next start.\n"
    "\n"
    "Exit status: 0 it is asked for, 2 usage or configuration error, 3 a file of\n"
    "dead letters could not be taken.\n";

enum { O_DEAD = 256 };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "dead", no_argument, NULL, O_DEAD },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct deliver {
	const char *config_path, *output;
	bool dead;
	struct config *config;
	size_t claimed; /* files */
};

static int
take_option(void *self, int c)
{
	struct deliver *d = self;

	if (c == 'c')
		d->config_path = optarg;
	else if (c == O_DEAD)
		d->dead = true;
	else
		return EXIT_USAGE;
	return EXIT_OK;
}

static bool
is_meant(const struct deliver *d, const struct output_config *o)
{
	return !d->output || strcmp(d->output, o->name) == 0;
}

static int
check(struct deliver *d, struct err *e)
{
	const struct output_config *o;
	bool known = false;
	int err = config_load(d->config_path, &d->config, e);

	if (err < 0)
		return err;
	if (!d->config->state.dir)
		return err_set(e, ST_EINVAL,
		    "%s: no state folder (state: {dir: ...})", d->config_path);
	o = d->config->outputs.v;
	for (size_t i = 0; i < d->config->outputs.n; i++)
		known = known || is_meant(d, &o[i]);
	return known || !d->output
	    ? 0
	    : err_set(e, ST_EINVAL, "%s: there is no output of this name",
		  d->output);
}

/* An exit status. */
static int
claim(struct deliver *d)
{
	const struct output_config *o = d->config->outputs.v;
	struct err e = { .text = "" };
	int status = EXIT_OK, err;

	for (size_t i = 0; d->dead && i < d->config->outputs.n; i++) {
		if (!o[i].dead_letter || !is_meant(d, &o[i]))
			continue;
		err = dead_claim(o[i].dead_letter, &e);
		d->claimed += err == 0;
		if (err == 0 || err == ST_ENOENT)
			continue;
		cli_error("deliver", &e);
		status = EXIT_UNREADABLE;
	}
	return status;
}

static bool
wait_for_daemon(const char *dir)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	int64_t until = clock_ms() + WAIT_MS;

	while (dead_is_asked(dir) && clock_ms() < until)
		nanosleep(&pause, NULL);
	return !dead_is_asked(dir);
}

static int
run(struct deliver *d)
{
	const char *dir = d->config->state.dir;
	struct err e = { .text = "" };
	int status = claim(d);

	if (dead_ask(dir, &e) < 0)
		return cli_error("deliver", &e);
	if (d->dead)
		printf("%zu files of dead letters\n", d->claimed);
	puts(wait_for_daemon(dir)
		? "the daemon delivers now"
		: "noted; the daemon takes it in when it runs");
	return status;
}

int
cmd_deliver(int argc, char **argv)
{
	static const struct cli_options options = { "c:h", long_options, help,
		take_option };
	struct deliver d = { .config_path = HISTORY_CONFIG };
	struct err e = { .text = "" };
	int status = cli_options(&options, argc, argv, &d);

	if (status >= 0)
		return status;
	if (argc - optind > 1)
		return cli_usage(
		    "deliver", "%s: one output at most", argv[optind + 1]);
	if (optind < argc)
		d.output = argv[optind];
	status = check(&d, &e) < 0 ? cli_error("deliver", &e) : run(&d);
	config_free(d.config);
	return status;
}
