/*
 * test_outlets.c - outputs of one configuration after those of another: what
 * stays, what takes over, what is left behind, and what is refused.
 */
#include "collector/outlets.h"

#include "lib/clock.h"
#include "outputs/delivery.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 60000

struct bench {
	char dir[256], yaml[300];
	struct outlets_about about;
	struct input_names names;
	struct generation *generation;
	struct outlets *now;
	struct delivery *delivery;
	bool switched;
	struct err e;
};

static void
on_any(void *arg)
{
	(void)arg;
}

static void
on_switched(void *arg)
{
	struct bench *b = arg;

	b->switched = true;
}

static int
put_nowhere(void *arg, struct slice key, struct slice value)
{
	(void)arg;
	(void)key;
	(void)value;
	return 0;
}

static struct generation *
load(struct bench *b, const char *outputs)
{
	struct generation *g = NULL;
	FILE *f = fopen(b->yaml, "w");

	if (!f)
		return NULL;
	fprintf(
	    f, "version: 1\ninputs: [{type: stdin}]\noutputs:\n%s", outputs);
	fclose(f);
	if (generation_load(b->yaml, &b->names, &g, &b->e) < 0)
		printf("%s\n", b->e.text);
	return g;
}

static bool
begin(struct bench *b, const char *name, const char *outputs)
{
	memset(b, 0, sizeof(*b));
	snprintf(b->dir, sizeof(b->dir), "%.200s/%s", unit_tmpdir(), name);
	mkdir(b->dir, 0700);
	snprintf(b->yaml, sizeof(b->yaml), "%s/s.yaml", b->dir);
	b->about.lasts = true;
	b->delivery = delivery_new(on_any, NULL);
	b->generation = load(b, outputs);
	return b->delivery && b->generation &&
	    outlets_new(&b->about, NULL, b->generation, &b->now, &b->e) == 0 &&
	    outlets_open(b->now, b->delivery, &b->e) == 0 &&
	    outlets_begin(b->now, &b->e) == 0;
}

static void
end(struct bench *b)
{
	outlets_free(b->now, NULL);
	delivery_free(b->delivery);
	generation_free(b->generation);
	input_names_release(&b->names);
}

static struct outlet *
find(const struct outlets *o, const char *name)
{
	for (size_t i = 0; i < outlets_count(o); i++)
		if (strcmp(outlet_name(outlets_list(o)[i]), name) == 0)
			return outlets_list(o)[i];
	return NULL;
}

static bool
has(const struct outlets *o, const struct outlet *outlet)
{
	return find(o, outlet_name(outlet)) == outlet;
}

/* As judge and main do it. */
static bool
change(struct bench *b, const char *outputs)
{
	int64_t until = clock_ms() + WAIT_MS;
	struct generation *g = load(b, outputs);
	struct outlets *next = NULL;
	int err = ST_EINVAL;

	if (g)
		err = outlets_new(&b->about, b->now, g, &next, &b->e);
	if (err == 0)
		err = outlets_open(next, b->delivery, &b->e);
	if (err < 0) {
		outlets_free(next, b->now);
		generation_free(g);
		return false;
	}
	for (size_t i = 0; i < outlets_count(next); i++)
		if (!has(b->now, outlets_list(next)[i]))
			outlet_take_over(outlets_list(next)[i]);
	b->switched = false;
	outlets_switch(next, on_switched, b);
	while (!b->switched && clock_ms() < until)
		delivery_step(b->delivery);
	outlets_free(b->now, next);
	b->now = next;
	generation_free(b->generation);
	b->generation = g;
	return b->switched;
}

static struct outlet_view
look(const struct bench *b, const char *name)
{
	struct outlet_view v;

	outlet_look(find(b->now, name), &v);
	CHECK_INT(v.counts.made,
	    v.counts.delivered + v.counts.dead + outbox_queued(&v.counts));
	return v;
}

static void
keep(const struct bench *b)
{
	for (size_t i = 0; i < outlets_count(b->now); i++) {
		CHECK_INT(
		    outlet_save(outlets_list(b->now)[i], put_nowhere, NULL), 0);
		outlet_kept(outlets_list(b->now)[i]);
	}
}

/* One finding for all. */
static void
give(const struct bench *b)
{
	struct sample s;

	sample_aws(&s);
	s.f.raised = true;
	for (size_t i = 0; i < outlets_count(b->now); i++)
		outlet_finding(outlets_list(b->now)[i], &s.f);
	keep(b);
}

static void
deliver(const struct bench *b, const char *name, uint64_t n)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int64_t until = clock_ms() + WAIT_MS;

	while (look(b, name).counts.delivered < n && clock_ms() < until) {
		delivery_step(b->delivery);
		keep(b);
		nanosleep(&pause, NULL);
	}
	CHECK_INT(look(b, name).counts.delivered, n);
}

static size_t
lines(const struct bench *b, const char *name)
{
	char path[400];
	size_t n = 0;
	FILE *f;
	int c;

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	f = fopen(path, "r");
	while (f && (c = getc(f)) != EOF)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

static const char same[] = "  - {type: file, name: same, path: same}\n";

static void
one_that_is_as_it_was_stays_the_same(void)
{
	struct outlet *before;
	struct bench b;

	REQUIRE(begin(&b, "same", same));
	before = find(b.now, "same");
	give(&b);
	/* In another place, and behind another. */
	REQUIRE(change(&b,
	    "  - {type: 'null', name: other}\n"
	    "  - {type: file,    name: same, path: same}\n"));
	CHECK(find(b.now, "same") == before);
	give(&b);
	deliver(&b, "same", 2);
	deliver(&b, "other", 1);
	CHECK_INT(lines(&b, "same"), 2);
	end(&b);
}

static void
what_waits_goes_on_with_other_settings(void)
{
	struct outlet *before;
	struct bench b;

	REQUIRE(begin(&b, "moves", "  - {type: file, name: out, path: one}\n"));
	give(&b);
	deliver(&b, "out", 1);
	before = find(b.now, "out");
	give(&b);
	give(&b);
	REQUIRE(change(&b, "  - {type: file, name: out, path: two}\n"));
	CHECK(find(b.now, "out") != before);
	CHECK_INT(look(&b, "out").counts.made, 3);
	deliver(&b, "out", 3);
	CHECK_INT(lines(&b, "one") + lines(&b, "two"), 3);
	CHECK(lines(&b, "one") >= 1);
	end(&b);
}

static void
one_that_is_gone_leaves_what_waits_behind(void)
{
	struct outlet_view v;
	struct bench b;

	/* Nobody listens there. */
	REQUIRE(begin(&b, "gone",
	    "  - {type: syslog, name: out, server: \"unix:///none/log\", "
	    "dead_letter: dead}\n"));
	give(&b);
	REQUIRE(change(&b, same));
	CHECK(outlet_is_away(find(b.now, "out")));
	v = look(&b, "out");
	CHECK_INT(outbox_queued(&v.counts), 1);
	give(&b);
	CHECK_INT(look(&b, "out").counts.made, 1);
	REQUIRE(change(&b, "  - {type: file, name: out, path: back}\n"));
	CHECK(!outlet_is_away(find(b.now, "out")));
	CHECK(outlet_is_away(find(b.now, "same")));
	deliver(&b, "out", 1);
	CHECK_INT(lines(&b, "back"), 1);
	end(&b);
}

static void
one_that_cannot_be_opened_changes_nothing(void)
{
	struct outlet *before;
	struct bench b;

	REQUIRE(begin(&b, "refused", same));
	before = find(b.now, "same");
	CHECK(!change(&b,
	    "  - {type: file, name: good, path: good}\n"
	    "  - {type: file, name: bad, path: none/bad}\n"));
	CHECK(strstr(b.e.text, "none/bad") != NULL);
	CHECK_INT(b.e.line, 5);
	CHECK(find(b.now, "same") == before);
	give(&b);
	deliver(&b, "same", 1);
	end(&b);
}

static void
without_a_state_none_can_go(void)
{
	struct bench b;

	REQUIRE(begin(&b, "stateless", same));
	outlets_free(b.now, NULL);
	b.about.lasts = false;
	REQUIRE(outlets_new(&b.about, NULL, b.generation, &b.now, &b.e) == 0);
	REQUIRE(outlets_open(b.now, b.delivery, &b.e) == 0);
	CHECK(!change(&b, "  - {type: 'null', name: other}\n"));
	CHECK(strstr(b.e.text, "same is gone") != NULL);
	end(&b);
}

UNIT_MAIN("outlets",
    { "one that is as it was stays the same",
	one_that_is_as_it_was_stays_the_same },
    { "what waits goes on with other settings",
	what_waits_goes_on_with_other_settings },
    { "one that is gone leaves what waits behind",
	one_that_is_gone_leaves_what_waits_behind },
    { "one that cannot be opened changes nothing",
	one_that_cannot_be_opened_changes_nothing },
    { "without a state none can go", without_a_state_none_can_go })
