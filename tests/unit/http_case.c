/*
 * http_case.c - a webhook output on a clock that stands still, with a service
 * that a test plays.
 *
 * Stands in for outputs/webhook/curl.c.
 */
#include "tests/unit/http_case.h"

#include "lib/log.h"
#include "lib/loop.h"
#include "outputs/courier.h"
#include "outputs/format/format.h"
#include "outputs/output.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

/* ---- the transport ---- */

struct http {
	http_cb *cb;
	void *arg;
	struct http_case *c;
	http_player *player;
	void *player_arg;
	bool busy;
	int64_t due;
	struct http_play play;
};

static struct http transport;

struct http *
http_new(const struct stsentry_host *host, const struct http_options *o,
    http_cb *cb, void *arg)
{
	(void)host;
	(void)o;
	transport.cb = cb;
	transport.arg = arg;
	return &transport;
}

void
http_free(struct http *h)
{
	if (h)
		h->busy = false;
}

int
http_begin(
    struct http *h, const struct http_request *r, struct stsentry_why *why)
{
	(void)why;
	CHECK(!h->busy); /* the second would not be sent */
	h->play = (struct http_play){ .after_ms = 0 };
	h->player(h->player_arg, r, &h->play);
	h->busy = true;
	h->due = h->c->now + h->play.after_ms;
	h->c->requests++;
	return 0;
}

const char *
http_library_version(void)
{
	return "none";
}

static bool
answer_what_is_due(struct http *h)
{
	if (!h->busy || h->due > h->c->now)
		return false;
	h->busy = false;
	h->cb(h->arg, &h->play.answer);
	return true;
}

/* ---- the case ---- */

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
open_all(struct http_case *c)
{
	const struct outbox_options box = { .name = "out",
		.records = 100000,
		.bytes = (size_t)1 << 30,
		.lasts = true,
		.on_work = on_any,
		.on_news = on_any };
	struct courier_setup setup = { .config = c->config->outputs.v,
		.head = SLICE_LIT(""),
		.lasts = true };

	if (output_new(setup.config, "sentry.example", &c->output, &c->e) < 0)
		return false;
	setup.output = c->output;
	setup.loop = c->loop = loop_new();
	setup.box = c->box = outbox_new(&box);
	if (!c->loop || !c->box)
		return false;
	loop_set_now(c->loop, c->now);
	return courier_new(&setup, &c->courier, &c->e) == 0 &&
	    courier_begin(c->courier, &c->e) == 0;
}

bool
http_case_begin(
    struct http_case *c, const char *preset, http_player *player, void *arg)
{
	char text[2048];

	log_setup("test", LOG_L_ERROR, false);
	memset(c, 0, sizeof(*c));
	c->now = 1000000;
	transport = (struct http){
		.c = c, .player = player, .player_arg = arg
	};
	snprintf(c->dead, sizeof(c->dead), "%s/dead", unit_tmpdir());
	unlink(c->dead);
	snprintf(text, sizeof(text),
	    "version: 1\noutputs: [{type: webhook, name: out, preset: %s, "
	    "url: \"https://service.example/in\", token: %s, "
	    "dead_letter: \"%s\"}]\n",
	    preset, HTTP_CASE_SECRET, c->dead);
	return config_load_text(
		   slice_str(text), "case.yaml", &c->config, &c->e) == 0 &&
	    open_all(c);
}

void
http_case_end(struct http_case *c)
{
	courier_end(c->courier);
	output_free(c->output);
	courier_free(c->courier);
	outbox_free(c->box);
	loop_free(c->loop);
	config_free(c->config);
}

static void
keep(struct http_case *c)
{
	CHECK_INT(outbox_save(c->box, put_nowhere, NULL), 0);
	outbox_kept(c->box);
}

void
http_case_add(struct http_case *c, size_t n)
{
	struct format_options o = { .host = NULL };
	struct buf text = BUF_INIT;
	struct stsentry_record r = { .revision = 1, .severity = 3 };
	struct sample s;

	sample_aws(&s);
	for (size_t i = 0; i < n; i++) {
		snprintf(s.f.id, sizeof(s.f.id), HTTP_CASE_ID, c->added++);
		buf_reset(&text);
		format_find(SLICE_LIT("json"))->finding(&s.f, &o, &text);
		r.id = s.f.id;
		r.data = text.p;
		r.size = text.n;
		outbox_add(c->box, &r);
	}
	buf_release(&text);
	keep(c);
}

void
http_case_settle(struct http_case *c)
{
	size_t before;

	do {
		before = c->requests;
		courier_turn(c->courier);
		keep(c);
	} while (answer_what_is_due(&transport) || c->requests != before);
}

void
http_case_run(struct http_case *c, int64_t ms, int64_t step_ms)
{
	int64_t end = c->now + ms;

	http_case_settle(c);
	while (c->now < end) {
		c->now = c->now + step_ms < end ? c->now + step_ms : end;
		loop_set_now(c->loop, c->now);
		http_case_settle(c);
	}
}

struct outbox_counts
http_case_counts(struct http_case *c)
{
	struct outbox_counts counts;

	outbox_look(c->box, &counts);
	CHECK_INT(counts.made,
	    counts.delivered + outbox_queued(&counts) + counts.dead);
	return counts;
}
