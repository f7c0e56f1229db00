/*
 * test_addr.c - addresses and ranges: what is one, how it is written, what
 * is private, what is inside; and how far two places are.
 */
#include "geo/addr.h"
#include "geo/place.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static struct addr
addr_of(const char *text)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	CHECK(addr_parse(slice_str(text), &a) && text);
	return a;
}

static struct cidr
cidr_of(const char *text)
{
	struct cidr c;

	memset(&c, 0, sizeof(c));
	CHECK(cidr_parse(slice_str(text), &c) && text);
	return c;
}

static void
an_address_is_written_in_its_one_canonical_form(void)
{
	static const struct {
		const char *in, *out;
		bool v4;
	} cases[] = {
		{ "198.51.100.7", "198.51.100.7", true },
		{ "0.0.0.0", "0.0.0.0", true },
		{ "255.255.255.255", "255.255.255.255", true },
		{ "::ffff:198.51.100.7", "198.51.100.7", true },
		{ "::FFFF:c633:6407", "198.51.100.7", true },
		{ "::", "::", false },
		{ "::1", "::1", false },
		{ "1::", "1::", false },
		{ "2001:DB8::0A", "2001:db8::a", false },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", false },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", false },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1", false },
		{ "2001:db8:1:2:3:4:0:0", "2001:db8:1:2:3:4::", false },
		{ "::1.2.3.4", "::102:304", false },
		{ "64:ff9b::198.51.100.7", "64:ff9b::c633:6407", false },
		{ "fe80:0:0:0:abcd:ef:10:f", "fe80::abcd:ef:10:f", false },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
	};
	char buf[ADDR_TEXT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = addr_of(cases[i].in);

		CHECK_TEXT(addr_format(&a, buf), cases[i].out);
		CHECK_INT(a.v4, cases[i].v4);
	}
}

static void
what_is_not_exactly_one_address_is_none(void)
{
	static const struct slice cases[] = { { NULL, 0 }, SLICE_LIT(""),
		SLICE_LIT("1"), SLICE_LIT("1.2.3"), SLICE_LIT("1.2.3.4.5"),
		SLICE_LIT("1.2.3.4."), SLICE_LIT(".1.2.3.4"),
		SLICE_LIT("1..2.3"), SLICE_LIT("256.1.1.1"),
		SLICE_LIT("01.2.3.4"), SLICE_LIT("1.2.3.00"),
		SLICE_LIT("0x1.2.3.4"), SLICE_LIT("1.2.3.4 "),
		SLICE_LIT(" 1.2.3.4"), SLICE_LIT("1.2.3.4:80"),
		SLICE_LIT("1.2.3.4/32"), SLICE_LIT("1.2.3.4\0"),
		SLICE_LIT("1.2.3.-4"), SLICE_LIT("4294967296.1.1.1"),
		SLICE_LIT("[::1]"), SLICE_LIT("::1%eth0"), SLICE_LIT(":"),
		SLICE_LIT(":::"), SLICE_LIT("1:2:3:4:5:6:7"),
		SLICE_LIT("1:2:3:4:5:6:7:8:9"), SLICE_LIT("1::2::3"),
		SLICE_LIT("12345::"), SLICE_LIT("::g"), SLICE_LIT("::1\0"),
		SLICE_LIT("::ffff:1.2.3"), SLICE_LIT("AWS Internal"),
		SLICE_LIT("ec2.amazonaws.com"), SLICE_LIT("1.2.3.4, 5.6.7.8"),
		SLICE_LIT("0000:0000:0000:0000:0000:0000:0000:0000:0000:00") };
	struct addr a;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&a, 0x55, sizeof(a));
		CHECK(!addr_parse(cases[i], &a));
		CHECK_INT(a.b[0], 0x55); /* left as it was */
	}
}

static void
addresses_read_back_as_they_were_written(void)
{
	struct addr a, b;
	char buf[ADDR_TEXT];

	srand(1);
	for (int i = 0; i < 20000; i++) {
		memset(&a, 0, sizeof(a));
		for (int k = 0; k < 16; k++)
			a.b[k] = (unsigned char)(rand() % 3 ? 0 : rand());
		if (i % 4 == 0) {
			memset(a.b, 0, 10);
			a.b[10] = a.b[11] = 0xff;
		}
		a.v4 = i % 4 == 0;
		REQUIRE(addr_parse(addr_format(&a, buf), &b));
		REQUIRE(memcmp(a.b, b.b, 16) == 0 && a.v4 == b.v4);
	}
}

static void
private_is_what_no_database_can_place(void)
{
	static const struct {
		const char *text;
		bool private;
	} cases[] = {
		{ "10.0.0.1", true },
		{ "10.255.255.255", true },
		{ "11.0.0.0", false },
		{ "9.255.255.255", false },
		{ "172.15.255.255", false },
		{ "172.16.0.0", true },
		{ "172.31.255.255", true },
		{ "172.32.0.0", false },
		{ "192.168.1.1", true },
		{ "192.169.0.0", false },
		{ "100.63.255.255", false },
		{ "100.64.0.0", true },
		{ "100.127.255.255", true },
		{ "100.128.0.0", false },
		{ "127.0.0.1", true },
		{ "169.254.169.254", true },
		{ "169.253.0.1", false },
		{ "198.51.100.1", false },
		{ "203.0.113.1", false },
		{ "192.0.2.1", false },
		{ "0.0.0.0", false },
		{ "::ffff:10.1.2.3", true },
		{ "::ffff:8.8.8.8", false },
		{ "::1", true },
		{ "::", false },
		{ "::2", false },
		{ "fbff::1", false },
		{ "fc00::1", true },
		{ "fdff::1", true },
		{ "fe00::1", false },
		{ "fe80::1", true },
		{ "febf::1", true },
		{ "fec0::1", false },
		{ "2001:db8::1", false },
		{ "2002:a01:203::1", true },
		{ "2002:c0a8:1::", true },
		{ "2002:c633:6407::1", false },
		{ "2003:a01:203::1", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = addr_of(cases[i].text);

		CHECK(addr_is_private(&a) == cases[i].private && cases[i].text);
	}
}

static void
a_range_is_an_address_and_a_length_without_host_bits(void)
{
	static const struct {
		const char *text;
		int bits; /* of 128; -1: no range */
	} cases[] = {
		{ "198.51.100.0/24", 120 },
		{ "198.51.100.7", 128 },
		{ "198.51.100.7/32", 128 },
		{ "0.0.0.0/0", 96 },
		{ "128.0.0.0/1", 97 },
		{ "2001:db8::/32", 32 },
		{ "2001:db8::1", 128 },
		{ "::/0", 0 },
		{ "::ffff:198.51.100.0/120", 120 },
		{ "::ffff:0:0/96", 96 },
		{ "198.51.100.1/24", -1 },
		{ "198.51.100.0/33", -1 },
		{ "198.51.100.0/", -1 },
		{ "198.51.100.0/024", -1 },
		{ "198.51.100.0/+4", -1 },
		{ "198.51.100.0/24 ", -1 },
		{ "198.51.100.0/24/24", -1 },
		{ "198.51.100/24", -1 },
		{ "0.0.0.0/00", -1 },
		{ "0.0.0.0/4294967296", -1 },
		{ "2001:db8::/31", 31 },
		{ "2001:db8::/28", -1 },
		{ "2001:db8::/129", -1 },
		{ "::ffff:198.51.100.0/95", -1 },
		{ "/24", -1 },
		{ "", -1 },
	};
	struct cidr c;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool ok = cidr_parse(slice_str(cases[i].text), &c);

		CHECK(ok == (cases[i].bits >= 0) && cases[i].text);
		if (ok)
			CHECK_INT(c.bits, cases[i].bits);
	}
	CHECK(!cidr_parse(SLICE_NULL, &c));
	CHECK(!cidr_parse(SLICE_LIT("1.2.3.0/24\0"), &c));
}

static void
a_range_has_what_shares_its_front(void)
{
	static const struct {
		const char *range, *addr;
		bool has;
	} cases[] = {
		{ "198.51.100.0/24", "198.51.100.255", true },
		{ "198.51.100.0/24", "198.51.101.0", false },
		{ "198.51.100.64/26", "198.51.100.64", true },
		{ "198.51.100.64/26", "198.51.100.127", true },
		{ "198.51.100.64/26", "198.51.100.128", false },
		{ "198.51.100.7", "198.51.100.7", true },
		{ "198.51.100.7", "198.51.100.6", false },
		{ "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "203.0.113.1", false },
		{ "2001:db8::/32", "2001:db8:ffff::", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "::ffff:198.51.100.0/120", "198.51.100.9", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cidr c = cidr_of(cases[i].range);
		struct addr a = addr_of(cases[i].addr);
		struct cidr_set *s = cidr_set_new(&c, 1);

		CHECK(cidr_has(&c, &a) == cases[i].has && cases[i].range);
		REQUIRE(s != NULL);
		CHECK(cidr_set_has(s, &a) == cases[i].has && cases[i].addr);
		cidr_set_free(s);
	}
}

static void
no_set_and_an_empty_set_have_nothing(void)
{
	struct addr a = addr_of("198.51.100.1");
	struct cidr_set *s = cidr_set_new(NULL, 0);

	REQUIRE(s != NULL);
	CHECK(!cidr_set_has(s, &a));
	CHECK(!cidr_set_has(NULL, &a));
	cidr_set_free(s);
	cidr_set_free(NULL);
}

#define SET_SIZE 300

/* Few distinct bytes, so that ranges nest, touch and are given twice. */
static struct addr
random_addr(void)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.v4 = rand() % 2;
	if (a.v4)
		a.b[10] = a.b[11] = 0xff;
	else
		a.b[0] = 0x20;
	for (int k = 12; k < 16; k++)
		a.b[k] = (unsigned char)(rand() % 4 * 85);
	return a;
}

static struct cidr
random_range(void)
{
	struct cidr c = { random_addr(), 114 + (unsigned)(rand() % 15) };

	for (unsigned bit = c.bits; bit < 128; bit++)
		c.base.b[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	return c;
}

static void
a_set_has_exactly_what_one_of_its_ranges_has(void)
{
	static struct cidr ranges[SET_SIZE];
	struct cidr_set *s;
	int inside = 0;

	srand(2);
	for (int i = 0; i < SET_SIZE; i++)
		ranges[i] = random_range();
	s = cidr_set_new(ranges, SET_SIZE);
	REQUIRE(s != NULL);
	for (int i = 0; i < 5000; i++) {
		struct addr a = random_addr();
		bool want = false;

		for (int k = 0; k < SET_SIZE && !want; k++)
			want = cidr_has(&ranges[k], &a);
		inside += want;
		CHECK(cidr_set_has(s, &a) == want);
	}
	CHECK(inside > 500 && inside < 4900);
	cidr_set_free(s);
}

static struct place
point(double lat, double lon)
{
	struct place p;

	memset(&p, 0, sizeof(p));
	p.lat = lat;
	p.lon = lon;
	p.has_point = true;
	return p;
}

static void
distance_is_the_great_circle_and_negative_when_unknown(void)
{
	static const struct {
		double lat1, lon1, lat2, lon2, km;
	} cases[] = {
		{ 52.52, 13.405, 53.3498, -6.2603, 1316 }, /* Berlin, Dublin */
		{ 0, 179.5, 0, -179.5, 111.2 },
		{ 90, 0, -90, 0, 20015.1 },
		{ 0, 0, 0, 180, 20015.1 },
		{ 52.52, 13.405, 52.52, 13.405, 0 },
		{ 40.7128, -74.006, -33.8688, 151.2093, 15989 },
	};
	struct place nowhere;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place a = point(cases[i].lat1, cases[i].lon1);
		struct place b = point(cases[i].lat2, cases[i].lon2);
		double km = place_distance_km(&a, &b);

		CHECK(fabs(km - cases[i].km) <= 0.001 * cases[i].km + 0.1);
		CHECK(fabs(km - place_distance_km(&b, &a)) < 1e-6);
	}
	memset(&nowhere, 0, sizeof(nowhere));
	CHECK(place_distance_km(&nowhere, &nowhere) < 0);
}

UNIT_MAIN("addr",
    { "an address is written in its one canonical form",
	an_address_is_written_in_its_one_canonical_form },
    { "what is not exactly one address is none",
	what_is_not_exactly_one_address_is_none },
    { "addresses read back as they were written",
	addresses_read_back_as_they_were_written },
    { "private is what no database can place",
	private_is_what_no_database_can_place },
    { "a range is an address and a length without host bits",
	a_range_is_an_address_and_a_length_without_host_bits },
    { "a range has what shares its front", a_range_has_what_shares_its_front },
    { "no set and an empty set have nothing",
	no_set_and_an_empty_set_have_nothing },
    { "a set has exactly what one of its ranges has",
	a_set_has_exactly_what_one_of_its_ranges_has },
    { "distance is the great circle, negative when unknown",
	distance_is_the_great_circle_and_negative_when_unknown })
