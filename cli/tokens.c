/*
 * tokens.c - `stsentry tokens`: the temporary credentials that a daemon knows.
 *
 * Options, the rows of lineage out of a state directory, one entry each.  What a
 * chain is, is detect/lineage's business.  Changes nothing; works beside a
 * running daemon.  Main thread.
 */
#include "cli/cli.h"
#include "collector/pipeline.h"
#include "conf/config.h"
#include "detect/next_steps.h"
#include "lib/jsonw.h"
#include "outputs/format/view.h"

#include <getopt.h>
#include <stdio.h>

#define CHAIN "  chain    "

struct tokens {
	const char *config_path, *dir, *principal;
	struct when at; /* alive then; not valid: all */
	bool hints, json;
	unsigned width; /* of the terminal; 0: it is none */
	struct lineage *lineage;
	struct config *config;
	struct buf out;
	uint64_t shown, damaged;
	bool write_failed;
};

static const char help[] =
    "usage: stsentry tokens [OPTION]...\n"
    "\n"
    "Lists the temporary credentials that the daemon remembers: until they\n"
    "expire, and an hour longer.  A credential whose mint was not seen is listed\n"
    "from its first use on.\n"
    "\n"
    "  -c, --config FILE  the configuration that names the state directory\n"
    "  --state DIR        the state directory\n"
    "  --alive            only those that are alive now\n"
    "  --at T             only those that were alive at T (a date or a time)\n"
    "  --principal TEXT   only those with TEXT in the name of the root, of one who\n"
    "                     asked, or of a role on the way\n"
    "  --revoke-hints     with the command that ends each\n"
    "  --json             a line of JSON each\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 2 usage error, 3 the state could not be read.\n";

/* ---- options --------------------------------------------------------------- */

enum { O_STATE = 256, O_ALIVE, O_AT, O_PRINCIPAL, O_HINTS, O_JSON };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "state", required_argument, NULL, O_STATE },
	{ "alive", no_argument, NULL, O_ALIVE },
	{ "at", required_argument, NULL, O_AT },
	{ "principal", required_argument, NULL, O_PRINCIPAL },
	{ "revoke-hints", no_argument, NULL, O_HINTS },
	{ "json", no_argument, NULL, O_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
take_option(void *self, int c)
{
	struct tokens *t = self;

	switch (c) {
	case 'c':
		t->config_path = optarg;
		return 0;
	case O_STATE:
		t->dir = optarg;
		return 0;
	case O_ALIVE:
		t->at = when_now();
		return 0;
	case O_AT:
		return cli_time("tokens", "at", optarg, &t->at);
	case O_PRINCIPAL:
		t->principal = optarg;
		return 0;
	case O_HINTS:
		t->hints = true;
		return 0;
	case O_JSON:
		t->json = true;
		return 0;
	default:
		return EXIT_USAGE;
	}
}

/* As cli_options(). */
static int
take_options(struct tokens *t, int argc, char **argv)
{
	const struct cli_options o = { "c:h", long_options, help, take_option };
	int status = cli_options(&o, argc, argv, t);

	if (status < 0 && optind < argc)
		return cli_usage(
		    "tokens", "%s: no PATH is taken", argv[optind]);
	if (status < 0 && !t->dir && !t->config_path)
		return cli_usage("tokens", "--state DIR or --config FILE");
	return status;
}

/* ---- which ----------------------------------------------------------------- */

static bool
is_alive(const struct tokens *t, const struct lineage_token *token)
{
	return !t->at.valid ||
	    (when_cmp(token->minted, t->at) <= 0 &&
		when_cmp(t->at, token->expires) < 0);
}

static bool
is_wanted(const struct tokens *t, const struct lineage_token *token)
{
	if (!t->principal)
		return true;
	if (slice_find(token->principal, t->principal))
		return true;
	for (unsigned i = 0; i < token->n_hops; i++)
		if (slice_find(token->hops[i].who, t->principal))
			return true;
	return false;
}

/* A policy by time must not spare what was issued until now. */
static bool
add_hint(const struct lineage_token *token, struct buf *out)
{
	struct when until = token->last_used;

	if (!until.valid || when_cmp(until, token->minted) < 0)
		until = token->minted;
	return next_steps_revoke(token->target, until, out);
}

/* ---- telling --------------------------------------------------------------- */

static void
write_json(struct tokens *t, const struct lineage_token *token)
{
	struct buf hint = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &t->out);
	jsonw_object(&w);
	jsonw_member(&w, "credential", token->credential);
	jsonw_member_str(&w, "provider", provider_name(token->provider));
	jsonw_member(
	    &w, "root", token->n_hops ? token->hops[0].who : SLICE_NULL);
	jsonw_member(&w, "principal", token->principal);
	jsonw_member(&w, "target", token->target);
	jsonw_member(&w, "session", token->session);
	view_when(&w, "minted", token->minted);
	view_when(&w, "expires", token->expires);
	jsonw_key(&w, "expires_told");
	jsonw_bool(&w, token->lifetime_told);
	view_when(&w, "last_used", token->last_used);
	jsonw_member(&w, "last_country", view_country(token->last_country));
	view_lineage(&w, "lineage", token->hops, token->n_hops);
	if (t->hints)
		jsonw_member(&w, "revoke",
		    add_hint(token, &hint) ? buf_slice(&hint) : SLICE_NULL);
	jsonw_end(&w);
	buf_addc(&t->out, '\n');
	buf_release(&hint);
}

static void
say(struct buf *out, const char *label, struct slice s)
{
	buf_adds(out, label);
	if (s.n)
		jsonw_escape(out, s);
	else
		buf_adds(out, "unknown");
}

static void
say_when(struct buf *out, const char *label, struct when w)
{
	char text[WHEN_TEXT];

	if (!w.valid)
		return;
	buf_adds(out, label);
	buf_add_slice(out, when_format(w, text));
}

/* On one line, but on a terminal that is too narrow for it. */
static void
write_chain(struct tokens *t, const struct lineage_token *token)
{
	size_t columns = sizeof(CHAIN) - 1;

	for (unsigned i = 0; i < token->n_hops; i++)
		columns += token->hops[i].who.n + sizeof(" > ") - 1;
	for (unsigned i = 0; i < token->n_hops; i++)
		say(&t->out,
		    i == 0                               ? "\n" CHAIN
			: t->width && columns > t->width ? "\n         > "
							 : " > ",
		    token->hops[i].who);
}

static void
write_text(struct tokens *t, const struct lineage_token *token)
{
	struct buf *out = &t->out;

	say(out, "", token->credential.n ? token->credential : token->target);
	write_chain(t, token);
	if (token->session.n)
		say(out, "\n  session  ", token->session);
	if (token->principal.n)
		say_when(out, "\n  minted   ", token->minted);
	say_when(out,
	    token->lifetime_told ? "\n  expires  " : "\n  expires  at most ",
	    token->expires);
	say_when(out, "\n  used     ", token->last_used);
	if (token->last_used.valid && token->last_country[0])
		buf_addf(out, " in %s", token->last_country);
	if (t->hints) {
		buf_adds(out, "\n  revoke   ");
		if (!add_hint(token, out))
			buf_adds(out, "no command is known");
	}
	buf_addc(out, '\n');
}

static void
flush(struct tokens *t)
{
	if (t->out.failed ||
	    (t->out.n && fwrite(t->out.p, 1, t->out.n, stdout) != t->out.n))
		t->write_failed = true;
	buf_reset(&t->out);
}

static void
on_token(void *arg, const struct lineage_token *token)
{
	struct tokens *t = arg;

	if (!is_alive(t, token) || !is_wanted(t, token))
		return;
	t->shown++;
	if (t->json)
		write_json(t, token);
	else
		write_text(t, token);
	flush(t);
}

/* ---- the state ------------------------------------------------------------- */

static int
on_row(void *arg, struct slice key, struct slice value)
{
	struct tokens *t = arg;
	size_t n = sizeof(PIPELINE_LINEAGE) - 1;
	int err;

	if (!slice_starts(key, PIPELINE_LINEAGE))
		return 0;
	err = lineage_load(t->lineage, slice_of(key.p + n, key.n - n), value);
	if (err == ST_EFORMAT)
		t->damaged++;
	return err == ST_EFORMAT ? 0 : err;
}

static int
find_state(struct tokens *t, struct err *e)
{
	int err = 0;

	if (t->config_path)
		err = config_load(t->config_path, &t->config, e);
	if (err < 0)
		return err;
	if (!t->dir)
		t->dir = t->config->state.dir;
	if (!t->dir)
		return err_set(
		    e, ST_EINVAL, "%s: no state: {dir: ...}", t->config_path);
	return 0;
}

static int
read_rows(struct tokens *t, struct store *store, struct err *e)
{
	static const struct lineage_options options = { .learning = 0 };
	int err;

	t->lineage = lineage_new(&options);
	if (!t->lineage)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = store_each(store, STORE_DETECT, on_row, t, e);
	if (err < 0)
		return err;
	lineage_loaded(t->lineage);
	err = lineage_each(t->lineage, on_token, t);
	if (err < 0)
		return err_set(e, err, "%s", st_strerror(err));
	if (fflush(stdout) != 0 || t->write_failed)
		return err_sys(e, "cannot write the results");
	return 0;
}

static int
read_state(struct tokens *t, struct err *e)
{
	struct store *store = NULL;
	int err = store_open_read(t->dir, &store, e);

	if (err == 0)
		err = read_rows(t, store, e);
	store_close(store);
	return err;
}

int
cmd_tokens(int argc, char **argv)
{
	struct tokens t = { .at = WHEN_NONE, .width = cli_width() };
	struct err e = { 0 };
	int status = take_options(&t, argc, argv), err;

	if (status >= 0)
		return status;
	err = find_state(&t, &e);
	status = err < 0 ? cli_error("tokens", &e) : EXIT_OK;
	if (err == 0 && read_state(&t, &e) < 0) {
		cli_error("tokens", &e);
		status = EXIT_UNREADABLE;
	}
	if (t.damaged) {
		fprintf(stderr, "stsentry tokens: %llu rows are damaged\n",
		    (unsigned long long)t.damaged);
		status = EXIT_UNREADABLE;
	}
	lineage_free(t.lineage);
	config_free(t.config);
	buf_release(&t.out);
	return status;
}
