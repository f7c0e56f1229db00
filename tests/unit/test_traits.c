/*
 * test_traits.c - what the baseline looks at in a request.
 */
#include "detect/traits.h"

#include "tests/unit/unit.h"

static void
a_user_agent_loses_versions_and_what_changes_at_every_call(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "aws-sdk-go/1.55.2 (go1.22.6; linux; amd64)",
		    "aws sdk go linux amd" },
		{ "aws-sdk-go/1.56.0 (go1.23.1; linux; amd64)",
		    "aws sdk go linux amd" },
		{ "aws-cli/2.1 md/command#sts.assume-role", "aws cli" },
		{ "gcloud/538.0.0 invocation-id/ab12 x", "gcloud x" },
		{ "", "" },
		{ "1.2.3", "" },
	};
	struct arena a;

	arena_init(&a, 256);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(
		    traits_agent(slice_str(cases[i].in), &a), cases[i].out);
	CHECK(!traits_agent(SLICE_NULL, &a).p);
	arena_release(&a);
}

static void
a_session_name_keeps_its_shape(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "i-0a1b2c3d4e5f60718", "i-h" },
		{ "app-48-277384", "app-#-#" },
		{ "alice@acme.example", "@" },
		{ "GitHubActions", "GitHubActions" },
		{ "w63", "w#" },
	};
	struct arena a;

	arena_init(&a, 256);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(
		    traits_session(slice_str(cases[i].in), &a), cases[i].out);
	arena_release(&a);
}

static void
a_lifetime_is_told_by_its_step(void)
{
	static const char *const none[] = { "", "sts:AssumeRole", "a ", "a x1",
		"a 1234", "7" };
	struct slice action;
	double seconds;

	CHECK(
	    traits_lifetime(SLICE_LIT("sts:AssumeRole 12"), &action, &seconds));
	CHECK_TEXT(action, "sts:AssumeRole");
	CHECK(seconds > 3839 && seconds < 3841);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK(!traits_lifetime(slice_str(none[i]), &action, &seconds));
}

static void
an_address_of_a_person_is_found_in_any_name(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "user:Alice@acme.example", "alice@acme.example" },
		{ "arn:aws:iam::1:saml-provider/Okta/bob@acme.example",
		    "bob@acme.example" },
		{ "serviceAccount:x@p.iam.gserviceaccount.com", NULL },
		{ "no-address", NULL },
		{ "@acme.example", NULL },
		{ "a@b", NULL },
		{ "x@", NULL },
	};
	struct arena a;
	struct slice got;

	arena_init(&a, 256);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		got = traits_mail(slice_str(cases[i].in), &a);
		if (cases[i].out)
			CHECK_TEXT(got, cases[i].out);
		else
			CHECK(!got.p);
	}
	arena_release(&a);
}

UNIT_MAIN("traits",
    { "a user agent loses versions and what changes at every call",
	a_user_agent_loses_versions_and_what_changes_at_every_call },
    { "a session name keeps its shape", a_session_name_keeps_its_shape },
    { "a lifetime is told by its step", a_lifetime_is_told_by_its_step },
    { "an address of a person is found in any name",
	an_address_of_a_person_is_found_in_any_name })
