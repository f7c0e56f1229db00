/*
 * test_policy_named.c - which names are on approved lists, and which principals
 * that rules name were seen.
 */
#include "detect/policy_named.h"
#include "tests/unit/policy_case.h"
#include "tests/unit/unit.h"

static const char yaml[] =
    "approved: {countries: [de, US], accounts: ['1111*', projects/p]}\n"
    "classes:\n"
    "  ci: ['service:ci.*', 'user:ci@*']\n"
    "  idle: ['user:nobody@acme.example']\n"
    "rules:\n"
    "- {id: roles, owner: it, principals: ['" ROLE "deploy-*', '" ROLE
    "a/b/one',\n"
    "   '-']}\n"
    "- {id: ci, principals: ['class:ci', '" USER "']}\n"
    "- {id: more, principals: ['class:ci', '" USER "']}\n";

static void
a_list_has_what_its_patterns_fit(void)
{
	struct bench b;

	REQUIRE(bench_open(&b, yaml));
	CHECK_INT(policy_lists(b.p, b.s, POLICY_COUNTRIES, SLICE_LIT("DE")),
	    POLICY_LISTED);
	CHECK_INT(policy_lists(b.p, b.s, POLICY_COUNTRIES, SLICE_LIT("RU")),
	    POLICY_NOT_LISTED);
	CHECK_INT(
	    policy_lists(b.p, b.s, POLICY_ACCOUNTS, SLICE_LIT("111122223333")),
	    POLICY_LISTED);
	CHECK_INT(
	    policy_lists(b.p, b.s, POLICY_ACCOUNTS, SLICE_LIT("444455556666")),
	    POLICY_NOT_LISTED);
	CHECK_INT(policy_lists(
		      b.p, b.s, POLICY_CLOUD_REGIONS, SLICE_LIT("eu-west-1")),
	    POLICY_NO_LIST);
	bench_close(&b);
}

/* Each once: a class where it is used first, "-" and unused classes not. */
static void
principals_are_those_that_rules_name(void)
{
	static const struct {
		const char *pattern, *class, *rule;
	} want[] = {
		{ ROLE "deploy-*", NULL, "roles" },
		{ ROLE "a/b/one", NULL, "roles" },
		{ "service:ci.*", "ci", "ci" },
		{ "user:ci@*", "ci", "ci" },
		{ USER, NULL, "ci" },
		{ USER, NULL, "more" },
	};
	const struct policy_principal *p;
	struct policy_named *n;
	struct bench b;

	REQUIRE(bench_open(&b, yaml));
	n = policy_named_new(b.p);
	REQUIRE(n != NULL);
	CHECK_INT(policy_named_count(n), sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < policy_named_count(n); i++) {
		p = policy_named_at(n, i);
		CHECK_TEXT(slice_str(p->pattern), want[i].pattern);
		CHECK_TEXT(slice_str(p->rule), want[i].rule);
		CHECK(slice_eq(p->class, slice_str(want[i].class)));
		CHECK(!p->seen);
	}
	CHECK_TEXT(slice_str(policy_named_at(n, 0)->owner), "it");
	policy_named_free(n);
	bench_close(&b);
}

static void
who_was_seen_is_told_by_the_patterns_that_judge(void)
{
	struct policy_named *n;
	struct bench b;

	REQUIRE(bench_open(&b, yaml));
	n = policy_named_new(b.p);
	REQUIRE(n != NULL);
	policy_named_saw(n, SLICE_NULL);
	policy_named_saw(n, SLICE_LIT(FAR "deploy-1"));
	CHECK(!policy_named_at(n, 0)->seen);
	policy_named_saw(n, SLICE_LIT(ROLE "path/deploy-1"));
	CHECK(policy_named_at(n, 0)->seen);
	policy_named_saw(n, SLICE_LIT(ROLE "one"));
	CHECK(policy_named_at(n, 1)->seen);
	CHECK(!policy_named_at(n, 2)->seen);
	policy_named_saw(n, SLICE_LIT("service:ci.x"));
	CHECK(policy_named_at(n, 2)->seen);
	CHECK(!policy_named_at(n, 3)->seen);
	policy_named_saw(n, SLICE_LIT(USER));
	CHECK(policy_named_at(n, 4)->seen && policy_named_at(n, 5)->seen);
	policy_named_free(n);
	bench_close(&b);
}

static void
a_policy_without_rules_names_nobody(void)
{
	struct policy_named *n;
	struct bench b;

	REQUIRE(bench_open(&b, ""));
	n = policy_named_new(b.p);
	REQUIRE(n != NULL);
	CHECK_INT(policy_named_count(n), 0);
	policy_named_saw(n, SLICE_LIT(USER));
	policy_named_free(n);
	bench_close(&b);
}

UNIT_MAIN("policy_named",
    { "a list has what its patterns fit", a_list_has_what_its_patterns_fit },
    { "principals are those that rules name",
	principals_are_those_that_rules_name },
    { "who was seen is told by the patterns that judge",
	who_was_seen_is_told_by_the_patterns_that_judge },
    { "a policy without rules names nobody",
	a_policy_without_rules_names_nobody })
