/*
 * telemetry.c - whether what should come still comes, and in time.
 *
 * See telemetry.h.  Knows the words of its notices; what is a silence is
 * detect/cadence's knowledge.
 */
#include "collector/telemetry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SOURCE_MAX (CADENCE_NAME_MAX + 16)

struct hour {
	const char *name;
	int64_t began; /* 0: not yet */
	uint64_t seen, late;
};

struct telemetry {
	struct cadence *cadence;
	struct hour *hours; /* by the input's number */
	size_t n_hours;
	/* While checking. */
	telemetry_cb *cb;
	void *arg;
	struct when now;
};

static struct slice
source_name(char *text, size_t size, const char *kind, struct slice name)
{
	int n = snprintf(text, size, "%s %.*s", kind,
	    (int)(name.n > CADENCE_NAME_MAX ? CADENCE_NAME_MAX : name.n),
	    name.p ? name.p : "");

	return slice_of(text, n < 0 ? 0 : (size_t)n);
}

static struct hour *
hour_of(struct telemetry *t, unsigned input)
{
	struct hour *more;

	if (input < t->n_hours)
		return &t->hours[input];
	if (input >= TELEMETRY_INPUTS_MAX)
		return NULL;
	more = realloc(t->hours, (input + 1) * sizeof(*more));
	if (!more)
		return NULL;
	t->hours = more;
	for (; t->n_hours <= input; t->n_hours++)
		more[t->n_hours] = (struct hour){ .name = "" };
	return &more[input];
}

/* ---- what arrives ---- */

void
telemetry_heard(
    struct telemetry *t, unsigned input, const char *name, struct when now)
{
	struct hour *h = hour_of(t, input);
	char text[SOURCE_MAX];

	if (h)
		h->name = name;
	cadence_heard(t->cadence,
	    source_name(text, sizeof(text), "input", slice_str(name)), now);
}

void
telemetry_account(struct telemetry *t, struct slice account, struct when now)
{
	char text[SOURCE_MAX];

	if (account.n > 0)
		cadence_heard(t->cadence,
		    source_name(text, sizeof(text), "account", account), now);
}

void
telemetry_arrival(struct telemetry *t, unsigned input, bool late)
{
	struct hour *h = hour_of(t, input);

	if (!h)
		return;
	h->seen++;
	h->late += late;
}

void
telemetry_resume(struct telemetry *t, struct when now)
{
	cadence_resume(t->cadence, now);
}

/* ---- what is told ---- */

static void
tell_duration(struct buf *out, int64_t s)
{
	if (s >= 172800)
		buf_addf(out, "%" PRId64 " days", s / 86400);
	else if (s >= 7200)
		buf_addf(out, "%" PRId64 " hours", s / 3600);
	else
		buf_addf(out, "%" PRId64 " minutes", s / 60);
}

/* An account's own name, for people who filter by it. */
static struct slice
account_of(struct slice source)
{
	static const char word[] = "account ";
	size_t n = sizeof(word) - 1;

	return slice_starts(source, word) ? slice_of(source.p + n, source.n - n)
					  : SLICE_NULL;
}

static void
on_silent(void *arg, const struct cadence_silence *s)
{
	struct telemetry *t = arg;
	struct buf text = BUF_INIT, id = BUF_INIT, seen = BUF_INIT;
	char since[WHEN_TEXT];
	struct slice at = when_format(s->since, since);
	struct notice n = { .reason = R_SOURCE_SILENT,
		.time = t->now,
		.account = account_of(s->source),
		.subject = s->source };

	buf_add_slice(&text, s->source);
	buf_adds(&text, " has sent nothing for ");
	tell_duration(&text, s->silent_s);
	buf_adds(&text, "; its longest pause before was ");
	tell_duration(&text, s->longest_s);
	buf_addf(&seen, "silent since %.*s", (int)at.n, at.p);
	buf_addf(&id, "silent:%.*s:%" PRId64, (int)s->source.n, s->source.p,
	    s->since.sec);
	if (!text.failed && !id.failed && !seen.failed) {
		n.observed = slice_of(seen.p, seen.n);
		n.text = slice_of(text.p, text.n);
		n.id = slice_of(id.p, id.n);
		t->cb(t->arg, &n);
	}
	buf_release(&seen);
	buf_release(&id);
	buf_release(&text);
}

static void
tell_late(struct telemetry *t, const struct hour *h)
{
	struct buf text = BUF_INIT, id = BUF_INIT;
	struct notice n = { .reason = R_LATE_EVENTS,
		.time = t->now,
		.subject = slice_str(h->name) };

	buf_addf(&text,
	    "input %s: %" PRIu64 " of %" PRIu64 " events of an hour came late",
	    h->name, h->late, h->seen);
	buf_addf(&id, "late:%s:%" PRId64, h->name, h->began);
	if (!text.failed && !id.failed) {
		n.observed = slice_of(text.p, text.n);
		n.text = slice_of(text.p, text.n);
		n.id = slice_of(id.p, id.n);
		t->cb(t->arg, &n);
	}
	buf_release(&id);
	buf_release(&text);
}

static void
check_hour(struct telemetry *t, struct hour *h)
{
	if (h->began == 0)
		h->began = t->now.sec;
	if (t->now.sec - h->began < TELEMETRY_HOUR_S)
		return;
	if (h->late >= TELEMETRY_LATE_MIN &&
	    h->late * TELEMETRY_LATE_SHARE >= h->seen)
		tell_late(t, h);
	h->seen = 0;
	h->late = 0;
	h->began = t->now.sec;
}

void
telemetry_check(
    struct telemetry *t, struct when now, telemetry_cb *cb, void *arg)
{
	t->now = now;
	t->cb = cb;
	t->arg = arg;
	cadence_check(t->cadence, now, on_silent, t);
	for (size_t i = 0; i < t->n_hours; i++)
		check_hour(t, &t->hours[i]);
}

bool
telemetry_is_silent(const struct telemetry *t, struct slice source)
{
	return cadence_is_silent(t->cadence, source);
}

struct cadence *
telemetry_cadence(struct telemetry *t)
{
	return t->cadence;
}

/* ---- life ---- */

struct telemetry *
telemetry_new(void)
{
	struct telemetry *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->cadence = cadence_new(CADENCE_SOURCES_MAX);
	if (!t->cadence) {
		free(t);
		return NULL;
	}
	return t;
}

void
telemetry_free(struct telemetry *t)
{
	if (!t)
		return;
	cadence_free(t->cadence);
	free(t->hours);
	free(t);
}
