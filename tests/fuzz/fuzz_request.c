/*
 * fuzz_request.c - packed requests from any bytes: never a slice outside of
 * them, and packed again they are the same.
 *
 * Members that are no slices are only carried, never looked at.
 */
#include "events/request.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void
must_be_inside(struct slice s, struct slice bytes)
{
	if (s.p &&
	    (s.p < bytes.p || s.n > bytes.n ||
		(size_t)(s.p - bytes.p) > bytes.n - s.n))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of((const char *)data, size);
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct request r, again, copy;
	struct arena a;
	size_t taken;

	if (request_unpack(bytes, &r, &taken) != 0)
		return 0;
	if (taken > size)
		abort();
	must_be_inside(r.event_id, bytes);
	must_be_inside(r.source.place.org, bytes);
	must_be_inside(r.delegation[7], bytes);
	must_be_inside(r.raw, bytes);
	arena_init(&a, 1024);
	if (!request_copy(&r, &a, &copy))
		abort();
	request_pack(&copy, &once);
	if (request_unpack(buf_slice(&once), &again, &taken) != 0 ||
	    taken != once.n)
		abort();
	request_pack(&again, &twice);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
	arena_release(&a);
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
