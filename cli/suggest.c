/*
 * suggest.c - `stsentry suggest`: a policy from what was normal, or one
 * exception for one finding.
 *
 * Judges the past as scan does, lets cli/normal sort out what was normal and
 * cli/draft write the policy, and then asks that very policy of all requests:
 * what it covers, and what it would let in though it was left out, is counted,
 * not guessed.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/draft.h"
#include "cli/excuse.h"
#include "cli/history.h"
#include "collector/pipeline.h"
#include "lib/jsonw.h"
#include "outputs/format/parse.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define EXAMPLES 3 /* of each reason to leave something out */
#define DAYS_MAX 366

struct suggest {
	struct history_options from;
	const char *since, *exception, *until;
	uint64_t min_days;
	bool lenient;
	struct history *history;
	struct pipeline *pipeline;
	struct normal *normal;
	struct excuse excuse;
	struct arena arena;
	struct buf body, head;
	uint64_t covered, absorbed;
	int err; /* of a callback that cannot return one */
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

/* ---- looking back ------------------------------------------------------------------ */

static void
on_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct suggest *s = arg;
	bool odd = v->finding || v->word == VERDICT_SUPPRESSED;

	if (s->exception)
		excuse_decision(&s->excuse, r, v, slice_str(group));
	else if (s->err == 0)
		s->err = normal_add(s->normal, r, odd);
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct suggest *s = arg;

	if (s->exception)
		excuse_finding(&s->excuse, f);
}

static int
on_request(void *arg, const struct request *r)
{
	struct suggest *s = arg;

	return pipeline_request(s->pipeline, r);
}

/* "30d" before the newest, or a moment. */
static int
find_since(struct suggest *s, struct when *result, struct err *e)
{
	struct when newest = history_newest(s->history);
	int64_t ms;

	*result = WHEN_NONE;
	if (!s->since || when_parse(slice_str(s->since), result))
		return 0;
	if (!schema_duration(slice_str(s->since), &ms))
		return err_set(e, ST_EINVAL,
		    "--since %s: no time, as 2026-03-01, and no duration, as "
		    "30d",
		    s->since);
	if (newest.valid)
		*result = when_add(newest, -ms / 1000);
	return 0;
}

static int
judge_all(struct suggest *s, struct err *e)
{
	static const struct pipeline_sink sink = { on_decision, on_finding };
	struct baseline_options usual = baseline_options_of(
	    history_config(s->history));
	struct pipeline_options o = { .policy = history_policy(s->history),
		.version = PACKAGE_VERSION,
		.baseline = &usual };
	struct when since;
	int err;

	s->pipeline = pipeline_new(&o, &sink, s);
	if (!s->pipeline)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = history_read(s->history, e);
	if (err == 0)
		err = find_since(s, &since, e);
	if (err == 0)
		err = history_each(s->history, since, on_request, s, e);
	if (err == 0)
		err = pipeline_finish(s->pipeline);
	return err < 0 ? err : s->err;
}

/* ---- a policy -------------------------------------------------------------------------- */

static int
measure(struct suggest *s, struct err *e)
{
	struct policy *p = NULL;
	struct policy_scratch *scratch = NULL;
	struct policy_answer a;
	int err = policy_load_text(
	    buf_slice(&s->body), "the suggested policy", &p, e);

	if (err == 0 && !(scratch = policy_scratch_new(p)))
		err = err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; err == 0 && i < s->normal->n; i++) {
		const struct cell *c = s->normal->v[i];

		policy_judge(p, scratch, &c->r, &a);
		if (a.word != POLICY_ALLOWED)
			continue;
		if (c->left == LEFT_NOT)
			s->covered += c->n;
		else
			s->absorbed += c->n;
	}
	policy_scratch_free(scratch);
	policy_free(p);
	return err;
}

static void
add_example(struct suggest *s, const struct cell *c)
{
	buf_adds(&s->head, "#     ");
	jsonw_escape(&s->head, c->r.principal);
	buf_addc(&s->head, ' ');
	jsonw_escape(&s->head, c->r.action);
	buf_addc(&s->head, ' ');
	jsonw_escape(&s->head, c->r.target);
	if (c->r.source.place.country[0])
		buf_addf(&s->head, " from %s", c->r.source.place.country);
	buf_addf(&s->head, ", %" PRIu64 " times on %" PRIu64 " days\n", c->n,
	    c->days);
}

static void
add_left(struct suggest *s, enum left left)
{
	const struct normal *n = s->normal;
	unsigned shown = 0;

	if (!n->by_left[left])
		return;
	buf_addf(&s->head, "#   %" PRIu64 ": %s\n", n->by_left[left],
	    normal_why(left));
	for (size_t i = 0; i < n->n && shown < EXAMPLES; i++)
		if (n->v[i]->left == left) {
			add_example(s, n->v[i]);
			shown++;
		}
}

static void
add_span(struct suggest *s)
{
	const struct normal *n = s->normal;
	char from[WHEN_TEXT] = "?", to[WHEN_TEXT] = "?";
	uint64_t allowed = s->covered + s->absorbed;
	uint64_t asked = n->requests - n->by_left[LEFT_SERVICE];

	if (n->first.valid) {
		when_format(n->first, from);
		when_format(n->last, to);
	}
	buf_addf(&s->head,
	    "# Suggested by stsentry " PACKAGE_VERSION " from %" PRIu64
	    " requests, %s to %s.\n"
	    "# It allows %" PRIu64 " of the %" PRIu64
	    " that cloud services did not make themselves (%.1f %%).\n"
	    "# Fill in the owners, and read every line.\n",
	    n->requests, from, to, allowed, asked,
	    asked ? 100.0 * (double)allowed / (double)asked : 0.0);
}

static void
write_head(struct suggest *s)
{
	const struct normal *n = s->normal;
	uint64_t left = n->requests - n->by_left[LEFT_NOT];

	add_span(s);
	if (left)
		buf_addf(&s->head,
		    "# Left out (fewer days than %" PRIu64
		    " are few), by what was first true of each:\n",
		    n->min_days);
	for (int i = LEFT_NOT + 1; i < LEFT_COUNT; i++)
		add_left(s, (enum left)i);
	if (n->beyond)
		buf_addf(&s->head,
		    "#   %" PRIu64 ": there were too many different ones\n",
		    n->beyond);
	if (s->absorbed)
		buf_addf(&s->head,
		    "# Of what was left out, %" PRIu64
		    " requests are allowed all the same, by rules for others "
		    "like them.\n",
		    s->absorbed);
}

static int
suggest_policy(struct suggest *s, struct err *e)
{
	int err = normal_settle(s->normal);

	if (err == 0)
		err = draft_write(s->normal, &s->body);
	if (err == 0)
		err = measure(s, e);
	if (err < 0)
		return err;
	write_head(s);
	return s->head.failed ? ST_ENOMEM : 0;
}

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

/* As it was told, else as it is judged now. */
static int
suggest_exception(struct suggest *s, struct err *e)
{
	int err = history_lines(s->history, on_line, s, e);

	if (err == 0 && !s->excuse.found)
		err = judge_all(s, e);
	if (err == 0)
		err = excuse_write(&s->excuse, s->until, &s->body, e);
	if (err == 0)
		buf_adds(&s->head,
		    "# One of exceptions: in policy.yaml; fill in the owner.\n");
	return err;
}

/* ---- the run ----------------------------------------------------------------------------- */

static int
make(struct suggest *s, struct err *e)
{
	int err;

	if (s->exception)
		return suggest_exception(s, e);
	s->normal = normal_new(s->min_days);
	if (!s->normal)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = judge_all(s, e);
	return err < 0 ? err : suggest_policy(s, e);
}

static int
print(struct suggest *s)
{
	fwrite(s->head.p, 1, s->head.n, stdout);
	fwrite(s->body.p, 1, s->body.n, stdout);
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
	err = make(s, &e);
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
	struct suggest s = { .min_days = 0 };
	int status = take_options(&s, argc, argv);

	if (status >= 0)
		return status;
	arena_init(&s.arena, 4096);
	excuse_init(&s.excuse, s.exception);
	status = run(&s, argv + optind);
	pipeline_free(s.pipeline);
	normal_free(s.normal);
	excuse_release(&s.excuse);
	history_close(s.history);
	arena_release(&s.arena);
	buf_release(&s.body);
	buf_release(&s.head);
	return status;
}
