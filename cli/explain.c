/*
 * explain.c - `stsentry explain`: every stage and number behind a verdict.
 *
 * Finds the event in what the daemon kept, or judges logs until it comes by;
 * then looks back once more for what was usual, and asks the policy of today.
 * Main thread.
 */
#include "config.h"

#include "cli/explain.h"

#include "cli/cli.h"
#include "cli/history.h"
#include "collector/pipeline.h"
#include "outputs/format/parse.h"

#include <getopt.h>
#include <stdio.h>

#define ARENA_FIRST 16384

struct explain {
	struct history_options from;
	const char *id; /* of an event or a finding */
	bool json, lenient;
	struct history *history; /* where it is found, and then its past */
	struct explained x;
	struct arena arena, line;
	struct buf out;
	bool found;
	int err;
	uint64_t unreadable;
};

static const char help[] =
    "usage: stsentry explain [OPTION]... ID [PATH]...\n"
    "\n"
    "Tells why one request was judged as it was: what was seen and what was\n"
    "usual, which rules were considered, how the score adds up, and the smallest\n"
    "change of the policy that would turn the verdict.  ID: of an event or of a\n"
    "finding.  PATH: logs as scan takes them, decision and finding files, or a\n"
    "state folder, also of a running daemon; without one the state of the\n"
    "configuration.\n"
    "\n"
    "  -c, --config FILE       stsentry.yaml: policy, state, geo databases, apis\n"
    "                          (default: " HISTORY_CONFIG ")\n"
    "  -p, --policy FILE       the policy of today\n"
    "      --state DIR         the state folder\n"
    "      --geo FILE          a MaxMind DB; may be given several times\n"
    "      --json\n"
    "      --lenient           exit with 0 even if some input could not be read\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 2 usage or configuration error, or no such event,\n"
    "3 some input could not be read or parsed.\n";

/* ---- the event in what was kept --------------------------------------------------- */

static void
keep_verdict(struct explain *k, const struct verdict *v)
{
	struct kept_verdict kept;

	k->err = verdict_keep(v, &k->arena, &kept);
	if (k->err == 0)
		verdict_restore(&kept, &k->x.verdict);
}

static void
keep(struct explain *k, const struct request *r, const struct verdict *v,
    struct slice group)
{
	arena_reset(&k->arena);
	k->found = true;
	k->err = request_copy(r, &k->arena, &k->x.request) ? 0 : ST_ENOMEM;
	if (k->err == 0)
		keep_verdict(k, v);
	k->x.group = arena_slice(&k->arena, group);
}

/* How the credential came to be, as the finding has it. */
static void
keep_lineage(struct explain *k, const struct finding *f)
{
	struct hop *hops = arena_calloc(
	    &k->arena, f->n_lineage * sizeof(*hops) + 1);

	k->x.count = f->count;
	k->x.n_lineage = hops ? f->n_lineage : 0;
	k->x.lineage = hops;
	for (unsigned i = 0; i < k->x.n_lineage; i++) {
		hops[i] = f->lineage[i];
		hops[i].who = arena_slice(&k->arena, hops[i].who);
		hops[i].credential = arena_slice(&k->arena, hops[i].credential);
		hops[i].city = arena_slice(&k->arena, hops[i].city);
	}
}

static int
take_finding_line(struct explain *k, const struct record *r)
{
	struct finding *f = arena_alloc(&k->line, sizeof(*f));
	int err = f ? finding_parse(r->text, &k->line, f, NULL) : ST_ENOMEM;

	if (err < 0)
		return err == ST_ENOMEM ? err : 0;
	keep(k, &f->request, &f->verdict, slice_str(f->id));
	keep_lineage(k, f);
	return k->err;
}

static int
take_decision_line(struct explain *k, const struct record *r)
{
	struct request q;
	struct verdict v;
	struct slice group;
	int err = decision_parse(r->json, &k->line, &q, &v, &group, NULL);

	if (err < 0)
		return err == ST_ENOMEM ? err : 0;
	keep(k, &q, &v, group);
	return k->err;
}

/* Of a finding that grew, the last line counts. */
static int
on_line(void *arg, const struct record *r)
{
	struct explain *k = arg;
	const char *name = r->kind == RECORD_FINDING ? "id" : "event_id";

	if (r->kind == RECORD_NOTE ||
	    !slice_is(json_text(json_get(r->json, name)), k->id))
		return 0;
	arena_reset(&k->line);
	return r->kind == RECORD_FINDING ? take_finding_line(k, r)
					 : take_decision_line(k, r);
}

/* ---- the event in logs -------------------------------------------------------------- */

static void
on_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct explain *k = arg;

	if (!k->found && slice_is(r->event_id, k->id))
		keep(k, r, v, slice_str(group));
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct explain *k = arg;

	if (strcmp(f->id, k->id) == 0)
		keep(k, &f->request, &f->verdict, slice_str(f->id));
	if (k->x.group.p && slice_is(k->x.group, f->id))
		keep_lineage(k, f);
}

static int
find(struct explain *k, struct err *e)
{
	static const struct pipeline_sink sink = { on_decision, on_finding };
	int err = history_lines(k->history, on_line, k, e);

	k->x.told = k->found;
	if (err == 0 && !k->found)
		err = history_judge(k->history, NULL, &sink, k, e);
	if (err == 0)
		err = k->err;
	if (err == 0 && !k->found)
		err = err_set(
		    e, ST_ENOENT, "%s: no event or finding of this id", k->id);
	return err;
}

/* ---- what is behind it ---------------------------------------------------------------- */

static int
take_usual(void *arg, const struct request *r)
{
	struct explain *k = arg;

	usual_take(&k->x.usual, r);
	return 0;
}

static int
look_back(struct explain *k, char **paths, struct err *e)
{
	struct history *past = NULL;
	int err;

	k->x.has_usual = usual_init(&k->x.usual, &k->x.request);
	if (!k->x.has_usual)
		return 0;
	k->from.uses = false;
	err = history_open(&k->from, paths, &past, e);
	if (err == 0)
		err = history_read(past, e);
	if (err == 0)
		err = history_each(past, WHEN_NONE, take_usual, k, e);
	history_close(past);
	for (size_t i = 0; i < USUAL_DIMS; i++)
		counts_by_number(&k->x.usual.values[i]);
	return err;
}

static int
ask_policy(struct explain *k, struct policy_scratch *scratch, struct err *e)
{
	struct explained *x = &k->x;

	policy_explain(x->policy, scratch, &x->request, &x->rules);
	policy_judge(x->policy, scratch, &x->request, &x->answer);
	x->title = finding_title(&x->request, &x->verdict, &k->arena);
	return change_find(x->policy, &x->request, &x->verdict, &x->change, e);
}

/* `scratch` holds texts of the answer. */
static int
explain(struct explain *k, char **paths, struct policy_scratch **scratch,
    struct err *e)
{
	int err = history_open(&k->from, paths, &k->history, e);

	if (err == 0)
		err = find(k, e);
	if (err < 0)
		return err;
	k->unreadable = history_unreadable(k->history);
	k->x.policy = history_policy(k->history);
	*scratch = policy_scratch_new(k->x.policy);
	if (!*scratch)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = look_back(k, paths, e);
	return err < 0 ? err : ask_policy(k, *scratch, e);
}

static int
print(struct explain *k)
{
	if (k->json)
		explain_json(&k->x, &k->out);
	else
		explain_text(&k->x, &k->out);
	if (k->out.failed ||
	    fwrite(k->out.p, 1, k->out.n, stdout) != k->out.n ||
	    fflush(stdout) != 0) {
		cli_usage("explain", "cannot write the result");
		return EXIT_UNREADABLE;
	}
	return k->unreadable && !k->lenient ? EXIT_UNREADABLE : EXIT_OK;
}

static int
run(struct explain *k, char **paths)
{
	struct policy_scratch *scratch = NULL;
	struct err e = { .text = "" };
	int err = explain(k, paths, &scratch, &e), status;

	if (err == 0) {
		status = print(k);
	} else {
		if (!e.text[0])
			err_set(&e, err, "%s", st_strerror(err));
		status = cli_error("explain", &e);
		if (err == ST_EIO || err == ST_ENOMEM)
			status = EXIT_UNREADABLE;
	}
	policy_scratch_free(scratch);
	return status;
}

/* ---- the command line ------------------------------------------------------------------- */

enum { O_JSON = 256, O_LENIENT };

static const struct option long_options[] = {
	{ "policy", required_argument, NULL, 'p' },
	{ "json", no_argument, NULL, O_JSON },
	{ "lenient", no_argument, NULL, O_LENIENT },
	HISTORY_LONG,
	{ NULL, 0, NULL, 0 },
};

static int
take_option(void *self, int c)
{
	struct explain *k = self;

	switch (c) {
	case O_JSON:
		k->json = true;
		return EXIT_OK;
	case O_LENIENT:
		k->lenient = true;
		return EXIT_OK;
	default:
		return history_option(&k->from, "explain", c, optarg);
	}
}

/* As cli_options(). */
static int
take_options(struct explain *k, int argc, char **argv)
{
	const struct cli_options o = { HISTORY_SHORT, long_options, help,
		take_option };
	int status = cli_options(&o, argc, argv, k);

	if (status >= 0)
		return status;
	if (optind == argc)
		return cli_usage(
		    "explain", "no ID; see stsentry explain --help");
	k->id = argv[optind++];
	for (int i = optind; i < argc; i++)
		if (strcmp(argv[i], "-") == 0)
			return cli_usage("explain",
			    "- cannot be read twice, as explain must");
	return -1;
}

int
cmd_explain(int argc, char **argv)
{
	struct explain k = { .from = { .uses = true } };
	int status = take_options(&k, argc, argv);

	if (status >= 0)
		return status;
	arena_init(&k.arena, ARENA_FIRST);
	arena_init(&k.line, ARENA_FIRST);
	status = run(&k, argv + optind);
	history_close(k.history);
	if (k.found)
		usual_release(&k.x.usual);
	change_release(&k.x.change);
	buf_release(&k.x.rules);
	buf_release(&k.out);
	arena_release(&k.arena);
	arena_release(&k.line);
	return status;
}
