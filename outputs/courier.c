/*
 * courier.c - takes what waits for one output to it, and hears what becomes of
 * it.
 *
 * See courier.h.  Knows when to send how much; what waits is the outbox's, how
 * it is sent the output's business.
 */
#include "outputs/courier.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/when.h"
#include "outputs/dead.h"
#include "outputs/output.h"
#include "outputs/pace.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

struct courier {
	struct courier_setup s;
	struct loop_timer *timer;
	struct pace pace;
	bool open;
	bool local; /* on this machine: tried often, and never one by one */
	/* on its way */
	struct stsentry_record batch[OUTBOX_TAKE_MAX];
	size_t n, sent; /* n: 0, nothing is */
	bool sending;   /* inside output_send() */
	bool again, halved;
	int64_t wait_ms;
	struct err why;
	size_t most;   /* of the next batch: halves of what was refused */
	int64_t until; /* growth that was there at this time goes */
	bool begun, reopen, rest;
	struct rarely stuck_said;
	/* courier_look() */
	atomic_bool busy, stuck;
	atomic_llong next_try;
};

/* ---- what became of it ---- */

static void
note_again(struct courier *c, int64_t wait_ms, const char *why)
{
	c->again = true;
	if (c->wait_ms < wait_ms)
		c->wait_ms = wait_ms;
	err_set(&c->why, ST_EIO, "%s", why ? why : "it takes nothing now");
}

static bool
set_aside(struct courier *c, const struct stsentry_record *r, const char *why)
{
	const struct output_config *config = c->s.config;
	struct err e = { .text = "there is no dead_letter file" };

	if (!config->dead_letter ||
	    dead_append(config->dead_letter, config->name, r,
		why ? why : "it does not say why", &e) < 0) {
		note_again(c, COURIER_DEAD_MS, e.text);
		return false;
	}
	log_errorx("output %s: %s was set aside in %s: %s", config->name, r->id,
	    config->dead_letter, why ? why : "it does not say why");
	return true;
}

static enum outbox_fate
fate_of(struct courier *c, const struct stsentry_record *records, size_t n,
    const struct stsentry_answer *a)
{
	switch (a->verdict) {
	case STSENTRY_DONE:
		return OUTBOX_DONE;
	case STSENTRY_LOST:
		if (n == 1)
			return set_aside(c, records, a->why) ? OUTBOX_DEAD
							     : OUTBOX_AGAIN;
		/* Refused as a whole: is it one of them? */
		c->most = (n + 1) / 2;
		c->halved = true;
		return OUTBOX_AGAIN;
	default:
		note_again(c, a->wait_ms, a->why);
		return OUTBOX_AGAIN;
	}
}

static void
on_answer(void *arg, const struct stsentry_record *records, size_t n,
    const struct stsentry_answer *answer)
{
	struct courier *c = arg;
	enum outbox_fate fate = fate_of(c, records, n, answer);
	size_t first = (size_t)(records - c->batch);

	for (size_t i = 0; i < n; i++)
		outbox_answer(c->s.box, first + i, fate);
	/* Not from inside the output: it may not expect the next one yet. */
	if (!c->sending && output_is_idle(c->s.output))
		loop_timer_set(c->timer, 0);
}

static void
say_stuck(struct courier *c)
{
	struct outbox_counts counts;
	uint64_t n;

	if (!rarely(&c->stuck_said, clock_ms(), &n))
		return;
	outbox_look(c->s.box, &counts);
	log_warnx("output %s: %s; %" PRIu64 " records wait", c->s.config->name,
	    c->why.text, outbox_queued(&counts));
}

static void
note_failure(struct courier *c)
{
	int64_t now = loop_now(c->s.loop), wait;

	pace_bad(&c->pace, now, c->wait_ms);
	wait = pace_when(&c->pace, now) - now;
	atomic_store(&c->next_try, when_now().sec + wait / 1000);
	atomic_store(&c->stuck, true);
	say_stuck(c);
}

static void
note_success(struct courier *c)
{
	if (atomic_load(&c->stuck))
		log_info("output %s: delivering again", c->s.config->name);
	atomic_store(&c->stuck, false);
	c->stuck_said = (struct rarely){ 0, 0 };
	pace_good(&c->pace);
	if (!c->halved && c->most < OUTBOX_TAKE_MAX)
		c->most *= 2;
}

/* It is not sure to last: it is sent again, and what is there of it is cut
 * where the output can. */
static void
take_back(struct courier *c)
{
	struct err e = { .text = "" };
	uint64_t mark;

	for (size_t i = 0; i < c->n; i++)
		outbox_answer(c->s.box, i, OUTBOX_AGAIN);
	if (output_has_marks(c->s.output) && outbox_mark(c->s.box, &mark) &&
	    output_resume(c->s.output, mark, &e) < 0)
		log_warnx("output %s: %s", c->s.config->name, e.text);
}

/* All of the batch is answered. */
static void
land(struct courier *c)
{
	bool marks = c->s.lasts && output_has_marks(c->s.output);
	struct err e = { .text = "" };
	uint64_t mark;

	if (c->s.lasts && output_flush(c->s.output, &e) < 0) {
		note_again(c, 0, e.text);
		take_back(c);
	}
	if (marks)
		mark = output_mark(c->s.output);
	outbox_settle(c->s.box, marks ? &mark : NULL);
	c->n = 0;
	atomic_store(&c->busy, false);
	if (c->again)
		note_failure(c);
	else
		note_success(c);
}

/* ---- sending ---- */

static size_t
batch_most(const struct courier *c)
{
	size_t most = output_batch(c->s.output);

	/* Positions make one batch of many. */
	if (output_has_marks(c->s.output))
		most = OUTBOX_TAKE_MAX;
	if (most > c->most)
		most = c->most;
	return pace_is_probing(&c->pace) && !c->local ? 1 : most;
}

static void
send_piece(struct courier *c)
{
	size_t n = output_batch(c->s.output);
	size_t first = c->sent;

	if (n > c->n - first)
		n = c->n - first;
	c->sent += n;
	pace_sent(&c->pace);
	c->sending = true;
	output_send(c->s.output, c->batch + first, n);
	c->sending = false;
}

static void
go_on(struct courier *c)
{
	while (output_is_idle(c->s.output) && c->sent < c->n && !c->again &&
	    !c->halved)
		send_piece(c);
	if (output_is_idle(c->s.output))
		land(c);
}

static void
reopen(struct courier *c)
{
	const struct output_config *config = c->s.config;
	struct err e = { .text = "" };
	uint64_t mark;

	c->reopen = false;
	if (output_reopen(c->s.output, &e) < 0) {
		log_warnx("output %s: %s; going on with the old one",
		    config->name, e.text);
		return;
	}
	if (config->type != OUTPUT_FILE)
		return;
	log_info("output %s: opened %s again", config->name, config->path);
	if (!c->s.lasts)
		return;
	mark = output_mark(c->s.output);
	outbox_settle(c->s.box, &mark);
}

/* Of a digest: whatever has grown waits until the first of it has waited so
 * long, and then goes with the rest. */
static void
look_at_digest(struct courier *c)
{
	struct when t = when_now();
	int64_t now = t.sec * 1000 + t.nsec / 1000000, since, left;

	if (c->s.config->update_mode != UPDATES_DIGEST)
		return;
	since = outbox_fold(c->s.box);
	if (since < 0 || since <= c->until)
		return;
	left = since + c->s.config->digest - now;
	/* A clock that was set back makes nobody wait longer. */
	if (left <= 0 || left > c->s.config->digest)
		c->until = now;
	else
		loop_timer_set(c->timer, left);
}

/* Something may be sent now. */
static bool
is_time(struct courier *c)
{
	int64_t now = loop_now(c->s.loop);

	if (c->rest)
		return false;
	if (pace_may(&c->pace, now))
		return true;
	loop_timer_set(c->timer, pace_when(&c->pace, now) - now);
	return false;
}

/* Whatever happens now, what became of the last is known at the next start. */
static bool
may_go_on(struct courier *c)
{
	return output_has_marks(c->s.output)
	    ? outbox_is_settled(c->s.box)
	    : outbox_may_take(c->s.box, batch_most(c));
}

void
courier_turn(struct courier *c)
{
	if (!c->begun)
		return;
	if (c->n > 0) {
		if (output_is_idle(c->s.output))
			go_on(c);
	} else if (c->reopen && may_go_on(c)) {
		reopen(c);
	}
	if (c->n > 0 || !may_go_on(c) || !is_time(c))
		return;
	look_at_digest(c);
	atomic_store(&c->busy, true);
	c->n = outbox_take(
	    c->s.box, c->batch, batch_most(c), COURIER_BYTES, c->until);
	if (c->n == 0) {
		atomic_store(&c->busy, false);
		return;
	}
	c->sent = 0;
	c->again = c->halved = false;
	c->wait_ms = 0;
	go_on(c);
	/* Others first. */
	if (c->n == 0)
		loop_timer_set(c->timer, 0);
}

static void
on_timer(void *arg)
{
	courier_turn(arg);
}

/* ---- life ---- */

int
courier_new(
    const struct courier_setup *s, struct courier **result, struct err *e)
{
	struct output_place place = {
		.loop = s->loop, .head = s->head, .on_answer = on_answer
	};
	struct courier *c = calloc(1, sizeof(*c));
	int type = s->config->type, err;

	if (!c)
		return err_set(e, ST_ENOMEM, "out of memory");
	place.arg = c;
	c->s = *s;
	c->most = OUTBOX_TAKE_MAX;
	c->local = type == OUTPUT_FILE || type == OUTPUT_STDOUT ||
	    type == OUTPUT_NULL;
	c->timer = loop_timer_new(s->loop, on_timer, c);
	err = c->timer ? output_open(s->output, &place, e)
		       : err_set(e, ST_ENOMEM, "out of memory");
	if (err < 0) {
		courier_free(c);
		return err;
	}
	c->open = true;
	pace_init(&c->pace, c->local ? COURIER_LOCAL_MS : PACE_MAX_MS,
	    output_rate(s->output), (uint64_t)clock_ms() ^ (uintptr_t)c);
	*result = c;
	return 0;
}

void
courier_end(struct courier *c)
{
	struct err e = { .text = "" };

	if (c && c->open && output_flush(c->s.output, &e) < 0)
		log_warnx("output %s: %s", c->s.config->name, e.text);
}

void
courier_free(struct courier *c)
{
	if (!c)
		return;
	/* What has no answer is AGAIN. */
	if (c->n > 0)
		outbox_settle(c->s.box, NULL);
	loop_timer_free(c->timer);
	free(c);
}

bool
courier_is_idle(const struct courier *c)
{
	return c->n == 0;
}

void
courier_forget_mark(struct courier *c)
{
	const uint64_t none = 0;
	uint64_t mark;

	if (c->s.lasts && outbox_mark(c->s.box, &mark) && mark != none)
		outbox_settle(c->s.box, &none);
}

/* Another instance may have written there since it was opened. */
static int
resume(struct courier *c, struct err *e)
{
	uint64_t mark;
	int err = output_reopen(c->s.output, e);

	if (err < 0 || !c->s.lasts)
		return err;
	if (outbox_mark(c->s.box, &mark))
		err = output_resume(c->s.output, mark, e);
	if (err < 0)
		return err;
	mark = output_mark(c->s.output);
	outbox_settle(c->s.box, &mark);
	return 0;
}

int
courier_begin(struct courier *c, struct err *e)
{
	c->begun = true;
	if (output_has_marks(c->s.output))
		return resume(c, e);
	courier_forget_mark(c);
	return 0;
}

void
courier_reopen(struct courier *c)
{
	c->reopen = true;
	courier_turn(c);
}

void
courier_retry(struct courier *c)
{
	c->pace.next = 0;
	courier_turn(c);
}

void
courier_rest(struct courier *c)
{
	c->rest = true;
}

void
courier_look(struct courier *c, struct courier_view *result)
{
	result->busy = atomic_load(&c->busy);
	result->stuck = atomic_load(&c->stuck);
	result->next_try = (int64_t)atomic_load(&c->next_try);
}
