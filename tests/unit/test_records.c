/*
 * test_records.c - decisions and findings read back from what was written.
 */
#include "config.h"

#include "cli/records.h"

#include "lib/buf.h"
#include "tests/unit/store_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#define DECISION(id) "{\"event_id\":\"" id "\",\"verdict\":\"expected\"}"
#define FINDING(id) "{\"id\":\"" id "\",\"severity\":\"high\",\"request\":{}}"

struct seen {
	char words[4096]; /* "d:a f:f-1 n " */
	char notes[4096];
	int stop_at, n;
};

static int
on_record(void *arg, const struct record *r)
{
	static const char letters[] = "dfn";
	struct seen *s = arg;
	const char *name = r->kind == RECORD_FINDING ? "id" : "event_id";
	struct slice id = json_text(json_get(r->json, name));
	size_t n = strlen(s->words);

	snprintf(s->words + n, sizeof(s->words) - n, "%c%s%.*s ",
	    letters[r->kind], r->seq ? "!" : ":", SLICE_ARG(id));
	return ++s->n == s->stop_at ? ST_EINVAL : 0;
}

static void
on_note(void *arg, const char *line)
{
	struct seen *s = arg;
	size_t n = strlen(s->notes);

	snprintf(s->notes + n, sizeof(s->notes) - n, "%s\n", line);
}

static int
read_path(const char *path, struct seen *s, struct records_counts *counts)
{
	struct records_calls calls = { on_record, on_note, NULL };
	struct records *r = records_new(&calls, s);
	struct err e = { .text = "" };
	int err = records_add(r, path, &e);

	s->words[0] = s->notes[0] = '\0';
	s->n = 0;
	CHECK_INT(err, 0);
	if (err == 0)
		err = records_run(r, &e);
	*counts = *records_counts(r);
	records_free(r);
	return err;
}

static const char *
put(const char *name, const void *p, size_t n)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(), name);
	f = fopen(path, "wb");
	CHECK(f && fwrite(p, 1, n, f) == n);
	if (f)
		fclose(f);
	return path;
}

static const char *
put_text(const char *name, const char *text)
{
	return put(name, text, strlen(text));
}

static void
lines_of_both_kinds_are_told_apart(void)
{
	struct records_counts c;
	struct seen s = { .n = 0 };

	CHECK_INT(read_path(put_text("both",
				DECISION("a") "\n\n" FINDING(
				    "f-1") "\r\n" DECISION("b")),
		      &s, &c),
	    0);
	CHECK_TEXT(slice_str(s.words), "d:a f:f-1 d:b ");
	CHECK_TEXT(slice_str(s.notes), "");
	CHECK_INT(c.decisions, 2);
	CHECK_INT(c.unreadable, 0);
}

static void
gzip_and_zstd_are_undone_whatever_the_name(void)
{
	static const char text[] = DECISION("z") "\n" FINDING("f-2") "\n";
	char bytes[512];
	struct records_counts c;
	struct seen s = { .n = 0 };
	size_t n = ZSTD_compress(
	    bytes, sizeof(bytes), text, sizeof(text) - 1, 3);
	const char *path = put("rotated.1", bytes, n);
	gzFile gz;

	CHECK_INT(read_path(path, &s, &c), 0);
	CHECK_TEXT(slice_str(s.words), "d:z f:f-2 ");
	gz = gzopen(path, "wb");
	REQUIRE(gz != NULL);
	CHECK(gzwrite(gz, text, sizeof(text) - 1) > 0);
	gzclose(gz);
	CHECK_INT(read_path(path, &s, &c), 0);
	CHECK_TEXT(slice_str(s.words), "d:z f:f-2 ");
}

static void
a_line_across_pieces_is_one_line(void)
{
	struct records_counts c;
	struct seen s = { .n = 0 };
	struct buf b = BUF_INIT;

	buf_adds(&b, "{\"event_id\":\"");
	for (size_t i = 0; i < RECORDS_CHUNK; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\",\"verdict\":\"expected\"}\n" FINDING("f-3") "\n");
	CHECK_INT(read_path(put("long", b.p, b.n), &s, &c), 0);
	CHECK_INT(c.decisions, 1);
	CHECK_INT(c.findings, 1);
	buf_release(&b);
}

static void
a_line_that_is_too_long_costs_itself(void)
{
	struct records_counts c;
	struct seen s = { .n = 0 };
	struct buf b = BUF_INIT;

	buf_adds(&b, DECISION("a") "\n");
	for (size_t i = 0; i <= RECORDS_LINE_MAX; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\n" DECISION("b") "\n");
	CHECK_INT(read_path(put("longer", b.p, b.n), &s, &c), 0);
	CHECK_TEXT(slice_str(s.words), "d:a d:b ");
	CHECK_INT(c.foreign, 1);
	CHECK(strstr(s.notes, "line 2: the line is too long") != NULL);
	buf_release(&b);
}

static void
what_is_not_ours_is_noted_once(void)
{
	struct records_counts c;
	struct seen s = { .n = 0 };

	CHECK_INT(read_path(put_text("mixed",
				"{\"a\":1}\n" DECISION("a") "\nnonsense\n"),
		      &s, &c),
	    0);
	CHECK_TEXT(slice_str(s.words), "d:a ");
	CHECK_INT(c.foreign, 2);
	CHECK_INT(c.unreadable, 1);
	CHECK(strstr(s.notes, "2 lines are no decisions") != NULL);
	CHECK(strstr(s.notes, "line 1: neither") != NULL);
}

static void
a_last_line_may_be_being_written(void)
{
	struct records_counts c;
	struct seen s = { .n = 0 };

	CHECK_INT(
	    read_path(put_text("torn", DECISION("a") "\n{\"event_i"), &s, &c),
	    0);
	CHECK_TEXT(slice_str(s.words), "d:a ");
	CHECK_INT(c.unfinished, 1);
	CHECK_INT(c.unreadable, 0);
}

static void
damage_costs_what_is_behind_it(void)
{
	static const char text[] = DECISION("a") "\n";
	char bytes[512];
	struct records_counts c;
	struct seen s = { .n = 0 };
	size_t n = ZSTD_compress(
	    bytes, sizeof(bytes), text, sizeof(text) - 1, 3);

	CHECK_INT(read_path(put("cut", bytes, n - 3), &s, &c), 0);
	CHECK_INT(c.unreadable, 1);
	CHECK(s.notes[0] != '\0');
	CHECK_INT(read_path("/nowhere/at/all", &s, &c), 0);
	CHECK_INT(c.unreadable, 1);
}

static void
a_state_folder_is_its_ledger(void)
{
	struct records_counts c;
	struct seen s = { .n = 0 };
	struct err e;
	const char *dir = case_dir();
	struct store *st = case_open(dir, NULL);
	char ledger[300];

	REQUIRE(st != NULL);
	CHECK_INT(store_line(st, LINE_DECISION, SLICE_LIT(DECISION("a"))), 0);
	CHECK_INT(store_line(st, LINE_FINDING, SLICE_LIT(FINDING("f-1"))), 0);
	CHECK_INT(store_line(st, LINE_NOTE, SLICE_LIT("{}")), 0);
	CHECK_INT(store_commit(st, &e), 0);
	CHECK(records_is_ledger(dir));
	CHECK(!records_is_ledger(unit_tmpdir()));
	CHECK_INT(read_path(dir, &s, &c), 0); /* beside the one that writes */
	CHECK_TEXT(slice_str(s.words), "d!a f!f-1 n! ");
	store_close(st);
	snprintf(ledger, sizeof(ledger), "%s/ledger", dir);
	CHECK_INT(read_path(ledger, &s, &c), 0);
	CHECK_TEXT(slice_str(s.words), "d!a f!f-1 n! ");
	CHECK_INT(c.unreadable, 0);
}

static void
what_a_path_is_its_first_line_tells(void)
{
	char pipe[300];

	CHECK(records_are(put_text("ours", "\n" DECISION("a") "\nnonsense\n")));
	CHECK(!records_are(put_text("theirs", "{\"a\":1}\n" DECISION("a"))));
	CHECK(!records_are(put_text("nobodys", "")));
	CHECK(!records_are("-"));
	CHECK(!records_are("/nowhere/at/all"));
	snprintf(pipe, sizeof(pipe), "%s/pipe", unit_tmpdir());
	CHECK_INT(mkfifo(pipe, 0600), 0);
	CHECK(!records_are(pipe)); /* and does not wait for a writer */
}

static void
the_caller_may_end_it(void)
{
	struct records_counts c;
	struct seen s = { .stop_at = 1 };

	CHECK_INT(read_path(put_text("two", DECISION("a") "\n" DECISION("b")),
		      &s, &c),
	    ST_EINVAL);
	CHECK_TEXT(slice_str(s.words), "d:a ");
}

UNIT_MAIN("records",
    { "lines of both kinds are told apart",
	lines_of_both_kinds_are_told_apart },
    { "gzip and zstd are undone whatever the name",
	gzip_and_zstd_are_undone_whatever_the_name },
    { "a line across pieces is one line", a_line_across_pieces_is_one_line },
    { "a line that is too long costs itself",
	a_line_that_is_too_long_costs_itself },
    { "what is not ours is noted once", what_is_not_ours_is_noted_once },
    { "a last line may be being written", a_last_line_may_be_being_written },
    { "damage costs what is behind it", damage_costs_what_is_behind_it },
    { "a state folder is its ledger", a_state_folder_is_its_ledger },
    { "what a path is its first line tells",
	what_a_path_is_its_first_line_tells },
    { "the caller may end it", the_caller_may_end_it })
