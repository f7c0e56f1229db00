/*
 * test_preset.c - every shipped preset makes bodies that its service takes.
 *
 * Ten thousand findings with hostile strings go through each; vendors' limits
 * are checked on what comes out.
 */
#include "outputs/format/format.h"
#include "outputs/preset.h"
#include "tests/unit/sample.h"
#include "tests/unit/strict.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const struct slice nasties[] = {
	SLICE_LIT("\r\nHIGH forged"),
	SLICE_LIT("a\0b"),
	SLICE_LIT("\x1b[31m"),
	SLICE_LIT("\xe2\x80\xaegnp.exe"),
	SLICE_LIT("\xff\xfe\x80"),
	SLICE_LIT("cut \xe2\x82"),
	SLICE_LIT("\",\"injected\":true,\"x\":\""),
	SLICE_LIT("\\"),
	SLICE_LIT("\\\",\\u0022"),
	SLICE_LIT("<!channel> <@U1> <http://x|y>"),
	SLICE_LIT("[x](http://evil) ![i](http://x) @everyone @here"),
	SLICE_LIT("<script>alert(1)</script>"),
	SLICE_LIT("=cmd|'/c'!A0"),
	SLICE_LIT("{{id}} {{$token}} {{#each x}}"),
	SLICE_LIT("`code` ```"),
	SLICE_LIT("\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
	SLICE_LIT("|a|b|\n|--|"),
	SLICE_LIT("' OR 1=1 --"),
	SLICE_LIT("\"}}\n{\"delete\":{\"_id\":1}}"),
	SLICE_LIT("\xe2\x80\xa8\xe2\x80\xa9"),
	SLICE_LIT(""),
};
#define NASTIES (sizeof(nasties) / sizeof(nasties[0]))
#define HUGE_STRING (300 * 1024)
#define FINDINGS 10000

static const struct template_var vars[] = {
	{ "url", { "https://service.example/in", 26 } },
	{ "token", { "0123456789abcdef0123456789abcdef", 32 } },
	{ "host", { "sensor", 6 } },
	{ NULL, { NULL, 0 } },
};

static int
body_of(const struct preset *p, const struct slice *texts, size_t n,
    struct buf *out)
{
	const struct template_var *all;
	struct arena a;
	struct err e = { .text = "" };
	int err;

	buf_reset(out);
	arena_init(&a, 1024);
	all = preset_vars(p, vars, &a);
	err = preset_body(p, texts, n, all, out, NULL, &e);
	if (err < 0)
		printf("    %s\n", e.text);
	arena_release(&a);
	return err;
}

static void
native(const struct finding *f, struct buf *out)
{
	struct format_options o = { .host = NULL };

	buf_reset(out);
	format_find(SLICE_LIT("json"))->finding(f, &o, out);
}

/* How many UTF-16 units the string at a path has, 0 without one. */
static size_t
units(const struct json *root, const char *path)
{
	struct slice s = json_text(json_path(root, path));
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
		n += (unsigned char)s.p[i] >= 0xf0;
	}
	return n;
}

static bool
at_most(const struct json *root, const char *path, size_t max)
{
	size_t n = units(root, path);

	if (n > 0 && n <= max)
		return true;
	printf("    %s has %zu of %zu\n", path, n, max);
	return false;
}

static bool
slack_takes(const struct json *r, size_t size)
{
	const struct json *blocks = json_get(r, "blocks"), *b, *f;
	struct json_iter i = { 0 };
	bool ok = at_most(r, "text", 4000) && json_count(blocks) <= 50;

	while ((b = json_next(blocks, &i, NULL))) {
		struct json_iter j = { 0 };

		if (json_get(b, "text"))
			ok = ok && at_most(b, "text.text", 3000);
		ok = ok && json_count(json_get(b, "fields")) <= 10;
		while ((f = json_next(json_get(b, "fields"), &j, NULL)))
			ok = ok && at_most(f, "text", 2000);
	}
	return ok && size < 100000;
}

static bool
discord_takes(const struct json *r, size_t size)
{
	const struct json *e = json_path(r, "embeds.0"), *f;
	struct json_iter i = { 0 };
	size_t sum = units(e, "title") + units(e, "description") +
	    units(e, "footer.text");
	bool ok = at_most(e, "title", 256) && at_most(e, "description", 4096);
	int64_t color;

	(void)size;
	while ((f = json_next(json_get(e, "fields"), &i, NULL))) {
		ok = ok && at_most(f, "name", 256) && at_most(f, "value", 1024);
		sum += units(f, "name") + units(f, "value");
	}
	return ok && sum <= 6000 && json_int(json_get(e, "color"), &color);
}

static bool
teams_takes(const struct json *r, size_t size)
{
	return size <= 28 * 1024 &&
	    slice_is(json_text(json_path(r, "attachments.0.content.type")),
		"AdaptiveCard") &&
	    json_count(json_path(r, "attachments.0.content.body")) > 5;
}

static bool
mattermost_takes(const struct json *r, size_t size)
{
	(void)size;
	return at_most(r, "text", 16383);
}

static bool
chat_takes(const struct json *r, size_t size)
{
	return size <= 32000 && at_most(r, "cardsV2.0.card.header.title", 200);
}

static bool
pagerduty_takes(const struct json *r, size_t size)
{
	return size <= 512 * 1024 && units(r, "routing_key") == 32 &&
	    at_most(r, "dedup_key", 255) &&
	    at_most(r, "payload.summary", 1024) &&
	    at_most(r, "payload.source", 1024);
}

static bool
opsgenie_takes(const struct json *r, size_t size)
{
	(void)size;
	return at_most(r, "message", 130) && at_most(r, "alias", 512) &&
	    at_most(r, "entity", 512) && at_most(r, "description", 15000) &&
	    units(r, "priority") == 2;
}

static bool
jira_takes(const struct json *r, size_t size)
{
	return size < 100000 && at_most(r, "fields.summary", 255) &&
	    at_most(r, "fields.labels.1", 255) &&
	    at_most(r, "fields.project.key", 10);
}

static bool
servicenow_takes(const struct json *r, size_t size)
{
	(void)size;
	return at_most(r, "short_description", 160) &&
	    at_most(r, "description", 4000) &&
	    at_most(r, "correlation_id", 100);
}

static bool
thehive_takes(const struct json *r, size_t size)
{
	int64_t n;

	(void)size;
	return at_most(r, "title", 512) && at_most(r, "sourceRef", 128) &&
	    json_int(json_get(r, "severity"), &n) && n >= 1 && n <= 4;
}

static const struct {
	const char *name;
	bool (*takes)(const struct json *root, size_t size);
} vendors[] = {
	{ "slack", slack_takes },
	{ "discord", discord_takes },
	{ "teams", teams_takes },
	{ "mattermost", mattermost_takes },
	{ "google-chat", chat_takes },
	{ "pagerduty", pagerduty_takes },
	{ "opsgenie", opsgenie_takes },
	{ "jsm", opsgenie_takes },
	{ "jira", jira_takes },
	{ "servicenow", servicenow_takes },
	{ "thehive", thehive_takes },
};

static bool
vendor_takes(const char *name, struct slice body)
{
	struct json_reader r;
	const struct json *root;
	bool ok = true;

	json_reader_init(&r);
	root = json_parse(&r, body, NULL);
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (strcmp(vendors[i].name, name) == 0)
			ok = root && vendors[i].takes(root, body.n) &&
			    !json_get(root, "injected");
	json_reader_release(&r);
	return ok;
}

/* Valid for a reader of another make, line by line where it is lines. */
static bool
all_strict(const char *name, struct slice body)
{
	struct buf wrapped = BUF_INIT;
	bool ok = true;

	if (strcmp(name, "elasticsearch") == 0) {
		const char *lf = memchr(body.p, '\n', body.n);

		ok = lf && body.p[body.n - 1] == '\n' &&
		    strict_json(slice_of(body.p, (size_t)(lf - body.p)));
		body = slice_of(lf + 1, body.n - (size_t)(lf + 1 - body.p));
		ok = ok && memchr(body.p, '\n', body.n) == body.p + body.n - 1;
	}
	buf_adds(&wrapped, "{\"x\":");
	buf_add_slice(&wrapped, body);
	buf_addc(&wrapped, '}');
	ok = ok && strict_json(buf_slice(&wrapped));
	buf_release(&wrapped);
	return ok;
}

static void
fill(struct sample *s, unsigned seed, struct slice huge)
{
	void (*const samples[])(
	    struct sample *) = { sample_aws, sample_gcp, sample_bare };
	uint64_t x = seed * 0x9e3779b97f4a7c15u + 1;

	samples[seed % 3](s);
	for (size_t i = 0; i < s->n_strings; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		if ((x >> 33) % 3 == 0)
			*s->strings[i] = nasties[(x >> 40) % NASTIES];
		if (seed % 500 == 7 && (x >> 33) % 5 == 1)
			*s->strings[i] = huge;
	}
}

static void
run_preset(const char *name, unsigned n, struct slice huge)
{
	struct preset *p = NULL;
	struct buf text = BUF_INIT, body = BUF_INIT;
	struct err e = { .text = "" };
	struct sample s;
	unsigned bad = 0;

	if (preset_load(name, &p, &e) < 0)
		printf("    %s:%u: %s\n", name, e.line, e.text);
	REQUIRE(p != NULL);
	for (unsigned i = 0; i < n; i++) {
		struct slice one;

		fill(&s, i, huge);
		native(&s.f, &text);
		one = buf_slice(&text);
		if (body_of(p, &one, 1, &body) < 0 ||
		    !all_strict(name, buf_slice(&body)) ||
		    !vendor_takes(name, buf_slice(&body)))
			bad++;
		if (bad == 1) {
			printf("    %s, finding %u: %.300s\n", name, i,
			    body.n ? body.p : "");
			break;
		}
	}
	CHECK_INT(bad, 0);
	preset_free(p);
	buf_release(&text);
	buf_release(&body);
}

static void
every_body_is_valid_and_within_limits(void)
{
	const char *const *names = preset_names();
	char *huge = malloc(HUGE_STRING);
	size_t n = 0;

	REQUIRE(huge != NULL);
	for (size_t i = 0; i < HUGE_STRING; i++)
		huge[i] = "x\"<\n`*"[i % 6];
	while (names[n])
		n++;
	CHECK_INT(n, 18);
	for (size_t i = 0; i < n; i++)
		run_preset(names[i], (unsigned)(FINDINGS / n + 1),
		    slice_of(huge, HUGE_STRING));
	free(huge);
}

/* How often it stands there. */
static int
count_of(struct slice s, const char *word)
{
	int n = 0;

	for (size_t i = 0; i + strlen(word) <= s.n; i++)
		n += memcmp(s.p + i, word, strlen(word)) == 0;
	return n;
}

static void
a_batch_is_one_body(void)
{
	/* The first are one JSON text, the others many, one behind another. */
	static const char *const names[] = { "alertmanager", "loki", "otlp",
		"splunk-hec", "elasticsearch" };
	const size_t one_text = 3;
	struct buf text = BUF_INIT, body = BUF_INIT;
	struct sample s;
	int found;
	struct slice three[3];
	struct err e;

	sample_aws(&s);
	native(&s.f, &text);
	for (size_t i = 0; i < 3; i++)
		three[i] = buf_slice(&text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct preset *p = NULL;

		REQUIRE(preset_load(names[i], &p, &e) == 0);
		CHECK_INT(body_of(p, three, 3, &body), 0);
		found = count_of(buf_slice(&body), s.f.id);
		CHECK(found >= 3 && found % 3 == 0);
		CHECK(i >= one_text || all_strict(names[i], buf_slice(&body)));
		preset_free(p);
	}
	buf_release(&text);
	buf_release(&body);
}

/* Of `what: decisions`. */
static const char decision[] =
    "{\"event_id\":\"id-7\",\"provider\":\"aws\",\"time\":"
    "\"2026-03-01T08:00:00Z\",\"action\":\"sts:AssumeRole\",\"principal\":"
    "\"arn:aws:iam::111122223333:user/alice\",\"account\":\"111122223333\","
    "\"target\":\"arn:aws:iam::444455556666:role/deploy\",\"outcome\":"
    "\"success\",\"source\":{\"kind\":\"ip\",\"ip\":\"203.0.113.9\","
    "\"country\":\"DE\"},\"user_agent\":\"aws-cli/2.15\",\"verdict\":"
    "\"expected\",\"score\":3.1,\"finding\":false,\"group\":null,"
    "\"reasons\":[]}";

static void
a_decision_has_the_shape_of_a_finding(void)
{
	static const char title[] =
	    "alice asked for sts:AssumeRole of deploy from 203.0.113.9 (DE), "
	    "success: expected";
	const char *const *names = preset_names();
	const struct slice one = SLICE_LIT(decision);
	struct buf body = BUF_INIT;
	struct err e;

	for (size_t i = 0; names[i]; i++) {
		struct preset *p = NULL;
		bool whole, told;

		REQUIRE(preset_load(names[i], &p, &e) == 0);
		CHECK_INT(body_of(p, &one, 1, &body), 0);
		CHECK(all_strict(names[i], buf_slice(&body)));
		CHECK(vendor_takes(names[i], buf_slice(&body)));
		told = count_of(buf_slice(&body), title) > 0 ||
		    count_of(buf_slice(&body), "alice asked for sts:\xe2") > 0;
		whole = count_of(buf_slice(&body), "event_id") == 1;
		if (!told && !whole)
			printf("    %s: %.200s\n", names[i], body.p);
		CHECK(told || whole);
		preset_free(p);
	}
	buf_release(&body);
}

static void
a_url_takes_the_users_own_and_escapes_the_rest(void)
{
	struct preset *p = NULL;
	struct json_reader r;
	struct buf out = BUF_INIT;
	struct err e;
	const struct template_var *all;
	struct arena a;

	REQUIRE(preset_load("servicenow", &p, &e) == 0);
	arena_init(&a, 256);
	all = preset_vars(p, vars, &a);
	json_reader_init(&r);
	CHECK_INT(preset_url(&p->lookup,
		      json_parse(&r, SLICE_LIT("{\"id\":\"a&b^c\"}"), NULL),
		      all, &out, &e),
	    0);
	CHECK(
	    slice_find(buf_slice(&out),
		"https://service.example/in/api/now/table/incident?") == out.p);
	CHECK(
	    slice_find(buf_slice(&out), "correlation_id%3Da%26b%5Ec&") != NULL);
	json_reader_release(&r);
	arena_release(&a);
	buf_release(&out);
	preset_free(p);
}

static void
faults_of_a_file_have_a_place(void)
{
	static const struct {
		const char *text, *want;
		unsigned line;
	} rows[] = {
		{ "about: x\nurl: y\n", "body", 1 },
		{ "about: x\nurl: y\nbody: z\nbodi: z\n", "bodi", 4 },
		{ "about: x\nurl: \"{{\"\nbody: z\n", "{{ without }}", 2 },
		{ "about: x\nurl: y\nbody: z\ndone: [700]\n", "statuses", 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct preset *p = NULL;
		struct err e = { .text = "" };

		CHECK(preset_load_text(
			  slice_str(rows[i].text), "p.yaml", &p, &e) < 0);
		CHECK(slice_find(slice_str(e.text), rows[i].want) != NULL);
		CHECK_INT(e.line, rows[i].line);
	}
}

static void
an_unknown_name_tells_the_nearest(void)
{
	struct preset *p = NULL;
	struct err e = { .text = "" };

	CHECK_INT(preset_load("slak", &p, &e), ST_ENOENT);
	CHECK_TEXT(slice_str(e.text),
	    "there is no preset \"slak\", did you mean \"slack\"?");
}

UNIT_MAIN("preset",
    { "every body is valid and within limits",
	every_body_is_valid_and_within_limits },
    { "a batch is one body", a_batch_is_one_body },
    { "a decision has the shape of a finding",
	a_decision_has_the_shape_of_a_finding },
    { "a url takes the user's own and escapes the rest",
	a_url_takes_the_users_own_and_escapes_the_rest },
    { "faults of a file have a place", faults_of_a_file_have_a_place },
    { "an unknown name tells the nearest", an_unknown_name_tells_the_nearest })
