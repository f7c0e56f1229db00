/*
 * judge.c - the pipeline's thread: takes batches, decides, fills the outlets.
 *
 * See judge.h.  Blocks only on its queue, and on outputs that are over their
 * bound.  What makes it last is in judge_keep.c.
 */
#include "config.h"

#include "collector/judge_i.h"

#include "collector/acks.h"
#include "collector/telemetry.h"
#include "lib/log.h"
#include "lib/thread.h"
#include "outputs/dead.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

/* ---- when things happen ---- */

static int64_t
lag_of(const struct judge *j, const struct request *r)
{
	return (j->arrived.sec - r->time.sec) * 1000 +
	    (j->arrived.nsec - r->time.nsec) / 1000000;
}

static void
note_arrival(struct judge *j, const struct request *r)
{
	int64_t lag;

	if (j->telemetry)
		telemetry_account(j->telemetry, r->account, j->arrived);
	if (j->history || !r->time.valid)
		return;
	lag = lag_of(j, r);
	if (j->s.gauge)
		gauge_lag(j->s.gauge, j->input, lag);
	if (j->telemetry)
		telemetry_arrival(j->telemetry, j->input, lag > j->s.lateness);
}

static void
note_batch(struct judge *j, const struct batch *b)
{
	const struct input_names *names = j->s.inputs;

	j->input = b->input;
	j->history = b->history;
	j->arrived = when_now();
	if (j->s.gauge)
		gauge_batch(j->s.gauge, b, clock_ms());
	if (j->telemetry && b->counts.received > 0 && b->input < names->n)
		telemetry_heard(
		    j->telemetry, b->input, names->v[b->input], j->arrived);
}

/* ---- what the pipeline says ---- */

static void
on_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct judge *j = arg;
	struct slice line;

	note_arrival(j, r);
	line = keep_decision(j, r, v, group);
	if (j->s.board)
		board_decision(j->s.board, r, v);
	for (size_t i = 0; i < j->s.n_outlets; i++)
		outlet_decision(j->s.outlets[i], r, v, group, line);
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct judge *j = arg;

	keep_finding(j, f);
	if (j->s.board)
		board_finding(j->s.board, f);
	for (size_t i = 0; i < j->s.n_outlets; i++)
		outlet_finding(j->s.outlets[i], f);
}

/* ---- outputs ---- */

/* Without a state what is made is there at once. */
static void
give_over(struct judge *j)
{
	for (size_t i = 0; !j->s.store && i < j->s.n_outlets; i++)
		outlet_kept(j->s.outlets[i]);
}

static bool
any_over(const struct judge *j)
{
	for (size_t i = 0; i < j->s.n_outlets; i++)
		if (outlet_is_over(j->s.outlets[i]))
			return true;
	return false;
}

/* Nothing more is to be waited for: all is delivered; or the rest is kept and
 * what is left of it cannot be delivered now. */
static bool
is_at_rest(const struct judge *j, struct outlet *o)
{
	struct outlet_view v;

	outlet_look(o, &v);
	if (outlet_has_news(o))
		return false;
	if (outbox_queued(&v.counts) == 0)
		return true;
	if (v.away)
		return !v.courier.busy;
	return j->s.store && !v.courier.busy &&
	    (v.courier.stuck || atomic_load(&j->give_up));
}

static bool
all_at_rest(const struct judge *j)
{
	for (size_t i = 0; i < j->s.n_outlets; i++)
		if (!is_at_rest(j, j->s.outlets[i]))
			return false;
	return true;
}

/* Room to look at so many; false without memory. */
static bool
make_room(struct judge *j, size_t n)
{
	struct outlet_view *more = realloc(j->shown, (n + 1) * sizeof(*more));

	if (more)
		j->shown = more;
	return more != NULL;
}

static void
change_if_asked(struct judge *j)
{
	const struct judge_change *c = &j->next;

	if (!atomic_load(&j->change))
		return;
	diary_take(j);
	/* Without memory it is tried again with the next round. */
	if (!make_room(j, c->n_outlets) ||
	    pipeline_set_options(j->pipeline, &c->pipeline) < 0)
		return;
	keep_welcome(j, c->outlets, c->n_outlets);
	j->s.outlets = c->outlets;
	j->s.n_outlets = c->n_outlets;
	j->s.lateness = c->lateness;
	atomic_store(&j->change, false);
	c->done(c->arg);
}

static void
pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void publish_if_old(struct judge *j);
static void check_words(struct judge *j);

/* An output that blocks is full: it must take something before anything else
 * is decided.  False when nobody waits any more. */
static bool
wait_for_outputs(struct judge *j)
{
	while (any_over(j)) {
		if (atomic_load(&j->give_up))
			return false;
		/* What is full may be taken out. */
		change_if_asked(j);
		check_words(j);
		keep_answers(j);
		keep_commit(j);
		give_over(j);
		publish_if_old(j);
		if (any_over(j))
			pause_ms(JUDGE_FULL_MS);
	}
	return true;
}

/* ---- batches ---- */

static void
decide(struct judge *j, const struct batch *b)
{
	uint64_t n;
	int err = pipeline_batch(j->pipeline, b);

	if (err < 0 && rarely(&j->failed_said, clock_ms(), &n))
		log_errorx("pipeline: not all requests of a batch were "
			   "decided: %s; %" PRIu64 " such batches since the "
			   "last such line",
		    st_strerror(err), n);
}

static void
pass_over(struct judge *j, struct batch *b)
{
	sift_counts_add(&j->lost, &b->counts);
	j->undecided += b->n_requests;
	batchq_done(j->s.queue, &b->item);
	batch_free(b);
}

/* While a commit fails nothing is decided: a batch that was taken waits. */
static bool
wait_for_state(struct judge *j)
{
	bool waited = j->stuck;

	while (j->stuck && !keep_commit(j)) {
		if (atomic_load(&j->give_up))
			return false;
		publish_if_old(j);
		pause_ms(JUDGE_RETRY_MS);
	}
	/* Nobody could be heard. */
	if (waited && j->telemetry)
		telemetry_resume(j->telemetry, when_now());
	return true;
}

static void
take_batch(struct judge *j, struct batch *b)
{
	if (!wait_for_state(j) || !wait_for_outputs(j)) {
		pass_over(j, b);
		return;
	}
	sift_counts_add(&j->counts, &b->counts);
	note_batch(j, b);
	decide(j, b);
	keep_batch(j, b);
	keep_if_due(j, false);
	give_over(j);
}

/* ---- what others look at ---- */

static void
on_notice(void *arg, const struct notice *n)
{
	struct judge *j = arg;

	if (n->reason == R_SOURCE_SILENT && j->s.gauge)
		gauge_silent(j->s.gauge, n->subject);
	if (n->reason == R_SOURCE_SILENT)
		diary_silent(j, n);
	if (pipeline_notice(j->pipeline, n) < 0)
		log_errorx("%.*s: no memory to tell it as a finding",
		    (int)n->text.n, n->text.p);
}

/* One that speaks again is told of once. */
static bool
is_silent_still(void *arg, struct slice source)
{
	struct judge *j = arg;
	bool silent = telemetry_is_silent(j->telemetry, source);

	if (!silent)
		diary_speaks(j, source);
	return silent;
}

static void
check_telemetry(struct judge *j)
{
	int64_t now = clock_ms();

	if (!j->telemetry || now - j->checked < JUDGE_CHECK_MS)
		return;
	j->checked = now;
	telemetry_check(j->telemetry, when_now(), on_notice, j);
	if (j->s.gauge)
		gauge_recheck(j->s.gauge, is_silent_still, j);
}

static int
on_ack(void *arg, const struct acks_words *w)
{
	const struct ack ack = { when_now(), w->by, w->teach };
	struct judge *j = arg;
	int err = pipeline_ack(j->pipeline, w->id, &ack);

	if (err < 0)
		return err;
	keep_ack(j, w->id, &ack);
	log_info("finding %s: acknowledged%s", w->id,
	    w->teach ? ", and what it told is usual from now on" : "");
	return keep_commit(j) ? 0 : ST_EIO;
}

static void check_deliver(struct judge *j);

static void
check_words(struct judge *j)
{
	int64_t now = clock_ms();

	if (!j->s.state_dir || j->stuck || now - j->asked < JUDGE_CHECK_MS)
		return;
	j->asked = now;
	acks_take(j->s.state_dir, on_ack, j);
	check_deliver(j);
}

/* Somebody asks to deliver now (stsentry deliver), also what was set aside. */
static void
check_deliver(struct judge *j)
{
	if (!dead_is_asked(j->s.state_dir))
		return;
	for (size_t i = 0; i < j->s.n_outlets; i++)
		outlet_add_dead(j->s.outlets[i]);
	keep_changed(j);
	/* Else with the next look, once more: with the same ids. */
	if (!keep_commit(j))
		return;
	for (size_t i = 0; i < j->s.n_outlets; i++)
		outlet_forget_dead(j->s.outlets[i]);
	if (j->s.on_retry)
		j->s.on_retry(j->s.arg);
	dead_answer(j->s.state_dir);
}

static void
publish(struct judge *j)
{
	struct gauge_state state = { .stuck = j->stuck,
		.duplicates_known = pipeline_known(j->pipeline),
		.habits = pipeline_baseline_counts(j->pipeline),
		.lineage = pipeline_lineage_counts(j->pipeline),
		.grants = pipeline_grants_counts(j->pipeline) };
	struct books books;

	for (size_t i = 0; i < j->s.n_outlets; i++)
		outlet_look(j->s.outlets[i], &j->shown[i]);
	state.is_kept = j->s.store != NULL;
	if (state.is_kept)
		store_counts(j->s.store, &state.counts);
	gauge_state(j->s.gauge, &state);
	judge_books(j, &books);
	/* First the day: who sees a request in the books finds it on the page. */
	if (j->s.board)
		board_publish(j->s.board);
	gauge_publish(j->s.gauge, &books, j->shown, j->s.n_outlets);
}

static void
publish_if_old(struct judge *j)
{
	int64_t now = clock_ms();

	if (!j->s.gauge || now - j->looked < JUDGE_LOOK_MS)
		return;
	j->looked = now;
	publish(j);
}

/* The twins' clock goes on without batches, and not faster for being woken. */
static void
tick_twins(struct judge *j)
{
	int64_t now = clock_ms();

	if (j->stuck || pipeline_held(j->pipeline) == 0 ||
	    now - j->twin_ms < JUDGE_TWIN_MS)
		return;
	j->twin_ms = now;
	decide(j, j->none);
}

void
judge_step(struct judge *j, int timeout_ms)
{
	struct batchq_item *i, *next;
	bool idle;

	i = batchq_take(j->s.queue, timeout_ms);
	idle = !i;
	diary_take(j);
	change_if_asked(j);
	if (!i)
		tick_twins(j);
	for (; i; i = next) {
		next = i->next;
		take_batch(j, judge_batch_of(i));
	}
	check_telemetry(j);
	check_words(j);
	keep_answers(j);
	keep_if_due(j, idle);
	keep_tidy(j);
	give_over(j);
	publish_if_old(j);
}

/* How long there is nothing to do, if no batch comes. */
static int
patience_without_state(const struct judge *j)
{
	if (pipeline_held(j->pipeline) > 0)
		return JUDGE_TWIN_MS;
	/* What was decided since the last look is not seen yet. */
	if (j->s.gauge && clock_ms() - j->looked < JUDGE_LOOK_MS)
		return JUDGE_LOOK_MS;
	return j->telemetry || j->s.state_dir ? JUDGE_CHECK_MS : -1;
}

static int
patience(const struct judge *j)
{
	return keep_patience(j, patience_without_state(j));
}

/* What is decided is kept, and what can be delivered is. */
static void
drain(struct judge *j)
{
	int64_t begun = clock_ms();

	for (;;) {
		keep_answers(j);
		if (keep_commit(j)) {
			give_over(j);
			if (all_at_rest(j))
				return;
		}
		if (atomic_load(&j->give_up))
			return;
		if (j->s.store && j->s.on_rest &&
		    clock_ms() - begun >= JUDGE_DRAIN_MS)
			j->s.on_rest(j->s.arg);
		publish_if_old(j);
		pause_ms(j->stuck ? JUDGE_RETRY_MS : JUDGE_FULL_MS);
	}
}

/* With a store findings stay open: it goes on with them at the next start. */
void
judge_finish(struct judge *j)
{
	int err = j->s.store ? pipeline_settle(j->pipeline)
			     : pipeline_finish(j->pipeline);

	if (err < 0)
		log_errorx("pipeline: out of memory at the end");
	diary_take(j);
	diary_end(j);
	keep_changed(j);
	j->habits_ms = clock_ms() - JUDGE_HABITS_MS;
	drain(j);
}

static void *
run(void *arg)
{
	struct judge *j = arg;

	while (!batchq_is_over(j->s.queue))
		judge_step(j, patience(j));
	judge_finish(j);
	if (j->s.on_done)
		j->s.on_done(j->s.arg);
	return NULL;
}

/* ---- life ---- */

int
judge_new(const struct judge_setup *s, struct judge **result, struct err *e)
{
	static const struct pipeline_sink sink = { on_decision, on_finding };
	struct judge *j = calloc(1, sizeof(*j));

	if (!j)
		return err_set(e, ST_ENOMEM, "out of memory");
	j->s = *s;
	if (pthread_mutex_init(&j->notes_lock, NULL) != 0) {
		free(j);
		return err_set(e, ST_ENOMEM, "out of memory");
	}
	j->none = batch_new(0);
	j->shown = calloc(s->n_outlets + 1, sizeof(*j->shown));
	if (s->inputs)
		j->telemetry = telemetry_new();
	j->looked = clock_ms() - JUDGE_LOOK_MS;
	j->asked = clock_ms() - JUDGE_CHECK_MS;
	j->habits_ms = clock_ms();
	j->pipeline = pipeline_new(&s->pipeline, &sink, j);
	if (!j->none || !j->pipeline || !j->shown ||
	    (s->inputs && !j->telemetry)) {
		judge_free(j);
		return err_set(e, ST_ENOMEM, "out of memory");
	}
	*result = j;
	return 0;
}

void
judge_free(struct judge *j)
{
	if (!j)
		return;
	keep_release(j);
	buf_release(&j->text);
	buf_release(&j->notes);
	pthread_mutex_destroy(&j->notes_lock);
	pipeline_free(j->pipeline);
	batch_free(j->none);
	telemetry_free(j->telemetry);
	free(j->shown);
	free(j);
}

int
judge_start(struct judge *j, struct err *e)
{
	int err;

	/* What was restored is seen from the beginning. */
	if (j->s.gauge)
		publish(j);
	err = thread_start(&j->thread, "pipeline", run, j, e);
	j->started = err == 0;
	return err;
}

void
judge_join(struct judge *j)
{
	if (j->started)
		pthread_join(j->thread, NULL);
	j->started = false;
}

void
judge_change(struct judge *j, const struct judge_change *c)
{
	j->next = *c;
	atomic_store(&j->change, true);
	batchq_nudge(j->s.queue);
}

void
judge_wake(struct judge *j)
{
	batchq_nudge(j->s.queue);
}

void
judge_give_up(struct judge *j)
{
	atomic_store(&j->give_up, true);
	batchq_nudge(j->s.queue);
}

void
judge_books(const struct judge *j, struct books *result)
{
	struct sift_counts all = j->counts;

	sift_counts_add(&all, &j->lost);
	books_make(&all, pipeline_counts(j->pipeline),
	    j->undecided + pipeline_held(j->pipeline), result);
}

bool
judge_is_unkept(const struct judge *j)
{
	return j->gathered;
}

uint64_t
judge_queued(const struct judge *j)
{
	struct outlet_view v;
	uint64_t n = 0;

	for (size_t i = 0; i < j->s.n_outlets; i++) {
		outlet_look(j->s.outlets[i], &v);
		n += outbox_queued(&v.counts);
	}
	return n;
}
