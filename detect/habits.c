/*
 * habits.c - who did what how often: the tables of the baseline.
 *
 * Knows principals, the values they use, and the bounds: two lists by when a
 * principal was last active, one of newcomers and one of the settled, so that
 * a flood of names seen once cannot push out those who are always here.  What
 * the counts mean is surprise.c's business.  Owned by the baseline.
 */
#include "detect/baseline_i.h"

#include <math.h>
#include <stdlib.h>

#define SETTLED_DAYS 3 /* active days after which one is no newcomer */
#define FACTS_FIRST 4

/* ---- fading -------------------------------------------------------------- */

double
habits_fade(const struct baseline *b, int64_t days)
{
	if (days <= 0)
		return 1;
	return days == 1 ? b->fade_step : pow(b->fade_step, (double)days);
}

struct rate
rate_at(const struct baseline *b, const struct rate *r, int64_t day)
{
	struct rate now = *r;

	rate_fade(b, &now, day);
	return now;
}

void
rate_fade(const struct baseline *b, struct rate *r, int64_t day)
{
	double left;

	if (day <= r->day)
		return;
	left = habits_fade(b, day - r->day);
	r->trials *= left;
	r->news *= left;
	r->day = day;
}

/* ---- what is not yet saved ----------------------------------------------- */

void
mark_principal(struct baseline *b, struct principal *p)
{
	if (!b->o.kept || p->dirty_at)
		return;
	p->next_dirty = b->dirty_principals;
	p->dirty_at = &b->dirty_principals;
	if (p->next_dirty)
		p->next_dirty->dirty_at = &p->next_dirty;
	b->dirty_principals = p;
}

void
mark_value(struct baseline *b, struct value *v)
{
	if (!b->o.kept || v->dirty_at)
		return;
	v->next_dirty = b->dirty_values;
	v->dirty_at = &b->dirty_values;
	if (v->next_dirty)
		v->next_dirty->dirty_at = &v->next_dirty;
	b->dirty_values = v;
}

void
unmark_principal(struct principal *p)
{
	if (!p->dirty_at)
		return;
	*p->dirty_at = p->next_dirty;
	if (p->next_dirty)
		p->next_dirty->dirty_at = p->dirty_at;
	p->dirty_at = NULL;
}

void
unmark_value(struct value *v)
{
	if (!v->dirty_at)
		return;
	*v->dirty_at = v->next_dirty;
	if (v->next_dirty)
		v->next_dirty->dirty_at = v->dirty_at;
	v->dirty_at = NULL;
}

/* A row that is to be deleted, and not to be written. */
static void
mark_gone(struct baseline *b, char kind, uint64_t hash)
{
	if (!b->o.kept)
		return;
	buf_addc(&b->gone, kind);
	buf_add(&b->gone, &hash, sizeof(hash));
}

/* ---- finding -------------------------------------------------------------- */

struct principal *
habits_principal(const struct baseline *b, uint64_t hash)
{
	return map_get(&b->principals, hash, &hash);
}

struct value *
habits_value(const struct baseline *b, uint64_t hash)
{
	return map_get(&b->values, hash, &hash);
}

struct fact *
habits_fact(const struct principal *p, uint64_t hash)
{
	for (unsigned i = 0; i < p->n_facts; i++)
		if (p->facts[i].tag == (uint32_t)hash &&
		    p->facts[i].value->hash == hash)
			return &p->facts[i];
	return NULL;
}

/* ---- values ---------------------------------------------------------------- */

static size_t
value_bytes(const struct value *v)
{
	return sizeof(*v) + v->n + 1 + 2 * sizeof(struct map_slot) +
	    (v->callers ? sizeof(*v->callers) : 0);
}

struct value *
habits_add_value(
    struct baseline *b, enum dimension d, uint64_t hash, struct slice text)
{
	struct value *v = habits_value(b, hash);
	size_t n = text.n < TRAITS_TEXT_MAX ? text.n : TRAITS_TEXT_MAX;

	if (v)
		return v;
	v = calloc(1, sizeof(*v) + n + 1);
	if (!v)
		return NULL;
	v->hash = hash;
	v->dim = (uint8_t)d;
	v->n = (uint16_t)n;
	if (n > 0)
		memcpy(v->text, text.p, n);
	if (d == DIM_TARGET)
		v->callers = calloc(1, sizeof(*v->callers));
	if ((d == DIM_TARGET && !v->callers) || !map_put(&b->values, hash, v)) {
		free(v->callers);
		free(v);
		return NULL;
	}
	b->counts.values++;
	b->bytes += value_bytes(v);
	return v;
}

static void
leave_value(struct baseline *b, struct value *v)
{
	if (--v->users == 0)
		habits_drop_value(b, v);
}

void
habits_drop_value(struct baseline *b, struct value *v)
{
	unmark_value(v);
	mark_gone(b, 'v', v->hash);
	map_remove(&b->values, v->hash, v);
	b->bytes -= value_bytes(v);
	b->counts.values--;
	free(v->callers);
	free(v);
}

/* ---- facts ----------------------------------------------------------------- */

static void
drop_fact(struct baseline *b, struct principal *p, unsigned i)
{
	struct value *v = p->facts[i].value;

	v->adopters -= p->facts[i].adopted;
	p->facts[i] = p->facts[--p->n_facts];
	b->counts.facts--;
	leave_value(b, v);
}

/* The fact of least use: of one dimension, or (DIM_COUNT) of any. */
static unsigned
least_fact(const struct principal *p, unsigned dim)
{
	unsigned least = 0;
	bool any = false;

	for (unsigned i = 0; i < p->n_facts; i++) {
		const struct fact *f = &p->facts[i], *l = &p->facts[least];

		if (dim < DIM_COUNT && f->value->dim != dim)
			continue;
		if (!any || f->day < l->day ||
		    (f->day == l->day &&
			(f->count < l->count ||
			    (f->count == l->count &&
				f->value->hash < l->value->hash))))
			least = i;
		any = true;
	}
	return least;
}

static void
make_room(struct baseline *b, struct principal *p, unsigned dim)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n_facts; i++)
		n += p->facts[i].value->dim == dim;
	if (n >= BASELINE_FACTS_OF_DIM_MAX)
		drop_fact(b, p, least_fact(p, dim));
	else if (p->n_facts >= BASELINE_FACTS_MAX)
		drop_fact(b, p, least_fact(p, DIM_COUNT));
	else
		return;
	b->counts.evicted_facts++;
}

bool
habits_reserve(struct baseline *b, struct principal *p, unsigned cap)
{
	struct fact *facts = realloc(p->facts, cap * sizeof(*facts));
	if (!facts)
		return false;
	b->bytes += (cap - p->cap_facts) * sizeof(*facts);
	p->facts = facts;
	p->cap_facts = (uint16_t)cap;
	return true;
}

static bool
grow_facts(struct baseline *b, struct principal *p)
{
	unsigned cap = p->cap_facts ? p->cap_facts * 2 : FACTS_FIRST;

	if (p->n_facts < p->cap_facts)
		return true;
	if (cap > BASELINE_FACTS_MAX)
		cap = BASELINE_FACTS_MAX;
	return habits_reserve(b, p, cap);
}

struct fact *
habits_add_fact(struct baseline *b, struct principal *p, struct value *v)
{
	struct fact *f;

	/* Before room is made, so that the last user of v may be dropped. */
	v->users++;
	make_room(b, p, v->dim);
	if (!grow_facts(b, p)) {
		leave_value(b, v);
		return NULL;
	}
	f = &p->facts[p->n_facts++];
	*f = (struct fact){ .value = v, .tag = (uint32_t)v->hash };
	b->counts.facts++;
	return f;
}

/* ---- principals ------------------------------------------------------------ */

static void
unlink_principal(struct baseline *b, struct principal *p)
{
	if (p->older)
		p->older->newer = p->newer;
	else
		b->oldest[p->list] = p->newer;
	if (p->newer)
		p->newer->older = p->older;
	else
		b->newest[p->list] = p->older;
	b->n_list[p->list]--;
}

void
habits_link(struct baseline *b, struct principal *p)
{
	p->list = p->days >= SETTLED_DAYS;
	p->newer = NULL;
	p->older = b->newest[p->list];
	if (p->older)
		p->older->newer = p;
	else
		b->oldest[p->list] = p;
	b->newest[p->list] = p;
	b->n_list[p->list]++;
}

static size_t
principal_bytes(const struct principal *p)
{
	return sizeof(*p) + p->n_name + 1 + 2 * sizeof(struct map_slot) +
	    p->cap_facts * sizeof(struct fact);
}

struct principal *
habits_add_principal(struct baseline *b, uint64_t hash, struct slice name)
{
	struct principal *p = habits_principal(b, hash);
	size_t n = name.n < TRAITS_TEXT_MAX ? name.n : TRAITS_TEXT_MAX;

	if (p)
		return p;
	p = calloc(1, sizeof(*p) + n + 1);
	if (!p || !map_put(&b->principals, hash, p)) {
		free(p);
		return NULL;
	}
	p->hash = hash;
	p->last_day = p->top_day = -1;
	p->told_on = p->told_before = -1;
	p->believed = INT64_MIN;
	p->hour_mark = -1;
	p->n_name = (uint16_t)n;
	if (n > 0)
		memcpy(p->name, name.p, n);
	b->counts.principals++;
	b->bytes += principal_bytes(p);
	habits_link(b, p);
	return p;
}

void
habits_touch(struct baseline *b, struct principal *p)
{
	unlink_principal(b, p);
	p->touched = ++b->touches;
	habits_link(b, p);
	mark_principal(b, p);
}

static void
free_principal(struct principal *p)
{
	free(p->facts);
	free(p);
}

void
habits_forget(struct baseline *b, struct principal *p)
{
	unlink_principal(b, p);
	unmark_principal(p);
	while (p->n_facts > 0)
		drop_fact(b, p, p->n_facts - 1u);
	mark_gone(b, 'w', p->hash);
	map_remove(&b->principals, p->hash, p);
	b->bytes -= principal_bytes(p);
	b->counts.principals--;
	free_principal(p);
}

void
habits_believe(struct baseline *b, struct principal *p)
{
	p->believed = b->seen.sec;
	/* A newcomer is welcome the next time. */
	if (p->days == 0)
		p->told_days = CONFIRM_DAYS;
	for (unsigned i = 0; i < p->n_facts; i++) {
		struct fact *f = &p->facts[i];

		if (f->told_days == 0)
			continue;
		f->told_days = 0;
		f->count = 1;
		f->adopted = true;
		f->value->adopters++;
	}
	mark_principal(b, p);
}

void
habits_trim(struct baseline *b)
{
	while (b->bytes > b->o.bytes_max && b->n_list[0] + b->n_list[1] > 1) {
		/* Newcomers may hold a fifth of the room. */
		unsigned list = b->n_list[0] <= b->n_list[1] / 4;

		habits_forget(b, b->oldest[list]);
		b->counts.evicted_principals++;
	}
}

void
habits_free(struct baseline *b)
{
	for (unsigned list = 0; list < 2; list++)
		while (b->oldest[list])
			habits_forget(b, b->oldest[list]);
	map_release(&b->principals);
	map_release(&b->values);
}
