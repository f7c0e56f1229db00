/*
 * coverage.c - `stsentry coverage`: whose logs come, and what to switch on.
 *
 * Options and the table; what is seen and missing is cli/covered's business.
 * Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/covered.h"
#include "cli/history.h"
#include "conf/yaml.h"
#include "lib/jsonw.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#define DATE_LENGTH (sizeof("2026-03-01") - 1)
#define DAY_SECONDS 86400
#define ACCOUNT_WIDTH 24
#define REGION_WIDTH 16
#define LOGS_WIDTH 12

struct coverage {
	struct history_options from;
	bool json, fail_on_gap, lenient;
	struct history *history;
	struct covered covered;
	struct buf out;
};

static const char help[] =
    "usage: stsentry coverage [OPTION]... [PATH]...\n"
    "\n"
    "Which accounts, regions and kinds of logs token requests came from, when the\n"
    "last one did, for how long there was none, and what to switch on: accounts\n"
    "and projects that are named in requests or approved by the policy, and send\n"
    "nothing.  PATH: logs as scan takes them, decision files, or a state folder;\n"
    "without one the state of the configuration.\n"
    "\n"
    "  -c, --config FILE       stsentry.yaml: policy, state, apis\n"
    "                          (default: " HISTORY_CONFIG ")\n"
    "  -p, --policy FILE       policy.yaml: its approved accounts are expected\n"
    "      --state DIR         the state folder\n"
    "      --json\n"
    "      --fail-on-gap       exit with 1 if anything is missing\n"
    "      --lenient           exit with 0 even if some input could not be read\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 1 --fail-on-gap holds, 2 usage or configuration error,\n"
    "3 some input could not be read or parsed.\n";

/* ---- looking ----------------------------------------------------------------------- */

static int
on_request(void *arg, const struct request *r)
{
	struct coverage *c = arg;

	covered_take(&c->covered, r);
	return 0;
}

/* The approved accounts, but for patterns. */
static int
expect_approved(struct coverage *c, struct err *e)
{
	const char *path = policy_path(history_policy(c->history));
	struct yaml_doc *doc = NULL;
	const struct ynode *list;
	int err;

	if (!path[0])
		return 0;
	err = yaml_load(path, &doc, e);
	if (err < 0)
		return err;
	list = ynode_get(ynode_get(yaml_root(doc), "approved"), "accounts");
	if (list && list->kind == YNODE_SCALAR)
		covered_expect(&c->covered, list->text);
	else
		for (size_t i = 0; list && i < list->n; i++)
			covered_expect(&c->covered, list->items[i]->text);
	yaml_free(doc);
	return 0;
}

static int
look(struct coverage *c, char **paths, struct err *e)
{
	int err = history_open(&c->from, paths, &c->history, e);

	if (err == 0)
		err = history_read(c->history, e);
	if (err == 0)
		err = history_each(c->history, WHEN_NONE, on_request, c, e);
	if (err == 0)
		err = expect_approved(c, e);
	return err < 0 ? err : covered_settle(&c->covered);
}

/* ---- telling ----------------------------------------------------------------------- */

static struct slice
date(int64_t day, char text[WHEN_TEXT])
{
	if (day == COUNTS_NO_DAY)
		return SLICE_LIT("-");
	when_format((struct when){ day * DAY_SECONDS, 0, true }, text);
	return slice_of(text, DATE_LENGTH);
}

static void
add_cell(struct buf *out, struct slice s, size_t width)
{
	size_t before = out->n;

	jsonw_escape(out, s);
	while (out->n < before + width)
		buf_addc(out, ' ');
	buf_addc(out, ' ');
}

static void
add_row(struct coverage *c, size_t i)
{
	struct covered_row r = covered_row(&c->covered, i);
	const struct count *k = r.count;
	char first[WHEN_TEXT], last[WHEN_TEXT];

	add_cell(&c->out, r.account, ACCOUNT_WIDTH);
	add_cell(&c->out, r.region, REGION_WIDTH);
	add_cell(&c->out, r.logs, LOGS_WIDTH);
	buf_addf(&c->out, "%9" PRIu64 "  %-10.*s  %-10.*s  %5" PRIu64, k->n,
	    SLICE_ARG(date(k->first_day, first)),
	    SLICE_ARG(date(k->last_day, last)), k->days);
	if (k->other)
		buf_addf(&c->out, "  %" PRIu64 " days without", k->other);
	if (r.silent >= COVERED_SILENT_DAYS)
		buf_addf(&c->out, "  silent for %" PRIu64 " days", r.silent);
	buf_addc(&c->out, '\n');
}

static void
write_text(struct coverage *c)
{
	const struct covered *v = &c->covered;

	buf_addf(&c->out, "%-*s %-*s %-*s %9s  %-10s  %-10s  %5s  %s\n",
	    ACCOUNT_WIDTH, "account", REGION_WIDTH, "region", LOGS_WIDTH,
	    "logs", "requests", "first", "last seen", "days", "gaps");
	for (size_t i = 0; i < v->rows.n; i++)
		add_row(c, i);
	if (v->rows.others)
		buf_addf(&c->out, "and %" PRIu64 " requests of further rows\n",
		    v->rows.others);
	buf_adds(&c->out,
	    v->n_advice ? "\nmissing\n"
			: "\nnothing that is named is "
			  "missing\n");
	for (size_t i = 0; i < v->n_advice; i++) {
		buf_adds(&c->out, "  ");
		covered_say(&v->advice[i], &c->out);
		buf_addc(&c->out, '\n');
		/* Once is enough. */
		if (i + 1 == v->n_advice ||
		    v->advice[i].what != v->advice[i + 1].what ||
		    v->advice[i].what == MISSING_PROJECT)
			covered_commands(&v->advice[i], &c->out);
	}
}

static void
json_row(struct coverage *c, size_t i, struct jsonw *w)
{
	struct covered_row r = covered_row(&c->covered, i);
	char first[WHEN_TEXT], last[WHEN_TEXT];

	jsonw_object(w);
	jsonw_member(w, "provider", r.provider);
	jsonw_member(w, "account", r.account);
	jsonw_member(w, "region", r.region);
	jsonw_member(w, "logs", r.logs);
	jsonw_member_int(w, "requests", (int64_t)r.count->n);
	jsonw_member(w, "first", date(r.count->first_day, first));
	jsonw_member(w, "last_seen", date(r.count->last_day, last));
	jsonw_member_int(w, "days", (int64_t)r.count->days);
	jsonw_member_int(w, "longest_gap_days", (int64_t)r.count->other);
	jsonw_member_int(w, "silent_days", (int64_t)r.silent);
	jsonw_end(w);
}

static void
json_advice(const struct advice *a, struct jsonw *w)
{
	static const char *const words[] = {
		[MISSING_ACCOUNT] = "account",
		[MISSING_PROJECT] = "data_access",
		[MISSING_GLOBAL] = "global_events",
		[MISSING_ASSUME] = "read_only_events",
		[MISSING_NOW] = "silent",
	};
	struct buf text = BUF_INIT;

	jsonw_object(w);
	jsonw_member_str(w, "missing", words[a->what]);
	jsonw_member(w, "account", a->account);
	covered_say(a, &text);
	jsonw_member(w, "says", buf_slice(&text));
	buf_reset(&text);
	covered_commands(a, &text);
	jsonw_member(w, "commands", buf_slice(&text));
	jsonw_end(w);
	buf_release(&text);
}

static void
write_json(struct coverage *c)
{
	const struct covered *v = &c->covered;
	struct jsonw w;

	jsonw_init(&w, &c->out);
	jsonw_object(&w);
	jsonw_member_int(&w, "requests", (int64_t)v->requests);
	jsonw_key(&w, "rows");
	jsonw_array(&w);
	for (size_t i = 0; i < v->rows.n; i++)
		json_row(c, i, &w);
	jsonw_end(&w);
	jsonw_key(&w, "missing");
	jsonw_array(&w);
	for (size_t i = 0; i < v->n_advice; i++)
		json_advice(&v->advice[i], &w);
	jsonw_end(&w);
	jsonw_end(&w);
	buf_addc(&c->out, '\n');
}

static int
print(struct coverage *c)
{
	if (c->json)
		write_json(c);
	else
		write_text(c);
	if (c->out.failed ||
	    fwrite(c->out.p, 1, c->out.n, stdout) != c->out.n ||
	    fflush(stdout) != 0) {
		cli_usage("coverage", "cannot write the result");
		return EXIT_UNREADABLE;
	}
	if (c->fail_on_gap && c->covered.n_advice)
		return EXIT_HOLDS;
	return history_unreadable(c->history) && !c->lenient ? EXIT_UNREADABLE
							     : EXIT_OK;
}

/* ---- the command line ---------------------------------------------------------------- */

enum { O_JSON = 256, O_FAIL, O_LENIENT };

static const struct option long_options[] = {
	{ "policy", required_argument, NULL, 'p' },
	{ "json", no_argument, NULL, O_JSON },
	{ "fail-on-gap", no_argument, NULL, O_FAIL },
	{ "lenient", no_argument, NULL, O_LENIENT },
	HISTORY_LONG,
	{ NULL, 0, NULL, 0 },
};

static int
take_option(void *self, int option)
{
	struct coverage *c = self;

	switch (option) {
	case O_JSON:
		c->json = true;
		return EXIT_OK;
	case O_FAIL:
		c->fail_on_gap = true;
		return EXIT_OK;
	case O_LENIENT:
		c->lenient = true;
		return EXIT_OK;
	default:
		return history_option(&c->from, "coverage", option, optarg);
	}
}

static int
run(struct coverage *c, char **paths)
{
	struct err e = { .text = "" };
	int err = look(c, paths, &e), status;

	if (err == 0)
		return print(c);
	if (!e.text[0])
		err_set(&e, err, "%s", st_strerror(err));
	status = cli_error("coverage", &e);
	return c->history ? EXIT_UNREADABLE : status;
}

int
cmd_coverage(int argc, char **argv)
{
	const struct cli_options o = { HISTORY_SHORT, long_options, help,
		take_option };
	struct coverage c = { .json = false };
	int status = cli_options(&o, argc, argv, &c);

	if (status >= 0)
		return status;
	covered_init(&c.covered);
	status = run(&c, argv + optind);
	covered_release(&c.covered);
	history_close(c.history);
	buf_release(&c.out);
	return status;
}
