/*
 * test_outage.c - a service is down for an hour while a thousand findings wait.
 *
 * The outage begins in the middle of an answer: the service has the finding,
 * and we do not know it.  Attempts stay inside the envelope of the back-off;
 * afterwards all arrive in order, and a service that knows a finding again has
 * one ticket for each.  The clock stands still unless it is moved.
 */
#include "lib/buf.h"
#include "outputs/pace.h"
#include "tests/unit/http_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define FINDINGS 1000
#define HOUR_MS ((int64_t)3600 * 1000)
#define STEP_MS 50
#define TRIES_MAX 512
/* Enough for the service's rate, with the longest wait before it. */
#define RECOVERY_MS (PACE_MAX_MS + (int64_t)FINDINGS * 1100)

struct service {
	struct http_case *c;
	const char *preset;
	size_t breaks_at; /* it goes down when it has so many */
	bool down;
	bool has[FINDINGS];
	size_t n, next; /* tickets; the one that is to come */
	size_t known;   /* came again, and was known again */
	/* while it is down */
	size_t tries;
	int64_t at[TRIES_MAX];
	size_t sizes[TRIES_MAX];
	struct buf answer;
};

/* The n-th finding that a body or an address names; how many it names. */
static size_t
ids_in(const char *text, size_t ids[], size_t most)
{
	size_t n = 0;

	while (text && (text = strstr(text, "f-0"))) {
		size_t id = strtoul(text + 2, NULL, 10);

		/* A body names a finding more than once. */
		if (n < most && (n == 0 || ids[n - 1] != id))
			ids[n++] = id;
		text += 3;
	}
	return n;
}

/* The statuses of a bulk: a finding that is there already is a conflict. */
static void
take(struct service *s, const size_t *ids, size_t n)
{
	buf_reset(&s->answer);
	buf_adds(&s->answer, "{\"items\":[");
	for (size_t i = 0; i < n; i++) {
		REQUIRE(ids[i] < FINDINGS);
		buf_addf(&s->answer, "%s{\"create\":{\"status\":%d}}",
		    i ? "," : "", s->has[ids[i]] ? 409 : 201);
		if (s->has[ids[i]]) {
			s->known++;
			continue;
		}
		CHECK_INT(ids[i], s->next);
		s->next = ids[i] + 1;
		s->has[ids[i]] = true;
		s->n++;
	}
	buf_adds(&s->answer, "]}");
	buf_addc(&s->answer, '\0');
}

static void
refuse(struct service *s, size_t n, struct http_answer *a)
{
	if (s->tries < TRIES_MAX) {
		s->at[s->tries] = s->c->now;
		s->sizes[s->tries] = n;
	}
	if (s->tries++ % 2)
		a->status = 503;
	else
		a->why = "Couldn't connect to server";
}

static void
play(void *arg, const struct http_request *r, struct http_play *result)
{
	static size_t ids[FINDINGS];
	struct service *s = arg;
	struct http_answer *a = &result->answer;
	bool asks = strstr(r->url, "/search/jql") != NULL;
	struct slice all = slice_of(r->body, r->body_n);
	struct buf text = BUF_INIT;
	size_t n;

	buf_add_slice(&text, all);
	buf_addc(&text, '\0');
	n = ids_in(text.p, ids, FINDINGS);
	buf_release(&text);
	if (s->down) {
		refuse(s, n, a);
		return;
	}
	a->status = 200;
	a->body = "{\"issues\":[]}";
	if (asks && s->has[ids[0]]) {
		s->known++;
		a->body = "{\"issues\":[{\"id\":\"1\"}]}";
	} else if (!asks) {
		take(s, ids, n);
		a->body = strcmp(s->preset, "elasticsearch") == 0 ? s->answer.p
								  : "ok";
	}
	a->body_n = strlen(a->body);
	if (!asks && s->n >= s->breaks_at) {
		s->down = true;
		*a = (struct http_answer){ .why = "Connection reset by peer" };
	}
}

static void
check_envelope(const struct service *s)
{
	int64_t most = 2 * (int64_t)PACE_MIN_MS; /* one has failed before */

	CHECK(s->tries > HOUR_MS / PACE_MAX_MS && s->tries < 100);
	for (size_t i = 1; i < s->tries && i < TRIES_MAX; i++) {
		CHECK(s->at[i] - s->at[i - 1] <= most + STEP_MS);
		if (i >= PACE_OPEN)
			CHECK_INT(s->sizes[i], 1);
		most = most * 2 > PACE_MAX_MS ? PACE_MAX_MS : most * 2;
	}
}

static void
outage(const char *preset)
{
	struct http_case c;
	struct service s = { .c = &c, .preset = preset, .breaks_at = 5 };
	struct outbox_counts counts;

	REQUIRE(http_case_begin(&c, preset, play, &s));
	http_case_add(&c, FINDINGS);
	http_case_run(&c, 60000, STEP_MS);
	REQUIRE(s.down);
	http_case_run(&c, HOUR_MS, STEP_MS);
	check_envelope(&s);
	CHECK_INT(http_case_counts(&c).dead, 0);
	s.down = false;
	s.breaks_at = SIZE_MAX;
	http_case_run(&c, RECOVERY_MS, STEP_MS);
	counts = http_case_counts(&c);
	CHECK_INT(counts.delivered, FINDINGS);
	CHECK_INT(counts.dead, 0);
	CHECK_INT(s.n, FINDINGS);
	CHECK(s.known > 0); /* what was taken without our knowledge */
	http_case_end(&c);
	buf_release(&s.answer);
}

static void
one_at_a_time_with_a_key(void)
{
	outage("pagerduty");
}

static void
one_at_a_time_and_asked_before(void)
{
	outage("jira");
}

static void
signed_with_the_same_id(void)
{
	outage("generic");
}

static void
many_in_a_bulk(void)
{
	outage("elasticsearch");
}

UNIT_MAIN("outage", { "one at a time, with a key", one_at_a_time_with_a_key },
    { "one at a time, and asked before", one_at_a_time_and_asked_before },
    { "signed with the same id", signed_with_the_same_id },
    { "many in a bulk", many_in_a_bulk })
