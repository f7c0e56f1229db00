/*
 * test_config.c - stsentry.yaml: what is read, and what is refused where.
 */
#include "conf/address.h"
#include "conf/config.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err last;

static struct config *
load(const char *text, const char *name)
{
	struct config *c = NULL;

	memset(&last, 0, sizeof(last));
	return config_load_text(slice_str(text), name, &c, &last) == 0 ? c
								       : NULL;
}

static struct slice
message(void)
{
	static char line[1024];

	return slice_str(err_format(&last, line, sizeof(line)));
}

static const struct input_config *
input(const struct config *c, size_t i)
{
	return (const struct input_config *)c->inputs.v + i;
}

static const struct output_config *
output(const struct config *c, size_t i)
{
	return (const struct output_config *)c->outputs.v + i;
}

static const char *
in_tmp(const char *name)
{
	static char paths[4][512];
	static unsigned turn;
	char *p = paths[turn++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", unit_tmpdir(), name);
	return p;
}

static const char *
write_file(const char *name, const char *text)
{
	const char *path = in_tmp(name);
	FILE *f = fopen(path, "w");

	if (f) {
		fputs(text, f);
		fclose(f);
	}
	return path;
}

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
	write_file("hook", "opensesame\n");
	write_file("chat", "https://chat.example/hook/1\n");
	return load(whole, in_tmp("stsentry.yaml"));
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

	CHECK_TEXT(message(), "");
	REQUIRE(c != NULL);
	CHECK_INT(c->version, 1);
	REQUIRE(c->inputs.n == 6);
	for (size_t i = 0; i < 6; i++)
		CHECK_TEXT(slice_str(input(c, i)->name), names[i]);
	CHECK_INT(input(c, 0)->type, INPUT_TCP);
	CHECK_INT(input(c, 0)->max_record, 1 << 20);
	CHECK_INT(input(c, 0)->max_connections, 1000);
	CHECK_INT(input(c, 0)->idle_timeout, 600000);
	CHECK_TEXT(slice_str(input(c, 1)->cert), in_tmp("c.pem"));
	REQUIRE(input(c, 1)->allow.n == 1);
	peer = input(c, 1)->allow.v;
	CHECK_TEXT(slice_str(peer->san), "shipper-*.corp.example");
	CHECK_TEXT(slice_str(peer->accounts.v[0]), "210987654321");
	CHECK_TEXT(slice_str(input(c, 2)->token), "opensesame");
	REQUIRE(input(c, 2)->http_paths.n == 4);
	path = input(c, 2)->http_paths.v;
	CHECK_TEXT(slice_str(path[1].path), "/g");
	CHECK_INT(path[1].kind, HTTP_PUBSUB);
	CHECK_INT(path[3].kind, HTTP_AUTO);
	CHECK(input(c, 3)->follow);
	CHECK_INT(input(c, 3)->from, FROM_START);
	CHECK_TEXT(
	    slice_str(input(c, 3)->files.v[0]), "/srv/trail/**/*.json.gz");
	CHECK_TEXT(slice_str(input(c, 4)->listen), in_tmp("in.sock"));
	CHECK_INT(input(c, 5)->node->line, 8);
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
		CHECK_TEXT(slice_str(output(c, i)->name), names[i]);
		CHECK_TEXT(slice_str(output(c, i)->format), formats[i]);
		CHECK_INT(output(c, i)->what,
		    i == 1 || i == 4 || i == 6 ? WHAT_DECISIONS
					       : WHAT_FINDINGS);
	}
	CHECK_INT(output(c, 0)->mode_bits, 0640);
	CHECK_INT(output(c, 0)->when_full, FULL_BLOCK);
	CHECK_INT(output(c, 0)->update_mode, UPDATES_FIRST);
	CHECK_TEXT(slice_str(output(c, 2)->server), "logs.corp.example:7514");
	CHECK_INT(output(c, 2)->protocol, 0);
	CHECK_TEXT(slice_str(output(c, 3)->url), "https://chat.example/hook/1");
	CHECK_INT(output(c, 3)->min_severity, 3);
	CHECK_TEXT(slice_str(output(c, 4)->command), in_tmp("bin/page"));
	CHECK_TEXT(slice_str(output(c, 4)->args.v[0]), "-v");
	config_free(c);
}

static void
the_other_keys_are_read(void)
{
	struct config *c = load_whole();

	REQUIRE(c != NULL);
	REQUIRE(c->geo.databases.n == 2);
	CHECK_TEXT(slice_str(c->geo.databases.v[0]), "/srv/geo/town.mmdb");
	CHECK_TEXT(slice_str(c->geo.databases.v[1]), in_tmp("asn.mmdb"));
	CHECK_TEXT(slice_str(c->state.dir), "/srv/state");
	CHECK_TEXT(slice_str(c->policy), in_tmp("rules.yaml"));
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
	struct config *c = load("version: 1\n", "t.yaml");

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
	c = load("admin: {}\n", "t.yaml");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(c->admin.listen), "127.0.0.1:9478");
	config_free(c);
}

struct refusal {
	const char *text, *message;
};

static void
check_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct config *c = load(cases[i].text, "t.yaml");
		char want[700];

		snprintf(want, sizeof(want), "%s%s",
		    cases[i].message[0] ? "t.yaml:" : "", cases[i].message);
		CHECK_TEXT(message(), want);
		config_free(c);
	}
}
#define CHECK_REFUSALS(cases) \
	check_refusals(cases, sizeof(cases) / sizeof(cases[0]))

static void
the_whole_is_checked(void)
{
	static const struct refusal cases[] = {
		{ "", "1:1: the file is empty" },
		{ "inputs\n", "1:1: expects a block of keys, not \"inputs\"" },
		{ "version: 2\n",
		    "1:10: version: 2 is not known; this program "
		    "reads version 1" },
		{ "output: []\n",
		    "1:1: unknown key \"output\"; did you mean \"outputs\"?" },
		{ "geo: {database: [x]}\n",
		    "1:7: unknown key \"database\"; did you mean "
		    "\"databases\"?" },
		{ "geo:\n  databases:\n", "2:13: databases: has no value" },
		{ "inputs:\n", "1:8: inputs: has no value" },
		{ "detect: {budget: 2}\n",
		    "1:18: budget: \"2\" is no budget (as 2/day, 1/hour, "
		    "5/week, none)" },
		{ "detect: {budget: 0/day}\n",
		    "1:18: budget: \"0/day\" is no budget (as 2/day, 1/hour, "
		    "5/week, none)" },
		{ "dedup: {window: 7}\n",
		    "1:17: window: \"7\" is no duration (as 50ms, 15s, 15m, 1h, "
		    "30d)" },
		{ "limits: {memory: 1M}\n",
		    "1:18: memory: \"1M\" is out of bounds, 16M to 1024T are "
		    "possible" },
		{ "admin: {listen: \"0.0.0.0:9\"}\n",
		    "1:17: listen: \"0.0.0.0:9\" takes plaintext from the "
		    "network; use TLS, a loopback address, or say \"insecure: "
		    "true\"" },
		{ "admin: {listen: \"0.0.0.0:9\", insecure: true}\n", "" },
		{ "apis: {on: []}\n",
		    "1:12: an empty list lets nothing through; "
		    "leave the key out for no restriction" },
		{ "state: {dir: ''}\n", "1:14: dir: is empty" },
	};

	CHECK_REFUSALS(cases);
}

static void
inputs_are_checked(void)
{
	static const struct refusal cases[] = {
		{ "inputs: {type: tcp}\n",
		    "1:9: inputs: expects a list, not a block of keys" },
		{ "inputs: [tcp]\n",
		    "1:10: inputs: expects a list of blocks, not \"tcp\"" },
		{ "inputs:\n  - listen: x\n", "2:5: \"type\" is missing" },
		{ "inputs:\n  - type: udp\n    listen: 127.0.0.1:1\n",
		    "2:11: type: \"udp\" is refused: records do not fit in "
		    "datagrams; use tcp or tls" },
		{ "inputs:\n  - type: https\n",
		    "2:11: type: \"https\" is none of tcp, tls, http, file, "
		    "stdin, unix; did you mean \"http\"?" },
		{ "inputs:\n  - type: tcp\n    listn: x\n",
		    "3:5: unknown key \"listn\"; did you mean \"listen\"?" },
		{ "inputs:\n  - type: tcp\n",
		    "2:5: \"listen\" is missing; type tcp needs it" },
		{ "inputs:\n  - type: tcp\n    paths: [x]\n",
		    "3:5: paths: makes no sense for type tcp" },
		{ "inputs:\n  - {type: stdin, listen: \"127.0.0.1:1\"}\n",
		    "2:19: listen: makes no sense for type stdin" },
		{ "inputs: [{type: file, insecure: true, paths: x}]\n",
		    "1:23: insecure: makes no sense for type file" },
		{ "inputs: [{type: tls, insecure: true}]\n",
		    "1:22: insecure: makes no sense for type tls" },
		{ "inputs: [{type: file}]\n",
		    "1:10: \"paths\" is missing; type file needs it" },
		{ "inputs: [{type: file, paths: []}]\n",
		    "1:30: paths: is empty" },
		{ "inputs: [{type: file, paths: {/a: hec}}]\n",
		    "1:30: paths: expects a list, not a block of keys" },
		{ "inputs: [{type: file, paths: x, from: begin}]\n",
		    "1:39: from: \"begin\" is none of start, end" },
		{ "inputs: [{type: file, paths: x, verify_digests: true}]\n",
		    "1:33: verify_digests: needs \"public_keys\" beside it" },
		{ "inputs: [{type: tcp, listen: \"127.0.0.1:1\", name: \"\"}]\n",
		    "1:51: name: must have 1 to 128 bytes and no control "
		    "characters" },
		{ "inputs: [{type: tcp, listen: \"127.0.0.1:1\", name: "
		  "\"a\\nb\"}]\n",
		    "1:51: name: must have 1 to 128 bytes and no control "
		    "characters" },
		{ "inputs: [{type: tcp, listen: \"127.0.0.1:1\", accounts: "
		  "[]}]\n",
		    "1:55: an empty list lets nothing through; "
		    "leave the key out for no restriction" },
		{ "inputs: [{type: tcp, listen: \"127.0.0.1:1\", max_record: "
		  "100M}]\n",
		    "1:57: max_record: \"100M\" is out of bounds, 1k to 64M are "
		    "possible" },
		{ "inputs:\n- {type: tcp, listen: \"127.0.0.1:1\", name: a}\n"
		  "- {type: tcp, listen: \"127.0.0.1:2\", name: a}\n",
		    "3:44: name: \"a\" is the name of the input on line 2, "
		    "too" },
		{ "inputs:\n- {type: tcp, listen: \"127.0.0.1:1\"}\n"
		  "- {type: tcp, listen: \"127.0.0.1:1\"}\n",
		    "3:3: would be named \"tcp:127.0.0.1:1\" as the input on "
		    "line 2 is; give it a \"name\"" },
		{ "inputs:\n- {type: tcp, listen: \"127.0.0.1:1\"}\n"
		  "- {type: http, listen: \"127.0.0.1:1\"}\n",
		    "3:24: listen: the input on line 2 listens there, too" },
		{ "inputs:\n- {type: tcp, listen: \"127.0.0.1:0\", name: a}\n"
		  "- {type: tcp, listen: \"127.0.0.1:0\", name: b}\n",
		    "" },
		{ "inputs:\n- {type: stdin, name: a}\n- {type: stdin}\n",
		    "3:3: there is only one standard input, see line 2" },
		{ "inputs: [{type: unix, listen: /"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "}]\n",
		    "1:31: listen: a path of at most 107 bytes" },
	};

	CHECK_REFUSALS(cases);
}

static void
plaintext_stays_on_this_machine(void)
{
	static const struct refusal cases[] = {
		{ "inputs: [{type: tcp, listen: \"0.0.0.0:1\"}]\n",
		    "1:30: listen: \"0.0.0.0:1\" takes plaintext from the "
		    "network; use TLS, a loopback address, or say \"insecure: "
		    "true\"" },
		{ "inputs: [{type: tcp, listen: \"[::]:1\", insecure: false}]\n",
		    "1:30: listen: \"[::]:1\" takes plaintext from the "
		    "network; use TLS, a loopback address, or say \"insecure: "
		    "true\"" },
		{ "inputs: [{type: http, listen: \"logs.example:1\"}]\n",
		    "1:31: listen: \"logs.example:1\" takes plaintext from the "
		    "network; use TLS, a loopback address, or say \"insecure: "
		    "true\"" },
		{ "inputs: [{type: tcp, listen: \"0.0.0.0:1\", insecure: "
		  "true}]\n",
		    "" },
		{ "inputs: [{type: tcp, listen: \"[::1]:1\"}]\n", "" },
		{ "inputs: [{type: tcp, listen: \"localhost:1\"}]\n", "" },
		{ "inputs: [{type: tcp, listen: \"6514\"}]\n",
		    "1:30: listen: \"6514\" is no address and port (as "
		    "127.0.0.1:6514 or [::1]:6514)" },
	};

	CHECK_REFUSALS(cases);
}

static void
who_may_speak_must_be_said(void)
{
	static const struct refusal cases[] = {
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\"}]\n",
		    "1:10: \"cert\" is missing; type tls needs it" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c}]\n",
		    "1:10: \"key\" is missing; type tls needs it" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k}]\n",
		    "1:10: whoever connects may send; name \"client_ca\" or say "
		    "\"clients: any\"" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, clients: all}]\n",
		    "1:69: clients: \"all\" is not known, only \"any\"" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, clients: any}]\n",
		    "" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, clients: any, client_ca: a}]\n",
		    "1:60: clients: any contradicts \"client_ca\"" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, clients: any, allow: [{san: x}]}]\n",
		    "1:74: allow: needs \"client_ca\" beside it" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, client_ca: a, allow: []}]\n",
		    "1:81: an empty list lets nothing through; "
		    "leave the key out for no restriction" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, client_ca: a, allow: [{accounts: x}]}]\n",
		    "1:82: \"san\" or \"fingerprint\" is missing" },
		{ "inputs: [{type: tls, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, client_ca: a, allow: [{fingerprint: abc}]}]\n",
		    "1:96: fingerprint: \"abc\" is no SHA-256 fingerprint, 64 "
		    "hexadecimal digits" },
		{ "inputs: [{type: http, listen: \"0.0.0.0:1\", cert: c}]\n",
		    "1:44: cert: needs \"key\" beside it" },
		{ "inputs: [{type: http, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k}]\n",
		    "1:10: whoever connects may send; name \"client_ca\" or "
		    "\"token\" or say \"clients: any\"" },
		{ "inputs: [{type: http, listen: \"0.0.0.0:1\", cert: c, key: "
		  "k, token: \"a b\"}]\n",
		    "1:68: the secret holds a blank or a line break" },
		{ "inputs: [{type: http, listen: \"127.0.0.1:1\", token: "
		  "''}]\n",
		    "1:53: token: is empty" },
		{ "inputs: [{type: http, listen: \"127.0.0.1:1\", jwks: "
		  "k}]\n",
		    "1:46: jwks: needs \"audience\" beside it" },
		{ "inputs: [{type: http, listen: \"127.0.0.1:1\", jwks: "
		  "\"http://x/\", audience: a}]\n",
		    "1:52: jwks: must be a path or an https:// URL" },
		{ "inputs: [{type: http, listen: \"127.0.0.1:1\", paths: "
		  "[/a]}]\n",
		    "1:53: paths: expects a block of keys as {/aws: "
		    "firehose}" },
		{ "inputs: [{type: http, listen: \"127.0.0.1:1\", paths: {a: "
		  "hec}}]\n",
		    "1:54: paths: \"a\" begins with no slash" },
		{ "inputs: [{type: http, listen: \"127.0.0.1:1\", paths: {/a: "
		  "firehos}}]\n",
		    "1:58: paths: \"firehos\" is none of firehose, pubsub, hec, "
		    "auto; did you mean \"firehose\"?" },
	};

	CHECK_REFUSALS(cases);
}

static void
outputs_are_checked(void)
{
	static const struct refusal cases[] = {
		{ "outputs: [{type: fil}]\n",
		    "1:18: type: \"fil\" is none of file, stdout, syslog, "
		    "webhook, exec, null; did you mean \"file\"?" },
		{ "outputs: [{type: null}]\n", "" },
		{ "outputs: [{type: ~}]\n", "1:18: type: has no value" },
		{ "outputs: [{type: file}]\n",
		    "1:11: \"path\" is missing; type file needs it" },
		{ "outputs: [{type: stdout, path: x}]\n",
		    "1:26: path: makes no sense for type stdout" },
		{ "outputs: [{type: stdout, format: jsn}]\n",
		    "1:34: format: \"jsn\" is none of json, text, ocsf, ecs, "
		    "cef, leef, csv, rfc5424, rfc3164; did you mean \"json\"?" },
		{ "outputs: [{type: stdout, what: decision}]\n",
		    "1:32: what: \"decision\" is none of findings, decisions; "
		    "did you mean \"decisions\"?" },
		{ "outputs: [{type: stdout, min_severity: hgih}]\n",
		    "1:40: min_severity: \"hgih\" is none of informational, "
		    "low, medium, high, critical; did you mean \"high\"?" },
		{ "outputs: [{type: stdout, providers: [aws, azure]}]\n",
		    "1:43: providers: \"azure\" is none of aws, gcp" },
		{ "outputs: [{type: stdout, reasons: []}]\n",
		    "1:35: an empty list lets nothing through; "
		    "leave the key out for no restriction" },
		{ "outputs: [{type: stdout, updates: evry}]\n",
		    "1:35: updates: \"evry\" is none of first, every; did you "
		    "mean \"every\"?" },
		{ "outputs: [{type: stdout, updates: {digest: 15}}]\n",
		    "1:35: updates: expects first, every or {digest: 15m}" },
		{ "outputs: [{type: stdout, when_full: drop}]\n",
		    "1:37: when_full: \"drop\" is none of block, drop_oldest" },
		{ "outputs: [{type: stdout}, {type: stdout}]\n",
		    "1:27: would be named \"stdout\" as the output on line 1 "
		    "is; give it a \"name\"" },
		{ "outputs: [{type: file, path: x, name: a}, {type: file, path: "
		  "x, name: b}]\n",
		    "1:62: path: the output on line 1 writes there, too" },
		{ "outputs: [{type: file, path: x, mode: rw}]\n",
		    "1:39: mode: \"rw\" is no file mode (as 0640)" },
		{ "outputs: [{type: file, path: x, rotate: daily}]\n",
		    "1:41: rotate: \"daily\" is no size or time (as 100M, 1d, "
		    "never)" },
		{ "outputs: [{type: syslog, server: \"udp://h:514\"}]\n",
		    "1:34: server: udp is refused: records do not fit in "
		    "datagrams; use tls:// or tcp://" },
		{ "outputs: [{type: syslog, server: \"ssl://h:514\"}]\n",
		    "1:34: server: \"ssl://h:514\" is neither tls:// nor "
		    "tcp://" },
		{ "outputs: [{type: syslog, server: \"tls://h\"}]\n",
		    "1:34: server: \"tls://h\" is no server and port (as "
		    "tls://siem.example.com:6514)" },
		{ "outputs: [{type: syslog, server: \"tls://h:1\", protocol: "
		  "tcp}]\n",
		    "1:57: protocol: \"server\" says something else" },
		{ "outputs: [{type: syslog, server: \"h:1\", cert: c}]\n",
		    "1:41: cert: needs \"key\" beside it" },
		{ "outputs: [{type: syslog, server: \"h:1\", facility: "
		  "local8}]\n",
		    "1:51: facility: \"local8\" is none of kern, user, mail, "
		    "daemon, auth, syslog, lpr, news, uucp, cron, authpriv, "
		    "ftp, ntp, audit, alert, clock, local0, local1, local2, "
		    "local3, local4, local5, local6, local7; did you mean "
		    "\"local0\"?" },
		{ "outputs: [{type: webhook, preset: slack}]\n",
		    "1:11: \"url\" is missing; type webhook needs it" },
		{ "outputs: [{type: webhook, url: \"ftp://x/\"}]\n",
		    "1:32: url: must begin with https://" },
		{ "outputs: [{type: webhook, url: \"http://x/\"}]\n",
		    "1:32: url: http:// would send plaintext over the network; "
		    "use https://, or say \"insecure: true\"" },
		{ "outputs: [{type: webhook, url: \"http://127.0.0.1:8/x\"}]\n",
		    "" },
		{ "outputs: [{type: webhook, url: \"http://localhost\"}]\n",
		    "" },
		{ "outputs: [{type: webhook, url: "
		  "\"http://127.0.0.1@x.example/\"}]\n",
		    "1:32: url: http:// would send plaintext over the network; "
		    "use https://, or say \"insecure: true\"" },
		{ "outputs: [{type: webhook, url: \"https://x/\", preset: "
		  "slak}]\n",
		    "1:54: preset: \"slak\" is none of slack, teams, discord, "
		    "mattermost, googlechat, pagerduty, opsgenie, jira, "
		    "servicenow, splunk-hec, elasticsearch; did you mean "
		    "\"slack\"?" },
		{ "outputs: [{type: webhook, url: \"https://x/\", preset: "
		  "slack, format: json}]\n",
		    "1:61: format: cannot stand beside \"preset\"" },
		{ "outputs: [{type: webhook, url: \"https://x/\", headers: "
		  "{\"a b\": c}}]\n",
		    "1:56: headers: \"a b\" is no name of a header" },
		{ "outputs: [{type: webhook, url: \"https://x/\", headers: {a: "
		  "\"b\\nc\"}}]\n",
		    "1:59: headers: expects a text of one line" },
		{ "outputs: [{type: exec, command: /bin/mail root}]\n",
		    "1:33: command: is one program; its arguments stand in "
		    "\"args\"" },
	};

	CHECK_REFUSALS(cases);
}

static void
a_digest_and_a_rotation_are_read(void)
{
	struct config *c = load(
	    "outputs:\n"
	    "- {type: file, path: a, rotate: 100M, updates: "
	    "{digest: 15m}, mode: 0600}\n"
	    "- {type: file, path: b, rotate: 1d, updates: "
	    "every}\n",
	    "etc/t.yaml");

	CHECK_TEXT(message(), "");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(output(c, 0)->path), "etc/a");
	CHECK_INT(output(c, 0)->rotate_size, 100 << 20);
	CHECK_INT(output(c, 0)->rotate_every, 0);
	CHECK_INT(output(c, 0)->update_mode, UPDATES_DIGEST);
	CHECK_INT(output(c, 0)->digest, 15 * 60000);
	CHECK_INT(output(c, 0)->mode_bits, 0600);
	CHECK_INT(output(c, 1)->rotate_size, 0);
	CHECK_INT(output(c, 1)->rotate_every, 86400000);
	CHECK_INT(output(c, 1)->update_mode, UPDATES_EVERY);
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
		CHECK(load(texts[i], "t.yaml") == NULL);
		CHECK(message().n > 0 && !slice_find(message(), "s3cr3t"));
	}
	setenv("ST_URL", "https://s3cr3t.example/", 1);
	c = load(texts[0], "t.yaml");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(output(c, 0)->name), "webhook");
	config_free(c);
	setenv("ST_URL", "127.0.0.1:7000", 1);
	c = load(texts[1], "t.yaml");
	REQUIRE(c != NULL);
	CHECK_TEXT(slice_str(input(c, 0)->name), "tcp");
	CHECK_TEXT(slice_str(input(c, 0)->listen), "127.0.0.1:7000");
	config_free(c);
}

static void
what_is_not_built_yet_is_named(void)
{
	static const struct refusal cases[] = {
		{ "inputs: [{type: tcp, listen: \"127.0.0.1:1\"}, {type: file, "
		  "paths: x}]\noutputs: [{type: file, path: x}, {type: stdout}, "
		  "{type: \"null\"}]\n",
		    "" },
		{ "inputs: [{type: file, paths: x}, {type: stdin}]\n",
		    "t.yaml:1:41: this version has no stdin input yet" },
		{ "outputs: [{type: exec, command: x}]\n",
		    "t.yaml:1:18: this version has no exec output yet" },
	};

	for (size_t i = 0; i < 3; i++) {
		struct config *c = load(cases[i].text, "t.yaml");

		REQUIRE(c != NULL);
		CHECK_INT(config_unsupported(c, &last),
		    cases[i].message[0] ? ST_EINVAL : 0);
		CHECK_TEXT(message(), cases[i].message);
		config_free(c);
	}
}

static void
reasons_are_words_that_the_caller_knows(void)
{
	static const char *const words[] = { "new_country", "decoy_touched",
		NULL };
	static const struct refusal cases[] = {
		{ "outputs: [{type: stdout, reasons: [new_country, "
		  "\"new_*\"]}]\n",
		    "" },
		{ "outputs: [{type: stdout, reasons: [new_county]}]\n",
		    "t.yaml:1:36: reasons: \"new_county\" is no reason code; "
		    "did you mean \"new_country\"?" },
		{ "outputs: [{type: stdout, reasons: x}]\n",
		    "t.yaml:1:35: reasons: \"x\" is no reason code" },
	};

	for (size_t i = 0; i < 3; i++) {
		struct config *c = load(cases[i].text, "t.yaml");

		REQUIRE(c != NULL);
		CHECK_INT(config_check_reasons(c, words, &last),
		    cases[i].message[0] ? ST_EINVAL : 0);
		CHECK_TEXT(message(), cases[i].message);
		config_free(c);
	}
}

/* Every line that config_check_files() gives, its file's name cut off. */
static void
check_files(const char *text, size_t problems, const char *want)
{
	struct config *c = load(text, in_tmp("files.yaml"));
	struct buf out = BUF_INIT;

	CHECK_TEXT(message(), "");
	if (!c)
		return;
	CHECK_INT(config_check_files(c, &out), problems);
	if (!slice_is(buf_slice(&out), want) && out.n > 0)
		CHECK_TEXT(buf_slice(&out), want);
	buf_release(&out);
	config_free(c);
}

static void
files_that_would_fail_later_are_listed(void)
{
	char want[4096], *at = want;
	const char *p = in_tmp("files.yaml");

	write_file("here", "x");
	at += sprintf(at,
	    "%s:2:32: key: cannot read %s/nokey: No such file or "
	    "directory\n",
	    p, unit_tmpdir());
	at += sprintf(
	    at, "%s:2:50: client_ca: %s/. is a folder\n", p, unit_tmpdir());
	at += sprintf(at,
	    "%s:3:24: paths: cannot read %s/none: No such file or "
	    "directory\n",
	    p, unit_tmpdir());
	at += sprintf(at,
	    "%s:4:24: paths: the folder %s/dir: No such file or "
	    "directory\n",
	    p, unit_tmpdir());
	at += sprintf(at,
	    "%s:7:22: path: the folder %s/dir: No such file or "
	    "directory\n",
	    p, unit_tmpdir());
	at += sprintf(
	    at, "%s:8:22: path: %s/. is a folder\n", p, unit_tmpdir());
	at += sprintf(
	    at, "%s:9:34: owner: there is no user nobody-at-all\n", p);
	at += sprintf(at, "%s:9:34: owner: there is no group neither\n", p);
	at += sprintf(at,
	    "%s:10:25: command: cannot run %s/none: No such file "
	    "or directory\n",
	    p, unit_tmpdir());
	at += sprintf(at,
	    "%s:11:9: policy: cannot read %s/none: No such file or "
	    "directory\n",
	    p, unit_tmpdir());
	at += sprintf(at,
	    "%s:12:25: databases: cannot read %s/none: No such "
	    "file or directory\n",
	    p, unit_tmpdir());
	at += sprintf(
	    at, "%s:13:14: dir: %s/here is no folder\n", p, unit_tmpdir());
	check_files(
	    "inputs:\n"
	    "- {type: tls, cert: here, key: nokey, client_ca: ., listen: "
	    "\"0.0.0.0:1\"}\n"
	    "- {type: file, paths: [none], name: a}\n"
	    "- {type: file, paths: [\"dir/*/x\"], follow: true}\n"
	    "- {type: file, paths: [here, \"*.gz\", \"**/x\", \"./none\"], "
	    "follow: true}\n"
	    "outputs:\n"
	    "- {type: file, path: dir/x}\n"
	    "- {type: file, path: .}\n"
	    "- {type: file, path: new, owner: \"nobody-at-all:neither\"}\n"
	    "- {type: exec, command: none}\n"
	    "policy: none\n"
	    "geo: {databases: [here, none]}\n"
	    "state: {dir: here}\n",
	    12, want);
}

static void
a_state_folder_is_made_where_that_is_possible(void)
{
	char want[600];

	check_files("state: {dir: newstate}\n", 0, "");
	snprintf(want, sizeof(want),
	    "%s:1:14: dir: the folder %s/no: No such file or directory\n",
	    in_tmp("files.yaml"), unit_tmpdir());
	check_files("state: {dir: no/newstate}\n", 1, want);
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

	memset(&last, 0, sizeof(last));
	CHECK_INT(config_load(path, &c, &last), 0);
	CHECK_TEXT(message(), "");
	REQUIRE(c != NULL);
	CHECK_INT(config_unsupported(c, &last), 0);
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
    { "the whole is checked", the_whole_is_checked },
    { "inputs are checked", inputs_are_checked },
    { "plaintext stays on this machine", plaintext_stays_on_this_machine },
    { "who may speak must be said", who_may_speak_must_be_said },
    { "outputs are checked", outputs_are_checked },
    { "a digest and a rotation are read", a_digest_and_a_rotation_are_read },
    { "a secret is in no name and no message",
	a_secret_is_in_no_name_and_no_message },
    { "what is not built yet is named", what_is_not_built_yet_is_named },
    { "reasons are words that the caller knows",
	reasons_are_words_that_the_caller_knows },
    { "files that would fail later are listed",
	files_that_would_fail_later_are_listed },
    { "a state folder is made where that is possible",
	a_state_folder_is_made_where_that_is_possible },
    { "addresses have a host and a port", addresses_have_a_host_and_a_port },
    { "the shipped examples load", the_shipped_examples_load })
