/*
 * fuzz_addr.c - bytes as an address or a range: what reads, reads back.
 */
#include "geo/addr.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_of((const char *)data, size);
	struct cidr_set *set;
	char buf[ADDR_TEXT];
	struct addr a, b;
	struct cidr c;

	if (addr_parse(s, &a)) {
		if (!addr_parse(addr_format(&a, buf), &b) || a.v4 != b.v4 ||
		    memcmp(a.b, b.b, sizeof(a.b)) != 0)
			abort();
		(void)addr_is_private(&a);
	}
	if (!cidr_parse(s, &c))
		return 0;
	set = cidr_set_new(&c, 1);
	if (!cidr_has(&c, &c.base) || (set && !cidr_set_has(set, &c.base)))
		abort();
	cidr_set_free(set);
	return 0;
}
