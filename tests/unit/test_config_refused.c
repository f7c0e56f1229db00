/*
 * test_config_refused.c - stsentry.yaml: what is refused, and where.
 */
#include "tests/unit/config_case.h"

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
		{ "log: {level: warn}\n",
		    "1:14: level: \"warn\" is none of error, warning, info, "
		    "debug; did you mean \"warning\"?" },
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
		{ "inputs: [{type: syslog, listen: \"127.0.0.1:1\"}]\n",
		    "1:17: type: \"syslog\" is refused: senders of syslog "
		    "speak tcp, tls or unix" },
		{ "inputs: [{type: tcp, listen: \"127.0.0.1:1\", accounts: "
		  "[1111-2222-3333]}]\n",
		    "1:56: accounts: \"1111-2222-3333\" is no account; one of "
		    "AWS is 12 digits" },
		{ "inputs: [{type: tls, listen: \"127.0.0.1:1\", cert: c, key: "
		  "k, client_ca: a, allow: [{san: x, accounts: "
		  "[acme-prod]}]}]\n",
		    "1:104: accounts: \"acme-prod\" is no account; a project "
		    "of Google Cloud is \"projects/acme-prod\"" },
		{ "inputs: [{type: tcp, listen: \"127.0.0.1:1\", accounts: "
		  "[\"111122223333\", \"1111*\", \"projects/a\"]}]\n",
		    "" },
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
		    "1:52: jwks: must be a path; fetch the file now and then" },
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
		    "webhook, exec, null, plugin; did you mean \"file\"?" },
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
		    "1:37: when_full: \"drop\" is none of block, drop_oldest; "
		    "did you mean \"drop_oldest\"?" },
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
		{ "outputs: [{type: syslog, server: \"unix://log\"}]\n",
		    "1:34: server: \"unix://log\" is no absolute path (as "
		    "unix:///dev/log)" },
		{ "outputs: [{type: syslog, server: \"ssl://h:514\"}]\n",
		    "1:34: server: \"ssl://h:514\" is none of tls://, tcp://, "
		    "udp:// and unix://" },
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
		{ "outputs: [{type: slack, url: \"https://x/\"}]\n",
		    "1:18: type: \"slack\" is refused: it is a preset, as "
		    "{type: webhook, preset: slack, url: ...}" },
		{ "outputs: [{type: null, accounts: [12345]}]\n",
		    "1:35: accounts: \"12345\" is no account; one of AWS is 12 "
		    "digits" },
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
		    "1:54: preset: \"slak\" is none of generic, slack, teams, "
		    "discord, mattermost, google-chat, pagerduty, opsgenie, "
		    "jsm, jira, servicenow, thehive, alertmanager, splunk-hec, "
		    "elasticsearch, loki, otlp, n8n; did you mean "
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

UNIT_MAIN("config_refused", { "the whole is checked", the_whole_is_checked },
    { "inputs are checked", inputs_are_checked },
    { "plaintext stays on this machine", plaintext_stays_on_this_machine },
    { "who may speak must be said", who_may_speak_must_be_said },
    { "outputs are checked", outputs_are_checked })
