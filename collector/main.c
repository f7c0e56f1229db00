/*
 * main.c - stsentryd: the command line, and the last word on fatal errors.
 *
 * Everything else is in service.c, so that tests can link it.  Main thread.
 */
#include "config.h"

#include "collector/service.h"
#include "geo/geo.h"
#include "lib/inflate.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/tls.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DEFAULT_CONFIG SYSCONFDIR "/stsentry/stsentry.yaml"

enum { EXIT_LOST = 1, EXIT_CONFIG = 2 };

struct options {
	const char *config;
	bool test;
};

static void
usage(FILE *to)
{
	fputs(
	    "usage: stsentryd [-c FILE] [-t] [-f]\n"
	    "\n"
	    "Receives CloudTrail and GCP audit records and tells people of\n"
	    "unusual requests for temporary credentials.\n"
	    "\n"
	    "  -c, --config FILE  the configuration (default:\n"
	    "                     " DEFAULT_CONFIG ")\n"
	    "  -t, --test         check the configuration and all that it\n"
	    "                     names; bind and change nothing\n"
	    "  -f, --foreground   accepted; it always stays in the foreground\n"
	    "  -h, --help         this\n"
	    "  -V, --version      version, compile options and libraries\n"
	    "\n"
	    "Signals: TERM and INT finish what is in flight and end; USR1 and\n"
	    "HUP begin new output files.\n"
	    "Exit status: 0 it ran, 1 it ended before all was finished,\n"
	    "2 usage or configuration error.\n",
	    to);
}

static void
version(void)
{
	printf("stsentryd %s\n%s\n%s, %s, %s, %s, %s, %s\n", PACKAGE_VERSION,
	    ST_OPTIONS, loop_library_version(), tls_library_version(),
	    json_backend(), inflate_library_versions(), geo_library_version(),
	    yaml_library_version());
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
	if (optind < argc) {
		fprintf(stderr, "stsentryd: %s is no option\n", argv[optind]);
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

/* What is only looked at with -t: files that would be missed later. */
static void
check_files(const struct config *c)
{
	struct buf lines = BUF_INIT;
	size_t n = config_check_files(c, &lines);

	if (lines.n > 0)
		fprintf(stderr, "%.*s", (int)lines.n, lines.p);
	buf_release(&lines);
	if (n > 0)
		exit(EXIT_CONFIG);
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
	struct options o = { DEFAULT_CONFIG, false };
	struct config *config = NULL;
	struct service *service = NULL;
	struct err e = { .text = "" };
	int status = 0;

	parse_options(argc, argv, &o);
	/* Where the journal stamps lines, a second stamp would be noise. */
	log_setup("stsentryd", LOG_L_INFO, !getenv("JOURNAL_STREAM"));
	signal(SIGPIPE, SIG_IGN);
	raise_descriptors();
	if (config_load(o.config, &config, &e) < 0)
		fatal(&e);
	if (o.test)
		check_files(config);
	if (service_new(config, PACKAGE_VERSION, &service, &e) < 0)
		fatal(&e);
	if (o.test)
		printf("%s is good\n", o.config);
	else
		status = serve(service);
	service_free(service);
	config_free(config);
	return status;
}
