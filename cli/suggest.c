/*
 * suggest.c - `stsentry suggest`: a policy from what was normal, or one
 * exception for one finding.
 *
 * Options, and the exception; the policy is cli/proposal's business.  Main
 * thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/excuse.h"
#include "cli/proposal.h"
#include "collector/pipeline.h"
#include "outputs/format/parse.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define DAYS_MAX 366

struct suggest {
	struct history_options from;
	const char *since, *exception, *until;
	uint64_t min_days;
	bool lenient;
	struct history *history;
	struct excuse excuse;
	struct arena arena;
	struct buf out;
};

static const char help[] =
    "usage: stsentry suggest [OPTION]... [PATH]...\n"
    "\n"
    "Writes a policy.yaml from what was normal, to standard output.  PATH: logs as\n"
    "scan takes them, decision files, or a state folder; without one the state of\n"
    "the configuration.  What was denied, was in a finding, or was seen on few days\n"
    "only is left out, and a comment says so.\n"
    "\n"
    "      --since T           only from T on: a time, or 30d before the newest\n"
    "      --min-days N        days on which something must be seen\n"
    "                          (default: 3, of fewer than 10 days 2)\n"
    "      --exception ID      instead: one exception that holds back this finding\n"
    "      --until DATE        when the exception ends (default: in 30 days)\n"
    "  -c, --config FILE       stsentry.yaml: policy, state, geo databases, apis\n"
    "                          (default: " HISTORY_CONFIG ")\n"
    "  -p, --policy FILE       the policy of today: what it does not allow is\n"
    "                          left out\n"
    "      --state DIR         the state folder\n"
    "      --geo FILE          a MaxMind DB; may be given several times\n"
    "      --lenient           exit with 0 even if some input could not be read\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 2 usage or configuration error, or no such finding,\n"
    "3 some input could not be read or parsed.\n";

/* ---- an exception ------------------------------------------------------------------------ */

static int
on_line(void *arg, const struct record *r)
{
	struct suggest *s = arg;
	struct finding f;
	struct request q;
	struct verdict v;
	struct slice group;
	int err = 0;

	arena_reset(&s->arena);
	if (r->kind == RECORD_FINDING &&
	    slice_is(json_text(json_get(r->json, "id")), s->exception)) {
		err = finding_parse(r->text, &s->arena, &f, NULL);
		if (err == 0)
			excuse_finding(&s->excuse, &f);
	} else if (r->kind == RECORD_DECISION &&
	    slice_is(json_text(json_get(r->json, "group")), s->exception)) {
		err = decision_parse(r->json, &s->arena, &q, &v, &group, NULL);
		if (err == 0)
			excuse_decision(&s->excuse, &q, &v, group);
	}
	return err == ST_ENOMEM ? err : 0;
}

static void
on_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct suggest *s = arg;

	excuse_decision(&s->excuse, r, v, slice_str(group));
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct suggest *s = arg;

	excuse_finding(&s->excuse, f);
}

/* As it was told, else as it is judged now. */
static int
suggest_exception(struct suggest *s, struct err *e)
{
	static const struct pipeline_sink sink = { on_decision, on_finding };
	int err = history_lines(s->history, on_line, s, e);

	if (err == 0 && !s->excuse.found)
		err = history_judge(s->history, s->since, &sink, s, e);
	buf_adds(&s->out,
	    "# One of exceptions: in policy.yaml; fill in the owner.\n");
	return err < 0 ? err : excuse_write(&s->excuse, s->until, &s->out, e);
}

/* ---- the run ----------------------------------------------------------------------------- */

static int
print(struct suggest *s)
{
	fwrite(s->out.p, 1, s->out.n, stdout);
	if (fflush(stdout) != 0) {
		cli_usage("suggest", "cannot write the result");
		return EXIT_UNREADABLE;
	}
	return history_unreadable(s->history) && !s->lenient ? EXIT_UNREADABLE
							     : EXIT_OK;
}

static int
run(struct suggest *s, char **paths)
{
	struct err e = { .text = "" };
	int err = history_open(&s->from, paths, &s->history, &e);

	if (err < 0)
		return cli_error("suggest", &e);
	err = s->exception
	    ? suggest_exception(s, &e)
	    : proposal_make(s->history, s->since, s->min_days, &s->out, &e);
	if (err == 0)
		return print(s);
	if (!e.text[0])
		err_set(&e, err, "%s", st_strerror(err));
	cli_error("suggest", &e);
	return err == ST_ENOENT || err == ST_EINVAL ? EXIT_USAGE
						    : EXIT_UNREADABLE;
}

/* ---- the command line ---------------------------------------------------------------------- */

enum { O_SINCE = 256, O_MIN_DAYS, O_EXCEPTION, O_UNTIL, O_LENIENT };

static const struct option long_options[] = {
	{ "since", required_argument, NULL, O_SINCE },
	{ "min-days", required_argument, NULL, O_MIN_DAYS },
	{ "exception", required_argument, NULL, O_EXCEPTION },
	{ "until", required_argument, NULL, O_UNTIL },
	{ "policy", required_argument, NULL, 'p' },
	{ "lenient", no_argument, NULL, O_LENIENT },
	HISTORY_LONG,
	{ NULL, 0, NULL, 0 },
};

static int
take_min_days(struct suggest *s)
{
	char *end;
	unsigned long n = strtoul(optarg, &end, 10);

	if (*end || end == optarg || n < 1 || n > DAYS_MAX)
		return cli_usage("suggest",
		    "--min-days %s: a number from 1 to %d", optarg, DAYS_MAX);
	s->min_days = n;
	return 0;
}

static int
take_until(struct suggest *s)
{
	struct when t;

	if (!when_parse(slice_str(optarg), &t))
		return cli_usage(
		    "suggest", "--until %s: no date, as 2026-03-01", optarg);
	s->until = optarg;
	return 0;
}

static int
take_option(void *self, int c)
{
	struct suggest *s = self;

	switch (c) {
	case O_SINCE:
		s->since = optarg;
		return 0;
	case O_MIN_DAYS:
		return take_min_days(s);
	case O_EXCEPTION:
		s->exception = optarg;
		return 0;
	case O_UNTIL:
		return take_until(s);
	case O_LENIENT:
		s->lenient = true;
		return 0;
	default:
		return history_option(&s->from, "suggest", c, optarg);
	}
}

/* As cli_options(). */
static int
take_options(struct suggest *s, int argc, char **argv)
{
	const struct cli_options o = { HISTORY_SHORT, long_options, help,
		take_option };
	int status = cli_options(&o, argc, argv, s);

	if (status < 0 && s->until && !s->exception)
		return cli_usage("suggest", "--until is of --exception");
	return status;
}

int
cmd_suggest(int argc, char **argv)
{
	struct suggest s = { .from = { .uses = true } };
	int status = take_options(&s, argc, argv);

	if (status >= 0)
		return status;
	arena_init(&s.arena, 4096);
	excuse_init(&s.excuse, s.exception);
	status = run(&s, argv + optind);
	excuse_release(&s.excuse);
	history_close(s.history);
	arena_release(&s.arena);
	buf_release(&s.out);
	return status;
}
