/*
 * fuzz_jwt.c - any bytes as keys, as a token and as its claims.
 *
 * No key of ours has signed anything: a token is never good.  Claims that are
 * taken are in time and end their e-mail.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/jwt.h"

#include <stdlib.h>

#define NOW 1800000000

/* A key that nobody has the other half of. */
static const char key_text[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"e\":\"AQAB\",\"n\":\""
    "xbV0oeh7b8zBFq2v1W0m4l2sR5u7vC9dXy3kQ0pT6nJ8wE1aZrGfHhMiKjLlNoPq"
    "RsStUuVvWwXxYyZzAaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXx"
    "YyZz00112233445566778899AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPPQQRRSSTT"
    "UUVVWWXXYYZZaabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz"
    "0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6A7B8C9D0E1F"
    "2G3H4I5J6K7L8M9N0O1P2Q\"}]}";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const issuers[] = { "accounts.google.com",
		"https://accounts.google.com", NULL };
	static const struct jwt_wish wish = { issuers, "https://us", NOW };
	static struct jwt_reader *reader;
	static struct jwks *keys;
	struct slice text = slice_of((const char *)data, size);
	struct jwt_claims c;
	struct jwks *k;

	if (!reader)
		reader = jwt_reader_new();
	if (!keys && jwks_parse(SLICE_LIT(key_text), &keys, NULL) < 0)
		abort();
	if (jwt_check(reader, keys, text, &wish, &c) == JWT_GOOD)
		abort();
	if (jwt_check_claims(reader, text, &wish, &c) == JWT_GOOD &&
	    (c.expires + JWT_SKEW_S <= NOW || strlen(c.email) > JWT_EMAIL_MAX))
		abort();
	if (jwks_parse(text, &k, NULL) == 0) {
		if (jwks_count(k) == 0)
			abort();
		jwks_free(k);
	}
	return 0;
}
