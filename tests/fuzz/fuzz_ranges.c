/*
 * fuzz_ranges.c - bytes as a list of the clouds' ranges: what reads has ranges,
 * what does not says why.
 */
#include "geo/ranges.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ranges *r = NULL;
	struct ranges_info info;
	struct err e = { .text = "" };
	struct addr a;

	if (ranges_read("x", slice_of((const char *)data, size), &r, &e) < 0) {
		if (r || !e.text[0])
			abort();
		return 0;
	}
	ranges_describe(r, 0, &info);
	if (ranges_count(r) != 1 || info.n == 0)
		abort();
	if (addr_parse(SLICE_LIT("2001:db8::1"), &a))
		(void)ranges_has(r, &a);
	ranges_close(r);
	return 0;
}
