/*
 * test_schema.c - rows fill structures, and say what is wrong where.
 */
#include "conf/schema.h"
#include "tests/unit/unit.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct inner {
	const char *name;
	int64_t n;
};

struct outer {
	bool on;
	int64_t count;
	double share;
	size_t size;
	int64_t wait;
	const char *text, *path, *token;
	int word;
	struct opt_strings list, paths;
	struct inner one;
	struct opt_blocks many;
	const struct ynode *node;
	int64_t odd;
};

static int
check_odd(const struct ynode *n, const void *field, struct err *e)
{
	const int64_t *v = field;

	return *v % 2 ? 0 : ynode_err(n, e, "odd: is even");
}

static const char *const words[] = { "json", "text", "ocsf", NULL };

static const struct opt inner_rows[] = {
	OPT(struct inner, name, OPT_STRING, .name = "name",
	    .flags = OPT_REQUIRED, .help = "its name"),
	OPT(struct inner, n, OPT_INT, .name = "n", .def = "3",
	    .help = "how many"),
	OPT_END
};

static const struct opt outer_rows[] = { OPT(struct outer, on, OPT_BOOL,
					     .name = "on", .def = "yes",
					     .help = "h"),
	OPT(struct outer, count, OPT_INT, .name = "count", .def = "10M",
	    .min = -5, .max = 1e9, .help = "h"),
	OPT(struct outer, share, OPT_REAL, .name = "share", .def = "0.5",
	    .min = 0.25, .max = 1, .help = "h"),
	OPT(struct outer, size, OPT_SIZE, .name = "max_size", .def = "256k",
	    .min = 1024, .max = 64 << 20, .help = "h"),
	OPT(struct outer, wait, OPT_DURATION, .name = "wait", .def = "15m",
	    .min = 50, .max = 86400000.0 * 30, .help = "h"),
	OPT(struct outer, text, OPT_STRING, .name = "text", .help = "h"),
	OPT(struct outer, path, OPT_STRING, .name = "path", .def = "x/y",
	    .flags = OPT_PATH, .help = "h"),
	OPT(struct outer, token, OPT_STRING, .name = "token",
	    .flags = OPT_SECRET, .help = "h"),
	OPT(struct outer, word, OPT_WORD, .name = "format", .def = "text",
	    .words = words, .help = "h"),
	OPT(struct outer, list, OPT_STRINGS, .name = "list", .def = "all",
	    .help = "h"),
	OPT(struct outer, paths, OPT_STRINGS, .name = "paths",
	    .flags = OPT_PATH, .help = "h"),
	OPT(struct outer, one, OPT_BLOCK, .name = "one", .rows = inner_rows,
	    .help = "h"),
	OPT(struct outer, many, OPT_BLOCKS, .name = "many", .rows = inner_rows,
	    .size = sizeof(struct inner), .help = "h"),
	OPT(struct outer, node, OPT_NODE, .name = "node", .help = "h"),
	OPT(struct outer, odd, OPT_INT, .name = "odd", .check = check_odd,
	    .help = "h"),
	OPT_END };

struct filled {
	struct outer o;
	struct yaml_doc *doc;
	struct arena arena;
	char message[1024];
};

static bool
fill(struct filled *f, const char *text)
{
	struct err e;
	int err;

	memset(f, 0xa5, sizeof(*f));
	f->doc = NULL;
	arena_init(&f->arena, 1024);
	err = yaml_load_text(slice_str(text), "etc/t.yaml", &f->doc, &e);
	if (err == 0)
		err = schema_fill(
		    yaml_root(f->doc), outer_rows, &f->arena, &f->o, &e);
	f->message[0] = '\0';
	if (err < 0)
		err_format(&e, f->message, sizeof(f->message));
	return err == 0;
}

static void
drop(struct filled *f)
{
	yaml_free(f->doc);
	arena_release(&f->arena);
}

static void
an_absent_key_has_its_default(void)
{
	struct filled f;

	REQUIRE(fill(&f, ""));
	CHECK(f.o.on);
	CHECK_INT(f.o.count, 10000000);
	CHECK(f.o.share == 0.5);
	CHECK_INT(f.o.size, 256 * 1024);
	CHECK_INT(f.o.wait, 15 * 60 * 1000);
	CHECK(f.o.text == NULL && f.o.token == NULL);
	CHECK_TEXT(slice_str(f.o.path), "x/y");
	CHECK_INT(f.o.word, 1);
	CHECK_INT(f.o.list.n, 1);
	CHECK_TEXT(slice_str(f.o.list.v[0]), "all");
	CHECK(f.o.list.nodes[0] == NULL);
	CHECK_INT(f.o.paths.n, 0);
	CHECK(f.o.one.name == NULL);
	CHECK_INT(f.o.one.n, 3);
	CHECK_INT(f.o.many.n, 0);
	CHECK(f.o.node == NULL);
	CHECK_INT(f.o.odd, 0);
	drop(&f);
}

static void
a_given_key_is_filled_in(void)
{
	struct filled f;
	const struct inner *many;

	REQUIRE(fill(&f,
	    "on: off\ncount: -5\nshare: 1e0\nmax_size: 1M\n"
	    "wait: 1h30m\ntext: ''\npath: a.mmdb\ntoken: x\n"
	    "format: ocsf\nlist: [a, 011]\npaths: /abs\n"
	    "one: {name: q, n: 2k}\n"
	    "many: [{name: a}, {name: b, n: 4}]\nnode: [1]\n"
	    "odd: 3\n"));
	CHECK(!f.o.on);
	CHECK_INT(f.o.count, -5);
	CHECK(f.o.share == 1);
	CHECK_INT(f.o.size, 1 << 20);
	CHECK_INT(f.o.wait, 90 * 60 * 1000);
	CHECK_TEXT(slice_str(f.o.text), "");
	CHECK_TEXT(slice_str(f.o.path), "etc/a.mmdb");
	CHECK_INT(f.o.word, 2);
	CHECK_TEXT(slice_str(f.o.list.v[1]), "011");
	CHECK_INT(f.o.list.nodes[1]->col, 11);
	CHECK_INT(f.o.paths.n, 1);
	CHECK_TEXT(slice_str(f.o.paths.v[0]), "/abs");
	CHECK_TEXT(slice_str(f.o.one.name), "q");
	CHECK_INT(f.o.one.n, 2000);
	many = f.o.many.v;
	CHECK_INT(f.o.many.n, 2);
	CHECK_TEXT(slice_str(many[1].name), "b");
	CHECK_INT(many[0].n, 3);
	CHECK_INT(f.o.node->kind, YNODE_SEQ);
	CHECK(schema_node(yaml_root(f.doc), "node") == f.o.node);
	drop(&f);
}

static void
what_is_wrong_is_told_with_place_and_nearest_word(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "- a\n", "1:1: expects a block of keys, not a list" },
		{ "txt: a\n",
		    "1:1: unknown key \"txt\"; did you mean \"text\"?" },
		{ "text: a\nMAX_SIZE: 1M\n",
		    "2:1: unknown key \"MAX_SIZE\"; did you mean \"max_size\"?" },
		{ "max-size: 1M\n",
		    "1:1: unknown key \"max-size\"; did you mean \"max_size\"?" },
		{ "zebra: 1\n", "1:1: unknown key \"zebra\"" },
		{ "<<: {}\n", "1:1: unknown key \"<<\"" },
		{ "on: 1\n", "1:5: on: \"1\" is no boolean (true or false)" },
		{ "on: 'true'\n",
		    "1:5: on: \"true\" is no boolean (true or false, without "
		    "quotes)" },
		{ "on: [true]\n", "1:5: on: expects one value, not a list" },
		{ "count: 1.5\n",
		    "1:8: count: \"1.5\" is no whole number (as 10, 5k, 10M)" },
		{ "count: -6\n",
		    "1:8: count: \"-6\" is out of bounds, -5 to 1000000000 are "
		    "possible" },
		{ "count: 99999999999999999999\n",
		    "1:8: count: \"99999999999999999999\" is no whole number (as "
		    "10, 5k, 10M)" },
		{ "share: 0x1\n", "1:8: share: \"0x1\" is no number" },
		{ "share: .inf\n", "1:8: share: \".inf\" is no number" },
		{ "share: 1e999\n", "1:8: share: \"1e999\" is no number" },
		{ "share: 0.1\n",
		    "1:8: share: \"0.1\" is out of bounds, 0.25 to 1 are "
		    "possible" },
		{ "text: x\nmax_size: lots\n",
		    "2:11: max_size: \"lots\" is no size (as 256k, 1M)" },
		{ "max_size: 65M\n",
		    "1:11: max_size: \"65M\" is out of bounds, 1k to 64M are "
		    "possible" },
		{ "max_size: -1\n",
		    "1:11: max_size: \"-1\" is no size (as 256k, 1M)" },
		{ "wait: 15\n",
		    "1:7: wait: \"15\" is no duration (as 50ms, 15s, 15m, 1h, "
		    "30d)" },
		{ "wait: 49ms\n",
		    "1:7: wait: \"49ms\" is out of bounds, 50ms to 30d are "
		    "possible" },
		{ "text:\n", "1:6: text: has no value" },
		{ "text: ~\n", "1:7: text: has no value" },
		{ "list: null\n", "1:7: list: has no value" },
		{ "many:\n", "1:6: many: has no value" },
		{ "node:\n", "1:6: node: has no value" },
		{ "token: ''\n", "1:8: token: is empty" },
		{ "token: [a]\n", "1:8: token: expects one value, not a list" },
		{ "path: ''\n", "1:7: path: is empty" },
		{ "format: jsn\n",
		    "1:9: format: \"jsn\" is none of json, text, ocsf; did you "
		    "mean \"json\"?" },
		{ "format: x\n",
		    "1:9: format: \"x\" is none of json, text, ocsf" },
		{ "format: {}\n",
		    "1:9: format: expects one value, not a block of keys" },
		{ "list: {a: b}\n",
		    "1:7: list: expects a list, not a block of keys" },
		{ "list: [a, [b]]\n",
		    "1:11: list: expects a list of words, not a list" },
		{ "list: [a, ~]\n", "1:11: list: is empty" },
		{ "list: ['']\n", "1:8: list: is empty" },
		{ "one: x\n", "1:6: one: expects a block of keys, not \"x\"" },
		{ "one: {n: 1}\n", "1:6: \"name\" is missing" },
		{ "one: {name: ''}\n", "1:13: name: is empty" },
		{ "many: {name: a}\n",
		    "1:7: many: expects a list, not a block of keys" },
		{ "many: [a]\n",
		    "1:8: many: expects a list of blocks, not \"a\"" },
		{ "many:\n- name: a\n- nam: b\n",
		    "3:3: unknown key \"nam\"; did you mean \"name\"?" },
		{ "odd: 2\n", "1:6: odd: is even" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char want[600];
		struct filled f;

		CHECK(!fill(&f, cases[i].text));
		snprintf(want, sizeof(want), "etc/t.yaml:%s", cases[i].message);
		CHECK_TEXT(slice_str(f.message), want);
		drop(&f);
	}
}

static void
a_secret_is_never_in_a_message(void)
{
	static const char *const texts[] = { "on: ${ST_S}", "count: ${ST_S}",
		"share: ${ST_S}", "max_size: ${ST_S}", "wait: ${ST_S}",
		"format: ${ST_S}", "one: ${ST_S}", "many: ['${ST_S}']",
		"${ST_S}" };

	setenv("ST_S", "jsonn", 1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct filled f;

		CHECK(!fill(&f, texts[i]));
		CHECK(slice_find(slice_str(f.message), "the value filled in") !=
		    NULL);
		CHECK(!slice_find(slice_str(f.message), "jsonn"));
		CHECK(!slice_find(slice_str(f.message), "did you mean"));
		drop(&f);
	}
}

static void
without_a_node_a_required_row_is_missing(void)
{
	struct arena a;
	struct inner in;
	struct err e;

	arena_init(&a, 256);
	CHECK_INT(schema_fill(NULL, inner_rows, &a, &in, &e), ST_EINVAL);
	CHECK_TEXT(slice_str(e.text), "\"name\" is missing");
	arena_release(&a);
}

static void
durations_have_units(void)
{
	static const struct {
		const char *text;
		long long ms;
	} cases[] = {
		{ "0", 0 },
		{ "50ms", 50 },
		{ "15s", 15000 },
		{ "15m", 900000 },
		{ "1h", 3600000 },
		{ "30d", 2592000000 },
		{ "2w", 1209600000 },
		{ "1h30m", 5400000 },
		{ "1d2h3m4s5ms", 93784005 },
		{ "0s", 0 },
		{ "", -1 },
		{ "15", -1 },
		{ "m", -1 },
		{ "-1s", -1 },
		{ "1.5h", -1 },
		{ "1M", -1 },
		{ "30m1h", -1 },
		{ "1h1h", -1 },
		{ "1 h", -1 },
		{ "1h ", -1 },
		{ "1hour", -1 },
		{ "9223372036854775807ms", INT64_MAX },
		{ "9223372036854775808ms", -1 },
		{ "99999999999999999999d", -1 },
		{ "106751991167d", 9223372036828800000 },
		{ "106751991168d", -1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ms = -1;
		bool ok = schema_duration(slice_str(cases[i].text), &ms);

		CHECK_INT(ok, cases[i].ms >= 0);
		CHECK_INT(ok ? ms : -1, cases[i].ms);
	}
}

static void
sizes_are_powers_of_1024_and_counts_of_1000(void)
{
	static const struct {
		const char *text;
		long long size, count;
	} cases[] = {
		{ "0", 0, 0 },
		{ "4096", 4096, 4096 },
		{ "256k", 262144, 256000 },
		{ "256K", 262144, 256000 },
		{ "1M", 1048576, 1000000 },
		{ "2G", 2147483648, 2000000000 },
		{ "1T", 1099511627776, -99 },
		{ "-1", -99, -1 },
		{ "-2k", -99, -2000 },
		{ "", -99, -99 },
		{ "k", -99, -99 },
		{ "1kB", -99, -99 },
		{ "1m", -99, -99 },
		{ "1 k", -99, -99 },
		{ "+1", -99, -99 },
		{ "0x10", -99, -99 },
		{ "99999999999999999999", -99, -99 },
		{ "99999999999999999G", -99, -99 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice s = slice_str(cases[i].text);
		size_t size = 0;
		int64_t count = 0;

		if (!schema_size(s, &size))
			size = (size_t)-99;
		if (!schema_count(s, &count))
			count = -99;
		CHECK_INT(size, cases[i].size);
		CHECK_INT(count, cases[i].count);
	}
}

static void
the_nearest_word_is_near(void)
{
	static const char *const list[] = { "listen", "paths", "path", "tcp",
		"tls", "x" };
	static const struct {
		const char *text, *near;
	} cases[] = {
		{ "listn", "listen" },
		{ "lsiten", "listen" },
		{ "Listen", "listen" },
		{ "pathss", "paths" },
		{ "pth", "path" },
		{ "tpc", "tcp" },
		{ "TLS", "tls" },
		{ "tl", "tls" },
		{ "udp", NULL },
		{ "a", NULL },
		{ "", NULL },
		{ "something else entirely", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(slice_str(schema_nearest(
			       slice_str(cases[i].text), list, 6)),
		    cases[i].near);
}

UNIT_MAIN("schema",
    { "an absent key has its default", an_absent_key_has_its_default },
    { "a given key is filled in", a_given_key_is_filled_in },
    { "what is wrong is told with place and nearest word",
	what_is_wrong_is_told_with_place_and_nearest_word },
    { "a secret is never in a message", a_secret_is_never_in_a_message },
    { "without a node a required row is missing",
	without_a_node_a_required_row_is_missing },
    { "durations have units", durations_have_units },
    { "sizes are powers of 1024 and counts of 1000",
	sizes_are_powers_of_1024_and_counts_of_1000 },
    { "the nearest word is near", the_nearest_word_is_near })
