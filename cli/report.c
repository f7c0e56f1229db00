/*
 * report.c - `stsentry report`: what decisions and findings tell, for auditors.
 *
 * Options, files in, one report out.  Counting and drawing are report/'s
 * business.  Main thread.
 */
#include "config.h"

#include "cli/report.h"

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/records.h"
#include "report/format.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

struct report_run {
	struct report about;
	const struct report_format *format;
	struct period period;
	const char *output; /* NULL: standard output */
	const char *policy_path;
	struct gather *gather;
	struct policy *policy; /* NULL: none was given */
	struct allowed *allowed;
	struct records *records;
	struct progress progress;
};

static const char help[] =
    "usage: stsentry report [OPTION]... PATH...\n"
    "\n"
    "Tells what was requested, what was expected and what was not, from files\n"
    "of decisions and findings (what: decisions, format: json; the output of\n"
    "stsentry scan; also .gz and .zst) or the ledger of a state directory.\n"
    "PATH is a file, a directory, a state directory, or \"-\".\n"
    "\n"
    "  --from T           only what happened at T (a date or a time) or later\n"
    "  --to T             only what happened before T\n"
    "  -p, --policy FILE  tell what of it was used, what it approves, and who\n"
    "                     never asked\n"
    "  --format FORMAT    html (default), csv, json or navigator\n"
    "  --framework NAME@VERSION\n"
    "                     say which of its controls this supports; again for more\n"
    "  --section NAME     this section alone (csv: as a table of its own)\n"
    "  --title TEXT       the title\n"
    "  -o, --output FILE  write there instead of stdout\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 2 usage error, 3 some input could not be read.\n";

/* ---- options --------------------------------------------------------------------- */

enum { O_FROM = 256, O_TO, O_FORMAT, O_FRAMEWORK, O_SECTION, O_TITLE };

static const struct option long_options[] = {
	{ "from", required_argument, NULL, O_FROM },
	{ "to", required_argument, NULL, O_TO },
	{ "policy", required_argument, NULL, 'p' },
	{ "format", required_argument, NULL, O_FORMAT },
	{ "framework", required_argument, NULL, O_FRAMEWORK },
	{ "section", required_argument, NULL, O_SECTION },
	{ "title", required_argument, NULL, O_TITLE },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
take_format(struct report_run *r)
{
	r->format = report_format_find(slice_str(optarg));
	if (r->format)
		return 0;
	return cli_usage(
	    "report", "--format %s: html, csv, json or navigator", optarg);
}

static int
take_section(struct report_run *r)
{
	r->about.only = section_find(slice_str(optarg));
	if (r->about.only)
		return 0;
	fprintf(stderr, "stsentry report: --section %s: one of", optarg);
	for (size_t i = 0; i < section_count; i++)
		fprintf(stderr, " %s", sections[i].id);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

int
report_take_framework(const char *command, struct report *about)
{
	const struct framework *f = framework_find(slice_str(optarg));

	if (f && about->n_frameworks < REPORT_FRAMEWORKS_MAX) {
		about->frameworks[about->n_frameworks++] = f;
		return 0;
	}
	if (f)
		return cli_usage(
		    command, "more than %d frameworks", REPORT_FRAMEWORKS_MAX);
	fprintf(stderr, "stsentry %s: --framework %s: one of", command, optarg);
	for (size_t i = 0; (f = framework_at(i)); i++)
		fprintf(stderr, " %s", f->name);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static int
take_option(void *self, int c)
{
	struct report_run *r = self;

	switch (c) {
	case O_FROM:
		return cli_time("report", "from", optarg, &r->period.from);
	case O_TO:
		return cli_time("report", "to", optarg, &r->period.to);
	case O_FORMAT:
		return take_format(r);
	case O_FRAMEWORK:
		return report_take_framework("report", &r->about);
	case O_SECTION:
		return take_section(r);
	case O_TITLE:
		r->about.title = optarg;
		return 0;
	case 'p':
		r->policy_path = optarg;
		return 0;
	case 'o':
		r->output = optarg;
		return 0;
	default:
		return EXIT_USAGE;
	}
}

/* As cli_options(). */
static int
take_options(struct report_run *r, int argc, char **argv)
{
	const struct cli_options o = { "p:o:h", long_options, help,
		take_option };
	int status;

	r->format = &report_html;
	r->about.title = "Temporary cloud credentials";
	r->about.version = PACKAGE_VERSION;
	status = cli_options(&o, argc, argv, r);
	if (status < 0 && optind == argc)
		return cli_usage(
		    "report", "no PATH; see stsentry report --help");
	return status;
}

/* ---- reading --------------------------------------------------------------------- */

static int
on_line(void *arg, const struct record *record)
{
	struct report_run *r = arg;
	struct when at = WHEN_NONE;

	when_parse(record->at, &at);
	if (record->kind == RECORD_NOTE)
		return gather_note(r->gather, record->text, at);
	if (r->allowed && allowed_line(r->allowed, record->text) < 0)
		return ST_ENOMEM;
	return gather_line(r->gather, record->text, at);
}

static void
on_note(void *arg, const char *line)
{
	struct report_run *r = arg;

	progress_note(&r->progress, line);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	struct report_run *r = arg;

	progress_show(&r->progress, done, total, "lines", r->gather->lines);
}

static void
on_break(void *arg, const struct ledger_break *b)
{
	struct report_ledger *l = arg;

	if (!l->first_break[0])
		snprintf(l->first_break, sizeof(l->first_break),
		    "%s line %" PRIu64 ": %s", b->file[0] ? b->file : "state",
		    b->line, b->why);
}

int
report_verify_ledgers(char **paths, struct report *about, struct err *e)
{
	struct report_ledger *l;
	int err = 0;

	for (; err == 0 && *paths; paths++) {
		if (!records_is_ledger(*paths) ||
		    about->n_ledgers == REPORT_LEDGERS_MAX)
			continue;
		l = &about->ledgers[about->n_ledgers++];
		l->path = *paths;
		err = ledger_verify(*paths, on_break, l, &l->verdict, e);
	}
	return err;
}

static int
read_paths(struct report_run *r, char **paths, struct err *e)
{
	int err = 0;

	for (; err == 0 && *paths; paths++)
		err = records_add(r->records, *paths, e);
	if (err == 0)
		err = records_run(r->records, e);
	progress_clear(&r->progress);
	return err;
}

/* ---- all of it ---------------------------------------------------------------------- */

static int
emit(void *arg, struct slice piece, struct err *e)
{
	FILE *f = arg;

	if (fwrite(piece.p, 1, piece.n, f) == piece.n)
		return 0;
	return err_sys(e, "cannot write the report");
}

static int
write_report(struct report_run *r, const char *path, struct err *e)
{
	FILE *f = path ? fopen(path, "we") : stdout;
	struct report_out out = { .emit = emit, .arg = f };
	int err;

	if (!f)
		return err_sys(e, "cannot write %s", path);
	r->about.gathered = r->gather;
	r->about.allowed = r->allowed;
	err = report_write(r->format, &r->about, &out, e);
	if (fflush(f) != 0 && err == 0)
		err = err_sys(e, "cannot write the report");
	if (path)
		fclose(f);
	return err;
}

int
report_open_policy(const char *path, const struct period *period,
    struct policy **policy, struct allowed **allowed, struct err *e)
{
	int err = path ? policy_load(path, policy, e) : 0;

	if (err < 0 || !path)
		return err;
	*allowed = allowed_new(*policy, period);
	return *allowed ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static int
run(struct report_run *r, char **paths, const char *output, struct err *e)
{
	struct records_calls calls = { NULL, on_note, on_progress };
	int err;

	r->gather = gather_new(r->period);
	r->records = records_new(&calls, r);
	if (!r->gather || !r->records)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = report_open_policy(
	    r->policy_path, &r->period, &r->policy, &r->allowed, e);
	if (err < 0)
		return err;
	records_unread(r->records, on_line);
	progress_init(&r->progress, false);
	err = read_paths(r, paths, e);
	if (err < 0)
		return err;
	err = report_verify_ledgers(paths, &r->about, e);
	if (err < 0)
		return err;
	gather_finish(r->gather);
	return write_report(r, output, e);
}

int
cmd_report(int argc, char **argv)
{
	struct report_run r = { 0 };
	struct err e = { 0 };
	int status = take_options(&r, argc, argv);

	if (status >= 0)
		return status;
	status = EXIT_OK;
	if (run(&r, argv + optind, r.output, &e) < 0)
		status = cli_error("report", &e);
	else if (!records_all_read(r.records))
		status = EXIT_UNREADABLE;
	gather_free(r.gather);
	allowed_free(r.allowed);
	policy_free(r.policy);
	records_free(r.records);
	return status;
}
