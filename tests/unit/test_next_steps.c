/*
 * test_next_steps.c - what to look at, and how to revoke, without a trap.
 */
#include "detect/next_steps.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define DENY_OLDER                                                          \
	" --policy-name AWSRevokeOlderSessions --policy-document "          \
	"'{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"          \
	"\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{"      \
	"\"DateLessThan\":{\"aws:TokenIssueTime\":\"2026-03-01T08:00:01Z\"" \
	"}}}]}'"

static struct request
aws_request(void)
{
	struct request r = { .provider = PROVIDER_AWS,
		.kind = KIND_ROLE,
		.principal_type = PT_USER,
		.outcome = OUTCOME_SUCCESS };

	r.event_id = SLICE_LIT("e-1");
	r.principal = SLICE_LIT("arn:aws:iam::111122223333:user/alice");
	r.action = SLICE_LIT("sts:AssumeRole");
	r.target = SLICE_LIT("arn:aws:iam::444455556666:role/deploy");
	r.target_account = SLICE_LIT("444455556666");
	r.credential = SLICE_LIT("ASIAEXAMPLE");
	r.time = (struct when){ 1772352000, 500, true };
	return r;
}

static bool
has_step(const struct slice *steps, unsigned n, const char *want)
{
	for (unsigned i = 0; i < n; i++)
		if (slice_is(steps[i], want))
			return true;
	printf("\n    no step is \"%s\"", want);
	return false;
}

static bool
any_step_has(const struct slice *steps, unsigned n, const char *some)
{
	for (unsigned i = 0; i < n; i++)
		if (slice_find(steps[i], some))
			return true;
	return false;
}

static struct arena arena;
static struct slice steps[FINDING_STEPS_MAX];

static unsigned
steps_of(const struct request *r, const struct verdict *v)
{
	return next_steps(r, v, r->time, &arena, steps);
}

static void
an_assumed_role_is_revoked_by_the_time_its_tokens_were_issued(void)
{
	struct request r = aws_request();
	struct verdict v = { 0 };
	unsigned n;

	arena_init(&arena, 1024);
	n = steps_of(&r, &v);
	CHECK_INT(n, 2);
	CHECK(has_step(steps, n,
	    "Look at event e-1 and at what "
	    "arn:aws:iam::111122223333:user/alice did around it, then follow "
	    "credential ASIAEXAMPLE to all that was done with it."));
	CHECK(has_step(steps, n,
	    "End the role's sessions, in account 444455556666: aws iam "
	    "put-role-policy --role-name deploy" DENY_OLDER));
	r.target = SLICE_LIT("identity-center:444455556666/Admin");
	n = steps_of(&r, &v);
	CHECK(has_step(steps, n,
	    "End the role's sessions, in account 444455556666: aws iam "
	    "put-role-policy --role-name Admin" DENY_OLDER));
	arena_release(&arena);
}

static void
what_was_denied_needs_no_revoking_but_the_key_that_asked(void)
{
	struct request r = aws_request();
	struct verdict v = { 0 };
	unsigned n;

	arena_init(&arena, 1024);
	r.outcome = OUTCOME_DENIED;
	r.credential = SLICE_NULL;
	r.caller_credential = SLICE_LIT("AKIAEXAMPLE");
	n = steps_of(&r, &v);
	CHECK_INT(n, 2);
	CHECK(!any_step_has(steps, n, "AWSRevokeOlderSessions"));
	CHECK(has_step(steps, n,
	    "Disable the caller's access key: aws iam update-access-key "
	    "--status Inactive --user-name alice --access-key-id AKIAEXAMPLE"));
	arena_release(&arena);
}

static void
session_tokens_are_revoked_at_their_user(void)
{
	struct request r = aws_request();
	struct verdict v = { 0 };
	unsigned n;

	arena_init(&arena, 1024);
	r.kind = KIND_FEDERATION;
	r.target = SLICE_LIT("arn:aws:sts::111122223333:federated-user/bob");
	n = steps_of(&r, &v);
	CHECK(has_step(steps, n,
	    "End the sessions: aws iam put-user-policy --user-name "
	    "alice" DENY_OLDER));
	arena_release(&arena);
}

static void
a_service_account_is_disabled_and_its_binding_removed(void)
{
	struct request r = aws_request();
	struct verdict v = { 0 };
	unsigned n;

	arena_init(&arena, 1024);
	r.provider = PROVIDER_GCP;
	r.kind = KIND_ACCESS_TOKEN;
	r.principal = SLICE_LIT("user:eve@acme.example");
	r.target = SLICE_LIT("serviceAccount:ci@p.iam.gserviceaccount.com");
	n = steps_of(&r, &v);
	CHECK(has_step(steps, n,
	    "End what was issued: gcloud iam service-accounts disable "
	    "ci@p.iam.gserviceaccount.com"));
	CHECK(has_step(steps, n,
	    "Take the right away: gcloud iam service-accounts "
	    "remove-iam-policy-binding ci@p.iam.gserviceaccount.com "
	    "--member=user:eve@acme.example "
	    "--role=roles/iam.serviceAccountTokenCreator"));
	r.outcome = OUTCOME_DENIED;
	n = steps_of(&r, &v);
	CHECK(!any_step_has(steps, n, "service-accounts disable"));
	arena_release(&arena);
}

static void
identity_providers_are_told_where_they_vouched(void)
{
	static const struct {
		enum principal_type type;
		const char *some;
	} cases[] = {
		{ PT_SAML, "End the person's sessions" },
		{ PT_IDENTITY_CENTER, "End the person's sessions" },
		{ PT_WEB_IDENTITY, "Narrow the trust" },
		{ PT_FEDERATED, "Narrow the trust" },
	};
	struct verdict v = { 0 };

	arena_init(&arena, 1024);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request r = aws_request();

		r.principal_type = cases[i].type;
		CHECK(any_step_has(steps, steps_of(&r, &v), cases[i].some));
	}
	arena_release(&arena);
}

/* A person pastes these: nothing of others may be more than a word. */
static void
a_name_that_a_shell_would_read_becomes_a_placeholder(void)
{
	static const char *const names[] = { "x;reboot", "$(reboot)", "`id`",
		"a b", "a'b", "a\"b", "a\nb", "a|b", "a&b", "a>b", "-rf",
		"\xc3\xa9", "a\\b", "~", "*", "{a,b}", "!x", "#x" };
	struct verdict v = { 0 };

	arena_init(&arena, 1024);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct request r = aws_request();
		struct buf target = BUF_INIT;
		unsigned n;

		buf_adds(&target, "arn:aws:iam::444455556666:role/");
		buf_adds(&target, names[i]);
		r.target = buf_slice(&target);
		n = steps_of(&r, &v);
		CHECK(has_step(steps, n,
		    "End the role's sessions, in account 444455556666: aws iam "
		    "put-role-policy --role-name ROLE" DENY_OLDER));
		buf_release(&target);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static void
the_advice_of_the_reasons_comes_first_and_none_twice(void)
{
	struct request r = aws_request();
	struct verdict v = { 0 };
	unsigned n;

	arena_init(&arena, 1024);
	v.reasons[0].code = R_COUNTRY_NOT_APPROVED;
	v.reasons[0].observed = SLICE_LIT("RU");
	v.reasons[1] = v.reasons[0];
	v.n_reasons = 2;
	n = steps_of(&r, &v);
	CHECK_INT(n, 3);
	CHECK_TEXT(steps[0],
	    "Ask the person behind alice, over another channel, whether they "
	    "were in RU at that time.");
	for (int i = 0; i < 8; i++)
		v.reasons[i].code = (enum reason_code)i;
	v.n_reasons = 8;
	n = steps_of(&r, &v);
	CHECK_INT(n, NEXT_STEPS_ADVICE_MAX + 2);
	arena_release(&arena);
}

static void
a_change_that_made_it_possible_is_to_be_undone(void)
{
	struct request r = aws_request();
	struct verdict v = { .granted = SLICE_LIT("4 minutes after eve called "
						  "iam:CreateRole"),
		.granted_event = SLICE_LIT("e-0") };
	unsigned n;

	arena_init(&arena, 1024);
	n = steps_of(&r, &v);
	CHECK(has_step(steps, n,
	    "Undo the change of IAM that made it possible (4 minutes after eve "
	    "called iam:CreateRole, event e-0), unless its owner meant it."));
	v.granted_event = SLICE_NULL;
	n = steps_of(&r, &v);
	CHECK(any_step_has(steps, n, "called iam:CreateRole), unless"));
	v.granted = SLICE_NULL;
	n = steps_of(&r, &v);
	CHECK(!any_step_has(steps, n, "Undo"));
	arena_release(&arena);
}

UNIT_MAIN("next_steps",
    { "a change that made it possible is to be undone",
	a_change_that_made_it_possible_is_to_be_undone },

    { "an assumed role is revoked by the time its tokens were issued",
	an_assumed_role_is_revoked_by_the_time_its_tokens_were_issued },
    { "what was denied needs no revoking but the key that asked",
	what_was_denied_needs_no_revoking_but_the_key_that_asked },
    { "session tokens are revoked at their user",
	session_tokens_are_revoked_at_their_user },
    { "a service account is disabled and its binding removed",
	a_service_account_is_disabled_and_its_binding_removed },
    { "identity providers are told where they vouched",
	identity_providers_are_told_where_they_vouched },
    { "a name that a shell would read becomes a placeholder",
	a_name_that_a_shell_would_read_becomes_a_placeholder },
    { "the advice of the reasons comes first and none twice",
	the_advice_of_the_reasons_comes_first_and_none_twice })
