/*
 * test_hours.c - times of the week, time zones, and their summer time.
 *
 * What needs the system's time zone database is skipped where there is none.
 */
#include "detect/hours.h"
#include "detect/posix_tz.h"
#include "detect/zone.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

static bool
have_database(void)
{
	if (access(ZONE_DIR "/Europe/Berlin", R_OK) == 0 &&
	    access(ZONE_DIR "/America/New_York", R_OK) == 0 &&
	    access(ZONE_DIR "/Australia/Sydney", R_OK) == 0)
		return true;
	printf("\n    skipped: no time zone database");
	return false;
}

static struct when
at(const char *text)
{
	struct when w;

	if (!when_parse(slice_str(text), &w)) {
		printf("\n    no moment: %s", text);
		CHECK(false);
	}
	return w;
}

static const struct {
	const char *days, *between, *zone, *time;
	bool in;
} spans[] = {
	/* 2026-03-02 is a Monday */
	{ "Mon-Fri", "07:00-20:00", NULL, "2026-03-02T07:00:00Z", true },
	{ "Mon-Fri", "07:00-20:00", NULL, "2026-03-02T06:59:59Z", false },
	{ "Mon-Fri", "07:00-20:00", NULL, "2026-03-02T19:59:59Z", true },
	{ "Mon-Fri", "07:00-20:00", NULL, "2026-03-02T20:00:00Z", false },
	{ "Mon-Fri", "07:00-20:00", NULL, "2026-03-07T12:00:00Z", false },
	{ "monday, WED", NULL, NULL, "2026-03-04T23:59:59Z", true },
	{ "monday, WED", NULL, NULL, "2026-03-03T00:00:00Z", false },
	{ "Sat-Mon", NULL, NULL, "2026-03-01T12:00:00Z", true },
	{ "Sat-Mon", NULL, NULL, "2026-03-02T12:00:00Z", true },
	{ "Sat-Mon", NULL, NULL, "2026-03-03T12:00:00Z", false },
	{ NULL, "00:00-24:00", NULL, "2026-03-03T23:59:59Z", true },
	{ NULL, "7:30-8:00", NULL, "2026-03-03T07:45:00Z", true },
	/* over midnight: Friday's night ends on Saturday */
	{ "Mon-Fri", "22:00-06:00", NULL, "2026-03-06T23:00:00Z", true },
	{ "Mon-Fri", "22:00-06:00", NULL, "2026-03-07T05:59:59Z", true },
	{ "Mon-Fri", "22:00-06:00", NULL, "2026-03-07T06:00:00Z", false },
	{ "Mon-Fri", "22:00-06:00", NULL, "2026-03-02T03:00:00Z", false },
	{ "Mon-Fri", "22:00-06:00", NULL, "2026-03-07T23:00:00Z", false },
	{ "Thu", NULL, NULL, "1969-12-31T23:59:59Z", false },
	{ "Thu", NULL, NULL, "1970-01-01T00:00:00Z", true },
	/* Berlin: from UTC+1 to UTC+2 on 2026-03-29 01:00Z, back on 10-25 */
	{ NULL, "07:00-20:00", "Europe/Berlin", "2026-03-28T06:00:00Z", true },
	{ NULL, "07:00-20:00", "Europe/Berlin", "2026-03-28T05:59:59Z", false },
	{ NULL, "07:00-20:00", "Europe/Berlin", "2026-03-29T05:00:00Z", true },
	{ NULL, "07:00-20:00", "Europe/Berlin", "2026-03-29T04:59:59Z", false },
	{ NULL, "07:00-20:00", "Europe/Berlin", "2026-10-24T05:00:00Z", true },
	{ NULL, "07:00-20:00", "Europe/Berlin", "2026-10-25T05:59:59Z", false },
	{ NULL, "07:00-20:00", "Europe/Berlin", "2026-10-25T06:00:00Z", true },
	{ "Mon", NULL, "Europe/Berlin", "2026-03-01T23:00:00Z", true },
	{ "Mon", NULL, "Europe/Berlin", "2026-03-02T23:00:00Z", false },
	/* New York: 2026-03-08 07:00Z and 2026-11-01 06:00Z */
	{ NULL, "09:00-17:00", "America/New_York", "2026-03-07T13:59:59Z",
	    false },
	{ NULL, "09:00-17:00", "America/New_York", "2026-03-07T14:00:00Z",
	    true },
	{ NULL, "09:00-17:00", "America/New_York", "2026-03-08T13:00:00Z",
	    true },
	{ NULL, "09:00-17:00", "America/New_York", "2026-11-01T13:30:00Z",
	    false },
	/* Sydney has summer in January: UTC+11 until 2026-04-04 16:00Z */
	{ NULL, "09:00-10:00", "Australia/Sydney", "2026-01-14T22:30:00Z",
	    true },
	{ NULL, "09:00-10:00", "Australia/Sydney", "2026-04-04T22:30:00Z",
	    false },
	{ NULL, "09:00-10:00", "Australia/Sydney", "2026-04-04T23:30:00Z",
	    true },
	/* long behind the table's end, by the rule */
	{ NULL, "07:00-08:00", "Europe/Berlin", "2095-07-01T05:30:00Z", true },
	{ NULL, "07:00-08:00", "Europe/Berlin", "2095-01-01T06:30:00Z", true },
};

static void
hours_follow_the_clock_of_their_zone(void)
{
	bool database = have_database();

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		const char *days = spans[i].days, *between = spans[i].between;
		struct hours *h;
		struct err e;

		if (spans[i].zone && !database)
			continue;
		REQUIRE(hours_new(&days, days != NULL, &between,
			    between != NULL, spans[i].zone, &h, NULL, &e) == 0);
		if (hours_has(h, at(spans[i].time)) != spans[i].in) {
			printf("\n    %s at %s", hours_text(h), spans[i].time);
			CHECK(false);
		}
		hours_free(h);
	}
}

static void
hours_say_what_they_are_and_what_time_it_is(void)
{
	const char *days[] = { "Mon-Wed", "Fri" };
	const char *between[] = { "07:00-12:00", "13:00-17:00" };
	char buf[HOURS_TEXT];
	struct hours *h;

	REQUIRE(hours_new(days, 2, between, 2, NULL, &h, NULL, NULL) == 0);
	CHECK_TEXT(slice_str(hours_text(h)),
	    "Mon-Wed,Fri 07:00-12:00,13:00-17:00 UTC");
	CHECK_TEXT(
	    hours_local(h, at("2026-03-07T23:14:59Z"), buf), "Sat 23:14 UTC");
	CHECK(!hours_has(h, at("2026-03-06T12:30:00Z")));
	CHECK(hours_has(h, at("2026-03-06T13:30:00Z")));
	hours_free(h);
}

static void
wrong_words_are_named_by_their_number(void)
{
	static const struct {
		const char *days, *between, *zone;
		size_t wrong;
	} bad[] = {
		{ "Mo", "07:00-20:00", NULL, 0 },
		{ "", "07:00-20:00", NULL, 0 },
		{ "Mon-", "07:00-20:00", NULL, 0 },
		{ "Mon,,Tue", "07:00-20:00", NULL, 0 },
		{ "Mon", "", NULL, 1 },
		{ "Mon", "07:00", NULL, 1 },
		{ "Mon", "07:00-07:00", NULL, 1 },
		{ "Mon", "24:00-07:00", NULL, 1 },
		{ "Mon", "07:00-25:00", NULL, 1 },
		{ "Mon", "07:60-08:00", NULL, 1 },
		{ "Mon", "07.00-08.00", NULL, 1 },
		{ "Mon", "07:00-24:01", NULL, 1 },
		{ "Mon", "07:00-08:00", "../../etc/passwd", 2 },
		{ "Mon", "07:00-08:00", "/etc/localtime", 2 },
		{ "Mon", "07:00-08:00", "Europe//Berlin", 2 },
		{ "Mon", "07:00-08:00", "Europe/", 2 },
		{ "Mon", "07:00-08:00", "", 2 },
		{ "Mon", "07:00-08:00", "Europe/Atlantis", 2 },
		{ "Mon", "07:00-08:00", "Europe", 2 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hours *h = NULL;
		size_t wrong = 99;
		struct err e = { .text = "" };

		CHECK(hours_new(&bad[i].days, 1, &bad[i].between, 1,
			  bad[i].zone, &h, &wrong, &e) < 0);
		CHECK_INT(wrong, bad[i].wrong);
		CHECK(h == NULL && e.text[0] != '\0');
	}
}

static const struct {
	const char *rule;
	const char *time;
	int offset;
} rules[] = {
	{ "UTC0", "2026-01-01T00:00:00Z", 0 },
	{ "EST5", "2026-07-01T00:00:00Z", -18000 },
	{ "<+0545>-5:45", "2026-07-01T00:00:00Z", 20700 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600 },
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-12-31T23:59:59Z", 39600 },
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 36000 },
	{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01T00:00:00Z",
	    39600 },
	{ "XXX3YYY2,J60/0,J300/0", "2024-03-01T03:00:00Z", -7200 },
	{ "XXX3YYY2,J60/0,J300/0", "2024-03-01T02:59:59Z", -10800 },
	{ "XXX3YYY2,59/0,299/0", "2023-03-01T03:00:00Z", -7200 },
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600 },
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200 },
};

static void
the_rule_of_a_zone_is_read(void)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct posix_tz z;

		CHECK(posix_tz_parse(slice_str(rules[i].rule), &z));
		if (posix_tz_offset(&z, at(rules[i].time).sec) !=
		    rules[i].offset) {
			printf("\n    %s at %s: %d", rules[i].rule,
			    rules[i].time,
			    posix_tz_offset(&z, at(rules[i].time).sec));
			CHECK(false);
		}
	}
}

static void
a_broken_rule_is_none(void)
{
	static const char *const bad[] = { "", "C", "CET", "CET-", "CET-1CEST",
		"CET-1CEST,", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,",
		"CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
		"<CET-1", "CET-168", "CET-1:60", "CET-1:", "CET-1CEST,J0,J1",
		"CET-1CEST,366,1", "CET-99999999999999999999" };
	struct posix_tz z;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!posix_tz_parse(slice_str(bad[i]), &z));
}

static void
every_beginning_of_a_zone_file_is_refused(void)
{
	char bytes[65536];
	struct zone *z;
	size_t n;
	FILE *f;

	if (!have_database())
		return;
	f = fopen(ZONE_DIR "/Europe/Berlin", "rb");
	REQUIRE(f != NULL);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	for (size_t i = 0; i < n; i++)
		CHECK_INT(zone_read(slice_of(bytes, i), &z), ST_EFORMAT);
	REQUIRE(zone_read(slice_of(bytes, n), &z) == 0);
	CHECK_INT(zone_offset(z, at("1900-01-01T00:00:00Z").sec), 3600);
	CHECK_INT(zone_offset(z, at("1945-06-01T00:00:00Z").sec), 10800);
	CHECK_INT(zone_offset(z, INT64_MIN), 3208); /* local mean time */
	CHECK(zone_offset(z, INT64_MAX) == 3600 ||
	    zone_offset(z, INT64_MAX) == 7200);
	zone_free(z);
}

UNIT_MAIN("hours",
    { "hours follow the clock of their zone",
	hours_follow_the_clock_of_their_zone },
    { "hours say what they are and what time it is",
	hours_say_what_they_are_and_what_time_it_is },
    { "wrong words are named by their number",
	wrong_words_are_named_by_their_number },
    { "the rule of a zone is read", the_rule_of_a_zone_is_read },
    { "a broken rule is none", a_broken_rule_is_none },
    { "every beginning of a zone file is refused",
	every_beginning_of_a_zone_file_is_refused })
