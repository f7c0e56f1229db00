/*
 * fuzz_trail_digest.c - any bytes as a digest file: what is taken has the members
 * that a signature is over, and its files end.
 */
#include "tests/fuzz/fuzz.h"

#include "events/trail_digest.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_reader reader;
	struct slice text = slice_of((const char *)data, size);
	struct buf out = BUF_INIT;
	struct json_iter at = { 0 };
	struct trail_digest d;
	struct trail_file f;
	size_t n = 0;

	if (!reader.impl)
		json_reader_init(&reader);
	if (trail_digest_parse(&reader, text, &d) < 0)
		return 0;
	if (!d.end.p || !d.bucket.p || !d.object.p)
		abort();
	while (trail_digest_file(&d, &at, &f))
		if (n++ > size)
			abort();
	trail_digest_signed(&d, "hash", &out);
	if (trail_digest_chain(&d).n > d.object.n)
		abort();
	buf_release(&out);
	return 0;
}
