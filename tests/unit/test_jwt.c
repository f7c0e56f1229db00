/*
 * test_jwt.c - only what the right key signed, for us, in time, is good.
 */
#include "lib/jwt.h"

#include "lib/buf.h"
#include "tests/unit/signed.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define NOW 1800000000
#define HEADER "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"one\"}"
#define TIMES "\"iat\":1799999990,\"exp\":1800003600"
#define WHO                                                               \
	"\"iss\":\"https://accounts.google.com\",\"aud\":\"https://us\"," \
	"\"email\":\"push@example.iam.gserviceaccount.com\","             \
	"\"email_verified\":true"
#define GOOD "{" WHO "," TIMES "}"

static const char *const issuers[] = { "accounts.google.com",
	"https://accounts.google.com", NULL };
static const struct jwt_wish wish = { issuers, "https://us", NOW };

/* Made once: keys of real size take a while. */
static struct signer *signers[2];
static struct jwks *keys;
static struct jwt_reader *reader;

static bool
set_up(void)
{
	struct buf text = BUF_INIT;
	struct err e;

	if (keys)
		return true;
	signers[0] = signer_new("one", 2048);
	signers[1] = signer_new("two", 3072);
	signer_jwks(signers, 2, &text);
	reader = jwt_reader_new();
	if (jwks_parse(buf_slice(&text), &keys, &e) < 0)
		printf("\n    %s", e.text);
	buf_release(&text);
	return keys && reader;
}

static void
tear_down(void)
{
	for (size_t i = 0; i < 2; i++)
		signer_free(signers[i]);
	jwks_free(keys);
	jwt_reader_free(reader);
}

static enum jwt_word
check_token(struct slice token)
{
	struct jwt_claims c;

	return jwt_check(reader, keys, token, &wish, &c);
}

static void
a_good_token_says_who_and_until_when(void)
{
	struct buf token = BUF_INIT;
	struct jwt_claims c = { 0 };

	REQUIRE(set_up());
	CHECK_INT(jwks_count(keys), 2);
	signer_token(signers[0], HEADER, GOOD, &token);
	CHECK_INT(
	    jwt_check(reader, keys, buf_slice(&token), &wish, &c), JWT_GOOD);
	CHECK_INT(c.expires, 1800003600);
	CHECK(c.email_verified);
	CHECK_TEXT(slice_str(c.email), "push@example.iam.gserviceaccount.com");
	signer_token(
	    signers[1], "{\"kid\":\"two\",\"alg\":\"RS256\"}", GOOD, &token);
	CHECK_INT(check_token(buf_slice(&token)), JWT_GOOD);
	buf_release(&token);
}

static void
the_header_chooses_nothing_but_the_key(void)
{
	static const struct {
		const char *header;
		enum jwt_word want;
	} rows[] = {
		{ "{\"alg\":\"none\",\"kid\":\"one\"}", JWT_ALGORITHM },
		{ "{\"alg\":\"HS256\",\"kid\":\"one\"}", JWT_ALGORITHM },
		{ "{\"alg\":\"rs256\",\"kid\":\"one\"}", JWT_ALGORITHM },
		{ "{\"alg\":\"RS512\",\"kid\":\"one\"}", JWT_ALGORITHM },
		{ "{\"alg\":[\"RS256\"],\"kid\":\"one\"}", JWT_ALGORITHM },
		{ "{\"kid\":\"one\"}", JWT_ALGORITHM },
		{ "{\"alg\":\"RS256\",\"kid\":\"one\",\"crit\":[\"x\"]}",
		    JWT_ALGORITHM },
		{ "{\"alg\":\"RS256\"}", JWT_UNKNOWN_KEY },
		{ "{\"alg\":\"RS256\",\"kid\":\"on\"}", JWT_UNKNOWN_KEY },
		{ "{\"alg\":\"RS256\",\"kid\":1}", JWT_UNKNOWN_KEY },
		{ "{\"alg\":\"RS256\",\"kid\":\"two\"}", JWT_BAD_SIGNATURE },
		{ "[]", JWT_MALFORMED },
		{ "{\"alg\":\"RS256\"", JWT_MALFORMED },
		{ "", JWT_MALFORMED },
	};
	struct buf token = BUF_INIT;

	REQUIRE(set_up());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		signer_token(signers[0], rows[i].header, GOOD, &token);
		CHECK_INT(check_token(buf_slice(&token)), rows[i].want);
	}
	buf_release(&token);
}

static void
claims_must_be_ours_and_in_time(void)
{
	static const struct {
		const char *claims;
		enum jwt_word want;
	} rows[] = {
		{ "{\"iss\":\"accounts.google.com\",\"aud\":[\"x\","
		  "\"https://us\"]," TIMES "}",
		    JWT_GOOD },
		{ "{\"iss\":\"https://accounts.google.com.evil.example\","
		  "\"aud\":\"https://us\"," TIMES "}",
		    JWT_ISSUER },
		{ "{\"aud\":\"https://us\"," TIMES "}", JWT_ISSUER },
		{ "{\"iss\":\"accounts.google.com\"," TIMES "}", JWT_AUDIENCE },
		{ "{\"iss\":\"accounts.google.com\",\"aud\":\"https://u\"," TIMES
		  "}",
		    JWT_AUDIENCE },
		{ "{\"iss\":\"accounts.google.com\",\"aud\":"
		  "\"https://us\\u0000\"," TIMES "}",
		    JWT_AUDIENCE },
		{ "{\"iss\":\"accounts.google.com\",\"aud\":[]," TIMES "}",
		    JWT_AUDIENCE },
		/* to the second, with a minute between the clocks */
		{ "{" WHO ",\"iat\":1799999000,\"exp\":1799999941}", JWT_GOOD },
		{ "{" WHO ",\"iat\":1799999000,\"exp\":1799999940}",
		    JWT_EXPIRED },
		{ "{" WHO ",\"iat\":1800000060,\"exp\":1800003600}", JWT_GOOD },
		{ "{" WHO ",\"iat\":1800000061,\"exp\":1800003600}",
		    JWT_NOT_YET },
		{ "{" WHO "," TIMES ",\"nbf\":1800000061}", JWT_NOT_YET },
		{ "{" WHO "," TIMES ",\"nbf\":1800000060}", JWT_GOOD },
		{ "{" WHO "," TIMES ",\"nbf\":\"never\"}", JWT_MALFORMED },
		{ "{" WHO ",\"iat\":1799999990,\"exp\":1800086391}",
		    JWT_MALFORMED },
		{ "{" WHO ",\"iat\":1799999990}", JWT_MALFORMED },
		{ "{" WHO ",\"exp\":1800003600}", JWT_MALFORMED },
		{ "{" WHO ",\"iat\":-1,\"exp\":1800003600}", JWT_MALFORMED },
		{ "{" WHO ",\"iat\":9223372036854775807,"
		  "\"exp\":9223372036854775807}",
		    JWT_MALFORMED },
		{ "{" WHO ",\"iat\":1799999990,\"exp\":\"1800003600\"}",
		    JWT_MALFORMED },
		{ "{\"iss\":\"accounts.google.com\",\"aud\":\"https://us\","
		  "\"email\":\"a@b.example\\u0000\"," TIMES "}",
		    JWT_MALFORMED },
		{ "[]", JWT_MALFORMED },
		{ "", JWT_MALFORMED },
	};
	struct jwt_claims c;

	REQUIRE(set_up());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(jwt_check_claims(
			      reader, slice_str(rows[i].claims), &wish, &c),
		    rows[i].want);
}

static void
an_email_that_is_not_verified_is_told_so(void)
{
	struct jwt_claims c;

	REQUIRE(set_up());
	CHECK_INT(jwt_check_claims(reader,
		      SLICE_LIT("{\"iss\":\"accounts.google.com\",\"aud\":"
				"\"https://us\",\"email\":\"a@b.example\","
				"\"email_verified\":\"true\"," TIMES "}"),
		      &wish, &c),
	    JWT_GOOD);
	CHECK(!c.email_verified);
	CHECK_INT(jwt_check_claims(reader,
		      SLICE_LIT("{\"iss\":\"accounts.google.com\",\"aud\":"
				"\"https://us\"," TIMES "}"),
		      &wish, &c),
	    JWT_GOOD);
	CHECK_TEXT(slice_str(c.email), "");
}

/* Any one byte of a good token changed, or the token cut anywhere. */
static void
a_token_that_was_touched_is_not_good(void)
{
	struct buf token = BUF_INIT;

	REQUIRE(set_up());
	signer_token(signers[0], HEADER, GOOD, &token);
	for (size_t i = 0; i < token.n; i++) {
		char was = token.p[i];

		token.p[i] = was == 'A' ? 'B' : 'A';
		CHECK(check_token(buf_slice(&token)) != JWT_GOOD);
		token.p[i] = was;
		CHECK(check_token(slice_of(token.p, i)) != JWT_GOOD);
	}
	CHECK_INT(check_token(buf_slice(&token)), JWT_GOOD);
	buf_addc(&token, '.');
	CHECK_INT(check_token(buf_slice(&token)), JWT_MALFORMED);
	token.p[token.n - 1] = '=';
	CHECK_INT(check_token(buf_slice(&token)), JWT_MALFORMED);
	buf_release(&token);
}

static void
one_value_has_one_text(void)
{
	/* The last character's spare bits. */
	CHECK_INT(check_token(SLICE_LIT("eyJ9.e30.YR")), JWT_MALFORMED);
	CHECK_INT(check_token(SLICE_LIT("eyJ9.e30.YQ==")), JWT_MALFORMED);
	CHECK_INT(check_token(SLICE_LIT("eyJ9.e30.Y")), JWT_MALFORMED);
	CHECK_INT(check_token(SLICE_LIT("..")), JWT_MALFORMED);
	CHECK_INT(check_token(SLICE_LIT("a.b")), JWT_MALFORMED);
	CHECK_INT(check_token(SLICE_LIT("")), JWT_MALFORMED);
	CHECK_INT(check_token(SLICE_NULL), JWT_MALFORMED);
}

static void
a_token_over_its_bound_is_not_looked_at(void)
{
	struct buf token = BUF_INIT;

	REQUIRE(set_up());
	signer_token(signers[0], HEADER, GOOD, &token);
	while (token.n <= JWT_TOKEN_MAX)
		buf_addc(&token, 'A');
	CHECK_INT(check_token(buf_slice(&token)), JWT_MALFORMED);
	buf_release(&token);
}

/* Keys among which none is for us, and texts that are no keys. */
static void
keys_that_we_do_not_trust_are_no_keys(void)
{
	static const char *const members[] = {
		"\"kty\":\"EC\",\"kid\":\"one\"",
		"\"kty\":\"RSA\"",
		"\"kty\":\"RSA\",\"kid\":1",
		"\"kty\":\"RSA\",\"kid\":\"one\",\"alg\":\"RS512\"",
		"\"kty\":\"RSA\",\"kid\":\"one\",\"use\":\"enc\"",
	};
	static const char *const texts[] = { "", "[]", "{}", "{\"keys\":1}",
		"{\"keys\":[]}", "{\"keys\":[1,null,[],{}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\"}]}",
		("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"AQAB\","
		 "\"e\":\"AQAB\"}]}") };
	struct signer *weak = signer_new("weak", 1024);
	struct buf text = BUF_INIT;
	struct jwks *k;
	struct err e;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK(jwks_parse(slice_str(texts[i]), &k, &e) < 0);
	REQUIRE(set_up());
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		buf_reset(&text);
		buf_adds(&text, "{\"keys\":[");
		signer_key(signers[0], members[i], &text);
		buf_adds(&text, "]}");
		CHECK(jwks_parse(buf_slice(&text), &k, &e) == ST_EFORMAT);
	}
	buf_reset(&text);
	signer_jwks(&weak, 1, &text);
	CHECK(jwks_parse(buf_slice(&text), &k, &e) == ST_EFORMAT);
	CHECK(strstr(e.text, "2048") != NULL);
	signer_free(weak);
	buf_release(&text);
}

static void
keys_of_one_name_are_all_tried(void)
{
	struct signer *both[2];
	struct buf text = BUF_INIT, token = BUF_INIT;
	struct jwt_claims c;
	struct jwks *k = NULL;
	struct err e;

	REQUIRE(set_up());
	both[0] = signer_new("one", 2048);
	both[1] = signers[0];
	signer_jwks(both, 2, &text);
	CHECK_INT(jwks_parse(buf_slice(&text), &k, &e), 0);
	signer_token(signers[0], HEADER, GOOD, &token);
	CHECK_INT(jwt_check(reader, k, buf_slice(&token), &wish, &c), JWT_GOOD);
	jwks_free(k);
	signer_free(both[0]);
	buf_release(&text);
	buf_release(&token);
}

static void
everything_is_given_back(void)
{
	tear_down();
	jwks_free(NULL);
	jwt_reader_free(NULL);
}

UNIT_MAIN("jwt",
    { "a good token says who and until when",
	a_good_token_says_who_and_until_when },
    { "the header chooses nothing but the key",
	the_header_chooses_nothing_but_the_key },
    { "claims must be ours and in time", claims_must_be_ours_and_in_time },
    { "an e-mail that is not verified is told so",
	an_email_that_is_not_verified_is_told_so },
    { "a token that was touched is not good",
	a_token_that_was_touched_is_not_good },
    { "one value has one text", one_value_has_one_text },
    { "a token over its bound is not looked at",
	a_token_over_its_bound_is_not_looked_at },
    { "keys that we do not trust are no keys",
	keys_that_we_do_not_trust_are_no_keys },
    { "keys of one name are all tried", keys_of_one_name_are_all_tried },
    { "everything is given back", everything_is_given_back })
