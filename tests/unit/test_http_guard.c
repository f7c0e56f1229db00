/*
 * test_http_guard.c - who shows the token comes in, however it is shown, and
 * nobody else.
 */
#include "collector/http_guard.h"

#include "tests/unit/signed.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#define NOW 1800000000
#define SECRET "s3cret-token"

static enum http_why
check(
    struct http_guard *g, const char *target, const char *headers, int64_t now)
{
	static struct http_head h;
	static char text[20000];
	size_t n = (size_t)snprintf(text, sizeof(text),
	    "POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n", target, headers);

	CHECK_INT(http_head_parse(slice_of(text, n), &h), 0);
	return http_guard_check(g, &h, now, "test");
}

static void
a_token_may_be_shown_in_every_way_that_senders_know(void)
{
	static const struct {
		const char *target, *headers;
		enum http_why why;
	} rows[] = {
		{ "/", "", HTTP_WHY_NO_TOKEN },
		{ "/", "Authorization: Bearer " SECRET "\r\n", HTTP_WHY_DONE },
		{ "/", "authorization: bearer   " SECRET " \r\n",
		    HTTP_WHY_DONE },
		{ "/", "Authorization: Splunk " SECRET "\r\n", HTTP_WHY_DONE },
		{ "/", "Authorization: " SECRET "\r\n", HTTP_WHY_DONE },
		/* u:s3cret-token, :s3cret-token, s3cret-token, u:other */
		{ "/", "Authorization: Basic dTpzM2NyZXQtdG9rZW4=\r\n",
		    HTTP_WHY_DONE },
		{ "/", "Authorization: Basic OnMzY3JldC10b2tlbg==\r\n",
		    HTTP_WHY_DONE },
		{ "/", "Authorization: Basic czNjcmV0LXRva2Vu\r\n",
		    HTTP_WHY_DONE },
		{ "/", "Authorization: Basic dTpvdGhlcg==\r\n",
		    HTTP_WHY_BAD_TOKEN },
		{ "/", "Authorization: Basic\r\n", HTTP_WHY_BAD_TOKEN },
		{ "/", "Authorization: Basic !!!\r\n", HTTP_WHY_BAD_TOKEN },
		{ "/", "X-Amz-Firehose-Access-Key: " SECRET "\r\n",
		    HTTP_WHY_DONE },
		{ "/", "X-Api-Key: " SECRET "\r\n", HTTP_WHY_DONE },
		{ "/?token=" SECRET, "", HTTP_WHY_DONE },
		{ "/?a=1&token=s3cret%2dtoken", "", HTTP_WHY_DONE },
		{ "/?token=", "", HTTP_WHY_BAD_TOKEN },
		{ "/?token=s3cret", "", HTTP_WHY_BAD_TOKEN },
		{ "/?xtoken=" SECRET, "", HTTP_WHY_NO_TOKEN },
		{ "/", "Authorization: Bearer s\r\n", HTTP_WHY_BAD_TOKEN },
		{ "/", "Authorization: Bearer " SECRET "x\r\n",
		    HTTP_WHY_BAD_TOKEN },
		{ "/", "Authorization: Bearer " SECRET SECRET "\r\n",
		    HTTP_WHY_BAD_TOKEN },
		{ "/", "Authorization: Bearer s3cret-tokeN\r\n",
		    HTTP_WHY_BAD_TOKEN },
		{ "/", "Authorization: Bearer\r\n", HTTP_WHY_BAD_TOKEN },
		{ "/", "Authorization:\r\n", HTTP_WHY_BAD_TOKEN },
		{ "/", "X-Amz-Firehose-Access-Key:\r\n", HTTP_WHY_BAD_TOKEN },
	};
	const struct input_config in = { .name = "t", .token = SECRET };
	struct http_guard *g = NULL;
	struct err e;

	REQUIRE(http_guard_new(&in, &g, &e) == 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(check(g, rows[i].target, rows[i].headers, NOW),
		    rows[i].why);
	http_guard_free(g);
}

static void
without_a_secret_everybody_comes_in(void)
{
	const struct input_config in = { .name = "t" };
	struct http_guard *g = NULL;
	struct err e;

	REQUIRE(http_guard_new(&in, &g, &e) == 0);
	CHECK_INT(check(g, "/", "", NOW), HTTP_WHY_DONE);
	CHECK_INT(
	    check(g, "/", "Authorization: Bearer x\r\n", NOW), HTTP_WHY_DONE);
	http_guard_free(g);
}

/* ---- signed ---- */

#define CLAIMS(iss, aud, email, verified)                             \
	"{\"iss\":\"" iss "\",\"aud\":\"" aud "\",\"email\":\"" email \
	"\",\"email_verified\":" verified                             \
	",\"iat\":1799999990,\"exp\":1800003600}"
#define GOOGLE "https://accounts.google.com"
#define PUSH "push@acme.iam.gserviceaccount.com"

static void
write_keys(struct signer *const *s, size_t n, char path[512])
{
	struct buf text = BUF_INIT;
	FILE *f;

	snprintf(path, 512, "%s/jwks.json", unit_tmpdir());
	signer_jwks(s, n, &text);
	f = fopen(path, "w");
	REQUIRE(f != NULL);
	CHECK(fwrite(text.p, 1, text.n, f) == text.n);
	CHECK(fclose(f) == 0);
	buf_release(&text);
}

static enum http_why
check_signed(struct http_guard *g, const struct signer *s, const char *kid,
    const char *claims, int64_t now)
{
	struct buf token = BUF_INIT, header = BUF_INIT;
	char head[128];
	enum http_why why;

	snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"%s\"}", kid);
	signer_token(s, head, claims, &token);
	buf_addf(&header, "Authorization: Bearer %.*s\r\n%c", (int)token.n,
	    token.p, '\0');
	why = check(g, "/", header.p, now);
	buf_release(&token);
	buf_release(&header);
	return why;
}

static void
a_signed_token_must_be_for_us_and_of_a_listed_sender(void)
{
	static const struct {
		const char *claims;
		enum http_why why;
	} rows[] = {
		{ CLAIMS(GOOGLE, "us", PUSH, "true"), HTTP_WHY_DONE },
		{ CLAIMS("https://evil.example", "us", PUSH, "true"),
		    HTTP_WHY_BAD_TOKEN },
		{ CLAIMS(GOOGLE, "them", PUSH, "true"), HTTP_WHY_BAD_TOKEN },
		{ CLAIMS(GOOGLE, "us", "x@evil.example", "true"),
		    HTTP_WHY_BAD_TOKEN },
		{ CLAIMS(GOOGLE, "us", PUSH, "false"), HTTP_WHY_BAD_TOKEN },
	};
	static const char *const emails[] = { "other@acme.example", PUSH };
	struct signer *s = signer_new("one", 2048);
	char path[512];
	struct input_config in = { .name = "t",
		.jwks = path,
		.audience = "us",
		.token = "fallback",
		.emails = { .v = (void *)(uintptr_t)emails, .n = 2 } };
	struct http_guard *g = NULL;
	struct err e;

	write_keys(&s, 1, path);
	REQUIRE(http_guard_new(&in, &g, &e) == 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(check_signed(g, s, "one", rows[i].claims, NOW),
		    rows[i].why);
	CHECK_INT(check_signed(g, s, "one", rows[0].claims, NOW + 90000),
	    HTTP_WHY_BAD_TOKEN);
	CHECK_INT(check(g, "/?token=fallback", "", NOW), HTTP_WHY_DONE);
	CHECK_INT(check(g, "/", "Authorization: Bearer a.b.c\r\n", NOW),
	    HTTP_WHY_BAD_TOKEN);
	CHECK_INT(check(g, "/", "", NOW), HTTP_WHY_NO_TOKEN);
	http_guard_free(g);
	signer_free(s);
}

static void
new_keys_are_found_in_the_file_but_not_looked_for_at_each_token(void)
{
	const char *claims = CLAIMS(GOOGLE, "us", PUSH, "true");
	struct signer *s[2] = { signer_new("one", 2048),
		signer_new("two", 2048) };
	char path[512];
	struct input_config in = {
		.name = "t", .jwks = path, .audience = "us"
	};
	struct http_guard *g = NULL;
	struct err e;

	write_keys(s, 1, path);
	REQUIRE(http_guard_new(&in, &g, &e) == 0);
	CHECK_INT(
	    check_signed(g, s[1], "two", claims, NOW), HTTP_WHY_BAD_TOKEN);
	write_keys(s, 2, path);
	CHECK_INT(
	    check_signed(g, s[1], "two", claims, NOW + 1), HTTP_WHY_BAD_TOKEN);
	CHECK_INT(check_signed(g, s[1], "two", claims, NOW + HTTP_JWKS_AGAIN_S),
	    HTTP_WHY_DONE);
	/* A file that is gone or broken leaves the old keys. */
	CHECK(unlink(path) == 0);
	CHECK_INT(
	    check_signed(g, s[1], "three", claims, NOW + 3 * HTTP_JWKS_AGAIN_S),
	    HTTP_WHY_BAD_TOKEN);
	CHECK_INT(
	    check_signed(g, s[0], "one", claims, NOW + 3 * HTTP_JWKS_AGAIN_S),
	    HTTP_WHY_DONE);
	http_guard_free(g);
	CHECK(http_guard_new(&in, &g, &e) < 0);
	for (int i = 0; i < 2; i++)
		signer_free(s[i]);
}

UNIT_MAIN("http_guard",
    { "a token may be shown in every way that senders know",
	a_token_may_be_shown_in_every_way_that_senders_know },
    { "without a secret everybody comes in",
	without_a_secret_everybody_comes_in },
    { "a signed token must be for us and of a listed sender",
	a_signed_token_must_be_for_us_and_of_a_listed_sender },
    { "new keys are found in the file, but not looked for at each token",
	new_keys_are_found_in_the_file_but_not_looked_for_at_each_token })
