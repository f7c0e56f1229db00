/*
 * convert.c - `stsentry convert`: native JSON findings in another format.
 *
 * Reads files of one finding, or of one finding a line, and writes them to
 * stdout.  Knows files, options and exit statuses; what a finding is and how
 * it is written is outputs/format's business.  One thread.
 */
#include "cli/cli.h"
#include "conf/schema.h"
#include "lib/json.h"
#include "outputs/format/format.h"
#include "outputs/format/parse.h"
#include "outputs/preset.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CONVERT_FILE_MAX ((size_t)1 << 30)
#define CONVERT_CHUNK 65536
#define FORMATS_MAX 32

enum { OPT_NO_COLOR = 256, OPT_LENIENT, OPT_RAW, OPT_WIDTH, OPT_PRESET };

struct convert {
	const struct format *format;
	struct preset *preset; /* instead of a format */
	struct format_options options;
	struct arena arena;
	struct buf out;
	bool lenient;
	bool bad_input, bad_output;
};

static const char usage_text[] =
    "usage: stsentry convert [OPTION]... [FINDING.json]...\n"
    "\n"
    "Write findings in native JSON in another format. A file holds one\n"
    "finding, or one a line; `-` or no file is standard input.\n"
    "\n"
    "  -f, --format F    the format, `text` if not given:\n";

static const char usage_more[] =
    "      --preset P    the body that a webhook output of this preset sends:\n"
    "                    a shipped name (slack, jira, ...) or a YAML file\n"
    "      --raw         keep the raw record where the finding carries it\n"
    "      --width N     text: columns of a line, 100 if not given\n"
    "      --no-color    text: no colours (also by NO_COLOR)\n"
    "      --lenient     exit 0 even if some input could not be read\n"
    "  -h, --help        this text\n"
    "\n"
    "Exit status: 0 it ran, 2 usage error, 3 some input could not be read.\n";

static void
usage(FILE *to)
{
	fputs(usage_text, to);
	for (size_t i = 0; format_table[i]; i++)
		fprintf(to, "                      %-5s %s\n",
		    format_table[i]->name, format_table[i]->help);
	fputs(usage_more, to);
}

static int
unknown_format(const char *name)
{
	const char *words[FORMATS_MAX], *near;
	size_t n = 0;

	for (; format_table[n] && n < FORMATS_MAX; n++)
		words[n] = format_table[n]->name;
	near = schema_nearest(slice_str(name), words, n);
	fprintf(stderr, "stsentry convert: there is no format \"%s\"", name);
	if (near)
		fprintf(stderr, ", did you mean \"%s\"?", near);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static void
complain(struct convert *c, const char *path, size_t line, const char *text)
{
	if (line)
		fprintf(stderr, "%s:%zu: %s\n", path, line, text);
	else
		fprintf(stderr, "%s: %s\n", path, text);
	c->bad_input = true;
}

static void
flush(struct convert *c)
{
	if (c->out.failed ||
	    (c->out.n && fwrite(c->out.p, 1, c->out.n, stdout) != c->out.n))
		c->bad_output = true;
	buf_reset(&c->out);
}

/* The body as it would be sent; secrets are words, not the real ones. */
static void
preset_one(struct convert *c, struct slice text, const char *path, size_t line)
{
	static const struct template_var vars[] = {
		{ "url", SLICE_LIT("https://service.example") },
		{ "token", SLICE_LIT("TOKEN") },
		{ "host", SLICE_LIT("HOST") },
		{ NULL, { NULL, 0 } },
	};
	const struct template_var *all = preset_vars(
	    c->preset, vars, &c->arena);
	struct err e = { .text = "out of memory" };

	if (!all ||
	    preset_body(c->preset, &text, 1, all, &c->out, NULL, &e) < 0)
		complain(c, path, line, e.text);
	else if (c->out.n && c->out.p[c->out.n - 1] != '\n')
		buf_addc(&c->out, '\n');
	flush(c);
}

static void
convert_one(struct convert *c, struct slice text, const char *path, size_t line)
{
	struct finding *f;
	struct err e;

	arena_reset(&c->arena);
	f = arena_alloc(&c->arena, sizeof(*f));
	if (!f) {
		complain(c, path, line, st_strerror(ST_ENOMEM));
		return;
	}
	if (finding_parse(text, &c->arena, f, &e) < 0) {
		complain(c, path, line, e.text);
		return;
	}
	if (c->preset) {
		preset_one(c, text, path, line);
		return;
	}
	c->format->finding(f, &c->options, &c->out);
	flush(c);
}

static struct slice
first_line(struct slice text)
{
	const char *lf = text.n ? memchr(text.p, '\n', text.n) : NULL;

	return lf ? slice_of(text.p, (size_t)(lf - text.p)) : text;
}

static bool
is_blank(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr(" \t\r\n", s.p[i]) || !s.p[i])
			return false;
	return true;
}

/* One finding may be written over many lines: then the first line alone is
 * no JSON. */
static bool
is_one_a_line(struct slice text)
{
	struct slice line = first_line(text);
	struct json_reader r;
	bool yes;

	if (line.n == text.n)
		return false;
	json_reader_init(&r);
	yes = json_parse(&r, line, NULL) != NULL;
	json_reader_release(&r);
	return yes;
}

static void
convert_lines(struct convert *c, struct slice text, const char *path)
{
	struct slice line;

	for (size_t n = 1; text.n; n++) {
		line = first_line(text);
		if (!is_blank(line))
			convert_one(c, line, path, n);
		if (line.n == text.n)
			break;
		text = slice_of(line.p + line.n + 1, text.n - line.n - 1);
	}
}

static int
read_all(FILE *f, struct buf *text)
{
	size_t n;

	while (text->n < CONVERT_FILE_MAX && buf_reserve(text, CONVERT_CHUNK)) {
		n = fread(text->p + text->n, 1, CONVERT_CHUNK, f);
		text->n += n;
		if (n < CONVERT_CHUNK)
			return ferror(f) ? -1 : 0;
	}
	errno = text->failed ? ENOMEM : EFBIG;
	return -1;
}

static void
convert_file(struct convert *c, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	struct buf text = BUF_INIT;

	if (!f || read_all(f, &text) < 0)
		complain(c, path, 0, strerror(errno));
	else if (is_blank(buf_slice(&text)))
		complain(c, path, 0, "is empty");
	else if (is_one_a_line(buf_slice(&text)))
		convert_lines(c, buf_slice(&text), path);
	else
		convert_one(c, buf_slice(&text), path, 0);
	if (f && !is_stdin)
		fclose(f);
	buf_release(&text);
}

static int
set_width(struct convert *c, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || !*text || n < 1 || n > 10000) {
		fprintf(stderr,
		    "stsentry convert: --width takes a number, not \"%s\"\n",
		    text);
		return EXIT_USAGE;
	}
	c->options.width = (unsigned)n;
	return EXIT_OK;
}

static int
set_preset(struct convert *c, const char *name)
{
	struct err e = { .text = "" };
	char place[512];

	preset_free(c->preset);
	c->preset = NULL;
	if (preset_load(name, &c->preset, &e) == 0)
		return EXIT_OK;
	fprintf(stderr, "stsentry convert: %s\n",
	    err_format(&e, place, sizeof(place)));
	return EXIT_USAGE;
}

static int
take_option(struct convert *c, int option)
{
	switch (option) {
	case 'f':
		c->format = format_find(slice_str(optarg));
		return c->format ? EXIT_OK : unknown_format(optarg);
	case OPT_NO_COLOR:
		c->options.color = false;
		return EXIT_OK;
	case OPT_LENIENT:
		c->lenient = true;
		return EXIT_OK;
	case OPT_RAW:
		c->options.raw = true;
		return EXIT_OK;
	case OPT_WIDTH:
		return set_width(c, optarg);
	case OPT_PRESET:
		return set_preset(c, optarg);
	default:
		fputs("Try `stsentry convert --help`.\n", stderr);
		return EXIT_USAGE;
	}
}

/* 0 to go on, 1 where only the help was asked for, else the exit status. */
static int
take_options(struct convert *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "preset", required_argument, NULL, OPT_PRESET },
		{ "raw", no_argument, NULL, OPT_RAW },
		{ "width", required_argument, NULL, OPT_WIDTH },
		{ "no-color", no_argument, NULL, OPT_NO_COLOR },
		{ "lenient", no_argument, NULL, OPT_LENIENT },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status;

	optind = 0; /* the main program has used getopt before us */
	while ((option = cli_getopt(argc, argv, "f:h", options)) != -1) {
		if (option == 'h') {
			usage(stdout);
			return 1;
		}
		status = take_option(c, option);
		if (status != EXIT_OK)
			return status;
	}
	return 0;
}

static int
finish(struct convert *c)
{
	if (fflush(stdout) != 0)
		c->bad_output = true;
	if (c->bad_output) {
		fprintf(stderr, "stsentry convert: cannot write: %s\n",
		    strerror(errno));
		return EXIT_UNREADABLE;
	}
	return c->bad_input && !c->lenient ? EXIT_UNREADABLE : EXIT_OK;
}

int
cmd_convert(int argc, char **argv)
{
	struct convert c = { .out = BUF_INIT };
	int status;

	c.format = format_find(SLICE_LIT("text"));
	c.options.color = cli_color();
	status = take_options(&c, argc, argv);
	if (status) {
		preset_free(c.preset);
		return status == 1 ? EXIT_OK : status;
	}
	arena_init(&c.arena, 4096);
	if (c.format->head && !c.preset)
		c.format->head(&c.options, &c.out);
	flush(&c);
	if (optind == argc)
		convert_file(&c, "-");
	for (int i = optind; i < argc; i++)
		convert_file(&c, argv[i]);
	status = finish(&c);
	preset_free(c.preset);
	buf_release(&c.out);
	arena_release(&c.arena);
	return status;
}
