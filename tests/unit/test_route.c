/*
 * test_route.c - which findings and decisions an output is to have.
 */
#include "outputs/route.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>

/* One null output with these further keys. */
static struct config *
config_of(const char *keys)
{
	struct config *c = NULL;
	struct err e = { .text = "" };
	char text[512];

	snprintf(text, sizeof(text),
	    "version: 1\noutputs: [{type: null, %s}]\n", keys);
	CHECK(config_load_text(slice_str(text), "s.yaml", &c, &e) == 0);
	CHECK_TEXT(slice_str(e.text), "");
	return c;
}

/* The sample is of aws, account 111122223333, severity high. */
static void
each_filter_must_hold(void)
{
	static const struct {
		const char *keys;
		bool wanted;
	} cases[] = {
		{ "format: json", true },
		{ "min_severity: high", true },
		{ "min_severity: critical", false },
		{ "reasons: [country_not_approved]", true },
		{ "reasons: [\"country_*\"]", true },
		{ "reasons: [mfa_missing]", false },
		{ "accounts: [\"111122223333\"]", true },
		{ "accounts: [\"9*\"]", false },
		{ "providers: [aws]", true },
		{ "providers: [gcp]", false },
		{ "providers: [aws, gcp], min_severity: critical", false },
		{ "what: decisions", false },
	};
	struct sample s;

	sample_aws(&s);
	s.f.severity = SEV_HIGH;
	s.f.raised = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *c = config_of(cases[i].keys);

		REQUIRE(c != NULL);
		if (route_finding(c->outputs.v, &s.f) != cases[i].wanted)
			printf("%s\n", cases[i].keys);
		CHECK_INT(route_finding(c->outputs.v, &s.f), cases[i].wanted);
		config_free(c);
	}
}

static void
updates_say_whether_a_finding_comes_again(void)
{
	static const struct {
		const char *keys;
		bool again;
	} cases[] = {
		{ "format: json", false },
		{ "updates: first", false },
		{ "updates: every", true },
		{ "updates: {digest: 15m}", true },
	};
	struct sample s;

	sample_aws(&s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *c = config_of(cases[i].keys);

		REQUIRE(c != NULL);
		s.f.raised = false;
		CHECK_INT(route_finding(c->outputs.v, &s.f), cases[i].again);
		CHECK_INT(route_wants_growth(c->outputs.v), cases[i].again);
		s.f.raised = true;
		CHECK(route_finding(c->outputs.v, &s.f));
		config_free(c);
	}
}

static void
decisions_go_where_they_are_asked_for(void)
{
	struct config *asked = config_of("what: decisions, providers: [aws]");
	struct config *other = config_of("format: json");
	struct sample s;

	REQUIRE(asked && other);
	sample_aws(&s);
	CHECK(route_decision(asked->outputs.v, &s.f.request, &s.f.verdict));
	CHECK(!route_decision(other->outputs.v, &s.f.request, &s.f.verdict));
	CHECK(!route_wants_growth(asked->outputs.v));
	sample_gcp(&s);
	CHECK(!route_decision(asked->outputs.v, &s.f.request, &s.f.verdict));
	config_free(asked);
	config_free(other);
}

UNIT_MAIN("route", { "each filter must hold", each_filter_must_hold },
    { "updates say whether a finding comes again",
	updates_say_whether_a_finding_comes_again },
    { "decisions go where they are asked for",
	decisions_go_where_they_are_asked_for })
