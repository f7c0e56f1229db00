/*
 * shapes.c - which rows requests of one shape are counted in, remembered.
 *
 * See shapes.h.  The parts of a line are kept one behind the other: each is
 * made of whole members, so that two lists of them cannot run together as one.
 * One owner.
 */
#include "report/shapes.h"

#include <stdlib.h>

#define WORD sizeof(uint64_t)
#define PAIR (2 * WORD) /* two lanes go side by side */
#define ODD UINT64_C(0x9e3779b97f4a7c15)

struct slot {
	struct shape shape;
	size_t n; /* bytes of the key */
	char key[SHAPE_KEY_MAX];
};

struct shapes {
	struct slot slots[SHAPES_MAX];
};

struct shapes *
shapes_new(void)
{
	return calloc(1, sizeof(struct shapes));
}

void
shapes_free(struct shapes *s)
{
	free(s);
}

/* ---- which place -------------------------------------------------------------- */

static inline uint64_t
mix(uint64_t lane, const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	lane ^= word;
	return (lane << 29 | lane >> 35) * ODD;
}

/* The last words overlap those before. */
static void
mix_part(uint64_t lane[2], struct slice s)
{
	char few[PAIR] = { 0 };
	size_t at;

	if (s.n < PAIR) {
		memcpy(few, s.p, s.n);
		s = slice_of(few, PAIR);
	}
	for (at = 0; at + PAIR < s.n; at += PAIR) {
		lane[0] = mix(lane[0], s.p + at);
		lane[1] = mix(lane[1], s.p + at + WORD);
	}
	lane[0] = mix(lane[0], s.p + s.n - PAIR);
	lane[1] = mix(lane[1], s.p + s.n - WORD);
}

/* Not keyed, and quicker than hash_slice(): the worst that can be done with
 * parts that come to one place is that they push each other out. */
static size_t
place_of(const struct slice *parts, unsigned n)
{
	uint64_t lane[2] = { n, ODD };

	for (unsigned i = 0; i < n; i++)
		mix_part(lane, parts[i]);
	return ((lane[0] ^ lane[1]) >> 32) % SHAPES_MAX;
}

/* ---- a shape -------------------------------------------------------------------- */

static bool
is_of(const struct slot *s, const struct slice *parts, unsigned n)
{
	const char *at = s->key;

	for (unsigned i = 0; i < n; i++) {
		if (memcmp(at, parts[i].p, parts[i].n) != 0)
			return false;
		at += parts[i].n;
	}
	return true;
}

static void
begin(struct slot *s, const struct slice *parts, unsigned n)
{
	shape_settle(&s->shape);
	s->shape.n = 0;
	s->n = 0;
	for (unsigned i = 0; i < n; i++) {
		memcpy(s->key + s->n, parts[i].p, parts[i].n);
		s->n += parts[i].n;
	}
}

struct shape *
shapes_at(struct shapes *s, const struct slice *parts, unsigned n)
{
	struct slot *slot;
	size_t size = 0;

	for (unsigned i = 0; i < n; i++)
		size += parts[i].n;
	if (size == 0 || size > SHAPE_KEY_MAX)
		return NULL;
	slot = &s->slots[place_of(parts, n)];
	if (slot->n != size || !is_of(slot, parts, n))
		begin(slot, parts, n);
	return &slot->shape;
}

void
shape_settle(struct shape *s)
{
	for (unsigned i = 0; s->sum.n && i < s->n; i++)
		table_add(s->rows[i], &s->sum);
	s->sum = (struct table_row){ 0 };
}

void
shapes_settle(struct shapes *s)
{
	for (size_t i = 0; i < SHAPES_MAX; i++)
		shape_settle(&s->slots[i].shape);
}
