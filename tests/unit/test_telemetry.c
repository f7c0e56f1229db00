/*
 * test_telemetry.c - sources that fall silent, events that come late, and the
 * gauge in which others see it.
 */
#include "collector/gauge.h"
#include "collector/telemetry.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define DAY ((int64_t)86400)
#define START ((int64_t)1780272000)

static struct when
at(int64_t seconds)
{
	return (struct when){ START + seconds, 0, true };
}

struct heard {
	int n;
	enum reason_code reason;
	char text[512], account[64], id[512];
};

static void
copy(char *to, size_t size, struct slice s)
{
	snprintf(to, size, "%.*s", (int)s.n, s.p ? s.p : "");
}

static void
on_notice(void *arg, const struct notice *n)
{
	struct heard *h = arg;

	h->n++;
	h->reason = n->reason;
	copy(h->text, sizeof(h->text), n->text);
	copy(h->account, sizeof(h->account), n->account);
	copy(h->id, sizeof(h->id), n->id);
}

static struct heard
check(struct telemetry *t, int64_t seconds)
{
	struct heard h = { .n = 0 };

	telemetry_check(t, at(seconds), on_notice, &h);
	return h;
}

static void
an_account_that_stops_is_named_in_words(void)
{
	struct telemetry *t = telemetry_new();
	struct heard h;

	REQUIRE(t != NULL);
	for (int64_t s = 0; s < 8 * DAY; s += 60) {
		telemetry_heard(t, 0, "door", at(s));
		telemetry_account(t, SLICE_LIT("111122223333"), at(s));
	}
	for (int64_t s = 8 * DAY; s < 8 * DAY + 7200; s += 60)
		telemetry_heard(t, 0, "door", at(s));
	h = check(t, 8 * DAY + 7200);
	CHECK_INT(h.n, 1);
	CHECK_INT(h.reason, R_SOURCE_SILENT);
	CHECK(strcmp(h.account, "111122223333") == 0);
	CHECK(strcmp(h.text,
		  "account 111122223333 has sent nothing for 2 hours; its "
		  "longest pause before was 1 minutes") == 0);
	CHECK(telemetry_is_silent(t, SLICE_LIT("account 111122223333")));
	CHECK(!telemetry_is_silent(t, SLICE_LIT("input door")));
	telemetry_free(t);
}

static void
arrive(struct telemetry *t, int in_time, int late)
{
	for (int i = 0; i < in_time; i++)
		telemetry_arrival(t, 0, false);
	for (int i = 0; i < late; i++)
		telemetry_arrival(t, 0, true);
}

static void
an_hour_with_a_tenth_late_is_told(void)
{
	static const struct {
		int in_time, late, told;
	} cases[] = { { 180, 20, 1 }, { 181, 20, 0 }, { 0, 19, 0 },
		{ 0, 20, 1 }, { 100000, 0, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct telemetry *t = telemetry_new();
		struct heard h;

		REQUIRE(t != NULL);
		telemetry_heard(t, 0, "door", at(0));
		CHECK_INT(check(t, 0).n, 0);
		arrive(t, cases[i].in_time, cases[i].late);
		CHECK_INT(check(t, TELEMETRY_HOUR_S - 1).n, 0);
		h = check(t, TELEMETRY_HOUR_S);
		CHECK_INT(h.n, cases[i].told);
		if (h.n > 0)
			CHECK_INT(h.reason, R_LATE_EVENTS);
		/* The next hour begins with nothing. */
		CHECK_INT(check(t, 2 * TELEMETRY_HOUR_S).n, 0);
		telemetry_free(t);
	}
}

static void
a_view_fits_together_and_knows_who_is_silent(void)
{
	struct gauge *g = gauge_new();
	struct gauge_view v = GAUGE_VIEW_INIT;
	struct outlet_view out = { .courier = { .stuck = true } };
	struct books books = { .received = 5, .other = 5 };
	struct batch *b = batch_new(2);

	REQUIRE(g != NULL && b != NULL);
	CHECK(!gauge_look(g, &v));
	b->counts.received = 5;
	gauge_batch(g, b, 1000);
	gauge_lag(g, 2, 250);
	gauge_silent(g, SLICE_LIT("input door"));
	gauge_silent(g, SLICE_LIT("input door"));
	CHECK(gauge_publish(g, &books, &out, 1));
	CHECK(gauge_look(g, &v));
	CHECK_INT(v.n_inputs, 3);
	CHECK_INT(v.inputs[0].heard, -1);
	CHECK_INT(v.inputs[2].heard, 1000);
	CHECK_INT(v.inputs[2].counts.received, 5);
	CHECK_INT(v.inputs[2].lag.count, 1);
	CHECK_INT(v.books.received, 5);
	CHECK_INT(v.n_outputs, 1);
	CHECK(v.outputs[0].courier.stuck);
	CHECK_INT(v.n_silent, 1);
	/* Fewer outputs after a reload. */
	CHECK(gauge_publish(g, &books, &out, 0));
	CHECK(gauge_look(g, &v));
	CHECK_INT(v.n_outputs, 0);
	gauge_view_release(&v);
	batch_free(b);
	gauge_free(g);
}

static bool
only_second(void *arg, struct slice source)
{
	(void)arg;
	return slice_is(source, "b");
}

static void
who_speaks_again_is_silent_no_longer(void)
{
	struct gauge *g = gauge_new();
	struct gauge_view v = GAUGE_VIEW_INIT;
	struct books books = { .received = 0 };

	REQUIRE(g != NULL);
	gauge_silent(g, SLICE_LIT("a"));
	gauge_silent(g, SLICE_LIT("b"));
	gauge_silent(g, SLICE_LIT("c"));
	gauge_recheck(g, only_second, NULL);
	CHECK(gauge_publish(g, &books, NULL, 0));
	CHECK(gauge_look(g, &v));
	CHECK_INT(v.n_silent, 1);
	CHECK(strcmp(v.silent[0], "b") == 0);
	gauge_view_release(&v);
	gauge_free(g);
}

UNIT_MAIN("telemetry",
    { "an account that stops is named in words",
	an_account_that_stops_is_named_in_words },
    { "an hour with a tenth late is told", an_hour_with_a_tenth_late_is_told },
    { "a view fits together and knows who is silent",
	a_view_fits_together_and_knows_who_is_silent },
    { "who speaks again is silent no longer",
	who_speaks_again_is_silent_no_longer })
