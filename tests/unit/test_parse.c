/*
 * test_parse.c - native JSON findings are read back, and converted.
 */
#include "cli/cli.h"
#include "lib/json.h"
#include "outputs/format/format.h"
#include "outputs/format/parse.h"
#include "outputs/format/raw.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct format_options raw = { .raw = true };

static void
write_json(const struct finding *f, struct buf *out)
{
	buf_reset(out);
	format_find(SLICE_LIT("json"))->finding(f, &raw, out);
}

/* Written, read and written again gives the same bytes. */
static void
comes_back(const struct finding *f)
{
	struct buf first = BUF_INIT, again = BUF_INIT;
	struct finding back;
	struct arena a;
	struct err e;

	arena_init(&a, 1024);
	write_json(f, &first);
	CHECK_INT(finding_parse(buf_slice(&first), &a, &back, &e), 0);
	write_json(&back, &again);
	CHECK(slice_eq(buf_slice(&first), buf_slice(&again)));
	buf_release(&first);
	buf_release(&again);
	arena_release(&a);
}

static void
a_finding_comes_back_as_it_was(void)
{
	struct sample s;

	sample_aws(&s);
	comes_back(&s.f);
	s.f.request.raw = SLICE_LIT("no JSON");
	comes_back(&s.f);
	sample_gcp(&s);
	comes_back(&s.f);
	sample_bare(&s);
	comes_back(&s.f);
}

/* Written, read and written again gives the same bytes. */
static void
a_decision_comes_back_as_it_was(void)
{
	struct sample s;
	struct buf first = BUF_INIT, again = BUF_INIT;
	struct request r;
	struct verdict v;
	struct slice group;
	struct arena a;
	struct json_reader reader;
	struct err e;

	arena_init(&a, 1024);
	json_reader_init(&reader);
	sample_aws(&s);
	decision_write(&s.f.request, &s.f.verdict, s.f.id, &first);
	REQUIRE(decision_parse(json_parse(&reader, buf_slice(&first), &e), &a,
		    &r, &v, &group, &e) == 0);
	CHECK_TEXT(group, s.f.id);
	CHECK(
	    v.severity == verdict_severity(v.reasons, v.n_reasons, r.outcome));
	if (r.expires.valid)
		CHECK_INT(r.duration, r.expires.sec - r.time.sec);
	decision_write(&r, &v, group.p, &again);
	CHECK(slice_eq(buf_slice(&first), buf_slice(&again)));
	CHECK_INT(decision_parse(json_parse(&reader, SLICE_LIT("{}"), &e), &a,
		      &r, &v, &group, &e),
	    ST_EFORMAT);
	json_reader_release(&reader);
	buf_release(&first);
	buf_release(&again);
	arena_release(&a);
}

static void
strings_that_need_escapes_come_back(void)
{
	struct sample s;

	sample_aws(&s);
	for (size_t i = 0; i < s.n_strings; i++)
		if (s.strings[i] != &s.f.request.source.ip)
			*s.strings[i] = SLICE_LIT(
			    "\"\\\n\0\x1b\xe2\x80\xae,}]");
	s.f.request.raw = SLICE_LIT("{\"a\\\"}\":\"}\",\"raw\":[{}]}");
	comes_back(&s.f);
}

static void
what_is_no_finding_is_refused_with_its_member(void)
{
	static const struct {
		const char *from, *to, *says;
	} cases[] = {
		{ "\"id\":\"f-", "\"ix\":\"f-", "\"id\" is missing or wrong" },
		{ "\"id\":\"f-", "\"id\":\"0123456789-too-long-",
		    "\"id\" is missing or wrong" },
		{ "\"severity\":\"high\"", "\"severity\":\"dire\"",
		    "\"severity\" is missing or wrong" },
		{ "\"request\":{", "\"request\":[],\"x\":{",
		    "\"request\" is missing or wrong" },
		{ "\"kind\":\"role\"", "\"kind\":\"rôle\"",
		    "\"kind\" is missing or wrong" },
		{ "\"code\":\"new_asn\"", "\"code\":\"new_moon\"",
		    "\"code\" is missing or wrong" },
		{ "\"203.0.113.77\"", "\"here\"",
		    "\"ip\" is missing or wrong" },
		{ "\"event-two\"",
		    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20",
		    "\"event_ids\" has too many elements" },
		{ "\"DE\",\"US\"", "1,2,3,4,5,6,7,8,9",
		    "\"expected\" has too many elements" },
	};
	struct buf text = BUF_INIT, wrong = BUF_INIT;
	struct finding f;
	struct sample s;
	struct arena a;
	struct err e;

	arena_init(&a, 1024);
	sample_aws(&s);
	write_json(&s.f, &text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *at = slice_find(buf_slice(&text), cases[i].from);
		size_t before = at ? (size_t)(at - text.p) : 0;
		size_t skip = before + strlen(cases[i].from);

		REQUIRE(at != NULL);
		buf_reset(&wrong);
		buf_add(&wrong, text.p, before);
		buf_adds(&wrong, cases[i].to);
		buf_add(&wrong, text.p + skip, text.n - skip);
		CHECK(finding_parse(buf_slice(&wrong), &a, &f, &e) < 0);
		CHECK_TEXT(slice_str(e.text), cases[i].says);
	}
	CHECK_INT(finding_parse(SLICE_LIT("[]"), &a, &f, &e), ST_EFORMAT);
	CHECK_INT(finding_parse(SLICE_LIT("{"), &a, &f, &e), ST_EFORMAT);
	CHECK_INT(finding_parse(SLICE_LIT(""), &a, &f, &e), ST_EFORMAT);
	buf_release(&text);
	buf_release(&wrong);
	arena_release(&a);
}

static void
a_member_is_found_only_at_the_outermost_level(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{\"raw\":1}", "1" },
		{ "{\"a\":{\"raw\":1}}", NULL },
		{ "{\"a\":\"\\\"raw\\\":1\",\"raw\": [1, {\"b\":\"]\"}] }",
		    "[1, {\"b\":\"]\"}]" },
		{ "{\"raw\":1,\"b\":2,\"raw\":{\"c\":3}}", "{\"c\":3}" },
		{ "{\"b\" : \"raw\" , \"raw\" : null }", "null" },
		{ "{}", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(
		    raw_member(slice_str(cases[i].text), "raw"), cases[i].want);
}

/* ---- stsentry convert ---- */

static const char *
file_of(const char *name, struct slice text)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(), name);
	f = fopen(path, "wb");
	if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
		abort();
	return path;
}

static bool
says(struct slice text, const char *part)
{
	if (slice_find(text, part))
		return true;
	printf("\n    \"%s\" is not in: %.*s", part, SLICE_ARG(text));
	return false;
}

/* Runs the command with stdout and stderr in files; gives its status. */
static int
run(int argc, const char **argv, struct buf *out)
{
	char path[256], chunk[4096];
	int saved[2], status;
	size_t n;
	FILE *f;

	fflush(stdout);
	fflush(stderr);
	saved[0] = dup(1);
	saved[1] = dup(2);
	snprintf(path, sizeof(path), "%s/stdout", unit_tmpdir());
	f = fopen(path, "w+b");
	if (!f || dup2(fileno(f), 1) < 0 || dup2(fileno(f), 2) < 0)
		abort();
	status = cmd_convert(argc, (char **)(uintptr_t)argv);
	fflush(stdout);
	dup2(saved[0], 1);
	dup2(saved[1], 2);
	close(saved[0]);
	close(saved[1]);
	rewind(f);
	buf_reset(out);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(out, chunk, n);
	fclose(f);
	return status;
}

static void
convert_writes_a_file_of_findings_in_another_format(void)
{
	struct buf text = BUF_INIT, out = BUF_INIT, want = BUF_INIT;
	const struct format *csv = format_find(SLICE_LIT("csv"));
	const char *argv[] = { "convert", "--format", "csv", NULL, NULL };
	struct sample s;

	csv->head(&raw, &want);
	sample_aws(&s);
	format_find(SLICE_LIT("json"))->finding(&s.f, &raw, &text);
	csv->finding(&s.f, &raw, &want);
	sample_gcp(&s);
	format_find(SLICE_LIT("json"))->finding(&s.f, &raw, &text);
	csv->finding(&s.f, &raw, &want);
	argv[3] = file_of("two.json", buf_slice(&text));
	CHECK_INT(run(4, argv, &out), 0);
	CHECK(slice_eq(buf_slice(&out), buf_slice(&want)));
	buf_release(&text);
	buf_release(&out);
	buf_release(&want);
}

static void
convert_reads_a_finding_spread_over_many_lines(void)
{
	const char *argv[] = { "convert", "-f", "json", "--raw", NULL, NULL };
	struct buf text = BUF_INIT, spread = BUF_INIT, out = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	write_json(&s.f, &text);
	buf_addc(&spread, '{');
	buf_adds(&spread, "\n  ");
	buf_add(&spread, text.p + 1, text.n - 1);
	argv[4] = file_of("spread.json", buf_slice(&spread));
	CHECK_INT(run(5, argv, &out), 0);
	CHECK(slice_eq(buf_slice(&out), buf_slice(&text)));
	buf_release(&text);
	buf_release(&spread);
	buf_release(&out);
}

static void
convert_names_the_file_and_line_that_it_cannot_read(void)
{
	const char *argv[] = { "convert", "-f", "json", NULL, NULL, NULL };
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct sample s;

	sample_gcp(&s);
	write_json(&s.f, &text);
	buf_adds(&text, "\n{\"id\":1}\n");
	argv[3] = file_of("bad.json", buf_slice(&text));
	CHECK_INT(run(4, argv, &out), 3);
	CHECK(
	    says(buf_slice(&out), "bad.json:3: \"id\" is missing or wrong\n"));
	CHECK(says(buf_slice(&out), "\"id\":\"f-ffeedd"));
	argv[4] = "--lenient";
	CHECK_INT(run(5, argv, &out), 0);
	argv[3] = "/nonexistent/x.json";
	CHECK_INT(run(4, argv, &out), 3);
	CHECK(says(buf_slice(&out), "/nonexistent/x.json: No such file"));
	argv[3] = file_of("empty.json", SLICE_LIT(" \n"));
	CHECK_INT(run(4, argv, &out), 3);
	CHECK(says(buf_slice(&out), "empty.json: is empty\n"));
	buf_release(&text);
	buf_release(&out);
}

static void
convert_tells_wrong_options_and_the_nearest_word(void)
{
	static const struct {
		const char *option, *value;
		int status;
		const char *says;
	} cases[] = {
		{ "--format", "oscf", 2, "did you mean \"ocsf\"?" },
		{ "--format", "zzzzzzz", 2, "there is no format \"zzzzzzz\"" },
		{ "--width", "wide", 2, "--width takes a number" },
		{ "--wat", "x", 2, "convert --help" },
		{ "--help", NULL, 0, "usage: stsentry convert" },
	};
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *argv[] = { "convert", cases[i].option,
			cases[i].value, NULL };

		CHECK_INT(
		    run(cases[i].value ? 3 : 2, argv, &out), cases[i].status);
		CHECK(says(buf_slice(&out), cases[i].says));
	}
	buf_release(&out);
}

UNIT_MAIN("parse",
    { "a finding comes back as it was", a_finding_comes_back_as_it_was },
    { "a decision comes back as it was", a_decision_comes_back_as_it_was },
    { "strings that need escapes come back",
	strings_that_need_escapes_come_back },
    { "what is no finding is refused with its member",
	what_is_no_finding_is_refused_with_its_member },
    { "a member is found only at the outermost level",
	a_member_is_found_only_at_the_outermost_level },
    { "convert writes a file of findings in another format",
	convert_writes_a_file_of_findings_in_another_format },
    { "convert reads a finding spread over many lines",
	convert_reads_a_finding_spread_over_many_lines },
    { "convert names the file and line that it cannot read",
	convert_names_the_file_and_line_that_it_cannot_read },
    { "convert tells wrong options and the nearest word",
	convert_tells_wrong_options_and_the_nearest_word })
