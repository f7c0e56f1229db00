/*
 * scan.c - `stsentry scan`: files in, findings out.
 *
 * Options, and the line of rooms: input (threads) -> sorter (time) -> pipeline
 * (policy, verdict, findings) -> stdout and the decisions file.  Everything
 * behind the sorter runs on the main thread, so threads change nothing in the
 * output.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/seed.h"
#include "cli/sorter.h"
#include "cli/summary.h"
#include "collector/examine.h"
#include "collector/pipeline.h"
#include "conf/config.h"
#include "outputs/format/format.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GEO_MAX 16
#define OUT_FLUSH ((size_t)64 << 10)
#define STREAM_DUPLICATES 1000000
#define STATE_DUPLICATES 10000000

struct scan {
	/* options */
	const char *config_path, *policy_path, *decisions_path, *state;
	const char *geo[GEO_MAX];
	size_t n_geo;
	const struct format *format;
	struct when since, until, learn_until;
	bool stream, all_apis, keep_duplicates, lenient, quiet, no_color;
	int fail_on; /* enum severity, -1: never */
	unsigned threads;
	/* rooms */
	struct config *config;
	struct policy *policy;
	struct geo *places;
	struct api_choice apis;
	struct input *input;
	struct sorter *sorter;
	struct pipeline *pipeline;
	struct seed *seed; /* NULL: without --state */
	struct summary *summary;
	struct format_options text;
	struct buf out, decisions;
	FILE *decisions_file;
	bool any, write_failed, holds;
	struct progress progress;
	struct err *error; /* of the run */
	uint64_t skipped;  /* outside --since and --until */
};

static const char help[] =
    "usage: stsentry scan [OPTION]... PATH...\n"
    "\n"
    "Finds every request for a temporary cloud credential in files and directories\n"
    "(\"-\" is standard input), judges it, and prints what is not expected.\n"
    "gzip and zstd are undone; every wrapper is found by looking at the bytes.\n"
    "\n"
    "  -c, --config FILE       stsentry.yaml: policy, geo databases, apis, limits\n"
    "  -p, --policy FILE       policy.yaml\n"
    "      --geo FILE          a MaxMind DB; may be given several times\n"
    "      --format NAME       text (default), json, ocsf, ecs, cef, leef, csv\n"
    "      --decisions FILE    one JSON line for every token request (\"-\": stdout)\n"
    "      --since T, --until T  only requests from T on, and before T\n"
    "                          (2026-03-01, 2026-03-01T08:00:00Z)\n"
    "      --learn-until T     learn what is usual up to T, judge from T on\n"
    "                          (else: the first 14 days are for learning)\n"
    "      --state DIR         go on from what a daemon or a scan has learned, and\n"
    "                          leave there what is learned now\n"
    "      --stream            decide in the order of arrival, as the daemon does\n"
    "      --all-apis          also those that are off by default\n"
    "      --keep-duplicates   every copy of a record gets its line\n"
    "      --fail-on SEVERITY  exit with 1 if a finding is at least this severe\n"
    "      --lenient           exit with 0 even if some input could not be read\n"
    "      --threads N         default: one a core\n"
    "  -q, --quiet             no summary\n"
    "      --no-color          plain text (also: NO_COLOR)\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 1 --fail-on holds, 2 usage or configuration error,\n"
    "3 some input could not be read or parsed.\n";

/* ---- options --------------------------------------------------------------------- */

enum {
	O_GEO = 256,
	O_FORMAT,
	O_DECISIONS,
	O_SINCE,
	O_UNTIL,
	O_LEARN_UNTIL,
	O_STREAM,
	O_ALL_APIS,
	O_KEEP,
	O_FAIL_ON,
	O_LENIENT,
	O_THREADS,
	O_NO_COLOR,
	O_STATE,
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "policy", required_argument, NULL, 'p' },
	{ "geo", required_argument, NULL, O_GEO },
	{ "format", required_argument, NULL, O_FORMAT },
	{ "decisions", required_argument, NULL, O_DECISIONS },
	{ "since", required_argument, NULL, O_SINCE },
	{ "until", required_argument, NULL, O_UNTIL },
	{ "stream", no_argument, NULL, O_STREAM },
	{ "all-apis", no_argument, NULL, O_ALL_APIS },
	{ "keep-duplicates", no_argument, NULL, O_KEEP },
	{ "fail-on", required_argument, NULL, O_FAIL_ON },
	{ "lenient", no_argument, NULL, O_LENIENT },
	{ "threads", required_argument, NULL, O_THREADS },
	{ "quiet", no_argument, NULL, 'q' },
	{ "no-color", no_argument, NULL, O_NO_COLOR },
	{ "state", required_argument, NULL, O_STATE },
	{ "learn-until", required_argument, NULL, O_LEARN_UNTIL },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
take_threads(struct scan *s)
{
	char *end;
	long n = strtol(optarg, &end, 10);

	if (*end || end == optarg || n < 1 || n > INPUT_THREADS_MAX)
		return cli_usage("scan", "--threads %s: a number from 1 to %d",
		    optarg, INPUT_THREADS_MAX);
	s->threads = (unsigned)n;
	return 0;
}

static int
take_format(struct scan *s)
{
	const char *words[32];
	const char *near;
	size_t n = 0;

	s->format = format_find(slice_str(optarg));
	if (s->format)
		return 0;
	while (format_table[n] && n < 32) {
		words[n] = format_table[n]->name;
		n++;
	}
	near = schema_nearest(slice_str(optarg), words, n);
	return cli_usage("scan", "--format %s: no such format%s%s%s", optarg,
	    near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

static int
take_fail_on(struct scan *s)
{
	s->fail_on = severity_of(slice_str(optarg));
	if (s->fail_on >= 0)
		return 0;
	return cli_usage("scan",
	    "--fail-on %s: informational, low, medium, high or critical",
	    optarg);
}

static int
take_option(void *self, int c)
{
	struct scan *s = self;

	switch (c) {
	case 'c':
		s->config_path = optarg;
		return 0;
	case 'p':
		s->policy_path = optarg;
		return 0;
	case 'q':
		s->quiet = true;
		return 0;
	case O_GEO:
		if (s->n_geo == GEO_MAX)
			return cli_usage("scan", "more than %d --geo", GEO_MAX);
		s->geo[s->n_geo++] = optarg;
		return 0;
	case O_FORMAT:
		return take_format(s);
	case O_DECISIONS:
		s->decisions_path = optarg;
		return 0;
	case O_SINCE:
		return cli_time("scan", "since", optarg, &s->since);
	case O_UNTIL:
		return cli_time("scan", "until", optarg, &s->until);
	case O_STREAM:
		s->stream = true;
		return 0;
	case O_ALL_APIS:
		s->all_apis = true;
		return 0;
	case O_KEEP:
		s->keep_duplicates = true;
		return 0;
	case O_LEARN_UNTIL:
		return cli_time("scan", "learn-until", optarg, &s->learn_until);
	case O_FAIL_ON:
		return take_fail_on(s);
	case O_LENIENT:
		s->lenient = true;
		return 0;
	case O_THREADS:
		return take_threads(s);
	case O_NO_COLOR:
		s->no_color = true;
		return 0;
	case O_STATE:
		s->state = optarg;
		return 0;
	default:
		return EXIT_USAGE;
	}
}

/* 0, or an exit status; -1: help was asked for. */
static int
take_options(struct scan *s, int argc, char **argv)
{
	const struct cli_options o = { "c:p:qh", long_options, help,
		take_option };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int status;

	s->fail_on = -1;
	s->format = format_find(SLICE_LIT("text"));
	s->threads = cores < 1 ? 1 : cores > 16 ? 16 : (unsigned)cores;
	status = cli_options(&o, argc, argv, s);
	if (status < 0 && optind == argc)
		return cli_usage("scan", "no PATH; see stsentry scan --help");
	return status;
}

/* ---- output ------------------------------------------------------------------------- */

static void
flush_to(struct scan *s, struct buf *b, FILE *f)
{
	if (b->failed || (b->n && fwrite(b->p, 1, b->n, f) != b->n))
		s->write_failed = true;
	buf_reset(b);
}

static void
on_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct scan *s = arg;

	summary_decision(s->summary, r, v);
	if (!s->decisions_file)
		return;
	decision_write(r, v, group, &s->decisions);
	if (s->decisions.n >= OUT_FLUSH)
		flush_to(s, &s->decisions, s->decisions_file);
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct scan *s = arg;

	summary_finding(s->summary, f);
	if (s->fail_on >= 0 && (int)f->severity >= s->fail_on)
		s->holds = true;
	if (!s->any && s->format->head)
		s->format->head(&s->text, &s->out);
	s->any = true;
	s->format->finding(f, &s->text, &s->out);
	if (s->out.n >= OUT_FLUSH || s->text.color)
		flush_to(s, &s->out, stdout);
}

/* ---- input --------------------------------------------------------------------------- */

static void
on_note(void *arg, const char *line)
{
	struct scan *s = arg;

	progress_note(&s->progress, line);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total, uint64_t records)
{
	struct scan *s = arg;

	progress_show(&s->progress, done, total, "records", records);
}

static bool
wanted(const struct scan *s, const struct request *r)
{
	if (!s->since.valid && !s->until.valid)
		return true;
	if (!r->time.valid)
		return false;
	return (!s->since.valid || when_cmp(r->time, s->since) >= 0) &&
	    (!s->until.valid || when_cmp(r->time, s->until) < 0);
}

static int
on_request(void *arg, const struct request *r)
{
	struct scan *s = arg;
	int err;

	if (!wanted(s, r)) {
		s->skipped++;
		return 0;
	}
	err = pipeline_request(s->pipeline, r);
	if (err == 0 && s->seed)
		err = seed_step(s->seed, s->error);
	return err;
}

static int
on_requests(void *arg, struct slice packed, struct err *e)
{
	struct scan *s = arg;
	struct request r;
	size_t took;
	int err = 0;

	if (!s->stream)
		return sorter_add(s->sorter, packed, e);
	while (err == 0 && packed.n) {
		err = request_unpack(packed, &r, &took);
		if (err == 0)
			err = on_request(s, &r);
		packed = slice_of(packed.p + took, packed.n - took);
	}
	return err < 0 ? err_set(e, err, "%s", st_strerror(err)) : 0;
}

/* ---- rooms ------------------------------------------------------------------------------ */

static int
open_config(struct scan *s, struct err *e)
{
	struct geo_files files = { .databases = s->geo };
	int err = 0;

	api_choice_default(&s->apis);
	if (s->config_path) {
		err = config_load(s->config_path, &s->config, e);
		if (err < 0)
			return err;
		err = examine_apis(s->config, &s->apis, NULL, e);
		if (err < 0)
			return err;
		if (!s->policy_path)
			s->policy_path = s->config->policy;
		for (size_t i = 0; i < s->config->geo.databases.n; i++)
			if (s->n_geo < GEO_MAX)
				s->geo[s->n_geo++] =
				    s->config->geo.databases.v[i];
		files.ranges = s->config->geo.cloud_ranges.v;
		files.n_ranges = s->config->geo.cloud_ranges.n;
	}
	if (s->all_apis)
		api_choice_all(&s->apis);
	err = policy_load(s->policy_path, &s->policy, e);
	files.n_databases = s->n_geo;
	if (err == 0)
		err = geo_open_all(&files, &s->places, e);
	return err;
}

static int
open_decisions(struct scan *s, struct err *e)
{
	if (!s->decisions_path)
		return 0;
	if (strcmp(s->decisions_path, "-") == 0)
		s->decisions_file = stdout;
	else
		s->decisions_file = fopen(s->decisions_path, "we");
	if (!s->decisions_file)
		return err_sys(e, "cannot write %s", s->decisions_path);
	return 0;
}

/* The sorter finds copies within what was given; a state tells of more. */
static void
remember_records(const struct scan *s, struct pipeline_options *o)
{
	if (s->state) {
		o->duplicates_max = s->config ? (size_t)s->config->dedup.max
					      : STATE_DUPLICATES;
	} else if (s->stream) {
		o->duplicates_max = STREAM_DUPLICATES;
	}
}

static int
open_rooms(struct scan *s, struct err *e)
{
	struct input_options in = { 0 };
	struct input_calls in_calls = { on_requests, on_note, on_progress };
	struct sorter_options so = { 0, s->keep_duplicates, NULL };
	struct pipeline_options po = { 0 };
	struct baseline_options usual = baseline_options_of(s->config);
	struct pipeline_sink sink = { on_decision, on_finding };
	int err;

	in.threads = s->stream ? 1 : s->threads;
	in.apis = &s->apis;
	in.uses = true;
	in.geo = s->places;
	po.policy = s->policy;
	po.version = PACKAGE_VERSION;
	po.live = s->stream;
	usual.learn_until = s->learn_until;
	po.baseline = &usual;
	usual.kept = s->state != NULL;
	if (!s->keep_duplicates)
		remember_records(s, &po);
	s->input = input_new(&in, &in_calls, s);
	s->sorter = sorter_new(&so);
	s->pipeline = pipeline_new(&po, &sink, s);
	s->summary = summary_new();
	if (!s->input || !s->sorter || !s->pipeline || !s->summary)
		return err_set(e, ST_ENOMEM, "out of memory");
	s->text.color = !s->no_color && cli_color();
	s->text.width = cli_width();
	progress_init(&s->progress, s->quiet);
	if (s->state) {
		err = seed_open(s->state, s->pipeline, &s->seed, e);
		if (err < 0)
			return err;
	}
	return open_decisions(s, e);
}

static void
close_rooms(struct scan *s)
{
	if (s->decisions_file && s->decisions_file != stdout)
		fclose(s->decisions_file);
	seed_free(s->seed);
	pipeline_free(s->pipeline);
	sorter_free(s->sorter);
	input_free(s->input);
	summary_free(s->summary);
	policy_free(s->policy);
	geo_close(s->places);
	config_free(s->config);
	buf_release(&s->out);
	buf_release(&s->decisions);
}

static int
run(struct scan *s, char **paths, struct err *e)
{
	int err = 0;

	s->error = e;
	for (; err == 0 && *paths; paths++)
		err = input_add(s->input, *paths, e);
	if (err == 0)
		err = input_run(s->input, e);
	progress_clear(&s->progress);
	if (err == 0 && !s->stream) {
		err = sorter_run(s->sorter, on_request, s, e);
	}
	if (err == 0)
		err = pipeline_finish(s->pipeline);
	if (err == 0 && s->seed)
		err = seed_commit(s->seed, e);
	flush_to(s, &s->out, stdout);
	if (s->decisions_file) {
		flush_to(s, &s->decisions, s->decisions_file);
		s->write_failed |= fflush(s->decisions_file) != 0;
	}
	s->write_failed |= fflush(stdout) != 0;
	if (err == 0 && s->write_failed)
		err = err_sys(e, "cannot write the results");
	return err;
}

static void
print_summary(struct scan *s)
{
	struct summary_totals t = { .counts = input_counts(s->input),
		.files = input_files(s->input),
		.bytes = input_bytes(s->input),
		.unreadable = input_unreadable(s->input),
		.seconds = progress_seconds(&s->progress) };

	t.duplicates = pipeline_counts(s->pipeline)->duplicates +
	    sorter_duplicates(s->sorter);
	t.usual = pipeline_baseline_counts(s->pipeline);
	if (!s->quiet)
		summary_print(s->summary, &t, stderr);
}

int
cmd_scan(int argc, char **argv)
{
	struct scan s = { 0 };
	struct err e = { 0 };
	int status = take_options(&s, argc, argv), err;

	if (status >= 0)
		return status;
	status = EXIT_OK;
	err = open_config(&s, &e);
	if (err == 0)
		err = open_rooms(&s, &e);
	if (err < 0) {
		close_rooms(&s);
		return cli_error("scan", &e);
	}
	err = run(&s, argv + optind, &e);
	if (err < 0) {
		if (!e.text[0])
			err_set(&e, err, "%s", st_strerror(err));
		cli_error("scan", &e);
		status = EXIT_UNREADABLE;
	} else {
		print_summary(&s);
		if (input_unreadable(s.input) && !s.lenient)
			status = EXIT_UNREADABLE;
		if (s.holds)
			status = EXIT_HOLDS;
	}
	close_rooms(&s);
	return status;
}
