/*
 * shapes.c - which rows requests of one shape are counted in, remembered.
 *
 * See shapes.h.  One owner.
 */
#include "report/shapes.h"

#include "lib/hash.h"

#include <stdlib.h>

#define ABSENT UINT16_MAX

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

/* The lengths, then the names; 0: too long. */
static size_t
write_key(const struct slice *names, unsigned n, char key[SHAPE_KEY_MAX])
{
	uint16_t lengths[SHAPE_NAMES_MAX];
	size_t at = n * sizeof(lengths[0]);

	for (unsigned i = 0; i < n; i++) {
		if (at + names[i].n > SHAPE_KEY_MAX)
			return 0;
		lengths[i] = names[i].p ? (uint16_t)names[i].n : ABSENT;
		if (names[i].n)
			memcpy(key + at, names[i].p, names[i].n);
		at += names[i].n;
	}
	memcpy(key, lengths, n * sizeof(lengths[0]));
	return at;
}

struct shape *
shapes_at(struct shapes *s, const struct slice *names, unsigned n)
{
	char key[SHAPE_KEY_MAX];
	size_t size = write_key(names, n, key);
	struct slot *p;

	if (!size)
		return NULL;
	p = &s->slots[hash_slice(slice_of(key, size)) % SHAPES_MAX];
	if (p->n == size && memcmp(p->key, key, size) == 0)
		return &p->shape;
	p->shape.n = 0;
	p->n = size;
	memcpy(p->key, key, size);
	return &p->shape;
}
