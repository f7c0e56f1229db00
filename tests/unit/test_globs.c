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

static const char *const patterns[] = { "t/a.json", "t/*.gz", "t/?.*",
	"t/[ab].*", "t/*", "t/.h*", "t/*/*.gz", "t/**/*.gz", "t/**/**/*.gz",
	"t/2026/**/03/*.json", "t/2026/**", "t/2026", "t/2026/",
	"t//2026///e.gz", "t/nothing*", "nowhere/**/*.gz", "t/a.json/**",
	"**/c.gz", "**", "t/**/2026/*", "t/**/.h*", "t/**/03/**/d*" };
#define PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

static int
note_path(void *arg, const char *path, const struct stat *st)
{
	CHECK(S_ISREG(st->st_mode));
	buf_addf(arg, "%s ", path + strlen(unit_tmpdir()) + 1);
	return 0;
}

static void
a_name_alone_is_matched_as_on_the_disk(void)
{
	static const struct globs_calls calls = { .file = note_path };
	char full[512], path[512], relative[512];
	struct buf found = BUF_INIT;

	plant();
	for (size_t i = 0; i < PATTERNS; i++) {
		snprintf(
		    full, sizeof(full), "%s/%s", unit_tmpdir(), patterns[i]);
		buf_reset(&found);
		CHECK_INT(globs_walk(full, NULL, &calls, &found), 0);
		buf_addc(&found, '\0');
		for (size_t k = 0; k < sizeof(tree) / sizeof(tree[0]); k++) {
			if (tree[k][strlen(tree[k]) - 1] == '/')
				continue;
			snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(),
			    tree[k]);
			snprintf(relative, sizeof(relative), "%s ", tree[k]);
			CHECK_INT(globs_match(full, path),
			    strstr(found.p, relative) != NULL);
		}
	}
	CHECK(!globs_match("/a/*", "a/b"));
	CHECK(globs_match("a/*", "a/b"));
	CHECK(!globs_match("/a", "/ab/c"));
	buf_release(&found);
}

/* What a walk gives of one part is what of the whole lies there. */
static void
a_walk_can_be_kept_to_a_part(void)
{
	static const struct globs_calls calls = { .file = note_path };
	static const char *const parts[] = { "t", "t/2026", "t/2026/03",
		"t/2026/03/c.gz", "t/x[1]", "t/a.json", "t/none", "u" };
	char full[512], part[512];
	struct buf all = BUF_INIT, some = BUF_INIT, want = BUF_INIT;

	plant();
	for (size_t i = 0; i < PATTERNS * 8; i++) {
		const char *only = parts[i % 8];
		char *save = NULL, *word;

		snprintf(full, sizeof(full), "%s/%s", unit_tmpdir(),
		    patterns[i / 8]);
		snprintf(part, sizeof(part), "%s/%s", unit_tmpdir(), only);
		buf_reset(&all);
		buf_reset(&some);
		buf_reset(&want);
		CHECK_INT(globs_walk(full, NULL, &calls, &all), 0);
		CHECK_INT(globs_walk(full, part, &calls, &some), 0);
		buf_addc(&all, '\0');
		buf_addc(&some, '\0');
		for (word = strtok_r(all.p, " ", &save); word;
		     word = strtok_r(NULL, " ", &save))
			if (strncmp(word, only, strlen(only)) == 0 &&
			    strchr("/", word[strlen(only)]))
				buf_addf(&want, "%s ", word);
		buf_addc(&want, '\0');
		CHECK_TEXT(slice_str(some.p), want.p);
	}
	buf_release(&all);
	buf_release(&some);
	buf_release(&want);
}

struct stopper {
	unsigned files, folders;
};

static int
stop_at_second(void *arg, const char *path, const struct stat *st)
{
	struct stopper *s = arg;

	(void)path;
	(void)st;
	return ++s->files == 2 ? ST_ESTOPPED : 0;
}

static void
count_folder(void *arg, const char *path)
{
	struct stopper *s = arg;

	CHECK(path[strlen(path) - 1] != '/');
	s->folders++;
}

static void
a_walk_ends_when_it_is_told_to(void)
{
	static const struct globs_calls calls = { stop_at_second, count_folder,
		NULL };
	struct stopper s = { 0, 0 };
	char full[512];

	plant();
	snprintf(full, sizeof(full), "%s/t/2026/", unit_tmpdir());
	CHECK_INT(globs_walk(full, NULL, &calls, &s), ST_ESTOPPED);
	CHECK_INT(s.files, 2);
	CHECK(s.folders >= 2);
}

static void
a_pattern_lies_below_its_root(void)
{
	static const char *const cases[][2] = { { "/a/b/*.gz", "/a/b" },
		{ "/a/b*/c", "/a" }, { "/a/b/c", "/a/b" }, { "/*", "/" },
		{ "/a", "/" }, { "a", "." }, { "*", "." }, { "a//**", "a" },
		{ "a/b/", "a/b" } };
	struct buf root = BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&root);
		globs_root(cases[i][0], &root);
		CHECK_TEXT(buf_slice(&root), cases[i][1]);
	}
	buf_release(&root);
}

UNIT_MAIN("globs",
    { "patterns give sorted files, each once",
	patterns_give_sorted_files_each_once },
    { "overlapping patterns give a file once",
	overlapping_patterns_give_a_file_once },
    { "a name alone is matched as on the disk",
	a_name_alone_is_matched_as_on_the_disk },
    { "a walk can be kept to a part", a_walk_can_be_kept_to_a_part },
    { "a walk ends when it is told to", a_walk_ends_when_it_is_told_to },
    { "a pattern lies below its root", a_pattern_lies_below_its_root })
