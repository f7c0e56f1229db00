/*
 * init.c - `stsentry init`: a configuration and a policy to begin with.
 *
 * Looks at sample logs, or asks; writes both files, and checks them as
 * `stsentry check` does.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/draft.h"
#include "cli/history.h"
#include "cli/proposal.h"
#include "collector/examine.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LISTEN_DEFAULT "127.0.0.1:6514"
#define ADMIN_DEFAULT "127.0.0.1:9478"
#define ANSWER_MAX 4096 /* bytes */
#define NEW ".new"

struct init {
	struct history_options from;
	const char *dir, *listen;
	bool force;
	char **paths;
	char answer[ANSWER_MAX]; /* a path */
	char *answer_paths[2];   /* ends with NULL */
	char where[PATH_MAX];    /* dir, absolute */
	struct buf config, policy;
	uint64_t unreadable;
};

static const char help[] =
    "usage: stsentry init [OPTION]... [PATH]...\n"
    "\n"
    "Writes stsentry.yaml and policy.yaml to begin with, and says what to do next.\n"
    "With a PATH (sample logs, as scan takes them) the policy is made from what was\n"
    "normal there, and those logs become an input; without one it asks a few\n"
    "questions, on standard input.\n"
    "\n"
    "  -d, --dir DIR           where to write (default: this folder)\n"
    "      --listen ADDRESS    where log shippers send to (" LISTEN_DEFAULT
    ")\n"
    "      --geo FILE          a MaxMind DB; may be given several times\n"
    "      --force             replace files that are there\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 2 usage or configuration error, 3 some input could\n"
    "not be read or parsed.\n";

/* ---- asking ------------------------------------------------------------------------- */

/* An empty line, and the end of the input, are "". */
static struct slice
ask(struct init *n, const char *question)
{
	struct slice s;

	fprintf(stderr, "%s\n> ", question);
	if (!fgets(n->answer, sizeof(n->answer), stdin))
		n->answer[0] = '\0';
	s = slice_str(n->answer);
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	return slice_trim(s);
}

/* Words apart by blanks or commas, as a list under `key`. */
static void
add_list(struct buf *out, const char *key, struct slice words)
{
	size_t n = 0;

	while (words.n) {
		size_t len = 0;

		while (len < words.n && words.p[len] != ' ' &&
		    words.p[len] != ',' && words.p[len] != '\t')
			len++;
		if (len) {
			buf_addf(out, n++ ? ", " : "  %s: [", key);
			draft_quote(out, slice_of(words.p, len));
		}
		len += len < words.n;
		words = slice_of(words.p + len, words.n - len);
	}
	if (n)
		buf_adds(out, "]\n");
}

static void
ask_approved(struct init *n)
{
	static const struct {
		const char *key, *question;
	} lists[] = {
		{ "accounts",
		    "Which accounts and projects are yours? (111122223333 "
		    "projects/acme-prod; empty: any)" },
		{ "countries",
		    "From which countries do people and machines ask? (DE US; "
		    "empty: any)" },
		{ "cloud_regions",
		    "Which cloud regions do you use? (eu-west-1 global; empty: "
		    "any)" },
	};
	struct buf approved = BUF_INIT;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		add_list(&approved, lists[i].key, ask(n, lists[i].question));
	buf_adds(&n->policy,
	    "# What is approved; what is usual is learned.  `stsentry suggest` "
	    "writes rules\n# once there is some history.\nversion: 1\n");
	if (approved.n) {
		buf_adds(&n->policy, "approved:\n");
		buf_add_slice(&n->policy, buf_slice(&approved));
	}
	buf_adds(&n->policy, "unlisted_principals: learn\n");
	n->policy.failed |= approved.failed;
	buf_release(&approved);
}

/* Where logs lie: then they are looked at, and nothing else is asked. */
static void
ask_paths(struct init *n)
{
	struct slice path = ask(n,
	    "Where do your logs lie, or some of them? (a folder or a file; "
	    "empty: they will be sent)");

	if (!path.n)
		return;
	n->answer[path.p - n->answer + (ptrdiff_t)path.n] = '\0';
	n->answer_paths[0] = strdup(path.p);
	if (n->answer_paths[0])
		n->paths = n->answer_paths;
}

/* ---- the policy ----------------------------------------------------------------------- */

static int
look_at_logs(struct init *n, struct err *e)
{
	struct history *h = NULL;
	int err = history_open(&n->from, n->paths, &h, e);

	if (err == 0)
		err = proposal_make(h, NULL, 0, &n->policy, e);
	if (err == 0)
		n->unreadable = history_unreadable(h);
	history_close(h);
	return err;
}

static int
make_policy(struct init *n, struct err *e)
{
	if (!*n->paths)
		ask_paths(n);
	if (*n->paths)
		return look_at_logs(n, e);
	ask_approved(n);
	return n->policy.failed ? ST_ENOMEM : 0;
}

/* ---- the configuration ------------------------------------------------------------------ */

static void
add_place(struct init *n, const char *name)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", n->where, name);
	draft_quote(&n->config, buf_slice(&path));
	buf_release(&path);
}

/* A pattern for all files beneath; false where its name is one already. */
static bool
add_pattern(struct init *n, const char *path, bool first)
{
	char whole[PATH_MAX];
	struct buf pattern = BUF_INIT;
	struct stat st;

	if (strcmp(path, "-") == 0 || records_are(path) ||
	    !realpath(path, whole) || strpbrk(whole, "*?[\\") ||
	    stat(whole, &st) < 0)
		return false;
	buf_addf(&pattern, "%s%s", whole, S_ISDIR(st.st_mode) ? "/**" : "");
	buf_adds(&n->config, first ? "  - type: file\n    paths: [" : ", ");
	draft_quote(&n->config, buf_slice(&pattern));
	n->config.failed |= pattern.failed;
	buf_release(&pattern);
	return true;
}

static void
add_inputs(struct init *n)
{
	bool any = false;

	buf_adds(&n->config,
	    "inputs:\n"
	    "  # Log shippers on this machine; for others, TLS, HTTP and cloud\n"
	    "  # services see " PKGDATADIR "/stsentry.yaml.\n"
	    "  - type: tcp\n    listen: ");
	draft_quote(&n->config, slice_str(n->listen));
	buf_addc(&n->config, '\n');
	for (char **p = n->paths; *p; p++)
		any |= add_pattern(n, *p, !any);
	if (any)
		buf_adds(&n->config, "]\n    follow: true\n");
}

static void
add_geo(struct init *n)
{
	char whole[PATH_MAX];

	if (!n->from.n_geo)
		return;
	buf_adds(&n->config, "geo:\n  databases:\n");
	for (size_t i = 0; i < n->from.n_geo; i++) {
		buf_adds(&n->config, "    - ");
		draft_quote(&n->config,
		    slice_str(realpath(n->from.geo[i], whole)
			    ? whole
			    : n->from.geo[i]));
		buf_addc(&n->config, '\n');
	}
}

static void
make_config(struct init *n)
{
	struct buf *out = &n->config;

	buf_adds(out,
	    "# yaml-language-server: $schema=" PKGDATADIR
	    "/stsentry.schema.json\n"
	    "# Made by stsentry init; every key: stsentry check --options\n"
	    "version: 1\n");
	add_inputs(n);
	add_geo(n);
	buf_adds(out, "policy: ");
	add_place(n, "policy.yaml");
	buf_adds(out, "\nstate:\n  dir: ");
	add_place(n, "state");
	buf_adds(out, "\noutputs:\n  - type: file\n    path: ");
	add_place(n, "findings.jsonl");
	buf_adds(out,
	    "\n    format: json\n"
	    "  # Every token request, for reports and for looking back.\n"
	    "  - type: file\n    path: ");
	add_place(n, "decisions.jsonl");
	buf_adds(out,
	    "\n    what: decisions\n"
	    "admin:\n  listen: \"" ADMIN_DEFAULT "\"\n");
}

/* ---- writing ----------------------------------------------------------------------------- */

static int
write_bytes(const char *path, const struct buf *b, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	ssize_t n = 0;

	if (fd < 0)
		return err_sys(e, "cannot write %s", path);
	for (size_t at = 0; n >= 0 && at < b->n; at += (size_t)n)
		n = write(fd, b->p + at, b->n - at);
	if (fsync(fd) < 0 || close(fd) < 0 || n < 0)
		return err_sys(e, "cannot write %s", path);
	return 0;
}

/* Whole, or as it was. */
static int
write_file(struct init *n, const char *name, const struct buf *b, struct err *e)
{
	char path[PATH_MAX + NAME_MAX],
	    aside[PATH_MAX + NAME_MAX + sizeof(NEW)];
	int err;

	if (b->failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%s/%s", n->where, name);
	snprintf(aside, sizeof(aside), "%s" NEW, path);
	err = write_bytes(aside, b, e);
	if (err == 0 && rename(aside, path) < 0)
		err = err_sys(e, "cannot write %s", path);
	return err;
}

static int
find_place(struct init *n, struct err *e)
{
	static const char *const names[] = { "stsentry.yaml", "policy.yaml" };
	char path[PATH_MAX + NAME_MAX];

	if (mkdir(n->dir, 0750) < 0 && errno != EEXIST)
		return err_sys(e, "cannot make %s", n->dir);
	if (!realpath(n->dir, n->where))
		return err_sys(e, "%s", n->dir);
	for (size_t i = 0; !n->force && i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", n->where, names[i]);
		if (access(path, F_OK) == 0)
			return err_set(e, ST_EINVAL,
			    "%s is there already (--force replaces it)", path);
	}
	return 0;
}

/* As `stsentry check`; what is wrong is told. */
static int
check_files(struct init *n)
{
	struct problems all = PROBLEMS_INIT;
	struct examined x;
	struct buf text = BUF_INIT;
	char path[PATH_MAX + NAME_MAX];
	int status = EXIT_OK;

	snprintf(path, sizeof(path), "%s/stsentry.yaml", n->where);
	examine(path, NULL, &all, &x);
	if (problems_count(&all)) {
		problems_write(&all, &text);
		fprintf(stderr, "%.*s", SLICE_ARG(buf_slice(&text)));
		status = cli_usage("init",
		    "what was written is not well yet; mend it, then stsentry "
		    "check");
	}
	examine_release(&x);
	problems_release(&all);
	buf_release(&text);
	return status;
}

static void
say_next(struct init *n)
{
	printf("Written: %s/stsentry.yaml and policy.yaml\n\nNext:\n"
	       "  1. read policy.yaml, and fill in the owners\n"
	       "  2. stsentry check -c %s/stsentry.yaml\n",
	    n->where, n->where);
	if (*n->paths)
		printf("  3. stsentry scan -c %s/stsentry.yaml %s"
		       "       # what it would tell\n",
		    n->where, *n->paths);
	else
		printf("  3. send records to %s, one a line\n", n->listen);
	printf("  4. stsentryd -c %s/stsentry.yaml\n"
	       "  5. after two weeks: stsentry coverage, and stsentry suggest, "
	       "each with -c %s/stsentry.yaml\n",
	    n->where, n->where);
	if (!n->from.n_geo)
		printf("\nWithout --geo no country is known; see "
		       "https://dev.maxmind.com/geoip/ and geoipupdate.\n");
}

/* ---- the run -------------------------------------------------------------------------------- */

static int
make(struct init *n, struct err *e)
{
	int err = find_place(n, e);

	if (err == 0)
		err = make_policy(n, e);
	if (err == 0)
		make_config(n);
	if (err == 0)
		err = write_file(n, "policy.yaml", &n->policy, e);
	if (err == 0)
		err = write_file(n, "stsentry.yaml", &n->config, e);
	return err;
}

static int
run(struct init *n)
{
	struct err e = { .text = "" };
	int err = make(n, &e), status;

	if (err < 0) {
		if (!e.text[0])
			err_set(&e, err, "%s", st_strerror(err));
		return cli_error("init", &e);
	}
	status = check_files(n);
	if (status)
		return status;
	say_next(n);
	return n->unreadable ? EXIT_UNREADABLE : EXIT_OK;
}

/* ---- the command line ------------------------------------------------------------------------- */

enum { O_LISTEN = 256, O_FORCE };

static const struct option long_options[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "listen", required_argument, NULL, O_LISTEN },
	{ "geo", required_argument, NULL, HISTORY_O_GEO },
	{ "force", no_argument, NULL, O_FORCE },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
take_option(void *self, int c)
{
	struct init *n = self;

	switch (c) {
	case 'd':
		n->dir = optarg;
		return EXIT_OK;
	case O_LISTEN:
		n->listen = optarg;
		return EXIT_OK;
	case O_FORCE:
		n->force = true;
		return EXIT_OK;
	default:
		return history_option(&n->from, "init", c, optarg);
	}
}

int
cmd_init(int argc, char **argv)
{
	const struct cli_options o = { "d:qh", long_options, help,
		take_option };
	struct init n = {
		.dir = ".", .listen = LISTEN_DEFAULT, .from = { .uses = true }
	};
	int status = cli_options(&o, argc, argv, &n);

	if (status >= 0)
		return status;
	n.paths = argv + optind;
	status = run(&n);
	free(n.answer_paths[0]);
	buf_release(&n.config);
	buf_release(&n.policy);
	return status;
}
