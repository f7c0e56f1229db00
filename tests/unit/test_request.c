/*
 * test_request.c - the words of a request, its order, its way through memory;
 * the table of rejections.
 */
#include "events/reject.h"
#include "events/request.h"
#include "lib/err.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

static void
every_word_is_read_back(void)
{
	for (int i = 0; i < KIND_COUNT; i++)
		CHECK_INT(token_kind_of(
			      slice_str(token_kind_name((enum token_kind)i))),
		    i);
	for (int i = 0; i < PT_COUNT; i++)
		CHECK_INT(principal_type_of(slice_str(
			      principal_type_name((enum principal_type)i))),
		    i);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		CHECK_INT(
		    outcome_of(slice_str(outcome_name((enum outcome)i))), i);
	for (int i = 0; i < SOURCE_COUNT; i++)
		CHECK_INT(source_kind_of(
			      slice_str(source_kind_name((enum source_kind)i))),
		    i);
	CHECK_INT(token_kind_of(SLICE_LIT("roles")), -1);
	CHECK_INT(outcome_of(SLICE_NULL), -1);
	CHECK_TEXT(slice_str(provider_name(PROVIDER_GCP)), "gcp");
	CHECK_TEXT(
	    slice_str(token_kind_name(KIND_WEB_IDENTITY)), "web-identity");
}

static void
every_rejection_has_a_name_and_a_sentence(void)
{
	unsigned errors = 0;

	for (int i = 0; i < REJECT_COUNT; i++) {
		CHECK(reject_name((enum reject)i) &&
		    *reject_name((enum reject)i));
		CHECK(reject_help((enum reject)i) &&
		    strlen(reject_help((enum reject)i)) > 10);
		errors += reject_is_error((enum reject)i);
	}
	CHECK_INT(errors, REJECT_COUNT - 3);
	CHECK(!reject_is_error(REJECT_NOT_AUDIT));
	CHECK(!reject_is_error(REJECT_NOT_JSON));
	CHECK(!reject_is_error(REJECT_ACCOUNT));
}

static struct request
at(int64_t sec, const char *id, uint64_t offset)
{
	struct request r = { 0 };

	if (sec >= 0)
		r.time = (struct when){ sec, 0, true };
	r.event_id = slice_str(id);
	r.input_offset = offset;
	return r;
}

static void
order_is_time_then_id_then_input(void)
{
	struct request sorted[] = { at(1, "b", 0), at(2, "a", 0), at(2, "a", 1),
		at(2, "aa", 0), at(2, "b", 0), at(-1, "a", 0), at(-1, "b", 0) };
	size_t n = sizeof(sorted) / sizeof(sorted[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			int c = request_cmp(&sorted[i], &sorted[k]);

			CHECK_INT((c > 0) - (c < 0), (i > k) - (i < k));
		}
}

static struct request
full(void)
{
	struct request r = at(1700000000, "id-1", 77);

	r.input_file = 3;
	r.input_index = 9;
	r.provider = PROVIDER_GCP;
	r.kind = KIND_EXCHANGE;
	r.principal_type = PT_WORKLOAD;
	r.outcome = OUTCOME_DENIED;
	r.action = SLICE_LIT("gcp-sts:ExchangeToken");
	r.target = SLICE_LIT("");
	r.source.kind = SOURCE_IP;
	r.source.ip = SLICE_LIT("203.0.113.9");
	memcpy(r.source.place.country, "DE", 3);
	r.source.place.city = SLICE_LIT("Köln");
	r.source.place.asn = 64500;
	r.source.place.has_point = true;
	r.source.place.lat = 50.9;
	r.duplicate_key[1] = 5;
	r.duration = -1;
	r.mfa = MFA_YES;
	r.aws_internal = true;
	r.delegation[0] = SLICE_LIT("user:a@example.com");
	r.n_delegation = 1;
	r.signing_key = SLICE_LIT("ab\0cd");
	r.raw = SLICE_LIT("{}");
	return r;
}

static void
check_full(const struct request *r)
{
	CHECK_INT(r->input_file, 3);
	CHECK_INT(r->input_offset, 77);
	CHECK_INT(r->input_index, 9);
	CHECK_INT(r->provider, PROVIDER_GCP);
	CHECK_INT(r->time.sec, 1700000000);
	CHECK(r->time.valid && !r->expires.valid);
	CHECK_INT(r->kind, KIND_EXCHANGE);
	CHECK_INT(r->principal_type, PT_WORKLOAD);
	CHECK_INT(r->outcome, OUTCOME_DENIED);
	CHECK_TEXT(r->event_id, "id-1");
	CHECK_TEXT(r->principal, NULL);
	CHECK_TEXT(r->target, "");
	CHECK(r->target.p != NULL);
	CHECK_TEXT(r->source.ip, "203.0.113.9");
	CHECK_TEXT(slice_str(r->source.place.country), "DE");
	CHECK_TEXT(r->source.place.city, "Köln");
	CHECK_INT(r->source.place.asn, 64500);
	CHECK(r->source.place.has_point && r->source.place.lat > 50.8);
	CHECK_INT(r->duplicate_key[1], 5);
	CHECK_INT(r->duration, -1);
	CHECK_INT(r->mfa, MFA_YES);
	CHECK(r->aws_internal && !r->console_session);
	CHECK_INT(r->n_delegation, 1);
	CHECK_TEXT(r->delegation[0], "user:a@example.com");
	CHECK(slice_eq(r->signing_key, SLICE_LIT("ab\0cd")));
	CHECK_TEXT(r->raw, "{}");
}

static void
a_packed_request_comes_back_whole(void)
{
	struct request r = full(), back = { 0 };
	struct buf b = BUF_INIT;
	size_t taken = 0, one;

	request_pack(&r, &b);
	one = b.n;
	r.event_id = SLICE_LIT("id-2");
	request_pack(&r, &b);
	REQUIRE(request_unpack(buf_slice(&b), &back, &taken) == 0);
	CHECK_INT(taken, one);
	check_full(&back);
	CHECK(back.event_id.p >= b.p && back.event_id.p < b.p + b.n);
	buf_consume(&b, taken);
	REQUIRE(request_unpack(buf_slice(&b), &back, &taken) == 0);
	CHECK_TEXT(back.event_id, "id-2");
	CHECK_INT(taken, b.n);
	buf_release(&b);
}

static void
a_long_slice_is_packed_too(void)
{
	struct request r = full(), back = { 0 };
	struct buf b = BUF_INIT;
	size_t n = 100000, taken;
	char *big = malloc(n);

	REQUIRE(big != NULL);
	memset(big, 'x', n);
	r.user_agent = slice_of(big, n);
	request_pack(&r, &b);
	REQUIRE(request_unpack(buf_slice(&b), &back, &taken) == 0);
	CHECK(slice_eq(back.user_agent, r.user_agent));
	buf_release(&b);
	free(big);
}

static void
short_bytes_are_told(void)
{
	struct request r = full(), back = { 0 };
	struct buf b = BUF_INIT;
	size_t taken = 0;

	request_pack(&r, &b);
	for (size_t n = 0; n < b.n; n++) {
		/* an exact-size copy: a read behind the end is seen */
		char *copy = malloc(n + 1);

		REQUIRE(copy != NULL);
		memcpy(copy, b.p, n);
		CHECK_INT(request_unpack(slice_of(copy, n), &back, &taken),
		    ST_ETRUNC);
		free(copy);
	}
	buf_release(&b);
}

static void
a_copy_stands_alone(void)
{
	struct request r = full(), copy;
	char id[] = "id-1";
	struct arena a;

	arena_init(&a, 256);
	r.event_id = slice_str(id);
	REQUIRE(request_copy(&r, &a, &copy));
	memset(id, 'z', sizeof(id) - 1);
	check_full(&copy);
	arena_release(&a);
}

static void
a_role_is_its_account_and_name(void)
{
	static const struct {
		const char *arn, *account, *name;
	} rows[] = {
		{ "arn:aws:iam::111122223333:role/deploy", "111122223333",
		    "deploy" },
		{ "arn:aws:iam::111122223333:role/a/b/deploy", "111122223333",
		    "deploy" },
		{ "arn:aws:sts::111122223333:assumed-role/deploy/alice",
		    "111122223333", "deploy" },
		{ "arn:aws-cn:sts::111122223333:assumed-role/deploy",
		    "111122223333", "deploy" },
		{ "arn:aws:sts::111122223333:assumed-role/aws:ec2-instance/i-1",
		    "111122223333", "aws:ec2-instance" },
		{ "arn:aws:iam::111122223333:user/alice", NULL, NULL },
		{ "arn:aws:s3:::role/x", NULL, NULL },
		{ "arn:aws:iam::111122223333:role/", NULL, NULL },
		{ "arn:aws:iam::111122223333", NULL, NULL },
		{ "arn::iam::1:role/x", NULL, NULL },
		{ "deploy", NULL, NULL },
		{ "", NULL, NULL },
		{ NULL, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice account = SLICE_NULL, name = SLICE_NULL;
		bool is = role_of_arn(slice_str(rows[i].arn), &account, &name);

		CHECK_INT(is, rows[i].name != NULL);
		CHECK_TEXT(account, rows[i].account);
		CHECK_TEXT(name, rows[i].name);
	}
}

UNIT_MAIN("request", { "every word is read back", every_word_is_read_back },
    { "every rejection has a name and a sentence",
	every_rejection_has_a_name_and_a_sentence },
    { "order is time, then id, then input", order_is_time_then_id_then_input },
    { "a packed request comes back whole", a_packed_request_comes_back_whole },
    { "a long slice is packed too", a_long_slice_is_packed_too },
    { "short bytes are told", short_bytes_are_told },
    { "a copy stands alone", a_copy_stands_alone },
    { "a role is its account and name", a_role_is_its_account_and_name })
