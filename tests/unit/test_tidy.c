/*
 * test_tidy.c - closed files of the ledger are packed, go when they are too old
 * or too large, and leave a chain that is known to begin behind them.
 */
#include "config.h"

#include "store/verify.h"
#include "tests/unit/store_case.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>

#define DAY INT64_C(86400)
#define START (20000 * DAY + 3600)

static struct store *
open_with(const char *dir, const struct store_seam *seam, int64_t keep_days,
    uint64_t keep_size, uint64_t limit)
{
	const struct store_options o = { .dir = dir,
		.seam = seam,
		.keep = keep_days * DAY * 1000,
		.keep_size = keep_size,
		.limit = limit };
	struct store *s = NULL;
	struct err e = { .text = "" };

	if (store_open(&o, &s, &e) < 0)
		printf("%s\n", e.text);
	return s;
}

/* One line on each of so many days. */
static void
live(struct store *s, struct case_disk *d, int days)
{
	char key[16];

	for (int i = 0; i < days; i++, d->now += DAY) {
		snprintf(key, sizeof(key), "%d", i);
		CHECK_INT(case_add(s, key, "x"), 0);
	}
}

/* What is due at once; each call is spaced by the store itself. */
static void
tidy(struct store *s)
{
	while (store_tidy(s))
		;
}

static void
print_break(void *arg, const struct ledger_break *b)
{
	(void)arg;
	printf("%s:%d: %s\n", b->file, (int)b->line, b->why);
}

static struct ledger_verdict
verify(const char *dir)
{
	struct ledger_verdict v = { .breaks = 0 };
	struct err e = { .text = "" };

	CHECK_INT(ledger_verify(dir, print_break, NULL, &v, &e), 0);
	return v;
}

static void
closed_files_are_packed(void)
{
	const char *dir = case_dir();
	struct case_disk d = { .now = START };
	struct store_seam seam = case_seam(&d);
	struct store *s = open_with(dir, &seam, 0, 0, 0);

	REQUIRE(s != NULL);
	live(s, &d, 4);
	tidy(s);
	CHECK_INT(case_files(dir, "ledger", ".zst"), 3);
	CHECK_INT(case_files(dir, "ledger", ".jsonl"), 4);
	CHECK_INT(case_files(dir, "ledger", ".tmp"), 0);
	CHECK_INT(verify(dir).lines, 4);
	live(s, &d, 1);
	tidy(s);
	CHECK_INT(case_files(dir, "ledger", ".zst"), 4);
	store_close(s);
	s = open_with(dir, &seam, 0, 0, 0);
	REQUIRE(s != NULL);
	live(s, &d, 1);
	CHECK_INT(verify(dir).lines, 6);
	CHECK_INT(verify(dir).breaks, 0);
	store_close(s);
}

static void
old_files_go_and_the_chain_begins_behind_them(void)
{
	const char *dir = case_dir();
	struct case_disk d = { .now = START };
	struct store_seam seam = case_seam(&d);
	struct store *s = open_with(dir, &seam, 3, 0, 0);
	struct ledger_verdict v;

	REQUIRE(s != NULL);
	live(s, &d, 8);
	tidy(s);
	v = verify(dir);
	CHECK_INT(v.breaks, 0);
	CHECK(v.first > 3);
	CHECK(case_files(dir, "ledger", ".jsonl") < 7);
	/* One more is taken by somebody else. */
	v.files.files = (uint64_t)case_files(dir, "ledger", ".zst");
	REQUIRE(v.files.files > 1);
	CHECK_INT(case_files(dir, "ledger", ".tmp"), 0);
	store_close(s);
	case_remove(dir, "ledger/2024-10-09.jsonl.zst");
	CHECK(verify(dir).breaks > 0);
}

static void
files_go_while_all_are_too_large(void)
{
	const char *dir = case_dir();
	struct case_disk d = { .now = START };
	struct store_seam seam = case_seam(&d);
	struct store *s = open_with(dir, &seam, 0, 400, 0);

	REQUIRE(s != NULL);
	live(s, &d, 6);
	tidy(s);
	/* Never the one that lines go to. */
	CHECK_INT(case_files(dir, "ledger", ".jsonl"), 1);
	CHECK_INT(verify(dir).breaks, 0);
	store_close(s);
}

static void
what_the_disk_refuses_is_done_later(void)
{
	const char *dir = case_dir();
	struct case_disk d = { .now = START };
	struct store_seam seam = case_seam(&d);

	for (int after = 1; after < 8; after++) {
		struct store *s = open_with(dir, &seam, 0, 0, 0);

		REQUIRE(s != NULL);
		live(s, &d, 2);
		d.calls = 0;
		d.error = ENOSPC;
		d.stuck = true;
		d.after = after;
		tidy(s);
		d.after = 0;
		d.error = 0;
		d.stuck = false;
		CHECK_INT(verify(dir).breaks, 0);
		store_close(s);
	}
}

static void
beyond_the_limit_nothing_is_committed(void)
{
	const char *dir = case_dir();
	struct case_disk d = { .now = START };
	struct store_seam seam = case_seam(&d);
	struct store *s = open_with(dir, &seam, 0, 0, 0);
	struct store_counts n;

	REQUIRE(s != NULL);
	live(s, &d, 2);
	store_counts(s, &n);
	store_close(s);
	s = open_with(dir, &seam, 0, 0, n.state_bytes / 2);
	REQUIRE(s != NULL);
	CHECK_INT(case_add(s, "more", "x"), ST_EIO);
	store_counts(s, &n);
	CHECK(n.full);
	CHECK(n.commits_failed > 0);
	store_close(s);
	s = open_with(dir, &seam, 0, 0, UINT64_C(1) << 40);
	REQUIRE(s != NULL);
	CHECK_INT(case_add(s, "more", "x"), 0);
	store_counts(s, &n);
	CHECK(!n.full);
	store_close(s);
}

UNIT_MAIN("tidy", { "closed files are packed", closed_files_are_packed },
    { "old files go, and the chain begins behind them",
	old_files_go_and_the_chain_begins_behind_them },
    { "files go while all are too large", files_go_while_all_are_too_large },
    { "what the disk refuses is done later",
	what_the_disk_refuses_is_done_later },
    { "beyond the limit nothing is committed",
	beyond_the_limit_nothing_is_committed })
