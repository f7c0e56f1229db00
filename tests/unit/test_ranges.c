/*
 * test_ranges.c - lists of the clouds' own address ranges, as each cloud
 * publishes them, and what is no such list.
 */
#include "geo/geo.h"
#include "geo/ranges.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static bool
is_in(const struct ranges *r, const char *address)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	CHECK(addr_parse(slice_str(address), &a) && address);
	return ranges_has(r, &a);
}

static struct ranges *
list_of(const char *file)
{
	const char *path = unit_path(file);
	struct ranges *r = NULL;
	struct err e = { .text = "" };

	if (ranges_open(&path, 1, &r, &e) < 0)
		CHECK_TEXT(slice_str(e.text), "");
	return r;
}

static void
each_clouds_list_is_told_by_its_content(void)
{
	static const struct {
		const char *file, *in, *in6, *out;
		int64_t built;
		size_t n;
	} cases[] = {
		{ "tests/data/ranges-aws.json", "198.51.100.63",
		    "2001:db8:4fff::1", "198.51.100.64", 1764000005, 4 },
		{ "tests/data/ranges-google.json", "203.0.113.64",
		    "2001:db8:5000::", "203.0.113.80", 1764000005, 2 },
		{ "tests/data/ranges-azure.json", "203.0.113.159",
		    "2001:db8:6abc::1", "203.0.113.160", 0, 2 },
		{ "tests/data/ranges-plain.txt", "192.0.2.77",
		    "2001:db8:7000::9", "192.0.2.78", 0, 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ranges *r = list_of(cases[i].file);
		struct ranges_info info;

		REQUIRE(r != NULL);
		CHECK(is_in(r, cases[i].in));
		CHECK(is_in(r, cases[i].in6));
		CHECK(!is_in(r, cases[i].out));
		CHECK(!is_in(r, "2001:db8::1"));
		REQUIRE(ranges_count(r) == 1);
		ranges_describe(r, 0, &info);
		CHECK_INT(info.built, cases[i].built);
		CHECK_INT(info.n, cases[i].n);
		ranges_close(r);
	}
}

static void
short_texts_are_lists_too(void)
{
	static const struct {
		const char *text, *in;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "\xef\xbb\xbf# x\r\n192.0.2.0/24\r\n\r\n", "192.0.2.9" },
		{ "[\"192.0.2.0/24\", [\"198.51.100.0/24\"]]", "198.51.100.1" },
		{ " {\"regions\": [{\"cidrs\": [{\"cidr\": \"192.0.2.0/24\", "
		  "\"tags\": [\"OCI\"]}]}]}",
		    "192.0.2.200" },
		{ "{\"prefixes\": [{\"ip_prefix\": \"3.0.0.0/8\"}]}",
		    "3.255.0.1" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ranges *r = NULL;

		REQUIRE(
		    ranges_read("x", slice_str(cases[i].text), &r, NULL) == 0);
		CHECK(is_in(r, cases[i].in) && cases[i].text);
		CHECK(!is_in(r, "203.0.113.9") && cases[i].text);
		ranges_close(r);
	}
}

static void
what_is_no_list_is_refused_by_name(void)
{
	static const struct {
		const char *text, *words;
		int err;
	} cases[] = {
		{ "# nothing\n", "no range of addresses in it", ST_EFORMAT },
		{ "{\"prefixes\": []}", "no range of addresses in it",
		    ST_EFORMAT },
		{ "{\"prefixes\": [\"192.0.2.0/24\"]}",
		    "no range of addresses in it", ST_EFORMAT },
		{ "{\"prefixes\": ", "x: ", ST_EFORMAT },
		{ "<html>", "\"<html>\" is no range", ST_EFORMAT },
		{ "192.0.2.0/24\n192.0.2.1/24\n",
		    "\"192.0.2.1/24\" is no range", ST_EFORMAT },
		{ "{\"ip_prefix\": \"everything\"}", "\"everything\" is no",
		    ST_EFORMAT },
		{ "0.0.0.0/0", "too wide", ST_EFORMAT },
		{ "192.0.0.0/7", "too wide", ST_EFORMAT },
		{ "2000::/3", "too wide", ST_EFORMAT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ranges *r = NULL;
		struct err e = { .text = "" };

		CHECK_INT(ranges_read("x", slice_str(cases[i].text), &r, &e),
		    cases[i].err);
		CHECK(r == NULL);
		if (!strstr(e.text, cases[i].words))
			CHECK_TEXT(slice_str(e.text), cases[i].words);
	}
}

static void
lists_add_up_and_a_file_that_is_not_there_is_named(void)
{
	char paths[2][512];
	const char *both[] = { paths[0], paths[1] };
	struct ranges *r = NULL;
	struct err e = { .text = "" };

	snprintf(paths[0], sizeof(paths[0]), "%s",
	    unit_path("tests/data/ranges-aws.json"));
	snprintf(paths[1], sizeof(paths[1]), "%s",
	    unit_path("tests/data/ranges-plain.txt"));
	REQUIRE(ranges_open(both, 2, &r, &e) == 0);
	CHECK(is_in(r, "198.51.100.1") && is_in(r, "192.0.2.1"));
	CHECK_INT(ranges_count(r), 2);
	ranges_close(r);
	r = NULL;
	snprintf(paths[1], sizeof(paths[1]), "%s/none", unit_tmpdir());
	CHECK(ranges_open(both, 2, &r, &e) < 0);
	CHECK(r == NULL && strstr(e.text, paths[1]) != NULL);
}

static void
a_place_says_whether_its_address_is_listed(void)
{
	const char *list = unit_path("tests/data/ranges-plain.txt");
	const struct geo_files files = { .ranges = &list, .n_ranges = 1 };
	struct geo *g = NULL;
	struct place p;
	struct addr a;
	struct geo_info info;

	REQUIRE(geo_open_all(&files, &g, NULL) == 0);
	REQUIRE(addr_parse(SLICE_LIT("192.0.2.77"), &a));
	geo_lookup(g, &a, &p);
	CHECK_INT(p.flags, PLACE_CLOUD);
	REQUIRE(addr_parse(SLICE_LIT("192.0.2.78"), &a));
	geo_lookup(g, &a, &p);
	CHECK_INT(p.flags, PLACE_NO_CLOUD);
	REQUIRE(addr_parse(SLICE_LIT("10.0.0.1"), &a));
	geo_lookup(g, &a, &p);
	CHECK_INT(p.flags, 0);
	REQUIRE(geo_count(g) == 1);
	geo_describe(g, 0, &info);
	CHECK_INT(info.knows, GEO_CLOUDS);
	geo_close(g);
	g = NULL;
	REQUIRE(
	    geo_open_all(&(struct geo_files){ .n_ranges = 0 }, &g, NULL) == 0);
	CHECK(g == NULL);
}

UNIT_MAIN("ranges",
    { "each cloud's list is told by its content",
	each_clouds_list_is_told_by_its_content },
    { "short texts are lists, too", short_texts_are_lists_too },
    { "what is no list is refused by name",
	what_is_no_list_is_refused_by_name },
    { "lists add up, and a file that is not there is named",
	lists_add_up_and_a_file_that_is_not_there_is_named },
    { "a place says whether its address is listed",
	a_place_says_whether_its_address_is_listed })
