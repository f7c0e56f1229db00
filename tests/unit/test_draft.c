/*
 * test_draft.c - a policy from what was normal: rules, wildcards, quotes.
 */
#include "config.h"

#include "cli/draft.h"
#include "detect/policy.h"
#include "tests/unit/normal_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define AR "sts:AssumeRole"
#define USERS 9

static bool
has(const struct buf *b, const char *text)
{
	return slice_find(buf_slice(b), text) != NULL;
}

/* It must always load. */
static void
draft(const struct act *acts, size_t n, struct buf *out)
{
	struct normal *norm = case_normal(acts, n, 20, 0);
	struct policy *p = NULL;
	struct err e = { .text = "" };
	int err;

	CHECK_INT(draft_write(norm, out), 0);
	err = policy_load_text(buf_slice(out), "draft", &p, &e);
	CHECK_INT(err, 0);
	if (err < 0)
		fprintf(stderr, "%s\n%.*s", e.text, SLICE_ARG(buf_slice(out)));
	policy_free(p);
	normal_free(norm);
}

static void
users(struct act acts[USERS], char names[USERS][48])
{
	for (int i = 0; i < USERS; i++) {
		snprintf(names[i], 48, "idp/Okta/u%c@acme.example", 'a' + i);
		acts[i] = (struct act){ names[i], AR, "role/human", .from = 1,
			.to = 20 };
	}
}

static void
many_names_become_a_wildcard(void)
{
	struct act acts[USERS];
	char names[USERS][48];
	struct buf b = BUF_INIT;

	users(acts, names);
	draft(acts, USERS, &b);
	CHECK(has(&b, "principals: [\"idp/Okta/u*@acme.example\"]"));
	CHECK(has(&b, "max_duration: 1h\n"));
	CHECK(has(&b, "owner: " DRAFT_OWNER "\n"));
	buf_release(&b);
	draft(acts, 3, &b);
	CHECK(!has(&b, "u*@"));
	buf_release(&b);
}

static void
no_wildcard_lets_a_stranger_in(void)
{
	struct act acts[USERS + 1];
	char names[USERS][48];
	struct buf b = BUF_INIT;

	users(acts, names);
	acts[USERS] = (struct act){ "idp/Okta/uz@acme.example", AR,
		"role/human", .from = 4, .to = 4 };
	draft(acts, USERS + 1, &b);
	CHECK(!has(&b, "u*@"));
	CHECK(!has(&b, "uz@"));
	CHECK(has(&b, "      - \"idp/Okta/ua@acme.example\"\n"));
	buf_release(&b);
}

static void
who_does_the_same_shares_a_rule(void)
{
	static const struct act acts[] = {
		{ "role/app-1", AR, "role/data", .from = 1, .to = 20 },
		{ "role/app-2", AR, "role/data", .from = 1, .to = 20 },
		{ "role/app-3", AR, "role/other", .from = 1, .to = 20,
		    .country = "US" },
	};
	struct buf b = BUF_INIT;

	draft(acts, 3, &b);
	CHECK(has(&b, "principals: [\"role/app-1\", \"role/app-2\"]"));
	CHECK(has(&b, "principals: [\"role/app-3\"]"));
	CHECK(has(&b, "      countries: [\"US\"]"));
	CHECK(has(&b, "  countries: [\"DE\", \"US\"]"));
	buf_release(&b);
}

static void
names_of_others_are_quoted(void)
{
	static const struct act acts[] = {
		{ "x: ${HOME} \"#\n- !file /etc/passwd", AR, "t", .from = 1,
		    .to = 20 },
	};
	struct buf b = BUF_INIT;

	draft(acts, 1, &b);
	CHECK(has(&b, "\"x: $${HOME} \\\"#\\n- !file /etc/passwd\""));
	buf_release(&b);
}

static void
nothing_normal_is_a_policy_too(void)
{
	struct buf b = BUF_INIT;

	draft(NULL, 0, &b);
	CHECK(has(&b, "unlisted_principals: alert"));
	buf_release(&b);
}

UNIT_MAIN("draft",
    { "many names become a wildcard", many_names_become_a_wildcard },
    { "no wildcard lets a stranger in", no_wildcard_lets_a_stranger_in },
    { "who does the same shares a rule", who_does_the_same_shares_a_rule },
    { "names of others are quoted", names_of_others_are_quoted },
    { "nothing normal is a policy, too", nothing_normal_is_a_policy_too })
