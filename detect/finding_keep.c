/*
 * finding_keep.c - open findings over a restart: saved and loaded.
 *
 * Knows what of a finding must be known to go on with it: the same id, the next
 * revision, what was told of it.  Where rows are kept is the caller's business.
 * Owned by the pipeline's thread.
 */
#include "detect/finding_i.h"

#include "events/request_save.h"
#include "lib/hash.h"
#include "lib/pack.h"

#include <stdlib.h>

#define FORM 5       /* of a row; what a later one adds stands behind */
#define FORM_HOPS 2  /* has the chain behind the request */
#define FORM_ACK 3   /* and then who has acknowledged it */
#define FORM_HELD 4  /* and then the lines of a digest */
#define FORM_GRANT 5 /* and then what made it possible */
#define ID_LENGTH 34

/* ---- what has changed --------------------------------------------------- */

void
finder_touch(struct finder *f, struct open *o)
{
	if (o->changed)
		return;
	o->changed = true;
	o->changed_before = NULL;
	o->changed_behind = f->changed;
	if (f->changed)
		f->changed->changed_before = o;
	f->changed = o;
}

static void
unlink_changed(struct finder *f, struct open *o)
{
	if (!o->changed)
		return;
	o->changed = false;
	if (o->changed_before)
		o->changed_before->changed_behind = o->changed_behind;
	else
		f->changed = o->changed_behind;
	if (o->changed_behind)
		o->changed_behind->changed_before = o->changed_before;
}

/* It will not be open any more. */
void
finder_untouch(struct finder *f, struct open *o)
{
	unlink_changed(f, o);
	if (o->saved)
		buf_add(&f->gone, o->id, FINDING_ID_SIZE);
}

/* ---- verdicts ----------------------------------------------------------- */

static void
save_reason(const struct reason *r, struct buf *out)
{
	pack_word(out, reason_table[r->code].code);
	pack_slice(out, r->observed);
	pack_uint(out, r->n_expected);
	for (unsigned i = 0; i < r->n_expected; i++)
		pack_slice(out, r->expected[i]);
	pack_double(out, r->weight);
	pack_slice(out, r->note);
}

/* False where this version has no such reason. */
static bool
load_reason(struct unpack *u, struct reason *r)
{
	int code = reason_of(unpack_slice(u));

	memset(r, 0, sizeof(*r));
	r->code = (enum reason_code)code;
	r->observed = unpack_slice(u);
	r->n_expected = (unsigned)unpack_at_most(u, REASON_EXPECTED_MAX);
	for (unsigned i = 0; i < r->n_expected; i++)
		r->expected[i] = unpack_slice(u);
	r->weight = unpack_double(u);
	r->note = unpack_slice(u);
	return code >= 0;
}

static void
save_hops(const struct kept_verdict *v, struct buf *out)
{
	pack_uint(out, v->n_hops);
	for (unsigned i = 0; i < v->n_hops; i++) {
		const struct hop *h = &v->hops[i];

		pack_slice(out, h->who);
		pack_slice(out, h->credential);
		pack_slice(out, h->city);
		pack_word(out, h->country);
		pack_when(out, h->time);
	}
}

static void
load_hops(struct unpack *u, struct hop *hops, struct verdict *v)
{
	v->hops = hops;
	v->n_hops = (unsigned)unpack_at_most(u, LINEAGE_HOPS_MAX + 1);
	for (unsigned i = 0; i < v->n_hops; i++) {
		struct slice country;

		memset(&hops[i], 0, sizeof(hops[i]));
		hops[i].who = unpack_slice(u);
		hops[i].credential = unpack_slice(u);
		hops[i].city = unpack_slice(u);
		country = unpack_slice(u);
		if (country.n < sizeof(hops[i].country) && country.n)
			memcpy(hops[i].country, country.p, country.n);
		hops[i].time = unpack_when(u);
	}
}

static void
save_verdict(const struct kept_verdict *v, struct buf *out)
{
	pack_word(out, verdict_name(v->word));
	pack_double(out, v->score);
	pack_word(out, severity_name(v->severity));
	pack_bool(out, v->finding);
	pack_slice(out, v->rule);
	pack_slice(out, v->suppressed_by);
	pack_uint(out, v->n_reasons);
	for (unsigned i = 0; i < v->n_reasons; i++)
		save_reason(&v->reasons[i], out);
}

static enum verdict_word
word_of(struct slice s)
{
	for (int i = 0; i < VERDICT_COUNT; i++)
		if (slice_is(s, verdict_name((enum verdict_word)i)))
			return (enum verdict_word)i;
	return VERDICT_UNEXPECTED;
}

static enum severity
load_severity(struct unpack *u)
{
	int s = severity_of(unpack_slice(u));

	if (s < 0)
		u->failed = true;
	return s < 0 ? SEV_INFORMATIONAL : (enum severity)s;
}

static void
load_verdict(struct unpack *u, struct verdict *v)
{
	unsigned n;

	memset(v, 0, sizeof(*v));
	v->word = word_of(unpack_slice(u));
	v->score = unpack_double(u);
	v->severity = load_severity(u);
	v->finding = unpack_bool(u);
	v->rule = unpack_slice(u);
	v->suppressed_by = unpack_slice(u);
	n = (unsigned)unpack_at_most(u, VERDICT_REASONS_MAX);
	while (n-- > 0 && !u->failed)
		if (load_reason(u, &v->reasons[v->n_reasons]))
			v->n_reasons++;
	/* Scores come from us; what is none came from elsewhere. */
	if (!(v->score >= 0 && v->score <= 100))
		u->failed = true;
}

/* ---- findings ----------------------------------------------------------- */

static void
save_open(const struct open *o, struct buf *out)
{
	pack_uint(out, FORM);
	pack_slice(out, o->key);
	pack_uint(out, o->revision);
	pack_uint(out, o->count);
	pack_uint(out, o->told_count);
	pack_when(out, o->first_seen);
	pack_when(out, o->last_seen);
	pack_word(out, severity_name(o->severity));
	pack_uint(out, o->n_event_ids);
	for (unsigned i = 0; i < o->n_event_ids; i++)
		pack_slice(out, o->event_ids[i]);
	save_verdict(&o->top.verdict, out);
	request_save(&o->top.request, out);
	save_hops(&o->top.verdict, out);
	pack_when(out, o->ack.at);
	pack_slice(out, o->ack.by);
	pack_bool(out, o->ack.taught);
	held_save(o->held, out);
	pack_slice(out, o->top.verdict.granted);
	pack_slice(out, o->top.verdict.granted_event);
}

static int
save_changed(struct finder *f, pack_row *put, void *arg, struct buf *row)
{
	struct open *o;
	int err;

	while ((o = f->changed) != NULL) {
		buf_reset(row);
		save_open(o, row);
		if (row->failed)
			return ST_ENOMEM;
		err = put(arg, slice_str(o->id), buf_slice(row));
		if (err < 0)
			return err;
		o->saved = true;
		unlink_changed(f, o);
	}
	return 0;
}

static int
save_gone(struct finder *f, pack_row *put, void *arg)
{
	int err;

	while (f->gone.n >= FINDING_ID_SIZE) {
		const char *id = f->gone.p + f->gone.n - FINDING_ID_SIZE;

		err = put(arg, slice_str(id), SLICE_NULL);
		if (err < 0)
			return err;
		f->gone.n -= FINDING_ID_SIZE;
	}
	f->gone.failed = false;
	return 0;
}

int
finder_save(struct finder *f, pack_row *put, void *arg)
{
	struct buf row = BUF_INIT;
	int err = save_gone(f, put, arg);

	if (err == 0)
		err = save_changed(f, put, arg, &row);
	buf_release(&row);
	return err;
}

/* ---- loading ------------------------------------------------------------ */

/* What stands in the row before verdict and request. */
static void
load_head(struct unpack *u, struct open *o)
{
	o->key = arena_slice(&o->strings, unpack_slice(u));
	o->revision = (unsigned)unpack_at_most(u, UINT32_MAX);
	o->count = unpack_uint(u);
	o->told_count = unpack_uint(u);
	o->first_seen = unpack_when(u);
	o->last_seen = unpack_when(u);
	o->severity = load_severity(u);
	o->n_event_ids = (unsigned)unpack_at_most(u, FINDING_EVENTS_MAX);
	for (unsigned i = 0; i < o->n_event_ids; i++) {
		o->event_ids[i] = arena_slice(&o->strings, unpack_slice(u));
		if (!o->event_ids[i].p)
			u->failed = true;
	}
	if (!o->key.p)
		u->failed = true;
}

static void
load_ack(struct unpack *u, struct open *o)
{
	struct slice by;

	o->ack.at = unpack_when(u);
	by = unpack_slice(u);
	o->ack.taught = unpack_bool(u);
	o->ack.by = arena_slice(&o->strings, by);
	if (by.p && !o->ack.by.p)
		u->failed = true;
}

static int
load_top(struct unpack *u, uint64_t form, struct open *o)
{
	struct strongest *top = &o->top;
	struct hop hops[LINEAGE_HOPS_MAX + 1];
	struct unpack behind;
	struct verdict v;
	struct request r;
	size_t taken;

	load_verdict(u, &v);
	if (u->failed || request_load(u->rest, &r, &taken) < 0)
		return ST_EFORMAT;
	behind = unpack_of(slice_of(u->rest.p + taken, u->rest.n - taken));
	if (form >= FORM_HOPS)
		load_hops(&behind, hops, &v);
	if (form >= FORM_ACK)
		load_ack(&behind, o);
	if (form >= FORM_HELD && held_load(&behind, &o->held) < 0)
		return ST_EFORMAT;
	if (form >= FORM_GRANT) {
		v.granted = unpack_slice(&behind);
		v.granted_event = unpack_slice(&behind);
	}
	if (behind.failed)
		return ST_EFORMAT;
	if (!request_copy(&r, &top->arena, &top->request) ||
	    verdict_keep(&v, &top->arena, &top->verdict) < 0)
		return ST_ENOMEM;
	return 0;
}

static int
load_open(struct slice id, struct slice value, struct open **result)
{
	struct unpack u = unpack_of(value);
	uint64_t form = unpack_uint(&u);
	struct open *o;
	int err = ST_EFORMAT;

	if (id.n != ID_LENGTH || !slice_starts(id, "f-") ||
	    memchr(id.p, 0, id.n) || form == 0)
		return ST_EFORMAT;
	o = calloc(1, sizeof(*o));
	if (!o)
		return ST_ENOMEM;
	arena_init(&o->strings, STRINGS_FIRST);
	arena_init(&o->top.arena, STRINGS_FIRST);
	memcpy(o->id, id.p, id.n);
	load_head(&u, o);
	if (!u.failed)
		err = load_top(&u, form, o);
	if (err < 0) {
		open_free(o);
		return err;
	}
	o->key_hash = hash_slice(o->key);
	o->id_hash = hash_slice(slice_str(o->id));
	o->saved = true;
	*result = o;
	return 0;
}

int
finder_load(struct finder *f, struct slice key, struct slice value)
{
	struct open *o;
	int err;

	if (f->n >= FINDING_OPEN_MAX)
		return ST_ELIMIT;
	err = load_open(key, value, &o);
	if (err < 0)
		return err;
	if (map_get(&f->by_id, o->id_hash, o->id) ||
	    map_get(&f->by_key, o->key_hash, &o->key))
		err = ST_EFORMAT;
	else
		err = finder_link(f, o);
	if (err < 0)
		open_free(o);
	return err;
}

int
finder_loaded(struct finder *f)
{
	int err = finder_order(f);

	for (struct open *o = f->first; o; o = o->behind)
		if (o->held)
			f->digest = o;
	return err;
}

size_t
finder_open(const struct finder *f)
{
	return f->n;
}
