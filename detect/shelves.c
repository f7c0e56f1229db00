/*
 * shelves.c - things of one size, in rows of the state.
 *
 * A shelf is made when the first thing is put on it, and stays where it is.
 * What of it must be saved is a bit a shelf; what lies there is known.c's and
 * strays.c's business, how it is written lineage_keep.c's.  One owner.
 */
#include "detect/lineage_i.h"

#include <stdlib.h>

#define WORD_BITS 64

static bool
more_shelves(struct shelves *s, size_t need)
{
	size_t n = s->n ? s->n : WORD_BITS;
	void **shelf;
	uint64_t *dirty;

	while (n < need)
		n *= 2;
	shelf = realloc(s->shelf, n * sizeof(*shelf));
	if (!shelf)
		return false;
	s->shelf = shelf;
	dirty = realloc(s->dirty, n / WORD_BITS * sizeof(*dirty));
	if (!dirty)
		return false;
	s->dirty = dirty;
	memset(shelf + s->n, 0, (n - s->n) * sizeof(*shelf));
	memset(dirty + s->n / WORD_BITS, 0,
	    (n - s->n) / WORD_BITS * sizeof(*dirty));
	s->n = n;
	return true;
}

void *
shelves_at(struct shelves *s, size_t i, size_t item_size)
{
	if (i >= s->n && !more_shelves(s, i + 1))
		return NULL;
	if (!s->shelf[i])
		s->shelf[i] = calloc(SHELF, item_size);
	return s->shelf[i];
}

void
shelves_touch(struct shelves *s, size_t i)
{
	s->dirty[i / WORD_BITS] |= (uint64_t)1 << i % WORD_BITS;
	s->any_dirty = true;
}

void
shelves_free(struct shelves *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->shelf[i]);
	free(s->shelf);
	free(s->dirty);
	*s = (struct shelves){ 0 };
}

/* Those of one word of bits. */
static int
give_word(struct shelves *s, size_t w,
    int (*give)(void *arg, size_t i, const void *shelf), void *arg)
{
	while (s->dirty[w]) {
		size_t i = w * WORD_BITS + (size_t)__builtin_ctzll(s->dirty[w]);
		int err = give(arg, i, s->shelf[i]);

		if (err < 0)
			return err;
		s->dirty[w] &= s->dirty[w] - 1;
	}
	return 0;
}

int
shelves_each_dirty(struct shelves *s,
    int (*give)(void *arg, size_t i, const void *shelf), void *arg)
{
	int err = 0;

	for (size_t w = 0; s->any_dirty && err == 0 && w < s->n / WORD_BITS;
	     w++)
		err = give_word(s, w, give, arg);
	if (err == 0)
		s->any_dirty = false;
	return err;
}
