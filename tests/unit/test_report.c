/*
 * test_report.c - what was gathered becomes bytes: sheets, formats, pictures,
 * controls.
 */
#include "outputs/format/format.h"
#include "report/chart.h"
#include "report/format.h"
#include "report/story.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static const struct when never = { 0, 0, false };
static const struct period always = { { 0, 0, false }, { 0, 0, false } };

#define EVIL "</title><script>alert(1)</script>\\u202e\\\"' &amp;"

/* Decisions of a few days, one of them by somebody with an evil name. */
static struct gather *
gathered(void)
{
	struct gather *g = gather_new(always);
	static const char *const names[] = { "alice", EVIL, "=1+1", "@bob" };
	struct buf finding = BUF_INIT;
	struct sample s;
	char line[1024];

	for (unsigned i = 0; i < 8; i++) {
		snprintf(line, sizeof(line),
		    "{\"event_id\":\"e%u\",\"provider\":\"aws\","
		    "\"time\":\"2026-03-0%uT08:00:00Z\","
		    "\"action\":\"sts:AssumeRole\",\"kind\":\"role\","
		    "\"principal\":\"%s\",\"principal_type\":\"user\","
		    "\"account\":\"1\",\"target\":\"t\","
		    "\"cloud_region\":\"eu-west-1\",\"outcome\":\"success\","
		    "\"source\":{\"kind\":\"ip\",\"country\":\"DE\"},"
		    "\"verdict\":\"%s\",\"finding\":false,\"reasons\":[]}",
		    i, i % 4 + 1, names[i % 4],
		    i % 4 == 1 ? "unexpected" : "expected");
		CHECK_INT(gather_line(g, slice_str(line), never), 0);
	}
	sample_aws(&s);
	snprintf(s.f.id, sizeof(s.f.id), "\"><b onload=x>");
	s.f.title = SLICE_LIT("<b onmouseover=x>&\"'\xe2\x80\xae");
	format_find(SLICE_LIT("json"))
	    ->finding(&s.f, &(struct format_options){ 0 }, &finding);
	finding.n--; /* its LF */
	CHECK_INT(gather_line(g, buf_slice(&finding), never), 0);
	buf_release(&finding);
	gather_finish(g);
	return g;
}

static int
collect(void *arg, struct slice piece, struct err *e)
{
	struct buf *all = arg;

	(void)e;
	buf_add_slice(all, piece);
	return 0;
}

static void
write_as(const char *format, const struct report *r, struct buf *all)
{
	struct report_out out = { .emit = collect, .arg = all };
	struct err e = { .text = "" };

	buf_reset(all);
	CHECK_INT(
	    report_write(report_format_find(slice_str(format)), r, &out, &e),
	    0);
	buf_addc(all, 0);
	CHECK(!all->failed);
}

/* `all` ends with a NUL. */
static bool
has(const struct buf *all, const char *words)
{
	return strstr(all->p, words) != NULL;
}

static struct report
report_of(const struct gather *g)
{
	struct report r = { .gathered = g, .title = "<T>", .version = "1" };

	return r;
}

static void
nobody_elses_string_becomes_markup(void)
{
	struct gather *g = gathered();
	struct report r = report_of(g);
	struct buf all = BUF_INIT;

	write_as("html", &r, &all);
	CHECK(!has(&all, "<script"));
	CHECK(!has(&all, "<b "));
	CHECK(!has(&all, "\xe2\x80\xae"));
	CHECK(has(&all, "&lt;script&gt;alert(1)&lt;/<wbr>script&gt;\\u202e"));
	CHECK(has(&all, "<title>&lt;T&gt;</title>"));
	CHECK(has(&all, "default-src 'none'"));
	buf_release(&all);
	gather_free(g);
}

static void
no_cell_is_a_formula(void)
{
	struct gather *g = gathered();
	struct report r = report_of(g);
	struct buf all = BUF_INIT;

	r.only = section_find(SLICE_LIT("principals"));
	write_as("csv", &r, &all);
	CHECK(has(&all, "\n'=1+1,"));
	CHECK(has(&all, "\n'@bob,"));
	buf_release(&all);
	gather_free(g);
}

static void
the_same_input_gives_the_same_bytes(void)
{
	static const char *const formats[] = { "html", "csv", "json",
		"navigator" };
	struct gather *g = gathered(), *again = gathered();
	struct report a = report_of(g), b = report_of(again);
	struct buf first = BUF_INIT, second = BUF_INIT;

	for (size_t i = 0; i < 4; i++) {
		write_as(formats[i], &a, &first);
		write_as(formats[i], &b, &second);
		CHECK(slice_eq(buf_slice(&first), buf_slice(&second)));
	}
	buf_release(&first);
	buf_release(&second);
	gather_free(g);
	gather_free(again);
}

static void
pictures_say_what_they_show(void)
{
	static chart_fn *const charts[] = { chart_timeline, chart_map,
		chart_matrix, chart_hours };
	struct gather *g = gathered(), *empty = gather_new(always);
	struct buf out = BUF_INIT;
	struct arena a;

	for (size_t i = 0; i < sizeof(charts) / sizeof(charts[0]); i++) {
		buf_reset(&out);
		charts[i](empty, &out);
		CHECK_INT(out.n, 0);
		charts[i](g, &out);
		buf_addc(&out, 0);
		CHECK(has(&out, "role=\"img\""));
		CHECK(has(&out, "<desc id="));
		CHECK(has(&out, "</svg>"));
	}
	arena_init(&a, 1024);
	CHECK(!story_write(SLICE_LIT("no finding"), "x", &a, &out));
	arena_release(&a);
	buf_release(&out);
	gather_free(empty);
	gather_free(g);
}

static void
every_section_has_a_name_of_its_own(void)
{
	for (size_t i = 0; i < section_count; i++)
		CHECK(section_find(slice_str(sections[i].id)) == &sections[i]);
	CHECK(section_find(SLICE_LIT("none")) == NULL);
}

/* A number that lost its trailing zero would be there twice. */
static void
ids_of_controls_are_unique(void)
{
	const struct framework *f;
	size_t n = 0;

	for (; (f = framework_at(n)); n++) {
		CHECK(framework_find(slice_str(f->name)) == f);
		CHECK(f->title && f->version && f->scope && f->n > 0);
		for (unsigned a = 0; a < f->n; a++)
			for (unsigned b = 0; b < a; b++)
				CHECK(strcmp(f->controls[a].id,
					  f->controls[b].id) != 0);
	}
	CHECK_INT(n, 8);
}

static void
evidently_missing_logs_are_told(void)
{
	static const char line[] =
	    "{\"event_id\":\"e\",\"account\":\"projects/%s\","
	    "\"action\":\"%s:X\",\"verdict\":\"expected\"}";
	static const char *const seen[][2] = { { "a", "gcp-sts" },
		{ "b", "gcp-sts" }, { "b", "iamcredentials" },
		{ "c", "iamcredentials" } };
	struct gather *g = gather_new(always);
	struct report r = report_of(g);
	struct buf all = BUF_INIT;
	char text[256];

	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		snprintf(text, sizeof(text), line, seen[i][0], seen[i][1]);
		CHECK_INT(gather_line(g, slice_str(text), never), 0);
	}
	gather_finish(g);
	r.only = section_find(SLICE_LIT("coverage"));
	write_as("json", &r, &all);
	CHECK(has(&all, "projects/a exchanges tokens"));
	CHECK(!has(&all, "projects/b exchanges tokens"));
	CHECK(!has(&all, "projects/c exchanges tokens"));
	buf_release(&all);
	gather_free(g);
}

static void
controls_tell_what_supports_them_and_what_does_not(void)
{
	struct gather *g = gathered();
	struct report r = report_of(g);
	struct buf all = BUF_INIT;

	r.only = section_find(SLICE_LIT("controls"));
	r.frameworks[r.n_frameworks++] = framework_find(
	    SLICE_LIT("cis-aws@5.0"));
	write_as("csv", &r, &all);
	CHECK(has(&all, ",5.0,4.10,"));
	CHECK(has(&all,
	    ",5.0,3.3,\"AWS Config is on in every region\","
	    "uncovered,\n"));
	CHECK(has(&all, ",unseen,\"0 denied requests (denied)\""));
	CHECK(has(&all, ",supported,"));
	buf_release(&all);
	gather_free(g);
}

static void
a_sheet_keeps_no_more_rows_than_its_bound(void)
{
	static const struct sheet_column columns[] = {
		{ "a", SHEET_TEXT, false }, { "b", SHEET_COUNT, false }
	};
	struct sheet s;

	sheet_init(&s);
	sheet_begin(&s, "x", "X");
	sheet_columns(&s, columns, 2);
	for (uint64_t i = 0; i < SHEET_ROWS_MAX + 3; i++) {
		sheet_null(&s);
		sheet_count(&s, i);
	}
	CHECK_INT(sheet_rows(&s), SHEET_ROWS_MAX);
	CHECK_INT(s.left_out, 3);
	sheet_begin(&s, "x", "X");
	CHECK_INT(s.left_out, 0);
	CHECK(!s.failed);
	sheet_release(&s);
}

UNIT_MAIN("report",
    { "nobody else's string becomes markup",
	nobody_elses_string_becomes_markup },
    { "no cell is a formula", no_cell_is_a_formula },
    { "the same input gives the same bytes",
	the_same_input_gives_the_same_bytes },
    { "pictures say what they show", pictures_say_what_they_show },
    { "every section has a name of its own",
	every_section_has_a_name_of_its_own },
    { "ids of controls are unique", ids_of_controls_are_unique },
    { "evidently missing logs are told", evidently_missing_logs_are_told },
    { "controls tell what supports them and what does not",
	controls_tell_what_supports_them_and_what_does_not },
    { "a sheet keeps no more rows than its bound",
	a_sheet_keeps_no_more_rows_than_its_bound })
