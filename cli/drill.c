/*
 * drill.c - `stsentry drill`: a marked test finding through each output.
 *
 * Opens the configured outputs itself, whether a daemon runs or not, and gives
 * each one finding that says it is a test.  Where an output is a file, which
 * belongs to the daemon, a file beside it is written and removed.  What
 * surrounds outputs is drill_around.c's.  Main thread.
 */
#include "config.h"

#include "cli/drill.h"

#include "cli/cli.h"
#include "conf/schema.h"
#include "lib/clock.h"
#include "lib/jsonw.h"
#include "lib/loop.h"
#include "outputs/format/format.h"
#include "outputs/output.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_CONFIG SYSCONFDIR "/stsentry/stsentry.yaml"
#define ANSWER_MS 30000 /* that an answer may take */
#define TURN_NS 2000000
#define NAME_WIDTH 24
#define TITLE "TEST by stsentry drill: nobody needs to act"

static const char help[] =
    "usage: stsentry drill [-c FILE] [--json] [OUTPUT]...\n"
    "\n"
    "Sends a finding that says it is a test through each output, or those\n"
    "named, and tells the answer and how long it took.  Without names it also\n"
    "looks at names to be looked up, certificates, the clock, disks and geo\n"
    "databases.  What is not as it should be comes with its fix.  For a file\n"
    "output a file beside it is written and removed.\n"
    "\n"
    "  -c, --config FILE  the configuration (default:\n"
    "                     " DEFAULT_CONFIG ")\n"
    "      --json         a line of JSON each\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 all is well, 1 something is not, 2 usage or configuration\n"
    "error.\n";

/* ---- telling ---- */

static void
say_json(const struct drill_line *l)
{
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_member_str(&w, "what", l->what);
	jsonw_member_str(&w, "name", l->name);
	jsonw_key(&w, "ok");
	jsonw_bool(&w, l->ok);
	jsonw_key(&w, "ms");
	if (l->ms < 0)
		jsonw_null(&w);
	else
		jsonw_int(&w, l->ms);
	jsonw_member_str(&w, "text", l->text);
	jsonw_member_str(&w, "fix", l->ok ? NULL : l->fix);
	jsonw_end(&w);
	printf("%.*s\n", (int)b.n, b.p);
	buf_release(&b);
}

void
drill_say(struct drill *d, const struct drill_line *l)
{
	d->failed += !l->ok;
	if (d->json) {
		say_json(l);
	} else {
		printf("%-6s %-11s %-*s %s", l->ok ? "ok" : "FAILED", l->what,
		    NAME_WIDTH, l->name, l->text);
		if (l->ms >= 0)
			printf(" (%" PRId64 " ms)", l->ms);
		printf(l->ok || !l->fix ? "\n" : "\n       fix: %s\n", l->fix);
	}
	fflush(stdout);
}

/* ---- one output ---- */

struct attempt {
	int verdict; /* enum stsentry_verdict, -1: none yet */
	char why[512];
};

static void
on_answer(void *arg, const struct stsentry_record *records, size_t n,
    const struct stsentry_answer *a)
{
	struct attempt *t = arg;

	(void)records;
	(void)n;
	t->verdict = a->verdict;
	snprintf(t->why, sizeof(t->why), "%s", a->why ? a->why : "");
}

static void
fill_finding(struct finding *f, const char *version)
{
	const struct when now = when_now();

	*f = (struct finding){ .revision = 1,
		.time = now,
		.first_seen = now,
		.last_seen = now,
		.count = 1,
		.severity = SEV_INFORMATIONAL,
		.title = SLICE_LIT(TITLE),
		.version = version };
	snprintf(f->id, sizeof(f->id), "f-%016" PRIx64 "%016" PRIx64,
	    (uint64_t)now.sec, (uint64_t)now.nsec << 32 | (uint64_t)getpid());
	f->request.event_id = slice_str(f->id);
	f->request.time = now;
	f->request.action = SLICE_LIT("stsentry:Drill");
	f->request.duration = -1;
	f->event_ids[0] = f->request.event_id;
	f->n_event_ids = 1;
	f->next_steps[0] = SLICE_LIT("Nothing: this is a test");
	f->n_next_steps = 1;
}

/* In the output's own format. */
static bool
write_test(const struct output_config *c, const struct finding *f,
    struct buf *head, struct buf *out)
{
	const struct format *format = format_find(
	    slice_str(c->format ? c->format : "json"));
	const struct format_options o = { .tag = c->tag,
		.facility = c->facility };

	if (!format)
		return false;
	if (c->what == WHAT_DECISIONS) {
		if (format->decision)
			format->decision(
			    &f->request, &f->verdict, NULL, &o, out);
		else
			decision_write(&f->request, &f->verdict, NULL, out);
	} else {
		if (format->head)
			format->head(&o, head);
		format->finding(f, &o, out);
	}
	return !out->failed && !head->failed;
}

static void
wait_for_answer(
    struct output *o, struct loop *l, const struct attempt *t, int64_t end)
{
	const struct timespec turn = { .tv_nsec = TURN_NS };

	while (t->verdict < 0 && clock_ms() < end) {
		(void)!loop_step(l);
		if (output_is_idle(o))
			break;
		nanosleep(&turn, NULL);
	}
}

/* Gives it the finding; 0 with the answer in `t`. */
static int
attempt(const struct output_config *c, struct loop *l, struct attempt *t,
    struct err *e)
{
	struct output_place place = {
		.loop = l, .on_answer = on_answer, .arg = t
	};
	struct buf head = BUF_INIT, text = BUF_INIT;
	struct stsentry_record r = { .revision = 1,
		.account = "",
		.provider = "",
		.flags = STSENTRY_TEST |
		    (c->what == WHAT_FINDINGS ? STSENTRY_FINDING : 0U) };
	struct output *o = NULL;
	struct finding f;
	int err;

	fill_finding(&f, PACKAGE_VERSION);
	err = write_test(c, &f, &head, &text)
	    ? output_new(c, NULL, &o, e)
	    : err_set(e, ST_ENOMEM, "out of memory");
	place.head = buf_slice(&head);
	if (err == 0)
		err = output_open(o, &place, e);
	if (err == 0) {
		r.data = text.p;
		r.size = text.n;
		r.id = f.id;
		r.time_ms = f.time.sec * 1000;
		output_send(o, &r, 1);
		wait_for_answer(o, l, t, clock_ms() + ANSWER_MS);
		if (t->verdict == STSENTRY_DONE)
			err = output_flush(o, e);
	}
	output_free(o);
	buf_release(&head);
	buf_release(&text);
	return err;
}

static const char *const fixes[OUTPUT_TYPES] = {
	[OUTPUT_FILE] = "give the daemon's user the right to write in its "
			"folder, and room on its disk",
	[OUTPUT_STDOUT] = "somebody must read the standard output",
	[OUTPUT_SYSLOG] = "look at server, its certificate's name and ca, and "
			  "whether a firewall is between",
	[OUTPUT_WEBHOOK] =
	    "look at url and token, and at what the service says",
	[OUTPUT_EXEC] = "run the command by hand and give it a line: it must "
			"answer with done",
	[OUTPUT_PLUGIN] = "look at its options, and at what its maker says",
};

static void
drill_output(struct drill *d, const struct output_config *given, struct loop *l)
{
	struct output_config c = *given;
	struct attempt t = { .verdict = -1 };
	struct err e = { .text = "" };
	char beside[4096], text[600];
	int64_t began = clock_ms();
	bool ok;

	if (c.type == OUTPUT_FILE) {
		/* With holes, in the folder before the first. */
		snprintf(beside, sizeof(beside), "%.*s.drill-%ld",
		    (int)strcspn(c.path, "{}"), c.path, (long)getpid());
		c.path = beside;
	}
	ok = attempt(&c, l, &t, &e) == 0 && t.verdict == STSENTRY_DONE;
	if (c.type == OUTPUT_FILE)
		unlink(beside);
	snprintf(text, sizeof(text), "%s",
	    ok                  ? "taken"
		: e.text[0]     ? e.text
		: t.verdict < 0 ? "no answer"
		: t.why[0]      ? t.why
				: "refused");
	drill_say(d,
	    &(struct drill_line){ "output", given->name, ok, clock_ms() - began,
		text, fixes[given->type] });
}

/* ---- all of it ---- */

struct options {
	const char *config_path;
	bool json;
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
take_option(void *self, int c)
{
	struct options *o = self;

	switch (c) {
	case 'c':
		o->config_path = optarg;
		return EXIT_OK;
	case 'j':
		o->json = true;
		return EXIT_OK;
	default:
		return cli_usage("drill", "see stsentry drill --help");
	}
}

static bool
is_named(const char *name, char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n == 0;
}

/* Each of the names is one of an output. */
static int
check_names(const struct config *c, char *const *names, int n)
{
	const struct output_config *all = c->outputs.v;
	const char *words[CONFIG_OUTPUTS_MAX], *near;
	size_t n_words = 0;

	for (; n_words < c->outputs.n; n_words++)
		words[n_words] = all[n_words].name;
	for (int i = 0; i < n; i++) {
		size_t k = 0;

		while (k < n_words && strcmp(words[k], names[i]) != 0)
			k++;
		if (k < n_words)
			continue;
		near = schema_nearest(slice_str(names[i]), words, n_words);
		return cli_usage("drill", "there is no output \"%s\"%s%s%s",
		    names[i], near ? "; did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
	}
	return EXIT_OK;
}

int
cmd_drill(int argc, char **argv)
{
	struct options o = { .config_path = DEFAULT_CONFIG };
	const struct cli_options read = { "c:h", long_options, help,
		take_option };
	int status = cli_options(&read, argc, argv, &o);
	const struct output_config *all;
	struct config *c = NULL;
	struct drill d = { 0 };
	struct loop *l = NULL;
	struct err e;

	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	if (config_load(o.config_path, &c, &e) < 0)
		return cli_error("drill", &e);
	d.json = o.json;
	status = check_names(c, argv + optind, argc - optind);
	l = loop_new();
	if (status == EXIT_OK && !l)
		status = cli_usage("drill", "out of memory");
	all = c->outputs.v;
	for (size_t i = 0; status == EXIT_OK && i < c->outputs.n; i++)
		if (is_named(all[i].name, argv + optind, argc - optind))
			drill_output(&d, &all[i], l);
	if (status == EXIT_OK && optind == argc)
		drill_surroundings(&d, c);
	loop_free(l);
	config_free(c);
	if (status == EXIT_OK && d.failed)
		status = EXIT_HOLDS;
	return status;
}
