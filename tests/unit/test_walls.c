/*
 * test_walls.c - which outputs of a later configuration the walls let through.
 * A child goes behind them, since there is no way back.
 */
#include "collector/walls.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ADMITTED, REFUSED, NO_WALLS, BROKEN };

static struct config *
load(const char *output)
{
	struct config *c = NULL;
	char text[1024];
	struct err e;

	snprintf(text, sizeof(text), "version: 1\noutputs: [%s]\n", output);
	return config_load_text(slice_str(text), "s.yaml", &c, &e) < 0 ? NULL
								       : c;
}

/* What becomes of the second output where the first was there at the start;
 * what is said goes to standard output. */
static int
try(const struct config *first, const struct config *second)
{
	struct sandbox_report report;
	struct walls *w = NULL;
	struct err e = { .text = "" };
	int err;

	if (walls_enter(first, &report, &w, &e) < 0)
		return BROKEN;
	if (!w || !report.files || !report.calls)
		return NO_WALLS;
	err = walls_admit(w, second->outputs.v, &e);
	walls_free(w);
	printf("%s\n", e.text);
	return err < 0 ? REFUSED : ADMITTED;
}

static void
check(const char *first, const char *second, int want)
{
	struct config *a = load(first), *b = load(second);
	int status = 0;
	pid_t child;

	REQUIRE(a && b);
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(try(a, b));
	REQUIRE(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status));
	if (WEXITSTATUS(status) != NO_WALLS)
		CHECK_INT(WEXITSTATUS(status), want);
	config_free(a);
	config_free(b);
}

static const char *
file_in(const char *folder, const char *name)
{
	static char text[4][512];
	static unsigned n;
	char *out = text[n++ % 4];

	snprintf(out, sizeof(text[0]), "{type: file, path: \"%.300s/%.60s\"}",
	    folder, name);
	return out;
}

static void
files_stay_in_folders_of_the_start(void)
{
	char inside[300], below[320], beside[320], link[320];

	snprintf(inside, sizeof(inside), "%.200s/in", unit_tmpdir());
	snprintf(below, sizeof(below), "%s/below", inside);
	snprintf(beside, sizeof(beside), "%s-other", inside);
	snprintf(link, sizeof(link), "%s/link", inside);
	mkdir(inside, 0700);
	mkdir(below, 0700);
	mkdir(beside, 0700);
	REQUIRE(symlink(beside, link) == 0);
	check(file_in(inside, "a"), file_in(inside, "b"), ADMITTED);
	check(file_in(inside, "a"), file_in(below, "b"), ADMITTED);
	check(file_in(inside, "a"), file_in(below, "{account}/b"), ADMITTED);
	check(file_in(inside, "a"), file_in(beside, "b"), REFUSED);
	check(file_in(inside, "a"), file_in(link, "b"), REFUSED);
	/* The system's folders can be read. */
	check(file_in(inside, "a"), file_in("/etc", "b"), REFUSED);
}

static void
programs_are_started_only_where_the_start_had_some(void)
{
	static const char one[] = "{type: exec, command: /bin/cat}",
			  other[] = "{type: exec, command: /usr/bin/tee}";

	check(one, other, ADMITTED);
	check("{type: 'null'}", other, REFUSED);
}

static void
without_walls_all_is_let_through(void)
{
	struct config *c = load("{type: exec, command: /bin/cat}");
	struct err e;

	REQUIRE(c != NULL);
	CHECK_INT(walls_admit(NULL, c->outputs.v, &e), 0);
	config_free(c);
}

UNIT_MAIN("walls",
    { "files stay in folders of the start",
	files_stay_in_folders_of_the_start },
    { "programs are started only where the start had some",
	programs_are_started_only_where_the_start_had_some },
    { "without walls all is let through", without_walls_all_is_let_through })
