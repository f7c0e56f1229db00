/*
 * fuzz_digest.c - canonical bytes of any text: written again they are the
 * same.
 */
#include "events/digest.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data, size);
	struct buf once = BUF_INIT, twice = BUF_INIT;
	char id[DIGEST_ID_SIZE];

	digest_id(text, id);
	if (digest_canonical(text, &once) == 0) {
		if (digest_canonical(buf_slice(&once), &twice) != 0 ||
		    !slice_eq(buf_slice(&once), buf_slice(&twice)))
			abort();
	}
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
