/*
 * test_baseline_save.c - what was learned lasts, to the bit.
 *
 * The same month once in one go and once with a restart each night, in the
 * middle of what waits to be learned.
 */
#include "tests/unit/rows.h"
#include "tests/unit/unit.h"
#include "tests/unit/usual_case.h"

#include <stdio.h>
#include <stdlib.h>

static const struct baseline_options *
kept(size_t bytes_max)
{
	static struct baseline_options o;

	o = BASELINE_OPTIONS_DEFAULT;
	o.bytes_max = bytes_max;
	o.kept = true;
	return &o;
}

static int
load_one(void *arg, struct slice key, struct slice value)
{
	return baseline_load(arg, key, value);
}

static struct baseline *
restarted(struct baseline *b, struct rows *rows, size_t bytes_max)
{
	CHECK_INT(baseline_save(b, rows_put, rows), 0);
	baseline_free(b);
	b = baseline_new(kept(bytes_max));
	CHECK_INT(rows_each(rows, load_one, b), 0);
	CHECK_INT(baseline_loaded(b), 0);
	return b;
}

static void
same_answers(struct baseline *a, struct baseline *b, const struct act *act)
{
	struct baseline_answer x = case_happen(a, act);
	struct baseline_answer y = case_happen(b, act);

	CHECK(x.bits == y.bits && x.score == y.score);
	CHECK(x.finding == y.finding && x.learning == y.learning);
	CHECK_INT(x.n_reasons, y.n_reasons);
	for (unsigned i = 0; i < x.n_reasons && i < y.n_reasons; i++)
		CHECK(x.reasons[i].weight == y.reasons[i].weight);
}

/* What waits lies in rows as it was saved, so only the learned is compared. */
static void
same_rows(const struct rows *a, const struct rows *b)
{
	size_t i = 0;

	CHECK(a->n > 10);
	for (; i < a->n && i < b->n && a->key[i].p[0] != 'x'; i++) {
		CHECK(slice_eq(buf_slice(&a->key[i]), buf_slice(&b->key[i])));
		CHECK(
		    slice_eq(buf_slice(&a->value[i]), buf_slice(&b->value[i])));
	}
	CHECK(i == b->n || b->key[i].p[0] == 'x');
}

static void
an_intruder(struct baseline *a, struct baseline *b)
{
	struct act act = case_worker(3);

	act.target = case_worker(4).target;
	act.country = "RU";
	for (int64_t day = 0; day < 4; day++) {
		act.t = NOON + day * DAY;
		same_answers(a, b, &act);
		act.t += 60; /* what waits is known, too */
		same_answers(a, b, &act);
	}
}

static void
a_month(size_t bytes_max)
{
	static struct rows ra, rb;
	struct baseline *a = baseline_new(kept(bytes_max)), *b;

	b = baseline_new(kept(bytes_max));
	REQUIRE(a != NULL && b != NULL);
	for (int64_t day = 0; day < HISTORY; day++) {
		case_ordinary_day(a, day);
		case_ordinary_day(b, day);
		b = restarted(b, &rb, bytes_max);
	}
	an_intruder(a, b);
	CHECK_INT(baseline_counts(a)->bytes, baseline_counts(b)->bytes);
	CHECK_INT(baseline_counts(a)->learned, baseline_counts(b)->learned);
	CHECK_INT(baseline_save(a, rows_put, &ra), 0);
	CHECK_INT(baseline_save(b, rows_put, &rb), 0);
	same_rows(&ra, &rb);
	baseline_free(a);
	baseline_free(b);
	rows_release(&ra);
	rows_release(&rb);
}

static void
a_month_with_restarts_teaches_the_same(void)
{
	a_month(0);
}

static void
the_same_are_forgotten(void)
{
	a_month(12000);
}

static void
what_is_refused_is_given_again(void)
{
	static struct rows ra, rb;
	struct baseline *a = case_after_a_month(kept(0));
	struct baseline *b = case_after_a_month(kept(0));
	int tries = 0;

	REQUIRE(a != NULL && b != NULL);
	CHECK_INT(baseline_save(a, rows_put, &ra), 0);
	do {
		rb.refuse = 1;
		if (tries % 2 == 1)
			rb.refuse = 0;
	} while (baseline_save(b, rows_put, &rb) < 0 && ++tries < 5);
	CHECK_INT(tries, 1);
	CHECK_INT(ra.n, rb.n);
	same_rows(&ra, &rb);
	rb.puts = rb.drops = 0;
	CHECK_INT(baseline_save(b, rows_put, &rb), 0);
	CHECK_INT(rb.puts + rb.drops, 0);
	baseline_free(a);
	baseline_free(b);
	rows_release(&ra);
	rows_release(&rb);
}

static void
whom_a_finding_told_of_is_remembered_and_bounded(void)
{
	static struct rows rows;
	struct baseline *b = baseline_new(kept(0));
	struct request r = { .principal = SLICE_LIT("user:a@acme.example"),
		.principal_type = PT_USER,
		.time = { NOON, 0, true } };
	char id[32];

	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "f-%d", i);
		CHECK_INT(baseline_told(b, id, &r), 0);
		CHECK_INT(baseline_told(b, id, &r), 0);
	}
	b = restarted(b, &rows, 0);
	CHECK_INT(rows.n, 100);
	CHECK_INT(baseline_told_of(b, "f-99"), 0);
	for (int i = 100; i < 20050; i++) {
		snprintf(id, sizeof(id), "f-%d", i);
		CHECK_INT(baseline_told(b, id, &r), 0);
	}
	CHECK_INT(baseline_told_of(b, "f-49"), ST_ENOENT);
	CHECK_INT(baseline_told_of(b, "f-50"), 0);
	baseline_free(b);
	rows_release(&rows);
}

static void
what_waits_is_learned_once(void)
{
	static struct rows rows;
	struct baseline *b = case_after_a_month(kept(0));
	uint64_t learned;
	struct act a = case_worker(3);

	REQUIRE(b != NULL);
	b = restarted(b, &rows, 0);
	b = restarted(b, &rows, 0);
	learned = baseline_counts(b)->learned;
	CHECK(learned < HISTORY * 100);
	CHECK_INT(baseline_finish(b), 0);
	CHECK_INT(baseline_counts(b)->learned, HISTORY * 100);
	b = restarted(b, &rows, 0);
	for (size_t i = 0; i < rows.n; i++)
		CHECK(rows.key[i].p[0] != 'x');
	a.t = NOON;
	case_happen(b, &a);
	CHECK_INT(baseline_finish(b), 0);
	CHECK_INT(baseline_counts(b)->learned, HISTORY * 100 + 1);
	baseline_free(b);
	rows_release(&rows);
}

/* ---- rows of others ----------------------------------------------------------- */

struct damage {
	struct baseline *b;
	unsigned n, refused;
};

/* Each row with a byte changed, or cut; whatever it gives, it is none that
 * harms us. */
static int
load_damaged(void *arg, struct slice key, struct slice value)
{
	struct damage *d = arg;
	struct buf copy = BUF_INIT;
	int err;

	buf_add_slice(&copy, value);
	if (copy.failed || copy.n == 0)
		return ST_ENOMEM;
	if (d->n % 3 == 0)
		copy.n = d->n % copy.n;
	else
		copy.p[d->n * 7 % copy.n] ^= (char)(1 << d->n % 8);
	d->n++;
	err = baseline_load(d->b, key, buf_slice(&copy));
	d->refused += err < 0;
	CHECK(err == 0 || err == ST_EFORMAT);
	buf_release(&copy);
	return 0;
}

static void
damaged_rows_are_refused_or_harmless(void)
{
	static struct rows rows;
	struct baseline *b = case_after_a_month(kept(0));

	REQUIRE(b != NULL);
	CHECK_INT(baseline_save(b, rows_put, &rows), 0);
	baseline_free(b);
	for (unsigned start = 0; start < 60; start++) {
		struct damage d = { baseline_new(kept(0)), start, 0 };

		REQUIRE(d.b != NULL);
		CHECK_INT(rows_each(&rows, load_damaged, &d), 0);
		CHECK(d.refused > 0);
		CHECK_INT(baseline_loaded(d.b), 0);
		case_ordinary_day(d.b, HISTORY);
		CHECK_INT(baseline_finish(d.b), 0);
		baseline_free(d.b);
	}
	rows_release(&rows);
}

static void
keys_of_others_are_refused(void)
{
	struct baseline *b = baseline_new(kept(0));

	REQUIRE(b != NULL);
	CHECK_INT(baseline_load(b, SLICE_NULL, SLICE_NULL), ST_EFORMAT);
	CHECK_INT(
	    baseline_load(b, SLICE_LIT("q"), SLICE_LIT("\1")), ST_EFORMAT);
	CHECK_INT(
	    baseline_load(b, SLICE_LIT("v"), SLICE_LIT("\1")), ST_EFORMAT);
	CHECK_INT(
	    baseline_load(b, SLICE_LIT("x"), SLICE_LIT("\1")), ST_EFORMAT);
	CHECK_INT(baseline_loaded(b), 0);
	baseline_free(b);
}

UNIT_MAIN("baseline_save",
    { "a month with restarts teaches the same",
	a_month_with_restarts_teaches_the_same },
    { "the same are forgotten", the_same_are_forgotten },
    { "what is refused is given again", what_is_refused_is_given_again },
    { "whom a finding told of is remembered, and bounded",
	whom_a_finding_told_of_is_remembered_and_bounded },
    { "what waits is learned once", what_waits_is_learned_once },
    { "damaged rows are refused or harmless",
	damaged_rows_are_refused_or_harmless },
    { "keys of others are refused", keys_of_others_are_refused })
