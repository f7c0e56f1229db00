/*
 * test_globs.c - files by patterns.
 */
#include "lib/globs.h"
#include "lib/buf.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A small tree; names that end with a slash are directories. */
static const char *const tree[] = { "t/", "t/a.json", "t/b.gz", "t/.hidden",
	"t/2026/", "t/2026/03/", "t/2026/03/c.gz", "t/2026/03/d.json",
	"t/2026/e.gz", "t/x[1]/", "t/x[1]/f.gz" };

static void
plant(void)
{
	char path[512];

	for (size_t i = 0; i < sizeof(tree) / sizeof(tree[0]); i++) {
		size_t n = strlen(tree[i]);

		snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(), tree[i]);
		if (tree[i][n - 1] == '/')
			mkdir(path, 0700);
		else
			fclose(fopen(path, "w"));
	}
	snprintf(path, sizeof(path), "%s/t/loop", unit_tmpdir());
	if (symlink("..", path) < 0 && errno != EEXIST)
		abort();
}

static void
count_problem(void *arg, const char *path, int error)
{
	(void)path;
	(void)error;
	++*(unsigned *)arg;
}

/* What a pattern gives, relative to the temporary directory. */
static unsigned
expand(const char *pattern, struct buf *out)
{
	struct globs g = GLOBS_INIT;
	char full[512];
	unsigned problems = 0;

	snprintf(full, sizeof(full), "%s/%s", unit_tmpdir(), pattern);
	CHECK_INT(globs_add(&g, full, count_problem, &problems), 0);
	globs_sort(&g);
	buf_reset(out);
	for (size_t i = 0; i < g.n; i++)
		buf_addf(out, "%s%s", i ? " " : "",
		    g.v[i] + strlen(unit_tmpdir()) + 1);
	globs_release(&g);
	return problems;
}

static void
patterns_give_sorted_files_each_once(void)
{
	static const struct {
		const char *pattern, *files;
		unsigned problems;
	} cases[] = {
		{ "t/a.json", "t/a.json", 0 },
		{ "t/*.gz", "t/b.gz", 0 },
		{ "t/?.*", "t/a.json t/b.gz", 0 },
		{ "t/[ab].*", "t/a.json t/b.gz", 0 },
		{ "t/*", "t/a.json t/b.gz", 0 },
		{ "t/.h*", "t/.hidden", 0 },
		{ "t/*/*.gz", "t/2026/e.gz t/x[1]/f.gz", 0 },
		{ "t/**/*.gz", "t/2026/03/c.gz t/2026/e.gz t/b.gz t/x[1]/f.gz",
		    0 },
		{ "t/**/**/*.gz",
		    "t/2026/03/c.gz t/2026/e.gz t/b.gz t/x[1]/f.gz", 0 },
		{ "t/2026/**/03/*.json", "t/2026/03/d.json", 0 },
		{ "t/2026/**", "t/2026/03/c.gz t/2026/03/d.json t/2026/e.gz",
		    0 },
		{ "t/2026", "t/2026/03/c.gz t/2026/03/d.json t/2026/e.gz", 0 },
		{ "t/2026/", "t/2026/03/c.gz t/2026/03/d.json t/2026/e.gz", 0 },
		{ "t//2026///e.gz", "t/2026/e.gz", 0 },
		{ "t/nothing*", "", 0 },
		{ "nowhere/**/*.gz", "", 0 },
		{ "t/a.json/**", "", 0 },
		{ "t/missing.json", "", 1 },
	};
	struct buf got = BUF_INIT;

	plant();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(expand(cases[i].pattern, &got), cases[i].problems);
		buf_addc(&got, '\0');
		got.n--;
		CHECK_TEXT(buf_slice(&got), cases[i].files);
	}
	buf_release(&got);
}

static void
overlapping_patterns_give_a_file_once(void)
{
	struct globs g = GLOBS_INIT;
	char full[512];

	plant();
	snprintf(full, sizeof(full), "%s/t/**/*.gz", unit_tmpdir());
	CHECK_INT(globs_add(&g, full, NULL, NULL), 0);
	CHECK_INT(globs_add(&g, full, NULL, NULL), 0);
	CHECK_INT(g.n, 8);
	globs_sort(&g);
	CHECK_INT(g.n, 4);
	globs_release(&g);
	CHECK_INT(g.n, 0);
	globs_sort(&g);
}

UNIT_MAIN("globs",
    { "patterns give sorted files, each once",
	patterns_give_sorted_files_each_once },
    { "overlapping patterns give a file once",
	overlapping_patterns_give_a_file_once })
