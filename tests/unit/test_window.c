/*
 * test_window.c - the same keys are known before and after a restart.
 */
#include "collector/window.h"
#include "lib/hash.h"
#include "tests/unit/rows.h"
#include "tests/unit/unit.h"

static const uint64_t *
key_of(uint64_t i)
{
	static uint64_t key[2];

	key[0] = hash_stable(&i, sizeof(i));
	key[1] = i;
	return key;
}

static void
add(struct window *w, uint64_t from, uint64_t to, int64_t now)
{
	for (uint64_t i = from; i < to; i++)
		CHECK_INT(window_add(w, key_of(i), now), 0);
}

static bool
knows(const struct window *w, uint64_t i)
{
	return window_knows(w, key_of(i));
}

static int
load_one(void *arg, struct slice key, struct slice value)
{
	return window_load(arg, key, value);
}

static struct window *
again(const struct rows *r, size_t max, int64_t span)
{
	struct window *w = window_new(max, span);

	CHECK_INT(rows_each(r, load_one, w), 0);
	return w;
}

static void
a_restart_at_any_moment_gives_the_same_window(void)
{
	static struct rows r;
	const size_t max = 4000;
	struct window *w = window_new(max, 0), *other;

	for (uint64_t i = 0; i < 9000; i += 111) {
		add(w, i, i + 111, 0);
		CHECK_INT(window_save(w, rows_put, &r), 0);
		if (i % 333)
			continue;
		other = again(&r, max, 0);
		CHECK_INT(window_count(other), window_count(w));
		for (uint64_t k = 0; k < i + 111; k++)
			if (knows(w, k) != knows(other, k))
				CHECK(false);
		/* The one that was loaded goes on. */
		window_free(w);
		w = other;
	}
	CHECK(window_count(w) <= max);
	CHECK(window_count(w) >= max / 2);
	CHECK(r.n <= max / WINDOW_CHUNK + 3);
	window_free(w);
	rows_release(&r);
}

static void
a_key_is_known_for_the_span_and_then_forgotten(void)
{
	static struct rows r;
	struct window *w = window_new(1000, 60);

	add(w, 0, 1, 1000);
	add(w, 1, 2, 1059);
	CHECK(knows(w, 0));
	add(w, 2, 3, 1060);
	CHECK(knows(w, 0) && knows(w, 1));
	CHECK_INT(window_save(w, rows_put, &r), 0);
	window_free(w);
	w = again(&r, 1000, 60);
	CHECK(knows(w, 0) && knows(w, 2));
	/* When it began is kept, too. */
	add(w, 3, 4, 1119);
	CHECK(knows(w, 1));
	add(w, 4, 5, 1120);
	CHECK(!knows(w, 0) && !knows(w, 1) && knows(w, 2) && knows(w, 4));
	CHECK_INT(window_save(w, rows_put, &r), 0);
	CHECK_INT(r.n, 2);
	window_free(w);
	rows_release(&r);
}

static void
what_was_not_taken_is_given_again(void)
{
	static struct rows r;
	struct window *w = window_new(100000, 0), *other;

	add(w, 0, 2000, 0);
	r.refuse = 1;
	CHECK_INT(window_save(w, rows_put, &r), ST_EIO);
	CHECK_INT(r.n, 0);
	CHECK_INT(window_save(w, rows_put, &r), 0);
	CHECK_INT(r.n, 4);
	r.puts = 0;
	CHECK_INT(window_save(w, rows_put, &r), 0);
	CHECK_INT(r.puts, 0);
	other = again(&r, 100000, 0);
	CHECK_INT(window_count(other), 2000);
	window_free(other);
	window_free(w);
	rows_release(&r);
}

static void
other_bounds_hold_from_the_next_key_on(void)
{
	struct window *w = window_new(1000, 0);

	add(w, 0, 400, 0);
	window_set(w, 100, 0);
	add(w, 400, 401, 0);
	CHECK(knows(w, 0));
	add(w, 401, 500, 0);
	CHECK(!knows(w, 0) && knows(w, 499));
	CHECK(window_count(w) <= 100);
	window_free(w);
}

static void
rows_that_are_none_of_ours_are_refused(void)
{
	struct window *w = window_new(10, 0);

	CHECK_INT(window_load(w, SLICE_LIT(""), SLICE_LIT("")), ST_EFORMAT);
	CHECK_INT(window_load(w, SLICE_LIT("0123456789abcdef"),
		      SLICE_LIT("\x01\x02short")),
	    ST_EFORMAT);
	CHECK_INT(window_count(w), 0);
	window_free(w);
	window_free(NULL);
}

UNIT_MAIN("window",
    { "a restart at any moment gives the same window",
	a_restart_at_any_moment_gives_the_same_window },
    { "a key is known for the span and then forgotten",
	a_key_is_known_for_the_span_and_then_forgotten },
    { "what was not taken is given again", what_was_not_taken_is_given_again },
    { "other bounds hold from the next key on",
	other_bounds_hold_from_the_next_key_on },
    { "rows that are none of ours are refused",
	rows_that_are_none_of_ours_are_refused })
