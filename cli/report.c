/*
 * report.c - `stsentry report`: what decisions and findings tell, for auditors.
 *
 * Options, files in, one report out.  Counting and drawing are report/'s
 * business.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/walk.h"
#include "lib/inflate.h"
#include "lib/jsonw.h"
#include "report/format.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_SIZE 65536
#define LINE_MAX_BYTES ((size_t)16 << 20)

struct report_run {
	struct report about;
	const struct report_format *format;
	struct when from, to;
	struct gather *gather;
	struct inflate *inflate;
	struct buf line; /* what of a line has been read */
	uint64_t unreadable;
	int err;
};

static const char help[] =
    "usage: stsentry report [OPTION]... PATH...\n"
    "\n"
    "Tells what was requested, what was expected and what was not, from files\n"
    "of decisions and findings (what: decisions, format: json; the output of\n"
    "stsentry scan; also .gz and .zst) or the ledger of a state directory.\n"
    "PATH is a file, a directory, or \"-\".\n"
    "\n"
    "  --from T           only what happened at T (a date or a time) or later\n"
    "  --to T             only what happened before T\n"
    "  --format FORMAT    html (default), csv, json or navigator\n"
    "  --section NAME     this section alone (csv: as a table of its own)\n"
    "  --title TEXT       the title\n"
    "  -o, --output FILE  write there instead of stdout\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 2 usage error, 3 some input could not be read.\n";

/* ---- options --------------------------------------------------------------------- */

enum { O_FROM = 256, O_TO, O_FORMAT, O_SECTION, O_TITLE };

static const struct option long_options[] = {
	{ "from", required_argument, NULL, O_FROM },
	{ "to", required_argument, NULL, O_TO },
	{ "format", required_argument, NULL, O_FORMAT },
	{ "section", required_argument, NULL, O_SECTION },
	{ "title", required_argument, NULL, O_TITLE },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
take_time(const char *option, struct when *result)
{
	if (when_parse(slice_str(optarg), result))
		return 0;
	return cli_usage("report",
	    "--%s %s: no time, as 2026-03-01 or 2026-03-01T08:00:00Z", option,
	    optarg);
}

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

static int
take_option(struct report_run *r, int c, const char **path)
{
	switch (c) {
	case O_FROM:
		return take_time("from", &r->from);
	case O_TO:
		return take_time("to", &r->to);
	case O_FORMAT:
		return take_format(r);
	case O_SECTION:
		return take_section(r);
	case O_TITLE:
		r->about.title = optarg;
		return 0;
	case 'o':
		*path = optarg;
		return 0;
	default:
		return EXIT_USAGE;
	}
}

/* 0, or an exit status; -1: help was asked for. */
static int
take_options(struct report_run *r, int argc, char **argv, const char **path)
{
	int c, status;

	r->format = &report_html;
	r->about.title = "Temporary cloud credentials";
	r->about.version = PACKAGE_VERSION;
	while ((c = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
		if (c == 'h')
			return -1;
		status = take_option(r, c, path);
		if (status)
			return status;
	}
	if (optind == argc)
		return cli_usage(
		    "report", "no PATH; see stsentry report --help");
	return 0;
}

/* ---- reading --------------------------------------------------------------------- */

/* Whole lines go on, what is left waits for the rest of it. */
static int
on_bytes(void *arg, const char *p, size_t n)
{
	struct report_run *r = arg;
	const char *end = p + n, *lf;
	int err = 0;

	while (err == 0 && (lf = memchr(p, '\n', (size_t)(end - p)))) {
		struct slice line = slice_of(p, (size_t)(lf - p));

		if (r->line.n) {
			buf_add_slice(&r->line, line);
			line = buf_slice(&r->line);
		}
		err = r->line.failed ? ST_ENOMEM : gather_line(r->gather, line);
		buf_reset(&r->line);
		p = lf + 1;
	}
	if (err == 0 && r->line.n + (size_t)(end - p) > LINE_MAX_BYTES)
		return ST_ELIMIT;
	buf_add(&r->line, p, (size_t)(end - p));
	return r->line.failed ? ST_ENOMEM : err;
}

static int
read_all(struct report_run *r, int fd, struct err *e)
{
	char bytes[READ_SIZE];
	ssize_t n;
	int err = 0;

	while (err == 0 && (n = read(fd, bytes, sizeof(bytes))) != 0) {
		if (n < 0)
			return err_sys(e, "cannot read");
		err = inflate_feed(
		    r->inflate, bytes, (size_t)n, on_bytes, r, e);
	}
	if (err == 0)
		err = inflate_finish(r->inflate, on_bytes, r, e);
	if (err == 0)
		err = gather_line(r->gather, buf_slice(&r->line));
	return err;
}

static void
say_unreadable(void *arg, const char *path, const char *why)
{
	struct report_run *r = arg;
	struct buf b = BUF_INIT;

	jsonw_escape(&b, slice_str(path));
	fprintf(stderr, "stsentry report: %.*s: %s\n", (int)b.n, b.p ? b.p : "",
	    why);
	buf_release(&b);
	r->unreadable++;
}

static int
on_file(void *arg, const char *path, uint64_t size)
{
	struct report_run *r = arg;
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct err e = { 0 };
	int err;

	(void)size;
	inflate_reset(r->inflate);
	buf_reset(&r->line);
	err = fd < 0 ? err_sys(&e, "cannot open") : read_all(r, fd, &e);
	if (fd >= 0 && !is_stdin)
		close(fd);
	if (err < 0)
		say_unreadable(r, path, e.text[0] ? e.text : st_strerror(err));
	return err == ST_ENOMEM ? err : 0;
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
	err = report_write(r->format, &r->about, &out, e);
	if (fflush(f) != 0 && err == 0)
		err = err_sys(e, "cannot write the report");
	if (path)
		fclose(f);
	return err;
}

static int
run(struct report_run *r, char **paths, const char *output, struct err *e)
{
	int err = 0;

	r->gather = gather_new(r->from, r->to);
	r->inflate = inflate_new(&(struct inflate_limits){ UINT64_MAX, 0 });
	if (!r->gather || !r->inflate)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (; err == 0 && *paths; paths++)
		err = walk(*paths, on_file, say_unreadable, r);
	if (err < 0)
		return err_set(e, err, "%s", st_strerror(err));
	gather_finish(r->gather);
	return write_report(r, output, e);
}

int
cmd_report(int argc, char **argv)
{
	struct report_run r = { 0 };
	const char *output = NULL;
	struct err e = { 0 };
	int status = take_options(&r, argc, argv, &output);

	if (status < 0)
		fputs(help, stdout);
	if (status)
		return status < 0 ? EXIT_OK : status;
	if (run(&r, argv + optind, output, &e) < 0)
		status = cli_error("report", &e);
	else if (r.unreadable || r.gather->unreadable)
		status = EXIT_UNREADABLE;
	gather_free(r.gather);
	inflate_free(r.inflate);
	buf_release(&r.line);
	return status;
}
