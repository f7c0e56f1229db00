/*
 * daemon.c - `stsentry status` and `stsentry reload`: a running daemon.
 *
 * Asks its admin endpoint and prints what it says for a person; tells it to
 * read its configuration again and waits for what comes of it.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"

#include "conf/address.h"
#include "conf/config.h"
#include "lib/fetch.h"
#include "lib/json.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_CONFIG SYSCONFDIR "/stsentry/stsentry.yaml"
#define NAME_WIDTH 28

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

/* ---- for a person -------------------------------------------------------- */

static int64_t
number(const struct json *o, const char *name)
{
	int64_t n = 0;

	json_int(json_get(o, name), &n);
	return n;
}

static int
width(struct slice s)
{
	return s.n > 4096 ? 4096 : (int)s.n;
}

static void
print_books(const struct json *b)
{
	printf("records    %" PRId64 " received = %" PRId64
	       " token requests + %" PRId64 " uses + %" PRId64
	       " other + %" PRId64 " duplicates + %" PRId64
	       " rejected + %" PRId64 " in flight\n",
	    number(b, "received"), number(b, "token_requests"),
	    number(b, "uses"), number(b, "other"), number(b, "duplicates"),
	    number(b, "rejected"), number(b, "in_flight"));
}

static void
print_seconds(const char *word, const struct json *v)
{
	if (json_type(v) == JSON_NUMBER)
		printf("%s%.3f s", word, json_real(v));
}

static void
print_rejected(const struct json *by)
{
	struct json_iter at = { 0 };
	struct slice name;
	const struct json *v;

	while ((v = json_next(by, &at, &name)))
		printf(", %.0f %.*s", json_real(v), width(name), name.p);
}

static void
print_input(struct slice name, const struct json *in)
{
	printf("input      %-*.*s %" PRId64 " records, %" PRId64
	       " token requests",
	    NAME_WIDTH, width(name), name.p, number(in, "received"),
	    number(in, "token_requests"));
	if (number(in, "connections") > 0)
		printf(", %" PRId64 " connections", number(in, "connections"));
	print_rejected(json_get(in, "rejected"));
	print_seconds("; lag p50 ", json_path(in, "lag_seconds.p50"));
	print_seconds(", p99 ", json_path(in, "lag_seconds.p99"));
	print_seconds("; silent for ", json_get(in, "silent_seconds"));
	putchar('\n');
}

static void
print_output(struct slice name, const struct json *o)
{
	struct slice state = json_text(json_get(o, "state"));

	printf("output     %-*.*s %" PRId64 " made, %" PRId64
	       " delivered, %" PRId64 " queued, %" PRId64 " dead: %.*s\n",
	    NAME_WIDTH, width(name), name.p, number(o, "made"),
	    number(o, "delivered"), number(o, "queued"), number(o, "dead"),
	    width(state), state.p);
}

static void
print_state(const struct json *s)
{
	struct slice dir = json_text(json_get(s, "dir"));

	if (json_type(s) != JSON_OBJECT) {
		puts("state      none: nothing survives a restart");
		return;
	}
	printf("state      %.*s: %" PRId64 " KiB, ledger %" PRId64 " lines%s\n",
	    width(dir), dir.p, number(s, "state_bytes") / 1024,
	    number(s, "ledger_lines"),
	    json_true(json_get(s, "stuck")) ? "; CANNOT BE WRITTEN" : "");
}

static void
print_each(const struct json *all,
    void (*print)(struct slice name, const struct json *one))
{
	struct json_iter at = { 0 };
	struct slice name;
	const struct json *v;

	while ((v = json_next(all, &at, &name)))
		print(name, v);
}

static void
print_status(const struct json *s)
{
	struct slice version = json_text(json_get(s, "version"));
	struct slice started = json_text(json_get(s, "started"));
	struct json_iter at = { 0 };
	const struct json *reason;

	printf("stsentryd  %.*s, %s, generation %" PRId64
	       ", started %.*s, %" PRId64 " MiB\n",
	    width(version), version.p,
	    json_true(json_get(s, "ready")) ? "ready" : "NOT READY",
	    number(s, "generation"), width(started), started.p,
	    number(s, "resident_bytes") >> 20);
	while ((reason = json_next(json_get(s, "reasons"), &at, NULL))) {
		struct slice text = json_text(reason);

		printf("not well   %.*s\n", width(text), text.p);
	}
	print_books(json_get(s, "books"));
	print_each(json_get(s, "inputs"), print_input);
	print_each(json_get(s, "outputs"), print_output);
	print_state(json_get(s, "state"));
}

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
			print_status(s);
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
		snprintf(seen->error, sizeof(seen->error), "%.*s", width(why),
		    why.p ? why.p : "");
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

	while (
	    (c = getopt_long(argc, argv, "c:a:wh", long_options, NULL)) != -1) {
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
