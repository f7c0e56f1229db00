/*
 * hours.c - times of the week at a place.
 *
 * Knows days and times of day; where clocks stand is zone.c's.  Constant once
 * made; any thread.
 */
#include "detect/hours.h"

#include "detect/zone.h"
#include "lib/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define DAY 86400
#define DAY_MINUTES 1440

struct span {
	int from, to; /* minutes of the day; to <= from passes midnight */
};

struct hours {
	bool days[7]; /* 0 is Monday */
	struct span spans[HOURS_SPANS_MAX];
	size_t n_spans;
	struct zone *zone;
	char zone_name[ZONE_NAME_MAX + 1];
	struct buf text;
};

static const char *const day_names[] = { "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday", "Sunday" };

/* "Mon" or "Monday", in any case; -1 where it is no day. */
static int
day_of(struct slice s)
{
	for (int i = 0; i < 7; i++)
		if ((s.n == 3 || s.n == strlen(day_names[i])) &&
		    strncasecmp(s.p, day_names[i], s.n) == 0)
			return i;
	return -1;
}

static bool
add_range(struct hours *h, struct slice s)
{
	struct slice first = slice_before(s, '-');
	struct slice last = slice_after(s, '-');
	int from, to;

	if (slice_is_null(first))
		first = last = s;
	from = day_of(slice_trim(first));
	to = day_of(slice_trim(last));
	if (from < 0 || to < 0)
		return false;
	for (int d = from;; d = (d + 1) % 7) {
		h->days[d] = true;
		if (d == to)
			return true;
	}
}

/* "Mon-Wed, Fri" */
static bool
add_days(struct hours *h, struct slice s)
{
	struct slice part = slice_before(s, ',');

	while (!slice_is_null(part)) {
		if (!add_range(h, slice_trim(part)))
			return false;
		s = slice_after(s, ',');
		part = slice_before(s, ',');
	}
	return add_range(h, slice_trim(s));
}

static bool
two_digits(const char *p, int *result)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*result = (p[0] - '0') * 10 + (p[1] - '0');
	return true;
}

/* "07:30", "7:30", "24:00" */
static bool
clock_of(struct slice s, int *minutes)
{
	char text[6] = "00:00";
	int h, m;

	s = slice_trim(s);
	if (s.n != 4 && s.n != 5)
		return false;
	memcpy(text + 5 - s.n, s.p, s.n);
	if (text[2] != ':' || !two_digits(text, &h) ||
	    !two_digits(text + 3, &m) || h > 24 || m > 59)
		return false;
	*minutes = h * 60 + m;
	return *minutes <= DAY_MINUTES;
}

static bool
add_span(struct hours *h, struct slice s)
{
	struct span *span = &h->spans[h->n_spans];

	if (h->n_spans == HOURS_SPANS_MAX ||
	    !clock_of(slice_before(s, '-'), &span->from) ||
	    !clock_of(slice_after(s, '-'), &span->to) ||
	    span->from == span->to || span->from == DAY_MINUTES)
		return false;
	h->n_spans++;
	return true;
}

static void
write_text(struct hours *h, const char *const *days, size_t n_days,
    const char *const *between, size_t n_between)
{
	for (size_t i = 0; i < n_days; i++)
		buf_addf(&h->text, "%s%s", i ? "," : "", days[i]);
	if (n_days == 0)
		buf_adds(&h->text, "any day");
	for (size_t i = 0; i < n_between; i++)
		buf_addf(&h->text, "%s%s", i ? "," : " ", between[i]);
	buf_addf(&h->text, " %s", h->zone_name);
	buf_addc(&h->text, '\0');
}

static int
read_days(struct hours *h, const char *const *days, size_t n, size_t *at,
    struct err *e)
{
	for (size_t i = 0; i < n; i++, (*at)++)
		if (!add_days(h, slice_str(days[i])))
			return err_set(e, ST_EINVAL,
			    "%s is no day or range of days, as Mon or Mon-Fri",
			    days[i]);
	for (size_t i = 0; n == 0 && i < 7; i++)
		h->days[i] = true;
	return 0;
}

static int
read_spans(struct hours *h, const char *const *between, size_t n, size_t *at,
    struct err *e)
{
	for (size_t i = 0; i < n; i++, (*at)++)
		if (!add_span(h, slice_str(between[i])))
			return err_set(e, ST_EINVAL,
			    "%s is no time of day, as 07:00-20:00", between[i]);
	if (n == 0)
		h->spans[h->n_spans++] = (struct span){ 0, DAY_MINUTES };
	return 0;
}

int
hours_new(const char *const *days, size_t n_days, const char *const *between,
    size_t n_between, const char *zone, struct hours **result, size_t *wrong,
    struct err *e)
{
	struct hours *h = calloc(1, sizeof(*h));
	size_t at = 0;
	int err;

	if (!h)
		return err_set(e, ST_ENOMEM, "out of memory");
	if (!zone)
		zone = "UTC";
	err = read_days(h, days, n_days, &at, e);
	if (err == 0)
		err = read_spans(h, between, n_between, &at, e);
	if (err == 0)
		err = zone_load(zone, &h->zone, e);
	if (err < 0)
		goto out;
	snprintf(h->zone_name, sizeof(h->zone_name), "%s", zone);
	write_text(h, days, n_days, between, n_between);
	if (h->text.failed) {
		err = err_set(e, ST_ENOMEM, "out of memory");
		goto out;
	}
	*result = h;
	h = NULL;
out:
	if (wrong)
		*wrong = at;
	hours_free(h);
	return err;
}

void
hours_free(struct hours *h)
{
	if (!h)
		return;
	zone_free(h->zone);
	buf_release(&h->text);
	free(h);
}

/* The day of the week (0 is Monday) and the second of it, there. */
static int
local_day(const struct hours *h, struct when w, int *second)
{
	int64_t there = w.sec + zone_offset(h->zone, w.sec);
	int64_t day = there / DAY - (there % DAY < 0);
	int64_t name = (day + 3) % 7;

	*second = (int)(there - day * DAY);
	return (int)(name < 0 ? name + 7 : name);
}

bool
hours_has(const struct hours *h, struct when w)
{
	int second, day = local_day(h, w, &second);
	int before = (day + 6) % 7;

	for (size_t i = 0; i < h->n_spans; i++) {
		int from = h->spans[i].from * 60, to = h->spans[i].to * 60;

		if (from < to) {
			if (h->days[day] && second >= from && second < to)
				return true;
			continue;
		}
		if (h->days[day] && second >= from)
			return true;
		if (h->days[before] && second < to)
			return true;
	}
	return false;
}

const char *
hours_text(const struct hours *h)
{
	return h->text.p;
}

struct slice
hours_local(const struct hours *h, struct when w, char *buf)
{
	int second, day = local_day(h, w, &second);
	int n = snprintf(buf, HOURS_TEXT, "%.3s %02d:%02d %s", day_names[day],
	    second / 3600, second / 60 % 60, h->zone_name);

	return slice_of(buf, (size_t)n);
}
