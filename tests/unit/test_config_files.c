/*
 * test_config_files.c - stsentry.yaml beside the machine it is for, and all that
 * is wrong at once.
 */
#include "tests/unit/config_case.h"

#include <stdio.h>

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
		struct config *c = case_load(cases[i].text, "t.yaml");
		char line[1024];
		struct err e;

		REQUIRE(c != NULL);
		e = (struct err){ .text = "" };
		CHECK_INT(config_check_reasons(c, words, NULL, &e),
		    cases[i].message[0] ? ST_EINVAL : 0);
		CHECK_TEXT(slice_str(err_format(&e, line, sizeof(line))),
		    cases[i].message);
		config_free(c);
	}
}

static void
check_list(const struct problems *all, size_t n, const char *want)
{
	struct buf out = BUF_INIT;

	CHECK_INT(problems_count(all), n);
	problems_write(all, &out);
	CHECK_TEXT(slice_of(out.p ? out.p : "", out.n), want);
	buf_release(&out);
}

static void
check_files(const char *text, size_t n, const char *want)
{
	struct config *c = case_load(text, case_tmp("files.yaml"));
	struct problems all = PROBLEMS_INIT;
	const struct output_config *out;

	CHECK_TEXT(case_message(), "");
	if (!c)
		return;
	out = c->outputs.v;
	config_check_files(c, &all);
	for (size_t i = 0; i < c->outputs.n; i++)
		config_check_output_files(&out[i], &all);
	check_list(&all, n, want);
	problems_release(&all);
	config_free(c);
}

static void
files_that_would_fail_later_are_listed(void)
{
	char want[4096], *at = want;
	const char *p = case_tmp("files.yaml");

	case_file("here", "x");
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
	    case_tmp("files.yaml"), unit_tmpdir());
	check_files("state: {dir: no/newstate}\n", 1, want);
}

/* What is right of a configuration that is not is still looked at. */
static void
all_that_is_wrong_is_told_at_once(void)
{
	static const char text[] =
	    "version: 2\n"
	    "inptus: []\n"
	    "inputs:\n"
	    "  - {type: tcp, listn: \"127.0.0.1:1\", max_record: lots}\n"
	    "  - {type: udp, listen: \"127.0.0.1:1\"}\n"
	    "  - {type: tcp, paths: [x], follow: true}\n"
	    "  - {type: tcp, listen: \"0.0.0.0:1\", name: a}\n"
	    "  - {type: tcp, listen: \"127.0.0.1:2\", name: good}\n"
	    "  - {type: stdin, name: good}\n"
	    "outputs:\n"
	    "  - {type: syslog, cert: c}\n"
	    "  - {type: webhook, url: \"${ST_IS_NOT_SET}\", timeout: 1}\n"
	    "  - {type: stdout, reasons: [a, \"${ST_IS_NOT_SET}\", b]}\n"
	    "  - tcp\n"
	    "  - {type: syslog, server: \"h:1\"}\n"
	    "geo: {databases: [a, [b], \"\"]}\n"
	    "limits: {memory: 1, memory: 2, nothing: 3}\n"
	    "admin: {listen: \"0.0.0.0:1\"}\n";
	static const char *const words[] = { "decoy_touched", NULL };
	static const char want[] =
	    "t.yaml:1:10: version: 2 is not known; this program reads version "
	    "1\n"
	    "t.yaml:2:1: unknown key \"inptus\"; did you mean \"inputs\"?\n"
	    "t.yaml:4:5: \"listen\" is missing; type tcp needs it\n"
	    "t.yaml:4:17: unknown key \"listn\"; did you mean \"listen\"?\n"
	    "t.yaml:4:51: max_record: \"lots\" is no size (as 256k, 1M)\n"
	    "t.yaml:5:12: type: \"udp\" is refused: records do not fit in "
	    "datagrams; use tcp or tls\n"
	    "t.yaml:6:5: \"listen\" is missing; type tcp needs it\n"
	    "t.yaml:6:17: paths: makes no sense for type tcp\n"
	    "t.yaml:6:29: follow: makes no sense for type tcp\n"
	    "t.yaml:7:25: listen: \"0.0.0.0:1\" takes plaintext from the "
	    "network; use TLS, a loopback address, or say \"insecure: true\"\n"
	    "t.yaml:9:25: name: \"good\" is the name of the input on line 8, "
	    "too\n"
	    "t.yaml:11:5: \"server\" is missing; type syslog needs it\n"
	    "t.yaml:12:26: the environment variable ST_IS_NOT_SET is not set\n"
	    "t.yaml:12:55: timeout: \"1\" is no duration (as 50ms, 15s, 15m, "
	    "1h, 30d)\n"
	    "t.yaml:13:30: reasons: \"a\" is no reason code\n"
	    "t.yaml:13:33: the environment variable ST_IS_NOT_SET is not set\n"
	    "t.yaml:13:53: reasons: \"b\" is no reason code\n"
	    "t.yaml:14:5: outputs: expects a list of blocks, not \"tcp\"\n"
	    "t.yaml:16:22: databases: expects a list of words, not a list\n"
	    "t.yaml:16:27: databases: is empty\n"
	    "t.yaml:17:18: memory: \"1\" is out of bounds, 16M to 1024T are "
	    "possible\n"
	    "t.yaml:17:21: key \"memory\" is there twice, first on line 17\n"
	    "t.yaml:17:32: unknown key \"nothing\"\n"
	    "t.yaml:18:17: listen: \"0.0.0.0:1\" takes plaintext from the "
	    "network; use TLS, a loopback address, or say \"insecure: true\"\n";
	struct problems all = PROBLEMS_INIT;
	struct config *c = config_examine_text(slice_str(text), "t.yaml", &all);
	struct err e;

	REQUIRE(c != NULL);
	CHECK_INT(config_check_reasons(c, words, &all, &e), 0);
	CHECK(opt_blocks_good(&c->inputs, 4));
	CHECK(!opt_blocks_good(&c->inputs, 5));
	CHECK(opt_blocks_good(&c->outputs, 4));
	check_list(&all, 24, want);
	problems_release(&all);
	config_free(c);
}

static void
what_is_no_yaml_is_told_and_gives_nothing(void)
{
	struct problems all = PROBLEMS_INIT;

	CHECK(config_examine_text(SLICE_LIT("a: ]"), "t.yaml", &all) == NULL);
	CHECK(config_examine_text(SLICE_LIT(""), "t.yaml", &all) == NULL);
	CHECK(config_examine("/none/such", &all) == NULL);
	CHECK_INT(problems_count(&all), 3);
	problems_release(&all);
}

UNIT_MAIN("config_files",
    { "reasons are words that the caller knows",
	reasons_are_words_that_the_caller_knows },
    { "files that would fail later are listed",
	files_that_would_fail_later_are_listed },
    { "a state folder is made where that is possible",
	a_state_folder_is_made_where_that_is_possible },
    { "all that is wrong is told at once", all_that_is_wrong_is_told_at_once },
    { "what is no YAML is told and gives nothing",
	what_is_no_yaml_is_told_and_gives_nothing })
