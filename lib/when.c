/*
 * when.c - moments in UTC, read and written.
 *
 * Knows the calendar and the ways in which audit logs write a time; knows no
 * time zones but offsets, and no locale.  Pure functions, any thread.
 */
#include "lib/when.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#define DAY 86400
#define FRACTION_DIGITS 9
/* 0000-01-01 and 10000-01-01. */
#define SECONDS_MIN INT64_C(-62167219200)
#define SECONDS_END INT64_C(253402300800)

struct scan {
	const char *p, *end;
};

struct fields {
	unsigned year, month, day, hour, minute, second;
	int32_t nsec;
	int offset; /* seconds east of UTC */
};

/* ---- calendar ------------------------------------------------------------ */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years are counted from March, so that the leap day is the last of one; 400
 * of them are an era of 146097 days. */
int64_t
when_days_from_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = floor_div(y, 400), of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 +
	    day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

static void
civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t d = days + 719468, era = floor_div(d, 146097);
	int64_t of_era = d - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 -
			of_era / 146096) /
	    365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day = (unsigned)(of_year - (153 * m + 2) / 5 + 1);
	*month = (unsigned)(m < 10 ? m + 3 : m - 9);
	*year = y + era * 400 + (*month <= 2);
}

static unsigned
days_of_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool
fields_to_when(const struct fields *f, struct when *result)
{
	int64_t sec;

	if (f->month < 1 || f->month > 12 || f->day < 1 ||
	    f->day > days_of_month(f->year, f->month))
		return false;
	/* A leap second is the first of the next minute. */
	if (f->hour > 23 || f->minute > 59 || f->second > 60)
		return false;
	sec = when_days_from_civil(f->year, f->month, f->day) * DAY;
	sec += f->hour * 3600 + f->minute * 60 + f->second;
	sec -= f->offset;
	if (sec < SECONDS_MIN || sec >= SECONDS_END)
		return false;
	*result = (struct when){ sec, f->nsec, true };
	return true;
}

/* ---- reading ------------------------------------------------------------- */

static bool
is_digit(const struct scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static bool
one_of(struct scan *s, const char *set)
{
	if (s->p == s->end || *s->p == '\0' || !strchr(set, *s->p))
		return false;
	s->p++;
	return true;
}

/* A word in either case; `word` is in lower case. */
static bool
take_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((s->p[i] | 0x20) != word[i])
			return false;
	s->p += n;
	return true;
}

static bool
number(struct scan *s, unsigned min, unsigned max, unsigned *result)
{
	unsigned n = 0;

	*result = 0;
	for (; n < max && is_digit(s); n++)
		*result = *result * 10 + (unsigned)(*s->p++ - '0');
	return n >= min;
}

/* Blanks, and those that newer JDKs put before AM and PM. */
static bool
blanks(struct scan *s)
{
	static const char *const kinds[] = { " ", "\xc2\xa0", "\xe2\x80\xaf" };
	const char *begin = s->p;
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			size_t n = strlen(kinds[i]);

			if ((size_t)(s->end - s->p) >= n &&
			    memcmp(s->p, kinds[i], n) == 0) {
				s->p += n;
				more = true;
			}
		}
	}
	return s->p > begin;
}

static bool
read_fraction(struct scan *s, struct fields *f)
{
	int32_t scale = 100000000;

	if (!one_of(s, ".,;"))
		return true;
	if (!is_digit(s))
		return false;
	for (; is_digit(s); s->p++, scale /= 10)
		f->nsec += (*s->p - '0') * scale;
	return true;
}

/* "+hh:mm", "+hhmm", "+hh" */
static bool
read_offset(struct scan *s, struct fields *f)
{
	int sign = *s->p++ == '-' ? -1 : 1;
	unsigned hours, minutes = 0;

	if (!number(s, 2, 2, &hours))
		return false;
	if ((one_of(s, ":") || is_digit(s)) && !number(s, 2, 2, &minutes))
		return false;
	f->offset = sign * (int)(hours * 3600 + minutes * 60);
	return hours <= 23 && minutes <= 59;
}

/* Nothing, or blanks and a zone; nothing may follow. */
static bool
read_zone_and_end(struct scan *s, struct fields *f)
{
	while (one_of(s, " "))
		;
	if (s->p < s->end && (*s->p == '+' || *s->p == '-')) {
		if (!read_offset(s, f))
			return false;
	} else if (!take_word(s, "z") && !take_word(s, "utc")) {
		take_word(s, "gmt");
	}
	return s->p == s->end;
}

static bool
read_date(struct scan *s, struct fields *f)
{
	bool dash;

	if (!number(s, 4, 4, &f->year))
		return false;
	dash = one_of(s, "-");
	if (!number(s, 2, 2, &f->month) || one_of(s, "-") != dash)
		return false;
	return number(s, 2, 2, &f->day);
}

/* "08:00", "08:00:00", "0800", "080000", with a fraction behind seconds. */
static bool
read_time(struct scan *s, struct fields *f)
{
	bool colon;

	if (!number(s, 2, 2, &f->hour))
		return false;
	colon = one_of(s, ":");
	if (!number(s, 2, 2, &f->minute))
		return false;
	if (colon ? !one_of(s, ":") : !is_digit(s))
		return true;
	return number(s, 2, 2, &f->second) && read_fraction(s, f);
}

/* Two digits; false where one of them is none. */
static inline bool
two(const char *p, unsigned *result)
{
	unsigned high = (unsigned char)p[0] - '0',
		 low = (unsigned char)p[1] - '0';

	*result = 10 * high + low;
	return high <= 9 && low <= 9;
}

/* "2026-03-01T08:00:00Z", as nearly all are written. */
static bool
read_usual(struct slice s, struct fields *f)
{
	const char *p = s.p;
	unsigned century;

	if (s.n != strlen("2026-03-01T08:00:00Z") || p[4] != '-' ||
	    p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':' ||
	    p[19] != 'Z')
		return false;
	if (!two(p, &century) || !two(p + 2, &f->year) ||
	    !two(p + 5, &f->month) || !two(p + 8, &f->day) ||
	    !two(p + 11, &f->hour) || !two(p + 14, &f->minute) ||
	    !two(p + 17, &f->second))
		return false;
	f->year += 100 * century;
	return true;
}

bool
when_parse(struct slice text, struct when *result)
{
	struct fields f = { 0 };
	struct scan s;

	if (!text.p)
		return false;
	if (read_usual(text, &f))
		return fields_to_when(&f, result);
	f = (struct fields){ 0 };
	s = (struct scan){ text.p, text.p + text.n };
	if (!read_date(&s, &f))
		return false;
	if (s.p < s.end &&
	    (!one_of(&s, "Tt ") || !read_time(&s, &f) ||
		!read_zone_and_end(&s, &f)))
		return false;
	return fields_to_when(&f, result);
}

static bool
read_month(struct scan *s, unsigned *month)
{
	static const char *const names[] = { "jan", "feb", "mar", "apr", "may",
		"jun", "jul", "aug", "sep", "oct", "nov", "dec" };

	for (*month = 1; *month <= 12; (*month)++)
		if (take_word(s, names[*month - 1]))
			return true;
	return false;
}

/* AM or PM turn an hour of twelve into one of the day.  Some write 0 for 12. */
static bool
read_half(struct scan *s, struct fields *f)
{
	bool pm;

	blanks(s);
	pm = take_word(s, "pm");
	if (!pm && !take_word(s, "am"))
		return true;
	if (f->hour > 12)
		return false;
	f->hour = f->hour % 12 + (pm ? 12 : 0);
	return true;
}

/* "Jul 18, 2014 4:07:39 PM" */
static bool
read_american(struct scan *s, struct fields *f)
{
	if (!read_month(s, &f->month) || !blanks(s) ||
	    !number(s, 1, 2, &f->day) || !one_of(s, ",") || !blanks(s) ||
	    !number(s, 4, 4, &f->year))
		return false;
	one_of(s, ",");
	if (!blanks(s) || !number(s, 1, 2, &f->hour) || !one_of(s, ":") ||
	    !number(s, 2, 2, &f->minute) || !one_of(s, ":") ||
	    !number(s, 2, 2, &f->second) || !read_fraction(s, f))
		return false;
	return read_half(s, f) && read_zone_and_end(s, f);
}

bool
when_parse_loose(struct slice text, struct when *result)
{
	struct slice t = slice_trim(text);
	struct fields f = { 0 };
	struct scan s;

	if (!t.p || when_parse(t, result))
		return t.p != NULL;
	s = (struct scan){ t.p, t.p + t.n };
	return read_american(&s, &f) && fields_to_when(&f, result);
}

/* ---- writing and counting ------------------------------------------------ */

static int
fraction_digits(int32_t *nsec)
{
	int n = FRACTION_DIGITS;

	if (*nsec <= 0)
		return 0;
	for (; *nsec % 10 == 0; n--)
		*nsec /= 10;
	return n;
}

/* Digits of v, so many, with zeros before it. */
static char *
digits_text(char *p, unsigned v, int n)
{
	for (int i = n; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

static char *
two_text(char *p, char before, unsigned v)
{
	*p = before;
	return digits_text(p + 1, v, 2);
}

/* Years that others write, too, are four digits. */
static char *
year_text(char *p, int64_t year)
{
	if (year >= 0 && year <= 9999)
		return digits_text(p, (unsigned)year, 4);
	return p + snprintf(p, WHEN_TEXT, "%04" PRId64, year);
}

struct slice
when_format(struct when w, char *buf)
{
	int64_t days = when_day(w), year, rest = (w.sec % DAY + DAY) % DAY;
	unsigned month, day, sec = (unsigned)rest;
	int32_t fraction = w.nsec;
	int digits = fraction_digits(&fraction);
	char *p = buf;

	buf[0] = '\0';
	if (!w.valid)
		return SLICE_NULL;
	civil_from_days(days, &year, &month, &day);
	p = year_text(p, year);
	p = two_text(p, '-', month);
	p = two_text(p, '-', day);
	p = two_text(p, 'T', sec / 3600);
	p = two_text(p, ':', sec / 60 % 60);
	p = two_text(p, ':', sec % 60);
	if (digits) {
		*p++ = '.';
		p = digits_text(p, (unsigned)fraction, digits);
	}
	*p++ = 'Z';
	*p = '\0';
	return slice_of(buf, (size_t)(p - buf));
}

const char *
when_span(double seconds, char text[WHEN_SPAN])
{
	/* Up to two of the next unit a smaller one says more. */
	static const struct {
		double below, unit;
		const char *name;
	} units[] = { { 1, 0.001, "ms" }, { 120, 1, "s" },
		{ 2 * 3600, 60, "min" }, { 2 * DAY, 3600, "h" },
		{ HUGE_VAL, DAY, "d" } };
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	while (seconds >= units[i].below)
		i++;
	snprintf(text, WHEN_SPAN, "%.0f %s", floor(seconds / units[i].unit),
	    units[i].name);
	return text;
}

int
when_cmp(struct when a, struct when b)
{
	if (!a.valid || !b.valid)
		return !a.valid - !b.valid;
	if (a.sec != b.sec)
		return a.sec < b.sec ? -1 : 1;
	return (a.nsec > b.nsec) - (a.nsec < b.nsec);
}

struct when
when_add(struct when w, int64_t seconds)
{
	if (w.valid && __builtin_add_overflow(w.sec, seconds, &w.sec))
		w.sec = seconds < 0 ? INT64_MIN : INT64_MAX;
	return w;
}

struct when
when_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct when){ now.tv_sec, (int32_t)now.tv_nsec, true };
}

int64_t
when_day(struct when w)
{
	return floor_div(w.sec, DAY);
}
