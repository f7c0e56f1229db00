/*
 * history.c - the token requests of the past, in the order of time.
 *
 * Knows where they come from; what is asked of them is the caller's business.
 * Main thread; workers of cli/input give theirs one at a time.
 */
#include "config.h"

#include "cli/history.h"

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "collector/examine.h"
#include "collector/pipeline.h"
#include "lib/hash.h"
#include "outputs/format/parse.h"

#include <stdlib.h>
#include <unistd.h>

#define ARENA_FIRST 4096
#define THREADS_MAX 16

struct history {
	struct history_options o;
	struct config *config;
	struct policy *policy;
	struct geo *places;
	struct api_choice apis;
	struct input *input;
	struct records *records;
	struct sorter *sorter;
	struct progress progress;
	bool logs, told;
	struct when newest, since;
	uint64_t lines, unread;
	struct arena arena;
	struct buf packed;
	sorter_cb *request;
	int (*line)(void *arg, const struct record *r);
	void *arg;
};

/* ---- what comes in ---------------------------------------------------------- */

static void
on_note(void *arg, const char *line)
{
	struct history *h = arg;

	progress_note(&h->progress, line);
}

static void
on_input_progress(void *arg, uint64_t done, uint64_t total, uint64_t records)
{
	struct history *h = arg;

	progress_show(&h->progress, done, total, "records", records);
}

static void
on_records_progress(void *arg, uint64_t done, uint64_t total)
{
	struct history *h = arg;

	progress_show(&h->progress, done, total, "lines", h->lines);
}

static void
see(struct history *h, const struct request *r)
{
	if (r->time.valid &&
	    (!h->newest.valid || when_cmp(r->time, h->newest) > 0))
		h->newest = r->time;
}

static int
on_requests(void *arg, struct slice packed, struct err *e)
{
	struct history *h = arg;
	struct slice rest = packed;
	struct request r;
	size_t took;

	while (rest.n && request_unpack(rest, &r, &took) == 0) {
		see(h, &r);
		rest = slice_of(rest.p + took, rest.n - took);
	}
	return sorter_add(h->sorter, packed, e);
}

/* The line of one event may stand in several files. */
static void
set_key(struct request *r)
{
	char text[WHEN_TEXT];
	struct slice at = r->time.valid ? when_format(r->time, text)
					: SLICE_NULL;

	r->duplicate_key[0] = hash_stable(r->event_id.p, r->event_id.n);
	r->duplicate_key[1] = hash_stable(at.p, at.n);
}

static int
add_decision(struct history *h, const struct record *line)
{
	struct request r;
	struct verdict v;
	struct slice group;
	struct err e = { .text = "" };
	int err;

	arena_reset(&h->arena);
	err = decision_parse(line->json, &h->arena, &r, &v, &group, &e);
	if (err == ST_ENOMEM)
		return err;
	if (err < 0) {
		h->unread++;
		return 0;
	}
	set_key(&r);
	r.input_offset = h->lines;
	see(h, &r);
	buf_reset(&h->packed);
	request_pack(&r, &h->packed);
	return sorter_add(h->sorter, buf_slice(&h->packed), &e);
}

static int
on_record(void *arg, const struct record *r)
{
	struct history *h = arg;

	h->lines++;
	if (h->line)
		return h->line(h->arg, r);
	return r->kind == RECORD_DECISION ? add_decision(h, r) : 0;
}

/* ---- options ---------------------------------------------------------------- */

int
history_option(
    struct history_options *o, const char *command, int c, char *value)
{
	switch (c) {
	case 'c':
		o->config_path = value;
		return EXIT_OK;
	case 'p':
		o->policy_path = value;
		return EXIT_OK;
	case 'q':
		o->quiet = true;
		return EXIT_OK;
	case HISTORY_O_STATE:
		o->state = value;
		return EXIT_OK;
	case HISTORY_O_GEO:
		if (o->n_geo == HISTORY_GEO_MAX)
			return cli_usage(
			    command, "more than %d --geo", HISTORY_GEO_MAX);
		o->geo[o->n_geo++] = value;
		return EXIT_OK;
	default:
		return EXIT_USAGE;
	}
}

/* ---- opening ------------------------------------------------------------------ */

/* Those of the configuration behind those of the command line. */
static void
add_geo(const struct config *c, const char *geo[HISTORY_GEO_MAX],
    struct geo_files *f)
{
	for (size_t i = 0; i < c->geo.databases.n; i++)
		if (f->n_databases < HISTORY_GEO_MAX)
			geo[f->n_databases++] = c->geo.databases.v[i];
	f->ranges = c->geo.cloud_ranges.v;
	f->n_ranges = c->geo.cloud_ranges.n;
}

static int
open_files(struct history *h, struct err *e)
{
	const char *geo[HISTORY_GEO_MAX];
	struct geo_files files = { .databases = geo,
		.n_databases = h->o.n_geo };
	const char *policy = h->o.policy_path;
	int err = 0;

	memcpy(geo, h->o.geo, sizeof(geo));
	api_choice_default(&h->apis);
	if (h->o.config_path)
		err = config_load(h->o.config_path, &h->config, e);
	if (err == 0 && h->config)
		err = examine_apis(h->config, &h->apis, NULL, e);
	if (err < 0)
		return err;
	if (h->config && !policy)
		policy = h->config->policy;
	if (h->config)
		add_geo(h->config, geo, &files);
	err = policy_load(policy, &h->policy, e);
	if (err == 0)
		err = geo_open_all(&files, &h->places, e);
	return err;
}

static int
open_rooms(struct history *h, struct err *e)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct input_options in = {
		.apis = &h->apis, .geo = h->places, .uses = h->o.uses
	};
	struct input_calls in_calls = { on_requests, on_note,
		on_input_progress };
	struct records_calls calls = { on_record, on_note,
		on_records_progress };
	struct sorter_options so = { .memory = 0 };

	in.threads = cores < 1    ? 1
	    : cores > THREADS_MAX ? THREADS_MAX
				  : (unsigned)cores;
	h->input = input_new(&in, &in_calls, h);
	h->records = records_new(&calls, h);
	h->sorter = sorter_new(&so);
	if (!h->input || !h->records || !h->sorter)
		return err_set(e, ST_ENOMEM, "out of memory");
	return 0;
}

static int
add_path(struct history *h, const char *path, struct err *e)
{
	if (records_are(path)) {
		h->told = true;
		return records_add(h->records, path, e);
	}
	h->logs = true;
	return input_add(h->input, path, e);
}

static int
add_state(struct history *h, struct err *e)
{
	const char *dir = h->o.state;

	if (!dir && h->config)
		dir = h->config->state.dir;
	if (!dir)
		return err_set(e, ST_EINVAL,
		    "no PATH, and the configuration has no state");
	if (!records_is_ledger(dir))
		return err_set(e, ST_ENOENT, "%s: no ledger is there", dir);
	return add_path(h, dir, e);
}

int
history_open(const struct history_options *o, char *const *paths,
    struct history **result, struct err *e)
{
	struct history *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return err_set(e, ST_ENOMEM, "out of memory");
	h->o = *o;
	if (!*paths && !o->state && !o->config_path)
		h->o.config_path = HISTORY_CONFIG;
	arena_init(&h->arena, ARENA_FIRST);
	progress_init(&h->progress, o->quiet);
	err = open_files(h, e);
	if (err == 0)
		err = open_rooms(h, e);
	if (err == 0 && !*paths)
		err = add_state(h, e);
	for (; err == 0 && *paths; paths++)
		err = add_path(h, *paths, e);
	if (err < 0) {
		history_close(h);
		return err;
	}
	*result = h;
	return 0;
}

void
history_close(struct history *h)
{
	if (!h)
		return;
	input_free(h->input);
	records_free(h->records);
	sorter_free(h->sorter);
	policy_free(h->policy);
	geo_close(h->places);
	config_free(h->config);
	arena_release(&h->arena);
	buf_release(&h->packed);
	free(h);
}

/* ---- reading ------------------------------------------------------------------- */

int
history_read(struct history *h, struct err *e)
{
	int err = 0;

	h->line = NULL;
	if (h->logs)
		err = input_run(h->input, e);
	if (err == 0 && h->told)
		err = records_run(h->records, e);
	progress_clear(&h->progress);
	return err;
}

static int
from_since(void *arg, const struct request *r)
{
	struct history *h = arg;

	if (h->since.valid &&
	    (!r->time.valid || when_cmp(r->time, h->since) < 0))
		return 0;
	return h->request(h->arg, r);
}

int
history_each(struct history *h, struct when since, sorter_cb *cb, void *arg,
    struct err *e)
{
	h->since = since;
	h->request = cb;
	h->arg = arg;
	return sorter_run(h->sorter, from_since, h, e);
}

/* A moment, or a duration before the newest: "30d". */
static int
find_since(const struct history *h, const char *since, struct when *result,
    struct err *e)
{
	int64_t ms;

	*result = WHEN_NONE;
	if (!since || when_parse(slice_str(since), result))
		return 0;
	if (!schema_duration(slice_str(since), &ms))
		return err_set(e, ST_EINVAL,
		    "--since %s: no time, as 2026-03-01, and no duration, as "
		    "30d",
		    since);
	if (h->newest.valid)
		*result = when_add(h->newest, -ms / 1000);
	return 0;
}

static int
judge_one(void *arg, const struct request *r)
{
	return pipeline_request(arg, r);
}

int
history_judge(struct history *h, const char *since,
    const struct pipeline_sink *sink, void *arg, struct err *e)
{
	struct baseline_options usual = baseline_options_of(h->config);
	struct pipeline_options o = { .policy = h->policy,
		.version = PACKAGE_VERSION,
		.baseline = &usual };
	struct pipeline *p = pipeline_new(&o, sink, arg);
	struct when from;
	int err;

	if (!p)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = history_read(h, e);
	if (err == 0)
		err = find_since(h, since, &from, e);
	if (err == 0)
		err = history_each(h, from, judge_one, p, e);
	if (err == 0)
		err = pipeline_finish(p);
	pipeline_free(p);
	return err;
}

int
history_lines(struct history *h, int (*cb)(void *arg, const struct record *r),
    void *arg, struct err *e)
{
	int err;

	if (!h->told)
		return 0;
	h->line = cb;
	h->arg = arg;
	err = records_run(h->records, e);
	progress_clear(&h->progress);
	return err;
}

/* ---- what it is ------------------------------------------------------------------ */

const struct config *
history_config(const struct history *h)
{
	return h->config;
}

const struct policy *
history_policy(const struct history *h)
{
	return h->policy;
}

bool
history_is_told(const struct history *h)
{
	return h->told;
}

uint64_t
history_unreadable(const struct history *h)
{
	return (h->logs ? input_unreadable(h->input) : 0) +
	    (h->told ? records_counts(h->records)->unreadable : 0) + h->unread;
}
