/*
 * posix_tz.c - the rule for the years that a zone's table does not list.
 *
 * Reads "CET-1CEST,M3.5.0,M10.5.0/3" and tells the offset at a moment.  Knows
 * no names and no files (zone.c).  Pure functions, any thread.
 */
#include "detect/posix_tz.h"

#include "lib/when.h"

#define DAY 86400
#define HOUR 3600

struct reader {
	const char *p, *end;
};

static bool
take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
number(struct reader *r, int min, int max, int *result)
{
	const char *from = r->p;
	int n = 0;

	while (r->p < r->end && is_digit(*r->p) && r->p - from < 4)
		n = n * 10 + (*r->p++ - '0');
	if (r->p == from || n < min || n > max)
		return false;
	*result = n;
	return true;
}

/* "CET", "<+0330>": skipped. */
static bool
name(struct reader *r)
{
	const char *from = r->p;

	if (take(r, '<')) {
		while (r->p < r->end && *r->p != '>')
			r->p++;
		return take(r, '>') && r->p - from > 2;
	}
	while (r->p < r->end &&
	    ((*r->p >= 'A' && *r->p <= 'Z') || (*r->p >= 'a' && *r->p <= 'z')))
		r->p++;
	return r->p - from >= 3;
}

/* "[+-]h[h[h]][:mm[:ss]]" */
static bool
clock_time(struct reader *r, int32_t *result)
{
	bool minus = take(r, '-');
	int h = 0, m = 0, s = 0;

	if (!minus)
		take(r, '+');
	if (!number(r, 0, 167, &h))
		return false;
	if (take(r, ':')) {
		if (!number(r, 0, 59, &m))
			return false;
		if (take(r, ':') && !number(r, 0, 59, &s))
			return false;
	}
	*result = (minus ? -1 : 1) * (h * HOUR + m * 60 + s);
	return true;
}

/* "M3.5.0", "J60", "59", each with "/time" behind it or 02:00. */
static bool
change(struct reader *r, struct tz_change *c)
{
	*c = (struct tz_change){ .time = 2 * HOUR };
	if (take(r, 'M')) {
		c->kind = TZ_MONTH;
		if (!number(r, 1, 12, &c->month) || !take(r, '.') ||
		    !number(r, 1, 5, &c->week) || !take(r, '.') ||
		    !number(r, 0, 6, &c->day))
			return false;
	} else if (take(r, 'J')) {
		c->kind = TZ_JULIAN;
		if (!number(r, 1, 365, &c->day))
			return false;
	} else {
		c->kind = TZ_DAY;
		if (!number(r, 0, 365, &c->day))
			return false;
	}
	return !take(r, '/') || clock_time(r, &c->time);
}

bool
posix_tz_parse(struct slice s, struct posix_tz *z)
{
	struct reader r = { s.p, s.p + s.n };

	*z = (struct posix_tz){ 0 };
	if (s.n == 0 || !name(&r) || !clock_time(&r, &z->standard))
		return false;
	z->standard = -z->standard; /* POSIX counts to the west */
	z->summer = z->standard + HOUR;
	if (r.p == r.end)
		return true;
	if (!name(&r))
		return false;
	if (r.p < r.end && *r.p != ',') {
		if (!clock_time(&r, &z->summer))
			return false;
		z->summer = -z->summer;
	}
	z->has_summer = true;
	return take(&r, ',') && change(&r, &z->begin) && take(&r, ',') &&
	    change(&r, &z->end) && r.p == r.end;
}

static bool
is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/* By eras of 400 years, which are all alike and begin on 1 March. */
static int64_t
year_of(int64_t sec)
{
	int64_t day = sec / DAY - (sec % DAY < 0) + 719468;
	int64_t era = (day >= 0 ? day : day - 146096) / 146097;
	int64_t of_era = day - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 -
			of_era / 146096) /
	    365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);

	return y + era * 400 + (of_year >= 306); /* January, February */
}

/* 0 is Sunday. */
static int
weekday(int64_t day)
{
	int64_t w = (day + 4) % 7;

	return (int)(w < 0 ? w + 7 : w);
}

/* The last day of the week's name in week 5, the n-th else. */
static int64_t
month_day(int64_t y, const struct tz_change *c)
{
	int64_t first = when_days_from_civil(y, (unsigned)c->month, 1);
	int64_t behind = c->month == 12
	    ? when_days_from_civil(y + 1, 1, 1)
	    : when_days_from_civil(y, (unsigned)c->month + 1, 1);
	int64_t day = first + (c->day - weekday(first) + 7) % 7 +
	    7 * (c->week - 1);

	return day < behind ? day : day - 7;
}

/* When a change comes in a year, by the clock that is valid before it. */
static int64_t
change_at(int64_t y, const struct tz_change *c)
{
	int64_t day = when_days_from_civil(y, 1, 1);

	if (c->kind == TZ_MONTH)
		day = month_day(y, c);
	else if (c->kind == TZ_JULIAN)
		day += c->day - 1 + (is_leap(y) && c->day >= 60);
	else
		day += c->day;
	return day * DAY + c->time;
}

int32_t
posix_tz_offset(const struct posix_tz *z, int64_t sec)
{
	int64_t y, begin, end;
	bool summer;

	if (!z->has_summer)
		return z->standard;
	y = year_of(sec + z->standard);
	begin = change_at(y, &z->begin) - z->standard;
	end = change_at(y, &z->end) - z->summer;
	if (begin < end)
		summer = sec >= begin && sec < end;
	else
		summer = sec >= begin || sec < end; /* the south */
	return summer ? z->summer : z->standard;
}
