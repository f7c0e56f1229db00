/*
 * check.c - `stsentry check`: everything that could fail later, now.
 *
 * Reads a configuration and a policy, what they name, and the policy's own
 * test cases; prints schemas, options and what a policy thinks of one record.
 * Main thread.
 */
#include "config.h"

#include "cli/cli.h"

#include "collector/examine.h"
#include "collector/frame.h"
#include "events/sift.h"
#include "geo/geo.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EVENT_MAX ((size_t)16 << 20)

struct check {
	const char *config_path, *policy_path, *schema, *explain;
	bool options, json;
	struct problems all, uncovered;
	struct policy_test_result tests;
	struct examined found;
	struct policy *policy; /* to explain; of `found`, or the empty one */
	struct geo *geo;
	struct buf out;
};

static const char help[] =
    "usage: stsentry check [OPTION]... [FILE]...\n"
    "\n"
    "Checks a configuration and a policy: keys, values, the files they name,\n"
    "geo databases, and the policy's own tests.  FILE is told by its keys.\n"
    "Each problem is a line, file:line:column: what is wrong.\n"
    "\n"
    "  -c, --config FILE          stsentry.yaml\n"
    "  -p, --policy FILE          policy.yaml\n"
    "      --json                 the problems as a JSON array of objects with\n"
    "                             file, line, column and problem\n"
    "      --schema config|policy\n"
    "                             print the JSON Schema of that file\n"
    "      --options              print the table of all options\n"
    "      --explain-policy FILE  a record: show the rules considered\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 all is well, 2 something is wrong.\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "policy", required_argument, NULL, 'p' },
	{ "json", no_argument, NULL, 'j' },
	{ "schema", required_argument, NULL, 's' },
	{ "options", no_argument, NULL, 'o' },
	{ "explain-policy", required_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* What was gathered goes out; false where it cannot. */
static bool
write_out(struct check *k, FILE *f)
{
	bool ok = !k->out.failed &&
	    (k->out.n == 0 || fwrite(k->out.p, 1, k->out.n, f) == k->out.n);

	buf_reset(&k->out);
	return ok;
}

static int
print_out(struct check *k)
{
	bool ok = write_out(k, stdout) && fflush(stdout) == 0;

	return ok ? EXIT_OK : cli_usage("check", "cannot write the result");
}

static int
print_schema(struct check *k)
{
	if (strcmp(k->schema, "config") == 0)
		config_schema(&k->out);
	else if (strcmp(k->schema, "policy") == 0)
		policy_schema(&k->out);
	else
		return cli_usage(
		    "check", "--schema %s: config or policy", k->schema);
	return print_out(k);
}

/* Is it a policy or a configuration?  By the keys that only one has.  One that
 * cannot be read at all is told later, as either. */
static int
take_file(struct check *k, const char *path)
{
	struct problems ignored = PROBLEMS_INIT;
	struct yaml_doc *doc = NULL;
	const struct ynode *root = NULL;
	const char **place = &k->policy_path;
	struct err e;

	if (yaml_load_all(path, &ignored, &doc, &e) == 0)
		root = yaml_root(doc);
	if (ynode_get(root, "inputs") || ynode_get(root, "outputs") ||
	    (!root && k->policy_path && !k->config_path))
		place = &k->config_path;
	yaml_free(doc);
	problems_release(&ignored);
	if (*place)
		return cli_usage("check", "%s: there is another %s: %s", path,
		    place == &k->policy_path ? "policy" : "configuration",
		    *place);
	*place = path;
	return EXIT_OK;
}

/* ---- --explain-policy ---------------------------------------------------------- */

struct explain {
	struct check *k;
	struct policy_scratch *scratch;
	struct sifter *sifter;
	unsigned n;
};

static void
on_request(void *arg, struct request *r)
{
	struct explain *x = arg;

	if (r->source.kind == SOURCE_IP)
		geo_lookup(x->k->geo, &r->source.addr, &r->source.place);
	policy_explain(x->k->policy, x->scratch, r, &x->k->out);
	x->n++;
}

static void
on_frame(void *arg, const struct frame *f)
{
	struct explain *x = arg;

	sifter_frame(x->sifter, f->bytes, f->scan, f->offset);
}

static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	(void)arg;
	(void)some;
	(void)length;
	fprintf(stderr, "stsentry check: at byte %llu: %s\n",
	    (unsigned long long)offset, reject_help(why));
}

static int
read_event(const char *path, struct buf *b, struct err *e)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
					: open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	if (fd < 0)
		return err_sys(e, "cannot read %s", path);
	while (n > 0 && b->n < EVENT_MAX && buf_reserve(b, 65536)) {
		n = read(fd, b->p + b->n, 65536);
		b->n += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (n < 0)
		return err_sys(e, "cannot read %s", path);
	if (n > 0)
		return err_set(
		    e, ST_ELIMIT, "%s: longer than %zu bytes", path, EVENT_MAX);
	return 0;
}

static int
explain_event(struct check *k, struct err *e)
{
	struct sift_options o = { 0 };
	struct sift_calls calls = { .request = on_request,
		.reject = on_reject };
	struct explain x = { k, policy_scratch_new(k->policy), NULL, 0 };
	struct buf event = BUF_INIT;
	struct framer *f = NULL;
	int err = read_event(k->explain, &event, e);

	x.sifter = sifter_new(&o, &calls, &x);
	f = framer_new(FRAME_FILE, NULL, on_frame, on_reject, &x);
	if (err == 0 && (!x.scratch || !x.sifter || !f))
		err = err_set(e, ST_ENOMEM, "out of memory");
	if (err == 0) {
		err = framer_feed(f, event.p, event.n);
		framer_finish(f);
	}
	if (err == 0 && x.n == 0)
		err = err_set(
		    e, ST_ENOENT, "%s: no token request in it", k->explain);
	framer_free(f);
	sifter_free(x.sifter);
	policy_scratch_free(x.scratch);
	buf_release(&event);
	return err;
}

/* ---- checking --------------------------------------------------------------------- */

static int
run_tests(struct check *k)
{
	return policy_run_tests(
	    k->found.policy, &k->all, &k->uncovered, &k->tests);
}

static void
print_well(struct check *k)
{
	const struct config *c = k->found.config;

	if (c)
		buf_addf(&k->out, "%s: well, %zu inputs, %zu outputs\n",
		    k->config_path, c->inputs.n, c->outputs.n);
	if (!k->found.policy)
		return;
	problems_write(&k->uncovered, &k->out);
	buf_addf(&k->out,
	    "%s: well, %zu rules, %zu tests passed, %zu rules that no test "
	    "covers\n",
	    k->found.policy_path, policy_rule_count(k->found.policy),
	    k->tests.run, k->tests.uncovered);
}

/* EXIT_OK goes on. */
static int
check_files(struct check *k)
{
	bool bad;

	examine(k->config_path, k->policy_path, &k->all, &k->found);
	if (k->found.policy && run_tests(k) < 0)
		return cli_usage("check", "out of memory");
	bad = problems_count(&k->all) > 0;
	if (k->json)
		problems_json(&k->all, &k->out);
	else if (bad)
		problems_write(&k->all, &k->out);
	else
		print_well(k);
	if (!write_out(k, bad && !k->json ? stderr : stdout))
		return cli_usage("check", "cannot write the result");
	return bad ? EXIT_USAGE : EXIT_OK;
}

static int
explain(struct check *k)
{
	const struct config *c = k->found.config;
	struct geo_files files = { .n_databases = 0 };
	struct err e = { .text = "" };
	int err = 0;

	k->policy = k->found.policy;
	if (!k->policy)
		err = policy_load(NULL, &k->policy, &e);
	if (c)
		files = (struct geo_files){ c->geo.databases.v,
			c->geo.cloud_ranges.v, c->geo.databases.n,
			c->geo.cloud_ranges.n };
	if (err == 0)
		err = geo_open_all(&files, &k->geo, &e);
	if (err == 0)
		err = explain_event(k, &e);
	if (k->policy != k->found.policy)
		policy_free(k->policy);
	geo_close(k->geo);
	return err < 0 ? cli_error("check", &e) : print_out(k);
}

static int
run(struct check *k, char **files)
{
	int status = EXIT_OK;

	for (; status == EXIT_OK && *files; files++)
		status = take_file(k, *files);
	if (status)
		return status;
	if (!k->config_path && !k->policy_path)
		k->config_path = SYSCONFDIR "/stsentry/stsentry.yaml";
	status = check_files(k);
	return status || !k->explain ? status : explain(k);
}

static int
take_options(struct check *k, int argc, char **argv)
{
	int c;

	while ((c = cli_getopt(argc, argv, "c:p:h", long_options)) != -1) {
		switch (c) {
		case 'c':
			k->config_path = optarg;
			break;
		case 'p':
			k->policy_path = optarg;
			break;
		case 'j':
			k->json = true;
			break;
		case 's':
			k->schema = optarg;
			break;
		case 'o':
			k->options = true;
			break;
		case 'e':
			k->explain = optarg;
			break;
		case 'h':
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	return 0;
}

int
cmd_check(int argc, char **argv)
{
	struct check k = { .all = PROBLEMS_INIT, .uncovered = PROBLEMS_INIT };
	int status = take_options(&k, argc, argv);

	if (status < 0)
		fputs(help, stdout);
	if (status)
		return status < 0 ? EXIT_OK : status;
	if (k.json && k.explain)
		return cli_usage(
		    "check", "--json has no place for --explain-policy");
	if (k.schema) {
		status = print_schema(&k);
	} else if (k.options) {
		schema_table(config_rows, "", &k.out);
		status = print_out(&k);
	} else {
		status = run(&k, argv + optind);
	}
	examine_release(&k.found);
	problems_release(&k.all);
	problems_release(&k.uncovered);
	buf_release(&k.out);
	return status;
}
