/*
 * test_config.c - stsentry.yaml: what is read.
 */
#include "conf/address.h"
#include "tests/unit/config_case.h"

#include <stdlib.h>

/* The shape that the manual shows, with every kind of input in flow style. */
static const char whole[] =
    "version: 1\n"
    "inputs:\n"
    "  - {type: tcp,  listen: \"127.0.0.1:7001\"}\n"
    "  - {type: tls,  listen: \"0.0.0.0:7002\", cert: c.pem, key: k.pem, "
    "client_ca: ca.pem, allow: [{san: \"shipper-*.corp.example\", accounts: "
    "[\"210987654321\"]}]}\n"
    "  - {type: http, listen: \"127.0.0.1:7003\", paths: {/a: firehose, "
    "/g: pubsub, /h: hec, /i: auto}, token: !file hook}\n"
    "  - {type: file, paths: [\"/srv/trail/**/*.json.gz\"], follow: true}\n"
    "  - {type: unix, listen: in.sock}\n"
    "  - {type: stdin}\n"
    "geo:    {databases: [/srv/geo/town.mmdb, asn.mmdb]}\n"
    "state:  {dir: /srv/state}\n"
    "policy: rules.yaml\n"
    "outputs:\n"
    "  - {type: file,    path: /srv/out/findings.jsonl, format: json}\n"
    "  - {type: file,    path: /srv/out/all.jsonl, what: decisions}   # all\n"
    "  - {type: syslog,  server: \"tls://logs.corp.example:7514\", format: "
    "rfc5424}\n"
    "  - {type: webhook, preset: slack, url: !file chat, min_severity: high}\n"
    "  - {type: exec, command: bin/page, args: [-v], what: decisions}\n"
    "  - {type: stdout, format: text}\n"
    "  - {type: \"null\", what: decisions}\n"
    "admin:  {listen: \"127.0.0.1:7004\"}\n"
    "apis:   {on: [\"sso:*\"], off: [\"signin:*\"]}\n"
    "detect: {budget: 2/day, learning: 7d, lateness: 5m, half_life: 10d}\n"
    "dedup:  {window: 1d, max: 2M}\n"
    "limits: {memory: 64M, state: 1G, queue_events: 10k, queue_bytes: 1M, "
    "queue_age: 1h}\n";

static struct config *
load_whole(void)
{
	case_file("hook", "opensesame\n");
	case_file("chat", "https://chat.example/hook/1\n");
	return case_load(whole, case_tmp("stsentry.yaml"));
}

static void
inputs_of_every_type_are_read(void)
{
	static const char *const names[] = { "tcp:127.0.0.1:7001",
		"tls:0.0.0.0:7002", "http:127.0.0.1:7003",
		"file:/srv/trail/**/*.json.gz", "unix:in.sock", "stdin" };
	struct config *c = load_whole();
	const struct allow_peer *peer;
	const struct http_path *path;

	CHECK_TEXT(case_message(), "");
	REQUIRE(c != NULL);
	CHECK_INT(c->version, 1);
	REQUIRE(c->inputs.n == 6);
	for (size_t i = 0; i < 6; i++)
		CHECK_TEXT(slice_str(case_input(c, i)->name), names[i]);
	CHECK_INT(case_input(c, 0)->type, INPUT_TCP);
	CHECK_INT(case_input(c, 0)->max_record, 1 << 20);
	CHECK_INT(case_input(c, 0)->max_connections, 1000);
	CHECK_INT(case_input(c, 0)->idle_timeout, 600000);
	CHECK_TEXT(slice_str(case_input(c, 1)->cert), case_tmp("c.pem"));
	REQUIRE(case_input(c, 1)->allow.n == 1);
	peer = case_input(c, 1)->allow.v;
	CHECK_TEXT(slice_str(peer->san), "shipper-*.corp.example");
	CHECK_TEXT(slice_str(peer->accounts.v[0]), "210987654321");
	CHECK_TEXT(slice_str(case_input(c, 2)->token), "opensesame");
	REQUIRE(case_input(c, 2)->http_paths.n == 4);
	path = case_input(c, 2)->http_paths.v;
	CHECK_TEXT(slice_str(path[1].path), "/g");
	CHECK_INT(path[1].kind, HTTP_PUBSUB);
	CHECK_INT(path[3].kind, HTTP_AUTO);
	CHECK(case_input(c, 3)->follow);
	CHECK_INT(case_input(c, 3)->from, FROM_START);
	CHECK_TEXT(
	    slice_str(case_input(c, 3)->files.v[0]), "/srv/trail/**/*.json.gz");
	CHECK_TEXT(slice_str(case_input(c, 4)->listen), case_tmp("in.sock"));
	CHECK_INT(case_input(c, 5)->node->line, 8);
	config_free(c);
}

static void
outputs_of_every_type_are_read(void)
{
	static const char *const names[] = { "file:/srv/out/findings.jsonl",
		"file:/srv/out/all.jsonl",
		"syslog:tls://logs.corp.example:7514", "webhook:slack",
		"exec:bin/page", "stdout", "null" };
	static const char *const formats[] = { "json", "json", "rfc5424",
		"json", "json", "text", "json" };
	struct config *c = load_whole();

	REQUIRE(c != NULL);
	REQUIRE(c->outputs.n == 7);
	for (size_t i = 0; i < 7; i++) {
		CHECK_TEXT(slice_str(case_output(c, i)->name), names[i]);
		CHECK_TEXT(slice_str(case_output(c, i)->format), formats[i]);
		CHECK_INT(case_output(c, i)->what,
		    i == 1 || i == 4 || i == 6 ? WHAT_DECISIONS
					       : WHAT_FINDINGS);
	}
	CHECK_INT(case_output(c, 0)->mode_bits, 0640);
	CHECK_INT(case_output(c, 0)->when_full, FULL_BLOCK);
	CHECK_INT(case_output(c, 0)->update_mode, UPDATES_FIRST);
	CHECK_TEXT(
	    slice_str(case_output(c, 2)->server), "logs.corp.example:7514");
	CHECK_TEXT(slice_str(case_output(c, 2)->sent_file),
	    "/srv/state/sent-syslog:tls:%2F%2Flogs.corp.example:7514");
	CHECK_TEXT(slice_str(case_output(c, 2)->dead_letter),
	    "/srv/state/dead-syslog:tls:%2F%2Flogs.corp.example:7514.jsonl");
	CHECK_INT(case_output(c, 2)->protocol, 0);
	CHECK_TEXT(
	    slice_str(case_output(c, 3)->url), "https://chat.example/hook/1");
	CHECK_INT(case_output(c, 3)->min_severity, 3);
	CHECK_TEXT(slice_str(case_output(c, 4)->command), case_tmp("bin/page"));
	CHECK_TEXT(slice_str(case_output(c, 4)->args.v[0]), "-v");
	config_free(c);
}

static void
the_other_keys_are_read(void)
{
	struct config *c = load_whole();

	REQUIRE(c != NULL);
	REQUIRE(c->geo.databases.n == 2);
	CHECK_TEXT(slice_str(c->geo.databases.v[0]), "/srv/geo/town.mmdb");
	CHECK_TEXT(slice_str(c->geo.databases.v[1]), case_tmp("asn.mmdb"));
	CHECK_TEXT(slice_str(c->state.dir), "/srv/state");
	CHECK_TEXT(slice_str(c->policy), case_tmp("rules.yaml"));
	CHECK_TEXT(slice_str(c->admin.listen), "127.0.0.1:7004");
	CHECK_TEXT(slice_str(c->apis.on.v[0]), "sso:*");
	CHECK_TEXT(slice_str(c->apis.off.v[0]), "signin:*");
	CHECK_TEXT(slice_str(c->detect.budget), "2/day");
	CHECK_INT(c->detect.learning, 7 * 86400000LL);
	CHECK_INT(c->dedup.window, 86400000);
	CHECK_INT(c->dedup.max, 2000000);
	CHECK_INT(c->limits.memory, 64 << 20);
	CHECK_INT(c->limits.queue_events, 10000);
	CHECK_INT(c->limits.queue_age, 3600000);
	config_free(c);
}

static void
what_is_not_said_has_its_default(void)
{
	struct config *c = case_load("version: 1\n", "t.yaml");

	REQUIRE(c != NULL);
	CHECK_INT(c->inputs.n, 0);
	CHECK(c->policy == NULL && c->admin.listen == NULL);
	CHECK_TEXT(slice_str(c->detect.budget), "none");
	CHECK_INT(c->detect.learning, 14 * 86400000LL);
	CHECK_INT(c->detect.lateness, 15 * 60000);
	CHECK_INT(c->detect.half_life, 30 * 86400000LL);
	CHECK_INT(c->dedup.window, 7 * 86400000LL);
	CHECK_INT(c->dedup.max, 10000000);
	CHECK_INT(c->limits.wrappers, 8);
	CHECK_INT(c->limits.json_depth, 1024);
	CHECK_INT(c->limits.inflated, (size_t)4 << 30);
	config_free(c);
	c = case_load("admin: {}\n", "t.yaml");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(c->admin.listen), "127.0.0.1:9478");
	config_free(c);
}

static void
a_digest_and_a_rotation_are_read(void)
{
	struct config *c = case_load(
	    "outputs:\n"
	    "- {type: file, path: a, rotate: 100M, updates: "
	    "{digest: 15m}, mode: 0600}\n"
	    "- {type: file, path: b, rotate: 1d, updates: "
	    "every}\n",
	    "etc/t.yaml");

	CHECK_TEXT(case_message(), "");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(case_output(c, 0)->path), "etc/a");
	CHECK_INT(case_output(c, 0)->rotate_size, 100 << 20);
	CHECK_INT(case_output(c, 0)->rotate_every, 0);
	CHECK_INT(case_output(c, 0)->update_mode, UPDATES_DIGEST);
	CHECK_INT(case_output(c, 0)->digest, 15 * 60000);
	CHECK_INT(case_output(c, 0)->mode_bits, 0600);
	CHECK_INT(case_output(c, 1)->rotate_size, 0);
	CHECK_INT(case_output(c, 1)->rotate_every, 86400000);
	CHECK_INT(case_output(c, 1)->update_mode, UPDATES_EVERY);
	config_free(c);
}

static void
a_secret_is_in_no_name_and_no_message(void)
{
	static const char *const texts[] = {
		"outputs: [{type: webhook, url: '${ST_URL}'}]\n",
		"inputs: [{type: tcp, listen: '${ST_URL}'}]\n",
		"outputs: [{type: syslog, server: '${ST_URL}'}]\n",
		"inputs: [{type: http, listen: 'l:1', token: '${ST_URL} '}]\n",
	};
	struct config *c;

	setenv("ST_URL", "s3cr3t://x", 1);
	for (size_t i = 0; i < 4; i++) {
		CHECK(case_load(texts[i], "t.yaml") == NULL);
		CHECK(case_message().n > 0 &&
		    !slice_find(case_message(), "s3cr3t"));
	}
	setenv("ST_URL", "https://s3cr3t.example/", 1);
	c = case_load(texts[0], "t.yaml");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(case_output(c, 0)->name), "webhook");
	config_free(c);
	setenv("ST_URL", "127.0.0.1:7000", 1);
	c = case_load(texts[1], "t.yaml");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(case_input(c, 0)->name), "tcp");
	CHECK_TEXT(slice_str(case_input(c, 0)->listen), "127.0.0.1:7000");
	config_free(c);
}

static void
addresses_have_a_host_and_a_port(void)
{
	static const struct {
		const char *text, *host;
		unsigned port;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1:6514", "127.0.0.1", 6514, true },
		{ "127.9.9.9:0", "127.9.9.9", 0, true },
		{ "0.0.0.0:65535", "0.0.0.0", 65535, false },
		{ "[::1]:1", "::1", 1, true },
		{ "[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, true },
		{ "[::]:1", "::", 1, false },
		{ "[2001:db8::1]:1", "2001:db8::1", 1, false },
		{ "localhost:1", "localhost", 1, true },
		{ "LOCALHOST:1", "LOCALHOST", 1, true },
		{ "localhost.example:1", "localhost.example", 1, false },
		{ "siem-1.corp.example:1", "siem-1.corp.example", 1, false },
	};
	static const char *const bad[] = { "", ":", ":1", "1", "a", "a:", "a:b",
		"a:65536", "a:-1", "a:123456", "::1:1", "[::1]", "[::1]1",
		"[::1:1", "[]:1", "[127.0.0.1]:1", "[fe80::1%eth0]:1",
		"127.0.0:1", "127.0.0.256:1", "*:1", "a b:1", "-a:1", "a..b:1",
		"tcp://a:1", "a/b:1" };
	struct address a;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		REQUIRE(address_parse(slice_str(cases[i].text), &a));
		CHECK_TEXT(slice_str(a.host), cases[i].host);
		CHECK_INT(a.port, cases[i].port);
		CHECK_INT(a.loopback, cases[i].loopback);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!address_parse(slice_str(bad[i]), &a));
}

static void
the_shipped_examples_load(void)
{
	struct config *c = NULL;
	const char *path = unit_path("conf/stsentry.yaml");
	struct err last = { .text = "" };

	CHECK_INT(config_load(path, &c, &last), 0);
	CHECK_TEXT(slice_str(last.text), "");
	REQUIRE(c != NULL);
	CHECK(slice_starts(
	    yaml_text(c->doc), "# yaml-language-server: $schema="));
	config_free(c);
	CHECK_INT(config_load("/none/such", &c, &last), ST_ENOENT);
}

UNIT_MAIN("config",
    { "inputs of every type are read", inputs_of_every_type_are_read },
    { "outputs of every type are read", outputs_of_every_type_are_read },
    { "the other keys are read", the_other_keys_are_read },
    { "what is not said has its default", what_is_not_said_has_its_default },
    { "a digest and a rotation are read", a_digest_and_a_rotation_are_read },
    { "a secret is in no name and no message",
	a_secret_is_in_no_name_and_no_message },
    { "addresses have a host and a port", addresses_have_a_host_and_a_port },
    { "the shipped examples load", the_shipped_examples_load })
