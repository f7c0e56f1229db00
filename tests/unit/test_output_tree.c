/*
 * test_output_tree.c - a path with holes: where lines go, that nothing leads
 * out of the base, and what is cut after a crash.
 */
#include "lib/slice.h"
#include "outputs/file/journal.h"
#include "outputs/file/place.h"
#include "tests/unit/output_case.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY 200 /* accounts: more than are open at a time */

/* A folder of each test's own. */
static const char *
fresh_base(const char *name)
{
	static char base[256];

	snprintf(base, sizeof(base), "%.200s/%s", unit_tmpdir(), name);
	mkdir(base, 0700);
	return base;
}

static bool
begin(struct output_case *c, const char *base, const char *rest)
{
	static char text[1024];

	snprintf(
	    text, sizeof(text), "{type: file, path: \"%s/%s\"}", base, rest);
	return output_case_open(c, text);
}

static struct slice
read_all(const char *base, const char *name)
{
	static char text[8192];
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	return n < 0 ? SLICE_NULL : slice_of(text, (size_t)n);
}

static void
give(struct output_case *c, const char *account, const char *text)
{
	c->n = 1;
	c->done = c->again = 0;
	c->records[0] = (struct stsentry_record){ .data = text,
		.size = strlen(text),
		.id = "id",
		.revision = 1,
		.severity = 3,
		.flags = STSENTRY_FINDING,
		.time_ms = 1772352000000, /* 2026-03-01T08:00Z */
		.account = account,
		.provider = "aws" };
	output_send(c->output, c->records, 1);
}

/* As the courier does it after each batch. */
static uint64_t
keep(struct output_case *c)
{
	CHECK_INT(output_flush(c->output, &c->e), 0);
	return output_mark(c->output);
}

static void
a_path_is_made_of_what_is_known_of_a_record(void)
{
	static const struct {
		const char *path, *account;
		int64_t time_ms;
		const char *name;
	} cases[] = {
		{ "/b/{account}", "111122223333", 0, "111122223333" },
		{ "/b/{account}", "", 0, "none" },
		{ "/b/{account}", "..", 0, "_." },
		{ "/b/{account}", "projects/acme", 0, "projects_acme" },
		{ "/b/{account}", "../../etc/x", 0, "_._.._etc_x" },
		{ "/b/x-{account}.jsonl", "\xc3\xa9\n", 0, "x-___.jsonl" },
		{ "/b/{provider}/{severity}/{date}T{hour}", "1", 1772352000000,
		    "gcp/high/2026-03-01T08" },
		{ "/b/{date}", "1", 0, "none" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct stsentry_record r = { .account = cases[i].account,
			.provider = "gcp",
			.severity = 3,
			.time_ms = cases[i].time_ms };
		struct stsentry_why why;
		struct place p;
		char name[PLACE_NAME_MAX];

		REQUIRE(place_read(cases[i].path, &p, &why) == 0);
		CHECK_TEXT(slice_str(p.base), "/b");
		CHECK(place_of(&p, &r, name, sizeof(name)));
		CHECK_TEXT(slice_str(name), cases[i].name);
		CHECK(!place_of(&p, &r, name, 2));
	}
}

static void
a_path_that_could_lead_elsewhere_is_refused(void)
{
	static const char *const paths[] = { "{account}", "/{account}",
		"/b/{user}", "/b/{account", "/b/x}", "/b/{account}/../x",
		"/b/{account}//x", "/b/{account}/", "/b/{account}/./x",
		"/b/{account}\n" };
	struct stsentry_why why;
	struct place p;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		CHECK_INT(place_read(paths[i], &p, &why), -1);
}

static void
each_account_has_a_folder_and_few_files_are_open(void)
{
	static struct output_case c;
	const char *base = fresh_base("many");
	char account[32], name[64];

	REQUIRE(begin(&c, base, "{account}/{date}.jsonl"));
	keep(&c);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			snprintf(account, sizeof(account), "%012d", i);
			give(&c, account, round ? "2nd\n" : "first\n");
			CHECK_INT(c.done, 1);
		}
	keep(&c);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%012d/2026-03-01.jsonl", i);
		CHECK_TEXT(read_all(base, name), "first\n2nd\n");
	}
	output_case_close(&c);
}

static void
no_link_is_followed(void)
{
	static struct output_case c;
	const char *base = fresh_base("links");
	char path[600], outside[500];
	struct stat st;

	snprintf(
	    outside, sizeof(outside), "%.300s/outside", fresh_base("links"));
	mkdir(outside, 0700);
	snprintf(path, sizeof(path), "%s/folder", base);
	REQUIRE(symlink(outside, path) == 0);
	snprintf(path, sizeof(path), "%s/real", base);
	REQUIRE(mkdir(path, 0700) == 0);
	snprintf(path, sizeof(path), "%s/real/f", base);
	REQUIRE(symlink("../outside/f", path) == 0);
	REQUIRE(begin(&c, base, "{account}/f"));
	give(&c, "folder", "x\n");
	CHECK_INT(c.again, 1);
	give(&c, "real", "x\n");
	CHECK_INT(c.again, 1);
	give(&c, "good", "x\n");
	CHECK_INT(c.done, 1);
	snprintf(path, sizeof(path), "%s/f", outside);
	CHECK(lstat(path, &st) < 0);
	output_case_close(&c);
}

/* Killed after a batch that was never kept, in files old and new. */
static void
what_was_not_kept_is_cut_in_every_file(void)
{
	static struct output_case c;
	const char *base = fresh_base("cut");
	uint64_t kept;

	REQUIRE(begin(&c, base, "{account}"));
	keep(&c);
	give(&c, "a", "kept a\n");
	give(&c, "b", "kept b\n");
	kept = keep(&c);
	give(&c, "b", "more\n");
	give(&c, "new", "more\n");
	/* Flushed, but its position was not kept either. */
	keep(&c);
	give(&c, "a", "more\n");
	give(&c, "b", "and more\n");
	output_case_close(&c);

	REQUIRE(begin(&c, base, "{account}"));
	CHECK_INT(output_resume(c.output, kept, &c.e), 0);
	CHECK_TEXT(read_all(base, "a"), "kept a\n");
	CHECK_TEXT(read_all(base, "b"), "kept b\n");
	CHECK_TEXT(read_all(base, "new"), "");
	give(&c, "b", "again\n");
	kept = keep(&c);
	give(&c, "b", "gone\n");
	/* What could not be made last is taken back while it runs. */
	CHECK_INT(output_resume(c.output, kept, &c.e), 0);
	CHECK_TEXT(read_all(base, "b"), "kept b\nagain\n");
	output_case_close(&c);
}

static void
a_position_of_another_life_cuts_nothing(void)
{
	static struct output_case c;
	const char *base = fresh_base("lives");
	uint64_t first, second;

	REQUIRE(begin(&c, base, "{account}"));
	first = keep(&c);
	give(&c, "a", "one\n");
	keep(&c);
	output_case_close(&c);
	/* The state was lost: it begins without a position. */
	REQUIRE(begin(&c, base, "{account}"));
	second = keep(&c);
	give(&c, "a", "two\n");
	keep(&c);
	output_case_close(&c);
	REQUIRE(begin(&c, base, "{account}"));
	if (first >> 40 != second >> 40) {
		CHECK_INT(output_resume(c.output, first, &c.e), 0);
		CHECK_TEXT(read_all(base, "a"), "one\ntwo\n");
	}
	CHECK_INT(output_resume(c.output, 0, &c.e), 0);
	CHECK_TEXT(read_all(base, "a"), "one\ntwo\n");
	output_case_close(&c);
}

static void
a_file_in_another_s_place_is_not_cut(void)
{
	static struct output_case c;
	const char *base = fresh_base("moved");
	char from[512], to[512];
	uint64_t kept;

	REQUIRE(begin(&c, base, "{account}"));
	keep(&c);
	give(&c, "a", "one\n");
	kept = keep(&c);
	snprintf(from, sizeof(from), "%s/a", base);
	snprintf(to, sizeof(to), "%s/a.old", base);
	REQUIRE(rename(from, to) == 0);
	CHECK_INT(output_reopen(c.output, &c.e), 0);
	give(&c, "a", "a longer line\n");
	keep(&c);
	CHECK_INT(output_resume(c.output, kept, &c.e), 0);
	CHECK_TEXT(read_all(base, "a.old"), "one\n");
	CHECK_TEXT(read_all(base, "a"), "");
	output_case_close(&c);
}

static void
holes_and_rotation_do_not_go_together(void)
{
	static struct output_case c;
	char text[512];

	snprintf(text, sizeof(text),
	    "{type: file, path: \"%s/{date}\", rotate: 1d}",
	    fresh_base("both"));
	CHECK(!output_case_load(&c, text));
	CHECK(strstr(c.e.text, "rotate") != NULL);
	output_case_close(&c);
}

static void
each_damage_to_a_journal_leaves_it_readable(void)
{
	static const char *const texts[] = {
		"", "x", "stsentry-places 1 7", "stsentry-places 1 7\n1 2 3",
		"stsentry-places 1 7\n1 2\n\n",
		"stsentry-places 1 7\n1 2 -3 a\n99999999999999999999999 1 1 b\n"
	};
	const char *base = fresh_base("journal");
	int folder = open(base, O_RDONLY | O_DIRECTORY), fd;
	struct stsentry_why why;
	struct journal *j;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fd = openat(folder, "j", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		CHECK(write(fd, texts[i], strlen(texts[i])) >= 0);
		close(fd);
		j = journal_open(folder, "j", &why);
		REQUIRE(j != NULL);
		CHECK(!journal_knows(j, 8));
		journal_close(j);
	}
	close(folder);
}

UNIT_MAIN("output_tree",
    { "a path is made of what is known of a record",
	a_path_is_made_of_what_is_known_of_a_record },
    { "a path that could lead elsewhere is refused",
	a_path_that_could_lead_elsewhere_is_refused },
    { "each account has a folder and few files are open",
	each_account_has_a_folder_and_few_files_are_open },
    { "no link is followed", no_link_is_followed },
    { "what was not kept is cut in every file",
	what_was_not_kept_is_cut_in_every_file },
    { "a position of another life cuts nothing",
	a_position_of_another_life_cuts_nothing },
    { "a file in another's place is not cut",
	a_file_in_another_s_place_is_not_cut },
    { "holes and rotation do not go together",
	holes_and_rotation_do_not_go_together },
    { "each damage to a journal leaves it readable",
	each_damage_to_a_journal_leaves_it_readable })
