/*
 * test_outlet.c - a finding's way from the route into a file: only what is
 * wanted, only when it is kept, and with word of what was held back.
 */
#include "outputs/outlet.h"

#include "lib/clock.h"
#include "outputs/delivery.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <time.h>

#define WAIT_MS 60000

struct bench {
	struct config *config;
	struct delivery *delivery;
	struct outlet *outlet;
	char path[512];
	int news;
};

static void
on_news(void *arg)
{
	struct bench *b = arg;

	b->news++;
}

static bool
begin(struct bench *b, const char *keys)
{
	char text[1024];
	struct err e = { .text = "" };

	memset(b, 0, sizeof(*b));
	snprintf(b->path, sizeof(b->path), "%s/out", unit_tmpdir());
	remove(b->path);
	snprintf(text, sizeof(text),
	    "version: 1\noutputs: [{type: file, name: out, path: \"%s\", "
	    "%s}]\n",
	    b->path, keys);
	if (config_load_text(slice_str(text), "s.yaml", &b->config, &e) < 0 ||
	    outlet_new(b->config->outputs.v, NULL, NULL, &b->outlet, &e) < 0) {
		printf("%s\n", e.text);
		return false;
	}
	b->delivery = delivery_new(on_news, b);
	return b->delivery &&
	    outlet_open(b->outlet, b->delivery, false, &e) == 0 &&
	    outlet_begin(b->outlet, &e) == 0;
}

static void
end(struct bench *b)
{
	outlet_free(b->outlet);
	delivery_free(b->delivery);
	config_free(b->config);
}

static struct outlet_view
look(struct bench *b)
{
	struct outlet_view v;

	outlet_look(b->outlet, &v);
	return v;
}

static void
deliver(struct bench *b)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int64_t until = clock_ms() + WAIT_MS;
	struct outlet_view v = look(b);

	outlet_kept(b->outlet);
	while (outbox_queued(&v.counts) > 0 && clock_ms() < until) {
		delivery_step(b->delivery);
		nanosleep(&pause, NULL);
		v = look(b);
	}
	CHECK_INT(outbox_queued(&v.counts), 0);
}

/* How often a text stands in the file. */
static int
count(const struct bench *b, const char *text)
{
	static char all[65536];
	FILE *f = fopen(b->path, "r");
	size_t n = f ? fread(all, 1, sizeof(all) - 1, f) : 0;
	int found = 0;

	all[n] = '\0';
	if (f)
		fclose(f);
	for (const char *p = all; (p = strstr(p, text)); p++)
		found++;
	return found;
}

static void
give(struct bench *b, enum severity severity)
{
	struct sample s;

	sample_aws(&s);
	s.f.severity = severity;
	s.f.raised = true;
	outlet_finding(b->outlet, &s.f);
}

static void
what_is_wanted_comes_into_the_file_once_it_is_kept(void)
{
	struct bench b;

	REQUIRE(begin(&b, "min_severity: high"));
	give(&b, SEV_HIGH);
	give(&b, SEV_LOW);
	CHECK_INT(look(&b).counts.made, 1);
	delivery_step(b.delivery);
	CHECK_INT(count(&b, "\n"), 0);
	deliver(&b);
	CHECK_INT(count(&b, "\n"), 1);
	CHECK_INT(look(&b).counts.delivered, 1);
	CHECK(b.news > 0);
	end(&b);
}

static void
a_flood_is_held_back_and_told_with_the_next(void)
{
	struct bench b;

	REQUIRE(begin(&b, "max_per_hour: 2"));
	for (int i = 0; i < 5; i++)
		give(&b, SEV_HIGH);
	give(&b, SEV_CRITICAL);
	give(&b, SEV_CRITICAL);
	deliver(&b);
	CHECK_INT(look(&b).held, 3);
	CHECK_INT(count(&b, "\n"), 4);
	CHECK_INT(count(&b, "(3 findings were held back before this one)"), 1);
	end(&b);
}

static void
decisions_are_a_line_each_with_the_id_of_their_event(void)
{
	struct sample s;
	struct bench b;

	REQUIRE(begin(&b, "what: decisions, max_per_hour: 1"));
	sample_aws(&s);
	for (int i = 0; i < 3; i++)
		outlet_decision(
		    b.outlet, &s.f.request, &s.f.verdict, NULL, SLICE_NULL);
	/* One that is written already goes out as it is. */
	outlet_decision(b.outlet, &s.f.request, &s.f.verdict, NULL,
	    SLICE_LIT("{\"ready\":1}\n"));
	deliver(&b);
	CHECK_INT(count(&b, "\n"), 4);
	CHECK_INT(count(&b, "{\"ready\":1}\n"), 1);
	end(&b);
}

UNIT_MAIN("outlet",
    { "what is wanted comes into the file once it is kept",
	what_is_wanted_comes_into_the_file_once_it_is_kept },
    { "a flood is held back and told with the next",
	a_flood_is_held_back_and_told_with_the_next },
    { "decisions are a line each with the id of their event",
	decisions_are_a_line_each_with_the_id_of_their_event })
