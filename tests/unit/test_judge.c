/*
 * test_judge.c - what is decided lasts before anybody is told so, and a disk
 * that refuses only makes us wait.
 */
#include "collector/judge.h"
#include "collector/survey.h"
#include "tests/unit/sample.h"
#include "lib/clock.h"
#include "tests/unit/store_case.h"
#include "tests/unit/unit.h"

#include "lib/hash.h"

#include <errno.h>
#include <stdio.h>

#define CALLS_A_TRY 6 /* of the disk, at most */
#define TURNS 10000   /* of a millisecond at most */

struct bench {
	char dir[512];
	struct case_disk disk;
	struct store_seam seam;
	struct store *store;
	struct batchq *queue;
	struct policy *policy;
	struct gauge *gauge;
	struct input_names names;
	struct judge *judge;
	struct mark_owner owner;
	int kept;
};

static void
on_kept(void *arg, uint64_t token)
{
	struct bench *b = arg;

	CHECK_INT(token, b->kept);
	b->kept++;
}

static bool
open_judge(struct bench *b)
{
	struct err e = { .text = "" };
	struct judge_setup setup = { .queue = b->queue,
		.pipeline = { .policy = b->policy,
		    .version = "1",
		    .live = true,
		    .duplicates_max = 1000 },
		.gauge = b->gauge,
		.inputs = &b->names,
		.lateness = 900000 };

	b->store = case_open(b->dir, &b->seam);
	setup.store = b->store;
	return b->store && judge_new(&setup, &b->judge, &e) == 0 &&
	    judge_restore(b->judge, &e) == 0;
}

static void
close_judge(struct bench *b)
{
	judge_free(b->judge);
	store_close(b->store);
	b->judge = NULL;
	b->store = NULL;
}

static bool
begin(struct bench *b)
{
	static char name[] = "door", *all[] = { name };
	struct err e;

	memset(b, 0, sizeof(*b));
	snprintf(b->dir, sizeof(b->dir), "%s", case_dir());
	b->seam = case_seam(&b->disk);
	b->owner = (struct mark_owner){ on_kept, b };
	b->names = (struct input_names){ all, 1 };
	b->queue = batchq_new(NULL, NULL, NULL);
	b->gauge = gauge_new();
	return b->queue && b->gauge && policy_load(NULL, &b->policy, &e) == 0 &&
	    open_judge(b);
}

static void
end(struct bench *b)
{
	close_judge(b);
	gauge_free(b->gauge);
	batchq_free(b->queue);
	policy_free(b->policy);
}

/* One request and a mark behind it. */
static void
put(struct bench *b, const char *event_id, uint64_t token)
{
	struct batch *batch = batch_new(0);
	struct mark m = { .owner = &b->owner,
		.token = token,
		.key = slice_str(event_id),
		.value = SLICE_LIT("here") };
	struct sample sample;
	struct request r;

	sample_aws(&sample);
	r = sample.f.request;
	r.event_id = slice_str(event_id);
	/* Its copies have the same. */
	r.duplicate_key[0] = hash_stable(event_id, strlen(event_id));
	batch->counts.received = batch->counts.token_requests = 1;
	CHECK(batch_add(batch, &r) && batch_mark(batch, &m));
	batchq_put(b->queue, &batch->item, 1, batch_size(batch));
}

static void
turn_until_kept(struct bench *b, int n)
{
	for (int i = 0; i < TURNS && b->kept < n; i++)
		judge_step(b->judge, 1);
	CHECK_INT(b->kept, n);
}

static void
a_sender_is_told_only_what_lasts(void)
{
	struct bench b;

	REQUIRE(begin(&b));
	put(&b, "one", 0);
	judge_step(b.judge, 0);
	CHECK_INT(b.kept, 0);
	CHECK_TEXT(slice_str(case_rows(b.store, STORE_POSITION)), "");
	turn_until_kept(&b, 1);
	CHECK_TEXT(slice_str(case_rows(b.store, STORE_POSITION)), "one=here ");
	end(&b);
}

static void
a_full_disk_makes_us_wait_and_is_over_by_itself(void)
{
	struct gauge_view v = GAUGE_VIEW_INIT;
	struct books books;
	struct bench b;
	size_t gathered;
	int64_t began;

	REQUIRE(begin(&b));
	began = clock_ms();
	b.disk = (struct case_disk){
		.after = 1, .error = ENOSPC, .stuck = true
	};
	put(&b, "one", 0);
	for (int i = 0; i < TURNS; i++) {
		judge_step(b.judge, 1);
		if (gauge_look(b.gauge, &v) && v.state.stuck)
			break;
	}
	CHECK(v.state.stuck);
	CHECK(judge_is_unkept(b.judge));
	CHECK_INT(b.kept, 0);
	/* Trying again gathers nothing again. */
	gathered = store_gathered(b.store);
	for (int i = 0; i < 3 * JUDGE_RETRY_MS; i++)
		judge_step(b.judge, 1);
	CHECK_INT(store_gathered(b.store), gathered);
	/* However long all that took: it tries now and then. */
	CHECK(b.disk.calls <=
	    CALLS_A_TRY * (2 + (clock_ms() - began) / JUDGE_RETRY_MS));
	b.disk = (struct case_disk){ .after = 0 };
	turn_until_kept(&b, 1);
	CHECK(!judge_is_unkept(b.judge));
	judge_books(b.judge, &books);
	CHECK_INT(books.token_requests, 1);
	CHECK(books_balance(&books));
	gauge_view_release(&v);
	end(&b);
}

static void
what_a_full_disk_kept_out_is_not_decided_after_giving_up(void)
{
	struct books books;
	struct bench b;

	REQUIRE(begin(&b));
	b.disk = (struct case_disk){ .after = 1, .error = EIO, .stuck = true };
	put(&b, "one", 0);
	for (int i = 0; i < TURNS && !judge_is_unkept(b.judge); i++)
		judge_step(b.judge, 1);
	judge_step(b.judge, 50);
	judge_give_up(b.judge);
	put(&b, "two", 1);
	judge_step(b.judge, 0);
	CHECK_INT(b.kept, 0);
	judge_books(b.judge, &books);
	CHECK_INT(books.received, 2);
	CHECK_INT(books.in_flight, 1);
	CHECK(books_balance(&books));
	end(&b);
}

static int
count_habits(void *arg, struct slice key, struct slice value)
{
	int *n = arg;

	(void)value;
	*n += slice_starts(key, "cadence/");
	return 0;
}

static void
a_restart_knows_duplicates_books_and_habits(void)
{
	struct books books;
	struct bench b;
	struct err e;
	int habits = 0;

	REQUIRE(begin(&b));
	put(&b, "one", 0);
	turn_until_kept(&b, 1);
	judge_finish(b.judge);
	CHECK_INT(
	    store_each(b.store, STORE_DETECT, count_habits, &habits, &e), 0);
	CHECK_INT(habits, 2); /* the input, and the account */
	close_judge(&b);
	REQUIRE(open_judge(&b));
	put(&b, "one", 0);
	b.kept = 0;
	turn_until_kept(&b, 1);
	judge_books(b.judge, &books);
	CHECK_INT(books.received, 2);
	CHECK_INT(books.token_requests, 1);
	CHECK_INT(books.duplicates, 1);
	CHECK(books_balance(&books));
	end(&b);
}

static void
nobody_is_ready_whose_state_cannot_be_written(void)
{
	struct gauge *g = gauge_new();
	struct batchq *q = batchq_new(NULL, NULL, NULL);
	struct sandbox_report walls = { .no_files = "x", .no_calls = "x" };
	struct gauge_state state = { .is_kept = true, .duplicates_known = 7 };
	struct books books = { .received = 0 };
	struct generation now = { .input_ids = NULL };
	struct survey_from from = { .version = "1",
		.now = &now,
		.gauge = g,
		.queue = q,
		.walls = &walls,
		.reload_error = "" };
	struct survey v;
	struct err e;

	REQUIRE(g && q);
	REQUIRE(config_load_text(SLICE_LIT("version: 1\nstate: {dir: /x}\n"),
		    "s.yaml", &now.config, &e) == 0);
	survey_init(&v);
	for (int stuck = 0; stuck < 2; stuck++) {
		struct status s = { .ready = false };

		state.stuck = stuck;
		gauge_state(g, &state);
		CHECK(gauge_publish(g, &books, NULL, 0));
		survey_take(&v, &from, &s);
		CHECK_INT(s.ready, !stuck);
		CHECK_INT(s.n_reasons, stuck);
		CHECK_INT(s.duplicates_known, 7);
		CHECK_TEXT(slice_str(s.state.dir), "/x");
	}
	survey_release(&v);
	config_free(now.config);
	batchq_free(q);
	gauge_free(g);
}

UNIT_MAIN("judge",
    { "a sender is told only what lasts", a_sender_is_told_only_what_lasts },
    { "a full disk makes us wait and is over by itself",
	a_full_disk_makes_us_wait_and_is_over_by_itself },
    { "what a full disk kept out is not decided after giving up",
	what_a_full_disk_kept_out_is_not_decided_after_giving_up },
    { "a restart knows duplicates, books and habits",
	a_restart_knows_duplicates_books_and_habits },
    { "nobody is ready whose state cannot be written",
	nobody_is_ready_whose_state_cannot_be_written })
