/*
 * output_case.c - an output of a configuration, asked by a test.
 */
#include "tests/unit/output_case.h"

#include "lib/clock.h"
#include "lib/loop.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define TURN_NS 1000000

bool
output_case_load(struct output_case *c, const char *text)
{
	char yaml[4096];

	memset(c, 0, sizeof(*c));
	snprintf(yaml, sizeof(yaml), "version: 1\noutputs:\n  - %s\n", text);
	if (config_load_text(slice_str(yaml), "case.yaml", &c->config, &c->e) <
	    0)
		return false;
	return output_new(c->config->outputs.v, "sentry.example", &c->output,
		   &c->e) == 0;
}

static void
on_answer(void *arg, const struct stsentry_record *records, size_t n,
    const struct stsentry_answer *a)
{
	struct output_case *c = arg;

	for (size_t i = 0; i < n; i++)
		c->verdicts[(size_t)(records - c->records) + i] =
		    (enum stsentry_verdict)a->verdict;
	c->done += a->verdict == STSENTRY_DONE ? n : 0;
	c->again += a->verdict == STSENTRY_AGAIN ? n : 0;
	c->lost += a->verdict == STSENTRY_LOST ? n : 0;
	c->wait_ms = a->wait_ms;
	if (a->why)
		snprintf(c->why, sizeof(c->why), "%s", a->why);
}

bool
output_case_open(struct output_case *c, const char *text)
{
	struct output_place place = { .on_answer = on_answer, .arg = c };

	if (!output_case_load(c, text))
		return false;
	place.loop = c->loop = loop_new();
	place.head = SLICE_LIT("");
	return c->loop && output_open(c->output, &place, &c->e) == 0;
}

void
output_case_close(struct output_case *c)
{
	output_free(c->output);
	loop_free(c->loop);
	config_free(c->config);
}

static void
give(struct output_case *c, size_t n)
{
	static char ids[OUTPUT_CASE_MAX][16];

	c->n = n;
	c->done = c->again = c->lost = 0;
	c->why[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		snprintf(ids[i], sizeof(ids[i]), "id-%zu", i);
		c->records[i].id = ids[i];
		c->records[i].account = "111122223333";
		c->records[i].provider = "aws";
		c->records[i].revision = 1;
		c->records[i].severity = 3;
		c->records[i].flags = STSENTRY_FINDING;
		c->records[i].time_ms = 1772352000000; /* 2026-03-01T08:00Z */
	}
	output_send(c->output, c->records, n);
}

void
output_case_give(struct output_case *c, ...)
{
	const char *text;
	size_t n = 0;
	va_list ap;

	va_start(ap, c);
	while ((text = va_arg(ap, const char *)) && n < OUTPUT_CASE_MAX) {
		c->records[n].data = text;
		c->records[n++].size = strlen(text);
	}
	va_end(ap);
	give(c, n);
}

void
output_case_give_many(struct output_case *c, const char *text, size_t n)
{
	for (size_t i = 0; i < n && i < OUTPUT_CASE_MAX; i++) {
		c->records[i].data = text;
		c->records[i].size = strlen(text);
	}
	give(c, n < OUTPUT_CASE_MAX ? n : OUTPUT_CASE_MAX);
}

void
output_case_turn(struct output_case *c)
{
	const struct timespec t = { .tv_nsec = TURN_NS };

	(void)!loop_step(c->loop);
	nanosleep(&t, NULL);
}

bool
output_case_wait(struct output_case *c)
{
	int64_t end = clock_ms() + OUTPUT_CASE_WAIT_MS;

	while (!output_is_idle(c->output) && clock_ms() < end)
		output_case_turn(c);
	return output_is_idle(c->output);
}
