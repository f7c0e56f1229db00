/*
 * baseline_save.c - what the baseline has learned, over a restart.
 *
 * Knows the rows and their keys: a letter for the kind, then which one.  They
 * sort so that what is needed to read the next kind was read before.
 *
 *     c       the clock: event time, counts
 *     f N     of whom a finding told (told.c)
 *     k N     what peers of kind N do
 *     l       the level of an ordinary day
 *     v HASH  a value, which principals share
 *     w HASH  a principal with its facts
 *     x N     requests that wait to be learned (pending.c)
 *
 * A field is named once: the same function writes and reads it.  Owned by the
 * baseline.
 */
#include "detect/baseline_i.h"

#include "lib/pack.h"

#include <float.h>
#include <stdlib.h>

#define FORM 4 /* of a row */

enum kind {
	KIND_CLOCK = 'c',
	KIND_TOLD = 'f',
	KIND_PEERS = 'k',
	KIND_LEVEL = 'l',
	KIND_VALUE = 'v',
	KIND_PRINCIPAL = 'w',
	KIND_PENDING = 'x',
};

/* Written to, or else read from. */
struct row {
	struct buf *out;
	struct unpack in;
};

static uint64_t
row_uint(struct row *r, uint64_t v, uint64_t max)
{
	if (!r->out)
		return unpack_at_most(&r->in, max);
	pack_uint(r->out, v);
	return v;
}

static int64_t
row_int(struct row *r, int64_t v)
{
	if (!r->out)
		return unpack_int(&r->in);
	pack_int(r->out, v);
	return v;
}

static int32_t
row_day(struct row *r, int32_t v)
{
	int64_t day = row_int(r, v);

	if (day < INT32_MIN || day > INT32_MAX)
		r->in.failed = true;
	return (int32_t)day;
}

/* A count that fades: to the bit. */
static double
row_count(struct row *r, double v)
{
	if (r->out) {
		pack_double(r->out, v);
		return v;
	}
	v = unpack_double(&r->in);
	if (!(v >= -FLT_MAX && v <= FLT_MAX))
		r->in.failed = true;
	return v;
}

static struct when
row_when(struct row *r, struct when v)
{
	if (!r->out)
		return unpack_when(&r->in);
	pack_when(r->out, v);
	return v;
}

static void
row_counts(struct row *r, double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = row_count(r, v[i]);
}

static void
row_rate(struct row *r, struct rate *v)
{
	v->trials = row_count(r, v->trials);
	v->news = row_count(r, v->news);
	v->day = row_int(r, v->day);
}

/* ---- the kinds of rows ------------------------------------------------------ */

static void
row_clock(struct row *r, struct baseline *b)
{
	struct baseline_counts *c = &b->counts;
	uint64_t *const counts[] = { &c->evicted_principals, &c->evicted_facts,
		&c->learned, &c->late, &c->hurried, &c->held_back };

	b->first = row_when(r, b->first);
	b->seen = row_when(r, b->seen);
	b->watermark = row_int(r, b->watermark);
	b->touches = row_uint(r, b->touches, UINT64_MAX);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*counts[i] = row_uint(r, *counts[i], UINT64_MAX);
}

static void
row_peers(struct row *r, struct peers_habits *p)
{
	row_rate(r, &p->newcomers);
	for (int d = 0; d < DIM_COUNT; d++) {
		for (int age = 0; age < AGES; age++)
			row_rate(r, &p->novelty[d][age]);
		row_counts(r, p->standing[d], STANDINGS);
	}
	for (int age = 0; age < AGES; age++)
		row_rate(r, &p->callers[age]);
	row_counts(r, p->standings, DIM_COUNT);
	row_counts(r, p->hours, 24);
	row_counts(r, p->weekdays, WEEK);
}

static void
row_level(struct row *r, struct level *l)
{
	row_counts(r, l->steps, LEVEL_STEPS);
	l->days = row_count(r, l->days);
	l->day = row_int(r, l->day);
}

static void
row_callers(struct row *r, struct callers *c)
{
	row_rate(r, &c->rate);
	c->last_day = row_int(r, c->last_day);
	c->days = (uint32_t)row_uint(r, c->days, UINT32_MAX);
	c->new_today = row_uint(r, c->new_today, 1);
	for (int i = 0; i < PEERS_COUNT; i++)
		c->by_peers[i] = (uint32_t)row_uint(
		    r, c->by_peers[i], UINT32_MAX);
}

/* Its dimension and text stand before; who uses it is told by the facts. */
static void
row_value(struct row *r, struct value *v)
{
	v->first = row_int(r, v->first);
	v->adopted[0] = row_int(r, v->adopted[0]);
	v->adopted[1] = row_int(r, v->adopted[1]);
	if (v->callers)
		row_callers(r, v->callers);
}

/* Its name stands before, its facts behind. */
static void
row_principal(struct row *r, struct principal *p)
{
	p->touched = row_uint(r, p->touched, UINT64_MAX);
	p->peers = (uint8_t)row_uint(r, p->peers, PEERS_COUNT - 1);
	for (int i = 0; i < 24; i++)
		p->hours[i] = (uint8_t)row_uint(r, p->hours[i], UINT8_MAX);
	for (int i = 0; i < WEEK; i++)
		p->weekdays[i] = (uint8_t)row_uint(
		    r, p->weekdays[i], UINT8_MAX);
	p->drip = (uint8_t)row_uint(r, p->drip, UINT8_MAX);
	p->told_days = (uint8_t)row_uint(r, p->told_days, UINT8_MAX);
	p->told_day = row_day(r, p->told_day);
	p->told_on = row_day(r, p->told_on);
	p->told_before = row_day(r, p->told_before);
	p->last = row_int(r, p->last);
	p->last_day = row_day(r, p->last_day);
	p->fade_day = row_day(r, p->fade_day);
	p->days = (uint32_t)row_uint(r, p->days, UINT32_MAX);
	p->tried = (uint16_t)row_uint(r, p->tried, UINT16_MAX);
	p->novel = (uint16_t)row_uint(r, p->novel, UINT16_MAX);
	for (int d = 0; d < DIM_COUNT; d++) {
		p->trials[d] = (float)row_count(r, p->trials[d]);
		p->news[d] = (float)row_count(r, p->news[d]);
	}
	p->believed = row_int(r, p->believed);
	p->hour_mark = row_int(r, p->hour_mark);
	p->this_hour = (uint32_t)row_uint(r, p->this_hour, UINT32_MAX);
	p->denied_this_hour = (uint32_t)row_uint(
	    r, p->denied_this_hour, UINT32_MAX);
	p->targets_this_hour = (uint32_t)row_uint(
	    r, p->targets_this_hour, UINT32_MAX);
	p->peak = (float)row_count(r, p->peak);
	p->top_day = row_day(r, p->top_day);
	p->top = (uint16_t)row_uint(r, p->top, LEVEL_STEPS);
}

/* Which value stands before. */
static void
row_fact(struct row *r, struct fact *f)
{
	f->count = (float)row_count(r, f->count);
	f->day = row_day(r, f->day);
	f->told_days = (uint8_t)row_uint(r, f->told_days, UINT8_MAX);
	f->adopted = row_uint(r, f->adopted, 1);
}

/* ---- saving ----------------------------------------------------------------- */

struct save {
	pack_row *put;
	void *arg;
	struct buf key, value;
};

static void
begin(struct save *s, enum kind kind, uint64_t which)
{
	buf_reset(&s->key);
	buf_reset(&s->value);
	buf_addc(&s->key, (char)kind);
	if (kind != KIND_CLOCK && kind != KIND_LEVEL)
		pack_ordered(&s->key, which);
	pack_uint(&s->value, FORM);
}

static int
finish(struct save *s)
{
	if (s->key.failed || s->value.failed)
		return ST_ENOMEM;
	return s->put(s->arg, buf_slice(&s->key), buf_slice(&s->value));
}

static int
save_gone(struct baseline *b, struct save *s)
{
	const size_t each = 1 + sizeof(uint64_t);
	uint64_t hash;
	int err;

	while (b->gone.n >= each) {
		const char *at = b->gone.p + b->gone.n - each;

		memcpy(&hash, at + 1, sizeof(hash));
		begin(s, (enum kind) * at, hash);
		if (s->key.failed)
			return ST_ENOMEM;
		err = s->put(s->arg, buf_slice(&s->key), SLICE_NULL);
		if (err < 0)
			return err;
		b->gone.n -= each;
	}
	b->gone.failed = false;
	return 0;
}

static int
save_values(struct baseline *b, struct save *s)
{
	struct row r = { .out = &s->value };
	struct value *v;
	int err;

	while ((v = b->dirty_values) != NULL) {
		begin(s, KIND_VALUE, v->hash);
		pack_uint(&s->value, v->dim);
		pack_slice(&s->value, slice_of(v->text, v->n));
		row_value(&r, v);
		err = finish(s);
		if (err < 0)
			return err;
		unmark_value(v);
	}
	return 0;
}

static void
put_facts(struct row *r, struct principal *p)
{
	pack_uint(r->out, p->cap_facts);
	pack_uint(r->out, p->n_facts);
	for (unsigned i = 0; i < p->n_facts; i++) {
		pack_ordered(r->out, p->facts[i].value->hash);
		row_fact(r, &p->facts[i]);
	}
}

static int
save_principals(struct baseline *b, struct save *s)
{
	struct row r = { .out = &s->value };
	struct principal *p;
	int err;

	while ((p = b->dirty_principals) != NULL) {
		begin(s, KIND_PRINCIPAL, p->hash);
		pack_slice(&s->value, slice_of(p->name, p->n_name));
		row_principal(&r, p);
		put_facts(&r, p);
		err = finish(s);
		if (err < 0)
			return err;
		unmark_principal(p);
	}
	return 0;
}

static int
save_peers(struct baseline *b, struct save *s)
{
	struct row r = { .out = &s->value };
	int err;

	for (int i = 0; i < PEERS_COUNT; i++) {
		if (!b->peers[i].dirty)
			continue;
		begin(s, KIND_PEERS, (uint64_t)i);
		row_peers(&r, &b->peers[i]);
		err = finish(s);
		if (err < 0)
			return err;
		b->peers[i].dirty = false;
	}
	return 0;
}

static int
save_level(struct baseline *b, struct save *s)
{
	struct row r = { .out = &s->value };
	int err;

	if (!b->level.dirty)
		return 0;
	begin(s, KIND_LEVEL, 0);
	row_level(&r, &b->level);
	err = finish(s);
	b->level.dirty = err < 0;
	return err;
}

static int
save_clock(struct baseline *b, struct save *s)
{
	struct row r = { .out = &s->value };
	int err;

	if (!b->clock_dirty)
		return 0;
	begin(s, KIND_CLOCK, 0);
	row_clock(&r, b);
	err = finish(s);
	b->clock_dirty = err < 0;
	return err;
}

/* Rows that another room made. */
static int
put_of(struct save *s, enum kind kind, struct slice key, struct slice value)
{
	buf_reset(&s->key);
	buf_addc(&s->key, (char)kind);
	buf_add_slice(&s->key, key);
	if (s->key.failed)
		return ST_ENOMEM;
	return s->put(s->arg, buf_slice(&s->key), value);
}

static int
put_waiting(void *arg, struct slice key, struct slice value)
{
	return put_of(arg, KIND_PENDING, key, value);
}

static int
put_told(void *arg, struct slice key, struct slice value)
{
	return put_of(arg, KIND_TOLD, key, value);
}

int
baseline_save(struct baseline *b, pack_row *put, void *arg)
{
	static int (*const kinds[])(
	    struct baseline *, struct save *) = { save_gone, save_values,
		save_principals, save_peers, save_level, save_clock };
	struct save s = { put, arg, BUF_INIT, BUF_INIT };
	int err = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && err == 0;
	     i++)
		err = kinds[i](b, &s);
	if (err == 0)
		err = pending_save(b->pending, put_waiting, &s);
	if (err == 0)
		err = told_save(b->told, put_told, &s);
	buf_release(&s.key);
	buf_release(&s.value);
	return err;
}

/* ---- loading ---------------------------------------------------------------- */

static int
load_clock(struct baseline *b, struct row *r)
{
	row_clock(r, b);
	if (unpack_is_whole(&r->in))
		return 0;
	b->first = b->seen = WHEN_NONE;
	b->watermark = INT64_MIN;
	return ST_EFORMAT;
}

static int
load_peers(struct baseline *b, uint64_t which, struct row *r)
{
	struct peers_habits p = { 0 };

	row_peers(r, &p);
	if (which >= PEERS_COUNT || !unpack_is_whole(&r->in))
		return ST_EFORMAT;
	b->peers[which] = p;
	return 0;
}

static int
load_level(struct baseline *b, struct row *r)
{
	struct level l = { 0 };

	row_level(r, &l);
	if (!unpack_is_whole(&r->in))
		return ST_EFORMAT;
	b->level = l;
	return 0;
}

/* Marked, so that baseline_loaded() finds those that nobody uses. */
static int
load_value(struct baseline *b, uint64_t hash, struct row *r)
{
	uint64_t dim = unpack_at_most(&r->in, DIM_COUNT - 1);
	struct slice text = unpack_slice(&r->in);
	struct value *v;

	if (r->in.failed || text.n > TRAITS_TEXT_MAX || habits_value(b, hash))
		return ST_EFORMAT;
	v = habits_add_value(b, (enum dimension)dim, hash, text);
	if (!v)
		return ST_ENOMEM;
	mark_value(b, v);
	row_value(r, v);
	return unpack_is_whole(&r->in) ? 0 : ST_EFORMAT;
}

/* A fact whose value's row is lost is lost with it. */
static int
load_fact(struct baseline *b, struct row *r, struct principal *p)
{
	uint64_t hash = unpack_ordered(&r->in);
	struct value *v = habits_value(b, hash);
	struct fact f = { .value = v, .tag = (uint32_t)hash }, *at;

	row_fact(r, &f);
	if (r->in.failed)
		return ST_EFORMAT;
	if (!v || habits_fact(p, v->hash))
		return 0;
	at = habits_add_fact(b, p, v);
	if (!at)
		return ST_ENOMEM;
	*at = f;
	v->adopters += f.adopted;
	return 0;
}

static int
load_facts(struct baseline *b, struct row *r, struct principal *p)
{
	unsigned cap = (unsigned)unpack_at_most(&r->in, BASELINE_FACTS_MAX);
	unsigned n = (unsigned)unpack_at_most(&r->in, BASELINE_FACTS_MAX);
	int err = 0;

	if (r->in.failed || n > cap)
		return ST_EFORMAT;
	if (cap > 0 && !habits_reserve(b, p, cap))
		return ST_ENOMEM;
	for (unsigned i = 0; i < n && err == 0; i++)
		err = load_fact(b, r, p);
	if (err == 0 && !unpack_is_whole(&r->in))
		err = ST_EFORMAT;
	return err;
}

static int
load_principal(struct baseline *b, uint64_t hash, struct row *r)
{
	struct slice name = unpack_slice(&r->in);
	struct principal *p;
	int err = ST_EFORMAT;

	if (r->in.failed || name.n > TRAITS_TEXT_MAX ||
	    habits_principal(b, hash))
		return ST_EFORMAT;
	p = habits_add_principal(b, hash, name);
	if (!p)
		return ST_ENOMEM;
	row_principal(r, p);
	if (!r->in.failed)
		err = load_facts(b, r, p);
	if (err < 0)
		habits_forget(b, p);
	return err;
}

static int
load_kind(struct baseline *b, enum kind kind, struct unpack *key, struct row *r)
{
	if (kind == KIND_PENDING)
		return pending_load(
		    b->pending, key->rest, r->in.rest, b->watermark);
	if (kind == KIND_TOLD)
		return told_load(b->told, key->rest, r->in.rest);
	if (unpack_uint(&r->in) != FORM)
		return ST_EFORMAT;
	switch (kind) {
	case KIND_CLOCK:
		return load_clock(b, r);
	case KIND_LEVEL:
		return load_level(b, r);
	case KIND_PEERS:
		return load_peers(b, unpack_ordered(key), r);
	case KIND_VALUE:
		return load_value(b, unpack_ordered(key), r);
	case KIND_PRINCIPAL:
		return load_principal(b, unpack_ordered(key), r);
	default:
		return ST_EFORMAT;
	}
}

int
baseline_load(struct baseline *b, struct slice key, struct slice value)
{
	struct row r = { .in = unpack_of(value) };
	struct unpack k = unpack_of(key);
	char kind;

	unpack_bytes(&k, &kind, 1);
	return load_kind(b, (enum kind)kind, &k, &r);
}

static int
by_age(const void *pa, const void *pb)
{
	const struct principal *a = *(struct principal *const *)pa;
	const struct principal *b = *(struct principal *const *)pb;

	if (a->touched != b->touched)
		return a->touched < b->touched ? -1 : 1;
	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

/* The lists of ages anew: rows came in the order of hashes. */
static int
put_in_order(struct baseline *b)
{
	size_t n = 0, all = b->n_list[0] + b->n_list[1];
	struct principal **v = calloc(all + 1, sizeof(*v));

	if (!v)
		return ST_ENOMEM;
	for (int list = 0; list < 2; list++)
		for (struct principal *p = b->oldest[list]; p; p = p->newer)
			v[n++] = p;
	qsort(v, n, sizeof(*v), by_age);
	for (int list = 0; list < 2; list++) {
		b->oldest[list] = b->newest[list] = NULL;
		b->n_list[list] = 0;
	}
	for (size_t i = 0; i < n; i++)
		habits_link(b, v[i]);
	if (n > 0 && b->touches < v[n - 1]->touched)
		b->touches = v[n - 1]->touched;
	free(v);
	return 0;
}

int
baseline_loaded(struct baseline *b)
{
	struct value *v;
	int err;

	while ((v = b->dirty_values) != NULL) {
		unmark_value(v);
		if (v->users == 0)
			habits_drop_value(b, v);
	}
	level_settle(b);
	err = put_in_order(b);
	if (err == 0)
		habits_trim(b);
	return err;
}
