/*
 * html.c - a report for people: one page that needs nothing else.
 *
 * No script, no address to be fetched, and a content security policy that
 * allows nothing but the page's own style sheet, by its hash.  Tables have
 * headers for screen readers; the longest are cut, with a word how many rows
 * CSV and JSON have.  Pictures are chart.h's.
 */
#include "report/chart.h"
#include "report/format.h"
#include "report/markup.h"
#include "lib/base64.h"
#include "lib/hash.h"
#include "outputs/format/parse.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/style_texts.h"

#define HTML_ROWS_MAX 100   /* of a table */
#define HTML_STORIES_MAX 50 /* findings that are told in full */
#define HTML_LIST_MAX 20    /* items of a list in a story */
#define ARENA_FIRST 16384

/* Which picture stands in which section. */
static const struct {
	const char *section;
	chart_fn *draw;
	const char *caption;
} pictures[] = {
	{ "summary", chart_timeline, "Requests by day and verdict." },
	{ "requests", chart_map, "Where requests came from." },
	{ "days", chart_hours, "When in the week requests were made (UTC)." },
	{ "principals", chart_matrix, "Principals by cloud region." },
};

/* ---- the page --------------------------------------------------------------------- */

static bool
add_policy(struct buf *out)
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 *h = sha256_new();

	if (!h)
		return false;
	sha256_add(h, style, sizeof(style) - 1);
	sha256_sum(h, sum);
	sha256_free(h);
	buf_adds(out,
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; base-uri 'none'; form-action 'none'; "
	    "style-src 'sha256-");
	base64_add(out, sum, sizeof(sum));
	buf_adds(out, "'\">\n");
	return true;
}

static void
add_head(const struct report *r, struct buf *out)
{
	buf_adds(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n");
	if (!add_policy(out))
		out->failed = true;
	buf_adds(out,
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<meta name=\"referrer\" "
	    "content=\"no-referrer\">\n<title>");
	markup_str(out, r->title);
	buf_adds(out, "</title>\n<style>");
	buf_adds(out, style);
	buf_adds(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
	markup_str(out, r->title);
	buf_adds(out, "</h1>\n");
}

static void
add_contents(struct buf *out)
{
	buf_adds(out, "<nav aria-label=\"Contents\"><ul>\n");
	for (size_t i = 0; i < section_count; i++)
		buf_addf(out, "<li><a href=\"#%s\">%s</a></li>\n",
		    sections[i].id, sections[i].title);
	buf_adds(out, "</ul></nav>\n</header>\n<main>\n");
}

static void
add_foot(const struct report *r, struct buf *out)
{
	buf_addf(out,
	    "</main>\n<footer><p class=\"dim\">Made by stsentry %s.  All "
	    "times are UTC.</p></footer>\n</body>\n</html>\n",
	    r->version);
}

/* ---- tables ------------------------------------------------------------------------- */

static const char *
class_of(enum sheet_kind kind)
{
	static const char *const classes[] = { [SHEET_TEXT] = "t",
		[SHEET_COUNT] = "n",
		[SHEET_TIME] = "d",
		[SHEET_SHORT] = "d",
		[SHEET_WORD] = "w" };

	return classes[kind];
}

static void
add_headings(const struct sheet *s, struct buf *out)
{
	buf_adds(out, "<thead><tr>");
	for (unsigned i = 0; i < s->n_columns; i++) {
		if (s->columns[i].aside)
			continue;
		buf_addf(out, "<th scope=\"col\"%s>",
		    s->columns[i].kind == SHEET_COUNT ? " class=\"n\"" : "");
		sheet_heading(&s->columns[i], out);
		buf_adds(out, "</th>");
	}
	buf_adds(out, "</tr></thead>\n<tbody>\n");
}

/* The first cell of a row is what it is about. */
static void
add_cell(const struct sheet_column *c, struct slice cell, bool first,
    struct buf *out)
{
	bool word = c->kind == SHEET_WORD;

	buf_addf(out,
	    first ? "<tr><th scope=\"row\" class=\"%s%s%.*s\">"
		  : "<td class=\"%s%s%.*s\">",
	    class_of(c->kind), word ? " " : "", word ? (int)cell.n : 0,
	    cell.p ? cell.p : "");
	if (c->kind == SHEET_TEXT)
		markup_name(out, cell);
	else
		markup_text(out, cell);
	buf_adds(out, first ? "</th>" : "</td>");
}

static void
add_rows(const struct sheet *s, struct report_out *out)
{
	size_t rows = sheet_rows(s);

	if (rows > HTML_ROWS_MAX)
		rows = HTML_ROWS_MAX;
	for (size_t i = 0; i < rows * s->n_columns; i++) {
		size_t c = i % s->n_columns;

		if (!s->columns[c].aside)
			add_cell(
			    &s->columns[c], s->cells[i], c == 0, &out->text);
		if (c == s->n_columns - 1)
			buf_adds(&out->text, "</tr>\n");
		report_piece(out);
	}
}

static void
add_table(const struct sheet *s, struct report_out *out)
{
	size_t rows = sheet_rows(s);

	if (!rows)
		return;
	buf_addf(&out->text,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s, table\"><table>\n",
	    s->title);
	add_headings(s, &out->text);
	add_rows(s, out);
	buf_adds(&out->text, "</tbody></table></div>\n");
	if (rows > HTML_ROWS_MAX)
		buf_addf(&out->text,
		    "<p class=\"dim\">%zu more rows: see the CSV or JSON of this "
		    "report.</p>\n",
		    rows - HTML_ROWS_MAX);
}

static void
add_about(struct slice about, struct buf *out)
{
	struct slice line;

	while (about.n) {
		line = slice_before(about, '\n');
		if (!line.p)
			line = about;
		buf_adds(out, "<p class=\"about\">");
		markup_text(out, line);
		buf_adds(out, "</p>\n");
		about = slice_after(about, '\n');
	}
}

static void
add_picture(const char *section, const struct gather *g, struct buf *out)
{
	size_t at;

	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++) {
		if (strcmp(pictures[i].section, section) != 0)
			continue;
		buf_addf(out,
		    "<figure><div class=\"scroll\" tabindex=\"0\" "
		    "role=\"region\" aria-label=\"%s\">",
		    pictures[i].caption);
		at = out->n;
		pictures[i].draw(g, out);
		buf_addf(out, "</div><figcaption>%s</figcaption></figure>\n",
		    out->n == at ? "Nothing to draw." : pictures[i].caption);
	}
}

/* ---- stories of findings --------------------------------------------------------------- */

static void
add_term(const char *term, struct slice text, struct buf *out)
{
	if (!text.p)
		return;
	buf_addf(out, "<dt>%s</dt><dd>", term);
	markup_name(out, text);
	buf_adds(out, "</dd>\n");
}

static void
add_facts(const struct finding *f, struct buf *out)
{
	const struct request *r = &f->request;
	char text[WHEN_TEXT];

	buf_adds(out, "<dl>\n");
	if (f->time.valid)
		add_term("When", when_format(f->time, text), out);
	add_term("Who", r->principal, out);
	add_term("For", r->target, out);
	add_term("Action", r->action, out);
	add_term("Account", r->account, out);
	add_term("Cloud region", r->cloud_region, out);
	add_term("Address", r->source.ip, out);
	add_term("Network", r->source.place.org, out);
	add_term("City", r->source.place.city, out);
	add_term("Client", r->user_agent, out);
	add_term("Error", r->error, out);
	add_term("Rule", f->rule, out);
	add_term("Finding", slice_str(f->id), out);
	buf_adds(out, "</dl>\n");
}

static void
add_reason(const struct reason *reason, struct buf *out)
{
	buf_addf(
	    out, "<li><strong>%s</strong>", reason_table[reason->code].code);
	if (reason->observed.p) {
		buf_adds(out, ": ");
		markup_text(out, reason->observed);
	}
	for (unsigned i = 0; i < reason->n_expected; i++) {
		buf_adds(out, i ? ", " : " (expected: ");
		markup_text(out, reason->expected[i]);
	}
	buf_addf(out, "%s</li>\n", reason->n_expected ? ")" : "");
}

static void
add_list(const char *title, const struct slice *v, unsigned n, struct buf *out)
{
	if (!n)
		return;
	buf_addf(out, "<h3>%s</h3>\n<ul>\n", title);
	for (unsigned i = 0; i < n && i < HTML_LIST_MAX; i++) {
		buf_adds(out, "<li>");
		markup_text(out, v[i]);
		buf_adds(out, "</li>\n");
	}
	buf_adds(out, "</ul>\n");
}

static void
add_story(const struct kept_finding *k, unsigned number, struct arena *a,
    struct buf *out)
{
	struct finding f;
	char id[24];

	arena_reset(a);
	if (finding_parse(buf_slice(&k->line), a, &f, NULL) < 0)
		return;
	buf_addf(out, "<details><summary><span class=\"%s\">%s</span> ",
	    severity_name(k->severity), severity_name(k->severity));
	markup_text(out, k->title);
	buf_adds(out, "</summary>\n");
	add_facts(&f, out);
	buf_adds(out, "<h3>Why</h3>\n<ul>\n");
	for (unsigned i = 0; i < f.n_reasons; i++)
		add_reason(&f.reasons[i], out);
	buf_adds(out, "</ul>\n");
	snprintf(id, sizeof(id), "lineage-%u", number);
	buf_adds(out,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Lineage\">");
	chart_lineage(buf_slice(&k->line), id, out);
	buf_adds(out, "</div>\n");
	add_list("What to do next", f.next_steps, f.n_next_steps, out);
	add_list("Records", f.event_ids, f.n_event_ids, out);
	buf_adds(out, "</details>\n");
}

static void
add_stories(const struct gather *g, struct report_out *out)
{
	const struct kept_finding **v = findings_sorted(&g->findings);
	unsigned told = 0;
	struct arena a;

	arena_init(&a, ARENA_FIRST);
	for (size_t i = 0; v && i < g->findings.n; i++) {
		if (!v[i]->line.n || told == HTML_STORIES_MAX)
			continue;
		add_story(v[i], ++told, &a, &out->text);
		report_piece(out);
	}
	if (!v && g->findings.n)
		report_failed(out);
	arena_release(&a);
	free(v);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void
add_section(const struct report *r, const struct section *c, struct sheet *s,
    struct report_out *out)
{
	section_build(c, r, s);
	buf_addf(
	    &out->text, "<section id=\"%s\">\n<h2>%s</h2>\n", c->id, c->title);
	add_about(buf_slice(&s->about), &out->text);
	add_picture(c->id, r->gathered, &out->text);
	add_table(s, out);
	if (strcmp(c->id, "findings") == 0)
		add_stories(r->gathered, out);
	buf_adds(&out->text, "</section>\n");
	report_piece(out);
}

static void
write_html(const struct report *r, struct report_out *out)
{
	struct sheet s;

	sheet_init(&s);
	add_head(r, &out->text);
	add_contents(&out->text);
	for (size_t i = 0; i < section_count; i++)
		add_section(r, &sections[i], &s, out);
	add_foot(r, &out->text);
	if (s.failed)
		report_failed(out);
	sheet_release(&s);
}

const struct report_format report_html = {
	.name = "html",
	.mime = "text/html; charset=utf-8",
	.help = "one page for people, with pictures (the default)",
	.write = write_html,
};
