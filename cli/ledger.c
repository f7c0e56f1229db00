/*
 * ledger.c - `stsentry ledger`: is it as it was written, and what is in it.
 *
 * Options and words; walking and checking are store/'s business.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/history.h"
#include "lib/hash.h"
#include "lib/jsonw.h"
#include "store/line.h"
#include "store/verify.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: stsentry ledger verify [OPTION]...\n"
    "       stsentry ledger show [OPTION]...\n"
    "       stsentry ledger export [OPTION]...\n"
    "\n"
    "The ledger is what the daemon keeps of every decision and finding, in\n"
    "lines of which each carries the hash of the one before.\n"
    "\n"
    "  verify  reads all of it, and names the day and line of each break of the\n"
    "          chain, also where its end or its beginning is missing\n"
    "  show    a line for a person: when, which number, what\n"
    "  export  the lines as they stand, unpacked and in order\n"
    "\n"
    "  -c, --config FILE  whose state folder (" HISTORY_CONFIG ")\n"
    "      --state DIR    the state folder, or the folder of a ledger alone\n"
    "      --json         verify, show: JSON, for scripts\n"
    "      --kind KIND    show, export: only decision, finding or note\n"
    "      --since T      show, export: only what was written at T or later\n"
    "      --until T      show, export: only what was written before T\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 all is well, 1 verify found a break, 2 usage error,\n"
    "3 there is no ledger, or some of it could not be read.\n";

struct ledger_run {
	const char *config, *state;
	bool json;
	const char *kind; /* NULL: all */
	struct when since, until;
	struct config *loaded;
	struct jsonw breaks; /* verify --json */
	struct buf text;
	bool failed; /* nobody reads any more, or some is damaged */
};

/* ---- verify ---- */

static void
member_day(struct jsonw *j, const char *file)
{
	const char *end = strchr(file, '.');

	jsonw_member_str(j, "file", *file ? file : NULL);
	jsonw_member(
	    j, "day", end ? slice_of(file, (size_t)(end - file)) : SLICE_NULL);
}

static void
json_break(struct ledger_run *r, const struct ledger_break *b)
{
	struct jsonw *j = &r->breaks;

	jsonw_object(j);
	member_day(j, b->file);
	jsonw_member_int(j, "line", (int64_t)b->line);
	jsonw_member_int(j, "seq", (int64_t)b->seq);
	jsonw_member_str(j, "why", b->why);
	jsonw_end(j);
}

static void
on_break(void *arg, const struct ledger_break *b)
{
	struct ledger_run *r = arg;

	if (r->json)
		json_break(r, b);
	else if (b->file[0])
		printf("%s: line %" PRIu64 ": %s\n", b->file, b->line, b->why);
	else
		printf("the ledger: %s\n", b->why);
}

static void
say_verdict(const struct ledger_verdict *v, const char *head)
{
	printf("%" PRIu64 " lines in %" PRIu64 " files, from %s to %s\n",
	    v->lines, v->files.files, v->from, v->to);
	printf("lines %" PRIu64 " to %" PRIu64 ", the last one's hash is %s\n",
	    v->first, v->last, head);
	if (v->files.aside > 0)
		printf("%" PRIu64 " damaged files were set aside\n",
		    v->files.aside);
	if (!v->has_state)
		printf("there is no state beside it: its beginning and its "
		       "end were not compared\n");
	if (v->breaks > 0)
		printf("%" PRIu64 " breaks\n", v->breaks);
	else
		printf("no break\n");
}

static void
json_verdict(
    struct ledger_run *r, const struct ledger_verdict *v, const char *head)
{
	struct jsonw *j = &r->breaks;

	jsonw_end(j);
	jsonw_member_int(j, "files", (int64_t)v->files.files);
	jsonw_member_int(j, "bytes", (int64_t)v->files.bytes);
	jsonw_member_int(j, "set_aside", (int64_t)v->files.aside);
	jsonw_member_int(j, "lines", (int64_t)v->lines);
	jsonw_member_int(j, "first_seq", (int64_t)v->first);
	jsonw_member_int(j, "last_seq", (int64_t)v->last);
	jsonw_member_str(j, "last_hash", head);
	jsonw_member_str(j, "from", v->from);
	jsonw_member_str(j, "to", v->to);
	jsonw_key(j, "state");
	jsonw_bool(j, v->has_state);
	jsonw_key(j, "intact");
	jsonw_bool(j, v->breaks == 0);
	jsonw_end(j);
	if (!r->text.failed)
		printf("%.*s\n", (int)r->text.n, r->text.p);
}

static int
run_verify(struct ledger_run *r, struct err *e)
{
	struct ledger_verdict v;
	char head[SHA256_HEX];
	int err;

	jsonw_init(&r->breaks, &r->text);
	jsonw_object(&r->breaks);
	jsonw_key(&r->breaks, "breaks");
	jsonw_array(&r->breaks);
	err = ledger_verify(r->state, on_break, r, &v, e);
	if (err < 0)
		return err;
	hash_hex(v.head, SHA256_SIZE, head);
	if (r->json)
		json_verdict(r, &v, head);
	else
		say_verdict(&v, head);
	return v.breaks > 0 ? EXIT_HOLDS : EXIT_OK;
}

/* ---- show, export ---- */

static bool
is_wanted(const struct ledger_run *r, const struct line *l)
{
	return (!r->kind || slice_is(l->kind, r->kind)) &&
	    (!r->since.valid || when_cmp(l->at, r->since) >= 0) &&
	    (!r->until.valid || when_cmp(l->at, r->until) < 0);
}

static int
put(struct ledger_run *r, struct slice text)
{
	r->failed = fwrite(text.p, 1, text.n, stdout) != text.n;
	return r->failed ? ST_ESTOPPED : 0;
}

/* ST_EFORMAT: none of ours, which verify tells. */
static int
read_line(struct ledger_run *r, struct slice text, struct line *l)
{
	if (!line_parse(slice_of(text.p, text.n - 1), l)) {
		r->failed = true;
		return ST_EFORMAT;
	}
	return is_wanted(r, l) ? 0 : ST_ENOENT;
}

static int
export_line(void *arg, const struct ledger_place *at, struct slice text)
{
	struct line l;

	(void)at;
	return read_line(arg, text, &l) == 0 ? put(arg, text) : 0;
}

static int
show_line(void *arg, const struct ledger_place *at, struct slice text)
{
	struct ledger_run *r = arg;
	struct line l;

	(void)at;
	if (read_line(r, text, &l) < 0)
		return 0;
	if (r->json)
		return put(r, text);
	buf_reset(&r->text);
	buf_addf(&r->text, "%.*s %" PRIu64 " %.*s ", SLICE_ARG(l.at_text),
	    l.seq, SLICE_ARG(l.kind));
	buf_add_slice(&r->text, l.data);
	buf_addc(&r->text, '\n');
	return r->text.failed ? ST_ENOMEM : put(r, buf_slice(&r->text));
}

static void
on_damage(void *arg, const struct ledger_place *at, const char *why)
{
	struct ledger_run *r = arg;

	r->failed = true;
	fprintf(stderr, "stsentry ledger: %s: line %" PRIu64 ": %s\n", at->file,
	    at->line, why);
}

static int
run_walk(struct ledger_run *r,
    int (*line)(void *arg, const struct ledger_place *at, struct slice text),
    struct err *e)
{
	struct ledger_walk w = {
		.since = r->since, .line = line, .damage = on_damage
	};
	struct ledger_files files;
	int err = ledger_walk(r->state, &w, r, &files, e);

	if (err < 0 && err != ST_ESTOPPED)
		return err;
	return r->failed ? EXIT_UNREADABLE : EXIT_OK;
}

static int
run_show(struct ledger_run *r, struct err *e)
{
	return run_walk(r, show_line, e);
}

static int
run_export(struct ledger_run *r, struct err *e)
{
	return run_walk(r, export_line, e);
}

/* ---- options ---- */

enum { O_STATE = 256, O_JSON, O_KIND, O_SINCE, O_UNTIL };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "state", required_argument, NULL, O_STATE },
	{ "json", no_argument, NULL, O_JSON },
	{ "kind", required_argument, NULL, O_KIND },
	{ "since", required_argument, NULL, O_SINCE },
	{ "until", required_argument, NULL, O_UNTIL },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const struct {
	const char *name;
	int (*run)(struct ledger_run *r, struct err *e);
} verbs[] = { { "verify", run_verify }, { "show", run_show },
	{ "export", run_export } };
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
take_kind(struct ledger_run *r)
{
	r->kind = optarg;
	for (int k = LINE_DECISION; k <= LINE_NOTE; k++)
		if (strcmp(optarg, store_kind_name((enum store_kind)k)) == 0)
			return EXIT_OK;
	return cli_usage(
	    "ledger", "--kind %s: decision, finding or note", optarg);
}

static int
take_option(void *self, int c)
{
	struct ledger_run *r = self;

	switch (c) {
	case 'c':
		r->config = optarg;
		return EXIT_OK;
	case O_STATE:
		r->state = optarg;
		return EXIT_OK;
	case O_JSON:
		r->json = true;
		return EXIT_OK;
	case O_KIND:
		return take_kind(r);
	case O_SINCE:
		return cli_time("ledger", "since", optarg, &r->since);
	case O_UNTIL:
		return cli_time("ledger", "until", optarg, &r->until);
	default:
		return EXIT_USAGE;
	}
}

/* The verb, or N_VERBS where `status` is all there is to say. */
static size_t
take_options(struct ledger_run *r, int argc, char **argv, int *status)
{
	const struct cli_options o = { "c:h", long_options, help, take_option };
	size_t verb = 0;

	*status = cli_options(&o, argc, argv, r);
	if (*status >= 0)
		return N_VERBS;
	while (verb < N_VERBS && optind + 1 == argc &&
	    strcmp(argv[optind], verbs[verb].name) != 0)
		verb++;
	if (verb < N_VERBS && optind + 1 == argc)
		return verb;
	*status = cli_usage(
	    "ledger", "verify, show or export; see stsentry ledger --help");
	return N_VERBS;
}

static int
find_state(struct ledger_run *r, struct err *e)
{
	int err;

	if (r->state)
		return 0;
	err = config_load(
	    r->config ? r->config : HISTORY_CONFIG, &r->loaded, e);
	if (err < 0)
		return err;
	r->state = r->loaded->state.dir;
	return r->state
	    ? 0
	    : err_set(e, ST_EINVAL, "%s: has no state, so there is no ledger",
		  r->loaded->path);
}

int
cmd_ledger(int argc, char **argv)
{
	struct ledger_run r = { .text = BUF_INIT };
	struct err e = { .text = "" };
	int status;
	size_t verb = take_options(&r, argc, argv, &status);

	if (verb == N_VERBS)
		return status;
	status = find_state(&r, &e);
	if (status == 0) {
		status = verbs[verb].run(&r, &e);
		if (status < 0) {
			cli_error("ledger", &e);
			status = EXIT_UNREADABLE;
		}
	} else {
		status = cli_error("ledger", &e);
	}
	if (fflush(stdout) != 0 && status == EXIT_OK)
		status = EXIT_UNREADABLE;
	config_free(r.loaded);
	buf_release(&r.text);
	return status;
}
