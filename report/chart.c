/*
 * chart.c - pictures of when: the timeline and the hours of the week.
 *
 * The others are drawn by chart_where.c and chart_lineage.c.  Pure functions.
 */
#include "report/chart.h"
#include "report/markup.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY 86400
#define WIDTH 640
#define TIP_MAX 200

static const char *const verdict_classes[VERDICT_COUNT] = {
	[VERDICT_EXPECTED] = "v-ok",
	[VERDICT_UNEXPECTED] = "v-bad",
	[VERDICT_LEARNING] = "v-new",
	[VERDICT_SUPPRESSED] = "v-held",
};
/* From the bottom up. */
static const enum verdict_word stack[VERDICT_COUNT] = { VERDICT_EXPECTED,
	VERDICT_LEARNING, VERDICT_SUPPRESSED, VERDICT_UNEXPECTED };

/* ---- bars ------------------------------------------------------------------------ */

#define TIME_LEFT 44
#define TIME_TOP 10
#define TIME_HEIGHT 150
#define TIME_BOTTOM 44
#define BAR_LEAST 1.5 /* what is there can be seen */
#define LABELS 6

/* How they are drawn. */
struct scale {
	double width; /* of a bar */
	uint64_t top; /* of the highest */
};

static uint64_t
sum_of(const struct chart_bar *b)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		n += b->verdict[i];
	return n;
}

static struct slice
bar_tip(const struct chart_bar *b, char tip[TIP_MAX])
{
	snprintf(tip, TIP_MAX,
	    "%s: %" PRIu64 " expected, %" PRIu64 " unexpected, %" PRIu64
	    " suppressed, %" PRIu64 " learning; %" PRIu64 " findings",
	    b->label, b->verdict[VERDICT_EXPECTED],
	    b->verdict[VERDICT_UNEXPECTED], b->verdict[VERDICT_SUPPRESSED],
	    b->verdict[VERDICT_LEARNING], b->findings);
	return slice_str(tip);
}

static void
draw_bar(
    const struct chart_bar *b, double x, const struct scale *s, struct buf *out)
{
	double y = TIME_TOP + TIME_HEIGHT, h;
	double width = s->width > 3 ? s->width - 1 : s->width;
	char tip[TIP_MAX];
	uint64_t n;

	for (unsigned k = 0; k < VERDICT_COUNT; k++) {
		n = b->verdict[stack[k]];
		if (!n)
			continue;
		h = (double)n / (double)s->top * TIME_HEIGHT;
		if (h < BAR_LEAST)
			h = BAR_LEAST;
		y -= h;
		svg_rect(out, (struct svg_box){ x, y, width, h },
		    verdict_classes[stack[k]], bar_tip(b, tip));
	}
	if (b->findings)
		svg_circle(out, x + s->width / 2, TIME_TOP + TIME_HEIGHT + 6,
		    2.5, "v-bad", bar_tip(b, tip));
}

static void
draw_axis(const struct chart_bar *v, unsigned n, const struct scale *s,
    struct buf *out)
{
	char top[24];

	svg_line(out, TIME_LEFT, TIME_TOP + TIME_HEIGHT, WIDTH,
	    TIME_TOP + TIME_HEIGHT, "axis");
	svg_line(out, TIME_LEFT, TIME_TOP, WIDTH, TIME_TOP, "grid");
	snprintf(top, sizeof(top), "%" PRIu64, s->top);
	svg_text(out, TIME_LEFT - 4, TIME_TOP + 4, "end", slice_str(top), 20);
	svg_text(out, TIME_LEFT - 4, TIME_TOP + TIME_HEIGHT, "end",
	    SLICE_LIT("0"), 20);
	for (unsigned i = 0; i < n; i += n / LABELS + 1)
		svg_text(out, TIME_LEFT + i * s->width,
		    TIME_TOP + TIME_HEIGHT + 22, "", slice_str(v[i].label),
		    CHART_LABEL);
}

static void
draw_legend(double y, struct buf *out)
{
	double x = TIME_LEFT;

	for (unsigned k = 0; k < VERDICT_COUNT; k++, x += 110) {
		svg_rect(out, (struct svg_box){ x, y - 8, 9, 9 },
		    verdict_classes[stack[k]], SLICE_NULL);
		svg_text(
		    out, x + 13, y, "", slice_str(verdict_name(stack[k])), 20);
	}
	svg_circle(out, x + 4, y - 4, 2.5, "v-bad", SLICE_NULL);
	svg_text(out, x + 13, y, "", SLICE_LIT("findings"), 20);
}

void
chart_bars(
    const struct chart_bar *v, unsigned n, const char *each, struct buf *out)
{
	struct scale s = { n ? (double)(WIDTH - TIME_LEFT) / n : 0, 0 };
	char about[TIP_MAX];

	for (unsigned i = 0; i < n; i++)
		if (sum_of(&v[i]) > s.top)
			s.top = sum_of(&v[i]);
	if (!s.top)
		return;
	snprintf(about, sizeof(about),
	    "%u bars, %s each; the highest stands for %" PRIu64 " requests.", n,
	    each, s.top);
	svg_begin(out, "timeline", WIDTH, TIME_TOP + TIME_HEIGHT + TIME_BOTTOM,
	    "Requests by time and verdict", about);
	draw_axis(v, n, &s, out);
	for (unsigned i = 0; i < n; i++)
		draw_bar(&v[i], TIME_LEFT + i * s.width, &s, out);
	draw_legend(TIME_TOP + TIME_HEIGHT + TIME_BOTTOM - 4, out);
	svg_end(out);
}

/* ---- timeline ---------------------------------------------------------------------- */

static void
add_day(struct chart_bar *to, const struct gather_day *d)
{
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		to->verdict[i] += d->verdict[i];
	to->findings += d->findings;
}

static void
name_day(struct chart_bar *b, int64_t day)
{
	struct when t = { day * DAY, 0, true };
	char text[WHEN_TEXT];

	when_format(t, text);
	snprintf(b->label, sizeof(b->label), "%.10s", text);
}

void
chart_timeline(const struct gather *g, struct buf *out)
{
	struct chart_bar v[CHART_BARS_MAX] = { 0 };
	int64_t first, last, step;
	char each[32];

	if (!gather_span(g, &first, &last))
		return;
	step = (last - first) / CHART_BARS_MAX + 1;
	for (int64_t day = first; day <= last; day++) {
		struct chart_bar *b = &v[(day - first) / step];

		if (!b->label[0])
			name_day(b, day);
		add_day(b, &g->days[day - g->first_day]);
	}
	snprintf(each, sizeof(each), "%" PRId64 " days", step);
	chart_bars(v, (unsigned)((last - first) / step + 1),
	    step == 1 ? "a day" : each, out);
}

/* ---- hours of the week -------------------------------------------------------------- */

#define HOURS_LEFT 44
#define HOURS_TOP 18
#define HOUR_WIDTH 24.5
#define HOUR_HEIGHT 20
#define SHADES 5

static uint64_t
busiest(const struct gather *g)
{
	uint64_t top = 0;

	for (unsigned i = 0; i < GATHER_HOURS; i++)
		if (g->hours[i] > top)
			top = g->hours[i];
	return top;
}

/* "s0" for none, then "s1" to "s5", each for twice as many as the one before. */
static unsigned
shade(uint64_t n, uint64_t top)
{
	unsigned s = SHADES;

	if (!n)
		return 0;
	while (s > 1 && n <= top / 2) {
		top /= 2;
		s--;
	}
	return s;
}

static void
draw_hour(const struct gather *g, unsigned i, uint64_t top, struct buf *out)
{
	static const char *const days[] = { "Monday", "Tuesday", "Wednesday",
		"Thursday", "Friday", "Saturday", "Sunday" };
	double x = HOURS_LEFT + i % 24 * HOUR_WIDTH;
	double y = HOURS_TOP + (double)(i / 24) * HOUR_HEIGHT;
	char tip[TIP_MAX], class[8];

	snprintf(tip, sizeof(tip),
	    "%s %02u:00 to %02u:00 UTC: %" PRIu64 " requests, %" PRIu64
	    " not expected",
	    days[i / 24], i % 24, i % 24 + 1, g->hours[i], g->odd_hours[i]);
	snprintf(class, sizeof(class), "s%u", shade(g->hours[i], top));
	svg_rect(out, (struct svg_box){ x, y, HOUR_WIDTH - 1, HOUR_HEIGHT - 1 },
	    class, slice_str(tip));
	if (g->odd_hours[i])
		svg_circle(out, x + HOUR_WIDTH / 2, y + HOUR_HEIGHT / 2.0, 3.5,
		    "v-bad ring", slice_str(tip));
}

void
chart_hours(const struct gather *g, struct buf *out)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	uint64_t top = busiest(g);
	char text[8];

	if (!top)
		return;
	svg_begin(out, "hours", WIDTH, HOURS_TOP + 7 * HOUR_HEIGHT + 4,
	    "Requests by hour of the week (UTC)",
	    "Seven rows of 24 hours; the darker, the more requests; a dot where "
	    "one of them was not expected.");
	for (unsigned h = 0; h < 24; h += 3) {
		snprintf(text, sizeof(text), "%02u", h);
		svg_text(out, HOURS_LEFT + h * HOUR_WIDTH, HOURS_TOP - 5, "",
		    slice_str(text), 2);
	}
	for (unsigned d = 0; d < 7; d++)
		svg_text(out, HOURS_LEFT - 6, HOURS_TOP + d * HOUR_HEIGHT + 14,
		    "end", slice_str(days[d]), 3);
	for (unsigned i = 0; i < GATHER_HOURS; i++)
		draw_hour(g, i, top, out);
	svg_end(out);
}
