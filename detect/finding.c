/*
 * finding.c - verdicts that people should see, repeats folded into one.
 *
 * Knows the key under which repeats fold, when a finding is closed, and in
 * what order findings are given out.  Its words are title.c's and
 * next_steps.c's, its severity is the verdict's.  Owned by the pipeline's
 * thread.
 *
 * Each open finding stands in two tables (by key, by id) and two lists: one
 * by when it last grew, to close what is old, and one by when it began, to
 * give out in that order.  In scan one that is closed waits in the second
 * list until all before it are closed too.  What outlasts a restart is
 * finding_keep.c's business; it is told here what has changed.
 */
#include "detect/finding_i.h"

#include "detect/next_steps.h"
#include "lib/hash.h"

#include <stdio.h>
#include <stdlib.h>

#define DIGEST_WAIT 3600 /* seconds behind the day that a digest tells of */
#define DATE_TEXT 10     /* "2026-03-01" */

/* ---- keys and ids ------------------------------------------------------- */

static bool
has_key(const void *item, const void *key)
{
	const struct open *o = item;
	const struct slice *k = key;

	return slice_eq(o->key, *k);
}

static bool
has_id(const void *item, const void *key)
{
	const struct open *o = item;

	return strcmp(o->id, key) == 0;
}

/* With its length in front, so that no two lists of fields look the same. */
static void
add_field(struct buf *b, struct slice s)
{
	if (s.p)
		buf_addf(b, "%zu:", s.n);
	else
		buf_addc(b, '-');
	buf_add_slice(b, s);
}

/* The codes by name and in the table's order: an id must outlive a table that
 * has grown. */
static void
write_key(struct buf *b, const struct request *r, const struct verdict *v)
{
	bool has[REASON_COUNT] = { false };

	buf_reset(b);
	if (v->fold.p) {
		add_field(b,
		    v->every_day ? SLICE_LIT("policy") : SLICE_LIT("baseline"));
		add_field(b, v->fold);
		return;
	}
	add_field(b, slice_str(provider_name(r->provider)));
	add_field(b, r->account);
	add_field(b, r->principal);
	/* What was done with a credential does not matter where it is one that
	 * should not be used. */
	add_field(b, r->kind == KIND_USE ? SLICE_LIT("use") : r->action);
	add_field(b, r->target);
	/* What the baseline adds to a breach changes from repeat to repeat. */
	for (unsigned i = 0; i < v->n_reasons; i++)
		if (reason_table[v->reasons[i].code].group != GROUP_BASELINE)
			has[v->reasons[i].code] = true;
	for (int i = 0; i < REASON_COUNT; i++)
		if (has[i])
			add_field(b, slice_str(reason_table[i].code));
}

static void
write_id(struct finder *f, struct slice event_id, char id[FINDING_ID_SIZE])
{
	unsigned char sum[SHA256_SIZE];

	sha256_add(f->sha, f->key.p, f->key.n);
	sha256_add(f->sha, "\n", 1);
	sha256_add(f->sha, event_id.p, event_id.n);
	sha256_sum(f->sha, sum);
	memcpy(id, "f-", 2);
	hash_hex(sum, (FINDING_ID_SIZE - 3) / 2, id + 2);
}

/* ---- copies ------------------------------------------------------------- */

/* Fill *s with copies; on failure it is empty. */
static int
strongest_init(
    struct strongest *s, const struct request *r, const struct verdict *v)
{
	arena_init(&s->arena, STRINGS_FIRST);
	if (request_copy(r, &s->arena, &s->request) &&
	    verdict_keep(v, &s->arena, &s->verdict) == 0)
		return 0;
	arena_release(&s->arena);
	return ST_ENOMEM;
}

static bool
is_stronger(const struct request *r, const struct verdict *v,
    const struct strongest *than)
{
	int order;

	if (v->score != than->verdict.score)
		return v->score > than->verdict.score;
	order = when_cmp(r->time, than->request.time);
	if (order == 0)
		order = slice_cmp(r->event_id, than->request.event_id);
	return order < 0;
}

/* ---- giving out --------------------------------------------------------- */

static void
fill_out(struct finder *f, const struct open *o)
{
	struct finding *out = &f->out;

	memcpy(out->id, o->id, sizeof(out->id));
	out->revision = o->revision;
	out->time = o->top.request.time;
	out->first_seen = o->first_seen;
	out->last_seen = o->last_seen;
	out->count = o->count;
	out->severity = o->severity;
	out->score = o->top.verdict.score;
	out->request = o->top.request;
	verdict_restore(&o->top.verdict, &out->verdict);
	out->n_reasons = out->verdict.n_reasons;
	memcpy(out->reasons, out->verdict.reasons,
	    out->n_reasons * sizeof(*out->reasons));
	out->n_event_ids = o->n_event_ids;
	memcpy(out->event_ids, o->event_ids, sizeof(out->event_ids));
	out->lineage = o->top.verdict.hops;
	out->n_lineage = o->top.verdict.n_hops;
	out->ack = o->ack;
	out->rule = o->top.verdict.rule;
	out->policy_file = f->about.policy_file;
	out->policy_hash = f->about.policy_hash;
	out->version = f->about.version;
}

static void
say(struct finder *f, const struct open *o)
{
	struct finding *out = &f->out;

	if (o->held) {
		out->title = held_title(o, &f->words);
		out->n_next_steps = held_steps(
		    o->held, &f->words, out->next_steps);
		return;
	}
	out->title = finding_title(&out->request, &out->verdict, &f->words);
	out->n_next_steps = next_steps(&out->request, &out->verdict,
	    o->last_seen, &f->words, out->next_steps);
}

static void
give_out(struct finder *f, struct open *o, bool raised)
{
	f->out.raised = raised;
	o->revision++;
	o->told_count = o->count;
	finder_touch(f, o);
	fill_out(f, o);
	say(f, o);
	f->cb(f->arg, &f->out);
	arena_reset(&f->words);
}

/* ---- the two lists ------------------------------------------------------ */

static void
link_newest(struct finder *f, struct open *o)
{
	o->newer = NULL;
	o->older = f->newest;
	if (f->newest)
		f->newest->newer = o;
	else
		f->oldest = o;
	f->newest = o;
}

static void
unlink_age(struct finder *f, struct open *o)
{
	if (o->older)
		o->older->newer = o->newer;
	else
		f->oldest = o->newer;
	if (o->newer)
		o->newer->older = o->older;
	else
		f->newest = o->older;
}

/* Behind all that did not begin later.  Requests come in the order of time
 * but for the twins, so that few are passed; of an input that is in no order
 * at most FINDING_DISORDER_MAX are. */
static void
link_begin(struct finder *f, struct open *o)
{
	struct open *at = f->last;

	for (int i = 0; at && i < FINDING_DISORDER_MAX &&
	     when_cmp(at->first_seen, o->first_seen) > 0;
	     i++)
		at = at->before;
	o->before = at;
	o->behind = at ? at->behind : f->first;
	if (o->behind) {
		o->behind->before = o;
		f->blocker = NULL;
	} else {
		f->last = o;
	}
	if (at)
		at->behind = o;
	else
		f->first = o;
}

static void
unlink_begin(struct finder *f, struct open *o)
{
	if (f->blocker == o)
		f->blocker = NULL;
	if (o->before)
		o->before->behind = o->behind;
	else
		f->first = o->behind;
	if (o->behind)
		o->behind->before = o->before;
	else
		f->last = o->before;
}

static int
by_last_seen(const void *a, const void *b)
{
	const struct open *const *x = a, *const *y = b;

	return when_cmp((*x)->last_seen, (*y)->last_seen);
}

static int
by_first_seen(const void *a, const void *b)
{
	const struct open *const *x = a, *const *y = b;

	return when_cmp((*x)->first_seen, (*y)->first_seen);
}

int
finder_order(struct finder *f)
{
	struct open **all = calloc(f->n + 1, sizeof(struct open *));
	size_t n = 0;

	if (!all)
		return ST_ENOMEM;
	for (struct open *o = f->oldest; o; o = o->newer)
		all[n++] = o;
	f->oldest = f->newest = f->first = f->last = f->blocker = NULL;
	qsort(all, n, sizeof(struct open *), by_last_seen);
	for (size_t i = 0; i < n; i++)
		link_newest(f, all[i]);
	qsort(all, n, sizeof(struct open *), by_first_seen);
	for (size_t i = 0; i < n; i++)
		link_begin(f, all[i]);
	free(all);
	return 0;
}

/* ---- closing ------------------------------------------------------------ */

void
open_free(struct open *o)
{
	if (!o)
		return;
	arena_release(&o->strings);
	arena_release(&o->top.arena);
	held_free(o->held);
	free(o);
}

static void
forget(struct finder *f, struct open *o)
{
	finder_untouch(f, o);
	unlink_begin(f, o);
	map_remove(&f->by_id, o->id_hash, o);
	f->n--;
	open_free(o);
}

static void
close_one(struct finder *f, struct open *o)
{
	unlink_age(f, o);
	map_remove(&f->by_key, o->key_hash, o);
	o->closed = true;
	if (f->digest == o)
		f->digest = NULL;
	if (!f->live)
		return;
	if (o->count != o->told_count)
		give_out(f, o, o->revision == 0);
	forget(f, o);
}

/* Merge two lists, linked by `newer` (a closed finding has no age), by id. */
static struct open *
merge(struct open *a, struct open *b)
{
	struct open *head = NULL, **end = &head;

	while (a && b) {
		struct open **take = strcmp(a->id, b->id) <= 0 ? &a : &b;

		*end = *take;
		end = &(*take)->newer;
		*take = (*take)->newer;
	}
	*end = a ? a : b;
	return head;
}

static struct open *
sort_by_id(struct open *list, size_t n)
{
	struct open *middle = list, *second;

	if (n < 2)
		return list;
	for (size_t i = 1; i < n / 2; i++)
		middle = middle->newer;
	second = middle->newer;
	middle->newer = NULL;
	return merge(sort_by_id(list, n / 2), sort_by_id(second, n - n / 2));
}

static bool
began_together(const struct open *a, const struct open *b)
{
	return when_cmp(a->first_seen, b->first_seen) == 0;
}

/* Those that began in one moment, from f->first up to and without `end`, are
 * all closed: give them out by id. */
static void
give_out_run(struct finder *f, struct open *end)
{
	struct open *o, *list, *next;
	size_t n = 0;

	for (o = f->first; o != end; o = o->behind) {
		o->newer = o->behind != end ? o->behind : NULL;
		n++;
	}
	list = sort_by_id(f->first, n);
	for (o = list; o; o = next) {
		next = o->newer;
		give_out(f, o, true);
		forget(f, o);
	}
}

/* Give out what is closed and has nothing open before it. */
static void
flush(struct finder *f)
{
	struct open *o;

	if (f->blocker && !f->blocker->closed)
		return;
	while (f->first) {
		o = f->blocker ? f->blocker : f->first;
		while (o && o->closed && began_together(o, f->first))
			o = o->behind;
		if (o && began_together(o, f->first)) {
			f->blocker = o;
			return;
		}
		f->blocker = NULL;
		give_out_run(f, o);
	}
}

/* At the bound: the daemon closes the one that has not grown for the longest
 * time, scan the ones that stand in the way of all others. */
static void
make_room(struct finder *f)
{
	struct open *o, *first = f->first;

	if (f->live) {
		close_one(f, f->oldest);
		return;
	}
	for (o = first; o && began_together(o, first); o = o->behind)
		if (!o->closed)
			close_one(f, o);
	flush(f);
}

/* ---- taking ------------------------------------------------------------- */

static bool
is_apart(struct when earlier, struct when later)
{
	return earlier.valid && later.valid &&
	    when_cmp(when_add(earlier, FINDING_GAP), later) < 0;
}

static void
add_event_id(struct open *o, struct slice id)
{
	struct slice copy;

	if (o->n_event_ids == FINDING_EVENTS_MAX)
		return;
	copy = arena_slice(&o->strings, id);
	if (copy.p)
		o->event_ids[o->n_event_ids++] = copy;
}

/* A new finding with its strings; not yet in any table. */
static int
open_new(struct finder *f, const struct request *r, const struct verdict *v,
    struct open **result)
{
	struct open *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return ST_ENOMEM;
	arena_init(&o->strings, STRINGS_FIRST);
	err = strongest_init(&o->top, r, v);
	if (err < 0)
		goto out;
	o->key = arena_slice(&o->strings, buf_slice(&f->key));
	if (!o->key.p) {
		err = ST_ENOMEM;
		goto out;
	}
	o->key_hash = hash_slice(o->key);
	write_id(f, r->event_id, o->id);
	o->id_hash = hash_slice(slice_str(o->id));
	o->first_seen = o->last_seen = r->time;
	o->severity = v->severity;
	o->count = 1;
	add_event_id(o, r->event_id);
	*result = o;
	o = NULL;
out:
	open_free(o);
	return err;
}

static int
put(struct finder *f, struct open *o)
{
	if (!map_put(&f->by_key, o->key_hash, o))
		return ST_ENOMEM;
	if (!map_put(&f->by_id, o->id_hash, o)) {
		map_remove(&f->by_key, o->key_hash, o);
		return ST_ENOMEM;
	}
	link_newest(f, o);
	f->n++;
	return 0;
}

int
finder_link(struct finder *f, struct open *o)
{
	int err = put(f, o);

	if (err < 0)
		return err;
	o->before = f->last;
	if (f->last)
		f->last->behind = o;
	else
		f->first = o;
	f->last = o;
	return 0;
}

static int
begin(struct finder *f, const struct request *r, const struct verdict *v,
    struct open **result)
{
	struct open *o;
	int err;

	if (f->n >= FINDING_OPEN_MAX)
		make_room(f);
	err = open_new(f, r, v, &o);
	if (err < 0)
		return err;
	err = put(f, o);
	if (err < 0) {
		open_free(o);
		return err;
	}
	link_begin(f, o);
	finder_touch(f, o);
	*result = o;
	return 0;
}

static int
grow(struct finder *f, struct open *o, const struct request *r,
    const struct verdict *v)
{
	struct strongest top;

	if (is_stronger(r, v, &o->top)) {
		if (strongest_init(&top, r, v) < 0)
			return ST_ENOMEM;
		arena_release(&o->top.arena);
		o->top = top;
	}
	o->count++;
	if (v->severity > o->severity)
		o->severity = v->severity;
	if (r->time.valid && when_cmp(r->time, o->first_seen) < 0)
		o->first_seen = r->time;
	if (r->time.valid &&
	    (!o->last_seen.valid || when_cmp(r->time, o->last_seen) > 0))
		o->last_seen = r->time;
	add_event_id(o, r->event_id);
	unlink_age(f, o);
	link_newest(f, o);
	finder_touch(f, o);
	return 0;
}

int
finder_add(struct finder *f, const struct request *r, const struct verdict *v,
    char group[FINDING_ID_SIZE])
{
	enum severity before;
	struct slice key;
	struct open *o;
	bool raised;
	int err;

	write_key(&f->key, r, v);
	if (f->key.failed)
		return ST_ENOMEM;
	key = buf_slice(&f->key);
	o = map_get(&f->by_key, hash_slice(key), &key);
	if (o &&
	    (is_apart(o->last_seen, r->time) ||
		is_apart(r->time, o->first_seen))) {
		close_one(f, o);
		o = NULL;
	}
	before = o ? o->severity : SEV_COUNT;
	err = o ? grow(f, o, r, v) : begin(f, r, v, &o);
	if (err < 0)
		return err;
	memcpy(group, o->id, FINDING_ID_SIZE);
	raised = before == SEV_COUNT || o->severity > before;
	if (f->live && (raised || f->every))
		give_out(f, o, raised);
	return 0;
}

/* The day it was held back on. */
static void
write_held_key(struct buf *b, const struct request *r)
{
	char day[WHEN_TEXT];

	buf_reset(b);
	add_field(b, SLICE_LIT("held back"));
	add_field(b, slice_of(when_format(r->time, day).p, DATE_TEXT));
}

int
finder_hold(struct finder *f, const struct request *r, const struct verdict *v)
{
	struct verdict quiet = *v;
	struct slice key;
	struct open *o;
	int err;

	quiet.severity = SEV_INFORMATIONAL;
	write_held_key(&f->key, r);
	if (f->key.failed)
		return ST_ENOMEM;
	key = buf_slice(&f->key);
	o = map_get(&f->by_key, hash_slice(key), &key);
	err = o ? grow(f, o, r, &quiet) : begin(f, r, &quiet, &o);
	if (err < 0)
		return err;
	if (!o->held)
		o->held = held_new();
	if (!f->digest || when_cmp(f->digest->first_seen, o->first_seen) < 0)
		f->digest = o;
	return o->held ? held_note(o->held, r, v) : ST_ENOMEM;
}

void
finder_join(struct finder *f, const char *group, struct slice event_id)
{
	struct open *o = map_get(
	    &f->by_id, hash_slice(slice_str(group)), group);

	if (!o)
		return;
	add_event_id(o, event_id);
	finder_touch(f, o);
}

int
finder_ack(struct finder *f, const char *id, const struct ack *ack)
{
	struct open *o = map_get(&f->by_id, hash_slice(slice_str(id)), id);
	struct slice by;

	if (!o)
		return ST_ENOENT;
	by = arena_slice(&o->strings, ack->by);
	if (ack->by.p && !by.p)
		return ST_ENOMEM;
	o->ack = *ack;
	o->ack.by = by;
	finder_touch(f, o);
	if (f->live)
		give_out(f, o, false);
	return 0;
}

/* Its day, and the hour in which late ones of it may come. */
static bool
is_over(const struct open *digest, struct when now)
{
	return now.valid &&
	    when_day(when_add(now, -DIGEST_WAIT)) >
	    when_day(digest->first_seen);
}

/* The list by age is by arrival; where that is not by time, one that is old
 * waits behind a younger one, and finder_add() looks again. */
void
finder_advance(struct finder *f, struct when now)
{
	bool any = false;

	while (f->oldest && is_apart(f->oldest->last_seen, now)) {
		close_one(f, f->oldest);
		any = true;
	}
	if (f->digest && is_over(f->digest, now)) {
		close_one(f, f->digest);
		any = true;
	}
	if (any && !f->live)
		flush(f);
}

void
finder_finish(struct finder *f)
{
	while (f->oldest)
		close_one(f, f->oldest);
	flush(f);
}

/* ---- life --------------------------------------------------------------- */

struct finder *
finder_new(const struct finder_about *about, finding_cb *cb, void *arg)
{
	struct finder *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->about = *about;
	f->cb = cb;
	f->arg = arg;
	f->by_key = (struct map)MAP_INIT(has_key);
	f->by_id = (struct map)MAP_INIT(has_id);
	arena_init(&f->words, STRINGS_FIRST);
	f->sha = sha256_new();
	if (f->sha)
		return f;
	finder_free(f);
	return NULL;
}

void
finder_free(struct finder *f)
{
	if (!f)
		return;
	while (f->first)
		forget(f, f->first);
	map_release(&f->by_key);
	map_release(&f->by_id);
	arena_release(&f->words);
	sha256_free(f->sha);
	buf_release(&f->key);
	buf_release(&f->gone);
	free(f);
}

void
finder_set_about(struct finder *f, const struct finder_about *about)
{
	f->about = *about;
}

void
finder_set_live(struct finder *f, bool as_it_grows)
{
	f->live = as_it_grows;
}

void
finder_set_every(struct finder *f, bool every)
{
	f->every = every;
}
