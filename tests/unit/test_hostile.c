/*
 * test_hostile.c - no string of another's breaks a line, a cell or a screen.
 *
 * Every nasty string goes through every string of a finding in every format,
 * one string at a time and all at once, and is read back by readers that
 * forgive nothing.
 */
#include "outputs/format/escape.h"
#include "outputs/format/format.h"
#include "tests/unit/sample.h"
#include "tests/unit/strict.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static const struct slice nasties[] = {
	SLICE_LIT("\r\nHIGH  a forged line"),
	SLICE_LIT("\n"),
	SLICE_LIT("a\0b"),
	SLICE_LIT("\x1b[31mred\x1b]0;title\a"),
	SLICE_LIT("\xc2\x9b"
		  "31m"), /* C1: CSI */
	SLICE_LIT("\xe2\x80\xae"
		  "gnp.exe"), /* right-to-left override */
	SLICE_LIT("\xe2\x81\xa6isolated"),
	SLICE_LIT("a\xe2\x80\xa8"
		  "b\xe2\x80\xa9"
		  "c"), /* U+2028, U+2029 */
	SLICE_LIT("\xff\xfe\x80"),
	SLICE_LIT("cut \xe2\x82"),
	SLICE_LIT("\xc0\xaf overlong, \xed\xa0\x80 surrogate"),
	SLICE_LIT("\"quoted\" and \\backslash\\"),
	SLICE_LIT("\\"),
	SLICE_LIT("\\\\n\\r\\u000a"),
	SLICE_LIT("a|b||c|"),
	SLICE_LIT("a=b suser=root cs1=x"),
	SLICE_LIT("^src=1.2.3.4^"),
	SLICE_LIT("x,\"y\",z"),
	SLICE_LIT("x;=cmd()"),
	SLICE_LIT("\ttab\t"),
	SLICE_LIT("=cmd|'/c calc'!A0"),
	SLICE_LIT("+1"),
	SLICE_LIT("-1"),
	SLICE_LIT("@SUM(A1)"),
	SLICE_LIT("\t=1+1"),
	SLICE_LIT("\r=1+1"),
	SLICE_LIT("\xef\xbc\x9d"
		  "cmd()"), /* full-width = */
	SLICE_LIT("<!channel> <script>alert(1)</script> [x](http://y)"),
	SLICE_LIT("%n%s%n"),
	SLICE_LIT("\x7f"),
	SLICE_LIT(" "),
	SLICE_LIT("\xf0\x9f\x98\x80 \xe4\xb8\xad\xe6\x96\x87"),
};

#define NASTIES (sizeof(nasties) / sizeof(nasties[0]))
#define HUGE (300 * 1024)

/* The formats that write one line a finding, with how many fields they have
 * in it; -1 where the line is broken. */
static int
json_fields(struct slice line)
{
	return strict_json(line) ? 1 : -1;
}

static int
csv_fields(struct slice line)
{
	return strict_csv(line, -1, NULL);
}

static const struct {
	const char *name;
	int (*fields)(struct slice line);
} lines[] = {
	{ "json", json_fields },
	{ "ocsf", json_fields },
	{ "ecs", json_fields },
	{ "cef", strict_cef },
	{ "leef", strict_leef },
	{ "csv", csv_fields },
	{ "rfc5424", strict_5424 },
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

static const struct format_options options = { .raw = true, .width = 60 };

static struct slice
write_in(const char *name, const struct finding *f, struct buf *out)
{
	buf_reset(out);
	format_find(slice_str(name))->finding(f, &options, out);
	return buf_slice(out);
}

static bool
lines_are_whole(const struct sample *s, const int *want, struct buf *out)
{
	struct slice line;
	int got;

	for (size_t i = 0; i < LINES; i++) {
		line = write_in(lines[i].name, &s->f, out);
		got = strict_line(line) ? lines[i].fields(line) : -2;
		if (out->failed || got < 0 || (want && got != want[i])) {
			printf("\n    %s: %d fields in %.*s", lines[i].name,
			    got, (int)(line.n < 2000 ? line.n : 2000), line.p);
			return false;
		}
	}
	line = write_in("text", &s->f, out);
	return !out->failed && strict_text(line) &&
	    !memchr(line.p, 0x1b, line.n);
}

static void
count_fields(int want[LINES], struct buf *out)
{
	struct sample s;

	sample_aws(&s);
	s.f.request.error = s.f.request.caller_session = SLICE_LIT("x");
	s.f.request.source.name = SLICE_LIT("x");
	for (size_t i = 0; i < LINES; i++)
		want[i] = lines[i].fields(write_in(lines[i].name, &s.f, out));
}

/* All members are there, so that the number of fields stays the same. */
static void
sample_full(struct sample *s)
{
	sample_aws(s);
	s->f.request.error = s->f.request.caller_session = SLICE_LIT("x");
	s->f.request.source.name = SLICE_LIT("x");
}

static void
no_string_breaks_any_format(void)
{
	struct buf out = BUF_INIT;
	int want[LINES];
	struct sample s;

	count_fields(want, &out);
	sample_full(&s);
	for (size_t i = 0; i < s.n_strings; i++) {
		struct slice kept = *s.strings[i];

		for (size_t k = 0; k < NASTIES; k++) {
			*s.strings[i] = nasties[k];
			CHECK(lines_are_whole(&s, want, &out));
		}
		*s.strings[i] = kept;
	}
	buf_release(&out);
}

static void
all_strings_at_once_break_no_format(void)
{
	void (*const samples[])(
	    struct sample *) = { sample_full, sample_gcp, sample_bare };
	struct buf out = BUF_INIT;
	struct sample s;

	for (size_t k = 0; k < NASTIES; k++) {
		for (size_t n = 0; n < 3; n++) {
			samples[n](&s);
			for (size_t i = 0; i < s.n_strings; i++)
				*s.strings[i] = nasties[k];
			s.f.request.raw = nasties[k];
			CHECK(lines_are_whole(&s, NULL, &out));
		}
	}
	buf_release(&out);
}

static void
huge_strings_break_no_format(void)
{
	struct buf out = BUF_INIT, huge = BUF_INIT;
	struct sample s;

	while (huge.n < HUGE)
		buf_adds(&huge, "\xc3\xa4\"\\|=^,\n\x1b");
	sample_full(&s);
	s.f.request.user_agent = buf_slice(&huge);
	s.f.request.raw = buf_slice(&huge);
	s.f.title = buf_slice(&huge);
	CHECK(lines_are_whole(&s, NULL, &out));
	buf_release(&out);
	buf_release(&huge);
}

static void
a_decision_line_is_one_line_whatever_is_in_it(void)
{
	struct buf out = BUF_INIT;
	struct sample s;

	for (size_t k = 0; k < NASTIES; k++) {
		sample_full(&s);
		for (size_t i = 0; i < s.n_strings; i++)
			*s.strings[i] = nasties[k];
		memcpy(s.f.verdict.reasons, s.f.reasons, sizeof(s.f.reasons));
		buf_reset(&out);
		decision_write(&s.f.request, &s.f.verdict, "f-1", &out);
		CHECK(strict_line(buf_slice(&out)));
		CHECK(strict_json(buf_slice(&out)));
	}
	buf_release(&out);
}

static void
cef_values_read_back_as_what_was_made_visible(void)
{
	struct buf line = BUF_INIT, got = BUF_INIT, want = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	for (size_t k = 0; k < NASTIES; k++) {
		struct slice n = nasties[k];

		if (memchr(n.p, '\r', n.n) || memchr(n.p, '\n', n.n))
			continue; /* these come back as themselves */
		s.f.request.cloud_region = n;
		buf_reset(&got);
		buf_reset(&want);
		CHECK(strict_cef_value(
		    write_in("cef", &s.f, &line), "cs2", &got));
		escape_add(&want, n, &escape_text);
		CHECK(slice_eq(buf_slice(&got), buf_slice(&want)));
	}
	buf_release(&line);
	buf_release(&got);
	buf_release(&want);
}

static void
no_cell_is_a_formula(void)
{
	static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r",
		"\xef\xbc\x9d" };
	struct buf out = BUF_INIT, cell = BUF_INIT;

	for (size_t k = 0; k < NASTIES; k++) {
		buf_reset(&out);
		buf_reset(&cell);
		escape_csv(&out, nasties[k]);
		CHECK_INT(strict_csv(buf_slice(&out), 0, &cell), 1);
		for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
			CHECK(!slice_starts(buf_slice(&cell), starts[i]));
	}
	buf_release(&out);
	buf_release(&cell);
}

static void
each_rule_escapes_what_its_format_cannot_hold(void)
{
	static const struct {
		const struct escape_rule *rule;
		const char *in, *want;
	} cases[] = {
		{ &escape_text, "a\\b|c=d^e\"f", "a\\b|c=d^e\"f" },
		{ &escape_text, "a\r\n\x1b", "a\\u000d\\u000a\\u001b" },
		{ &escape_text, "\xe2\x80\xae", "\\u202e" },
		{ &escape_text, "x\xffy", "x\xef\xbf\xbdy" },
		{ &escape_text, "\xc3\xa4", "\xc3\xa4" },
		{ &escape_cef_header, "a|b\\c=d", "a\\|b\\\\c=d" },
		{ &escape_cef_header, "a\nb", "a\\\\u000ab" },
		{ &escape_cef_value, "a|b\\c=d", "a|b\\\\c\\=d" },
		{ &escape_cef_value, "a\r\nb", "a\\r\\nb" },
		{ &escape_cef_value, "\t", "\\\\u0009" },
		{ &escape_leef, "a^b|c=d", "a\\u005eb\\u007cc=d" },
	};
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		escape_add(&out, slice_str(cases[i].in), cases[i].rule);
		CHECK_TEXT(buf_slice(&out), cases[i].want);
	}
	buf_release(&out);
}

static void
strings_are_cut_at_code_points_and_it_shows(void)
{
	struct buf out = BUF_INIT;

	escape_cut(&out, SLICE_LIT("ab\xc3\xa4z"), 3, &escape_text);
	CHECK_TEXT(buf_slice(&out), "ab...");
	buf_reset(&out);
	escape_cut(&out, SLICE_LIT("abc"), 3, &escape_text);
	CHECK_TEXT(buf_slice(&out), "abc");
	buf_release(&out);
}

static void
cells_are_quoted_where_they_must_be(void)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "a,b", "\"a,b\"" },
		{ "a\"b", "\"a\"\"b\"" },
		{ "two words", "\"two words\"" },
		{ "x;y", "\"x;y\"" },
		{ "=1", "'=1" },
		{ "=1,2", "\"'=1,2\"" },
		{ "\t", "'\\u0009" },
		{ "a\nb", "a\\u000ab" },
	};
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		escape_csv(&out, slice_str(cases[i].in));
		CHECK_TEXT(
		    out.p ? buf_slice(&out) : SLICE_LIT(""), cases[i].want);
	}
	buf_release(&out);
}

UNIT_MAIN("hostile",
    { "no string breaks any format", no_string_breaks_any_format },
    { "all strings at once break no format",
	all_strings_at_once_break_no_format },
    { "huge strings break no format", huge_strings_break_no_format },
    { "a decision line is one line whatever is in it",
	a_decision_line_is_one_line_whatever_is_in_it },
    { "CEF values read back as what was made visible",
	cef_values_read_back_as_what_was_made_visible },
    { "no cell is a formula", no_cell_is_a_formula },
    { "each rule escapes what its format cannot hold",
	each_rule_escapes_what_its_format_cannot_hold },
    { "strings are cut at code points and it shows",
	strings_are_cut_at_code_points_and_it_shows },
    { "cells are quoted where they must be",
	cells_are_quoted_where_they_must_be })
