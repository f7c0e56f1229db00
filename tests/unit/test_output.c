/*
 * test_output.c - the output kinds, each through the contract's table.
 */
#include "lib/loop.h"
#include "outputs/settings.h"
#include "tests/unit/output_case.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
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
each_kind_has_the_name_of_its_word(void)
{
	int type = 0;

#define OUTPUT_KIND(kind)                                       \
	CHECK_TEXT(slice_str(output_##kind.name), #kind);       \
	CHECK_TEXT(slice_str(config_output_type(type)), #kind); \
	type++;
	OUTPUT_KINDS(OUTPUT_KIND)
#undef OUTPUT_KIND
	CHECK_TEXT(slice_str(config_output_type(type)), "plugin");
}

static void
null_takes_everything(void)
{
	static struct output_case c;
	struct err e;

	REQUIRE(output_case_open(&c, "{type: 'null'}"));
	output_case_give(&c, "abc", "de", NULL);
	CHECK_INT(c.done, 2);
	CHECK(output_is_idle(c.output));
	CHECK_INT(output_flush(c.output, &e), 0);
	CHECK_INT(output_reopen(c.output, &e), 0);
	CHECK(!output_has_marks(c.output));
	output_case_close(&c);
}

static const char *
in_yaml(const char *path, const char *more)
{
	static char text[1024];

	snprintf(
	    text, sizeof(text), "{type: file, path: \"%s\"%s}", path, more);
	return text;
}

static void
a_file_is_continued_and_opened_again_after_a_move(void)
{
	static struct output_case c;
	char path[512], moved[512];

	snprintf(path, sizeof(path), "%s", path_of("a"));
	snprintf(moved, sizeof(moved), "%s", path_of("a.1"));
	REQUIRE(output_case_load(&c, in_yaml(path, "")));
	output_case_close(&c);
	CHECK(access(path, F_OK) < 0);
	REQUIRE(output_case_open(&c, in_yaml(path, "")));
	output_case_give(&c, "one\n", NULL);
	CHECK_INT(c.done, 1);
	output_case_close(&c);

	REQUIRE(output_case_open(&c, in_yaml(path, "")));
	output_case_give(&c, "two\n", NULL);
	REQUIRE(rename(path, moved) == 0);
	CHECK_INT(output_reopen(c.output, &c.e), 0);
	output_case_give(&c, "three\n", "four\n", NULL);
	CHECK_INT(c.done, 2);
	CHECK_INT(output_flush(c.output, &c.e), 0);
	output_case_close(&c);
	CHECK_TEXT(read_all(moved), "one\ntwo\n");
	CHECK_TEXT(read_all(path), "three\nfour\n");
}

static void
a_file_that_cannot_be_written_is_refused_by_name(void)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{ "/nonexistent/x",
		    "cannot create /nonexistent/x: No such file or directory" },
		{ "/", "/ is a directory" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static struct output_case c;

		CHECK(!output_case_load(&c, in_yaml(cases[i].path, "")));
		CHECK(strstr(c.e.text, cases[i].text) != NULL);
		CHECK_INT(c.e.line, 3);
		output_case_close(&c);
	}
}

/* A file may grow to so many bytes only: the system's limit stands in for a
 * full disk. */
static void
a_full_disk_is_again_and_leaves_no_half_record(void)
{
	static struct output_case c;
	struct rlimit old, small;
	char path[512];

	snprintf(path, sizeof(path), "%s", path_of("full"));
	REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
	signal(SIGXFSZ, SIG_IGN);
	REQUIRE(output_case_open(&c, in_yaml(path, "")));
	small = (struct rlimit){ .rlim_cur = 8, .rlim_max = old.rlim_max };
	REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
	output_case_give(&c, "first\n", "second\n", "third\n", NULL);
	setrlimit(RLIMIT_FSIZE, &old);
	CHECK_INT(c.done, 1);
	CHECK_INT(c.again, 2);
	CHECK_INT(c.verdicts[0], STSENTRY_DONE);
	CHECK(strstr(c.why, "cannot write") != NULL);
	CHECK_TEXT(read_all(path), "first\n");
	output_case_give(&c, "second\n", "third\n", NULL);
	CHECK_INT(c.done, 2);
	output_case_close(&c);
	CHECK_TEXT(read_all(path), "first\nsecond\nthird\n");
}

/* All that is answered with done arrives, once and whole. */
static void
a_pipe_that_nobody_reads_blocks_nobody(void)
{
	static struct output_case c;
	static char record[65536], got[65536];
	char path[512];
	size_t done = 0, read_n = 0;
	int reader;
	ssize_t n;

	snprintf(path, sizeof(path), "%s", path_of("pipe"));
	memset(record, 'x', sizeof(record) - 2);
	record[sizeof(record) - 2] = '\n';
	REQUIRE(mkfifo(path, 0600) == 0);
	CHECK(!output_case_open(&c, in_yaml(path, "")));
	output_case_close(&c);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	REQUIRE(reader >= 0);
	REQUIRE(output_case_open(&c, in_yaml(path, "")));
	output_case_give_many(&c, record, 64);
	CHECK(c.again >= 32);
	while ((n = read(reader, got, sizeof(got))) > 0 ||
	    !output_is_idle(c.output)) {
		read_n += n > 0 ? (size_t)n : 0;
		output_case_turn(&c);
	}
	done = c.done;
	CHECK_INT(done + c.again, 64);
	CHECK_INT(read_n, done * (sizeof(record) - 1));
	CHECK_INT(output_flush(c.output, &c.e), 0);
	output_case_close(&c);
	close(reader);
}

static void
what_lies_behind_a_position_is_cut(void)
{
	static struct output_case c;
	char path[512];
	uint64_t position;

	snprintf(path, sizeof(path), "%s", path_of("cut"));
	REQUIRE(output_case_open(&c, in_yaml(path, "")));
	REQUIRE(output_has_marks(c.output));
	output_case_give(&c, "kept\n", NULL);
	CHECK_INT(output_flush(c.output, &c.e), 0);
	position = output_mark(c.output);
	output_case_give(&c, "not kept\n", NULL);
	output_case_close(&c);
	REQUIRE(output_case_open(&c, in_yaml(path, "")));
	CHECK_INT(output_resume(c.output, position, &c.e), 0);
	output_case_give(&c, "again\n", NULL);
	output_case_close(&c);
	CHECK_TEXT(read_all(path), "kept\nagain\n");
	/* Another file took its place: nothing of it is cut. */
	REQUIRE(rename(path, path_of("cut.1")) == 0);
	REQUIRE(output_case_open(&c, in_yaml(path, "")));
	output_case_give(&c, "of others\n", NULL);
	CHECK_INT(output_resume(c.output, position, &c.e), 0);
	output_case_close(&c);
	CHECK_TEXT(read_all(path), "of others\n");
}

static void
a_new_file_has_its_mode_and_an_old_one_keeps_its_own(void)
{
	static struct output_case c;
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s", path_of("mode"));
	REQUIRE(output_case_open(&c, in_yaml(path, ", mode: \"0604\"")));
	output_case_close(&c);
	REQUIRE(stat(path, &st) == 0);
	CHECK_INT(st.st_mode & 07777, 0604);
	REQUIRE(output_case_open(&c, in_yaml(path, ", mode: \"0600\"")));
	output_case_close(&c);
	REQUIRE(stat(path, &st) == 0);
	CHECK_INT(st.st_mode & 07777, 0604);
}

static void
stdout_does_not_wait_for_its_reader(void)
{
	static struct output_case c;
	static char record[100001], got[65536];
	int fd[2], saved = dup(STDOUT_FILENO);
	size_t done, read_n = 0;
	bool idle;
	ssize_t n;

	memset(record, 'x', sizeof(record) - 1);
	REQUIRE(saved >= 0 && pipe(fd) == 0);
	REQUIRE(output_case_open(&c, "{type: stdout}"));
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fflush(stdout);
	REQUIRE(dup2(fd[1], STDOUT_FILENO) == STDOUT_FILENO);
	output_case_give_many(&c, record, 10);
	idle = output_is_idle(c.output);
	while ((n = read(fd[0], got, sizeof(got))) > 0 ||
	    !output_is_idle(c.output)) {
		read_n += n > 0 ? (size_t)n : 0;
		output_case_turn(&c);
	}
	dup2(saved, STDOUT_FILENO);
	done = c.done;
	CHECK(!idle);
	CHECK_INT(done + c.again, 10);
	CHECK_INT(read_n, done * (sizeof(record) - 1));
	CHECK_TEXT(slice_str(c.why), "its reader does not read");
	output_case_close(&c);
	close(saved);
	close(fd[0]);
	close(fd[1]);
}

/* A foreign kind may say anything. */
static void
an_answer_that_was_not_asked_for_is_passed_over(void)
{
	static struct output_case c;
	const struct stsentry_answer done = { .verdict = STSENTRY_DONE };
	const struct stsentry_host *host;

	REQUIRE(output_case_open(&c, "{type: 'null'}"));
	host = (const struct stsentry_host *)(const void *)c.output;
	output_case_give(&c, "a", "b", NULL);
	CHECK_INT(c.done, 2);
	host->answer(host, c.records, 1, &done);     /* twice */
	host->answer(host, c.records + 1, 2, &done); /* too many */
	host->answer(host, c.records + 7, 1, &done); /* not sent */
	CHECK_INT(c.done, 2);
	output_case_close(&c);
}

static void
settings_are_what_the_file_says_or_the_default(void)
{
	static struct output_case c;
	struct stsentry_setup s = { .name = "x" };
	struct arena a;

	REQUIRE(output_case_load(&c,
	    "{type: webhook, url: \"https://hooks.example/x\", headers: {X-A: "
	    "b, X-C: d}, timeout: 3s}"));
	arena_init(&a, 256);
	REQUIRE(settings_fill(
		    c.config->outputs.v, &output_webhook, &a, &s, &c.e) == 0);
	CHECK_TEXT(
	    slice_str(settings_text(&s, "url")), "https://hooks.example/x");
	CHECK_TEXT(slice_str(settings_text(&s, "headers")), "X-A: b");
	CHECK_INT(settings_number(&s, "timeout", 0), 3000);
	CHECK_INT(settings_number(&s, "private", 7), 0);
	CHECK(settings_text(&s, "token") == NULL);
	CHECK_INT(settings_number(&s, "nothing", 7), 7);
	arena_release(&a);
	output_case_close(&c);
}

UNIT_MAIN("output",
    { "each kind has the name of its word",
	each_kind_has_the_name_of_its_word },
    { "null takes everything", null_takes_everything },
    { "a file is continued, and opened again after a move",
	a_file_is_continued_and_opened_again_after_a_move },
    { "a file that cannot be written is refused by name",
	a_file_that_cannot_be_written_is_refused_by_name },
    { "a full disk is again, and leaves no half record",
	a_full_disk_is_again_and_leaves_no_half_record },
    { "a pipe that nobody reads blocks nobody",
	a_pipe_that_nobody_reads_blocks_nobody },
    { "what lies behind a position is cut",
	what_lies_behind_a_position_is_cut },
    { "a new file has its mode, and an old one keeps its own",
	a_new_file_has_its_mode_and_an_old_one_keeps_its_own },
    { "stdout does not wait for its reader",
	stdout_does_not_wait_for_its_reader },
    { "an answer that was not asked for is passed over",
	an_answer_that_was_not_asked_for_is_passed_over },
    { "settings are what the file says, or the default",
	settings_are_what_the_file_says_or_the_default })
