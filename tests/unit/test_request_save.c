/*
 * test_request_save.c - a request that was kept is the request that it was.
 */
#include "events/request_save.h"

#include "events/catalogue.h"
#include "lib/pack.h"
#include "tests/unit/unit.h"

#define T(s) .s = SLICE_LIT(#s)

static struct request
full(void)
{
	struct request r = { .input_file = 7,
		.input_offset = UINT64_MAX,
		.input_index = 3,
		T(event_id),
		.provider = PROVIDER_GCP,
		.time = { 1772352000, 5, true },
		T(action),
		.kind = KIND_ID_TOKEN,
		T(principal),
		.principal_type = PT_WORKLOAD,
		T(account),
		T(target),
		T(target_account),
		T(session),
		T(caller_session),
		T(credential),
		.expires = { 1772355600, 0, true },
		T(cloud_region),
		.outcome = OUTCOME_DENIED,
		T(error),
		.source = { .kind = SOURCE_PRIVATE,
		    T(ip),
		    T(name),
		    .addr = { .b = { 10, 1 }, .v4 = true },
		    .place = { .country = "DE",
			T(subdivision),
			T(city),
			T(org),
			.asn = 64500,
			.lat = 52.5,
			.lon = -13.25,
			.has_point = true,
			.flags = PLACE_VPN | PLACE_TOR } },
		T(user_agent),
		.duplicate_key = { 1, UINT64_MAX },
		T(shared_event_id),
		T(recipient_account),
		T(caller_credential),
		T(caller_id),
		T(source_identity),
		T(external_id),
		T(invoked_by),
		T(mfa_device),
		.duration = 3600,
		.mfa = MFA_YES,
		.console_session = true,
		.session_began = { 1772351000, 7, true },
		.instance_session = true,
		.aws_internal = true,
		.delegation = { SLICE_LIT("first"), SLICE_LIT("") },
		.n_delegation = 2,
		T(signing_key),
		T(session_policy),
		.api = &catalogue[catalogue_size - 1] };

	return r;
}

/* Nothing stands between its members. */
static void
scrub(struct when *w)
{
	struct when clean;

	memset(&clean, 0, sizeof(clean));
	clean.sec = w->sec;
	clean.nsec = w->nsec;
	clean.valid = w->valid;
	memcpy(w, &clean, sizeof(clean));
}

static void
pack(struct request r, struct buf *out)
{
	scrub(&r.time);
	scrub(&r.expires);
	scrub(&r.session_began);
	request_pack(&r, out);
}

/* As packed bytes, in which every member is; they point to the api. */
static bool
same(const struct request *a, const struct request *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool equal;

	pack(*a, &x);
	pack(*b, &y);
	equal = slice_eq(buf_slice(&x), buf_slice(&y));
	buf_release(&x);
	buf_release(&y);
	return equal;
}

static void
every_member_comes_back(void)
{
	struct request r = full(), back;
	const struct request bare = { .duration = -1,
		.principal_type = PT_UNKNOWN,
		.kind = KIND_NONE,
		.source.kind = SOURCE_UNKNOWN };
	struct buf b = BUF_INIT;
	size_t taken = 0;

	request_save(&r, &b);
	buf_adds(&b, "more");
	REQUIRE(request_load(buf_slice(&b), &back, &taken) == 0);
	CHECK_INT(taken, b.n - 4);
	CHECK(same(&r, &back));
	buf_reset(&b);
	request_save(&bare, &b);
	REQUIRE(request_load(buf_slice(&b), &back, &taken) == 0);
	CHECK(same(&bare, &back));
	buf_release(&b);
}

static void
every_api_of_the_catalogue_is_found_again(void)
{
	struct request r = full(), back;
	struct buf b = BUF_INIT;
	size_t taken;

	for (size_t i = 0; i < catalogue_size; i++) {
		buf_reset(&b);
		r.api = &catalogue[i];
		request_save(&r, &b);
		REQUIRE(request_load(buf_slice(&b), &back, &taken) == 0);
		REQUIRE(back.api != NULL);
		CHECK_TEXT(slice_str(back.api->action), r.api->action);
		CHECK_TEXT(slice_str(back.api->name), r.api->name);
		CHECK_INT(back.api->kind, r.api->kind);
	}
	buf_release(&b);
}

static void
bytes_that_end_early_are_refused(void)
{
	struct request r = full(), back;
	struct buf b = BUF_INIT;
	size_t taken;

	request_save(&r, &b);
	for (size_t n = 0; n < b.n; n++)
		CHECK_INT(
		    request_load(slice_of(b.p, n), &back, &taken), ST_EFORMAT);
	buf_release(&b);
}

static void
members_of_a_later_version_are_passed_over(void)
{
	struct request r = full(), back;
	struct buf b = BUF_INIT;
	size_t taken = 0;

	pack_uint(&b, 999);
	pack_word(&b, "a string of tomorrow");
	pack_uint(&b, 5000);
	pack_word(&b, "\xff a group of tomorrow");
	request_save(&r, &b);
	REQUIRE(request_load(buf_slice(&b), &back, &taken) == 0);
	CHECK(same(&r, &back));
	buf_release(&b);
}

UNIT_MAIN("request_save",
    { "every member comes back", every_member_comes_back },
    { "every api of the catalogue is found again",
	every_api_of_the_catalogue_is_found_again },
    { "bytes that end early are refused", bytes_that_end_early_are_refused },
    { "members of a later version are passed over",
	members_of_a_later_version_are_passed_over })
