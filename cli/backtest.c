/*
 * backtest.c - `stsentry backtest`: what a policy would have changed.
 *
 * Every request of the past goes to two pipelines that differ in nothing but
 * the policy, in one pass.  Both decide in the same order, so that their
 * decisions are compared one by one; what is added and removed is what two
 * runs of `stsentry scan` would differ in.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/counts.h"
#include "cli/history.h"
#include "collector/pipeline.h"
#include "lib/jsonw.h"
#include "lib/pack.h"
#include "outputs/format/format.h"
#include "outputs/format/view.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define EXAMPLES_DEFAULT 3
#define EXAMPLES_MAX 1000
#define ROWS_MAX 100000 /* rules, days */
#define OLD_FIRST 64    /* decisions of one side that wait for the other's */

enum { SIDE_OLD, SIDE_NEW, SIDES };
enum { ADDED, REMOVED, CHANGES };

/* Of the old policy's decision, what the comparison needs. */
struct waiting {
	bool finding;
	char why[80]; /* the rule, or the reason */
};

static const char *const change_words[CHANGES] = { "added", "removed" };

struct backtest {
	/* options */
	struct history_options from;
	const char *new_path;
	char *against;
	bool json, fail_on_change, lenient;
	unsigned examples;
	/* rooms */
	struct history *history;
	struct policy *new_policy;
	struct pipeline *pipelines[SIDES];
	struct waiting *old; /* a ring */
	size_t old_room, old_first, old_n;
	/* what came of it */
	uint64_t requests, findings[SIDES], in_findings[SIDES];
	uint64_t changes[CHANGES];
	struct counts rules, days;
	/* Findings of the use of a credential, packed; n: today's, other: the
	 * new policy's. */
	struct counts uses;
	uint64_t use_changes;
	struct buf shown[CHANGES];
	unsigned n_shown[CHANGES];
	struct when first, last;
	bool failed;
};

static const char help[] =
    "usage: stsentry backtest --policy NEW [OPTION]... [PATH]...\n"
    "\n"
    "Judges past requests by the policy of today and by a new one, in one pass,\n"
    "and tells which requests would be in findings that are not now, and the\n"
    "other way round.  PATH: logs as scan takes them, decision files, or a\n"
    "state folder; without one the state of the configuration.\n"
    "\n"
    "      --policy NEW        the policy to try\n"
    "      --against WHAT      a PATH, or \"ledger\": that of the state folder\n"
    "  -p, --old FILE          the policy of today (default: the configuration's)\n"
    "  -c, --config FILE       stsentry.yaml: policy, state, geo databases, apis\n"
    "                          (default: " HISTORY_CONFIG ")\n"
    "      --state DIR         the state folder\n"
    "      --geo FILE          a MaxMind DB; may be given several times\n"
    "      --examples N        of each kind (3)\n"
    "      --fail-on-change    exit with 1 if anything is added or removed\n"
    "      --lenient           exit with 0 even if some input could not be read\n"
    "      --json\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help\n"
    "\n"
    "Decision lines do not carry MFA, external id and source identity, nor which\n"
    "records are copies of one act, nor what credentials were used for: against\n"
    "them, what asks for these is judged as if nothing was known.\n"
    "\n"
    "Exit status: 0 it ran, 1 --fail-on-change holds, 2 usage or configuration\n"
    "error, 3 some input could not be read or parsed.\n";

/* ---- comparing ---------------------------------------------------------------- */

static void
set_why(const struct verdict *v, char why[80])
{
	if (v->rule.n)
		snprintf(why, 80, "rule %.*s",
		    (int)(v->rule.n > 64 ? 64 : v->rule.n), v->rule.p);
	else if (v->n_reasons)
		snprintf(why, 80, "%s", reason_table[v->reasons[0].code].code);
	else
		snprintf(why, 80, "no reason");
}

static bool
grow(struct backtest *b)
{
	size_t room = b->old_room ? 2 * b->old_room : OLD_FIRST;
	struct waiting *v = calloc(room, sizeof(*v));

	if (!v)
		return false;
	for (size_t i = 0; i < b->old_n; i++)
		v[i] = b->old[(b->old_first + i) % b->old_room];
	free(b->old);
	b->old = v;
	b->old_room = room;
	b->old_first = 0;
	return true;
}

static void
on_old_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct backtest *b = arg;
	struct waiting *w;

	(void)r;
	(void)group;
	if (b->old_n == b->old_room && !grow(b)) {
		b->failed = true;
		return;
	}
	w = &b->old[(b->old_first + b->old_n++) % b->old_room];
	w->finding = v->finding;
	if (v->finding)
		set_why(v, w->why);
	b->in_findings[SIDE_OLD] += v->finding;
}

static void
count_row(struct backtest *b, struct counts *c, struct slice name, int change)
{
	struct count *k = counts_of(c, name);

	if (!k) {
		b->failed |= c->n < c->max;
		return;
	}
	if (change == ADDED)
		k->n++;
	else
		k->other++;
}

static void
count_change(
    struct backtest *b, const struct request *r, const char *why, int change)
{
	char text[WHEN_TEXT];
	struct slice day = SLICE_LIT("no time");

	b->changes[change]++;
	count_row(b, &b->rules, slice_str(why), change);
	if (r->time.valid) {
		day = when_format(r->time, text);
		day.n = sizeof("2026-03-01") - 1;
	}
	count_row(b, &b->days, day, change);
}

/* A decision line in JSON, a sentence for people. */
static void
show(struct backtest *b, const struct request *r, const struct verdict *v,
    const char *why, int change)
{
	struct buf *out = &b->shown[change];
	struct arena a;

	if (b->n_shown[change]++ >= b->examples)
		return;
	if (b->json) {
		if (out->n)
			buf_addc(out, ',');
		decision_write(r, v, NULL, out);
		out->n--; /* its LF */
		return;
	}
	arena_init(&a, 1024);
	buf_adds(out, "  ");
	if (r->time.valid) {
		char text[WHEN_TEXT];

		buf_add_slice(out, when_format(r->time, text));
		buf_adds(out, "  ");
	}
	if (change == ADDED)
		jsonw_escape(out, finding_title(r, v, &a));
	else {
		jsonw_escape(out, r->principal);
		buf_addc(out, ' ');
		jsonw_escape(out, r->action);
		buf_addc(out, ' ');
		jsonw_escape(out, r->target);
	}
	buf_addf(out, "  (%s; event ", why);
	jsonw_escape(out, r->event_id);
	buf_adds(out, ")\n");
	arena_release(&a);
}

static void
on_new_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct backtest *b = arg;
	struct waiting w;
	char why[80];

	(void)group;
	if (b->old_n == 0) {
		b->failed = true;
		return;
	}
	w = b->old[b->old_first];
	b->old_first = (b->old_first + 1) % b->old_room;
	b->old_n--;
	b->requests++;
	b->in_findings[SIDE_NEW] += v->finding;
	if (r->time.valid) {
		b->last = r->time;
		if (!b->first.valid)
			b->first = r->time;
	}
	if (v->finding == w.finding)
		return;
	set_why(v, why);
	count_change(
	    b, r, v->finding ? why : w.why, v->finding ? ADDED : REMOVED);
	show(b, r, v, v->finding ? why : w.why, v->finding ? ADDED : REMOVED);
}

/* Lineage tells of a use, which is no request and has no decision. */
static void
take_use(struct backtest *b, const struct finding *f, int side)
{
	char text[WHEN_TEXT];
	struct buf key = BUF_INIT;
	struct count *k;

	if (f->request.kind != KIND_USE)
		return;
	pack_word(&key, f->id);
	pack_slice(&key,
	    f->first_seen.valid ? when_format(f->first_seen, text)
				: SLICE_NULL);
	pack_slice(&key, f->title);
	k = counts_of(&b->uses, buf_slice(&key));
	b->failed |= key.failed || !k;
	if (k && side == SIDE_OLD)
		k->n++;
	else if (k)
		k->other++;
	buf_release(&key);
}

static void
on_old_finding(void *arg, const struct finding *f)
{
	struct backtest *b = arg;

	take_use(b, f, SIDE_OLD);
	b->findings[SIDE_OLD]++;
}

static void
on_new_finding(void *arg, const struct finding *f)
{
	struct backtest *b = arg;

	take_use(b, f, SIDE_NEW);
	b->findings[SIDE_NEW]++;
}

static int
on_request(void *arg, const struct request *r)
{
	struct backtest *b = arg;
	int err = pipeline_request(b->pipelines[SIDE_OLD], r);

	return err < 0 ? err : pipeline_request(b->pipelines[SIDE_NEW], r);
}

static void
count_uses(struct backtest *b)
{
	counts_by_name(&b->uses);
	for (size_t i = 0; i < b->uses.n; i++)
		b->use_changes += !b->uses.v[i]->n || !b->uses.v[i]->other;
}

/* ---- telling -------------------------------------------------------------------- */

static void
print_rows(const char *what, const struct counts *c)
{
	struct buf name = BUF_INIT;

	if (!c->n)
		return;
	printf("\n%-40s %10s %10s\n", what, "added", "removed");
	for (size_t i = 0; i < c->n; i++) {
		buf_reset(&name);
		jsonw_escape(&name, c->v[i]->name);
		printf("%-40.*s %10" PRIu64 " %10" PRIu64 "\n", (int)name.n,
		    name.p ? name.p : "", c->v[i]->n, c->v[i]->other);
	}
	buf_release(&name);
}

struct use_change {
	struct slice id, time, title;
	int change;
};

/* False where both sides tell it. */
static bool
use_change(const struct count *k, struct use_change *c)
{
	struct unpack u = unpack_of(k->name);

	c->id = unpack_slice(&u);
	c->time = unpack_slice(&u);
	c->title = unpack_slice(&u);
	c->change = k->other ? ADDED : REMOVED;
	return !k->n || !k->other;
}

static void
print_uses(const struct backtest *b)
{
	struct buf line = BUF_INIT;
	struct use_change c;

	if (b->use_changes)
		puts("\nfindings of how a credential was used");
	for (size_t i = 0; i < b->uses.n; i++) {
		if (!use_change(b->uses.v[i], &c))
			continue;
		buf_reset(&line);
		buf_addf(&line, "  %s  ", change_words[c.change]);
		jsonw_escape(&line, c.time);
		buf_adds(&line, "  ");
		jsonw_escape(&line, c.title);
		printf("%.*s\n", (int)line.n, line.p);
	}
	buf_release(&line);
}

static void
print_text(struct backtest *b)
{
	char from[WHEN_TEXT] = "", to[WHEN_TEXT] = "";

	if (b->first.valid) {
		when_format(b->first, from);
		when_format(b->last, to);
	}
	printf("%" PRIu64 " requests, %s to %s\n\n%-12s %10s %10s\n",
	    b->requests, from, to, "", "today", "new");
	printf("%-12s %10" PRIu64 " %10" PRIu64 "\n", "findings",
	    b->findings[SIDE_OLD], b->findings[SIDE_NEW]);
	printf("%-12s %10" PRIu64 " %10" PRIu64 "\n", "requests",
	    b->in_findings[SIDE_OLD], b->in_findings[SIDE_NEW]);
	printf("\n%" PRIu64 " requests would be added, %" PRIu64 " removed\n",
	    b->changes[ADDED], b->changes[REMOVED]);
	counts_by_number(&b->rules);
	counts_by_name(&b->days);
	print_rows("rule or reason", &b->rules);
	print_rows("day", &b->days);
	for (int i = 0; i < CHANGES; i++)
		if (b->shown[i].n)
			printf("\n%s, for example\n%.*s", change_words[i],
			    (int)b->shown[i].n, b->shown[i].p);
	print_uses(b);
}

static void
json_rows(struct jsonw *w, const char *name, const struct counts *c)
{
	jsonw_key(w, name);
	jsonw_array(w);
	for (size_t i = 0; i < c->n; i++) {
		jsonw_object(w);
		jsonw_member(w, "name", c->v[i]->name);
		jsonw_member_int(w, "added", (int64_t)c->v[i]->n);
		jsonw_member_int(w, "removed", (int64_t)c->v[i]->other);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
json_sides(struct jsonw *w, const char *name, const uint64_t n[SIDES])
{
	jsonw_key(w, name);
	jsonw_object(w);
	jsonw_member_int(w, "today", (int64_t)n[SIDE_OLD]);
	jsonw_member_int(w, "new", (int64_t)n[SIDE_NEW]);
	jsonw_end(w);
}

static void
json_uses(struct jsonw *w, const struct backtest *b)
{
	struct use_change c;

	jsonw_key(w, "uses");
	jsonw_array(w);
	for (size_t i = 0; i < b->uses.n; i++) {
		if (!use_change(b->uses.v[i], &c))
			continue;
		jsonw_object(w);
		jsonw_member_str(w, "change", change_words[c.change]);
		jsonw_member(w, "id", c.id);
		jsonw_member(w, "first_seen", c.time);
		jsonw_member(w, "title", c.title);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
json_shown(struct jsonw *w, const char *name, const struct buf *shown)
{
	jsonw_key(w, name);
	buf_addc(w->out, '[');
	buf_add_slice(w->out, buf_slice(shown));
	jsonw_raw(w, SLICE_LIT("]"));
}

static void
print_json(struct backtest *b)
{
	struct buf out = BUF_INIT;
	struct jsonw w;

	counts_by_number(&b->rules);
	counts_by_name(&b->days);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	jsonw_member_int(&w, "requests", (int64_t)b->requests);
	view_when(&w, "from", b->first);
	view_when(&w, "to", b->last);
	json_sides(&w, "findings", b->findings);
	json_sides(&w, "requests_in_findings", b->in_findings);
	jsonw_member_int(&w, "added", (int64_t)b->changes[ADDED]);
	jsonw_member_int(&w, "removed", (int64_t)b->changes[REMOVED]);
	json_rows(&w, "rules", &b->rules);
	json_rows(&w, "days", &b->days);
	json_uses(&w, b);
	json_shown(&w, "added_examples", &b->shown[ADDED]);
	json_shown(&w, "removed_examples", &b->shown[REMOVED]);
	jsonw_end(&w);
	buf_addc(&out, '\n');
	if (out.failed)
		b->failed = true;
	else
		fwrite(out.p, 1, out.n, stdout);
	buf_release(&out);
}

/* ---- the run ---------------------------------------------------------------------- */

static int
open_pipelines(struct backtest *b, struct err *e)
{
	static const struct pipeline_sink sinks[SIDES] = {
		{ on_old_decision, on_old_finding },
		{ on_new_decision, on_new_finding },
	};
	const struct policy *policies[SIDES] = { history_policy(b->history),
		b->new_policy };
	struct baseline_options usual = baseline_options_of(
	    history_config(b->history));

	for (int i = 0; i < SIDES; i++) {
		struct pipeline_options o = { .policy = policies[i],
			.version = PACKAGE_VERSION,
			.baseline = &usual };

		b->pipelines[i] = pipeline_new(&o, &sinks[i], b);
		if (!b->pipelines[i])
			return err_set(e, ST_ENOMEM, "out of memory");
	}
	return 0;
}

static int
judge_all(struct backtest *b, struct err *e)
{
	int err = history_read(b->history, e);

	if (err == 0)
		err = history_each(b->history, WHEN_NONE, on_request, b, e);
	for (int i = 0; err == 0 && i < SIDES; i++)
		err = pipeline_finish(b->pipelines[i]);
	count_uses(b);
	if (err == 0 && (b->failed || b->old_n))
		err = err_set(e, ST_ENOMEM, "out of memory");
	if (err < 0 && e && !e->text[0])
		err_set(e, err, "%s", st_strerror(err));
	return err;
}

static int
finish(struct backtest *b)
{
	if (b->json)
		print_json(b);
	else
		print_text(b);
	if (fflush(stdout) != 0 || b->failed) {
		cli_usage("backtest", "cannot write the result");
		return EXIT_UNREADABLE;
	}
	if (b->fail_on_change &&
	    b->changes[ADDED] + b->changes[REMOVED] + b->use_changes)
		return EXIT_HOLDS;
	return history_unreadable(b->history) && !b->lenient ? EXIT_UNREADABLE
							     : EXIT_OK;
}

static int
run(struct backtest *b, char **paths)
{
	struct err e = { .text = "" };
	char *one[] = { b->against, NULL };
	int err;

	if (b->against && *paths)
		return cli_usage("backtest", "--against and a PATH");
	if (b->against && strcmp(b->against, "ledger") != 0)
		paths = one;
	b->from.uses = true;
	err = history_open(&b->from, paths, &b->history, &e);
	if (err == 0)
		err = policy_load(b->new_path, &b->new_policy, &e);
	if (err == 0)
		err = open_pipelines(b, &e);
	if (err < 0)
		return cli_error("backtest", &e);
	if (judge_all(b, &e) < 0) {
		cli_error("backtest", &e);
		return EXIT_UNREADABLE;
	}
	return finish(b);
}

/* ---- the command line ------------------------------------------------------------ */

enum {
	O_POLICY = 256,
	O_AGAINST,
	O_EXAMPLES,
	O_FAIL,
	O_LENIENT,
	O_JSON,
};

static const struct option long_options[] = {
	{ "policy", required_argument, NULL, O_POLICY },
	{ "against", required_argument, NULL, O_AGAINST },
	{ "old", required_argument, NULL, 'p' },
	{ "examples", required_argument, NULL, O_EXAMPLES },
	{ "fail-on-change", no_argument, NULL, O_FAIL },
	{ "lenient", no_argument, NULL, O_LENIENT },
	{ "json", no_argument, NULL, O_JSON },
	HISTORY_LONG,
	{ NULL, 0, NULL, 0 },
};

static int
take_examples(struct backtest *b)
{
	char *end;
	unsigned long n = strtoul(optarg, &end, 10);

	if (*end || end == optarg || n > EXAMPLES_MAX)
		return cli_usage("backtest", "--examples %s: a number up to %d",
		    optarg, EXAMPLES_MAX);
	b->examples = (unsigned)n;
	return 0;
}

static int
take_option(void *self, int c)
{
	struct backtest *b = self;

	switch (c) {
	case O_POLICY:
		b->new_path = optarg;
		return 0;
	case O_AGAINST:
		b->against = optarg;
		return 0;
	case O_EXAMPLES:
		return take_examples(b);
	case O_FAIL:
		b->fail_on_change = true;
		return 0;
	case O_LENIENT:
		b->lenient = true;
		return 0;
	case O_JSON:
		b->json = true;
		return 0;
	default:
		return history_option(&b->from, "backtest", c, optarg);
	}
}

/* As cli_options(). */
static int
take_options(struct backtest *b, int argc, char **argv)
{
	const struct cli_options o = { HISTORY_SHORT, long_options, help,
		take_option };
	int status = cli_options(&o, argc, argv, b);

	if (status < 0 && !b->new_path)
		return cli_usage(
		    "backtest", "no --policy; see stsentry backtest --help");
	return status;
}

int
cmd_backtest(int argc, char **argv)
{
	struct backtest b = { .examples = EXAMPLES_DEFAULT };
	int status;

	counts_init(&b.rules, ROWS_MAX);
	counts_init(&b.days, ROWS_MAX);
	counts_init(&b.uses, ROWS_MAX);
	status = take_options(&b, argc, argv);
	if (status < 0)
		status = run(&b, argv + optind);
	for (int i = 0; i < SIDES; i++)
		pipeline_free(b.pipelines[i]);
	for (int i = 0; i < CHANGES; i++)
		buf_release(&b.shown[i]);
	policy_free(b.new_policy);
	history_close(b.history);
	counts_release(&b.rules);
	counts_release(&b.days);
	counts_release(&b.uses);
	free(b.old);
	return status;
}
