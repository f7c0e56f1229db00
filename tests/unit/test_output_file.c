/*
 * test_output_file.c - files that are rotated, packed, kept and gone on from.
 */
#include "lib/clock.h"
#include "lib/inflate.h"
#include "tests/unit/output_case.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 60000

/* A folder of each test's own. */
static const char *
fresh_path(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%.200s/%s", unit_tmpdir(), name);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%.200s/%s/out", unit_tmpdir(), name);
	return path;
}

static const char *
in_yaml(const char *path, const char *more)
{
	static char text[1024];

	snprintf(
	    text, sizeof(text), "{type: file, path: \"%s\"%s}", path, more);
	return text;
}

static struct slice
read_all(const char *path)
{
	static char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? SLICE_NULL : slice_of(text, (size_t)n);
}

/* How many files match PATH and the pattern; the n-th one's name. */
static size_t
matching(const char *path, const char *pattern, size_t nth, char *name)
{
	char all[400];
	glob_t g;
	size_t n = 0;

	snprintf(all, sizeof(all), "%s%s", path, pattern);
	if (glob(all, 0, NULL, &g) == 0) {
		n = g.gl_pathc;
		if (name && nth < n)
			snprintf(name, 400, "%s", g.gl_pathv[nth]);
		globfree(&g);
	}
	return n;
}

#define PLAIN ".*Z-[0-9][0-9][0-9]"

static void
a_file_that_is_full_is_followed_by_another(void)
{
	static struct output_case c;
	const char *path = fresh_path("size");
	char name[400];

	REQUIRE(output_case_open(&c, in_yaml(path, ", rotate: 10")));
	output_case_give(&c, "first\n", NULL);
	output_case_give(&c, "2nd\n", NULL);
	CHECK_INT(matching(path, PLAIN, 0, NULL), 0);
	output_case_give(&c, "third\n", NULL);
	output_case_give(&c, "longer than all of it\n", NULL);
	output_case_give(&c, "last\n", NULL);
	CHECK_INT(c.done, 1);
	output_case_close(&c);
	CHECK_INT(matching(path, PLAIN, 0, name), 3);
	CHECK_TEXT(read_all(name), "first\n2nd\n");
	matching(path, PLAIN, 1, name);
	CHECK_TEXT(read_all(name), "third\n");
	matching(path, PLAIN, 2, name);
	CHECK_TEXT(read_all(name), "longer than all of it\n");
	CHECK_TEXT(read_all(path), "last\n");
}

static void
the_oldest_go_and_files_of_others_stay(void)
{
	static const char *const others[] = { ".1", ".20260301T024709Z",
		".20260301T024709Z-00x", ".20260301T024709Z-000.bak" };
	static struct output_case c;
	const char *path = fresh_path("keep");
	char name[400];

	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s%s", path, others[i]);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	REQUIRE(output_case_open(&c, in_yaml(path, ", rotate: 3, keep: 2")));
	for (int i = 0; i < 6; i++)
		output_case_give(&c, "abc\n", NULL);
	output_case_close(&c);
	CHECK_INT(matching(path, PLAIN, 0, NULL), 2);
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s%s", path, others[i]);
		CHECK(access(name, F_OK) == 0);
	}
}

static void
a_file_of_yesterday_is_ended_by_today_s_first_record(void)
{
	const struct timespec long_ago[2] = { { .tv_sec = 1000000000 },
		{ .tv_sec = 1000000000 } };
	static struct output_case c;
	const char *path = fresh_path("time");
	char name[400];

	REQUIRE(output_case_open(&c, in_yaml(path, ", rotate: 1d")));
	output_case_give(&c, "yesterday\n", NULL);
	output_case_close(&c);
	REQUIRE(utimensat(AT_FDCWD, path, long_ago, 0) == 0);
	REQUIRE(output_case_open(&c, in_yaml(path, ", rotate: 1d")));
	output_case_give(&c, "today\n", NULL);
	output_case_close(&c);
	CHECK_TEXT(read_all(path), "today\n");
	REQUIRE(matching(path, PLAIN, 0, name) == 1);
	CHECK_TEXT(read_all(name), "yesterday\n");
}

static int
collect(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
	return 0;
}

static void
old_files_are_packed_and_keep_their_mode(void)
{
	static struct output_case c;
	const char *path = fresh_path("pack");
	const struct inflate_limits limits = { 0, 0 };
	struct inflate *z = inflate_new(&limits);
	struct buf text = BUF_INIT;
	int64_t end = clock_ms() + WAIT_MS;
	struct stat st;
	struct slice packed;
	char name[400];
	struct err e;

	REQUIRE(output_case_open(
	    &c, in_yaml(path, ", rotate: 8, compress: true, mode: \"0604\"")));
	output_case_give(&c, "packed\n", NULL);
	output_case_give(&c, "plain\n", NULL);
	while ((matching(path, ".*Z-000.gz", 0, name) == 0 ||
		   matching(path, PLAIN, 0, NULL) > 0) &&
	    clock_ms() < end)
		output_case_turn(&c);
	output_case_close(&c);
	REQUIRE(z && stat(name, &st) == 0);
	CHECK_INT(st.st_mode & 07777, 0604);
	packed = read_all(name);
	CHECK_INT(inflate_feed(z, packed.p, packed.n, collect, &text, &e), 0);
	CHECK_INT(inflate_finish(z, collect, &text, &e), 0);
	CHECK_TEXT(buf_slice(&text), "packed\n");
	inflate_free(z);
	buf_release(&text);
	CHECK_INT(matching(path, PLAIN, 0, NULL), 0);
	CHECK_TEXT(read_all(path), "plain\n");
}

/* Killed after two rotations that were never kept. */
static void
a_position_is_found_under_the_file_s_new_name(void)
{
	static struct output_case c;
	const char *path = fresh_path("resume");
	uint64_t position;
	char name[400];

	REQUIRE(output_case_open(
	    &c, in_yaml(path, ", rotate: 12, compress: true")));
	output_case_give(&c, "kept\n", NULL);
	CHECK_INT(output_flush(c.output, &c.e), 0);
	position = output_mark(c.output);
	output_case_give(&c, "gone\n", NULL);
	output_case_give(&c, "gone, too\n", NULL);
	output_case_give(&c, "and this\n", NULL);
	for (int i = 0; i < 20; i++)
		output_case_turn(&c);
	output_case_close(&c);
	CHECK_INT(matching(path, PLAIN, 0, NULL), 2);
	REQUIRE(output_case_open(&c, in_yaml(path, ", rotate: 12")));
	CHECK_INT(output_resume(c.output, position, &c.e), 0);
	output_case_give(&c, "gone\n", NULL);
	output_case_close(&c);
	REQUIRE(matching(path, PLAIN, 0, name) == 1);
	CHECK_TEXT(read_all(name), "kept\n");
	CHECK_TEXT(read_all(path), "gone\n");
}

UNIT_MAIN("output_file",
    { "a file that is full is followed by another",
	a_file_that_is_full_is_followed_by_another },
    { "the oldest go, and files of others stay",
	the_oldest_go_and_files_of_others_stay },
    { "a file of yesterday is ended by today's first record",
	a_file_of_yesterday_is_ended_by_today_s_first_record },
    { "old files are packed, and keep their mode",
	old_files_are_packed_and_keep_their_mode },
    { "a position is found under the file's new name",
	a_position_is_found_under_the_file_s_new_name })
