/*
 * test_notes.c - what a ledger's notes tell a report.
 */
#include "report/notes.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static const struct period always = { { 0, 0, false }, { 0, 0, false } };

static struct when
at(int64_t sec)
{
	return (struct when){ sec, 0, true };
}

static void
take(struct notes *n, int64_t sec, const char *note)
{
	CHECK_INT(notes_take(n, slice_str(note), at(sec), &always), 0);
}

static void
events_come_with_a_sentence_and_their_hashes(void)
{
	static const struct {
		const char *note, *event, *text, *config;
	} cases[] = {
		{ "{\"event\":\"start\",\"version\":\"1.2\",\"generation\":1,"
		  "\"config\":{\"hash\":\"sha256:a\"}}",
		    "start", "version 1.2, configuration 1", "sha256:a" },
		{ "{\"event\":\"stop\",\"received\":3,\"token_requests\":2,"
		  "\"rejected\":0}",
		    "stop", "records received 3, token requests 2, rejected 0",
		    NULL },
		{ "{\"event\":\"refusal\",\"why\":\"s.yaml:1:2: no\"}",
		    "refusal", "s.yaml:1:2: no", NULL },
		{ "{\"event\":\"ledger_removed\",\"file\":\"d.jsonl\"}",
		    "ledger_removed", "file d.jsonl", NULL },
		{ "{\"acknowledged\":\"f-1\",\"by\":\"ann\",\"taught\":true}",
		    "acknowledged", "finding f-1, by ann", NULL },
		{ "{\"event\":\"of a later version\"}", "of a later version",
		    "", NULL },
	};
	struct notes n;
	const struct noted_event *e;

	notes_init(&n);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		take(&n, (int64_t)i, cases[i].note);
	take(&n, 9, "{}");
	take(&n, 9, "[1]");
	take(&n, 9, "no JSON");
	take(&n, 9, "{\"event\":7}");
	e = n.first;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		REQUIRE(e != NULL);
		CHECK_INT(e->at.sec, i);
		CHECK_TEXT(e->event, cases[i].event);
		CHECK_INT(e->text.n, strlen(cases[i].text));
		if (e->text.n)
			CHECK_TEXT(e->text, cases[i].text);
		CHECK(slice_eq(e->config, slice_str(cases[i].config)));
		e = e->next;
	}
	CHECK(e == NULL);
	CHECK_INT(n.starts, 1);
	CHECK_INT(n.stops, 1);
	notes_release(&n);
}

static void
the_last_word_of_each_output_counts(void)
{
	const struct noted_telling *t;
	struct notes n;

	notes_init(&n);
	take(&n, 1,
	    "{\"event\":\"delivery\",\"output\":\"siem\",\"findings\":["
	    "{\"id\":\"f-1\",\"revision\":1,\"fate\":\"refused\"},"
	    "{\"id\":\"f-2\",\"revision\":1,\"fate\":\"delivered\"},7,{}]}");
	take(&n, 2,
	    "{\"event\":\"delivery\",\"output\":\"chat\",\"findings\":["
	    "{\"id\":\"f-1\",\"revision\":1,\"fate\":\"dropped\"}]}");
	take(&n, 3,
	    "{\"event\":\"delivery\",\"output\":\"siem\",\"findings\":["
	    "{\"id\":\"f-1\",\"revision\":2,\"fate\":\"delivered\"}]}");
	take(&n, 4,
	    "{\"event\":\"delivery\",\"output\":\"siem\",\"findings\":["
	    "{\"id\":\"f-1\",\"revision\":1,\"fate\":\"refused\"}]}");
	take(&n, 5, "{\"event\":\"delivery\",\"findings\":[{\"id\":\"f-3\"}]}");
	take(&n, 5, "{\"event\":\"delivery\",\"output\":\"siem\"}");
	CHECK_INT(n.n_told, 3);
	CHECK(n.first == NULL);
	t = notes_told(&n, SLICE_LIT("f-1"));
	REQUIRE(t != NULL && t->next != NULL);
	CHECK_TEXT(t->output, "siem");
	CHECK_TEXT(t->fate, "delivered");
	CHECK_INT(t->first.sec, 1);
	CHECK_INT(t->last.sec, 4);
	CHECK_INT(t->revision, 2);
	CHECK_TEXT(t->next->output, "chat");
	CHECK_TEXT(t->next->fate, "dropped");
	CHECK(t->next->next == NULL);
	CHECK(notes_told(&n, SLICE_LIT("f-2")) != NULL);
	CHECK(notes_told(&n, SLICE_LIT("f-3")) == NULL);
	notes_release(&n);
}

static void
what_is_outside_of_the_period_is_passed_over(void)
{
	const struct period p = { at(10), at(20) };
	struct notes n;

	notes_init(&n);
	for (int64_t sec = 5; sec < 30; sec += 5)
		CHECK_INT(notes_take(&n, SLICE_LIT("{\"event\":\"start\"}"),
			      at(sec), &p),
		    0);
	CHECK_INT(n.starts, 2);
	notes_release(&n);
}

static void
beyond_a_bound_they_are_counted(void)
{
	struct notes n;

	notes_init(&n);
	for (int i = 0; i < NOTES_EVENTS_MAX + 3; i++)
		take(&n, i, "{\"event\":\"silence\"}");
	CHECK_INT(n.n_events, NOTES_EVENTS_MAX);
	CHECK_INT(n.beyond, 3);
	notes_release(&n);
}

UNIT_MAIN("notes",
    { "events come with a sentence and their hashes",
	events_come_with_a_sentence_and_their_hashes },
    { "the last word of each output counts",
	the_last_word_of_each_output_counts },
    { "what is outside of the period is passed over",
	what_is_outside_of_the_period_is_passed_over },
    { "beyond a bound they are counted", beyond_a_bound_they_are_counted })
