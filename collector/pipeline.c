/*
 * pipeline.c - from requests to verdicts and findings.
 *
 * Knows the order of the steps: seen before?, twins, policy, verdict, finding.
 * What each does is its own room's business, and where decisions and findings
 * go is the sink's.  Owned by one thread, whichever calls it.
 */
#include "collector/pipeline.h"

#include "collector/window.h"
#include "detect/names.h"

#include <stdlib.h>

struct pipeline {
	struct pipeline_options o;
	struct pipeline_sink sink;
	void *arg;
	struct policy_scratch *scratch;
	struct policy_answer answer;
	struct baseline_answer usual;
	struct baseline *baseline; /* NULL: the policy judges alone */
	struct lineage_answer chain;
	struct lineage *lineage; /* there where a baseline is */
	struct grants *grants;   /* likewise */
	struct buf granted;      /* words for the verdict in hand */
	struct finder *finder;
	struct twins *twins;
	struct window *seen; /* NULL: the caller looks for duplicates */
	struct pipeline_counts counts;
};

/* ---- what the rooms call back ------------------------------------------- */

/* Why the policy holds back all that the baseline, or lineage, says; absent if
 * it does not. */
static struct slice
excuse(struct pipeline *p, const struct request *r,
    const struct reason *reasons, unsigned n)
{
	struct slice why = SLICE_NULL;

	for (unsigned i = 0; i < n; i++) {
		why = policy_excuse(
		    p->o.policy, p->scratch, r, reasons[i].code);
		if (!why.p)
			return why;
	}
	return why;
}

static bool
is_ahead(const struct pipeline *p, const struct request *r)
{
	return p->o.live && r->time.valid &&
	    when_cmp(r->time, when_add(when_now(), PIPELINE_AHEAD_S)) > 0;
}

static int
add_baseline(struct pipeline *p, const struct request *r, struct verdict *v)
{
	struct baseline_answer *a = &p->usual;
	int err;

	if (!p->baseline || is_ahead(p, r))
		return 0;
	err = baseline_judge(p->baseline, r, v->finding, a);
	if (err < 0)
		return err;
	verdict_add_baseline(r, a,
	    a->finding ? excuse(p, r, a->reasons, a->n_reasons) : SLICE_NULL,
	    v);
	return 0;
}

static int
add_lineage(struct pipeline *p, const struct request *r, struct verdict *v)
{
	const struct lineage_scope scope = {
		policy_max_distance_km(p->o.policy),
		policy_trusts(p->o.policy, r),
	};
	struct lineage_answer *a = &p->chain;
	int err;

	if (!p->lineage || is_ahead(p, r))
		return 0;
	err = lineage_judge(p->lineage, r, &scope, a);
	if (err < 0)
		return err;
	verdict_add_lineage(r, a,
	    a->finding ? excuse(p, r, a->reasons, a->n_reasons) : SLICE_NULL,
	    v);
	return 0;
}

/* "4 minutes after alice called iam:CreateRole" */
static struct slice
grant_words(struct pipeline *p, const struct grants_found *f)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = { { "hour", 3600 }, { "minute", 60 }, { "second", 1 } };
	size_t i = 0;
	int64_t n;

	while (units[i].seconds > 1 && f->age < 2 * units[i].seconds)
		i++;
	n = f->age / units[i].seconds;
	buf_reset(&p->granted);
	buf_addf(&p->granted, "%lld %s%s after ", (long long)n, units[i].name,
	    n == 1 ? "" : "s");
	names_add(&p->granted,
	    f->who.n ? names_short(f->who) : SLICE_LIT("somebody"));
	buf_adds(&p->granted, " called ");
	names_add(&p->granted, f->action);
	return p->granted.failed ? SLICE_NULL : buf_slice(&p->granted);
}

/* Asked only where something is new: nearly never. */
static void
add_grant(struct pipeline *p, const struct request *r, struct verdict *v)
{
	struct grants_found f;

	if (!p->grants || !verdict_is_first(r, v) ||
	    !grants_before(p->grants, r, &f))
		return;
	verdict_add_grant(r, &f, grant_words(p, &f),
	    excuse(p, r, v->reasons, v->n_reasons), v);
}

static int
judge_use(struct pipeline *p, const struct request *r, struct verdict *v)
{
	verdict_from_use(v);
	return add_lineage(p, r, v);
}

static int
judge_request(struct pipeline *p, const struct request *r, struct verdict *v)
{
	int err;

	policy_judge(p->o.policy, p->scratch, r, &p->answer);
	verdict_from_policy(r, &p->answer, v);
	err = add_baseline(p, r, v);
	if (err == 0)
		err = add_lineage(p, r, v);
	if (err == 0)
		add_grant(p, r, v);
	return err;
}

/* Whom it told of is remembered, for the day somebody says it is all right. */
static int
tell(struct pipeline *p, const struct request *r, const struct verdict *v,
    char group[FINDING_ID_SIZE])
{
	int err = finder_add(p->finder, r, v, group);

	if (err < 0 || !p->baseline)
		return err;
	return baseline_told(p->baseline, group, r);
}

static int
judge(void *arg, const struct request *r, struct verdict *v,
    char group[FINDING_ID_SIZE])
{
	struct pipeline *p = arg;
	int err;

	err = r->kind == KIND_USE ? judge_use(p, r, v) : judge_request(p, r, v);
	/* It is an addition: the policy's finding is told without it. */
	if (err < 0 && !v->finding)
		return err;
	if (v->held_back)
		return finder_hold(p->finder, r, v);
	return v->finding ? tell(p, r, v, group) : 0;
}

static void
join(void *arg, const char *group, struct slice event_id)
{
	struct pipeline *p = arg;

	finder_join(p->finder, group, event_id);
}

/* In the daemon a record from the future must not close what others have
 * open. */
static struct when
event_time(const struct pipeline *p, const struct request *r)
{
	struct when now;

	if (!p->o.live)
		return r->time;
	now = when_now();
	return when_cmp(r->time, now) < 0 ? r->time : now;
}

static void
line(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct pipeline *p = arg;

	if (r->kind != KIND_USE) {
		p->counts.by_verdict[v->word]++;
		if (p->sink.decision)
			p->sink.decision(p->arg, r, v, group);
	}
	/* Last, for the verdict may point into lineage. */
	if (p->lineage && !is_ahead(p, r) && lineage_mint(p->lineage, r) < 0)
		p->counts.unminted++;
	if (r->time.valid)
		finder_advance(p->finder, event_time(p, r));
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct pipeline *p = arg;

	if (f->revision == 1)
		p->counts.findings[f->severity]++;
	if (p->sink.finding)
		p->sink.finding(p->arg, f);
}

/* ---- the way of a request ----------------------------------------------- */

/* 1 where it was seen before, 0 where it is new. */
static int
note_duplicate(struct pipeline *p, const struct request *r)
{
	if (!p->seen)
		return 0;
	if (window_knows(p->seen, r->duplicate_key))
		return 1;
	return window_add(p->seen, r->duplicate_key, when_now().sec);
}

/* Not looked up: a use that comes twice says nothing new. */
static int
take_use(struct pipeline *p, const struct request *r)
{
	p->counts.uses++;
	return p->lineage ? twins_add(p->twins, r) : 0;
}

/* It waits for no twin: what is asked in its past does not see it. */
static int
take_grant(struct pipeline *p, const struct request *r)
{
	return p->grants && !is_ahead(p, r) ? grants_note(p->grants, r) : 0;
}

int
pipeline_request(struct pipeline *p, const struct request *r)
{
	int err;

	if (r->kind == KIND_USE)
		return take_use(p, r);
	if (r->kind == KIND_GRANT)
		return take_grant(p, r);
	p->counts.requests++;
	err = note_duplicate(p, r);
	if (err > 0) {
		p->counts.duplicates++;
		return 0;
	}
	if (err == 0)
		err = twins_add(p->twins, r);
	if (err < 0)
		p->counts.refused++;
	return err;
}

int
pipeline_notice(struct pipeline *p, const struct notice *n)
{
	char group[FINDING_ID_SIZE];
	struct verdict v;
	struct request r;
	int err;

	notice_request(n, &r);
	notice_verdict(n, &v);
	err = note_duplicate(p, &r);
	if (err != 0)
		return err > 0 ? 0 : err;
	p->counts.notices++;
	return finder_add(p->finder, &r, &v, group);
}

/* Before the requests that they let somebody make. */
static int
take_grants(struct pipeline *p, const struct batch *b)
{
	struct slice rest = buf_slice(&b->grants);
	struct request r;
	size_t taken;
	int err, first = 0;

	for (size_t i = 0; i < b->n_grants; i++) {
		err = request_unpack(rest, &r, &taken);
		if (err < 0)
			return err;
		rest = slice_of(rest.p + taken, rest.n - taken);
		err = take_grant(p, &r);
		if (first == 0)
			first = err;
	}
	return first;
}

/* Behind the requests: most credentials are used after they were minted. */
static int
take_uses(struct pipeline *p, const struct batch *b)
{
	struct slice rest = buf_slice(&b->uses);
	struct request r;
	size_t taken;
	int err, first = 0;

	for (size_t i = 0; i < b->n_uses; i++) {
		err = request_unpack(rest, &r, &taken);
		if (err < 0)
			return err;
		rest = slice_of(rest.p + taken, rest.n - taken);
		err = take_use(p, &r);
		if (first == 0)
			first = err;
	}
	return first;
}

static int
take_notices(struct pipeline *p, const struct batch *b)
{
	struct slice rest = buf_slice(&b->notices);
	struct notice n;
	size_t taken;
	int err, first = 0;

	for (size_t i = 0; i < b->n_notices; i++) {
		err = notice_unpack(rest, &n, &taken);
		if (err < 0)
			return err;
		rest = slice_of(rest.p + taken, rest.n - taken);
		err = pipeline_notice(p, &n);
		if (first == 0)
			first = err;
	}
	return first;
}

int
pipeline_batch(struct pipeline *p, const struct batch *b)
{
	struct slice rest = buf_slice(&b->requests);
	struct request r;
	size_t taken;
	int err, first = twins_tick(p->twins);

	err = take_grants(p, b);
	if (first == 0)
		first = err;
	for (size_t i = 0; i < b->n_requests; i++) {
		err = request_unpack(rest, &r, &taken);
		if (err < 0)
			return err;
		rest = slice_of(rest.p + taken, rest.n - taken);
		err = pipeline_request(p, &r);
		if (first == 0)
			first = err;
	}
	err = take_uses(p, b);
	if (first == 0)
		first = err;
	err = take_notices(p, b);
	return first == 0 ? err : first;
}

int
pipeline_settle(struct pipeline *p)
{
	return twins_finish(p->twins);
}

int
pipeline_finish(struct pipeline *p)
{
	int err = pipeline_settle(p);

	if (err < 0)
		return err;
	finder_finish(p->finder);
	return 0;
}

size_t
pipeline_held(const struct pipeline *p)
{
	return twins_held(p->twins);
}

const struct pipeline_counts *
pipeline_counts(const struct pipeline *p)
{
	return &p->counts;
}

/* ---- over a restart ----------------------------------------------------- */

static int
save_seen(struct pipeline *p, pack_row *put, void *arg)
{
	return p->seen ? window_save(p->seen, put, arg) : 0;
}

static int
load_seen(struct pipeline *p, struct slice key, struct slice value)
{
	return p->seen ? window_load(p->seen, key, value) : 0;
}

static int
save_findings(struct pipeline *p, pack_row *put, void *arg)
{
	return finder_save(p->finder, put, arg);
}

static int
load_finding(struct pipeline *p, struct slice key, struct slice value)
{
	return finder_load(p->finder, key, value);
}

static int
save_held(struct pipeline *p, pack_row *put, void *arg)
{
	return twins_save(p->twins, put, arg);
}

static int
load_held(struct pipeline *p, struct slice key, struct slice value)
{
	return twins_load(p->twins, key, value);
}

static int
save_habits(struct pipeline *p, pack_row *put, void *arg)
{
	return p->baseline ? baseline_save(p->baseline, put, arg) : 0;
}

static int
load_habits(struct pipeline *p, struct slice key, struct slice value)
{
	return p->baseline ? baseline_load(p->baseline, key, value) : 0;
}

static int
save_lineage(struct pipeline *p, pack_row *put, void *arg)
{
	return p->lineage ? lineage_save(p->lineage, put, arg) : 0;
}

static int
load_lineage(struct pipeline *p, struct slice key, struct slice value)
{
	return p->lineage ? lineage_load(p->lineage, key, value) : 0;
}

static int
save_grants(struct pipeline *p, pack_row *put, void *arg)
{
	return p->grants ? grants_save(p->grants, put, arg) : 0;
}

static int
load_grant(struct pipeline *p, struct slice key, struct slice value)
{
	return p->grants ? grants_load(p->grants, key, value) : 0;
}

/* Rooms that share a table (STORE_DETECT) have a prefix of their own; they
 * never see it. */
static const struct kept_room {
	enum store_table table;
	const char *prefix;
	int (*save)(struct pipeline *p, pack_row *put, void *arg);
	int (*load)(struct pipeline *p, struct slice key, struct slice value);
} kept_rooms[] = {
	{ STORE_SEEN, "", save_seen, load_seen },
	{ STORE_FINDING, "", save_findings, load_finding },
	{ STORE_HELD, "", save_held, load_held },
	{ STORE_DETECT, "baseline/", save_habits, load_habits },
	{ STORE_DETECT, PIPELINE_LINEAGE, save_lineage, load_lineage },
	{ STORE_DETECT, "grants/", save_grants, load_grant },
};
#define KEPT_ROOMS (sizeof(kept_rooms) / sizeof(kept_rooms[0]))

struct save {
	const struct kept_room *room;
	pipeline_row *put;
	void *arg;
	struct buf key;
};

static int
put_for_room(void *arg, struct slice key, struct slice value)
{
	struct save *s = arg;

	buf_reset(&s->key);
	buf_adds(&s->key, s->room->prefix);
	buf_add_slice(&s->key, key);
	if (s->key.failed)
		return ST_ENOMEM;
	return s->put(s->arg, s->room->table, buf_slice(&s->key), value);
}

int
pipeline_save(struct pipeline *p, pipeline_row *put, void *arg)
{
	struct save s = { .put = put, .arg = arg, .key = BUF_INIT };
	int err = 0;

	for (size_t i = 0; i < KEPT_ROOMS && err == 0; i++) {
		s.room = &kept_rooms[i];
		err = s.room->save(p, put_for_room, &s);
	}
	buf_release(&s.key);
	return err;
}

int
pipeline_load(struct pipeline *p, enum store_table table, struct slice key,
    struct slice value)
{
	for (size_t i = 0; i < KEPT_ROOMS; i++) {
		const struct kept_room *r = &kept_rooms[i];
		size_t n = strlen(r->prefix);

		if (r->table == table && slice_starts(key, r->prefix))
			return r->load(
			    p, slice_of(key.p + n, key.n - n), value);
	}
	return ST_ENOENT;
}

int
pipeline_loaded(struct pipeline *p)
{
	int err = p->baseline ? baseline_loaded(p->baseline) : 0;

	if (p->lineage)
		lineage_loaded(p->lineage);
	if (err == 0 && p->grants)
		err = grants_loaded(p->grants);
	return err < 0 ? err : finder_loaded(p->finder);
}

bool
pipeline_uses(enum store_table table)
{
	for (size_t i = 0; i < KEPT_ROOMS; i++)
		if (kept_rooms[i].table == table)
			return true;
	return false;
}

void
pipeline_count_on(struct pipeline *p, const struct pipeline_counts *from)
{
	p->counts = *from;
}

size_t
pipeline_known(const struct pipeline *p)
{
	return p->seen ? window_count(p->seen) : 0;
}

struct baseline_counts
pipeline_baseline_counts(const struct pipeline *p)
{
	return p->baseline ? *baseline_counts(p->baseline)
			   : (struct baseline_counts){ 0 };
}

struct lineage_counts
pipeline_lineage_counts(const struct pipeline *p)
{
	return p->lineage ? *lineage_counts(p->lineage)
			  : (struct lineage_counts){ 0 };
}

struct grants_counts
pipeline_grants_counts(const struct pipeline *p)
{
	return p->grants ? *grants_counts(p->grants)
			 : (struct grants_counts){ 0 };
}

int
pipeline_ack(struct pipeline *p, const char *id, const struct ack *ack)
{
	int seen = finder_ack(p->finder, id, ack);
	int known = p->baseline ? baseline_told_of(p->baseline, id) : ST_ENOENT;

	if (known == 0 && ack->taught)
		known = baseline_believe(p->baseline, id);
	return seen == ST_ENOENT ? known : seen;
}

int
pipeline_set_options(struct pipeline *p, const struct pipeline_options *o)
{
	const struct finder_about about = { policy_path(o->policy),
		policy_hash(o->policy), p->o.version };
	struct policy_scratch *scratch = policy_scratch_new(o->policy);

	if (!scratch)
		return ST_ENOMEM;
	policy_scratch_free(p->scratch);
	p->scratch = scratch;
	p->o.policy = o->policy;
	finder_set_about(p->finder, &about);
	finder_set_every(p->finder, o->every);
	if (p->seen)
		window_set(p->seen, o->duplicates_max, o->duplicates_span);
	if (p->baseline) {
		baseline_set_options(p->baseline, o->baseline);
		lineage_set_learning(p->lineage, o->baseline->learning);
		grants_set_window(p->grants, o->baseline->grants);
	}
	return 0;
}

/* ---- life --------------------------------------------------------------- */

/* It has as much history as the baseline. */
static struct lineage *
lineage_of(const struct baseline_options *o, bool live)
{
	const struct lineage_options lo = { .learning = o->learning,
		.learn_until = o->learn_until,
		.ordered = !live,
		.kept = o->kept };

	return lineage_new(&lo);
}

struct pipeline *
pipeline_new(const struct pipeline_options *o, const struct pipeline_sink *sink,
    void *arg)
{
	static const struct twins_calls calls = { judge, join, line };
	struct finder_about about = { policy_path(o->policy),
		policy_hash(o->policy), o->version };
	struct pipeline *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->o = *o;
	p->sink = *sink;
	p->arg = arg;
	p->scratch = policy_scratch_new(o->policy);
	p->finder = finder_new(&about, on_finding, p);
	if (o->baseline) {
		p->baseline = baseline_new(o->baseline);
		p->lineage = lineage_of(o->baseline, o->live);
		p->grants = grants_new(&(struct grants_options){
		    .window = o->baseline->grants, .kept = o->baseline->kept });
	}
	p->twins = twins_new(o->live, &calls, p);
	if (o->duplicates_max > 0)
		p->seen = window_new(o->duplicates_max, o->duplicates_span);
	if ((o->baseline && (!p->baseline || !p->lineage || !p->grants)) ||
	    !p->scratch || !p->finder || !p->twins ||
	    (o->duplicates_max > 0 && !p->seen)) {
		pipeline_free(p);
		return NULL;
	}
	finder_set_live(p->finder, o->live);
	finder_set_every(p->finder, o->every);
	return p;
}

void
pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	twins_free(p->twins);
	finder_free(p->finder);
	baseline_free(p->baseline);
	lineage_free(p->lineage);
	grants_free(p->grants);
	buf_release(&p->granted);
	policy_scratch_free(p->scratch);
	window_free(p->seen);
	free(p);
}
