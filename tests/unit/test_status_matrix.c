/*
 * test_status_matrix.c - every answer to every preset does what the manual's
 * table says: doc/outputs.md, "What answers mean".
 *
 * The table is read from there.  The clock stands still unless it is moved.
 */
#include "lib/buf.h"
#include "outputs/pace.h"
#include "outputs/preset.h"
#include "tests/unit/http_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX 64
#define BODIES_MAX 16
#define HOLD_MS 60000
/* After it a token bucket is full. */
#define CALM_MS 60000

enum fate { AGAIN, TAKEN, HELD, REFUSED, NOT_SAID };
static const char *const words[] = { "again", "taken", "held", "refused" };

/* ---- the manual ---- */

struct row {
	struct preset_ranges statuses; /* none: what is refused so far */
	char body[128];                /* "": any */
	enum fate fate;
	char presets[128]; /* "all" */
};

static struct row rows[ROWS_MAX];
static size_t n_rows;

/* The cell that begins at *at, which goes behind it. */
static struct slice
next_cell(const char **at)
{
	const char *end = strchr(*at, '|');
	struct slice s = slice_of(*at, end ? (size_t)(end - *at) : 0);

	*at = end ? end + 1 : *at;
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return slice_trim(s);
}

/* "100–199, 408": up to what is no status. */
static void
read_statuses(struct slice s, struct preset_ranges *out)
{
	static const char dash[] = "\xe2\x80\x93";
	const char *at = s.p;
	char *end;

	for (;;) {
		int first = (int)strtol(at, &end, 10);

		if (end == at || out->n == PRESET_RANGES_MAX)
			return;
		out->v[out->n] = (struct preset_range){ first, first };
		if (strncmp(end, dash, strlen(dash)) == 0)
			out->v[out->n].last = (int)strtol(
			    end + strlen(dash), &end, 10);
		out->n++;
		if (strncmp(end, ", ", 2) != 0)
			return;
		at = end + 2;
	}
}

static void
copy(char *to, size_t size, struct slice s)
{
	CHECK(s.n < size);
	snprintf(to, size, "%.*s", SLICE_ARG(s));
}

static void
read_row(const char *line)
{
	struct row *r = &rows[n_rows];
	const char *at = line + 1, *tick;
	struct slice answer = next_cell(&at), word = next_cell(&at);

	memset(r, 0, sizeof(*r));
	for (r->fate = AGAIN; r->fate < NOT_SAID; r->fate++)
		if (slice_is(word, words[r->fate]))
			break;
	if (r->fate == NOT_SAID)
		return; /* the head, or the line below it */
	read_statuses(answer, &r->statuses);
	tick = slice_find(answer, "`");
	if (tick)
		copy(r->body, sizeof(r->body),
		    slice_of(tick + 1, strcspn(tick + 1, "`")));
	copy(r->presets, sizeof(r->presets), next_cell(&at));
	n_rows++;
}

static bool
read_table(void)
{
	FILE *f = fopen(unit_path("doc/outputs.md"), "r");
	char line[1024];
	bool inside = false;

	n_rows = 0;
	while (f && fgets(line, sizeof(line), f) && n_rows < ROWS_MAX) {
		if (inside && line[0] == '|')
			read_row(line);
		else if (n_rows > 0 && line[0] != '|')
			break; /* the next table is another one */
		if (strcmp(line, "## What answers mean\n") == 0)
			inside = true;
	}
	if (f)
		fclose(f);
	return n_rows > 10 && n_rows < ROWS_MAX;
}

/* "all", or a name in "a, b". */
static bool
is_for(const struct row *r, const char *preset)
{
	const char *at = strstr(r->presets, preset);
	char behind = at ? at[strlen(preset)] : 'x';

	return strcmp(r->presets, "all") == 0 ||
	    (at && (at == r->presets || at[-1] == ' ') &&
		(behind == '\0' || behind == ','));
}

static bool
fits(const struct row *r, int status, const char *body, enum fate so_far)
{
	if (r->body[0] && strcmp(r->body, body) != 0)
		return false;
	if (r->statuses.n == 0)
		return r->body[0] && so_far == REFUSED;
	return preset_in(&r->statuses, status);
}

static enum fate
said(const char *preset, int status, const char *body)
{
	enum fate fate = NOT_SAID;

	for (size_t i = 0; i < n_rows; i++)
		if (is_for(&rows[i], preset) &&
		    fits(&rows[i], status, body, fate))
			fate = rows[i].fate;
	return fate;
}

/* The bodies that are named for a preset, and none. */
static size_t
bodies_of(const char *preset, const char *bodies[BODIES_MAX])
{
	size_t n = 0;

	bodies[n++] = "";
	for (size_t i = 0; i < n_rows && n < BODIES_MAX; i++)
		if (rows[i].body[0] && is_for(&rows[i], preset))
			bodies[n++] = rows[i].body;
	return n;
}

/* ---- the service ---- */

struct service {
	const char *preset;
	int status; /* 0: no answer */
	const char *body, *why;
	bool asked;        /* the question is what gets the answer */
	const char *taken; /* a body that says so */
	int64_t after_ms;
	/* The first of them gets the answer, with others all is well. */
	size_t tries;
};

static bool
is_question(const struct http_request *r)
{
	return strstr(r->url, "/search/jql") || strcmp(r->method, "GET") == 0;
}

static void
play(void *arg, const struct http_request *r, struct http_play *result)
{
	struct service *s = arg;
	struct http_answer *a = &result->answer;
	bool well = is_question(r) != s->asked || s->tries++ > 0;

	a->status = well ? 200 : s->status;
	a->body = !well ? s->body : is_question(r) ? "{}" : s->taken;
	a->body_n = strlen(a->body);
	a->why = well ? NULL : s->why;
	result->after_ms = well ? 0 : s->after_ms;
}

/* A body that means success, as the manual says; none where none is needed. */
static const char *
success_of(const char *preset)
{
	const char *bodies[BODIES_MAX];
	size_t n = bodies_of(preset, bodies);

	for (size_t i = 0; i < n; i++)
		if (said(preset, 200, bodies[i]) == TAKEN)
			return bodies[i];
	return "";
}

/* When it is tried again for the first time; -1: not within HOLD_MS and what a
 * first failure may wait. */
static int64_t
wait_for_retry(struct http_case *c, const struct service *s)
{
	const int64_t begin = c->now;

	http_case_run(c, PACE_MIN_MS, PACE_MIN_MS);
	if (s->tries < 2)
		http_case_run(c, HOLD_MS - PACE_MIN_MS - 1, HOLD_MS);
	if (s->tries < 2)
		http_case_run(c, PACE_MIN_MS, PACE_MIN_MS);
	return s->tries < 2 ? -1 : c->now - begin;
}

/* One finding meets the answer; afterwards all is well. */
static enum fate
fate_of(struct http_case *c, struct service *s)
{
	const struct outbox_counts before = http_case_counts(c);
	struct outbox_counts after, last;
	int64_t waited;

	s->tries = 0;
	http_case_add(c, 1);
	http_case_settle(c);
	if (s->after_ms)
		http_case_run(c, s->after_ms, s->after_ms);
	after = http_case_counts(c);
	waited = wait_for_retry(c, s);
	http_case_run(c, CALM_MS, CALM_MS);
	last = http_case_counts(c);
	CHECK_INT(outbox_queued(&last), 0);
	if (s->tries == 1 && after.delivered > before.delivered)
		return TAKEN;
	if (s->tries == 1 && after.dead > before.dead)
		return REFUSED;
	if (s->tries != 2)
		return NOT_SAID;
	return waited <= PACE_MIN_MS ? AGAIN
	    : waited >= HOLD_MS      ? HELD
				     : NOT_SAID;
}

static bool
same_fate(enum fate got, enum fate want, const struct service *s)
{
	if (got == want)
		return true;
	printf("    %s, %d %s: %s, the manual says %s\n", s->preset, s->status,
	    s->why ? s->why : s->body, got < NOT_SAID ? words[got] : "nothing",
	    want < NOT_SAID ? words[want] : "nothing");
	return false;
}

/* ---- the rules ---- */

static void
try_statuses(struct http_case *c, struct service *s)
{
	const char *bodies[BODIES_MAX];
	size_t n = bodies_of(s->preset, bodies);

	for (size_t i = 0; i < n; i++)
		for (s->status = 100; s->status <= 599; s->status++) {
			s->body = bodies[i];
			CHECK(same_fate(fate_of(c, s),
			    said(s->preset, s->status, s->body), s));
		}
}

static void
every_answer_to_every_preset_does_what_the_manual_says(void)
{
	const char *const *names = preset_names();
	struct http_case c;

	REQUIRE(read_table());
	for (size_t i = 0; names[i]; i++) {
		struct service s = { .preset = names[i],
			.taken = success_of(names[i]) };

		REQUIRE(http_case_begin(&c, names[i], play, &s));
		try_statuses(&c, &s);
		http_case_end(&c);
	}
}

static void
no_answer_is_again_whatever_the_reason(void)
{
	static const char *const reasons[] = { "Couldn't resolve host name",
		"Couldn't connect to server", "Recv failure: Connection reset",
		"transfer closed with 7 bytes remaining to read",
		"Operation timed out", "certificate verify failed" };
	const size_t n_reasons = sizeof(reasons) / sizeof(reasons[0]);
	const char *const *names = preset_names();
	struct http_case c;

	REQUIRE(read_table());
	for (size_t i = 0; names[i]; i++) {
		struct service s = { .preset = names[i],
			.body = "",
			.taken = success_of(names[i]) };

		REQUIRE(http_case_begin(&c, names[i], play, &s));
		for (size_t k = 0; k < 2 * n_reasons; k++) {
			s.asked = k >= n_reasons;
			if (s.asked && strcmp(names[i], "jira") != 0 &&
			    strcmp(names[i], "servicenow") != 0)
				break;
			s.why = reasons[k % n_reasons];
			CHECK(same_fate(fate_of(&c, &s), AGAIN, &s));
		}
		http_case_end(&c);
	}
}

static void
a_slow_answer_is_an_answer(void)
{
	struct service s = { .preset = "slack",
		.status = 200,
		.body = "ok",
		.taken = "ok",
		.after_ms = 9000 };
	struct http_case c;

	REQUIRE(read_table());
	REQUIRE(http_case_begin(&c, s.preset, play, &s));
	CHECK(same_fate(fate_of(&c, &s), TAKEN, &s));
	CHECK_INT(c.requests, 1);
	s.status = 503;
	CHECK(same_fate(fate_of(&c, &s), AGAIN, &s));
	http_case_end(&c);
}

static void
a_question_without_its_answer_loses_nothing(void)
{
	static const char *const names[] = { "jira", "servicenow" };
	struct http_case c;

	REQUIRE(read_table());
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct service s = { .preset = names[i],
			.asked = true,
			.body = "",
			.taken = "" };

		REQUIRE(http_case_begin(&c, names[i], play, &s));
		for (s.status = 100; s.status <= 599; s.status++) {
			enum fate want = said(names[i], s.status, "");

			if (s.status == 200)
				continue; /* then it is sent */
			want = want == AGAIN ? AGAIN : HELD;
			CHECK(same_fate(fate_of(&c, &s), want, &s));
		}
		http_case_end(&c);
	}
}

UNIT_MAIN("status matrix",
    { "every answer to every preset does what the manual says",
	every_answer_to_every_preset_does_what_the_manual_says },
    { "no answer is again, whatever the reason",
	no_answer_is_again_whatever_the_reason },
    { "a slow answer is an answer", a_slow_answer_is_an_answer },
    { "a question without its answer loses nothing",
	a_question_without_its_answer_loses_nothing })
