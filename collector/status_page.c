/*
 * status_page.c - how the daemon is, as a page for an operator.
 *
 * Knows what stands where; pictures, stories and the frame are report/'s.
 * Pure functions.
 */
#include "collector/status_page.h"

#include "lib/arena.h"
#include "report/chart.h"
#include "report/document.h"
#include "report/markup.h"
#include "report/story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_FIRST 16384
#define HOUR 3600

/* A change comes as JSON of the new <main>: a string has no line ends. */
static const char script[] =
    "new EventSource(\"" STATUS_PAGE_EVENTS "\").onmessage = (e) => {\n"
    "  const main = document.querySelector(\"main\");\n"
    "  const open = new Set([...main.querySelectorAll(\"details[open]\")]"
    ".map((d) => d.querySelector(\"dd:last-of-type\").textContent));\n"
    "  main.innerHTML = JSON.parse(e.data);\n"
    "  for (const d of main.querySelectorAll(\"details\"))\n"
    "    d.open = open.has("
    "d.querySelector(\"dd:last-of-type\").textContent);\n"
    "};\n";

/* ---- tables ----------------------------------------------------------------------- */

/* Before the name of a column of numbers. */
#define NUMBER '#'

static void
table_begin(const char *title, const char *const *columns, struct buf *out)
{
	buf_addf(out,
	    "<h2>%s</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s\"><table>\n<thead><tr>",
	    title, title);
	for (; *columns; columns++)
		buf_addf(out, "<th scope=\"col\"%s>%s</th>",
		    **columns == NUMBER ? " class=\"n\"" : "",
		    *columns + (**columns == NUMBER));
	buf_adds(out, "</tr></thead>\n<tbody>\n");
}

static void
table_end(struct buf *out)
{
	buf_adds(out, "</tbody></table></div>\n");
}

static void
name_cell(const char *name, struct buf *out)
{
	buf_adds(out, "<tr><th scope=\"row\" class=\"t\">");
	markup_name(out, slice_str(name));
	buf_adds(out, "</th>");
}

static void
text_cell(const char *text, struct buf *out)
{
	buf_adds(out, "<td class=\"w\">");
	markup_str(out, text);
	buf_adds(out, "</td>");
}

static void
number_cell(uint64_t n, struct buf *out)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, n);
	buf_addf(out, "<td class=\"n%s\">", n ? "" : " z");
	markup_count(out, slice_str(digits));
	buf_adds(out, "</td>");
}

/* "-" where nothing is known. */
static void
seconds_cell(double s, struct buf *out)
{
	char text[WHEN_SPAN];

	buf_addf(
	    out, "<td class=\"n\">%s</td>", s < 0 ? "-" : when_span(s, text));
}

/* ---- health and books ------------------------------------------------------------- */

static void
add_health(const struct status *s, struct buf *out)
{
	char now[WHEN_TEXT], up[WHEN_SPAN];
	bool well = s->ready && s->n_reasons == 0;

	buf_addf(out, "<p class=\"answer\"><strong class=\"%s\">%s</strong>",
	    well ? "ok" : "critical",
	    !s->ready  ? "not ready"
		: well ? "ready and well"
		       : "not well");
	if (s->now.valid && s->started.valid)
		buf_addf(out, " at %.10s %.8s, up for %s",
		    when_format(s->now, now).p, now + sizeof("2026-03-01"),
		    when_span((double)(s->now.sec - s->started.sec), up));
	buf_addf(out, ", configuration %u</p>\n", s->generation);
	if (!s->n_reasons)
		return;
	buf_adds(out, "<ul>\n");
	for (size_t i = 0; i < s->n_reasons; i++) {
		buf_adds(out, "<li class=\"critical\">");
		markup_str(out, s->reasons[i]);
		buf_adds(out, "</li>\n");
	}
	buf_adds(out, "</ul>\n");
}

static void
add_books(const struct books *b, struct buf *out)
{
	static const char *const columns[] = { "#Received", "#Token requests",
		"#Uses", "#Other", "#Duplicates", "#Rejected", "#In flight",
		NULL };
	const uint64_t v[] = { b->received, b->token_requests, b->uses,
		b->other, b->duplicates, b->rejected, b->in_flight };

	table_begin("Books", columns, out);
	buf_adds(out, "<tr>");
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		number_cell(v[i], out);
	buf_adds(out, "</tr>\n");
	table_end(out);
}

/* ---- inputs and outputs ------------------------------------------------------------- */

static void
add_input(const struct status_input *in, double seconds, struct buf *out)
{
	uint64_t rejected = 0;

	for (unsigned i = 0; i < REJECT_COUNT; i++)
		rejected += in->rejected[i];
	name_cell(in->name, out);
	text_cell(in->type, out);
	number_cell(in->received, out);
	if (seconds > 0)
		buf_addf(out, "<td class=\"n\">%.1f/s</td>",
		    (double)in->received / seconds);
	else
		seconds_cell(-1, out);
	number_cell(in->token_requests, out);
	number_cell(rejected, out);
	seconds_cell(lag_quantile(&in->lag, 0.5), out);
	seconds_cell(lag_quantile(&in->lag, 0.99), out);
	seconds_cell(
	    in->silent_ms < 0 ? -1 : (double)in->silent_ms / 1000, out);
	buf_adds(out, "</tr>\n");
}

static void
add_inputs(const struct status *s, struct buf *out)
{
	static const char *const columns[] = { "Input", "Type", "#Received",
		"#Mean rate", "#Token requests", "#Rejected", "#Lag p50",
		"#Lag p99", "#Silent for", NULL };
	double up = s->now.valid && s->started.valid
	    ? (double)(s->now.sec - s->started.sec)
	    : 0;

	table_begin("Inputs", columns, out);
	for (size_t i = 0; i < s->n_inputs; i++)
		add_input(&s->inputs[i], up, out);
	table_end(out);
}

static void
add_output(const struct status_output *o, struct buf *out)
{
	name_cell(o->name, out);
	text_cell(o->type, out);
	buf_addf(out, "<td class=\"w\"><span class=\"%s\">%s</span></td>",
	    o->state == OUTPUT_STUCK ? "critical" : "ok",
	    o->state == OUTPUT_STUCK ? "stuck" : "ok");
	number_cell(o->made, out);
	number_cell(o->delivered, out);
	number_cell(o->queued, out);
	number_cell(o->dead, out);
	buf_adds(out, "</tr>\n");
}

static void
add_outputs(const struct status *s, struct buf *out)
{
	static const char *const columns[] = { "Output", "Type", "State",
		"#Made", "#Delivered", "#Queued", "#Dead", NULL };

	table_begin("Outputs", columns, out);
	for (size_t i = 0; i < s->n_outputs; i++)
		add_output(&s->outputs[i], out);
	table_end(out);
}

/* ---- the last day ------------------------------------------------------------------- */

static void
add_timeline(const struct board_view *v, struct buf *out)
{
	struct chart_bar bars[BOARD_HOURS] = { 0 };

	for (int i = 0; i < BOARD_HOURS; i++) {
		int64_t hour = v->last - BOARD_HOURS + 1 + i;
		const struct board_hour *h;

		snprintf(bars[i].label, sizeof(bars[i].label), "%02d:00",
		    (int)((hour % 24 + 24) % 24));
		h = &v->hours[(hour % BOARD_HOURS + BOARD_HOURS) % BOARD_HOURS];
		if (h->hour != hour || !hour)
			continue;
		memcpy(bars[i].verdict, h->verdict, sizeof(h->verdict));
		bars[i].findings = h->findings;
	}
	chart_bars(bars, BOARD_HOURS, "an hour", out);
}

static int
by_count(const void *a, const void *b)
{
	const struct chart_place *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->country, y->country);
}

static void
add_place(struct chart_place *v, size_t *n, const struct board_place *p)
{
	size_t i = 0;

	while (i < *n && strcmp(v[i].country, p->country) != 0)
		i++;
	if (i == *n)
		memcpy(v[(*n)++].country, p->country, sizeof(p->country));
	v[i].n += p->n;
	v[i].odd += p->odd;
}

static void
add_map(const struct board_view *v, struct buf *out)
{
	struct chart_place places[BOARD_HOURS * BOARD_PLACES_MAX] = { 0 };
	size_t n = 0;

	for (unsigned h = 0; h < BOARD_HOURS; h++) {
		if (v->hours[h].hour <= v->last - BOARD_HOURS)
			continue;
		for (unsigned i = 0; i < v->hours[h].n_places; i++)
			add_place(places, &n, &v->hours[h].places[i]);
	}
	qsort(places, n, sizeof(places[0]), by_count);
	chart_places(places, n, out);
}

static void
add_picture(const char *what,
    void (*draw)(const struct board_view *v, struct buf *out),
    const struct board_view *v, struct buf *out)
{
	buf_addf(out,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s\">\n",
	    what);
	draw(v, out);
	buf_adds(out, "</div>\n");
}

static void
add_day(const struct board_view *v, struct buf *out)
{
	char text[WHEN_TEXT];
	struct when end = { (v->last + 1) * HOUR, 0, true };

	buf_adds(out, "<h2>The last day</h2>\n");
	if (!v->last) {
		buf_adds(out, "<p class=\"about\">No token request yet.</p>\n");
		return;
	}
	buf_addf(out,
	    "<p class=\"about\">The 24 hours up to %.10s %.5s (UTC), by event "
	    "time.</p>\n<div class=\"pair\">\n",
	    when_format(end, text).p, text + sizeof("2026-03-01"));
	add_picture("Requests by hour", add_timeline, v, out);
	add_picture("Where requests came from", add_map, v, out);
	buf_adds(out, "</div>\n");
}

static void
add_findings(const struct board_view *v, struct buf *out)
{
	struct arena a;
	char id[24];
	struct slice line;

	buf_adds(out, "<h2>Last findings</h2>\n");
	if (!v->n_findings)
		buf_adds(out, "<p class=\"about\">None yet.</p>\n");
	arena_init(&a, ARENA_FIRST);
	for (unsigned i = 0; i < v->n_findings; i++) {
		line = board_finding_at(v, i);
		if (line.n && line.p[line.n - 1] == '\n')
			line.n--;
		snprintf(id, sizeof(id), "lineage-%u", i);
		story_write(line, id, &a, out);
	}
	arena_release(&a);
}

/* ---- all of it ----------------------------------------------------------------------- */

void
status_page_main(
    const struct status *s, const struct board_view *board, struct buf *out)
{
	add_health(s, out);
	if (board) {
		add_findings(board, out);
		add_day(board, out);
	}
	add_inputs(s, out);
	add_outputs(s, out);
	add_books(&s->books, out);
}

void
status_page(
    const struct status *s, const struct board_view *board, struct buf *out)
{
	document_begin(out, "stsentry", script, STATUS_PAGE_RELOAD_S);
	buf_adds(out, "<header><h1>stsentry</h1></header>\n<main>\n");
	status_page_main(s, board, out);
	buf_adds(out, "</main>\n<footer><p class=\"dim\">stsentryd ");
	markup_str(out, s->version);
	buf_adds(out,
	    ".  All times are UTC.  For programs: <a href=\"/status\">"
	    "/status</a>, <a href=\"/metrics\">/metrics</a>.</p></footer>\n");
	document_end(out);
}
