/*
 * seen.c - a bounded memory of what was seen, the oldest forgotten first.
 *
 * Knows nothing of what its keys stand for.  One owner, no locks.
 */
#include "collector/seen.h"

#include "lib/hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_FIRST 256

/* A slot is two words of key and the value; a key of zeros is an empty slot,
 * so that no key may be stored as that. */
struct generation {
	unsigned char *slots;
	size_t n, cap; /* cap is a power of two, or 0 */
};

struct seen {
	struct generation young, old;
	size_t half, slot_size;
};

static void
slot_key(const uint64_t key[2], uint64_t out[2])
{
	out[0] = key[0];
	out[1] = key[0] == 0 && key[1] == 0 ? 1 : key[1];
}

static unsigned char *
slot_at(const struct seen *s, const struct generation *g, size_t i)
{
	return g->slots + i * s->slot_size;
}

/* Where the key is, or the empty slot where it belongs.  Keys may be hashes
 * that do not change from day to day: hashed once more, nobody can choose
 * ones that meet. */
static unsigned char *
probe(const struct seen *s, const struct generation *g, const uint64_t key[2])
{
	static const uint64_t none[2];
	size_t at = hash_bytes(key, 16, hash_seed()) & (g->cap - 1);

	for (;; at = (at + 1) & (g->cap - 1)) {
		unsigned char *slot = slot_at(s, g, at);

		if (memcmp(slot, key, 16) == 0 || memcmp(slot, none, 16) == 0)
			return slot;
	}
}

static void *
find_in(const struct seen *s, const struct generation *g, const uint64_t key[2])
{
	unsigned char *slot;

	if (g->n == 0)
		return NULL;
	slot = probe(s, g, key);
	return memcmp(slot, key, 16) == 0 ? slot + 16 : NULL;
}

void *
seen_find(const struct seen *s, const uint64_t key[2])
{
	uint64_t k[2];
	void *value;

	slot_key(key, k);
	value = find_in(s, &s->young, k);
	return value ? value : find_in(s, &s->old, k);
}

static bool
grow(const struct seen *s, struct generation *g)
{
	struct generation bigger = { NULL, g->n,
		g->cap ? g->cap * 2 : SEEN_FIRST };

	bigger.slots = calloc(bigger.cap, s->slot_size);
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < g->cap; i++) {
		unsigned char *slot = slot_at(s, g, i);
		uint64_t key[2];

		memcpy(key, slot, 16);
		if (key[0] || key[1])
			memcpy(probe(s, &bigger, key), slot, s->slot_size);
	}
	free(g->slots);
	*g = bigger;
	return true;
}

void
seen_turn(struct seen *s)
{
	free(s->old.slots);
	s->old = s->young;
	s->young = (struct generation){ NULL, 0, 0 };
}

size_t
seen_young(const struct seen *s)
{
	return s->young.n;
}

size_t
seen_count(const struct seen *s)
{
	return s->young.n + s->old.n;
}

void *
seen_add(struct seen *s, const uint64_t key[2])
{
	unsigned char *slot;
	uint64_t k[2];

	if (s->young.n >= s->half)
		seen_turn(s);
	/* At most three quarters full. */
	if (s->young.n * 4 >= s->young.cap * 3 && !grow(s, &s->young))
		return NULL;
	slot_key(key, k);
	slot = probe(s, &s->young, k);
	memcpy(slot, k, 16);
	s->young.n++;
	return slot + 16;
}

struct seen *
seen_new(size_t max, size_t value_size)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->half = max < 2 ? 1 : max / 2;
	/* Values are aligned as words are. */
	s->slot_size = 16 + (value_size + 7) / 8 * 8;
	return s;
}

void
seen_free(struct seen *s)
{
	if (!s)
		return;
	free(s->young.slots);
	free(s->old.slots);
	free(s);
}
