/*
 * test_template.c - holes are filled, and what fills them stays data.
 */
#include "outputs/format/template.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static const char finding[] =
    "{\"id\":\"f1\",\"title\":\"alice <b> & \\\"co\\\"\",\"score\":71.5,"
    "\"count\":3,\"none\":null,\"empty\":\"\",\"yes\":true,\"no\":false,"
    "\"time\":\"2026-03-01T08:00:00.25Z\",\"severity\":\"high\","
    "\"role\":\"arn:aws:iam::111122223333:role/team/deploy\","
    "\"reasons\":[{\"code\":\"new_country\",\"expected\":[\"DE\",\"US\"]},"
    "{\"code\":\"mfa_missing\",\"expected\":[]}],\"nothing\":[],"
    "\"bad\":\"a\\nb\\u202ec\",\"emoji\":\"\\ud83d\\ude00\\ud83d\\ude00\","
    "\"code\":\"a`b\",\"md\":\"[x](http://y) @all\",\"eq\":\"=1+1\","
    "\"deep\":{\"a\":[1,{\"b\":\"z\"}]}}";

static struct slice
render(const char *text, enum template_context context, struct buf *out)
{
	static const struct template_var vars[] = {
		{ "token", { "s\"3", 3 } },
		{ NULL, { NULL, 0 } },
	};
	struct template_input in = { .vars = vars };
	struct json_reader r;
	struct template *t = NULL;
	struct arena a;
	struct err e = { .text = "" };

	buf_reset(out);
	json_reader_init(&r);
	arena_init(&a, 1024);
	in.arena = &a;
	in.root = json_parse(&r, slice_str(finding), NULL);
	if (template_compile(slice_str(text), context, &t, &e) < 0)
		buf_addf(out, "%u:%u: %s", e.line, e.col, e.text);
	else if (template_render(t, &in, out) < 0)
		buf_adds(out, "failed");
	template_free(t);
	arena_release(&a);
	json_reader_release(&r);
	return buf_slice(out);
}

static void
check_all(const char *const (*rows)[2], size_t n, enum template_context c)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		CHECK_TEXT(render(rows[i][0], c, &out), rows[i][1]);
	buf_release(&out);
}

#define CHECK_ALL(rows, c) check_all(rows, sizeof(rows) / sizeof(rows[0]), c)

static void
holes_are_filled(void)
{
	static const char *const rows[][2] = {
		{ "plain } text {", "plain } text {" },
		{ "{{id}}", "f1" },
		{ "[{{ id }}]", "[f1]" },
		{ "{{reasons.0.code}}", "new_country" },
		{ "{{reasons.7.code}}{{what.ever}}", "" },
		{ "{{score}} {{count}} {{none}} {{yes}}", "71.5 3  true" },
		{ "{{reasons.0.expected}}", "DE, US" },
		{ "{{deep.a.1}}", "{\"b\":\"z\"}" },
		{ "{{{id}}} {{{#if id}}x{{/if}}}", "{f1} {x}" },
		{ "{{count|number}} {{id|number}} {{none|number}}", "3 0 0" },
		{ "{{$token}}{{$other}}", "s\"3" },
		{ "a{{! a word }}b", "ab" },
		{ "{{deep|json}} {{none|json}} {{what|json}}",
		    "{\"a\":[1,{\"b\":\"z\"}]} null null" },
	};

	CHECK_ALL(rows, TEMPLATE_TEXT);
}

static void
filters_change_values(void)
{
	static const char *const rows[][2] = {
		{ "{{id|upper}} {{severity|upper|lower}}", "F1 high" },
		{ "{{none|default:-}}{{empty|default:\"a|b}}\"}}", "-a|b}}" },
		{ "{{severity|map:critical=P1,high=P2,*=P5}}", "P2" },
		{ "{{id|map:critical=P1,*=P5}}{{id|map:x=y}}", "P5f1" },
		{ "{{reasons.0.expected|join:\"; \"}}", "DE; US" },
		{ "{{reasons|count}} {{reasons|rest:1}}{{reasons|rest:2}}",
		    "2 1" },
		{ "{{role|short}}", "deploy" },
		{ "{{time|unix}} {{time|unixms}} {{time|unixns}} "
		  "{{time|unixfloat}}",
		    "1772352000 1772352000250 1772352000250000000 "
		    "1772352000.250" },
		{ "{{id|unix}}{{none|unixms}}", "00" },
		{ "{{id|sha256|max:12}}", "3f524c\xe2\x80\xa6[cut]" },
	};
	struct buf out = BUF_INIT;

	CHECK_ALL(rows, TEMPLATE_TEXT);
	CHECK(
	    render("{{reasons.0.code|sentence}}", TEMPLATE_TEXT, &out).n > 20);
	buf_release(&out);
}

static void
blocks_repeat_and_choose(void)
{
	static const char *const rows[][2] = {
		{ "{{#each reasons}}<{{@n}}{{.code}}>{{/each}}",
		    "<1new_country><2mfa_missing>" },
		{ "{{#each reasons sep:\", \"}}{{.code}}{{/each}}",
		    "new_country, mfa_missing" },
		{ "{{#each reasons max:1 sep:,}}{{.code}} of {{id}}{{/each}}",
		    "new_country of f1" },
		{ "{{#each nothing}}x{{else}}none{{/each}}", "none" },
		{ "{{#each id}}x{{/each}}", "" },
		{ "{{#each reasons}}{{#each .expected}}{{.}};{{/each}}|{{/each}}",
		    "DE;US;||" },
		{ "{{#if id}}a{{else}}b{{/if}}", "a" },
		{ "{{#if none}}a{{else}}b{{/if}}{{#if nothing}}a{{/if}}", "b" },
		{ "{{#if no}}a{{/if}}{{#if yes}}b{{/if}}{{#if empty}}c{{/if}}",
		    "b" },
		{ "{{#if severity|is:high,critical}}!{{/if}}", "!" },
		{ "{{#if severity|is:low|not}}!{{/if}}", "!" },
		{ "{{#if id}}{{#if none}}1{{else}}2{{/if}}3{{/if}}", "23" },
	};

	CHECK_ALL(rows, TEMPLATE_TEXT);
}

static void
limits_cut_at_code_points_and_say_so(void)
{
	static const char *const rows[][2] = {
		{ "{{id|max:2}}", "f1" },
		{ "{{title|max:10}}", "alic\xe2\x80\xa6[cut]" },
		{ "{{title|slack|max:12}}", "alice \xe2\x80\xa6[cut]" },
		{ "{{emoji|max:4}}", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80" },
		{ "{{emoji|bytes:7}}", "" },
		{ "{{emoji|bytes:8}}", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80" },
		{ "{{title|max:3}}", "" },
		{ "{{#max 10}}ab{{title}}cd{{/max}}!",
		    "abal\xe2\x80\xa6[cut]!" },
		{ "{{#max 9}}{{#each reasons}}{{.code}};{{/each}}{{/max}}",
		    "new\xe2\x80\xa6[cut]" },
		{ "{{#max 12}}{{title|max:8}}{{title|max:8}}{{/max}}",
		    "al\xe2\x80\xa6[\xe2\x80\xa6[cut]" },
		{ "{{#max 40}}{{title|max:8}}{{title|max:8}}{{/max}}",
		    "al\xe2\x80\xa6[cut]al\xe2\x80\xa6[cut]" },
	};

	CHECK_ALL(rows, TEMPLATE_TEXT);
}

static void
a_limit_tears_no_escape(void)
{
	static const char *const rows[][2] = {
		{ "\"{{#max 9}}a\\nb\\\"{{title}}{{/max}}\"",
		    "\"a\\n\xe2\x80\xa6[cut]\"" },
		{ "\"{{title|max:13}}\"", "\"alice <\xe2\x80\xa6[cut]\"" },
		{ "\"{{title|slack|max:19}}\"",
		    "\"alice &lt;b\xe2\x80\xa6[cut]\"" },
	};

	CHECK_ALL(rows, TEMPLATE_JSON);
}

static void
values_stay_data_in_json(void)
{
	static const char *const rows[][2] = {
		{ "\"{{title}}\"", "\"alice <b> & \\\"co\\\"\"" },
		{ "\"{{title|slack}}\"",
		    "\"alice &lt;b&gt; &amp; \\\"co\\\"\"" },
		{ "\"{{bad}}\"", "\"a\\\\u000ab\\\\u202ec\"" },
		{ "{{bad|json}}", "\"a\\nb\\u202ec\"" },
		{ "\"{{$token}}\"", "\"s\\\"3\"" },
		{ "\"{{deep}}\"", "\"{\\\"a\\\":[1,{\\\"b\\\":\\\"z\\\"}]}\"" },
		{ "\"`{{code|code}}`\"", "\"`a'b`\"" },
		{ "{{reasons.0.expected|json}}", "[\"DE\",\"US\"]" },
		{ "{{score|json}}", "71.5" },
	};

	CHECK_ALL(rows, TEMPLATE_JSON);
}

static void
values_stay_data_elsewhere(void)
{
	static const char *const text[][2] = {
		{ "{{bad}}", "a\\u000ab\\u202ec" },
		{ "{{md|markdown}}",
		    "\\[x\\]\\(http:\xe2\x80\x8b//y\\) @\xe2\x80\x8b"
		    "all" },
		{ "{{title|html}}", "alice &lt;b&gt; &amp; &quot;co&quot;" },
		{ "{{title|quoted}}", "alice <b> & \\\"co\\\"" },
	};
	static const char *const url[][2] = {
		{ "https://x/{{role}}?q={{title}}",
		    "https://x/arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fteam"
		    "%2Fdeploy?q=alice%20%3Cb%3E%20%26%20%22co%22" },
		{ "{{emoji|max:8}}", "%F0%9F%98%80%F0%9F%98%80" },
	};
	static const char *const header[][2] = {
		{ "{{bad}}", "a\\u000ab\\u202ec" },
		{ "{{emoji}}", "\\u1f600\\u1f600" },
	};
	static const char *const html[][2] = {
		{ "<p>{{title}}", "<p>alice &lt;b&gt; &amp; &quot;co&quot;" },
	};
	static const char *const csv[][2] = {
		{ "{{eq}},{{title}}", "'=1+1,\"alice <b> & \"\"co\"\"\"" },
	};

	CHECK_ALL(text, TEMPLATE_TEXT);
	CHECK_ALL(url, TEMPLATE_URL);
	CHECK_ALL(header, TEMPLATE_HEADER);
	CHECK_ALL(html, TEMPLATE_HTML);
	CHECK_ALL(csv, TEMPLATE_CSV);
}

static void
faults_have_a_place(void)
{
	static const char *const rows[][2] = {
		{ "{{", "1:1: {{ without }}" },
		{ "a\nb {{x|nope}}", "2:3: there is no filter \"nope\"" },
		{ "{{}}", "1:1: an empty hole" },
		{ "{{#if x}}", "1:1: a block that does not end" },
		{ "{{/if}}", "1:1: nothing to end here with \"if\"" },
		{ "{{#if x}}{{/each}}",
		    "1:10: nothing to end here with "
		    "\"each\"" },
		{ "{{else}}", "1:1: an else of nothing" },
		{ "{{#loop x}}", "1:1: there is no block \"loop x\"" },
		{ "{{x y}}", "1:1: does not belong here: \"y\"" },
		{ "{{x|max}}",
		    "1:1: needs a word behind it, as NAME:WORD: "
		    "\"max\"" },
		{ "{{x|max:a}}", "1:1: is no number: \"a\"" },
		{ "{{x|upper:a}}", "1:1: takes nothing behind it: \"upper\"" },
		{ "{{x|default:\"a}}", "1:1: {{ without }}" },
		{ "{{x|json|max:9}}", "1:1: json cannot be cut" },
		{ "{{#max 9}}{{x|json}}{{/max}}", "1:11: json cannot be cut" },
		{ "{{#each x by:2}}",
		    "1:1: each knows max: and sep:, not "
		    "\"by:2\"" },
	};

	CHECK_ALL(rows, TEMPLATE_TEXT);
}

static void
a_template_that_grows_without_end_is_refused(void)
{
	struct buf text = BUF_INIT, out = BUF_INIT;

	for (int i = 0; i < 8; i++)
		buf_adds(&text, "{{#each reasons}}");
	for (int i = 0; i < 40000; i++)
		buf_adds(&text, "xxxxx");
	for (int i = 0; i < 8; i++)
		buf_adds(&text, "{{/each}}");
	buf_addc(&text, '\0');
	CHECK_TEXT(render(text.p, TEMPLATE_TEXT, &out), "failed");
	buf_release(&text);
	buf_release(&out);
}

static void
variables_that_are_asked_for_are_known(void)
{
	struct template *t = NULL;
	struct err e;

	REQUIRE(template_compile(SLICE_LIT("{{#if $project}}{{x}}{{/if}}"),
		    TEMPLATE_TEXT, &t, &e) == 0);
	CHECK(template_asks(t, "project"));
	CHECK(!template_asks(t, "x"));
	template_free(t);
}

UNIT_MAIN("template", { "holes are filled", holes_are_filled },
    { "filters change values", filters_change_values },
    { "blocks repeat and choose", blocks_repeat_and_choose },
    { "limits cut at code points and say so",
	limits_cut_at_code_points_and_say_so },
    { "a limit tears no escape", a_limit_tears_no_escape },
    { "values stay data in JSON", values_stay_data_in_json },
    { "values stay data elsewhere", values_stay_data_elsewhere },
    { "faults have a place", faults_have_a_place },
    { "a template that grows without end is refused",
	a_template_that_grows_without_end_is_refused },
    { "variables that are asked for are known",
	variables_that_are_asked_for_are_known })
