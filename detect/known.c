/*
 * known.c - what lineage has seen before: chains, subjects, keys, places.
 *
 * Each is a hash with the days it was seen on; what it stands for is the
 * caller's business.  What was not seen for the longest time is forgotten at
 * the bound.  One owner.
 */
#include "detect/lineage_i.h"

#include <stdlib.h>

#define DAY_SECONDS 86400
#define KNOWN_COUNT_SAVED 8 /* a higher count is saved once a day */

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

void
known_touch(struct lineage *l, struct known *k)
{
	if (!l->kept || k->dirty_at)
		return;
	k->next_dirty = l->dirty_known;
	k->dirty_at = &l->dirty_known;
	if (k->next_dirty)
		k->next_dirty->dirty_at = &k->next_dirty;
	l->dirty_known = k;
}

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

static void
forget(struct lineage *l, struct known *k)
{
	if (k->dirty_at)
		*k->dirty_at = k->next_dirty;
	if (k->dirty_at && k->next_dirty)
		k->next_dirty->dirty_at = k->dirty_at;
	if (l->kept) {
		buf_addc(&l->gone, 'k');
		buf_add(&l->gone, &k->hash, sizeof(k->hash));
	}
	unlink_age(l, k);
	map_remove(&l->known, k->hash, k);
	l->counts.known--;
	name_drop(l, k->what);
	free(k);
}

void
known_link(struct lineage *l, struct known *k)
{
	size_t max = l->o.known_max ? l->o.known_max : LINEAGE_KNOWN_MAX;

	while (l->counts.known >= max) {
		forget(l, l->oldest_known);
		l->counts.evicted_known++;
	}
	link_newest(l, k);
	l->counts.known++;
}

static struct known *
add(struct lineage *l, uint64_t hash, int64_t sec)
{
	struct known *k = calloc(1, sizeof(*k));

	if (!k || !map_put(&l->known, hash, k)) {
		free(k);
		return NULL;
	}
	k->hash = hash;
	k->first = k->last = sec;
	k->day = INT64_MIN;
	known_link(l, k);
	return k;
}

/* A day is counted once, whatever the order inside it; saving each sight of
 * it would write a row a request. */
struct known *
known_note(struct lineage *l, uint64_t hash, int64_t sec)
{
	struct known *k = known_find(l, hash);
	int64_t day = sec / DAY_SECONDS;

	if (!k)
		k = add(l, hash, sec);
	if (!k)
		return NULL;
	if (k->day != day) {
		k->days += k->day < day;
		k->day = k->day < day ? day : k->day;
		unlink_age(l, k);
		link_newest(l, k);
		known_touch(l, k);
	}
	if (sec < k->first)
		k->first = sec;
	if (sec > k->last)
		k->last = sec;
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
	return k->days >= days + (k->day == sec / DAY_SECONDS);
}

void
known_free(struct lineage *l)
{
	l->kept = false;
	while (l->oldest_known)
		forget(l, l->oldest_known);
	map_release(&l->known);
}
