/*
 * test_log.c - one line each, and nobody else's control characters.
 */
#include "lib/log.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char heard[32768];

/* Say something while stderr is a file; returns what came. */
static struct slice
listen_to(void (*say)(const char *), const char *what)
{
	char path[128];
	int saved = dup(STDERR_FILENO), fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/stderr", unit_tmpdir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	dup2(fd, STDERR_FILENO);
	say(what);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, heard, sizeof(heard), 0);
	close(fd);
	return slice_of(heard, n < 0 ? 0 : (size_t)n);
}

static void
say_info(const char *s)
{
	log_info("%s", s);
}

static void
say_warnx(const char *s)
{
	log_warnx("it is %s", s);
}

static void
say_error(const char *s)
{
	errno = ENOENT;
	log_error("cannot open %s", s);
	CU_ASSERT(errno == ENOENT);
}

static void
say_debug(const char *s)
{
	log_debug("%s", s);
}

static void
a_line_begins_with_program_and_level(void)
{
	CHECK_TEXT(listen_to(say_info, "up"), "stsentry: up\n");
	log_setup("stsentryd", LOG_L_DEBUG, false);
	CHECK(log_is_debug());
	CHECK_TEXT(listen_to(say_info, "up"), "stsentryd: up\n");
	CHECK_TEXT(listen_to(say_debug, "up"), "stsentryd: debug: up\n");
	CHECK_TEXT(
	    listen_to(say_warnx, "full"), "stsentryd: warning: it is full\n");
	CHECK_TEXT(listen_to(say_error, "f"),
	    "stsentryd: error: cannot open f: No such file or directory\n");
	log_setup(NULL, LOG_L_INFO, false);
}

static void
what_is_below_the_level_is_not_said(void)
{
	log_setup("p", LOG_L_ERROR, false);
	CHECK(!log_is_debug());
	CHECK_TEXT(listen_to(say_warnx, "x"), "");
	CHECK_TEXT(listen_to(say_debug, "x"), "");
	CHECK(listen_to(say_error, "x").n > 0);
}

static void
control_characters_are_made_visible(void)
{
	static const char *const t[][2] = {
		{ "a\nb", "p: a\\x0ab\n" },
		{ "\x1b[2J", "p: \\x1b[2J\n" },
		{ "\x7f", "p: \\x7f\n" },
		{ "\xc2\x9b", "p: \\u009b\n" },
		{ "\xe2\x80\xae", "p: \\u202e\n" },
		{ "\xfe\xe2\x82", "p: \\xfe\\xe2\\x82\n" },
		{ "gr\xc3\xbc\xc3\x9f", "p: gr\xc3\xbc\xc3\x9f\n" },
	};

	log_setup("p", LOG_L_INFO, false);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_TEXT(listen_to(say_info, t[i][0]), t[i][1]);
}

static void
a_long_line_is_cut_and_says_so(void)
{
	char text[10000];
	struct slice got;

	log_setup("p", LOG_L_INFO, false);
	for (int c = 0; c < 2; c++) {
		memset(text, c ? '\n' : 'x', sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		got = listen_to(say_info, text);
		CHECK(got.n > 4000 && got.n <= 8192);
		CHECK(slice_ends(got, "...\n"));
		CHECK(memchr(got.p, '\n', got.n) == got.p + got.n - 1);
	}
}

static void
a_stamp_stands_in_front(void)
{
	struct slice got;

	log_setup("p", LOG_L_INFO, true);
	got = listen_to(say_info, "x");
	CHECK_INT(got.n, strlen("2026-03-01T08:00:00.123Z p: x\n"));
	CHECK(slice_ends(got, "Z p: x\n"));
	CHECK(got.n > 10 && got.p[10] == 'T');
	log_setup("p", LOG_L_INFO, false);
}

static void
json_holds_one_object_a_line(void)
{
	struct slice got;

	log_setup("p", LOG_L_INFO, false);
	log_style(LOG_L_INFO, LOG_AS_JSON, LOG_TO_STDERR);
	got = listen_to(say_warnx, "a \"b\" \\c\n");
	CHECK(slice_starts(got, "{\"time\":\"20"));
	CHECK(slice_ends(got,
	    "Z\",\"level\":\"warning\",\"program\":\"p\","
	    "\"message\":\"it is a \\\"b\\\" \\\\c\\\\x0a\"}\n"));
	log_style(LOG_L_INFO, LOG_AS_TEXT, LOG_TO_STDERR);
}

static void
the_journal_is_told_the_level(void)
{
	log_setup("p", LOG_L_INFO, false);
	log_style(LOG_L_INFO, LOG_AS_TEXT, LOG_TO_JOURNALD);
	CHECK_TEXT(listen_to(say_info, "up"), "<6>p: up\n");
	CHECK_TEXT(listen_to(say_warnx, "x"), "<4>p: warning: it is x\n");
	log_style(LOG_L_INFO, LOG_AS_TEXT, LOG_TO_STDERR);
}

UNIT_MAIN("log",
    { "a line begins with program and level",
	a_line_begins_with_program_and_level },
    { "what is below the level is not said",
	what_is_below_the_level_is_not_said },
    { "control characters are made visible",
	control_characters_are_made_visible },
    { "a long line is cut and says so", a_long_line_is_cut_and_says_so },
    { "a stamp stands in front", a_stamp_stands_in_front },
    { "json holds one object a line", json_holds_one_object_a_line },
    { "the journal is told the level", the_journal_is_told_the_level })
