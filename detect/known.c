/*
 * known.c - what lineage has seen before: chains, subjects, keys, places.
 *
 * Each is a hash with the days it was seen on; what it stands for is the
 * caller's business.  What was not seen for the longest time is forgotten at
 * the bound.  They lie on shelves, each a row of the state.  One owner.
 */
#include "detect/lineage_i.h"

#include <stdlib.h>

#define DAY_SECONDS 86400
#define KNOWN_COUNT_SAVED 8 /* a higher count is saved once a day */

_Static_assert(sizeof(struct known) <= 72, "hardly more than a cache line");

bool
known_same(const void *item, const void *key)
{
	return ((const struct known *)item)->hash == *(const uint64_t *)key;
}

struct known *
known_find(const struct lineage *l, uint64_t hash)
{
	return map_get(&l->known, hash, &hash);
}

int32_t
known_day(int64_t sec)
{
	int64_t day = sec / DAY_SECONDS;

	return day > INT32_MAX || day < -INT32_MAX ? DAY_NEVER : (int32_t)day;
}

size_t
known_max(const struct lineage *l)
{
	return l->o.known_max ? l->o.known_max : LINEAGE_KNOWN_MAX;
}

void
known_touch(struct lineage *l, const struct known *k)
{
	if (l->kept)
		shelves_touch(&l->habits, k->slot / SHELF);
}

/* ---- the order of age ----------------------------------------------------- */

static void
unlink_age(struct lineage *l, struct known *k)
{
	if (k->older)
		k->older->newer = k->newer;
	else
		l->oldest_known = k->newer;
	if (k->newer)
		k->newer->older = k->older;
	else
		l->newest_known = k->older;
}

static void
link_newest(struct lineage *l, struct known *k)
{
	k->newer = NULL;
	k->older = l->newest_known;
	if (k->older)
		k->older->newer = k;
	else
		l->oldest_known = k;
	l->newest_known = k;
}

/* ---- coming and going ------------------------------------------------------ */

static struct known *
at_slot(struct lineage *l, size_t slot)
{
	struct known *shelf = shelves_at(
	    &l->habits, slot / SHELF, sizeof(struct known));

	return shelf ? &shelf[slot % SHELF] : NULL;
}

void
known_discard(struct lineage *l, struct known *k)
{
	uint32_t slot = k->slot;

	name_drop(l, k->what);
	free(k->spot);
	*k = (struct known){ .slot = slot, .older = l->free_known };
	l->free_known = k;
}

static void
forget(struct lineage *l, struct known *k)
{
	known_touch(l, k);
	unlink_age(l, k);
	map_remove(&l->known, k->hash, k);
	l->counts.known--;
	known_discard(l, k);
}

static struct known *
take_slot(struct lineage *l)
{
	struct known *k = l->free_known;

	if (k) {
		l->free_known = k->older;
		k->older = NULL;
		return k;
	}
	k = at_slot(l, l->habits_used);
	if (k)
		k->slot = l->habits_used++;
	return k;
}

bool
known_link(struct lineage *l, struct known *k)
{
	if (!map_put(&l->known, k->hash, k))
		return false;
	k->used = true;
	link_newest(l, k);
	l->counts.known++;
	return true;
}

static struct known *
add(struct lineage *l, uint64_t hash)
{
	struct known *k;

	while (l->counts.known >= known_max(l)) {
		forget(l, l->oldest_known);
		l->counts.evicted_known++;
	}
	k = take_slot(l);
	if (!k)
		return NULL;
	k->hash = hash;
	k->day = DAY_NEVER;
	if (!known_link(l, k)) {
		known_discard(l, k);
		return NULL;
	}
	return k;
}

/* ---- noting ---------------------------------------------------------------- */

/* A day is counted once, whatever the order inside it; saving each sight of
 * it would write a row a request. */
struct known *
known_note(struct lineage *l, uint64_t hash, int64_t sec)
{
	struct known *k = known_find(l, hash);
	int32_t day = known_day(sec);

	if (!k)
		k = add(l, hash);
	if (!k)
		return NULL;
	if (k->day != day) {
		k->days += k->day < day;
		k->day = k->day < day ? day : k->day;
		unlink_age(l, k);
		link_newest(l, k);
		known_touch(l, k);
	}
	return k;
}

struct known *
known_note_with(
    struct lineage *l, uint64_t hash, struct slice what, int64_t sec)
{
	struct known *k = known_note(l, hash, sec);

	if (!k || !what.n || k->mixed)
		return k;
	if (what.n > NAME_KEPT_MAX)
		what.n = NAME_KEPT_MAX;
	k->count++;
	if (k->count <= KNOWN_COUNT_SAVED)
		known_touch(l, k);
	if (!k->what) {
		k->what = name_take(l, what);
	} else if (!slice_eq(name_text(k->what), what)) {
		k->mixed = true;
		name_drop(l, k->what);
		k->what = NULL;
		known_touch(l, k);
	}
	return k;
}

bool
known_since(const struct known *k, int64_t sec, unsigned days)
{
	if (!k)
		return false;
	return k->days >= days + (k->day == known_day(sec));
}

bool
known_put_spot(struct known *k, const struct spot *s)
{
	if (!k->spot)
		k->spot = malloc(sizeof(*k->spot));
	if (k->spot)
		*k->spot = *s;
	return k->spot != NULL;
}

/* ---- over a restart --------------------------------------------------------- */

struct known *
known_slot(struct lineage *l, size_t slot)
{
	struct known *k = slot < known_max(l) ? at_slot(l, slot) : NULL;

	if (!k || k->used)
		return NULL;
	k->slot = (uint32_t)slot;
	if (slot >= l->habits_used)
		l->habits_used = (uint32_t)slot + 1;
	return k;
}

static int
by_day(const void *a, const void *b)
{
	const struct known *const *x = a, *const *y = b;

	if ((*x)->day != (*y)->day)
		return (*x)->day < (*y)->day ? -1 : 1;
	return ((*x)->slot > (*y)->slot) - ((*x)->slot < (*y)->slot);
}

/* Those of longest ago first; without memory for that as they came. */
static void
put_in_order(struct lineage *l)
{
	struct known **all = calloc(l->counts.known + 1, sizeof(*all)), *k;
	size_t n = 0;

	if (!all)
		return;
	for (k = l->oldest_known; k; k = k->newer)
		all[n++] = k;
	if (n > 0)
		qsort(all, n, sizeof(*all), by_day);
	l->oldest_known = l->newest_known = NULL;
	for (size_t i = 0; i < n; i++)
		link_newest(l, all[i]);
	free(all);
}

void
known_loaded(struct lineage *l)
{
	put_in_order(l);
	l->free_known = NULL;
	for (uint32_t i = l->habits_used; i-- > 0;) {
		struct known *k = at_slot(l, i);

		if (!k || k->used)
			continue;
		k->slot = i;
		k->older = l->free_known;
		l->free_known = k;
	}
}

void
known_free(struct lineage *l)
{
	l->kept = false;
	while (l->oldest_known)
		forget(l, l->oldest_known);
	map_release(&l->known);
	shelves_free(&l->habits);
}
