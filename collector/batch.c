/*
 * batch.c - what moves from a worker to the pipeline.
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
	buf_release(&b->grants);
	buf_release(&b->uses);
	buf_release(&b->marks);
	buf_release(&b->notices);
	free(b);
}

/* What was packed before is whole and stays. */
static bool
pack(struct buf *b, const struct request *r, size_t *n)
{
	size_t before = b->n;

	request_pack(r, b);
	if (b->failed) {
		b->n = before;
		b->failed = false;
		return false;
	}
	++*n;
	return true;
}

bool
batch_add(struct batch *b, const struct request *r)
{
	return pack(&b->requests, r, &b->n_requests);
}

bool
batch_grant(struct batch *b, const struct request *r)
{
	return pack(&b->grants, r, &b->n_grants);
}

bool
batch_use(struct batch *b, const struct request *r)
{
	return pack(&b->uses, r, &b->n_uses);
}

/* How a mark stands in `marks`: this, then the bytes of key and value. */
struct packed_mark {
	const struct mark_owner *owner;
	uint64_t token;
	size_t key, value;
	bool has_key, has_value;
};

bool
batch_mark(struct batch *b, const struct mark *m)
{
	const struct packed_mark packed = { m->owner, m->token, m->key.n,
		m->value.n, !slice_is_null(m->key), !slice_is_null(m->value) };

	if (!buf_reserve(&b->marks, sizeof(packed) + m->key.n + m->value.n)) {
		b->marks.failed = false;
		return false;
	}
	buf_add(&b->marks, &packed, sizeof(packed));
	buf_add_slice(&b->marks, m->key);
	buf_add_slice(&b->marks, m->value);
	b->n_marks++;
	return true;
}

void
batch_each_mark(const struct batch *b,
    void (*cb)(void *arg, const struct mark *m), void *arg)
{
	const char *p = b->marks.p;

	for (size_t i = 0; i < b->n_marks; i++) {
		struct packed_mark packed;
		struct mark m;

		memcpy(&packed, p, sizeof(packed));
		p += sizeof(packed);
		m = (struct mark){ packed.owner, packed.token,
			packed.has_key ? slice_of(p, packed.key) : SLICE_NULL,
			packed.has_value
			    ? slice_of(p + packed.key, packed.value)
			    : SLICE_NULL };
		p += packed.key + packed.value;
		cb(arg, &m);
	}
}

bool
batch_notice(struct batch *b, const struct notice *n)
{
	size_t before = b->notices.n;

	notice_pack(n, &b->notices);
	if (b->notices.failed) {
		b->notices.n = before;
		b->notices.failed = false;
		return false;
	}
	b->n_notices++;
	return true;
}

size_t
batch_size(const struct batch *b)
{
	return sizeof(*b) + b->requests.cap + b->grants.cap + b->uses.cap +
	    b->marks.cap + b->notices.cap;
}
