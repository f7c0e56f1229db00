/*
 * fuzz_policy.c - any text as a policy, and what it says of two requests.
 */
#include "detect/policy.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static struct request
role_request(void)
{
	struct request r = { .principal_type = PT_ROLE,
		.duration = 3600,
		.time = { 1772438400, 0, true } };

	r.action = SLICE_LIT("sts:AssumeRole");
	r.principal = SLICE_LIT("arn:aws:iam::111122223333:role/p/q/deploy");
	r.target = SLICE_LIT("arn:aws:iam::444455556666:role/admin");
	r.account = SLICE_LIT("111122223333");
	r.target_account = SLICE_LIT("444455556666");
	r.cloud_region = SLICE_LIT("eu-west-1");
	r.session = SLICE_LIT("bob@acme.com");
	r.source.kind = SOURCE_IP;
	r.source.ip = SLICE_LIT("203.0.113.9");
	addr_parse(r.source.ip, &r.source.addr);
	memcpy(r.source.place.country, "DE", 3);
	r.source.place.asn = 3320;
	return r;
}

static void
judge(const struct policy *p, struct policy_scratch *s, const struct request *r)
{
	struct policy_answer a, b;
	struct buf out = BUF_INIT;

	policy_judge(p, s, r, &a);
	policy_explain(p, s, r, &out);
	policy_excuse(p, s, r, R_NEW_ASN);
	policy_class(p, s, r);
	policy_judge(p, s, r, &b);
	if (a.word != b.word || a.n_reasons != b.n_reasons ||
	    (a.word == POLICY_BREACH) > (a.n_reasons > 0))
		abort();
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request known = role_request(), nothing = { .duration = -1 };
	struct problems all = PROBLEMS_INIT, uncovered = PROBLEMS_INIT;
	struct slice text = slice_of((const char *)data, size);
	struct policy_test_result result;
	struct policy_scratch *s;
	struct policy *p;
	struct err e;
	bool good;

	/* An empty name: no files are read in for the input. */
	p = policy_examine_text(text, "", &all);
	good = p != NULL;
	policy_free(p);
	if (good != (problems_count(&all) == 0) ||
	    good != (policy_load_text(text, "", &p, &e) == 0))
		abort();
	problems_release(&all);
	if (!good)
		return 0;
	s = policy_scratch_new(p);
	if (s) {
		judge(p, s, &known);
		judge(p, s, &nothing);
	}
	policy_scratch_free(s);
	if (policy_run_tests(p, &all, &uncovered, &result) == 0 &&
	    result.failed > result.run)
		abort();
	problems_release(&all);
	problems_release(&uncovered);
	policy_free(p);
	return 0;
}
