/*
 * test_yaml.c - trees with places, and everything that is refused.
 */
#include "conf/yaml.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct err last;

/* NULL where it is refused; `last` says why. */
static struct yaml_doc *
load(const char *text)
{
	struct yaml_doc *doc = NULL;

	memset(&last, 0, sizeof(last));
	return yaml_load_text(slice_str(text), "t.yaml", &doc, &last) == 0
	    ? doc
	    : NULL;
}

static const char *
message(void)
{
	static char line[1024];

	return err_format(&last, line, sizeof(line));
}

/* What loading says, "" where it goes well. */
static struct slice
said(const char *text)
{
	struct yaml_doc *doc = load(text);

	yaml_free(doc);
	return slice_str(doc ? "" : message());
}

static void
every_node_knows_where_it_stood(void)
{
	struct yaml_doc *doc = load("a: 1\nlist:\n  - x\n  - {k: 'v w'}\n");
	const struct ynode *root, *list, *v;

	REQUIRE(doc != NULL);
	root = yaml_root(doc);
	CHECK_INT(root->kind, YNODE_MAP);
	CHECK_INT(root->n, 2);
	CHECK_TEXT(root->keys[1]->text, "list");
	CHECK_INT(root->keys[1]->line, 2);
	list = ynode_get(root, "list");
	REQUIRE(list != NULL && list->kind == YNODE_SEQ && list->n == 2);
	CHECK_INT(list->items[0]->line, 3);
	CHECK_INT(list->items[0]->col, 5);
	v = ynode_get(list->items[1], "k");
	REQUIRE(v != NULL);
	CHECK_INT(v->line, 4);
	CHECK_INT(v->col, 9);
	CHECK_TEXT(v->text, "v w");
	CHECK_TEXT(slice_str(v->file), "t.yaml");
	CHECK(v->text.p[v->text.n] == '\0');
	CHECK(ynode_get(root, "none") == NULL);
	CHECK(ynode_get(list, "k") == NULL);
	CHECK(ynode_get(NULL, "k") == NULL);
	yaml_free(doc);
	yaml_free(NULL);
}

static void
only_unquoted_scalars_are_plain(void)
{
	struct yaml_doc *doc = load(
	    "[true, 'true', \"true\", !!str true, ! true, !!bool true]");
	static const bool plain[] = { true, false, false, false, false, true };

	REQUIRE(doc != NULL);
	for (size_t i = 0; i < 6; i++)
		CHECK_INT(yaml_root(doc)->items[i]->plain, plain[i]);
	yaml_free(doc);
}

static void
an_empty_file_has_no_root(void)
{
	static const char *const texts[] = { "", "\n\n", "# only this\n" };

	for (size_t i = 0; i < 3; i++) {
		struct yaml_doc *doc = load(texts[i]);

		REQUIRE(doc != NULL);
		CHECK(yaml_root(doc) == NULL);
		CHECK_TEXT(yaml_text(doc), texts[i]);
		yaml_free(doc);
	}
}

static void
what_is_refused_is_refused_with_its_place(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "a: 1\nb: 2\na: 3\n",
		    "t.yaml:3:1: key \"a\" is there twice, first on line 1" },
		{ "{b: 1, a: 1, a: 2, b: 2}",
		    "t.yaml:1:14: key \"a\" is there twice, first on line 1" },
		{ "{\"a\\eb\": 1, \"a\\eb\": 1}",
		    "t.yaml:1:13: key \"a\\x1bb\" is there twice, first on line 1" },
		{ "? [a]\n: b\n",
		    "t.yaml:1:3: a key must be a plain word or a quoted one" },
		{ "a: &k x\n*k : b\n",
		    "t.yaml:2:1: a key must be a plain word or a quoted one" },
		{ "? |\n  a\n: b\n",
		    "t.yaml:1:3: a key must be a plain word or a quoted one" },
		{ "!file x: 1\n",
		    "t.yaml:1:1: a key cannot have a tag or be filled in" },
		{ "${HOME}: 1\n",
		    "t.yaml:1:1: a key cannot have a tag or be filled in" },
		{ "a: 1\n---\nb: 1\n",
		    "t.yaml:2:1: a second document begins here; one a file" },
		{ "a: *none\n",
		    "t.yaml:1:4: alias \"none\" has no anchor before it" },
		{ "a: &a [1, *a]\n",
		    "t.yaml:1:11: alias \"a\" contains itself" },
		{ "a: &a {b: {c: *a}}\n",
		    "t.yaml:1:15: alias \"a\" contains itself" },
		{ "a: !!binary QQ==\n",
		    "t.yaml:1:4: the tag \"!!binary\" cannot stand here; \"!file "
		    "PATH\" and the plain YAML ones are known" },
		{ "a: !env X\n",
		    "t.yaml:1:4: the tag \"!env\" cannot stand here; \"!file "
		    "PATH\" and the plain YAML ones are known" },
		{ "a: !file [x]\n",
		    "t.yaml:1:4: the tag \"!file\" cannot stand here; \"!file "
		    "PATH\" and the plain YAML ones are known" },
		{ "a: !!seq x\n",
		    "t.yaml:1:4: the tag \"!!seq\" cannot stand here; \"!file "
		    "PATH\" and the plain YAML ones are known" },
		{ "a: !file\n",
		    "t.yaml:1:4: \"!file\" wants a path behind it" },
		{ "a: \"x\\0y\"\n", "t.yaml:1:4: a text cannot hold a NUL" },
		{ "a: b: c\n",
		    "t.yaml:1:5: not YAML: mapping values are not allowed in this "
		    "context" },
		{ "a:\n  b: 1\n c: 2\n",
		    "t.yaml:3:2: not YAML: did not find expected key (while "
		    "parsing a block mapping that begins on line 1)" },
		{ "a:\n\t- b\n",
		    "t.yaml:2:1: not YAML: found character that cannot start any "
		    "token" },
		{ "a: [1, 2\nb: 3\n",
		    "t.yaml:2:2: not YAML: did not find expected ',' or ']' "
		    "(while parsing a flow sequence that begins on line 1)" },
		{ "a: 1\nb\xc3\xa9 \xff\n",
		    "t.yaml:2:4: not YAML: invalid leading UTF-8 octet" },
		{ "a: \x01\n",
		    "t.yaml:1:4: not YAML: control characters are not allowed" },
		{ "a: ${\n",
		    "t.yaml:1:4: \"${\" has no \"}\"; a literal \"${\" is written "
		    "\"$${\"" },
		{ "a: [x, \"${a b}\"]\n",
		    "t.yaml:1:8: \"${...}\" holds no variable's name; a literal "
		    "\"${\" is written \"$${\"" },
		{ "a: ${ST_TEST_UNSET}\n",
		    "t.yaml:1:4: the environment variable ST_TEST_UNSET is not "
		    "set" },
		{ "a: !file /none/such\n",
		    "t.yaml:1:4: cannot read /none/such: No such file or "
		    "directory" },
		{ "a: !file /\n", "t.yaml:1:4: cannot read /: Is a directory" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(said(cases[i].text), cases[i].message);
}

static void
a_NUL_and_bytes_that_are_no_UTF8_have_their_place(void)
{
	struct yaml_doc *doc = NULL;
	char text[] = "a: 1\nb: x\0y\n";

	CHECK_INT(yaml_load_text(
		      slice_of(text, sizeof(text) - 1), "t.yaml", &doc, &last),
	    ST_EFORMAT);
	CHECK_TEXT(slice_str(message()),
	    "t.yaml:2:5: not YAML: control characters are not allowed");
	CHECK_TEXT(said("a: \xed\xa0\x80"),
	    "t.yaml:1:4: not YAML: invalid Unicode character");
	CHECK_TEXT(said("a: \xc0\xaf"),
	    "t.yaml:1:4: not YAML: invalid length of a UTF-8 sequence");
	CHECK_TEXT(said("\xef\xbb\xbf"
			"a: 1\n"),
	    "");
	CHECK(said("\xff\xfe"
		   "a\0")
		  .n > 0);
}

/* n times `one`, between `head` and `tail`; the caller frees it. */
static char *
repeat(const char *head, const char *one, size_t n, const char *tail)
{
	size_t size = strlen(head) + n * strlen(one) + strlen(tail) + 1;
	char *text = malloc(size), *at = text;

	at = stpcpy(at, head);
	while (n-- > 0)
		at = stpcpy(at, one);
	stpcpy(at, tail);
	return text;
}

static struct slice
said_of(const char *head, const char *one, size_t n, const char *tail)
{
	char *text = repeat(head, one, n, tail);
	struct slice s = said(text);

	free(text);
	return s;
}

static void
nesting_has_a_bound(void)
{
	CHECK(slice_find(said_of("", "[", 64, "x"), "not YAML") != NULL);
	CHECK_TEXT(said_of("", "[", 65, ""),
	    "t.yaml:1:65: nested deeper than 64 levels");
	CHECK_TEXT(said_of("", "{a: ", 100000, ""),
	    "t.yaml:1:257: nested deeper than 64 levels");
	CHECK_TEXT(said_of("", "- ", 100000, ""),
	    "t.yaml:1:129: nested deeper than 64 levels");
}

static void
an_alias_brings_its_own_depth(void)
{
	CHECK_TEXT(
	    said("a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]"
		 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
		 "b: [[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]\n"),
	    "t.yaml:2:28: nested deeper than 64 levels");
}

static void
laughs_are_counted_as_often_as_they_are_heard(void)
{
	CHECK_TEXT(said("a: &a [x,x,x,x,x,x,x,x,x,x]\n"
			"b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			"c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
			"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
			"f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"),
	    "t.yaml:6:4: more than 1000000 values, aliases counted each time");
	CHECK_TEXT(said_of("a: &a x\nb: [", "*a, ", 1000, "]"), "");
	CHECK_TEXT(said_of("a: &a x\nb: [", "*a, ", 1001, "]"),
	    "t.yaml:2:4005: more than 1000 aliases");
	CHECK_TEXT(said_of("[", "&a x, ", 1001, "]"),
	    "t.yaml:1:6002: more than 1000 anchors");
}

static void
an_alias_is_the_same_node(void)
{
	struct yaml_doc *doc = load("a: &x {k: 1}\nb: *x\nc: &x 2\nd: *x\n");
	const struct ynode *root;

	REQUIRE(doc != NULL);
	root = yaml_root(doc);
	CHECK(root->items[0] == root->items[1]);
	CHECK_TEXT(root->items[3]->text, "2");
	yaml_free(doc);
}

static void
a_merge_key_is_an_ordinary_key(void)
{
	struct yaml_doc *doc = load("a: &a {x: 1}\nb: {<<: *a}\n");

	REQUIRE(doc != NULL);
	CHECK_TEXT(ynode_get(yaml_root(doc), "b")->keys[0]->text, "<<");
	yaml_free(doc);
}

static void
a_long_text_is_refused_before_it_is_read(void)
{
	struct yaml_doc *doc = NULL;
	char *text = repeat("", "#", YAML_SIZE_MAX + 1, "");

	CHECK_INT(
	    yaml_load_text(slice_str(text), "t.yaml", &doc, &last), ST_ELIMIT);
	CHECK_TEXT(slice_str(message()), "t.yaml: longer than 16777216 bytes");
	free(text);
}

static void
the_environment_fills_in_and_makes_a_secret(void)
{
	struct yaml_doc *doc;
	const struct ynode *r;
	char shown[YNODE_SHOWN];

	setenv("ST_TEST_X", "s3cr3t", 1);
	doc = load("[\"a-${ST_TEST_X}-${ST_TEST_X}\", '$${ST_TEST_X}', a$b, "
		   "'${ST_TEST_X}',\n '$$$${',\n a]");
	REQUIRE(doc != NULL);
	r = yaml_root(doc);
	CHECK_TEXT(r->items[0]->text, "a-s3cr3t-s3cr3t");
	CHECK(r->items[0]->secret);
	CHECK_TEXT(
	    slice_str(ynode_shown(r->items[0], shown)), "the value filled in");
	CHECK_TEXT(r->items[1]->text, "${ST_TEST_X}");
	CHECK(!r->items[1]->secret);
	CHECK_TEXT(r->items[2]->text, "a$b");
	CHECK_TEXT(r->items[3]->text, "s3cr3t");
	CHECK_TEXT(r->items[4]->text, "$$${");
	yaml_free(doc);
	doc = load("a: ${ST_TEST_X}\n");
	REQUIRE(doc != NULL);
	CHECK(yaml_root(doc)->items[0]->plain &&
	    yaml_root(doc)->items[0]->secret);
	yaml_free(doc);
}

static const char *
write_file(const char *name, const void *bytes, size_t n)
{
	static char path[4][256];
	static unsigned turn;
	char *p = path[turn++ % 4];
	FILE *f;

	snprintf(p, sizeof(path[0]), "%s/%s", unit_tmpdir(), name);
	f = fopen(p, "wb");
	if (f) {
		fwrite(bytes, 1, n, f);
		fclose(f);
	}
	return p;
}

static void
a_file_tag_is_seen_from_the_folder_of_the_file(void)
{
	static const char text[] =
	    "[!file one, !file 'two', !file '${ST_TEST_DIR}/three']";
	struct yaml_doc *doc = NULL;
	const struct ynode *r;
	const char *path;

	write_file("one", "a\nb\n\n", 5);
	write_file("two", "x\r\n", 3);
	write_file("three", "", 0);
	setenv("ST_TEST_DIR", unit_tmpdir(), 1);
	path = write_file("f.yaml", text, sizeof(text) - 1);
	REQUIRE(yaml_load(path, &doc, &last) == 0);
	r = yaml_root(doc);
	CHECK_TEXT(r->items[0]->text, "a\nb\n");
	CHECK_TEXT(r->items[1]->text, "x");
	CHECK_TEXT(r->items[2]->text, "");
	for (size_t i = 0; i < 3; i++)
		CHECK(r->items[i]->secret && !r->items[i]->plain);
	CHECK_TEXT(yaml_text(doc), text);
	yaml_free(doc);
}

static void
a_secret_file_has_bounds_too(void)
{
	static char big[YAML_SECRET_MAX + 2];
	char text[300], want[400];
	const char *path;

	memset(big, 'x', sizeof(big));
	path = write_file("big", big, YAML_SECRET_MAX + 1);
	snprintf(text, sizeof(text), "a: !file %s", path);
	snprintf(want, sizeof(want),
	    "t.yaml:1:4: %s is longer than 65536 bytes", path);
	CHECK_TEXT(said(text), want);
	write_file("big", big, YAML_SECRET_MAX);
	CHECK_TEXT(said(text), "");
	write_file("big", "a\0b", 3);
	snprintf(want, sizeof(want), "t.yaml:1:4: %s holds a NUL byte", path);
	CHECK_TEXT(said(text), want);
}

static void
a_text_of_no_file_sees_nothing_of_the_machine(void)
{
	struct yaml_doc *doc = NULL;

	CHECK_INT(yaml_load_text(SLICE_LIT("['${HOME}']"), "", &doc, &last),
	    ST_EINVAL);
	CHECK_TEXT(slice_str(last.text),
	    "\"!file\" and \"${...}\" work in files only");
	CHECK_INT(
	    yaml_load_text(SLICE_LIT("[!file /dev/null]"), "", &doc, &last),
	    ST_EINVAL);
}

static void
a_value_is_shown_quoted_cut_and_without_controls(void)
{
	static const struct {
		const char *yaml, *shown;
	} cases[] = {
		{ "[abc]", "\"abc\"" },
		{ "[\"a\\nb\\x7f\"]", "\"a\\x0ab\\x7f\"" },
		{ "[{}]", "a block of keys" },
		{ "[[]]", "a list" },
	};
	char shown[YNODE_SHOWN];
	struct yaml_doc *doc;
	char *text;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		doc = load(cases[i].yaml);
		REQUIRE(doc != NULL);
		CHECK_TEXT(
		    slice_str(ynode_shown(yaml_root(doc)->items[0], shown)),
		    cases[i].shown);
		yaml_free(doc);
	}
	for (size_t n = 0; n < 4; n++) {
		char head[8] = "[aaaa";

		head[1 + n] = '\0';
		text = repeat(head, "\xe2\x82\xac", 80, "]");
		doc = load(text);
		free(text);
		REQUIRE(doc != NULL);
		ynode_shown(yaml_root(doc)->items[0], shown);
		CHECK(slice_ends(slice_str(shown), "\xe2\x82\xac...\""));
		yaml_free(doc);
	}
}

static void
a_missing_file_is_told_by_name(void)
{
	struct yaml_doc *doc = NULL;

	CHECK_INT(yaml_load("/none/such.yaml", &doc, &last), ST_ENOENT);
	CHECK_TEXT(slice_str(message()),
	    "cannot read /none/such.yaml: No such file or directory");
	CHECK_INT(yaml_load("/", &doc, &last), ST_EIO);
	CHECK(yaml_library_version()[0] != '\0');
}

UNIT_MAIN("yaml",
    { "every node knows where it stood", every_node_knows_where_it_stood },
    { "only unquoted scalars are plain", only_unquoted_scalars_are_plain },
    { "an empty file has no root", an_empty_file_has_no_root },
    { "what is refused is refused with its place",
	what_is_refused_is_refused_with_its_place },
    { "a NUL and bytes that are no UTF-8 have their place",
	a_NUL_and_bytes_that_are_no_UTF8_have_their_place },
    { "nesting has a bound", nesting_has_a_bound },
    { "an alias brings its own depth", an_alias_brings_its_own_depth },
    { "laughs are counted as often as they are heard",
	laughs_are_counted_as_often_as_they_are_heard },
    { "an alias is the same node", an_alias_is_the_same_node },
    { "a merge key is an ordinary key", a_merge_key_is_an_ordinary_key },
    { "a long text is refused before it is read",
	a_long_text_is_refused_before_it_is_read },
    { "the environment fills in and makes a secret",
	the_environment_fills_in_and_makes_a_secret },
    { "a !file is seen from the folder of the file",
	a_file_tag_is_seen_from_the_folder_of_the_file },
    { "a secret file has bounds too", a_secret_file_has_bounds_too },
    { "a text of no file sees nothing of the machine",
	a_text_of_no_file_sees_nothing_of_the_machine },
    { "a value is shown quoted, cut and without controls",
	a_value_is_shown_quoted_cut_and_without_controls },
    { "a missing file is told by name", a_missing_file_is_told_by_name })
