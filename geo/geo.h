/*
 * geo.h - MaxMind DB files and lists of ranges: open, look up.
 *
 *     struct geo *g;
 *     int err = geo_open(paths, n, &g, &e);
 *     struct place p;
 *     geo_lookup(g, &addr, &p);
 *     geo_close(g);
 *
 * Any number of files, layered: each fills in what those before it did not
 * know.  City, Country, ASN, ISP, Enterprise and Anonymous databases in
 * MaxMind's nested shape, and flat ones (`country_code`, `asn`, ...), by one
 * table of field paths.  A file is copied into sealed memory (memfd), so that
 * truncating or overwriting it in place cannot reach us.  A file that is
 * broken, empty or no MMDB is an error that names it.
 *
 * A struct geo never changes once open: any number of threads may look up.
 * geo_close() must come after the last lookup and the last use of a place.
 */
#ifndef ST_GEO_H
#define ST_GEO_H

#include "geo/addr.h"
#include "geo/place.h"
#include "lib/err.h"

#define GEO_FILES_MAX 16
#define GEO_FILE_SIZE_MAX ((size_t)2 << 30)

struct geo;

int geo_open(const char *const *paths, size_t n, struct geo **result,
    struct err *e) ST_MUSTCHECK;
/* The same for one database in memory, which is copied; `name` stands for the
 * path. */
int geo_open_bytes(const char *name, const void *p, size_t n,
    struct geo **result, struct err *e) ST_MUSTCHECK;
/*
 * Databases and lists of the clouds' own ranges (ranges.h) together, and NULL
 * where neither are named.  With lists a place says whether its address is in
 * one of them (PLACE_CLOUD) or in none (PLACE_NO_CLOUD).
 */
struct geo_files {
	const char *const *databases, *const *ranges;
	size_t n_databases, n_ranges;
};
int geo_open_all(
    const struct geo_files *f, struct geo **result, struct err *e) ST_MUSTCHECK;
void geo_close(struct geo *g);

/* Fills in *result; all unknown where nothing is found, g is NULL, or the
 * address is private.  Never fails; a broken record counts as unknown. */
void
geo_lookup(const struct geo *g, const struct addr *a, struct place *result);

/* What the records looked at when opening had to say. */
enum geo_knows {
	GEO_COUNTRY = 1 << 0,
	GEO_CITY = 1 << 1,
	GEO_POINT = 1 << 2,
	GEO_NETWORK = 1 << 3, /* autonomous system or its organisation */
	GEO_FLAGS = 1 << 4,   /* anonymisers, hosting */
	GEO_CLOUDS = 1 << 5,  /* the clouds' own ranges */
};

struct geo_info {
	const char *path, *type; /* "GeoLite2-City", "cloud ranges" */
	int64_t built; /* seconds since 1970; 0: a list that does not tell */
	uint32_t nodes;
	unsigned ip_version;
	unsigned knows; /* enum geo_knows; 0: nothing in it that we read */
};
/* Databases, then lists. */
size_t geo_count(const struct geo *g);
void geo_describe(const struct geo *g, size_t i, struct geo_info *result);

/*
 * Sources repeat: a cache remembers where the last addresses are, some 16,000
 * of them, and what 4,000 records say.
 * One thread each.  Gives what geo_lookup() gives.
 *
 *     struct geo_cache *c = geo_cache_new(g);	// NULL without memory
 *     geo_cache_lookup(c, &addr, &p);
 *     geo_cache_reset(c, newer);		// before g is closed
 *     geo_cache_free(c);
 */
struct geo_cache;
struct geo_cache *geo_cache_new(const struct geo *g);
void geo_cache_reset(struct geo_cache *c, const struct geo *g);
void geo_cache_lookup(
    struct geo_cache *c, const struct addr *a, struct place *result);
void geo_cache_free(struct geo_cache *c);

/* For --version. */
const char *geo_library_version(void);

#endif
