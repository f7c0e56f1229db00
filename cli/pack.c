/*
 * pack.c - `stsentry pack`: a date range as one archive that can prove itself.
 *
 * Makes the key and the pack; the pack itself is report/archive's business, and
 * verifying one cli/pack_verify's.  Main thread.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/pack_verify.h"
#include "cli/progress.h"
#include "cli/records.h"
#include "cli/report.h"
#include "conf/secret.h"
#include "detect/policy.h"
#include "lib/deflate.h"
#include "report/format.h"
#include "report/archive.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define POLICY_BYTES_MAX ((size_t)64 << 20)

struct pack_run {
	struct report about;
	struct period period;
	const char *key, *output, *policy, *verify, *trusted, *new_key;
	bool json;
	struct gather *gather;
	struct policy *rules; /* NULL: no policy goes in */
	struct allowed *allowed;
	struct stage *stage;
	struct records *records;
	struct progress progress;
	struct err *e;
};

static const char help[] =
    "usage: stsentry pack --key FILE -o PACK [OPTION]... PATH...\n"
    "       stsentry pack --verify PACK [--public-key FILE] [--json]\n"
    "       stsentry pack --new-key FILE\n"
    "\n"
    "Puts the decisions and findings of a date range, the report on them (HTML,\n"
    "CSV, JSON), the controls it supports and the policy into one archive, with\n"
    "a signed manifest.  --verify says offline which record, day or file is not\n"
    "what was packed.  PATH is as for stsentry report.\n"
    "\n"
    "      --from T           only what happened at T (a date or a time) or later\n"
    "      --to T             only what happened before T\n"
    "      --framework NAME@VERSION\n"
    "                         controls of this one; without any: of all\n"
    "  -p, --policy FILE      put this policy and its hash in\n"
    "      --title TEXT       the title of the report\n"
    "      --key FILE         the private key to sign with\n"
    "  -o, --output PACK      a tar archive, packed with zstd where the name ends .zst\n"
    "      --verify PACK      verify it (also one that was packed with gzip)\n"
    "      --public-key FILE  it must be signed with this key\n"
    "      --json             --verify: what it finds as one JSON object\n"
    "      --new-key FILE     make a private key FILE and a public key FILE.pub\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 it ran, 1 --verify found something, 2 usage error, 3 some\n"
    "input could not be read.\n";

/* ---- options --------------------------------------------------------------------- */

enum {
	O_FROM = 256,
	O_TO,
	O_FRAMEWORK,
	O_TITLE,
	O_KEY,
	O_VERIFY,
	O_PUBLIC_KEY,
	O_NEW_KEY,
	O_JSON
};

static const struct option long_options[] = {
	{ "from", required_argument, NULL, O_FROM },
	{ "to", required_argument, NULL, O_TO },
	{ "framework", required_argument, NULL, O_FRAMEWORK },
	{ "policy", required_argument, NULL, 'p' },
	{ "title", required_argument, NULL, O_TITLE },
	{ "key", required_argument, NULL, O_KEY },
	{ "output", required_argument, NULL, 'o' },
	{ "verify", required_argument, NULL, O_VERIFY },
	{ "public-key", required_argument, NULL, O_PUBLIC_KEY },
	{ "new-key", required_argument, NULL, O_NEW_KEY },
	{ "json", no_argument, NULL, O_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Where an option's argument is only kept. */
static const char **
word_of(struct pack_run *r, int c)
{
	switch (c) {
	case 'p':
		return &r->policy;
	case 'o':
		return &r->output;
	case O_TITLE:
		return &r->about.title;
	case O_KEY:
		return &r->key;
	case O_VERIFY:
		return &r->verify;
	case O_PUBLIC_KEY:
		return &r->trusted;
	case O_NEW_KEY:
		return &r->new_key;
	default:
		return NULL;
	}
}

static int
take_option(void *self, int c)
{
	struct pack_run *r = self;
	const char **word = word_of(r, c);

	if (word) {
		*word = optarg;
		return 0;
	}
	switch (c) {
	case O_FROM:
		return cli_time("pack", "from", optarg, &r->period.from);
	case O_TO:
		return cli_time("pack", "to", optarg, &r->period.to);
	case O_FRAMEWORK:
		return report_take_framework("pack", &r->about);
	case O_JSON:
		r->json = true;
		return 0;
	default:
		return EXIT_USAGE;
	}
}

static int
check_options(const struct pack_run *r, int paths)
{
	if (r->json && !r->verify)
		return cli_usage("pack", "--json is of --verify");
	if (r->verify || r->new_key)
		return paths ? cli_usage("pack", "a PATH too many") : 0;
	if (!r->key)
		return cli_usage("pack",
		    "no --key FILE; stsentry pack --new-key FILE makes one");
	if (!r->output)
		return cli_usage("pack", "no --output PACK");
	if (!paths)
		return cli_usage("pack", "no PATH; see stsentry pack --help");
	return 0;
}

/* As cli_options(). */
static int
take_options(struct pack_run *r, int argc, char **argv)
{
	static const struct cli_options o = { "p:o:h", long_options, help,
		take_option };
	int status;

	r->about.title = "Temporary cloud credentials";
	r->about.version = PACKAGE_VERSION;
	status = cli_options(&o, argc, argv, r);
	if (status >= 0)
		return status;
	status = check_options(r, argc - optind);
	return status ? status : -1;
}

/* ---- reading ---------------------------------------------------------------------- */

static int
stage_record(struct pack_run *r, const struct record *record)
{
	bool finding = record->kind == RECORD_FINDING;
	struct when first = WHEN_NONE, last = WHEN_NONE;
	const char *begin = finding ? "first_seen" : "time";

	when_parse(json_text(json_get(record->json, begin)), &first);
	last = first;
	if (finding)
		when_parse(
		    json_text(json_get(record->json, "last_seen")), &last);
	if (!period_touches(&r->period, first, last))
		return 0;
	return stage_line(r->stage, finding ? "findings" : "decisions", first,
	    record->text, r->e);
}

static int
on_record(void *arg, const struct record *record)
{
	struct pack_run *r = arg;
	struct when at = WHEN_NONE;
	int err;

	when_parse(record->at, &at);
	if (record->kind == RECORD_NOTE)
		return gather_note(r->gather, record->text, at);
	if (r->allowed && allowed_line(r->allowed, record->text) < 0)
		return ST_ENOMEM;
	err = gather_line(r->gather, record->text, at);
	if (err == ST_EFORMAT) /* counted there */
		return 0;
	return err < 0 ? err : stage_record(r, record);
}

static void
on_note(void *arg, const char *line)
{
	struct pack_run *r = arg;

	progress_note(&r->progress, line);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	struct pack_run *r = arg;

	progress_show(&r->progress, done, total, "lines", r->gather->lines);
}

static int
read_paths(struct pack_run *r, char **paths)
{
	struct records_calls calls = { on_record, on_note, on_progress };
	int err = 0;

	r->records = records_new(&calls, r);
	if (!r->records)
		return err_set(r->e, ST_ENOMEM, "out of memory");
	progress_init(&r->progress, false);
	for (; err == 0 && *paths; paths++)
		err = records_add(r->records, *paths, r->e);
	if (err == 0)
		err = records_run(r->records, r->e);
	progress_clear(&r->progress);
	if (err == 0)
		gather_finish(r->gather);
	return err;
}

/* ---- what goes in beside them ------------------------------------------------------- */

static int
emit_file(void *arg, struct slice piece, struct err *e)
{
	if (fwrite(piece.p, 1, piece.n, arg) == piece.n)
		return 0;
	return err_sys(e, "cannot write the report");
}

static int
stage_report(struct pack_run *r, const char *name, const char *format,
    const char *section)
{
	FILE *f = stage_create(r->stage, name, r->e);
	struct report_out out = { .emit = emit_file, .arg = f };
	int err;

	if (!f)
		return ST_EIO;
	r->about.only = section ? section_find(slice_str(section)) : NULL;
	err = report_write(
	    report_format_find(slice_str(format)), &r->about, &out, r->e);
	if (fclose(f) != 0 && err == 0)
		err = err_sys(r->e, "cannot write the report");
	return err;
}

static int
stage_reports(struct pack_run *r)
{
	static const struct {
		const char *name, *format, *section;
	} all[] = {
		{ "report.html", "html", NULL },
		{ "report.csv", "csv", NULL },
		{ "report.json", "json", NULL },
		{ "controls.csv", "csv", "controls" },
	};
	int err = 0;

	for (size_t i = 0; err == 0 && i < sizeof(all) / sizeof(all[0]); i++)
		err = stage_report(
		    r, all[i].name, all[i].format, all[i].section);
	return err;
}

/* The policy as it is, and the hash that findings name it by. */
static int
stage_policy(struct pack_run *r)
{
	struct policy *p = NULL;
	char *bytes = NULL;
	size_t n = 0;
	int err = policy_load(r->policy, &p, r->e);

	if (err == 0)
		err = secret_slurp(
		    r->policy, POLICY_BYTES_MAX, &bytes, &n, r->e);
	if (err == 0)
		err = stage_put(
		    r->stage, "policy.yaml", slice_of(bytes, n), r->e);
	if (err == 0)
		err = stage_put(
		    r->stage, "policy.hash", slice_str(policy_hash(p)), r->e);
	policy_free(p);
	free(bytes);
	return err;
}

/* ---- writing ------------------------------------------------------------------------- */

struct output {
	FILE *f;
	struct deflate *deflate; /* NULL: not compressed */
	struct buf text;
};

static int
put(struct output *o, const char *p, size_t n)
{
	return fwrite(p, 1, n, o->f) == n ? 0 : ST_EIO;
}

static int
flush_packed(struct output *o)
{
	int err = put(o, o->text.p, o->text.n);

	buf_reset(&o->text);
	return err;
}

static int
emit_pack(void *arg, const char *p, size_t n)
{
	struct output *o = arg;
	int err;

	if (!o->deflate)
		return put(o, p, n);
	err = deflate_feed(o->deflate, p, n, &o->text);
	return err < 0 ? err : flush_packed(o);
}

static int
finish(struct output *o)
{
	int err;

	if (!o->deflate)
		return 0;
	err = deflate_finish(o->deflate, &o->text);
	return err < 0 ? err : flush_packed(o);
}

static bool
is_compressed(const char *name)
{
	return slice_ends(slice_str(name), ".zst") ||
	    slice_ends(slice_str(name), ".tzst");
}

static int
write_to(struct pack_run *r, const struct ed25519 *key, struct output *o)
{
	struct archive_about about = { r->about.title, r->about.version,
		r->period.from, r->period.to };
	int err = archive_write(r->stage, key, &about, emit_pack, o, r->e);

	if (err == 0)
		err = finish(o);
	if (fflush(o->f) != 0 || fsync(fileno(o->f)) != 0 || err == ST_EIO)
		return err_sys(r->e, "cannot write %s", r->output);
	return err;
}

static int
write_pack(struct pack_run *r, const struct ed25519 *key)
{
	struct output o = { fopen(r->output, "we"), NULL, BUF_INIT };
	int err;

	if (!o.f)
		return err_sys(r->e, "cannot write %s", r->output);
	if (is_compressed(r->output)) {
		o.deflate = deflate_new();
		if (!o.deflate) {
			fclose(o.f);
			return err_set(r->e, ST_ENOMEM, "out of memory");
		}
	}
	err = write_to(r, key, &o);
	deflate_free(o.deflate);
	buf_release(&o.text);
	fclose(o.f);
	return err;
}

static void
choose_frameworks(struct report *about)
{
	const struct framework *f;

	for (size_t i = 0; about->n_frameworks == i && (f = framework_at(i)) &&
	     i < REPORT_FRAMEWORKS_MAX;
	     i++)
		about->frameworks[about->n_frameworks++] = f;
}

static int
make_pack(struct pack_run *r, char **paths)
{
	struct ed25519 *key = NULL;
	int err = ed25519_open(r->key, &key, r->e);

	if (err == 0)
		err = stage_open(&r->stage, r->e);
	r->gather = gather_new(r->period);
	if (err == 0 && !r->gather)
		err = err_set(r->e, ST_ENOMEM, "out of memory");
	if (err == 0)
		err = report_open_policy(
		    r->policy, &r->period, &r->rules, &r->allowed, r->e);
	if (err == 0)
		err = read_paths(r, paths);
	if (err == 0)
		err = report_verify_ledgers(paths, &r->about, r->e);
	choose_frameworks(&r->about);
	r->about.gathered = r->gather;
	r->about.allowed = r->allowed;
	if (err == 0)
		err = stage_reports(r);
	if (err == 0 && r->policy)
		err = stage_policy(r);
	if (err == 0)
		err = stage_seal(r->stage, r->e);
	if (err == 0)
		err = write_pack(r, key);
	ed25519_free(key);
	return err;
}

/* ---- all of it ----------------------------------------------------------------------- */

static int
new_key(const struct pack_run *r)
{
	struct buf public = BUF_INIT;
	int err;

	buf_addf(&public, "%s.pub", r->new_key);
	buf_addc(&public, 0);
	err = public.failed ? err_set(r->e, ST_ENOMEM, "out of memory")
			    : ed25519_new_key(r->new_key, public.p, r->e);
	buf_release(&public);
	return err < 0 ? cli_error("pack", r->e) : EXIT_OK;
}

int
cmd_pack(int argc, char **argv)
{
	struct err e = { 0 };
	struct pack_run r = { .e = &e };
	int status = take_options(&r, argc, argv);

	if (status >= 0)
		return status;
	status = EXIT_OK;
	if (r.new_key)
		return new_key(&r);
	if (r.verify)
		return pack_verify(r.verify, r.trusted, r.json);
	if (make_pack(&r, argv + optind) < 0) {
		status = cli_error("pack", &e);
		unlink(r.output);
	} else if (!records_all_read(r.records)) {
		status = EXIT_UNREADABLE;
	}
	gather_free(r.gather);
	allowed_free(r.allowed);
	policy_free(r.rules);
	records_free(r.records);
	stage_free(r.stage);
	return status;
}
