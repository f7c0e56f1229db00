/*
 * html.c - a report for people: one page that needs nothing else.
 *
 * No script and no address to be fetched (document.h).  Tables have headers for
 * screen readers; the longest are cut, with a word how many rows CSV and JSON
 * have.  Pictures are chart.h's, stories of findings story.h's.
 */
#include "report/chart.h"
#include "report/document.h"
#include "report/format.h"
#include "report/markup.h"
#include "report/story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HTML_ROWS_MAX 100   /* of a table */
#define HTML_STORIES_MAX 50 /* findings that are told in full */
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

static void
add_head(const struct report *r, struct buf *out)
{
	document_begin(out, r->title, NULL, 0);
	buf_adds(out, "<header>\n<h1>");
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
	    "times are UTC.</p></footer>\n",
	    r->version);
	document_end(out);
}

/* ---- tables ------------------------------------------------------------------------- */

static const char *
class_of(enum sheet_kind kind)
{
	static const char *const classes[] = { [SHEET_TEXT] = "t",
		[SHEET_COUNT] = "n",
		[SHEET_TIME] = "d",
		[SHEET_SHORT] = "d",
		[SHEET_WORD] = "w",
		[SHEET_WORDS] = "t" };

	return classes[kind];
}

static bool
is_drawn(const struct sheet_column *c)
{
	return !c->aside && c->kind != SHEET_GROUP;
}

static void
add_headings(const struct sheet *s, struct buf *out)
{
	buf_adds(out, "<thead><tr>");
	for (unsigned i = 0; i < s->n_columns; i++) {
		if (!is_drawn(&s->columns[i]))
			continue;
		buf_addf(out, "<th scope=\"col\"%s>",
		    s->columns[i].kind == SHEET_COUNT ? " class=\"n\"" : "");
		sheet_heading(&s->columns[i], out);
		buf_adds(out, "</th>");
	}
	buf_adds(out, "</tr></thead>\n<tbody>\n");
}

/* Words of ours, whose classes give them their colours. */
static void
add_words(struct slice words, struct buf *out)
{
	struct slice word;

	for (; words.n; words = slice_after(words, ' ')) {
		word = slice_before(words, ' ');
		if (!word.p)
			word = words;
		buf_adds(out, "<span class=\"");
		markup_text(out, word);
		buf_adds(out, "\">");
		markup_text(out, word);
		buf_adds(out, word.n < words.n ? "</span> " : "</span>");
	}
}

/* "2026-03-01 08:00:00": the page says that all times are UTC. */
static void
add_time(struct slice time, struct buf *out)
{
	struct slice day = slice_before(time, 'T');

	if (!day.p || !slice_ends(time, "Z")) {
		markup_text(out, time);
		return;
	}
	markup_text(out, day);
	buf_addc(out, ' ');
	markup_text(out, slice_before(slice_after(time, 'T'), 'Z'));
}

static void
add_value(enum sheet_kind kind, struct slice cell, struct buf *out)
{
	switch (kind) {
	case SHEET_COUNT:
		markup_count(out, cell);
		break;
	case SHEET_TIME:
		add_time(cell, out);
		break;
	case SHEET_WORD:
	case SHEET_WORDS:
		add_words(cell, out);
		break;
	case SHEET_TEXT:
		markup_name(out, cell);
		break;
	default:
		markup_text(out, cell);
	}
}

/* The first cell of a row is what it is about. */
static void
add_cell(const struct sheet_column *c, struct slice cell, bool first,
    struct buf *out)
{
	buf_addf(out,
	    first ? "<tr><th scope=\"row\" class=\"%s%s\">"
		  : "<td class=\"%s%s\">",
	    class_of(c->kind),
	    c->kind == SHEET_COUNT && slice_is(cell, "0") ? " z" : "");
	add_value(c->kind, cell, out);
	buf_adds(out, first ? "</th>" : "</td>");
}

static bool
same_group(const struct sheet *s, const struct slice *a, const struct slice *b)
{
	for (unsigned i = 0; s->columns[i].kind == SHEET_GROUP; i++)
		if (!slice_eq(a[i], b[i]))
			return false;
	return true;
}

/* The heading over the rows that are of one group with this. */
static void
add_group(const struct sheet *s, size_t row, struct buf *out)
{
	const struct slice *cells = s->cells + row * s->n_columns;
	unsigned drawn = 0;

	if (s->columns[0].kind != SHEET_GROUP ||
	    (row && same_group(s, cells - s->n_columns, cells)))
		return;
	for (unsigned i = 0; i < s->n_columns; i++)
		drawn += is_drawn(&s->columns[i]);
	buf_addf(out, "<tr><th scope=\"rowgroup\" class=\"g\" colspan=\"%u\">",
	    drawn);
	for (unsigned i = 0; s->columns[i].kind == SHEET_GROUP; i++) {
		if (i)
			buf_addc(out, ' ');
		markup_text(out, cells[i]);
	}
	buf_adds(out, "</th></tr>\n");
}

static void
add_row(const struct sheet *s, size_t row, struct buf *out)
{
	const struct slice *cells = s->cells + row * s->n_columns;
	bool first = true;

	for (unsigned i = 0; i < s->n_columns; i++) {
		if (!is_drawn(&s->columns[i]))
			continue;
		add_cell(&s->columns[i], cells[i], first, out);
		first = false;
	}
	buf_adds(out, "</tr>\n");
}

static void
add_rows(const struct sheet *s, struct report_out *out)
{
	size_t rows = sheet_rows(s);

	if (rows > HTML_ROWS_MAX)
		rows = HTML_ROWS_MAX;
	for (size_t i = 0; i < rows; i++) {
		add_group(s, i, &out->text);
		add_row(s, i, &out->text);
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
		    "<p class=\"about\">%zu more rows: see the CSV or JSON of "
		    "this report.</p>\n",
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

/* ---- in short ----------------------------------------------------------------- */

static void
add_tile(uint64_t n, const char *what, const char *class, struct buf *out)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, n);
	buf_addf(out, "<li class=\"%s\"><strong>", n ? class : "");
	markup_count(out, slice_str(digits));
	buf_addf(out, "</strong> %s</li>\n", what);
}

static void
add_tiles(const struct gather *g, struct buf *out)
{
	const struct table_row *all = &g->all;

	buf_adds(out, "<ul class=\"tiles\">\n");
	add_tile(all->n, "requests", "", out);
	add_tile(all->verdict[VERDICT_EXPECTED], "expected", "", out);
	add_tile(all->verdict[VERDICT_UNEXPECTED], "not expected", "bad", out);
	add_tile(g->findings.n, "findings", "bad", out);
	add_tile(table_names(&g->principals), "principals", "", out);
	add_tile(table_names(&g->accounts), "accounts and projects", "", out);
	add_tile(table_names(&g->countries), "countries", "", out);
	buf_adds(out, "</ul>\n");
}

/* ---- findings ----------------------------------------------------------------- */

/* The story of each that kept its line; returns how many. */
static unsigned
add_stories(const struct gather *g, struct report_out *out)
{
	const struct kept_finding **v = findings_sorted(&g->findings);
	unsigned told = 0;
	struct arena a;
	char id[24];

	arena_init(&a, ARENA_FIRST);
	for (size_t i = 0; v && i < g->findings.n; i++) {
		if (!v[i]->line.n || told == HTML_STORIES_MAX)
			continue;
		snprintf(id, sizeof(id), "lineage-%u", told);
		told += story_write(buf_slice(&v[i]->line), id, &a, &out->text);
		report_piece(out);
	}
	if (!v && g->findings.n)
		report_failed(out);
	arena_release(&a);
	free(v);
	return told;
}

/* Stories, and the table only where it has more than they tell. */
static void
add_findings(
    const struct gather *g, const struct sheet *s, struct report_out *out)
{
	if (add_stories(g, out) < g->findings.n)
		add_table(s, out);
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
	if (strcmp(c->id, "summary") == 0)
		add_tiles(r->gathered, &out->text);
	add_picture(c->id, r->gathered, &out->text);
	if (strcmp(c->id, "findings") == 0)
		add_findings(r->gathered, s, out);
	else
		add_table(s, out);
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
