/*
 * test_answer.c - faults inside answers, when to try again, and the signature.
 */
#include "outputs/answer.h"
#include "outputs/pace.h"
#include "outputs/sign.h"
#include "tests/unit/unit.h"

static enum answer_verdict
judge(const char *preset, int status, int64_t retry_after, const char *body,
    int64_t *wait)
{
	struct answer a = { status, retry_after, slice_str(body) };
	enum answer_verdict v, items[1];
	struct preset *p = NULL;
	struct err e;

	if (preset_load(preset, &p, &e) < 0)
		return ANSWER_LOST;
	v = answer_judge(p, &a, 1, items, wait, &e);
	preset_free(p);
	return v;
}

static void
a_fault_inside_a_good_answer_is_seen(void)
{
	int64_t wait;

	CHECK_INT(judge("slack", 200, 0, "ok\n", &wait), ANSWER_DONE);
	CHECK_INT(judge("slack", 200, 0, "no_team", &wait), ANSWER_HOLD);
	CHECK_INT(
	    judge("splunk-hec", 200, 0, "{\"code\":0}", &wait), ANSWER_DONE);
	CHECK_INT(
	    judge("splunk-hec", 200, 0, "{\"code\":4}", &wait), ANSWER_HOLD);
	CHECK_INT(judge("splunk-hec", 200, 0, "<html>", &wait), ANSWER_HOLD);
	CHECK_INT(judge("thehive", 400, 0,
		      "{\"message\":\"Alert already exist\"}", &wait),
	    ANSWER_DONE);
	CHECK_INT(judge("thehive", 400, 0, "{}", &wait), ANSWER_LOST);
	CHECK_INT(judge("otlp", 500, 0, "", &wait), ANSWER_AGAIN);
}

static void
each_of_a_bulk_has_its_own_result(void)
{
	static const char body[] =
	    "{\"errors\":true,\"items\":[{\"create\":{\"status\":201}},"
	    "{\"create\":{\"status\":409}},{\"create\":{\"status\":400}},"
	    "{\"create\":{\"status\":429}}]}";
	static const enum answer_verdict want[] = { ANSWER_DONE, ANSWER_DONE,
		ANSWER_LOST, ANSWER_AGAIN, ANSWER_HOLD };
	struct answer a = { 200, 0, SLICE_LIT(body) };
	enum answer_verdict items[5];
	struct preset *p = NULL;
	int64_t wait;
	struct err e;

	REQUIRE(preset_load("elasticsearch", &p, &e) == 0);
	CHECK_INT(answer_judge(p, &a, 5, items, &wait, &e), ANSWER_HOLD);
	for (int i = 0; i < 5; i++)
		CHECK_INT(items[i], want[i]);
	CHECK_INT(answer_judge(p, &a, 2, items, &wait, &e), ANSWER_DONE);
	preset_free(p);
}

static void
waiting_is_as_long_as_asked_for(void)
{
	int64_t wait;

	judge("discord", 429, 0, "{\"retry_after\":1.5}", &wait);
	CHECK_INT(wait, 1500);
	judge("discord", 429, 3, "{\"retry_after\":1.5}", &wait);
	CHECK_INT(wait, 3000);
	judge("discord", 429, 0, "{\"retry_after\":-1}", &wait);
	CHECK_INT(wait, 0);
	judge("slack", 429, INT64_MAX, "", &wait);
	CHECK_INT(wait, ANSWER_WAIT_MAX_MS);
}

static void
failures_back_off_with_jitter_and_one_success_ends_it(void)
{
	struct pace p;
	int64_t now = 1, most = PACE_MIN_MS, tries = 0;

	pace_init(&p, PACE_MAX_MS, 0, 42);
	for (int i = 0; i < 20; i++) {
		CHECK(pace_may(&p, now));
		pace_bad(&p, now, 0);
		CHECK(p.next >= now && p.next <= now + most);
		now = p.next;
		most = most * 2 > PACE_MAX_MS ? PACE_MAX_MS : most * 2;
	}
	CHECK(pace_is_probing(&p));
	pace_good(&p);
	CHECK(!pace_is_probing(&p) && pace_may(&p, now));
	/* down for an hour */
	for (int64_t end = now + 3600 * 1000; now < end; now += 10)
		if (pace_may(&p, now)) {
			pace_bad(&p, now, 0);
			tries++;
		}
	CHECK(tries > 10 && tries < 60);
}

static void
what_is_asked_for_is_the_least(void)
{
	struct pace p;

	pace_init(&p, PACE_MAX_MS, 0, 7);
	pace_bad(&p, 0, 90000);
	CHECK(!pace_may(&p, 89999) && pace_may(&p, 90000));
	CHECK_INT(pace_when(&p, 0), 90000);
}

static void
a_rate_is_kept(void)
{
	struct pace p;
	int sent = 0;

	pace_init(&p, PACE_MAX_MS, 2, 7);
	for (int64_t now = 1; now <= 10000; now += 10)
		if (pace_may(&p, now)) {
			pace_sent(&p);
			sent++;
		}
	CHECK(sent >= 20 && sent <= 21);
}

static void
the_published_vector_is_signed_as_published(void)
{
	struct slice secret = SLICE_LIT(
	    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	struct buf out = BUF_INIT;
	struct err e;

	CHECK_INT(
	    sign_webhook(secret, SLICE_LIT("msg_p5jXN8AQM9LWM0D4loKWxJek"),
		1614265330, SLICE_LIT("{\"test\": 2432232314}"), &out, &e),
	    0);
	CHECK_TEXT(
	    buf_slice(&out), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	CHECK_INT(sign_webhook(SLICE_LIT("short"), SLICE_LIT("x"), 1,
		      SLICE_LIT(""), &out, &e),
	    ST_EINVAL);
	buf_release(&out);
}

UNIT_MAIN("answer",
    { "a fault inside a good answer is seen",
	a_fault_inside_a_good_answer_is_seen },
    { "each of a bulk has its own result", each_of_a_bulk_has_its_own_result },
    { "waiting is as long as asked for", waiting_is_as_long_as_asked_for },
    { "failures back off with jitter and one success ends it",
	failures_back_off_with_jitter_and_one_success_ends_it },
    { "what is asked for is the least", what_is_asked_for_is_the_least },
    { "a rate is kept", a_rate_is_kept },
    { "the published vector is signed as published",
	the_published_vector_is_signed_as_published })
