/*
 * status_say.c - what a running daemon says of itself, for a person.
 *
 * See status_say.h.  Knows the members of /status.  Pure functions.
 */
#include "cli/status_say.h"

#include "lib/utf8.h"
#include "lib/when.h"

#include <inttypes.h>

#define NAME_MAX_BYTES 21
#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define GREEN "\033[32m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

struct say {
	struct buf *out;
	bool color;
	struct when now;
};

static int64_t
number(const struct json *o, const char *name)
{
	int64_t n = 0;

	json_int(json_get(o, name), &n);
	return n;
}

static void
paint(const struct say *s, const char *color, struct slice text)
{
	buf_adds(s->out, s->color ? color : "");
	buf_add_slice(s->out, text);
	buf_adds(s->out, s->color ? PLAIN : "");
}

/* Aligned to the left in `width` columns. */
static void
word_cell(const struct say *s, struct slice word, int width)
{
	buf_addf(s->out, "%-*.*s", width, SLICE_ARG(word));
}

static void
count_cell(const struct say *s, int width, int64_t n)
{
	buf_addf(s->out, "%*" PRId64, width, n);
}

static void
span_cell(const struct say *s, int width, const struct json *seconds)
{
	char text[WHEN_SPAN];
	bool known = json_type(seconds) == JSON_NUMBER;

	buf_addf(s->out, "%*s", width,
	    known ? when_span(json_real(seconds), text) : "-");
}

static void
name_cell(const struct say *s, struct slice name)
{
	word_cell(s, utf8_cut(name, NAME_MAX_BYTES), NAME_MAX_BYTES);
}

static void
each(const struct say *s, const struct json *all,
    void (*one)(const struct say *s, struct slice name, const struct json *v))
{
	struct json_iter at = { 0 };
	struct slice name;
	const struct json *v;

	while ((v = json_next(all, &at, &name)))
		one(s, name, v);
}

/* ---- parts ------------------------------------------------------------------------ */

static void
say_health(const struct say *s, const struct json *status)
{
	struct slice version = json_text(json_get(status, "version"));
	bool ready = json_true(json_get(status, "ready"));
	struct json_iter at = { 0 };
	const struct json *reason;
	struct when started;
	char text[WHEN_SPAN];

	buf_addf(s->out, "stsentryd  %.*s, ", SLICE_ARG(version));
	paint(s, ready ? GREEN : RED,
	    ready ? SLICE_LIT("ready") : SLICE_LIT("NOT READY"));
	buf_addf(s->out, ", generation %" PRId64, number(status, "generation"));
	if (when_parse(json_text(json_get(status, "started")), &started))
		buf_addf(s->out, ", up for %s",
		    when_span((double)(s->now.sec - started.sec), text));
	buf_addf(s->out, ", %" PRId64 " MiB\n",
	    number(status, "resident_bytes") >> 20);
	while ((reason = json_next(json_get(status, "reasons"), &at, NULL))) {
		paint(s, RED, SLICE_LIT("not well   "));
		buf_add_slice(s->out, json_text(reason));
		buf_addc(s->out, '\n');
	}
}

static void
say_books(const struct say *s, const struct json *b)
{
	buf_addf(s->out,
	    "records    %" PRId64 " received = %" PRId64
	    " token requests + %" PRId64 " uses + %" PRId64
	    " other\n           + %" PRId64 " duplicates + %" PRId64
	    " rejected + %" PRId64 " in flight\n",
	    number(b, "received"), number(b, "token_requests"),
	    number(b, "uses"), number(b, "other"), number(b, "duplicates"),
	    number(b, "rejected"), number(b, "in_flight"));
}

static void
say_rejected(const struct say *s, const struct json *by)
{
	struct json_iter at = { 0 };
	struct slice name;
	const struct json *v;
	const char *word = "  rejected: ";

	while ((v = json_next(by, &at, &name))) {
		if (json_real(v) <= 0)
			continue;
		buf_addf(
		    s->out, "%s%.0f %.*s", word, json_real(v), SLICE_ARG(name));
		word = ", ";
	}
	if (*word == ',')
		buf_addc(s->out, '\n');
}

static void
say_input(const struct say *s, struct slice name, const struct json *in)
{
	name_cell(s, name);
	count_cell(s, 11, number(in, "received"));
	count_cell(s, 11, number(in, "token_requests"));
	count_cell(s, 7, number(in, "connections"));
	span_cell(s, 9, json_path(in, "lag_seconds.p50"));
	span_cell(s, 9, json_path(in, "lag_seconds.p99"));
	span_cell(s, 9, json_get(in, "silent_seconds"));
	buf_addc(s->out, '\n');
	say_rejected(s, json_get(in, "rejected"));
}

static void
say_inputs(const struct say *s, const struct json *all)
{
	if (!json_count(all))
		return;
	buf_addc(s->out, '\n');
	paint(s, BOLD,
	    SLICE_LIT("INPUT                   RECEIVED   REQUESTS  CONNS"
		      "  LAG P50      P99   SILENT"));
	buf_addc(s->out, '\n');
	each(s, all, say_input);
}

static void
say_output(const struct say *s, struct slice name, const struct json *o)
{
	struct slice state = json_text(json_get(o, "state"));
	int64_t dead = number(o, "dead");

	name_cell(s, name);
	count_cell(s, 11, number(o, "made"));
	count_cell(s, 11, number(o, "delivered"));
	count_cell(s, 9, number(o, "queued"));
	count_cell(s, 7, dead);
	buf_adds(s->out, "  ");
	paint(s, slice_is(state, "ok") && !dead ? GREEN : RED, state);
	buf_addc(s->out, '\n');
}

static void
say_outputs(const struct say *s, const struct json *all)
{
	if (!json_count(all))
		return;
	buf_addc(s->out, '\n');
	paint(s, BOLD,
	    SLICE_LIT("OUTPUT                      MADE  DELIVERED   QUEUED"
		      "   DEAD  STATE"));
	buf_addc(s->out, '\n');
	each(s, all, say_output);
}

static void
say_state(const struct say *s, const struct json *state)
{
	struct slice dir = json_text(json_get(state, "dir"));

	buf_addc(s->out, '\n');
	if (json_type(state) != JSON_OBJECT) {
		buf_adds(s->out, "state      ");
		paint(s, DIM, SLICE_LIT("none: nothing survives a restart"));
		buf_addc(s->out, '\n');
		return;
	}
	buf_addf(s->out,
	    "state      %.*s\n           %.1f MiB, %" PRId64
	    " lines in the ledger",
	    SLICE_ARG(dir), (double)number(state, "state_bytes") / (1 << 20),
	    number(state, "ledger_lines"));
	if (json_true(json_get(state, "stuck"))) {
		buf_adds(s->out, "; ");
		paint(s, RED, SLICE_LIT("CANNOT BE WRITTEN"));
	}
	buf_addc(s->out, '\n');
}

void
status_say(
    const struct json *status, struct when now, bool color, struct buf *out)
{
	const struct say s = { out, color, now };

	say_health(&s, status);
	say_books(&s, json_get(status, "books"));
	say_inputs(&s, json_get(status, "inputs"));
	say_outputs(&s, json_get(status, "outputs"));
	say_state(&s, json_get(status, "state"));
}
