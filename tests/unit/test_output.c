/*
 * test_output.c - the output kinds, each through the contract's table.
 */
#include "outputs/output.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

static const char *
path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(), name);
	return path;
}

static struct slice
read_all(const char *path)
{
	static char text[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return SLICE_NULL;
	n = read(fd, text, sizeof(text));
	close(fd);
	return n < 0 ? SLICE_NULL : slice_of(text, (size_t)n);
}

static void
kinds_are_found_by_their_word(void)
{
	CHECK(output_find("file") == &output_file);
	CHECK(output_find("stdout") == &output_stdout);
	CHECK(output_find("null") == &output_null);
	CHECK(output_find("files") == NULL);
	CHECK(output_find("") == NULL);
}

static void
null_takes_everything(void)
{
	const struct output_options o = { .name = "n", .path = NULL };
	void *self;
	bool fresh;
	size_t taken = 0;

	CHECK_INT(output_null.check(&o, NULL), 0);
	REQUIRE(output_null.open(&o, &self, &fresh, NULL) == 0);
	CHECK_INT(output_null.write(self, "abc", 3, &taken, NULL), OUTPUT_DONE);
	CHECK_INT(taken, 3);
	CHECK_INT(output_null.flush(self, NULL), 0);
	CHECK_INT(output_null.reopen(self, 0, &fresh, NULL), 0);
	output_null.close(self);
}

static void
a_file_is_continued_and_opened_again_after_a_move(void)
{
	char path[512], moved[512];
	const struct output_options o = { .name = "f", .path = path };
	void *self;
	bool fresh = false;
	size_t taken = 0;
	struct err e;

	snprintf(path, sizeof(path), "%s", path_of("a"));
	snprintf(moved, sizeof(moved), "%s", path_of("a.1"));
	CHECK_INT(output_file.check(&o, &e), 0);
	CHECK(access(path, F_OK) < 0);
	REQUIRE(output_file.open(&o, &self, &fresh, &e) == 0);
	CHECK(fresh);
	CHECK_INT(output_file.write(self, "one\n", 4, &taken, &e), OUTPUT_DONE);
	output_file.close(self);

	REQUIRE(output_file.open(&o, &self, &fresh, &e) == 0);
	CHECK(!fresh);
	CHECK_INT(
	    output_file.write(self, "two\nthr", 7, &taken, &e), OUTPUT_DONE);
	REQUIRE(rename(path, moved) == 0);
	CHECK_INT(output_file.reopen(self, 3, &fresh, &e), 0);
	CHECK(fresh);
	CHECK_INT(
	    output_file.write(self, "three\n", 6, &taken, &e), OUTPUT_DONE);
	CHECK_INT(output_file.flush(self, &e), 0);
	output_file.close(self);
	CHECK_TEXT(read_all(moved), "one\ntwo\n");
	CHECK_TEXT(read_all(path), "three\n");
}

static void
a_file_that_cannot_be_written_is_refused_by_name(void)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{ NULL, "a file output needs a path" },
		{ "", "a file output needs a path" },
		{ "/nonexistent/x",
		    "cannot create /nonexistent/x: No such file or directory" },
		{ "/", "/ is a directory" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct output_options o = { .name = "f",
			.path = cases[i].path };
		struct err e = { .text = "" };

		CHECK(output_file.check(&o, &e) < 0);
		CHECK_TEXT(slice_str(e.text), cases[i].text);
	}
}

/* A file may grow to so many bytes only: the system's limit stands in for a
 * full disk. */
static void
a_full_disk_is_again_and_goes_on_from_the_same_byte(void)
{
	char path[512];
	const struct output_options o = { .name = "f", .path = path };
	struct rlimit old, small;
	void *self;
	bool fresh;
	size_t taken = 0;
	struct err e = { .text = "" };

	snprintf(path, sizeof(path), "%s", path_of("full"));
	REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
	signal(SIGXFSZ, SIG_IGN);
	REQUIRE(output_file.open(&o, &self, &fresh, &e) == 0);
	small = (struct rlimit){ .rlim_cur = 6, .rlim_max = old.rlim_max };
	REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
	CHECK_INT(output_file.write(self, "0123456789\n", 11, &taken, &e),
	    OUTPUT_AGAIN);
	setrlimit(RLIMIT_FSIZE, &old);
	CHECK_INT(taken, 6);
	CHECK(strstr(e.text, "cannot write") != NULL);
	CHECK_INT(
	    output_file.write(self, "6789\n", 5, &taken, &e), OUTPUT_DONE);
	output_file.close(self);
	CHECK_TEXT(read_all(path), "0123456789\n");
}

static void
a_pipe_that_nobody_reads_blocks_nobody(void)
{
	char path[512], byte[65536] = { 0 };
	const struct output_options o = { .name = "f", .path = path };
	void *self;
	bool fresh;
	size_t taken = 0, total = 0;
	struct err e = { .text = "" };
	int reader;

	snprintf(path, sizeof(path), "%s", path_of("pipe"));
	REQUIRE(mkfifo(path, 0600) == 0);
	CHECK(output_file.open(&o, &self, &fresh, &e) < 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	REQUIRE(reader >= 0);
	REQUIRE(output_file.open(&o, &self, &fresh, &e) == 0);
	while (output_file.write(self, byte, sizeof(byte), &taken, &e) ==
		OUTPUT_DONE &&
	    total < ((size_t)64 << 20))
		total += taken;
	CHECK(total < ((size_t)64 << 20));
	CHECK_INT(output_file.flush(self, &e), 0);
	output_file.close(self);
	close(reader);
}

static void
stdout_does_not_wait_for_its_reader(void)
{
	static char bytes[1 << 20];
	size_t taken = 0;
	struct err e = { .text = "" };
	int fd[2], saved = dup(STDOUT_FILENO);
	enum output_verdict verdict;

	REQUIRE(saved >= 0 && pipe(fd) == 0);
	fflush(stdout);
	REQUIRE(dup2(fd[1], STDOUT_FILENO) == STDOUT_FILENO);
	verdict = output_stdout.write(NULL, bytes, sizeof(bytes), &taken, &e);
	dup2(saved, STDOUT_FILENO);
	CHECK_INT(verdict, OUTPUT_AGAIN);
	CHECK(taken > 0 && taken < sizeof(bytes));
	CHECK_TEXT(slice_str(e.text), "its reader does not read");
	close(saved);
	close(fd[0]);
	close(fd[1]);
}

UNIT_MAIN("output",
    { "kinds are found by their word", kinds_are_found_by_their_word },
    { "null takes everything", null_takes_everything },
    { "a file is continued, and opened again after a move",
	a_file_is_continued_and_opened_again_after_a_move },
    { "a file that cannot be written is refused by name",
	a_file_that_cannot_be_written_is_refused_by_name },
    { "a full disk is again, and goes on from the same byte",
	a_full_disk_is_again_and_goes_on_from_the_same_byte },
    { "a pipe that nobody reads blocks nobody",
	a_pipe_that_nobody_reads_blocks_nobody },
    { "stdout does not wait for its reader",
	stdout_does_not_wait_for_its_reader })
