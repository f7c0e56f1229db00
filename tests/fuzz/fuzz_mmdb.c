/*
 * fuzz_mmdb.c - bytes as a database: it opens or not, lookups end.
 */
#include "geo/geo.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void
ask(const struct geo *g, struct geo_cache *c, const uint8_t *data, size_t size)
{
	struct place p, q;
	struct addr a;

	for (unsigned i = 0; i < 64; i++) {
		memset(&a, 0, sizeof(a));
		a.v4 = i % 2;
		if (a.v4)
			a.b[10] = a.b[11] = 0xff;
		a.b[0] |= a.v4 ? 0 : (unsigned char)(i << 2);
		a.b[12] = (unsigned char)(i << 2);
		a.b[13] = data[i % size];
		geo_lookup(g, &a, &p);
		geo_cache_lookup(c, &a, &q);
		if (p.asn != q.asn || p.flags != q.flags)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct geo_cache *c;
	struct geo_info info;
	struct geo *g;

	if (geo_open_bytes("fuzz", data, size, &g, NULL) < 0)
		return 0;
	geo_describe(g, 0, &info);
	c = geo_cache_new(g);
	if (c)
		ask(g, c, data, size);
	geo_cache_free(c);
	geo_close(g);
	return 0;
}
