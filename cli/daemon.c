/*
 * daemon.c - `stsentry status` and `stsentry reload`: a running daemon.
 *
 * Asks its admin endpoint and prints what it says for a person; tells it to
 * read its configuration again and waits for what comes of it.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"

#include "cli/status_say.h"
#include "conf/address.h"
#include "conf/config.h"
#include "lib/fetch.h"
#include "lib/json.h"
#include "lib/utf8.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_CONFIG SYSCONFDIR "/stsentry/stsentry.yaml"

struct ask {
	const char *config_path, *address;
	bool json, watch;
	struct config *config;
	struct address at;
	struct buf body;
	int code;
};

static const char status_help[] =
    "usage: stsentry status [-c FILE | --address HOST:PORT] [--json] [--watch]\n"
    "\n"
    "Asks a running stsentryd how it is: its books, inputs, outputs and state.\n"
    "\n"
    "  -c, --config FILE        its configuration, which names the admin\n"
    "                           endpoint (default: " DEFAULT_CONFIG ")\n"
    "  -a, --address HOST:PORT  the admin endpoint\n"
    "      --json               what it says, as it says it\n"
    "  -w, --watch              again and again, until interrupted or until\n"
    "                           nobody answers\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it is ready and well, 1 it is not, 2 usage, 3 nobody\n"
    "answers.\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "address", required_argument, NULL, 'a' },
	{ "json", no_argument, NULL, 'j' },
	{ "watch", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* ---- asking ---------------------------------------------------------------- */

/* Where the endpoint is: as given, else as configured. */
static int
find_endpoint(struct ask *k, struct err *e)
{
	const char *where = k->address;
	int err;

	if (!where) {
		err = config_load(k->config_path, &k->config, e);
		if (err < 0)
			return err;
		where = k->config->admin.listen;
	}
	if (!where)
		return err_set(e, ST_EINVAL,
		    "%s has no admin endpoint (admin: {listen: ...})",
		    k->config_path);
	if (!address_parse(slice_str(where), &k->at) || k->at.port == 0)
		return err_set(
		    e, ST_EINVAL, "%s is no address and port", where);
	if (strcmp(k->at.host, "*") == 0 || strcmp(k->at.host, "0.0.0.0") == 0)
		strcpy(k->at.host, "127.0.0.1");
	return 0;
}

static int
fetch_status(struct ask *k, struct err *e)
{
	buf_reset(&k->body);
	return fetch_page(
	    k->at.host, (uint16_t)k->at.port, "/status", &k->code, &k->body, e);
}

static void
say(const struct json *s)
{
	struct buf text = BUF_INIT;

	status_say(s, when_now(), cli_color(), &text);
	if (text.n)
		fwrite(text.p, 1, text.n, stdout);
	buf_release(&text);
}

static int
show(struct ask *k)
{
	struct json_reader r;
	const struct json *s;
	struct err e = { .text = "" };
	int status = EXIT_UNREADABLE;

	json_reader_init(&r);
	s = json_parse(&r, buf_slice(&k->body), &e);
	if (k->code != 200 || json_type(s) != JSON_OBJECT) {
		fprintf(stderr, "stsentry status: no status came, HTTP %d\n",
		    k->code);
	} else {
		if (k->json)
			fwrite(k->body.p, 1, k->body.n, stdout);
		else
			say(s);
		status = json_true(json_get(s, "ready")) &&
			json_count(json_get(s, "reasons")) == 0
		    ? EXIT_OK
		    : EXIT_HOLDS;
	}
	json_reader_release(&r);
	return status;
}

#define WATCH_S 2
#define CLEAR "\033[H\033[2J"

static int
fetch_and_show(struct ask *k)
{
	struct err e = { .text = "" };

	if (fetch_status(k, &e) < 0) {
		cli_error("status", &e);
		return EXIT_UNREADABLE;
	}
	if (k->watch && !k->json && isatty(STDOUT_FILENO))
		fputs(CLEAR, stdout);
	return show(k);
}

static int
run_status(struct ask *k)
{
	const struct timespec pause = { .tv_sec = WATCH_S };
	struct err e = { .text = "" };
	int status;

	if (find_endpoint(k, &e) < 0)
		return cli_error("status", &e);
	status = fetch_and_show(k);
	while (k->watch && status != EXIT_UNREADABLE && fflush(stdout) == 0) {
		nanosleep(&pause, NULL);
		status = fetch_and_show(k);
	}
	return status;
}

/* ---- reload -------------------------------------------------------------- */

static const char reload_help[] =
    "usage: stsentry reload [-c FILE | --address HOST:PORT]\n"
    "\n"
    "Makes a running stsentryd read its configuration again, and waits for\n"
    "what comes of it: all of it is taken, or nothing changes.\n"
    "state:, sandbox: and limits: need a new start.  Where admin: itself\n"
    "changes, --address says where the endpoint is now.\n"
    "\n"
    "  -c, --config FILE        its configuration, which names the admin\n"
    "                           endpoint (default: " DEFAULT_CONFIG ")\n"
    "  -a, --address HOST:PORT  the admin endpoint\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 the new configuration runs, 1 the old one goes on, 2\n"
    "usage, 3 nobody answers.\n";

#define RELOAD_POLL_MS 20
#define RELOAD_WAIT_MS 60000

struct reload_seen {
	int64_t pid, tries, generation;
	char error[1024];
};

static int64_t
number(const struct json *o, const char *name)
{
	int64_t n = 0;

	json_int(json_get(o, name), &n);
	return n;
}

static int
look(struct ask *k, struct reload_seen *seen, struct err *e)
{
	struct json_reader r;
	const struct json *s;
	struct slice why;
	int err;

	buf_reset(&k->body);
	err = fetch_status(k, e);
	if (err < 0)
		return err;
	json_reader_init(&r);
	s = json_parse(&r, buf_slice(&k->body), e);
	if (json_type(s) != JSON_OBJECT)
		err = err_set(
		    e, ST_EFORMAT, "no status came, HTTP %d", k->code);
	if (err == 0) {
		seen->pid = number(s, "pid");
		seen->tries = number(s, "reloads");
		seen->generation = number(s, "generation");
		why = json_text(json_get(s, "reload_error"));
		why = utf8_cut(why, sizeof(seen->error) - 1);
		snprintf(
		    seen->error, sizeof(seen->error), "%.*s", SLICE_ARG(why));
	}
	json_reader_release(&r);
	return err;
}

static int
reload(struct ask *k, struct reload_seen *now, struct err *e)
{
	struct reload_seen before = { .pid = 0 };
	const struct timespec pause = { .tv_nsec = RELOAD_POLL_MS * 1000000L };
	int err = look(k, &before, e);

	if (err < 0)
		return err;
	if (before.pid <= 1 || kill((pid_t)before.pid, SIGHUP) < 0)
		return err_sys(e, "cannot signal process %" PRId64, before.pid);
	for (int ms = 0; ms < RELOAD_WAIT_MS; ms += RELOAD_POLL_MS) {
		nanosleep(&pause, NULL);
		err = look(k, now, e);
		if (err < 0 || now->tries != before.tries)
			return err;
	}
	return err_set(
	    e, ST_EBUSY, "no answer within %d s", RELOAD_WAIT_MS / 1000);
}

static int
run_reload(struct ask *k)
{
	struct reload_seen now = { .pid = 0 };
	struct err e = { .text = "" };

	if (k->json)
		return cli_usage("reload", "--json is of status");
	if (find_endpoint(k, &e) < 0)
		return cli_error("reload", &e);
	if (reload(k, &now, &e) < 0) {
		cli_error("reload", &e);
		return EXIT_UNREADABLE;
	}
	if (now.error[0]) {
		fprintf(stderr, "stsentry reload: nothing has changed: %s\n",
		    now.error);
		return EXIT_HOLDS;
	}
	printf("generation %" PRId64 " runs\n", now.generation);
	return EXIT_OK;
}

/* ---- the command line ---------------------------------------------------- */

/* -1: go on; else the exit status. */
static int
read_options(struct ask *k, int argc, char **argv, const char *usage)
{
	const char *name = argv[0];
	int c;

	while ((c = cli_getopt(argc, argv, "c:a:wh", long_options)) != -1) {
		switch (c) {
		case 'c':
			k->config_path = optarg;
			break;
		case 'a':
			k->address = optarg;
			break;
		case 'j':
			k->json = true;
			break;
		case 'w':
			k->watch = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_OK;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return cli_usage(
		    name, "%s: no arguments are taken", argv[optind]);
	return -1;
}

static int
ask_daemon(int argc, char **argv, const char *usage, int (*ask)(struct ask *k))
{
	struct ask k = { .config_path = DEFAULT_CONFIG };
	int status = read_options(&k, argc, argv, usage);

	if (status < 0)
		status = ask(&k);
	buf_release(&k.body);
	config_free(k.config);
	return status;
}

int
cmd_status(int argc, char **argv)
{
	return ask_daemon(argc, argv, status_help, run_status);
}

int
cmd_reload(int argc, char **argv)
{
	return ask_daemon(argc, argv, reload_help, run_reload);
}
