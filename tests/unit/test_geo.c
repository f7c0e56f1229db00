/*
 * test_geo.c - databases: opening, layering, breaking, asking.
 *
 * With tests/data/geo-*.mmdb, which script/make-geo made of geo.csv.
 * MaxMind's own test databases are asked, too, where they lie beside the
 * checkout.
 */
#include "geo/geo.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 65536

static char city_path[1024], asn_path[1024];

static void
find_paths(void)
{
	snprintf(city_path, sizeof(city_path), "%s",
	    unit_path("tests/data/geo-city.mmdb"));
	snprintf(asn_path, sizeof(asn_path), "%s",
	    unit_path("tests/data/geo-asn.mmdb"));
}

static struct geo *
open_paths(const char *a, const char *b)
{
	const char *paths[2] = { a, b };
	struct geo *g = NULL;
	struct err e = { .text = "" };
	int err = geo_open(paths, b ? 2 : 1, &g, &e);

	if (err < 0)
		printf("\n    %s", e.text);
	return g;
}

static struct geo *
open_both(void)
{
	find_paths();
	return open_paths(city_path, asn_path);
}

static struct place
ask(const struct geo *g, const char *text)
{
	struct addr a = { .v4 = false };
	struct place p;

	CHECK(addr_parse(slice_str(text), &a));
	memset(&p, 0x55, sizeof(p));
	geo_lookup(g, &a, &p);
	return p;
}

static bool
same_text(struct slice a, struct slice b)
{
	return (a.p == NULL) == (b.p == NULL) && slice_eq(a, b);
}

static bool
same_place(const struct place *a, const struct place *b)
{
	return strcmp(a->country, b->country) == 0 &&
	    same_text(a->subdivision, b->subdivision) &&
	    same_text(a->city, b->city) && same_text(a->org, b->org) &&
	    a->asn == b->asn && a->has_point == b->has_point &&
	    fabs(a->lat - b->lat) < 1e-9 && fabs(a->lon - b->lon) < 1e-9 &&
	    a->flags == b->flags;
}

static bool
unknown(const struct place *p)
{
	struct place nothing;

	memset(&nothing, 0, sizeof(nothing));
	return same_place(p, &nothing);
}

/* ---- asking -------------------------------------------------------------- */

static void
two_databases_tell_all_of_an_address(void)
{
	static const struct {
		const char *addr, *country, *subdivision, *city;
		uint32_t asn;
		unsigned flags;
	} cases[] = {
		{ "198.51.100.7", "DE", "BE", "Berlin", 3320, 0 },
		{ "198.51.100.200", "IE", "L", "Dublin", 5466, 0 },
		{ "::ffff:198.51.100.7", "DE", "BE", "Berlin", 3320, 0 },
		{ "2001:db8:1::7", "DE", "BE", "Berlin", 3320, 0 },
		{ "203.0.113.48", "BR", "SP", "São Paulo", 28573, 0 },
		{ "203.0.113.63", "BR", "SP", "São Paulo", 28573, 0 },
		{ "203.0.113.64", "KP", "01", "Pyongyang", 131279, 0 },
		{ "203.0.113.80", "DE", "BB", "Brandenburg", 60729,
		    PLACE_ANONYMOUS | PLACE_TOR | PLACE_HOSTING },
		{ "203.0.113.100", "RO", "B", "Bucharest", 9009,
		    PLACE_ANONYMOUS | PLACE_VPN | PLACE_HOSTING },
		{ "203.0.113.112", "VN", "SG", "Ho Chi Minh City", 45899,
		    PLACE_ANONYMOUS | PLACE_PROXY },
		{ "203.0.113.240", "SG", NULL, "Singapore", 16509,
		    PLACE_HOSTING },
		{ "84.130.1.1", "DE", NULL, NULL, 3320, 0 },
		{ "2600:1f18::1", "US", "VA", "Ashburn", 14618, PLACE_HOSTING },
	};
	struct geo *g = open_both();

	REQUIRE(g != NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place p = ask(g, cases[i].addr);

		CHECK_TEXT(slice_str(p.country), cases[i].country);
		CHECK_TEXT(p.subdivision, cases[i].subdivision);
		CHECK_TEXT(p.city, cases[i].city);
		CHECK_INT(p.asn, cases[i].asn);
		CHECK_INT(p.flags, cases[i].flags);
		CHECK(p.has_point && p.org.p);
	}
	geo_close(g);
}

static void
what_no_database_knows_is_unknown(void)
{
	static const char *const cases[] = { "192.88.99.1", "8.8.8.8",
		"10.1.2.3", "127.0.0.1", "2001:db8:ffff::1", "fe80::1",
		"::", "255.255.255.255", "ffff::" };
	struct geo *g = open_both();
	struct place p;

	REQUIRE(g != NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p = ask(g, cases[i]);
		CHECK(unknown(&p) && cases[i]);
		p = ask(NULL, cases[i]);
		CHECK(unknown(&p) && cases[i]);
	}
	geo_close(g);
}

static void
the_order_of_files_does_not_matter_where_they_do_not_overlap(void)
{
	static const char *const cases[] = { "198.51.100.7", "203.0.113.80",
		"2001:db8:2::1", "73.1.2.3" };
	struct geo *ab = open_both(), *ba = open_paths(asn_path, city_path);

	REQUIRE(ab && ba);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place p = ask(ab, cases[i]), q = ask(ba, cases[i]);

		CHECK(same_place(&p, &q) && cases[i]);
	}
	geo_close(ab);
	geo_close(ba);
}

static void
no_file_at_all_is_fine(void)
{
	struct geo *g = NULL;
	struct place p;

	REQUIRE(geo_open(NULL, 0, &g, NULL) == 0);
	CHECK_INT(geo_count(g), 0);
	CHECK_INT(geo_count(NULL), 0);
	p = ask(g, "198.51.100.7");
	CHECK(unknown(&p));
	geo_close(g);
	geo_close(NULL);
}

static void
a_database_is_described(void)
{
	struct geo *g = open_both();
	struct geo_info info;

	REQUIRE(g != NULL && geo_count(g) == 2);
	geo_describe(g, 0, &info);
	CHECK_TEXT(slice_str(info.path), city_path);
	CHECK_TEXT(slice_str(info.type), "stsentry-Demo-City");
	CHECK_INT(info.built, 1767225600);
	CHECK_INT(info.ip_version, 6);
	CHECK(info.nodes > 100);
	CHECK_INT(info.knows, GEO_COUNTRY | GEO_CITY | GEO_POINT | GEO_FLAGS);
	geo_describe(g, 1, &info);
	CHECK_TEXT(slice_str(info.type), "stsentry-Demo-ASN");
	CHECK_INT(info.knows, GEO_NETWORK);
	CHECK(geo_library_version()[0] != '\0');
	geo_close(g);
}

/* ---- files that are none ------------------------------------------------- */

static char *
in_tmpdir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(), name);
	return path;
}

static bool
write_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	bool ok = f && fwrite(p, 1, n, f) == n;

	if (f && fclose(f) != 0)
		ok = false;
	return ok;
}

static size_t
read_file(const char *path, unsigned char *buf)
{
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(buf, 1, FILE_MAX, f) : 0;

	if (f)
		fclose(f);
	return n;
}

static void
refused(const char *path, int code, const char *words)
{
	struct geo *g = NULL;
	struct err e = { .text = "" };

	CHECK_INT(geo_open(&path, 1, &g, &e), code);
	CHECK(g == NULL);
	CHECK(strstr(e.text, path) != NULL);
	if (!strstr(e.text, words))
		CHECK_TEXT(slice_str(e.text), words);
}

static void
a_file_that_is_none_is_refused_by_name(void)
{
	static const struct {
		const char *name;
		struct slice bytes;
		const char *words;
	} cases[] = {
		{ "empty", SLICE_LIT(""), "empty" },
		{ "text", SLICE_LIT("network,country\n"), "not a MaxMind" },
		{ "gz", SLICE_LIT("\x1f\x8b\x08\0\0\0\0\0"), "unpack it" },
		{ "marker", SLICE_LIT("\xab\xcd\xefMaxMind.com"), "metadata" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path = in_tmpdir(cases[i].name);

		REQUIRE(write_file(path, cases[i].bytes.p, cases[i].bytes.n));
		refused(path, ST_EFORMAT, cases[i].words);
	}
	refused(in_tmpdir("missing"), ST_ENOENT, "No such file");
	refused(unit_tmpdir(), ST_EINVAL, "not a regular file");
	REQUIRE(mkfifo(in_tmpdir("fifo"), 0600) == 0);
	refused(in_tmpdir("fifo"), ST_EINVAL, "not a regular file");
}

static void
one_bad_file_among_good_ones_is_named(void)
{
	const char *paths[3];
	struct geo *g = NULL;
	struct err e;

	find_paths();
	paths[0] = city_path;
	paths[1] = "/nonexistent/asn.mmdb";
	paths[2] = asn_path;
	CHECK_INT(geo_open(paths, 3, &g, &e), ST_ENOENT);
	CHECK(g == NULL && strstr(e.text, "/nonexistent/asn.mmdb"));
}

static void
more_files_than_the_bound_are_refused(void)
{
	const char *paths[GEO_FILES_MAX + 1];
	struct geo *g = NULL;

	find_paths();
	for (int i = 0; i <= GEO_FILES_MAX; i++)
		paths[i] = asn_path;
	CHECK_INT(geo_open(paths, GEO_FILES_MAX + 1, &g, NULL), ST_ELIMIT);
	REQUIRE(geo_open(paths, GEO_FILES_MAX, &g, NULL) == 0);
	CHECK_INT(geo_count(g), GEO_FILES_MAX);
	geo_close(g);
}

/* ---- files that change --------------------------------------------------- */

static void
the_file_may_be_truncated_or_overwritten_after_opening(void)
{
	static unsigned char bytes[FILE_MAX];
	struct geo *g;
	struct place before, after;
	char *path;
	size_t n;

	find_paths();
	n = read_file(city_path, bytes);
	path = in_tmpdir("city.mmdb");
	REQUIRE(n > 0 && write_file(path, bytes, n));
	g = open_paths(path, NULL);
	REQUIRE(g != NULL);
	before = ask(g, "203.0.113.48");
	CHECK_TEXT(before.city, "São Paulo");

	REQUIRE(truncate(path, 0) == 0);
	after = ask(g, "203.0.113.48");
	CHECK(same_place(&before, &after));
	memset(bytes, 0xff, n);
	REQUIRE(write_file(path, bytes, n));
	after = ask(g, "203.0.113.48");
	CHECK(same_place(&before, &after));
	REQUIRE(unlink(path) == 0);
	after = ask(g, "203.0.113.48");
	CHECK_TEXT(after.city, "São Paulo");
	geo_close(g);
}

/* ---- broken databases ---------------------------------------------------- */

#define MUTATIONS 600

/* Either an error that names it, or lookups that end. */
static bool
survives(const unsigned char *bytes, size_t n)
{
	static const char *const asked[] = { "198.51.100.7", "203.0.113.80",
		"3.80.1.1", "255.255.255.255", "0.0.0.0", "2001:db8:1::1",
		"2600:1f18::1", "::", "ffff::1" };
	unsigned char *copy = malloc(n ? n : 1);
	struct geo *g = NULL;
	struct err e = { .text = "" };
	int err;

	memcpy(copy, bytes, n);
	err = geo_open_bytes("mutant.mmdb", copy, n, &g, &e);
	free(copy);
	if (err < 0)
		return g == NULL && strstr(e.text, "mutant.mmdb");
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		(void)ask(g, asked[i]);
	geo_close(g);
	return true;
}

static size_t
mutate(unsigned char *b, size_t n, int i)
{
	size_t at = (size_t)rand() % n, len = (size_t)(rand() % 64);

	switch (i % 6) {
	case 0: /* cut off behind */
		return at;
	case 1: /* cut off in front */
		memmove(b, b + at, n - at);
		return n - at;
	case 2: /* zeros */
		memset(b + at, 0, len < n - at ? len : n - at);
		return n;
	case 3: /* one bit */
		b[at] ^= (unsigned char)(1 << rand() % 8);
		return n;
	case 4: /* noise in the metadata at the end */
		for (int k = 0; k < 4; k++)
			b[n - 1 - (size_t)rand() % 160] = (unsigned char)rand();
		return n;
	default: /* noise everywhere */
		for (size_t k = 0; k < len; k++)
			b[(size_t)rand() % n] = (unsigned char)rand();
		return n;
	}
}

static void
a_mutilated_database_is_an_error_or_harmless(void)
{
	static unsigned char whole[FILE_MAX], mutant[FILE_MAX];
	size_t n[2];

	find_paths();
	srand(4);
	for (int i = 0; i < MUTATIONS; i++) {
		n[0] = read_file(i % 2 ? city_path : asn_path, whole);
		REQUIRE(n[0] > 200);
		memcpy(mutant, whole, n[0]);
		n[1] = mutate(mutant, n[0], i / 2);
		CHECK(survives(mutant, n[1]));
	}
}

static void
every_way_of_cutting_a_database_short_is_an_error(void)
{
	static unsigned char whole[FILE_MAX];
	size_t n;

	find_paths();
	n = read_file(asn_path, whole);
	REQUIRE(n > 0);
	for (size_t cut = 0; cut < n; cut += cut + 400 < n ? 7 : 1) {
		struct geo *g = NULL;

		CHECK(geo_open_bytes("cut", whole, cut, &g, NULL) < 0);
		geo_close(g);
	}
}

/* The library keeps kilobytes for many of these: a sanitizer's build tells
 * whether it was asked at all. */
static void
a_change_in_the_metadata_is_an_error_or_harmless(void)
{
	static unsigned char whole[FILE_MAX];
	size_t n;

	find_paths();
	n = read_file(city_path, whole);
	REQUIRE(n > 400);
	for (size_t at = n - 400; at < n; at++) {
		static const unsigned char values[] = { 0x00, 0x01, 0x20, 0x40,
			0x5f, 0x7f, 0xa1, 0xe1, 0xff };
		unsigned char kept = whole[at];

		for (size_t i = 0; i < sizeof(values); i++) {
			whole[at] = values[i];
			CHECK(survives(whole, n));
		}
		whole[at] = kept;
	}
}

static void
zeros_in_the_place_of_data_are_an_error(void)
{
	static unsigned char bytes[FILE_MAX];
	struct geo *g = NULL;
	size_t n;

	find_paths();
	n = read_file(asn_path, bytes);
	REQUIRE(n > 400);
	memset(bytes, 0, n - 250); /* tree and data, but not the metadata */
	CHECK_INT(geo_open_bytes("zeros", bytes, n, &g, NULL), ST_EFORMAT);
	CHECK(g == NULL);
}

/* ---- the cache ----------------------------------------------------------- */

static void
a_cache_gives_what_a_lookup_gives(void)
{
	struct geo *g = open_both();
	struct geo_cache *c = geo_cache_new(g);
	struct place p, q;
	struct addr a;

	REQUIRE(g && c);
	addr_parse(SLICE_LIT("203.0.113.0"), &a);
	for (int i = 0; i < 40000; i++) {
		a.b[15] = (unsigned char)i;
		a.b[14] = (unsigned char)(113 + (i >> 8) % 100);
		geo_lookup(g, &a, &p);
		geo_cache_lookup(c, &a, &q);
		REQUIRE(same_place(&p, &q));
	}
	geo_cache_free(c);
	geo_cache_free(NULL);
	geo_close(g);
}

static void
a_reset_cache_asks_the_new_database(void)
{
	struct geo *old = open_both(), *new = open_paths(asn_path, NULL);
	struct geo_cache *c = geo_cache_new(old);
	struct place p;
	struct addr a;

	REQUIRE(old && new &&c);
	addr_parse(SLICE_LIT("198.51.100.7"), &a);
	geo_cache_lookup(c, &a, &p);
	CHECK_TEXT(p.city, "Berlin");
	geo_cache_reset(c, new);
	geo_close(old);
	geo_cache_lookup(c, &a, &p);
	CHECK_TEXT(p.city, NULL);
	CHECK_INT(p.asn, 3320);
	geo_cache_reset(c, NULL);
	geo_cache_lookup(c, &a, &p);
	CHECK(unknown(&p));
	geo_cache_free(c);
	geo_close(new);
}

/* ---- databases of others ------------------------------------------------- */

/* A database outside the tree, or NULL. */
static const char *
foreign(const char *name)
{
	static char path[1200];
	const char *dir = getenv("STSENTRY_SHARED");

	if (dir)
		snprintf(path, sizeof(path), "%s/geo/%s", dir, name);
	else
		snprintf(path, sizeof(path), "%s/%s",
		    unit_path("../shared/geo"), name);
	return access(path, R_OK) == 0 ? path : NULL;
}

static void
maxminds_test_databases_are_read_where_they_are(void)
{
	static const struct {
		const char *file, *addr, *country, *city;
		uint32_t asn;
		unsigned flags;
	} cases[] = {
		{ "GeoLite2-City-Test.mmdb", "89.160.20.112", "SE", "Linköping",
		    0, 0 },
		{ "GeoLite2-City-Test.mmdb", "81.2.69.160", "GB", "London", 0,
		    0 },
		{ "GeoLite2-City-Test.mmdb", "2001:218::1", "JP", NULL, 0, 0 },
		{ "GeoIP2-City-Test.mmdb", "214.0.1.1", "AU", "Melbourne", 0,
		    0 },
		{ "GeoLite2-Country-Test.mmdb", "67.43.156.1", "BT", NULL, 0,
		    0 },
		{ "GeoLite2-ASN-Test.mmdb", "1.128.0.0", "", NULL, 1221, 0 },
		{ "GeoIP2-ISP-Test.mmdb", "1.128.0.0", "", NULL, 1221, 0 },
		{ "GeoIP2-Anonymous-IP-Test.mmdb", "1.2.0.1", "", NULL, 0,
		    PLACE_ANONYMOUS | PLACE_VPN },
		{ "GeoIP2-Anonymous-IP-Test.mmdb", "65.0.0.1", "", NULL, 0,
		    PLACE_ANONYMOUS | PLACE_TOR },
		{ "GeoIP2-Anonymous-IP-Test.mmdb", "6.1.0.4", "", NULL, 0,
		    PLACE_ANONYMOUS | PLACE_PROXY },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = foreign(cases[i].file);
		struct geo *g = path ? open_paths(path, NULL) : NULL;
		struct place p;

		if (!path)
			continue;
		REQUIRE(g != NULL);
		p = ask(g, cases[i].addr);
		CHECK_TEXT(slice_str(p.country), cases[i].country);
		CHECK_TEXT(p.city, cases[i].city);
		CHECK_INT(p.asn, cases[i].asn);
		CHECK_INT(p.flags, cases[i].flags);
		geo_close(g);
	}
}

static void
every_address_is_the_same_in_a_database_built_anew(void)
{
	char city[1024], asn[1024], command[4096];
	struct geo *kept, *made;

	if (system("perl -MMaxMind::DB::Writer::Tree -e1 2>/dev/null") != 0)
		return; /* cannot be built here */
	kept = open_both();
	snprintf(city, sizeof(city), "%s/c.mmdb", unit_tmpdir());
	snprintf(asn, sizeof(asn), "%s/a.mmdb", unit_tmpdir());
	snprintf(command, sizeof(command), "'%s' '%s' '%s'",
	    unit_path("script/make-geo"), city, asn);
	REQUIRE(system(command) == 0);
	made = open_paths(city, asn);
	REQUIRE(kept && made);
	for (unsigned i = 0; i < 65536; i++) {
		static const unsigned char fronts[4][2] = { { 192, 0 },
			{ 198, 51 }, { 203, 0 }, { 54, 208 } };
		struct addr a;
		struct place p, q;

		addr_parse(SLICE_LIT("0.0.0.0"), &a);
		memcpy(a.b + 12, fronts[i % 4], 2);
		a.b[14] = (unsigned char)(i >> 8);
		a.b[15] = (unsigned char)i;
		geo_lookup(kept, &a, &p);
		geo_lookup(made, &a, &q);
		REQUIRE(same_place(&p, &q));
	}
	geo_close(kept);
	geo_close(made);
}

UNIT_MAIN("geo",
    { "two databases tell all of an address",
	two_databases_tell_all_of_an_address },
    { "what no database knows is unknown", what_no_database_knows_is_unknown },
    { "the order of files does not matter where they do not overlap",
	the_order_of_files_does_not_matter_where_they_do_not_overlap },
    { "no file at all is fine", no_file_at_all_is_fine },
    { "a database is described", a_database_is_described },
    { "a file that is none is refused by name",
	a_file_that_is_none_is_refused_by_name },
    { "one bad file among good ones is named",
	one_bad_file_among_good_ones_is_named },
    { "more files than the bound are refused",
	more_files_than_the_bound_are_refused },
    { "the file may be truncated or overwritten after opening",
	the_file_may_be_truncated_or_overwritten_after_opening },
    { "a mutilated database is an error or harmless",
	a_mutilated_database_is_an_error_or_harmless },
    { "every way of cutting a database short is an error",
	every_way_of_cutting_a_database_short_is_an_error },
    { "a change in the metadata is an error or harmless",
	a_change_in_the_metadata_is_an_error_or_harmless },
    { "zeros in the place of data are an error",
	zeros_in_the_place_of_data_are_an_error },
    { "a cache gives what a lookup gives", a_cache_gives_what_a_lookup_gives },
    { "a reset cache asks the new database",
	a_reset_cache_asks_the_new_database },
    { "MaxMind's test databases are read where they are",
	maxminds_test_databases_are_read_where_they_are },
    { "every address is the same in a database built anew",
	every_address_is_the_same_in_a_database_built_anew })
