/*
 * test_outbox.c - what waits for an output: given over only when it is kept,
 * in order, with books that balance, and the same after a restart.
 */
#include "outputs/outbox.h"
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>

#define ROWS_MAX 64

struct row {
	struct buf key, value;
};

struct bench {
	struct outbox *o;
	struct row rows[ROWS_MAX];
	size_t n_rows;
	int work, news;
	struct stsentry_record batch[OUTBOX_TAKE_MAX];
	uint64_t next;
};

static void
on_work(void *arg)
{
	struct bench *b = arg;

	b->work++;
}

static void
on_news(void *arg)
{
	struct bench *b = arg;

	b->news++;
}

static bool
open_box(struct bench *b, size_t records, bool drop, bool lasts)
{
	const struct outbox_options options = { .name = "out",
		.records = records,
		.bytes = 1 << 20,
		.drop_oldest = drop,
		.lasts = lasts,
		.on_work = on_work,
		.on_news = on_news,
		.arg = b };

	b->o = outbox_new(&options);
	return b->o != NULL;
}

static int
put(void *arg, struct slice key, struct slice value)
{
	struct bench *b = arg;
	size_t i = 0;

	while (i < b->n_rows && !slice_eq(buf_slice(&b->rows[i].key), key))
		i++;
	CHECK(i < ROWS_MAX);
	if (i == b->n_rows) {
		b->n_rows++;
		b->rows[i] = (struct row){ BUF_INIT, BUF_INIT };
		buf_add_slice(&b->rows[i].key, key);
	}
	buf_reset(&b->rows[i].value);
	if (value.p) {
		buf_add_slice(&b->rows[i].value, value);
		return 0;
	}
	buf_release(&b->rows[i].key);
	buf_release(&b->rows[i].value);
	b->rows[i] = b->rows[--b->n_rows];
	return 0;
}

static void
save(struct bench *b)
{
	CHECK_INT(outbox_save(b->o, put, b), 0);
	outbox_kept(b->o);
}

static void
add(struct bench *b, int n)
{
	char id[24];
	struct stsentry_record r = { .data = "data\n",
		.size = 5,
		.id = id,
		.revision = 2,
		.severity = 3,
		.flags = STSENTRY_FINDING,
		.time_ms = -7 };

	while (n-- > 0) {
		snprintf(id, sizeof(id), "r%" PRIu64, b->next++);
		outbox_add(b->o, &r);
	}
}

static void
check_counts(struct bench *b, uint64_t made, uint64_t delivered, uint64_t dead)
{
	struct outbox_counts c;

	outbox_look(b->o, &c);
	CHECK_INT(c.made, made);
	CHECK_INT(c.delivered, delivered);
	CHECK_INT(c.dead, dead);
}

/* Rows in the order of their keys, as the store gives them. */
static void
reopen(struct bench *b)
{
	bool given[ROWS_MAX] = { false };

	outbox_free(b->o);
	REQUIRE(open_box(b, 100, false, true));
	for (size_t i = 0; i < b->n_rows; i++) {
		size_t least = ROWS_MAX;

		for (size_t k = 0; k < b->n_rows; k++)
			if (!given[k] &&
			    (least == ROWS_MAX ||
				slice_cmp(buf_slice(&b->rows[k].key),
				    buf_slice(&b->rows[least].key)) < 0))
				least = k;
		given[least] = true;
		CHECK_TEXT(
		    outbox_row_name(buf_slice(&b->rows[least].key)), "out");
		CHECK_INT(outbox_load(b->o, buf_slice(&b->rows[least].key),
			      buf_slice(&b->rows[least].value)),
		    0);
	}
	outbox_loaded(b->o);
}

static void
end(struct bench *b)
{
	outbox_free(b->o);
	for (size_t i = 0; i < b->n_rows; i++) {
		buf_release(&b->rows[i].key);
		buf_release(&b->rows[i].value);
	}
}

static void
nothing_is_given_before_it_is_kept(void)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 100, false, true));
	add(&b, 3);
	CHECK(outbox_has_news(b.o));
	CHECK_INT(outbox_take(b.o, b.batch, 10, 1000, 0), 0);
	outbox_settle(b.o, NULL);
	CHECK_INT(outbox_save(b.o, put, &b), 0);
	CHECK_INT(b.work, 0);
	outbox_kept(b.o);
	CHECK_INT(b.work, 1);
	CHECK(!outbox_has_news(b.o));
	REQUIRE(outbox_take(b.o, b.batch, 10, 1000, 0) == 3);
	CHECK_TEXT(slice_str(b.batch[2].id), "r2");
	CHECK_TEXT(slice_of(b.batch[2].data, b.batch[2].size), "data\n");
	CHECK_INT(b.batch[2].revision, 2);
	CHECK_INT(b.batch[2].severity, 3);
	CHECK_INT(b.batch[2].time_ms, -7);
	end(&b);
}

static void
what_is_settled_holds_when_it_is_kept_and_after_a_restart(void)
{
	static struct bench b;
	uint64_t mark = 77;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 100, false, true));
	add(&b, 5);
	save(&b);
	REQUIRE(outbox_take(b.o, b.batch, 3, 1000, 0) == 3);
	outbox_answer(b.o, 0, OUTBOX_DONE);
	outbox_answer(b.o, 2, OUTBOX_DEAD);
	outbox_settle(b.o, &mark);
	CHECK_INT(b.news, 1);
	CHECK(!outbox_is_settled(b.o));
	save(&b);
	CHECK(outbox_is_settled(b.o));
	check_counts(&b, 5, 1, 1);
	reopen(&b);
	check_counts(&b, 5, 1, 1);
	CHECK(outbox_mark(b.o, &mark) && mark == 77);
	/* The second waits still, and those behind them. */
	REQUIRE(outbox_take(b.o, b.batch, 10, 1000, 0) == 3);
	CHECK_TEXT(slice_str(b.batch[0].id), "r1");
	CHECK_TEXT(slice_str(b.batch[1].id), "r3");
	for (size_t i = 0; i < 3; i++)
		outbox_answer(b.o, i, OUTBOX_DONE);
	outbox_settle(b.o, NULL);
	save(&b);
	CHECK_INT(b.n_rows, 1); /* the books */
	reopen(&b);
	check_counts(&b, 5, 4, 1);
	add(&b, 1);
	save(&b);
	REQUIRE(outbox_take(b.o, b.batch, 10, 1000, 0) == 1);
	CHECK_TEXT(slice_str(b.batch[0].id), "r5");
	end(&b);
}

static void
what_was_not_kept_comes_again(void)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 100, false, true));
	add(&b, 2);
	save(&b);
	REQUIRE(outbox_take(b.o, b.batch, 1, 1000, 0) == 1);
	outbox_answer(b.o, 0, OUTBOX_DONE);
	outbox_settle(b.o, NULL);
	reopen(&b);
	check_counts(&b, 2, 0, 0);
	CHECK_INT(outbox_take(b.o, b.batch, 10, 1000, 0), 2);
	end(&b);
}

static void
at_a_bound_it_is_over_or_loses_the_oldest(void)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 8, false, false));
	add(&b, 8);
	CHECK(outbox_is_over(b.o));
	outbox_kept(b.o);
	end(&b);

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 8, true, false));
	add(&b, 1);
	outbox_kept(b.o);
	REQUIRE(outbox_take(b.o, b.batch, 1, 1000, 0) == 1);
	add(&b, 7);
	CHECK(!outbox_is_over(b.o));
	outbox_kept(b.o);
	check_counts(&b, 8, 0, 2);
	/* What is on its way is not lost. */
	outbox_answer(b.o, 0, OUTBOX_DONE);
	outbox_settle(b.o, NULL);
	check_counts(&b, 8, 1, 2);
	REQUIRE(outbox_take(b.o, b.batch, 10, 1000, 0) == 5);
	CHECK_TEXT(slice_str(b.batch[0].id), "r3");
	end(&b);
}

static void
a_batch_is_bounded_in_bytes_but_never_empty(void)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 100, false, false));
	add(&b, 5);
	outbox_add(b.o, NULL);
	check_counts(&b, 6, 0, 1);
	outbox_kept(b.o);
	CHECK_INT(outbox_take(b.o, b.batch, 10, 1, 0), 1);
	outbox_settle(b.o, NULL);
	CHECK_INT(outbox_take(b.o, b.batch, 10, 12, 0), 2);
	end(&b);
}

static void
add_growth(struct bench *b, const char *id, uint32_t revision, uint32_t flags)
{
	const struct stsentry_record r = { .data = "data\n",
		.size = 5,
		.id = id,
		.revision = revision,
		.flags = flags };

	outbox_add(b->o, &r);
}

static void
a_digest_gives_the_newest_of_each_and_what_is_urgent_at_once(void)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 100, false, false));
	CHECK_INT(outbox_fold(b.o), -1);
	add_growth(&b, "a", 1, 0);
	add_growth(&b, "a", 2, OUTBOX_LATER);
	add_growth(&b, "b", 2, OUTBOX_LATER);
	outbox_kept(b.o);
	add_growth(&b, "a", 3, OUTBOX_LATER);
	outbox_kept(b.o);
	REQUIRE(outbox_take(b.o, b.batch, 10, 1000, 0) == 1);
	CHECK_INT(b.batch[0].revision, 1);
	outbox_answer(b.o, 0, OUTBOX_DONE);
	outbox_settle(b.o, NULL);
	CHECK(outbox_fold(b.o) > 0);
	check_counts(&b, 4, 2, 0);
	CHECK_INT(outbox_take(b.o, b.batch, 10, 1000, 0), 0);
	outbox_settle(b.o, NULL);
	REQUIRE(outbox_take(b.o, b.batch, 10, 1000, INT64_MAX) == 2);
	CHECK_TEXT(slice_str(b.batch[0].id), "b");
	CHECK_INT(b.batch[1].revision, 3);
	CHECK_INT(b.batch[1].flags, 0);
	/* A rise replaces the growth before it. */
	outbox_settle(b.o, NULL);
	add_growth(&b, "a", 4, 0);
	outbox_kept(b.o);
	CHECK(outbox_fold(b.o) > 0);
	REQUIRE(outbox_take(b.o, b.batch, 10, 1000, 0) == 1);
	CHECK_INT(b.batch[0].revision, 4);
	end(&b);
}

static void
rows_that_are_none_of_ours_are_refused(void)
{
	static const char *const keys[] = { "out", "out\0", "out\0b", "out\0x",
		"out\0c1234567", "out\0c12345678" };
	static const size_t sizes[] = { 3, 4, 5, 5, 12, 13 };
	static struct bench b;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 100, false, true));
	for (size_t i = 0; i < 6; i++) {
		CHECK_INT(outbox_load(b.o, slice_of(keys[i], sizes[i]),
			      SLICE_LIT("\x09junk")),
		    ST_EFORMAT);
		CHECK_INT(outbox_load(b.o, slice_of(keys[i], sizes[i]),
			      SLICE_LIT("\x01\x01")),
		    ST_EFORMAT);
	}
	outbox_loaded(b.o);
	check_counts(&b, 0, 0, 0);
	end(&b);
}

/* "r0 r2 done, r1 r2 dead, " of what is told since the last time. */
static struct slice
told_of(struct bench *b, struct buf *out)
{
	static const char *const words[] = { "again", "done", "dead" };
	struct buf packed = outbox_take_told(b->o);
	struct slice rest = buf_slice(&packed);
	struct outbox_told t;

	buf_reset(out);
	while (outbox_told_next(&rest, &t))
		buf_addf(out, "%.*s r%u %s%s, ", SLICE_ARG(t.id), t.revision,
		    words[t.fate], t.dropped ? " dropped" : "");
	buf_release(&packed);
	return buf_slice(out);
}

static void
what_became_of_findings_is_told_once(void)
{
	const struct stsentry_record decision = {
		.data = "d", .size = 1, .id = "d0"
	};
	struct buf out = BUF_INIT;
	struct bench b;

	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 6, true, true));
	add(&b, 3);
	outbox_add(b.o, &decision);
	save(&b);
	CHECK_INT(told_of(&b, &out).n, 0);
	CHECK_INT(outbox_take(b.o, b.batch, 4, 1000, INT64_MAX), 4);
	outbox_answer(b.o, 0, OUTBOX_DONE);
	outbox_answer(b.o, 1, OUTBOX_AGAIN);
	outbox_answer(b.o, 2, OUTBOX_DEAD);
	outbox_settle(b.o, NULL);
	CHECK_TEXT(told_of(&b, &out), "r0 r2 done, r2 r2 dead, ");
	CHECK_TEXT(told_of(&b, &out), "");
	/* At its bound the oldest goes untold by anybody but us. */
	add(&b, 4);
	save(&b);
	CHECK_TEXT(told_of(&b, &out), "r1 r2 dead dropped, ");
	end(&b);
	/* What does not last has no ledger. */
	memset(&b, 0, sizeof(b));
	REQUIRE(open_box(&b, 4, true, false));
	add(&b, 1);
	outbox_kept(b.o);
	CHECK_INT(outbox_take(b.o, b.batch, 4, 1000, INT64_MAX), 1);
	outbox_answer(b.o, 0, OUTBOX_DONE);
	outbox_settle(b.o, NULL);
	CHECK_TEXT(told_of(&b, &out), "");
	end(&b);
	buf_release(&out);
}

UNIT_MAIN("outbox",
    { "what became of findings is told once",
	what_became_of_findings_is_told_once },
    { "nothing is given before it is kept",
	nothing_is_given_before_it_is_kept },
    { "what is settled holds when it is kept, and after a restart",
	what_is_settled_holds_when_it_is_kept_and_after_a_restart },
    { "what was not kept comes again", what_was_not_kept_comes_again },
    { "at a bound it is over or loses the oldest",
	at_a_bound_it_is_over_or_loses_the_oldest },
    { "a batch is bounded in bytes but never empty",
	a_batch_is_bounded_in_bytes_but_never_empty },
    { "a digest gives the newest of each, and what is urgent at once",
	a_digest_gives_the_newest_of_each_and_what_is_urgent_at_once },
    { "rows that are none of ours are refused",
	rows_that_are_none_of_ours_are_refused })
