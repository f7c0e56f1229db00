/*
 * test_when.c - which texts are moments, and how a moment is written.
 */
#include "lib/when.h"
#include "tests/unit/unit.h"

#include <stdio.h>

/* Read, then written: what came in is the same moment as what goes out. */
struct reading {
	const char *text;
	const char *want; /* NULL: no moment */
};

static void
check_readings(const struct reading *t, size_t n,
    bool (*parse)(struct slice, struct when *))
{
	char buf[WHEN_TEXT];

	for (size_t i = 0; i < n; i++) {
		struct when w = WHEN_NONE;

		if (parse(slice_str(t[i].text), &w) != (t[i].want != NULL))
			printf("\n    %s", t[i].text);
		CHECK_TEXT(when_format(w, buf), t[i].want);
	}
}

static void
what_audit_logs_write_is_read(void)
{
	static const struct reading t[] = {
		{ "2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z" },
		{ "2026-03-01t08:00:00z", "2026-03-01T08:00:00Z" },
		{ "2026-03-01T08:00:00.123456789+02:00",
		    "2026-03-01T06:00:00.123456789Z" },
		{ "2026-03-01T08:00:00.1234567899Z",
		    "2026-03-01T08:00:00.123456789Z" },
		{ "2026-03-01T08:00:00.120Z", "2026-03-01T08:00:00.12Z" },
		{ "2026-03-01T08:00:00.000Z", "2026-03-01T08:00:00Z" },
		{ "2026-03-01T08:00:00,5Z", "2026-03-01T08:00:00.5Z" },
		{ "2026-03-01T08:00:00;000000001Z",
		    "2026-03-01T08:00:00.000000001Z" },
		{ "2024-02-26 17:15:16.314854 UTC",
		    "2024-02-26T17:15:16.314854Z" },
		{ "2024-02-26 17:15:16", "2024-02-26T17:15:16Z" },
		{ "2024-02-26T17:15:16 GMT", "2024-02-26T17:15:16Z" },
		{ "2024-02-26 17:15:16+0530", "2024-02-26T11:45:16Z" },
		{ "2024-02-26 17:15:16 -08", "2024-02-27T01:15:16Z" },
		{ "2026-12-24T20:00Z", "2026-12-24T20:00:00Z" },
		{ "20131102T010628Z", "2013-11-02T01:06:28Z" },
		{ "20131102T0106Z", "2013-11-02T01:06:00Z" },
		{ "2013-11-02", "2013-11-02T00:00:00Z" },
		{ "20131102", "2013-11-02T00:00:00Z" },
		{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
		{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
		{ "2000-02-29", "2000-02-29T00:00:00Z" },
		{ "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z" },
		{ "0000-01-01", "0000-01-01T00:00:00Z" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
	};

	check_readings(t, sizeof(t) / sizeof(t[0]), when_parse);
	check_readings(t, sizeof(t) / sizeof(t[0]), when_parse_loose);
}

static void
what_is_no_moment_is_refused(void)
{
	static const struct reading t[] = {
		{ "", NULL },
		{ "now", NULL },
		{ "2026", NULL },
		{ "2026-03", NULL },
		{ "2026-03-1", NULL },
		{ "2026-0301", NULL },
		{ "202603-01", NULL },
		{ "2026-00-01", NULL },
		{ "2026-13-01", NULL },
		{ "2026-01-00", NULL },
		{ "2026-01-32", NULL },
		{ "2026-04-31", NULL },
		{ "2025-02-29", NULL },
		{ "1900-02-29", NULL },
		{ "2026-03-01T", NULL },
		{ "2026-03-01T24:00:00Z", NULL },
		{ "2026-03-01T08:60:00Z", NULL },
		{ "2026-03-01T08:00:61Z", NULL },
		{ "2026-03-01T08", NULL },
		{ "2026-03-01T8:00:00Z", NULL },
		{ "2026-03-01T08:00:0Z", NULL },
		{ "2026-03-01T08:00:00.Z", NULL },
		{ "2026-03-01T08:00:00Zx", NULL },
		{ "2026-03-01T08:00:00Z ", NULL },
		{ "2026-03-01X08:00:00Z", NULL },
		{ "2026-03-01T08:00:00+24:00", NULL },
		{ "2026-03-01T08:00:00+02:60", NULL },
		{ "2026-03-01T08:00:00+2", NULL },
		{ "2026-03-01T08:00:00+02:", NULL },
		{ "2026-03-01T08:00:00 CET", NULL },
		{ "-026-03-01T08:00:00Z", NULL },
		{ "12026-03-01T08:00:00Z", NULL },
		{ "0000-01-01T00:00:00+00:01", NULL },
		{ "9999-12-31T23:59:59-00:01", NULL },
		{ "9999-12-31T23:59:60Z", NULL },
		{ "Jul 18, 2014 4:07:39 PM", NULL },
	};
	struct when w = { 1, 2, true };

	check_readings(t, sizeof(t) / sizeof(t[0]), when_parse);
	CHECK(!when_parse(SLICE_NULL, &w));
	CHECK(!when_parse(SLICE_LIT("2026-03-01\0"), &w));
	CHECK(!when_parse(SLICE_LIT("2026-03-01T08:00\0:00"), &w));
	CHECK(w.sec == 1 && w.nsec == 2 && w.valid);
}

static void
an_american_expiration_is_read_loosely(void)
{
	static const struct reading t[] = {
		{ "Jul 18, 2014 4:07:39 PM", "2014-07-18T16:07:39Z" },
		{ "Mar 6, 2024, 10:14:08 PM", "2024-03-06T22:14:08Z" },
		{ "Mar 6, 2024, 10:14:08\xe2\x80\xafPM",
		    "2024-03-06T22:14:08Z" },
		{ "Mar 6, 2024 10:14:08\xc2\xa0"
		  "AM",
		    "2024-03-06T10:14:08Z" },
		{ "Jan 1, 2025, 12:00:00 AM", "2025-01-01T00:00:00Z" },
		{ "Jan 1, 2025, 12:00:00 PM", "2025-01-01T12:00:00Z" },
		{ "dec 31, 2025, 1:00:00 pm", "2025-12-31T13:00:00Z" },
		{ "Dec 31, 2025, 13:00:00", "2025-12-31T13:00:00Z" },
		{ "Dec 31, 2025, 1:00:00 PM UTC", "2025-12-31T13:00:00Z" },
		{ " 2026-03-01T08:00:00Z\t", "2026-03-01T08:00:00Z" },
		{ "Jul 18, 2014 0:07:39 AM", "2014-07-18T00:07:39Z" },
		{ "Jul 18, 2014 0:07:39 PM", "2014-07-18T12:07:39Z" },
		{ "Jul 18, 2014 13:07:39 PM", NULL },
		{ "Jul 18, 2014 4:07:39 XM", NULL },
		{ "Jul 18, 2014 4:07:39 PMx", NULL },
		{ "Jul 18, 2014 4:7:39 PM", NULL },
		{ "Jul 18, 2014 4:07 PM", NULL },
		{ "Jul 18, 2014", NULL },
		{ "Jul 18, 14 4:07:39 PM", NULL },
		{ "Jul 18 2014 4:07:39 PM", NULL },
		{ "Jul 32, 2014 4:07:39 PM", NULL },
		{ "Feb 29, 2023, 4:07:39 PM", NULL },
		{ "July 18, 2014 4:07:39 PM", NULL },
		{ "Foo 18, 2014 4:07:39 PM", NULL },
		{ "", NULL },
	};
	struct when w;

	check_readings(t, sizeof(t) / sizeof(t[0]), when_parse_loose);
	CHECK(!when_parse_loose(SLICE_NULL, &w));
}

static void
days_are_counted_from_1970(void)
{
	static const struct {
		int64_t year;
		unsigned month, day;
		int64_t days;
	} t[] = {
		{ 1970, 1, 1, 0 },
		{ 1969, 12, 31, -1 },
		{ 2000, 2, 29, 11016 },
		{ 2000, 3, 1, 11017 },
		{ 2024, 12, 31, 20088 },
		{ 1600, 1, 1, -135140 },
		{ 0, 1, 1, -719528 },
		{ -1, 12, 31, -719529 },
		{ 9999, 12, 31, 2932896 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_INT(when_days_from_civil(t[i].year, t[i].month, t[i].day),
		    t[i].days);
}

/* The calendar repeats after 400 years: these are all its days, twice. */
static void
every_day_is_written_as_it_is_read(void)
{
	int64_t first = when_days_from_civil(1600, 1, 1);
	int64_t last = when_days_from_civil(2399, 12, 31);
	char a[WHEN_TEXT], b[WHEN_TEXT] = "";
	struct when w, again;

	for (int64_t d = first; d <= last; d++) {
		w = (struct when){ d * 86400 + (d - first) % 86400, 0, true };
		if (!when_parse(when_format(w, a), &again) ||
		    when_cmp(w, again) != 0 || strcmp(b, a) >= 0)
			CHECK_INT(d, -1);
		memcpy(b, a, sizeof(b));
	}
	CHECK_INT(when_day(w), last);
}

static void
any_number_of_seconds_can_be_written(void)
{
	char buf[WHEN_TEXT];

	CHECK_TEXT(
	    when_format((struct when){ INT64_MAX, 999999999, true }, buf),
	    "292277026596-12-04T15:30:07.999999999Z");
	CHECK_TEXT(when_format((struct when){ INT64_MIN, 1, true }, buf),
	    "-292277022657-01-27T08:29:52.000000001Z");
	CHECK_TEXT(when_format(WHEN_NONE, buf), NULL);
	CHECK_INT(buf[0], 0);
}

static void
no_time_comes_last(void)
{
	struct when a = { 5, 0, true }, b = { 5, 1, true }, c = { 6, 0, true };

	CHECK(when_cmp(a, b) < 0 && when_cmp(b, a) > 0);
	CHECK(when_cmp(b, c) < 0);
	CHECK_INT(when_cmp(a, a), 0);
	CHECK(when_cmp(a, WHEN_NONE) < 0 && when_cmp(WHEN_NONE, a) > 0);
	CHECK_INT(when_cmp(WHEN_NONE, WHEN_NONE), 0);
}

static void
adding_stops_at_the_ends_of_time(void)
{
	struct when w = { 100, 7, true };

	CHECK_INT(when_add(w, 3600).sec, 3700);
	CHECK_INT(when_add(w, -3600).sec, -3500);
	CHECK_INT(when_add(w, -3600).nsec, 7);
	CHECK(when_add(w, INT64_MAX).sec == INT64_MAX);
	CHECK(when_add(when_add(w, INT64_MIN), -200).sec == INT64_MIN);
	CHECK(!when_add(WHEN_NONE, 5).valid);
}

static void
a_day_begins_at_midnight_before_1970_too(void)
{
	CHECK_INT(when_day((struct when){ 0, 0, true }), 0);
	CHECK_INT(when_day((struct when){ 86399, 0, true }), 0);
	CHECK_INT(when_day((struct when){ 86400, 0, true }), 1);
	CHECK_INT(when_day((struct when){ -1, 0, true }), -1);
	CHECK_INT(when_day((struct when){ -86400, 0, true }), -1);
	CHECK_INT(when_day((struct when){ -86401, 0, true }), -2);
}

static void
the_clock_is_past_the_writing_of_this(void)
{
	struct when w = when_now();

	CHECK(w.valid && w.sec > 1700000000 && w.nsec >= 0 &&
	    w.nsec <= 999999999);
}

static void
spans_are_told_in_whole_units(void)
{
	static const struct {
		double seconds;
		const char *want;
	} t[] = { { -1, "0 ms" }, { 0.25, "250 ms" }, { 1, "1 s" },
		{ 25.772, "25 s" }, { 119.9, "119 s" }, { 120, "2 min" },
		{ 7199, "119 min" }, { 7200, "2 h" }, { 67108.864, "18 h" },
		{ 2 * 86400, "2 d" }, { 400 * 86400.0, "400 d" } };
	char text[WHEN_SPAN];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_TEXT(slice_str(when_span(t[i].seconds, text)), t[i].want);
}

UNIT_MAIN("when",
    { "what audit logs write is read", what_audit_logs_write_is_read },
    { "what is no moment is refused", what_is_no_moment_is_refused },
    { "an American expiration is read loosely",
	an_american_expiration_is_read_loosely },
    { "days are counted from 1970", days_are_counted_from_1970 },
    { "every day is written as it is read",
	every_day_is_written_as_it_is_read },
    { "any number of seconds can be written",
	any_number_of_seconds_can_be_written },
    { "spans are told in whole units", spans_are_told_in_whole_units },
    { "no time comes last", no_time_comes_last },
    { "adding stops at the ends of time", adding_stops_at_the_ends_of_time },
    { "a day begins at midnight, before 1970 too",
	a_day_begins_at_midnight_before_1970_too },
    { "the clock is past the writing of this",
	the_clock_is_past_the_writing_of_this })
