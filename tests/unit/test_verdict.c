/*
 * test_verdict.c - the table of reasons, and how reasons become one verdict.
 */
#include "detect/verdict.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct policy_answer
answer_of(enum policy_word word, const enum reason_code *codes, unsigned n)
{
	struct policy_answer a = { .word = word, .n_reasons = n };

	for (unsigned i = 0; i < n; i++) {
		a.reasons[i].code = codes[i];
		a.reasons[i].weight = reason_table[codes[i]].weight;
	}
	return a;
}

static void
every_reason_has_all_its_words(void)
{
	for (int i = 0; i < REASON_COUNT; i++) {
		const struct reason_row *r = &reason_table[i];

		REQUIRE(r->code && r->phrase && r->help && r->next);
		CHECK_INT(reason_of(slice_str(r->code)), i);
		CHECK(r->weight > 0 && r->weight <= 100);
		CHECK(r->severity > SEV_INFORMATIONAL);
		CHECK(r->help[strlen(r->help) - 1] == '.');
		CHECK(r->next[strlen(r->next) - 1] == '.');
		CHECK(r->phrase[strlen(r->phrase) - 1] != '.');
	}
	CHECK_INT(reason_of(SLICE_LIT("no_such_reason")), -1);
	CHECK_INT(reason_of(SLICE_NULL), -1);
}

/* Placeholders that title.c and next_steps.c know, and no others. */
static void
words_hold_only_known_placeholders(void)
{
	for (int i = 0; i < REASON_COUNT; i++) {
		const char *at;

		for (at = reason_table[i].phrase; (at = strchr(at, '%')); at++)
			CHECK(at[1] == 'o' || at[1] == 'n');
		for (at = reason_table[i].next; (at = strchr(at, '%')); at++)
			CHECK(at[1] == 'o' || at[1] == 'p');
		CHECK(!strchr(reason_table[i].help, '%'));
	}
}

static void
severities_have_names_both_ways(void)
{
	for (int s = 0; s < SEV_COUNT; s++)
		CHECK_INT(
		    severity_of(slice_str(severity_name((enum severity)s))), s);
	CHECK_INT(severity_of(SLICE_LIT("High")), -1);
	CHECK_INT(severity_of(SLICE_NULL), -1);
}

static const struct {
	enum reason_code codes[4];
	unsigned n;
	enum outcome outcome;
	enum severity want;
} severity_cases[] = {
	{ { R_OUTSIDE_HOURS }, 1, OUTCOME_SUCCESS, SEV_LOW },
	{ { R_OUTSIDE_HOURS, R_DURATION_TOO_LONG }, 2, OUTCOME_SUCCESS,
	    SEV_LOW },
	{ { R_MFA_MISSING }, 1, OUTCOME_SUCCESS, SEV_MEDIUM },
	{ { R_MFA_MISSING, R_OUTSIDE_HOURS }, 2, OUTCOME_SUCCESS, SEV_MEDIUM },
	{ { R_MFA_MISSING, R_MFA_MISSING }, 2, OUTCOME_SUCCESS, SEV_MEDIUM },
	{ { R_MFA_MISSING, R_ASN_NOT_APPROVED }, 2, OUTCOME_SUCCESS, SEV_HIGH },
	{ { R_MFA_MISSING, R_ASN_NOT_APPROVED }, 2, OUTCOME_DENIED,
	    SEV_MEDIUM },
	{ { R_COUNTRY_NOT_APPROVED }, 1, OUTCOME_SUCCESS, SEV_HIGH },
	{ { R_COUNTRY_NOT_APPROVED, R_ASN_NOT_APPROVED, R_MFA_MISSING }, 3,
	    OUTCOME_SUCCESS, SEV_HIGH },
	{ { R_ACCOUNT_NOT_APPROVED, R_ACCOUNT_NOT_APPROVED }, 2,
	    OUTCOME_SUCCESS, SEV_HIGH },
	{ { R_COUNTRY_NOT_APPROVED, R_TARGET_NOT_ALLOWED }, 2, OUTCOME_SUCCESS,
	    SEV_CRITICAL },
	{ { R_COUNTRY_NOT_APPROVED, R_TARGET_NOT_ALLOWED }, 2, OUTCOME_FAILED,
	    SEV_HIGH },
	{ { R_IMPOSSIBLE_TRAVEL, R_USED_FAR_FROM_MINT }, 2, OUTCOME_SUCCESS,
	    SEV_HIGH },
	{ { R_IMPOSSIBLE_TRAVEL, R_COUNTRY_NOT_APPROVED }, 2, OUTCOME_SUCCESS,
	    SEV_CRITICAL },
	{ { R_OUTSIDE_HOURS }, 1, OUTCOME_DENIED, SEV_LOW },
	{ { R_MFA_MISSING }, 1, OUTCOME_DENIED, SEV_LOW },
	{ { R_DECOY_TOUCHED }, 1, OUTCOME_SUCCESS, SEV_CRITICAL },
	{ { R_DECOY_TOUCHED }, 1, OUTCOME_DENIED, SEV_CRITICAL },
	{ { R_OUTSIDE_HOURS, R_DECOY_TOUCHED }, 2, OUTCOME_FAILED,
	    SEV_CRITICAL },
	{ { 0 }, 0, OUTCOME_SUCCESS, SEV_INFORMATIONAL },
};

static void
several_reasons_raise_and_a_denial_lowers_the_severity(void)
{
	for (size_t i = 0;
	     i < sizeof(severity_cases) / sizeof(severity_cases[0]); i++) {
		struct reason r[4] = { 0 };

		for (unsigned j = 0; j < severity_cases[i].n; j++)
			r[j].code = severity_cases[i].codes[j];
		if (verdict_severity(r, severity_cases[i].n,
			severity_cases[i].outcome) == severity_cases[i].want)
			continue;
		printf("\n    case %zu", i);
		CHECK_INT(verdict_severity(r, severity_cases[i].n,
			      severity_cases[i].outcome),
		    severity_cases[i].want);
	}
}

static void
more_reasons_give_more_and_never_more_than_a_hundred(void)
{
	struct reason r[VERDICT_REASONS_MAX] = { 0 };
	double before = 0;

	CHECK(verdict_score(r, 0) == 0);
	for (unsigned i = 0; i < VERDICT_REASONS_MAX; i++)
		r[i].weight = 10;
	CHECK(verdict_score(r, 1) == 10.0);
	CHECK(verdict_score(r, 2) == 19.0);
	CHECK(verdict_score(r, 3) == 27.1);
	for (unsigned i = 1; i <= VERDICT_REASONS_MAX; i++) {
		CHECK(verdict_score(r, i) > before);
		before = verdict_score(r, i);
	}
	r[0].weight = 1000;
	CHECK(verdict_score(r, 1) == 100.0);
	r[0].weight = -5;
	CHECK(verdict_score(r, 1) == 0.0);
}

static void
the_policys_word_becomes_the_verdicts(void)
{
	static const enum reason_code codes[] = { R_COUNTRY_NOT_APPROVED };
	static const struct {
		enum policy_word word;
		unsigned n;
		enum verdict_word want;
		bool finding;
		double score;
	} cases[] = {
		{ POLICY_ALLOWED, 0, VERDICT_EXPECTED, false, 0 },
		{ POLICY_SILENT, 0, VERDICT_LEARNING, false, 0 },
		{ POLICY_BREACH, 1, VERDICT_UNEXPECTED, true, 40 },
		{ POLICY_SUPPRESSED, 1, VERDICT_SUPPRESSED, false, 40 },
	};
	struct request r = { .outcome = OUTCOME_SUCCESS };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy_answer a = answer_of(
		    cases[i].word, codes, cases[i].n);
		struct verdict v;

		a.rule = SLICE_LIT("humans");
		verdict_from_policy(&r, &a, &v);
		CHECK_INT(v.word, cases[i].want);
		CHECK_INT(v.finding, cases[i].finding);
		CHECK_INT(v.n_reasons, cases[i].n);
		CHECK(v.score == cases[i].score);
		CHECK_TEXT(v.rule, "humans");
	}
}

static void
verdicts_have_the_words_of_the_contract(void)
{
	CHECK_TEXT(slice_str(verdict_name(VERDICT_EXPECTED)), "expected");
	CHECK_TEXT(slice_str(verdict_name(VERDICT_UNEXPECTED)), "unexpected");
	CHECK_TEXT(slice_str(verdict_name(VERDICT_LEARNING)), "learning");
	CHECK_TEXT(slice_str(verdict_name(VERDICT_SUPPRESSED)), "suppressed");
}

static void
reasons_are_sorted_by_weight_then_code_then_as_they_came(void)
{
	static const enum reason_code codes[] = { R_OUTSIDE_HOURS,
		R_ACCOUNT_NOT_APPROVED, R_ACCOUNT_NOT_APPROVED,
		R_ASN_NOT_APPROVED, R_NETWORK_NOT_APPROVED };
	struct policy_answer a = answer_of(POLICY_BREACH, codes, 5);
	struct request r = { .outcome = OUTCOME_SUCCESS };
	struct verdict v;

	a.reasons[1].observed = SLICE_LIT("first");
	a.reasons[2].observed = SLICE_LIT("second");
	verdict_from_policy(&r, &a, &v);
	CHECK_INT(v.reasons[0].code, R_ACCOUNT_NOT_APPROVED);
	CHECK_TEXT(v.reasons[0].observed, "first");
	CHECK_TEXT(v.reasons[1].observed, "second");
	CHECK_INT(v.reasons[2].code, R_NETWORK_NOT_APPROVED);
	CHECK_INT(v.reasons[3].code, R_ASN_NOT_APPROVED);
	CHECK_INT(v.reasons[4].code, R_OUTSIDE_HOURS);
}

static void
a_reason_without_a_weight_gets_its_rows(void)
{
	static const enum reason_code codes[] = { R_COUNTRY_NOT_APPROVED };
	struct policy_answer a = answer_of(POLICY_BREACH, codes, 1);
	struct request r = { .outcome = OUTCOME_SUCCESS };
	struct verdict v;

	a.reasons[0].weight = 0;
	verdict_from_policy(&r, &a, &v);
	CHECK(v.reasons[0].weight == 40);
	CHECK(v.score == 40);
}

static void
a_verdict_that_is_kept_needs_nothing_of_the_first(void)
{
	char rule[] = "humans", seen[] = "RU", note[] = "rule humans";
	struct verdict v = { .word = VERDICT_UNEXPECTED,
		.score = 40,
		.severity = SEV_HIGH,
		.finding = true,
		.n_reasons = 1 };
	struct verdict back;
	struct kept_verdict k;
	struct arena a;

	v.rule = slice_str(rule);
	v.reasons[0] = (struct reason){ .code = R_COUNTRY_NOT_APPROVED,
		.observed = slice_str(seen),
		.n_expected = 1,
		.weight = 40,
		.note = slice_str(note) };
	v.reasons[0].expected[0] = slice_str(seen);
	arena_init(&a, 256);
	CHECK_INT(verdict_keep(&v, &a, &k), 0);
	memset(rule, 'x', sizeof(rule));
	memset(seen, 'x', sizeof(seen));
	memset(note, 'x', sizeof(note));
	memset(&v, 0, sizeof(v));
	verdict_restore(&k, &back);
	CHECK_INT(back.word, VERDICT_UNEXPECTED);
	CHECK_INT(back.severity, SEV_HIGH);
	CHECK(back.finding && back.score == 40);
	CHECK_TEXT(back.rule, "humans");
	CHECK_TEXT(back.suppressed_by, NULL);
	REQUIRE(back.n_reasons == 1);
	CHECK_TEXT(back.reasons[0].observed, "RU");
	CHECK_TEXT(back.reasons[0].expected[0], "RU");
	CHECK_TEXT(back.reasons[0].note, "rule humans");
	arena_release(&a);
}

/* A breach for these reasons of one who did the same on other days, or not. */
static struct verdict
breach(enum reason_code code, bool usual)
{
	struct policy_answer said = { .word = POLICY_BREACH, .n_reasons = 1 };
	struct baseline_answer a = {
		.usual = usual, .score = usual ? 0 : 60, .who = SLICE_LIT("me")
	};
	struct request r = { .outcome = OUTCOME_SUCCESS };
	struct verdict v;

	said.reasons[0].code = code;
	verdict_from_policy(&r, &said, &v);
	verdict_add_baseline(&r, &a, SLICE_NULL, &v);
	return v;
}

static void
a_breach_of_every_day_counts_a_step_lower_and_folds_by_principal(void)
{
	struct verdict once = breach(R_TARGET_NOT_ALLOWED, false);
	struct verdict often = breach(R_TARGET_NOT_ALLOWED, true);

	CHECK(once.finding && once.severity == SEV_HIGH && !once.fold.p);
	CHECK(often.finding && often.severity == SEV_MEDIUM);
	CHECK_TEXT(often.fold, "me");
	CHECK(often.score < once.score && often.score > 0);
	once = breach(R_PRINCIPAL_NOT_ALLOWED, false);
	CHECK(once.severity == SEV_HIGH);
	CHECK_TEXT(once.fold, "me");
}

static void
a_decoy_is_critical_every_day(void)
{
	struct verdict v = breach(R_DECOY_TOUCHED, true);

	CHECK(v.finding && v.severity == SEV_CRITICAL && !v.fold.p);
	CHECK(v.score > 99);
}

static double
weight_of_breach(struct baseline_answer a)
{
	struct policy_answer said = { .word = POLICY_BREACH, .n_reasons = 1 };
	struct request r = { .outcome = OUTCOME_SUCCESS };
	struct verdict v;

	said.reasons[0].code = R_TARGET_NOT_ALLOWED;
	verdict_from_policy(&r, &said, &v);
	verdict_add_baseline(&r, &a, SLICE_NULL, &v);
	CHECK(v.finding && v.word == VERDICT_UNEXPECTED);
	return v.reasons[0].weight;
}

static void
a_breach_weighs_more_the_stranger_it_is_and_less_where_it_goes_on(void)
{
	double whole = reason_table[R_TARGET_NOT_ALLOWED].weight;
	double strange = weight_of_breach(
	    (struct baseline_answer){ .score = 100 });
	double middling = weight_of_breach(
	    (struct baseline_answer){ .score = 50 });

	CHECK(strange == whole && middling < strange);
	CHECK(weight_of_breach((struct baseline_answer){
		  .score = 50, .learning = true }) == middling);
	CHECK(weight_of_breach((struct baseline_answer){
		  .score = 50, .goes_on = true }) < middling / 2);
	CHECK(weight_of_breach((struct baseline_answer){
		  .score = 100, .silent = true }) == whole);
}

/* An allowed request that has these reasons of the baseline. */
static struct verdict
usual_with(const struct request *r, bool finding, enum reason_code a,
    enum reason_code b)
{
	const struct policy_answer allowed = answer_of(POLICY_ALLOWED, NULL, 0);
	const struct baseline_answer usual = { .finding = finding,
		.n_reasons = 2,
		.reasons = { { .code = a, .weight = 40 },
		    { .code = b, .weight = 30 } } };
	struct verdict v;

	verdict_from_policy(r, &allowed, &v);
	verdict_add_baseline(r, &usual, SLICE_NULL, &v);
	return v;
}

static void
a_grant_raises_what_is_asked_for_the_first_time(void)
{
	static const struct request r = { .principal_type = PT_USER };
	const struct grants_found strange = { .age = 60 };
	const struct grants_found usual = { .age = 60, .used_to = true };
	const struct slice told = SLICE_LIT("a minute after x called y");
	struct verdict v = usual_with(&r, false, R_NEW_TARGET, R_NEW_COUNTRY);
	enum severity before = v.severity;

	REQUIRE(verdict_is_first(&r, &v) && !v.finding);
	verdict_add_grant(&r, &strange, told, SLICE_NULL, &v);
	CHECK(v.finding && v.word == VERDICT_UNEXPECTED);
	CHECK_INT(v.reasons[0].code, R_NEW_TARGET);
	CHECK_INT(v.reasons[0].weight, 70);
	CHECK_TEXT(v.reasons[0].note, "a minute after x called y");
	CHECK_INT(v.reasons[1].weight, 30);
	CHECK(!v.reasons[1].note.p);
	CHECK_INT(v.score, 79);
	CHECK_INT(v.severity, before + 1);
	CHECK_TEXT(v.granted, "a minute after x called y");

	v = usual_with(&r, false, R_NEW_TARGET, R_NEW_COUNTRY);
	verdict_add_grant(&r, &strange, told, SLICE_LIT("excepted"), &v);
	CHECK(!v.finding && v.word == VERDICT_SUPPRESSED);
	CHECK_TEXT(v.suppressed_by, "excepted");

	/* Whoever does so every week only makes it weigh more. */
	v = usual_with(&r, false, R_NEW_TARGET, R_NEW_COUNTRY);
	verdict_add_grant(&r, &usual, told, SLICE_NULL, &v);
	CHECK(!v.finding && v.word == VERDICT_EXPECTED);
	CHECK_INT(v.reasons[0].weight, 70);
	CHECK_INT(v.severity, before);
}

static void
a_grant_does_not_matter_where_nothing_is_for_the_first_time(void)
{
	static const struct request user = { .principal_type = PT_USER };
	static const struct request service = { .principal_type = PT_SERVICE };
	struct verdict v = usual_with(
	    &user, true, R_NEW_COUNTRY, R_UNUSUAL_HOUR);

	CHECK(!verdict_is_first(&user, &v));
	v = usual_with(&service, true, R_NEW_TARGET, R_UNUSUAL_HOUR);
	CHECK(!verdict_is_first(&service, &v));
	CHECK(verdict_is_first(&user, &v));
	v.word = VERDICT_SUPPRESSED;
	CHECK(!verdict_is_first(&user, &v));
	v.held_back = true;
	v.finding = false;
	CHECK(verdict_is_first(&user, &v));
	verdict_add_grant(&user, &(struct grants_found){ .age = 60 },
	    SLICE_LIT("just"), SLICE_NULL, &v);
	CHECK(v.finding && !v.held_back && v.word == VERDICT_UNEXPECTED);
}

static void
lineage_is_told_whatever_the_budget_holds_back(void)
{
	struct policy_answer said = { .word = POLICY_SILENT };
	struct baseline_answer usual = {
		.held_back = true, .score = 40, .who = SLICE_LIT("me")
	};
	struct lineage_answer chain = { .finding = true, .n_reasons = 1 };
	struct request r = { .outcome = OUTCOME_SUCCESS };
	struct verdict v;

	chain.reasons[0].code = R_IMPOSSIBLE_TRAVEL;
	chain.reasons[0].weight = 60;
	verdict_from_policy(&r, &said, &v);
	verdict_add_baseline(&r, &usual, SLICE_NULL, &v);
	CHECK(v.held_back && v.word == VERDICT_SUPPRESSED && !v.finding);
	CHECK_TEXT(v.fold, "me");
	verdict_add_lineage(&r, &chain, SLICE_NULL, &v);
	CHECK(!v.held_back && v.word == VERDICT_UNEXPECTED && v.finding);
	CHECK_TEXT(v.suppressed_by, NULL);
}

UNIT_MAIN("verdict",
    { "lineage is told whatever the budget holds back",
	lineage_is_told_whatever_the_budget_holds_back },
    { "a breach weighs more the stranger it is and less where it goes on",
	a_breach_weighs_more_the_stranger_it_is_and_less_where_it_goes_on },
    { "a grant raises what is asked for the first time",
	a_grant_raises_what_is_asked_for_the_first_time },
    { "a grant does not matter where nothing is for the first time",
	a_grant_does_not_matter_where_nothing_is_for_the_first_time },
    { "a breach of every day counts a step lower and folds by principal",
	a_breach_of_every_day_counts_a_step_lower_and_folds_by_principal },
    { "a decoy is critical every day", a_decoy_is_critical_every_day },
    { "every reason has all its words", every_reason_has_all_its_words },
    { "words hold only known placeholders",
	words_hold_only_known_placeholders },
    { "severities have names both ways", severities_have_names_both_ways },
    { "several reasons raise and a denial lowers the severity",
	several_reasons_raise_and_a_denial_lowers_the_severity },
    { "more reasons give more and never more than a hundred",
	more_reasons_give_more_and_never_more_than_a_hundred },
    { "the policy's word becomes the verdict's",
	the_policys_word_becomes_the_verdicts },
    { "verdicts have the words of the contract",
	verdicts_have_the_words_of_the_contract },
    { "reasons are sorted by weight, then code, then as they came",
	reasons_are_sorted_by_weight_then_code_then_as_they_came },
    { "a reason without a weight gets its row's",
	a_reason_without_a_weight_gets_its_rows },
    { "a verdict that is kept needs nothing of the first",
	a_verdict_that_is_kept_needs_nothing_of_the_first })
