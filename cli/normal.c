/*
 * normal.c - what was normal: requests of the past, folded and sorted out.
 *
 * See normal.h.
 */
#include "config.h"

#include "cli/normal.h"

#include "lib/hash.h"
#include "lib/pack.h"

#include <stdlib.h>

#define ARENA_FIRST 16384
#define DAYS_SHORT 2
#define DAYS_LONG 3
#define COUNTRY "country"
#define REGION "region"

const char *
normal_why(enum left left)
{
	static const char *const words[LEFT_COUNT] = {
		[LEFT_NOT] = "normal",
		[LEFT_OUTCOME] = "was denied or failed",
		[LEFT_SERVICE] = "was made by a cloud service, which is quiet "
				 "without a rule",
		[LEFT_NOBODY] = "names nobody",
		[LEFT_NAME] = "has a * in a name, which a pattern cannot say",
		[LEFT_FINDING] = "was in a finding, or held back from one",
		[LEFT_RARE] = "was seen on too few days",
		[LEFT_PLACE] = "came from a country or went to a region that "
			       "was seen on too few days",
	};

	return words[left];
}

struct slice
normal_family(struct slice name)
{
	size_t n = name.n;

	while (n > 0 && name.p[n - 1] != '/' && name.p[n - 1] != ':')
		n--;
	return slice_of(name.p, n);
}

/* ---- cells -------------------------------------------------------------------- */

static bool
same_cell(const void *item, const void *key)
{
	const struct cell *c = item;
	const struct request *a = &c->r, *b = key;

	return slice_eq(a->principal, b->principal) &&
	    slice_eq(a->action, b->action) && slice_eq(a->target, b->target) &&
	    slice_eq(a->account, b->account) &&
	    slice_eq(a->target_account, b->target_account) &&
	    slice_eq(a->cloud_region, b->cloud_region) &&
	    a->principal_type == b->principal_type &&
	    a->outcome == b->outcome && a->source.kind == b->source.kind &&
	    strcmp(a->source.place.country, b->source.place.country) == 0;
}

struct normal *
normal_new(uint64_t min_days)
{
	struct normal *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->min_days = min_days;
	n->by_key = (struct map)MAP_INIT(same_cell);
	arena_init(&n->arena, ARENA_FIRST);
	counts_init(&n->tuples, NORMAL_CELLS_MAX);
	counts_init(&n->places, NORMAL_CELLS_MAX);
	counts_init(&n->families, NORMAL_CELLS_MAX);
	counts_init(&n->strays, NORMAL_CELLS_MAX);
	return n;
}

void
normal_free(struct normal *n)
{
	if (!n)
		return;
	counts_release(&n->tuples);
	counts_release(&n->places);
	counts_release(&n->families);
	counts_release(&n->strays);
	map_release(&n->by_key);
	arena_release(&n->arena);
	buf_release(&n->key);
	free(n->v);
	free(n);
}

/* Good until the next one. */
static struct slice
key3(struct normal *n, struct slice a, struct slice b, struct slice c)
{
	buf_reset(&n->key);
	pack_slice(&n->key, a);
	pack_slice(&n->key, b);
	pack_slice(&n->key, c);
	return buf_slice(&n->key);
}

static uint64_t
cell_hash(struct normal *n, const struct request *r)
{
	key3(n, r->principal, r->action, r->target);
	pack_slice(&n->key, r->cloud_region);
	pack_word(&n->key, r->source.place.country);
	return hash_slice(buf_slice(&n->key));
}

static struct cell *
new_cell(struct normal *n, const struct request *r, uint64_t hash)
{
	size_t room = n->room ? 2 * n->room : 64;
	struct cell **v, *c;

	if (n->n == n->room) {
		v = realloc(n->v, room * sizeof(*v));
		if (!v)
			return NULL;
		n->v = v;
		n->room = room;
	}
	c = arena_calloc(&n->arena, sizeof(*c));
	if (!c || !request_copy(r, &n->arena, &c->r) ||
	    !map_put(&n->by_key, hash, c))
		return NULL;
	c->duration = -1;
	c->last_day = COUNTS_NO_DAY;
	n->v[n->n++] = c;
	return c;
}

static void
see(struct counts *c, struct slice key, int64_t day)
{
	struct count *k = counts_of(c, key);

	if (k)
		count_on(k, day);
}

/* What was granted and is not odd, by day. */
static void
see_days(struct normal *n, const struct request *r)
{
	struct slice scopes[] = { r->principal, normal_family(r->principal) };
	int64_t day = counts_day(r->time);

	see(&n->tuples, key3(n, r->principal, r->action, r->target), day);
	see(&n->families, key3(n, scopes[1], r->action, SLICE_NULL), day);
	for (size_t i = 0; i < 2; i++) {
		see(&n->places,
		    key3(n, scopes[i], SLICE_LIT(COUNTRY),
			slice_str(r->source.place.country)),
		    day);
		see(&n->places,
		    key3(n, scopes[i], SLICE_LIT(REGION), r->cloud_region),
		    day);
	}
}

int
normal_add(struct normal *n, const struct request *r, bool odd)
{
	uint64_t hash = cell_hash(n, r);
	struct cell *c = map_get(&n->by_key, hash, r);
	int64_t day = counts_day(r->time);

	n->requests++;
	if (r->time.valid) {
		n->last = r->time;
		if (!n->first.valid)
			n->first = r->time;
	}
	if (!c && n->n == NORMAL_CELLS_MAX) {
		n->beyond++;
		return 0;
	}
	if (!c)
		c = new_cell(n, r, hash);
	if (!c)
		return ST_ENOMEM;
	c->n++;
	c->odd += odd;
	c->days += day != c->last_day;
	c->last_day = day;
	if (r->duration > c->duration)
		c->duration = r->duration;
	if (!odd && r->outcome == OUTCOME_SUCCESS)
		see_days(n, r);
	return n->key.failed ? ST_ENOMEM : 0;
}

/* ---- sorting out ---------------------------------------------------------------- */

static void
count_members(struct normal *n)
{
	for (size_t i = 0; i < n->tuples.n; i++) {
		const struct count *t = n->tuples.v[i];
		struct unpack u = unpack_of(t->name);
		struct slice family = normal_family(unpack_slice(&u));
		struct slice action = unpack_slice(&u);
		struct count *k = counts_of(
		    &n->families, key3(n, family, action, SLICE_NULL));

		if (k)
			k->other++;
		if (t->days >= n->min_days)
			continue;
		k = counts_of(&n->strays, key3(n, family, action, SLICE_NULL));
		if (k)
			k->n++;
	}
}

/* Most of the family come and go. */
static bool
is_churning(struct normal *n, const struct request *r)
{
	struct slice key = key3(
	    n, normal_family(r->principal), r->action, SLICE_NULL);
	const struct count *all = counts_look(&n->families, key);
	const struct count *strays = counts_look(&n->strays, key);

	return all && strays && all->other >= NORMAL_FAMILY_MIN &&
	    strays->n * 2 >= all->other && all->days >= n->min_days;
}

static bool
is_usual(struct normal *n, const struct counts *c, struct slice key)
{
	const struct count *k = counts_look(c, key);

	return k && k->days >= n->min_days;
}

static bool
has_star(struct slice s)
{
	return s.n && memchr(s.p, '*', s.n);
}

static enum left
sort_out(struct normal *n, const struct cell *c)
{
	const struct request *r = &c->r;
	bool churning;
	struct slice scope;

	if (r->outcome != OUTCOME_SUCCESS)
		return LEFT_OUTCOME;
	if (r->principal_type == PT_SERVICE)
		return LEFT_SERVICE;
	if (!r->principal.n)
		return LEFT_NOBODY;
	if (has_star(r->principal) || has_star(r->target))
		return LEFT_NAME;
	if (c->odd == c->n)
		return LEFT_FINDING;
	churning = is_churning(n, r);
	if (!churning &&
	    !is_usual(
		n, &n->tuples, key3(n, r->principal, r->action, r->target)))
		return c->odd ? LEFT_FINDING : LEFT_RARE;
	scope = churning ? normal_family(r->principal) : r->principal;
	if (!is_usual(n, &n->places,
		key3(n, scope, SLICE_LIT(COUNTRY),
		    slice_str(r->source.place.country))) ||
	    !is_usual(n, &n->places,
		key3(n, scope, SLICE_LIT(REGION), r->cloud_region)))
		return c->odd ? LEFT_FINDING : LEFT_PLACE;
	return LEFT_NOT;
}

static int
cell_cmp(const void *a, const void *b)
{
	const struct cell *const *x = a, *const *y = b;
	int c = slice_cmp((*x)->r.principal, (*y)->r.principal);

	if (c == 0)
		c = slice_cmp((*x)->r.action, (*y)->r.action);
	if (c == 0)
		c = slice_cmp((*x)->r.target, (*y)->r.target);
	return c ? c : request_cmp(&(*x)->r, &(*y)->r);
}

int
normal_settle(struct normal *n)
{
	if (n->first.valid)
		n->span = (uint64_t)(when_day(n->last) - when_day(n->first) +
		    1);
	if (n->min_days == 0)
		n->min_days = n->span >= NORMAL_LONG_SPAN ? DAYS_LONG
							  : DAYS_SHORT;
	count_members(n);
	if (n->n)
		qsort(n->v, n->n, sizeof(struct cell *), cell_cmp);
	for (size_t i = 0; i < n->n; i++) {
		n->v[i]->left = sort_out(n, n->v[i]);
		n->by_left[n->v[i]->left] += n->v[i]->n;
	}
	return n->key.failed ? ST_ENOMEM : 0;
}
