/*
 * map.c - pointers found by a hash and a comparison.
 *
 * Knows nothing of what it points to.  One owner, no locks.
 */
#include "lib/map.h"

#include <stdlib.h>

#define MAP_FIRST 64

void
map_release(struct map *m)
{
	free(m->slots);
	m->slots = NULL;
	m->n = m->cap = 0;
}

void *
map_get(const struct map *m, uint64_t hash, const void *key)
{
	size_t at;

	if (m->n == 0)
		return NULL;
	for (at = hash & (m->cap - 1); m->slots[at].item;
	     at = (at + 1) & (m->cap - 1))
		if (m->slots[at].hash == hash &&
		    m->same(m->slots[at].item, key))
			return m->slots[at].item;
	return NULL;
}

static void
place(struct map_slot *slots, size_t cap, uint64_t hash, void *item)
{
	size_t at = hash & (cap - 1);

	while (slots[at].item)
		at = (at + 1) & (cap - 1);
	slots[at].hash = hash;
	slots[at].item = item;
}

static bool
grow(struct map *m)
{
	size_t cap = m->cap ? m->cap * 2 : MAP_FIRST;
	struct map_slot *slots = calloc(cap, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].item)
			place(slots, cap, m->slots[i].hash, m->slots[i].item);
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
	return true;
}

bool
map_put(struct map *m, uint64_t hash, void *item)
{
	if (m->n * 3 >= m->cap * 2 && !grow(m))
		return false;
	place(m->slots, m->cap, hash, item);
	m->n++;
	return true;
}

/* Close the hole: what was pushed past it by a collision moves up. */
static void
close_hole(struct map *m, size_t hole)
{
	size_t mask = m->cap - 1, at = hole;

	for (;;) {
		size_t home;

		at = (at + 1) & mask;
		if (!m->slots[at].item)
			break;
		home = m->slots[at].hash & mask;
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		m->slots[hole] = m->slots[at];
		hole = at;
	}
	m->slots[hole].item = NULL;
}

void
map_remove(struct map *m, uint64_t hash, const void *item)
{
	size_t at;

	if (m->n == 0)
		return;
	for (at = hash & (m->cap - 1); m->slots[at].item;
	     at = (at + 1) & (m->cap - 1)) {
		if (m->slots[at].item != item)
			continue;
		close_hole(m, at);
		m->n--;
		return;
	}
}
