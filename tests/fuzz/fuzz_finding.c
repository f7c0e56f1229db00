/*
 * fuzz_finding.c - any bytes as a finding in native JSON.
 *
 * What is accepted must be written and read again, and written again must
 * give the same bytes.
 */
#include "outputs/format/format.h"
#include "outputs/format/parse.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct format *json = format_find(SLICE_LIT("json"));
	struct format_options o = { .raw = true };
	struct buf first = BUF_INIT, again = BUF_INIT;
	struct finding f, back;
	struct arena a;
	struct err e;

	arena_init(&a, 4096);
	if (finding_parse(slice_of((const char *)data, size), &a, &f, &e) ==
	    0) {
		json->finding(&f, &o, &first);
		if (finding_parse(buf_slice(&first), &a, &back, &e) < 0)
			abort();
		json->finding(&back, &o, &again);
		if (!slice_eq(buf_slice(&first), buf_slice(&again)))
			abort();
	}
	arena_release(&a);
	buf_release(&first);
	buf_release(&again);
	return 0;
}
