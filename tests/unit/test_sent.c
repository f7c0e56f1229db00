/*
 * test_sent.c - what is noted of answers is there in the next life, and means
 * only what it meant.
 */
#include "outputs/sent.h"
#include "outputs/outbox.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 8

static char path[512];

static bool
new_path(void)
{
	snprintf(path, sizeof(path), "%s/sent-out", unit_tmpdir());
	return unlink(path) == 0 || errno == ENOENT;
}

static bool
open_new(struct sent **s)
{
	struct err e;

	return new_path() && sent_open(path, false, s, &e) == 0;
}

static struct stsentry_record
record(const char *id, uint32_t revision)
{
	return (struct stsentry_record){
		.id = id, .revision = revision, .data = "{}\n", .size = 3
	};
}

struct seen {
	size_t n, said;
	struct stsentry_record r;
	unsigned answer;
};

static void
look(void *arg, const struct sent_note *note)
{
	struct seen *s = arg;

	s->n++;
	s->said += sent_says(note, &s->r, s->answer);
}

static size_t
how_often(struct stsentry_record r, unsigned answer, size_t *n)
{
	struct seen seen = { .r = r, .answer = answer };
	struct sent *s;
	struct err e;

	if (sent_open(path, false, &s, &e) < 0)
		return SIZE_MAX;
	sent_each(s, look, &seen);
	sent_close(s);
	*n = seen.n;
	return seen.said;
}

static void
a_note_means_this_record_and_this_answer(void)
{
	struct stsentry_record r = record("f-1", 2);
	struct sent *s;
	struct stat st;
	struct err e;
	size_t n;

	REQUIRE(open_new(&s));
	CHECK_INT(sent_note(s, 7, &r, OUTBOX_DONE, &e), 0);
	sent_close(s);
	CHECK_INT(how_often(r, OUTBOX_DONE, &n), 1);
	CHECK_INT(n, 1);
	CHECK_INT(how_often(r, OUTBOX_DEAD, &n), 0);
	CHECK_INT(how_often(record("f-2", 2), OUTBOX_DONE, &n), 0);
	CHECK_INT(how_often(record("f-1", 3), OUTBOX_DONE, &n), 0);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
}

static void
the_last_ones_are_there_and_the_file_does_not_grow(void)
{
	struct stsentry_record r = record("f-1", 1);
	struct sent *s;
	struct err e;
	struct stat st;
	size_t n;

	REQUIRE(open_new(&s));
	for (uint64_t i = 0; i < SENT_MAX + 5; i++)
		CHECK_INT(sent_note(s, i, &r, OUTBOX_DONE, &e), 0);
	sent_close(s);
	CHECK_INT(how_often(r, OUTBOX_DONE, &n), SENT_MAX);
	CHECK_INT(n, SENT_MAX);
	CHECK(stat(path, &st) == 0 && st.st_size == SENT_MAX * 16);
}

static void
what_is_torn_or_changed_means_nothing(void)
{
	struct stsentry_record r = record("f-1", 1);
	struct sent *s;
	struct err e;
	size_t n;
	int fd;

	REQUIRE(open_new(&s));
	for (uint64_t i = 0; i < 3; i++)
		CHECK_INT(sent_note(s, i, &r, OUTBOX_DONE, &e), 0);
	sent_close(s);
	fd = open(path, O_RDWR);
	REQUIRE(fd >= 0);
	CHECK(pwrite(fd, "x", 1, 8) == 1);  /* another hash */
	CHECK(pwrite(fd, "x", 1, 16) == 1); /* another number */
	CHECK(ftruncate(fd, 40) == 0);      /* half a note */
	close(fd);
	CHECK_INT(how_often(r, OUTBOX_DONE, &n), 0);
	CHECK_INT(n, 2);
}

static void
beside_a_new_state_old_notes_are_gone(void)
{
	struct stsentry_record r = record("f-1", 1);
	struct sent *s;
	struct err e;
	size_t n;

	REQUIRE(open_new(&s));
	CHECK_INT(sent_note(s, 0, &r, OUTBOX_DONE, &e), 0);
	sent_close(s);
	REQUIRE(sent_open(path, true, &s, &e) == 0);
	sent_close(s);
	CHECK_INT(how_often(r, OUTBOX_DONE, &n), 0);
	CHECK_INT(n, 0);
}

static void
a_place_that_is_none_is_told(void)
{
	struct sent *s = NULL;
	struct err e;

	CHECK(sent_open("/nonexistent/sent", false, &s, &e) < 0);
	CHECK(s == NULL);
	CHECK(slice_find(slice_str(e.text), "/nonexistent/sent") != NULL);
}

/* ---- with an outbox ---- */

static void
on_any(void *arg)
{
	(void)arg;
}

struct row {
	char key[64], value[4096];
	size_t key_n, value_n;
};
static struct row rows[8];
static size_t n_rows;

static int
put(void *arg, struct slice key, struct slice value)
{
	struct row *r = rows;

	(void)arg;
	while (r < rows + n_rows && !slice_eq(key, slice_of(r->key, r->key_n)))
		r++;
	n_rows += r == rows + n_rows;
	memcpy(r->key, key.p, key.n);
	r->key_n = key.n;
	r->value_n = value.n;
	if (value.n)
		memcpy(r->value, value.p, value.n);
	return 0;
}

static struct outbox *
new_box(void)
{
	const struct outbox_options options = { .name = "out",
		.records = 100,
		.bytes = 1 << 20,
		.lasts = true,
		.sent_file = path,
		.on_work = on_any,
		.on_news = on_any };

	return outbox_new(&options);
}

static void
commit(struct outbox *o)
{
	CHECK_INT(outbox_save(o, put, NULL), 0);
	outbox_kept(o);
}

static struct stsentry_record batch[OUTBOX_TAKE_MAX];

/* One record and its answer. */
static bool
deliver(struct outbox *o, enum outbox_fate fate)
{
	if (!outbox_may_take(o, 1) || outbox_take(o, batch, 1, 1 << 20, 0) != 1)
		return false;
	outbox_answer(o, 0, fate);
	outbox_settle(o, NULL);
	return true;
}

static void
answers_that_no_commit_has_are_not_asked_for_again(void)
{
	struct outbox_counts counts;
	struct outbox *o;
	char id[16];

	n_rows = 0;
	REQUIRE(new_path());
	o = new_box();
	outbox_loaded(o);
	for (int i = 0; i < CHUNK; i++) {
		struct stsentry_record r = record(id, 1);

		snprintf(id, sizeof(id), "f-%d", i);
		outbox_add(o, &r);
	}
	commit(o);
	/* Killed before anything of this is kept. */
	CHECK(deliver(o, OUTBOX_DONE));
	CHECK(deliver(o, OUTBOX_DEAD));
	CHECK(deliver(o, OUTBOX_AGAIN));
	outbox_free(o);

	o = new_box();
	for (size_t i = n_rows; i-- > 0;) /* books come first */
		if (rows[i].value_n)
			CHECK_INT(
			    outbox_load(o, slice_of(rows[i].key, rows[i].key_n),
				slice_of(rows[i].value, rows[i].value_n)),
			    0);
	outbox_loaded(o);
	outbox_look(o, &counts);
	CHECK_INT(counts.delivered, 1);
	CHECK_INT(counts.dead, 1);
	CHECK_INT(outbox_queued(&counts), CHUNK - 2);
	/* The notes must not be written over before that is kept. */
	CHECK(!deliver(o, OUTBOX_DONE));
	commit(o);
	REQUIRE(deliver(o, OUTBOX_DONE));
	CHECK_TEXT(slice_str(batch[0].id), "f-2");
	outbox_free(o);
}

static void
nobody_runs_further_ahead_than_notes_reach(void)
{
	struct outbox *o;

	n_rows = 0;
	REQUIRE(new_path());
	o = new_box();
	outbox_loaded(o);
	CHECK(outbox_may_take(o, SENT_MAX));
	for (int i = 0; i < 3; i++) {
		struct stsentry_record r = record("f", (uint32_t)i);

		outbox_add(o, &r);
	}
	commit(o);
	CHECK(deliver(o, OUTBOX_DONE));
	CHECK(!outbox_is_settled(o));
	CHECK(outbox_may_take(o, SENT_MAX - 1));
	CHECK(!outbox_may_take(o, SENT_MAX));
	commit(o);
	CHECK(outbox_may_take(o, SENT_MAX));
	outbox_free(o);
}

UNIT_MAIN("sent",
    { "a note means this record and this answer",
	a_note_means_this_record_and_this_answer },
    { "the last ones are there, and the file does not grow",
	the_last_ones_are_there_and_the_file_does_not_grow },
    { "what is torn or changed means nothing",
	what_is_torn_or_changed_means_nothing },
    { "beside a new state old notes are gone",
	beside_a_new_state_old_notes_are_gone },
    { "a place that is none is told", a_place_that_is_none_is_told },
    { "answers that no commit has are not asked for again",
	answers_that_no_commit_has_are_not_asked_for_again },
    { "nobody runs further ahead than notes reach",
	nobody_runs_further_ahead_than_notes_reach })
