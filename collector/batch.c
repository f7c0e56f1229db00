/*
 * batch.c - what moves from a worker to the pipeline: requests and counts.
 *
 * Knows only how they are packed together.  Whoever holds a batch owns it, on
 * whatever thread.
 */
#include "collector/batch.h"

#include <stdlib.h>

struct batch *
batch_new(unsigned input)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b)
		b->input = input;
	return b;
}

void
batch_free(struct batch *b)
{
	if (!b)
		return;
	buf_release(&b->requests);
	free(b);
}

bool
batch_add(struct batch *b, const struct request *r)
{
	size_t before = b->requests.n;

	request_pack(r, &b->requests);
	if (b->requests.failed) {
		/* What was packed before is whole and stays. */
		b->requests.n = before;
		b->requests.failed = false;
		return false;
	}
	b->n_requests++;
	return true;
}

size_t
batch_size(const struct batch *b)
{
	return sizeof(*b) + b->requests.cap;
}
