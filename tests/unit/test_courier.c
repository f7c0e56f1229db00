/*
 * test_courier.c - when what waits is sent, in which pieces, and what answers
 * lead to.  The output is one of our own (it stands in for outputs/output.c),
 * the clock stands still unless it is moved.
 */
#include "outputs/courier.h"

#include "lib/loop.h"
#include "outputs/output.h"
#include "outputs/pace.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TRIES_MAX 64
#define TURNS 64
#define SERVICE "type: webhook, url: \"https://x.example/\""

/* ---- an output that answers as it is told ---- */

struct output {
	struct output_place place;
	int status; /* of a batch; as of HTTP */
	int64_t wait_ms;
	const char *poison; /* a batch with this id in it is refused */
	bool marks, flush_fails;
	size_t batch, cut;
	/* what was sent */
	size_t tries, records;
	int64_t at[TRIES_MAX];
	size_t sizes[TRIES_MAX];
	uint64_t written, flushed;
};

static struct output out;

int
output_open(struct output *o, const struct output_place *place, struct err *e)
{
	(void)e;
	o->place = *place;
	return 0;
}

static bool
has_poison(const struct output *o, const struct stsentry_record *r, size_t n)
{
	for (size_t i = 0; o->poison && i < n; i++)
		if (strcmp(r[i].id, o->poison) == 0)
			return true;
	return false;
}

void
output_send(struct output *o, const struct stsentry_record *r, size_t n)
{
	struct stsentry_answer a = { .verdict = STSENTRY_DONE,
		.wait_ms = o->wait_ms,
		.why = "told so" };

	if (o->tries < TRIES_MAX) {
		o->at[o->tries] = loop_now(o->place.loop);
		o->sizes[o->tries] = n;
	}
	o->tries++;
	o->records += n;
	o->written += n;
	if (o->status == 400 || has_poison(o, r, n))
		a.verdict = STSENTRY_LOST;
	else if (o->status != 200)
		a.verdict = STSENTRY_AGAIN;
	o->place.on_answer(o->place.arg, r, n, &a);
}

bool
output_is_idle(const struct output *o)
{
	(void)o;
	return true;
}

size_t
output_batch(const struct output *o)
{
	return o->batch;
}

double
output_rate(const struct output *o)
{
	(void)o;
	return 0;
}

int
output_flush(struct output *o, struct err *e)
{
	if (o->flush_fails)
		return err_set(e, ST_EIO, "cannot sync");
	o->flushed = o->written;
	return 0;
}

int
output_reopen(struct output *o, struct err *e)
{
	(void)o;
	(void)e;
	return 0;
}

bool
output_has_marks(const struct output *o)
{
	return o->marks;
}

uint64_t
output_mark(struct output *o)
{
	return o->written;
}

int
output_resume(struct output *o, uint64_t position, struct err *e)
{
	(void)e;
	o->cut++;
	o->written = position;
	return 0;
}

/* ---- the bench ---- */

struct bench {
	struct config *config;
	struct loop *loop;
	struct outbox *box;
	struct courier *courier;
	int64_t now;
	char dead[512];
};

static void
on_any(void *arg)
{
	(void)arg;
}

static int
put_nowhere(void *arg, struct slice key, struct slice value)
{
	(void)arg;
	(void)key;
	(void)value;
	return 0;
}

static bool
begin(struct bench *b, const char *type, bool lasts)
{
	struct outbox_options box = { .name = "out",
		.records = 1000,
		.bytes = 1 << 20,
		.lasts = lasts,
		.on_work = on_any,
		.on_news = on_any };
	struct courier_setup setup = { .head = SLICE_LIT(""), .lasts = lasts };
	char text[1024];
	struct err e = { .text = "" };

	memset(b, 0, sizeof(*b));
	out = (struct output){ .status = 200, .batch = 8 };
	snprintf(b->dead, sizeof(b->dead), "%s/dead", unit_tmpdir());
	unlink(b->dead);
	snprintf(text, sizeof(text), "version: 1\noutputs: [{%s, name: out}]\n",
	    type);
	if (config_load_text(slice_str(text), "s.yaml", &b->config, &e) < 0) {
		printf("%s\n", e.text);
		return false;
	}
	((struct output_config *)b->config->outputs.v)->dead_letter = b->dead;
	b->loop = loop_new();
	b->box = outbox_new(&box);
	b->now = 1000000;
	setup.config = b->config->outputs.v;
	setup.output = &out;
	setup.box = b->box;
	setup.loop = b->loop;
	if (!b->loop || !b->box || courier_new(&setup, &b->courier, &e) < 0)
		return false;
	loop_set_now(b->loop, b->now);
	return courier_begin(b->courier, &e) == 0;
}

static void
end(struct bench *b)
{
	courier_free(b->courier);
	outbox_free(b->box);
	loop_free(b->loop);
	config_free(b->config);
}

static void
add(struct bench *b, int n)
{
	char id[16];
	struct stsentry_record r = { .data = "{}\n", .size = 3, .id = id };

	for (int i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		outbox_add(b->box, &r);
	}
	CHECK_INT(outbox_save(b->box, put_nowhere, NULL), 0);
	outbox_kept(b->box);
}

/* What is answered is kept at once. */
static void
turn(struct bench *b)
{
	for (int i = 0; i < TURNS; i++) {
		courier_turn(b->courier);
		CHECK_INT(outbox_save(b->box, put_nowhere, NULL), 0);
		outbox_kept(b->box);
	}
}

static struct outbox_counts
counts(struct bench *b)
{
	struct outbox_counts c;

	outbox_look(b->box, &c);
	CHECK_INT(c.made, c.delivered + outbox_queued(&c) + c.dead);
	return c;
}

static void
all_goes_in_order_and_in_batches(void)
{
	struct bench b;

	REQUIRE(begin(&b, SERVICE, true));
	add(&b, 20);
	turn(&b);
	CHECK_INT(out.tries, 3);
	CHECK_INT(out.sizes[0], 8);
	CHECK_INT(out.sizes[2], 4);
	CHECK_INT(counts(&b).delivered, 20);
	end(&b);
}

static void
with_a_state_the_next_waits_until_the_last_is_kept(void)
{
	struct bench b;

	REQUIRE(begin(&b, SERVICE, true));
	add(&b, 20);
	for (int i = 0; i < TURNS; i++)
		courier_turn(b.courier);
	CHECK_INT(out.tries, 1);
	end(&b);
}

static void
failures_back_off_probe_and_are_over_with_one_success(void)
{
	struct courier_view v;
	struct bench b;
	int64_t most = PACE_MIN_MS;

	REQUIRE(begin(&b, SERVICE, false));
	out.status = 503;
	add(&b, 20);
	/* Each wait is PACE_MAX_MS at most. */
	for (int64_t t = 0; t < 20 * (PACE_MAX_MS + 1000); t += 1000) {
		if (out.tries == 20)
			break;
		courier_turn(b.courier);
		b.now += 1000;
		loop_set_now(b.loop, b.now);
	}
	REQUIRE(out.tries == 20);
	for (size_t i = 1; i < 20; i++) {
		CHECK(out.at[i] - out.at[i - 1] <= most + 1000);
		CHECK_INT(out.sizes[i], i < PACE_OPEN ? 8 : 1);
		most = most * 2 > PACE_MAX_MS ? PACE_MAX_MS : most * 2;
	}
	courier_look(b.courier, &v);
	CHECK(v.stuck && v.next_try > 0);
	CHECK_INT(counts(&b).delivered, 0);
	out.status = 200;
	b.now += PACE_MAX_MS;
	loop_set_now(b.loop, b.now);
	turn(&b);
	courier_look(b.courier, &v);
	CHECK(!v.stuck);
	CHECK_INT(counts(&b).delivered, 20);
	end(&b);
}

static void
what_the_receiver_asks_for_is_the_least_wait(void)
{
	struct bench b;

	REQUIRE(begin(&b, SERVICE, false));
	out.status = 429;
	out.wait_ms = 5000000;
	add(&b, 1);
	turn(&b);
	loop_set_now(b.loop, b.now + 4999999);
	turn(&b);
	CHECK_INT(out.tries, 1);
	loop_set_now(b.loop, b.now + 5000000);
	turn(&b);
	CHECK_INT(out.tries, 2);
	end(&b);
}

static void
what_is_here_is_tried_again_within_a_second(void)
{
	struct bench b;

	REQUIRE(begin(&b, "type: stdout", false));
	out.status = 503;
	add(&b, 1);
	for (int i = 0; i < 100; i++) {
		turn(&b);
		b.now += COURIER_LOCAL_MS;
		loop_set_now(b.loop, b.now);
	}
	CHECK(out.tries >= 100);
	end(&b);
}

static void
one_that_is_refused_is_found_in_its_batch_and_set_aside(void)
{
	struct bench b;
	char line[512] = "";
	FILE *f;

	REQUIRE(begin(&b, SERVICE, true));
	out.poison = "r5";
	add(&b, 16);
	turn(&b);
	CHECK_INT(counts(&b).delivered, 15);
	CHECK_INT(counts(&b).dead, 1);
	CHECK_INT(counts(&b).dropped, 0);
	CHECK(out.tries < 14);
	f = fopen(b.dead, "r");
	REQUIRE(f != NULL);
	CHECK(fgets(line, sizeof(line), f) != NULL);
	CHECK(strstr(line, "\"reason\":\"told so\",\"id\":\"r5\"") != NULL);
	CHECK(fgets(line, sizeof(line), f) == NULL);
	fclose(f);
	end(&b);
}

static void
without_a_place_for_dead_letters_nothing_is_given_up(void)
{
	struct bench b;

	REQUIRE(begin(&b, SERVICE, false));
	((struct output_config *)b.config->outputs.v)->dead_letter =
	    "/nonexistent/dead";
	out.status = 400;
	add(&b, 1);
	turn(&b);
	CHECK_INT(out.tries, 1);
	CHECK_INT(counts(&b).dead, 0);
	loop_set_now(b.loop, b.now + COURIER_DEAD_MS);
	turn(&b);
	CHECK_INT(out.tries, 2);
	end(&b);
}

static void
what_could_not_be_synced_is_cut_and_sent_again(void)
{
	struct err e;
	struct bench b;

	REQUIRE(begin(&b, SERVICE, true));
	out.marks = true;
	REQUIRE(courier_begin(b.courier, &e) == 0);
	out.flush_fails = true;
	add(&b, 4);
	turn(&b);
	CHECK_INT(out.cut, 1);
	CHECK_INT(out.written, 0);
	CHECK_INT(counts(&b).delivered, 0);
	out.flush_fails = false;
	loop_set_now(b.loop, b.now + PACE_MAX_MS);
	turn(&b);
	CHECK_INT(out.written, 4);
	CHECK_INT(counts(&b).delivered, 4);
	end(&b);
}

UNIT_MAIN("courier",
    { "all goes in order and in batches", all_goes_in_order_and_in_batches },
    { "with a state the next waits until the last is kept",
	with_a_state_the_next_waits_until_the_last_is_kept },
    { "failures back off, probe, and are over with one success",
	failures_back_off_probe_and_are_over_with_one_success },
    { "what the receiver asks for is the least wait",
	what_the_receiver_asks_for_is_the_least_wait },
    { "what is here is tried again within a second",
	what_is_here_is_tried_again_within_a_second },
    { "one that is refused is found in its batch and set aside",
	one_that_is_refused_is_found_in_its_batch_and_set_aside },
    { "without a place for dead letters nothing is given up",
	without_a_place_for_dead_letters_nothing_is_given_up },
    { "what could not be synced is cut and sent again",
	what_could_not_be_synced_is_cut_and_sent_again })
