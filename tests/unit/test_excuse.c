/*
 * test_excuse.c - one exception of a policy, for one finding.
 */
#include "config.h"

#include "cli/excuse.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

static void
it_holds_what_was_folded_and_no_more(void)
{
	struct sample s;
	struct excuse x;
	struct request other;
	struct buf b = BUF_INIT;
	struct err e;

	sample_aws(&s);
	other = s.f.request;
	other.target = SLICE_LIT("arn:aws:iam::111122223333:role/second");
	excuse_init(&x, s.f.id);
	excuse_decision(&x, &other, &s.f.verdict, slice_str(s.f.id));
	other.target = SLICE_LIT("arn:aws:iam::111122223333:role/stranger");
	excuse_decision(&x, &other, &s.f.verdict, SLICE_LIT("f-other"));
	excuse_finding(&x, &s.f);
	CHECK_INT(excuse_write(&x, "2027-01-31", &b, &e), 0);
	CHECK(slice_find(buf_slice(&b), "role/second\"") != NULL);
	CHECK(slice_find(buf_slice(&b), "stranger") == NULL);
	CHECK(slice_find(buf_slice(&b), "until: 2027-01-31\n") != NULL);
	buf_release(&b);
	excuse_release(&x);
}

static void
without_the_finding_there_is_none(void)
{
	struct sample s;
	struct excuse x;
	struct buf b = BUF_INIT;
	struct err e;

	sample_aws(&s);
	excuse_init(&x, "f-none");
	excuse_finding(&x, &s.f);
	CHECK_INT(excuse_write(&x, NULL, &b, &e), ST_ENOENT);
	CHECK(strstr(e.text, "f-none") != NULL);
	buf_release(&b);
	excuse_release(&x);
}

static void
nobody_has_no_exception(void)
{
	struct sample s;
	struct excuse x;
	struct buf b = BUF_INIT;
	struct err e;

	sample_bare(&s);
	excuse_init(&x, s.f.id);
	excuse_finding(&x, &s.f);
	CHECK_INT(excuse_write(&x, NULL, &b, &e), ST_EINVAL);
	buf_release(&b);
	excuse_release(&x);
}

UNIT_MAIN("excuse",
    { "it holds what was folded and no more",
	it_holds_what_was_folded_and_no_more },
    { "without the finding there is none", without_the_finding_there_is_none },
    { "nobody has no exception", nobody_has_no_exception })
