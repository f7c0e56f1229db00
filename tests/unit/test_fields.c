/*
 * test_fields.c - records of every family, and broken ones, byte by byte.
 */
#include "geo/fields.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdlib.h>

/* ---- a small writer ------------------------------------------------------ */

static unsigned char record[65536];
static size_t used;

static void
byte(unsigned b)
{
	record[used++] = (unsigned char)b;
}

static void
head(unsigned type, size_t size)
{
	unsigned low = size < 29 ? (unsigned)size : size < 285 ? 29 : 30;

	byte((type < 8 ? type << 5 : 0) | low);
	if (type >= 8)
		byte(type - 7);
	if (low == 29)
		byte((unsigned)size - 29);
	if (low == 30) {
		byte((unsigned)(size - 285) >> 8);
		byte((unsigned)(size - 285) & 0xff);
	}
}

static void
text(const char *s)
{
	head(2, strlen(s));
	memcpy(record + used, s, strlen(s));
	used += strlen(s);
}

static void
map(unsigned n)
{
	head(7, n);
}

static void
array(unsigned n)
{
	head(11, n);
}

static void
number(unsigned type, uint64_t n, size_t bytes)
{
	head(type, bytes);
	while (bytes-- > 0)
		byte(bytes < 8 ? (unsigned)(n >> 8 * bytes) & 0xff : 0);
}

static void
real(double d)
{
	uint64_t n;

	memcpy(&n, &d, sizeof(n));
	number(3, n, 8);
}

static void
single(float f)
{
	uint32_t n;

	memcpy(&n, &f, sizeof(n));
	number(15, n, 4);
}

static void
pair(const char *key, const char *value)
{
	text(key);
	text(value);
}

static void
nested(const char *a, const char *b, const char *value)
{
	text(a);
	map(1);
	pair(b, value);
}

/* Reads from an exact-size copy, so that a sanitizer sees a read behind. */
static bool
read_at(size_t offset, struct place *p)
{
	static unsigned char *kept; /* slices of *p point into it */
	bool ok;

	free(kept);
	kept = malloc(used ? used : 1);
	memcpy(kept, record, used);
	ok = fields_read(kept, used, offset, p);
	used = 0;
	return ok;
}

static bool
read_new(struct place *p)
{
	memset(p, 0, sizeof(*p));
	return read_at(0, p);
}

/* ---- families ------------------------------------------------------------ */

static void
a_city_record_is_read_whole(void)
{
	struct place p;

	map(6);
	text("city");
	map(2);
	text("geoname_id");
	number(6, 2950159, 3);
	text("names");
	map(3);
	pair("de", "Berlin (de)");
	pair("en", "Berlin");
	pair("fr", "Berlin (fr)");
	nested("continent", "code", "EU");
	nested("country", "iso_code", "DE");
	text("location");
	map(3);
	text("accuracy_radius");
	number(5, 100, 1);
	text("latitude");
	real(52.52);
	text("longitude");
	real(-13.405);
	nested("registered_country", "iso_code", "FR");
	text("subdivisions");
	array(2);
	map(2);
	pair("iso_code", "BE");
	nested("names", "en", "Land Berlin");
	map(1);
	pair("iso_code", "XX");
	CHECK(read_new(&p));
	CHECK_TEXT(slice_str(p.country), "DE");
	CHECK_TEXT(p.city, "Berlin");
	CHECK_TEXT(p.subdivision, "BE");
	CHECK(p.has_point && fabs(p.lat - 52.52) < 1e-9);
	CHECK(fabs(p.lon + 13.405) < 1e-9);
	CHECK_TEXT(p.org, NULL);
	CHECK_INT(p.asn, 0);
}

static void
where_a_network_is_registered_is_second_best(void)
{
	struct place p;

	map(2);
	nested("registered_country", "iso_code", "FR");
	nested("subdivisions", "iso_code", "no array, but readable");
	CHECK(read_new(&p));
	CHECK_TEXT(slice_str(p.country), "FR");
}

static void
a_subdivision_without_code_has_its_name(void)
{
	struct place p;

	map(2);
	text("subdivisions");
	array(1);
	map(1);
	nested("names", "en", "Leinster");
	nested("country", "iso_code", "IE");
	CHECK(read_new(&p));
	CHECK_TEXT(p.subdivision, "Leinster");
}

static void
network_fields_stand_at_the_top_or_in_traits(void)
{
	struct place p;

	map(4);
	pair("isp", "Telekom");
	text("autonomous_system_number");
	number(6, 3320, 2);
	pair("organization", "A customer");
	pair("autonomous_system_organization", "Deutsche Telekom AG");
	CHECK(read_new(&p));
	CHECK_INT(p.asn, 3320);
	CHECK_TEXT(p.org, "Deutsche Telekom AG");

	map(1);
	text("traits");
	map(3);
	pair("isp", "Comcast");
	text("autonomous_system_number");
	number(6, 7922, 4);
	text("is_tor_exit_node");
	head(14, 1);
	CHECK(read_new(&p));
	CHECK_INT(p.asn, 7922);
	CHECK_TEXT(p.org, "Comcast");
	CHECK_INT(p.flags, PLACE_TOR | PLACE_ANONYMOUS);
}

static void
flags_are_what_is_said_to_be_true(void)
{
	static const struct {
		const char *key;
		unsigned flags;
	} cases[] = {
		{ "is_anonymous", PLACE_ANONYMOUS },
		{ "is_anonymous_proxy", PLACE_ANONYMOUS },
		{ "is_anonymous_vpn", PLACE_ANONYMOUS | PLACE_VPN },
		{ "is_hosting_provider", PLACE_HOSTING },
		{ "is_public_proxy", PLACE_ANONYMOUS | PLACE_PROXY },
		{ "is_residential_proxy", PLACE_ANONYMOUS | PLACE_PROXY },
		{ "is_tor_exit_node", PLACE_ANONYMOUS | PLACE_TOR },
		{ "vpn", PLACE_ANONYMOUS | PLACE_VPN },
		{ "is_satellite_provider", 0 },
	};
	struct place p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (unsigned truth = 0; truth < 2; truth++) {
			map(1);
			text(cases[i].key);
			head(14, truth);
			CHECK(read_new(&p));
			CHECK_INT(p.flags, truth ? cases[i].flags : 0);
		}
		map(1);
		pair(cases[i].key, "true");
		CHECK(read_new(&p));
		CHECK_INT(p.flags, cases[i].flags);
		map(1);
		pair(cases[i].key, "");
		CHECK(read_new(&p));
		CHECK_INT(p.flags, 0);
	}
}

static void
flat_records_are_read_too(void)
{
	struct place p;

	map(6);
	pair("city", "Linköping");
	pair("country_code", "se");
	text("latitude");
	single(58.4167F);
	text("longitude");
	single(15.6167F);
	pair("state1", "Östergötland County");
	pair("timezone", "Europe/Stockholm");
	CHECK(read_new(&p));
	CHECK_TEXT(slice_str(p.country), "SE");
	CHECK_TEXT(p.city, "Linköping");
	CHECK_TEXT(p.subdivision, "Östergötland County");
	CHECK(p.has_point && fabs(p.lat - 58.4167) < 1e-4);

	map(7);
	pair("asn", "AS3320");
	pair("as_name", "Deutsche Telekom AG");
	pair("country", "Germany"); /* a name, so no code */
	pair("country_code", "DE");
	pair("lat", "52.52437");
	pair("lng", "-13.41053");
	pair("region_code", "DE-BE");
	CHECK(read_new(&p));
	CHECK_INT(p.asn, 3320);
	CHECK_TEXT(p.org, "Deutsche Telekom AG");
	CHECK_TEXT(slice_str(p.country), "DE");
	CHECK_TEXT(p.subdivision, "BE");
	CHECK(p.has_point && fabs(p.lon + 13.41053) < 1e-9);

	map(2);
	pair("country", "IE");
	pair("loc", "53.33,-6.25");
	CHECK(read_new(&p));
	CHECK_TEXT(slice_str(p.country), "IE");
	CHECK(p.has_point && fabs(p.lat - 53.33) < 1e-9 &&
	    fabs(p.lon + 6.25) < 1e-9);
}

static void
numbers_are_read_as_number_or_text_or_not_at_all(void)
{
	static const struct {
		const char *text;
		uint32_t asn;
	} cases[] = {
		{ "AS3320", 3320 },
		{ "as3320", 3320 },
		{ "3320", 3320 },
		{ "4294967295", 4294967295U },
		{ "4294967296", 0 },
		{ "99999999999999999999999999999999999999", 0 },
		{ "-1", 0 },
		{ "AS", 0 },
		{ "AS-", 0 },
		{ "ASx", 0 },
		{ "3320 DTAG", 0 },
		{ ".", 0 },
	};
	struct place p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		map(1);
		pair("asn", cases[i].text);
		CHECK(read_new(&p));
		CHECK_INT(p.asn, cases[i].asn);
	}
	map(1);
	text("asn");
	number(9, 13335, 8);
	CHECK(read_new(&p));
	CHECK_INT(p.asn, 13335);
	map(1);
	text("asn");
	number(9, UINT64_MAX, 8);
	CHECK(read_new(&p));
	CHECK_INT(p.asn, 0);
	map(1);
	text("asn");
	number(10, 1, 16);
	CHECK(read_new(&p));
	CHECK_INT(p.asn, 0);
}

static void
half_a_point_or_one_outside_the_world_is_none(void)
{
	static const struct {
		double lat, lon;
		bool known;
	} cases[] = {
		{ 0, 0, true },
		{ 90, -180, true },
		{ 90.1, 0, false },
		{ 0, 180.5, false },
		{ NAN, 0, false },
		{ 0, INFINITY, false },
	};
	struct place p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		map(2);
		text("latitude");
		real(cases[i].lat);
		text("longitude");
		real(cases[i].lon);
		CHECK(read_new(&p));
		CHECK(p.has_point == cases[i].known);
		CHECK(cases[i].known || (p.lat == 0 && p.lon == 0));
	}
	map(1);
	text("latitude");
	real(1);
	CHECK(read_new(&p));
	CHECK(!p.has_point && p.lat == 0);
}

static void
a_later_database_only_fills_gaps(void)
{
	struct place p;
	struct slice city = SLICE_LIT("Dublin");

	memset(&p, 0, sizeof(p));
	memcpy(p.country, "IE", 3);
	p.city = city;
	p.asn = 5466;
	p.lat = p.lon = 1;
	p.has_point = true;
	p.flags = PLACE_VPN;
	map(7);
	pair("country_code", "DE");
	pair("city", "Berlin");
	pair("asn", "AS1");
	pair("as_name", "Eircom");
	pair("region", "Leinster");
	pair("loc", "5,6");
	text("hosting");
	head(14, 1);
	CHECK(read_at(0, &p));
	CHECK_TEXT(slice_str(p.country), "IE");
	CHECK_TEXT(p.city, "Dublin");
	CHECK_INT(p.asn, 5466);
	CHECK_TEXT(p.org, "Eircom");
	CHECK_TEXT(p.subdivision, "Leinster");
	CHECK(p.has_point && p.lat == 1);
	CHECK_INT(p.flags, PLACE_VPN | PLACE_HOSTING);
}

/* ---- the encoding -------------------------------------------------------- */

static void
pointers_are_followed_once(void)
{
	struct place p;
	size_t code, key, start, loop;

	code = used;
	text("DE");
	key = used;
	text("country_code");
	start = used;
	map(2);
	byte(1 << 5); /* 11 bits */
	byte((unsigned)key);
	byte(1 << 5);
	byte((unsigned)code);
	text("asn");
	number(6, 5, 1);
	memset(&p, 0, sizeof(p));
	CHECK(read_at(start, &p));
	CHECK_TEXT(slice_str(p.country), "DE");
	CHECK_INT(p.asn, 5);

	loop = used;
	byte(1 << 5);
	byte((unsigned)loop);
	CHECK(!read_at(loop, &p));

	byte(1 << 5 | 3 << 3); /* 32 bits, far outside */
	for (int i = 0; i < 4; i++)
		byte(0xff);
	CHECK(!read_at(0, &p));
}

static void
long_pointers_reach_as_far_as_they_say(void)
{
	struct place p;

	map(2);
	text("country_code");
	byte(1 << 5 | 1 << 3); /* 19 bits from 2048 */
	byte((3000 - 2048) >> 8);
	byte((3000 - 2048) & 0xff);
	text("city");
	byte(1 << 5 | 3 << 3); /* 32 bits from 0 */
	byte(0);
	byte(0);
	byte(3003 >> 8);
	byte(3003 & 0xff);
	memset(record + used, 0, 3000 - used);
	used = 3000;
	text("DE");
	text("Bonn");
	CHECK(read_new(&p));
	CHECK_TEXT(slice_str(p.country), "DE");
	CHECK_TEXT(p.city, "Bonn");
}

static void
what_is_not_wanted_is_stepped_over_at_any_depth(void)
{
	char big[400];
	struct place p;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	map(5);
	text("unknown");
	for (int i = 0; i < 1000; i++)
		array(1);
	array(0);
	text("other");
	map(2);
	pair("a", big);
	text("b");
	array(2);
	map(0);
	real(1);
	text("asn"); /* a map where a number is meant */
	map(1);
	pair("asn", "1");
	text("hosting");
	head(14, 0);
	pair("country_code", "DE");
	CHECK(read_new(&p));
	CHECK_TEXT(slice_str(p.country), "DE");
	CHECK_INT(p.asn, 0);
}

static void
names_that_are_empty_or_endless_are_unknown(void)
{
	static char big[FIELDS_TEXT_MAX + 2];
	struct place p;

	memset(big, 'x', FIELDS_TEXT_MAX + 1);
	map(3);
	pair("city", big);
	pair("as_name", "");
	pair("country_code", "D1");
	CHECK(read_new(&p));
	CHECK_TEXT(p.city, NULL);
	CHECK_TEXT(p.org, NULL);
	CHECK_TEXT(slice_str(p.country), "");
}

static void
a_broken_record_changes_nothing(void)
{
	static const struct slice cases[] = {
		SLICE_LIT(""),
		SLICE_LIT("\0"),
		SLICE_LIT("\0\0\0\0\0\0"),
		SLICE_LIT("\x42"
			  "DE"),   /* no map */
		SLICE_LIT("\xe1"), /* nothing in it */
		SLICE_LIT("\xe1\x43"
			  "asn"),                  /* no value */
		SLICE_LIT("\xe1\xa1\x01\xa1\x01"), /* key no text */
		SLICE_LIT("\xe1\x43"
			  "asn\xa2\x01"), /* cut short */
		SLICE_LIT("\xe1\x5e"
			  "asn"),                  /* long, cut short */
		SLICE_LIT("\xe1\x5f\xff\xff\xff"), /* 16 MB of key */
		SLICE_LIT("\xff\xff\xff\xff"),     /* 16 million keys */
		SLICE_LIT("\xe1\x41"
			  "x\x1f\x04\xff\xff\xff"), /* items */
		SLICE_LIT("\xe1\x41"
			  "x\0\xff"), /* no such type */
		SLICE_LIT("\xe1\x41"
			  "x\x20"), /* half a pointer */
		SLICE_LIT("\xe1\x4c"
			  "subdivisions\x01\x04\xa1\x01"),
	};
	struct place p, before;

	memset(&p, 0, sizeof(p));
	memcpy(p.country, "IE", 3);
	before = p;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(record, cases[i].p, cases[i].n);
		used = cases[i].n;
		CHECK(!read_at(0, &p));
		CHECK(memcmp(&p, &before, sizeof(p)) == 0);
	}
	map(1);
	pair("asn", "1");
	CHECK(!read_at(4096, &p)); /* begins behind the end */
	CHECK_INT(p.asn, 0);
}

static void
a_record_without_end_is_given_up(void)
{
	struct place p;

	head(7, 30000);
	for (int i = 0; i < FIELDS_ITEMS_MAX; i++)
		pair("a", "b");
	CHECK(!read_new(&p));

	/* Each array has the one before twice: 2 to the 40th items. */
	map(1);
	text("x");
	array(40);
	for (int i = 0; i < 40; i++) {
		array(2);
		byte(1 << 5);
		byte((unsigned)used);
	}
	CHECK(!read_new(&p));
}

static void
random_bytes_do_no_harm(void)
{
	struct place p;

	srand(3);
	for (int i = 0; i < 20000; i++) {
		used = (size_t)(rand() % 64);
		for (size_t k = 0; k < used; k++)
			record[k] = (unsigned char)rand();
		if (used > 0)
			record[0] = 0xe0 | (record[0] & 31);
		(void)read_new(&p);
	}
	CHECK(true);
}

UNIT_MAIN("fields",
    { "a City record is read whole", a_city_record_is_read_whole },
    { "where a network is registered is second best",
	where_a_network_is_registered_is_second_best },
    { "a subdivision without code has its name",
	a_subdivision_without_code_has_its_name },
    { "network fields stand at the top or in traits",
	network_fields_stand_at_the_top_or_in_traits },
    { "flags are what is said to be true", flags_are_what_is_said_to_be_true },
    { "flat records are read too", flat_records_are_read_too },
    { "numbers are read as number, as text, or not at all",
	numbers_are_read_as_number_or_text_or_not_at_all },
    { "half a point or one outside the world is none",
	half_a_point_or_one_outside_the_world_is_none },
    { "a later database only fills gaps", a_later_database_only_fills_gaps },
    { "pointers are followed once", pointers_are_followed_once },
    { "long pointers reach as far as they say",
	long_pointers_reach_as_far_as_they_say },
    { "what is not wanted is stepped over at any depth",
	what_is_not_wanted_is_stepped_over_at_any_depth },
    { "names that are empty or endless are unknown",
	names_that_are_empty_or_endless_are_unknown },
    { "a broken record changes nothing", a_broken_record_changes_nothing },
    { "a record without end is given up", a_record_without_end_is_given_up },
    { "random bytes do no harm", random_bytes_do_no_harm })
