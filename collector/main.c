/*
 * main.c - stsentryd: the command line, and the last word on fatal errors.
 *
 * Everything else is in service.c, so that tests can link it.  Main thread.
 */
#include "config.h"

#include "collector/examine.h"
#include "collector/service.h"
#include "collector/version.h"
#include "lib/log.h"
#include "lib/sandbox.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DEFAULT_CONFIG SYSCONFDIR "/stsentry/stsentry.yaml"

enum { EXIT_LOST = 1, EXIT_CONFIG = 2 };

struct options {
	const char *config;
	bool test, json;
};

static void
usage(FILE *to)
{
	fputs(
	    "usage: stsentryd [-c FILE] [-t [--json]] [-f]\n"
	    "\n"
	    "Receives CloudTrail and GCP audit records and tells people of\n"
	    "unusual requests for temporary credentials.\n"
	    "\n"
	    "  -c, --config FILE  the configuration (default:\n"
	    "                     " DEFAULT_CONFIG ")\n"
	    "  -t, --test         check the configuration and all that it\n"
	    "                     names; bind and change nothing; a line for\n"
	    "                     each problem, and status 2\n"
	    "      --json         with -t: the problems as a JSON array\n"
	    "  -f, --foreground   accepted; it always stays in the foreground\n"
	    "  -h, --help         this\n"
	    "  -V, --version      version, compile options and libraries\n"
	    "\n"
	    "Signals: TERM and INT finish what is in flight and end; USR1\n"
	    "begins new output files; HUP does so and reads the configuration\n"
	    "again, whole or not at all.\n"
	    "Exit status: 0 it ran, 1 it ended before all was finished,\n"
	    "2 usage or configuration error.\n",
	    to);
}

static void
version(void)
{
	printf("stsentryd %s\n%s\nsandbox: %s\n", PACKAGE_VERSION, ST_OPTIONS,
	    sandbox_build());
	version_libraries(stdout);
}

/* Before "ready"; afterwards nothing ends us but our operator. */
__attribute__((noreturn)) static void
fatal(const struct err *e)
{
	char line[1024];

	fprintf(stderr, "%s\n", err_format(e, line, sizeof(line)));
	exit(EXIT_CONFIG);
}

static void
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:tfhV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 't':
			o->test = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'f':
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'V':
			version();
			exit(0);
		default:
			usage(stderr);
			exit(EXIT_CONFIG);
		}
	}
	if (optind < argc || (o->json && !o->test)) {
		fprintf(stderr, "stsentryd: %s\n",
		    optind < argc ? "there are no arguments but options"
				  : "--json is of -t");
		usage(stderr);
		exit(EXIT_CONFIG);
	}
}

/* Connections are what descriptors are for: take all we may have. */
static void
raise_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur == l.rlim_max)
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

/* Secrets of the configuration lie in memory: no core file, and no process of
 * the same user may look into ours. */
static void
hide_memory(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* What only a start would say, all of it once more, so that -t is never
 * kinder than a start. */
static void
try_start(const char *path, struct problems *all)
{
	struct service *service = NULL;
	struct err e = { .text = "" };

	if (service_new(path, PACKAGE_VERSION, &service, &e) < 0)
		problems_add(all, &e);
	service_free(service);
}

static int
test(const struct options *o)
{
	struct problems all = PROBLEMS_INIT;
	struct buf text = BUF_INIT;
	struct examined x;
	int status;

	examine(o->config, NULL, &all, &x);
	examine_release(&x);
	if (problems_count(&all) == 0)
		try_start(o->config, &all);
	status = problems_count(&all) ? EXIT_CONFIG : 0;
	if (o->json)
		problems_json(&all, &text);
	else if (status)
		problems_write(&all, &text);
	else
		buf_addf(&text, "%s is good\n", o->config);
	fprintf(status && !o->json ? stderr : stdout, "%.*s", (int)text.n,
	    text.p ? text.p : "");
	buf_release(&text);
	problems_release(&all);
	return status;
}

static int
serve(struct service *s)
{
	struct err e = { .text = "" };

	if (service_start(s, &e) < 0)
		fatal(&e);
	switch (service_run(s)) {
	case SERVICE_DONE:
		return 0;
	case SERVICE_LOST:
		return EXIT_LOST;
	default:
		_exit(EXIT_LOST);
	}
}

int
main(int argc, char **argv)
{
	struct options o = { .config = DEFAULT_CONFIG };
	struct service *service = NULL;
	struct err e = { .text = "" };
	int status;

	parse_options(argc, argv, &o);
	/* Where the journal stamps lines, a second stamp would be noise. */
	log_setup("stsentryd", LOG_L_INFO, !getenv("JOURNAL_STREAM"));
	signal(SIGPIPE, SIG_IGN);
	raise_descriptors();
	if (o.test)
		return test(&o);
	hide_memory();
	if (service_new(o.config, PACKAGE_VERSION, &service, &e) < 0)
		fatal(&e);
	status = serve(service);
	service_free(service);
	return status;
}
