/*
 * jwt.h - signed tokens (RFC 7519) as Google's services show them, checked
 * with published keys (RFC 7517).
 *
 *     struct jwks *keys;
 *     err = jwks_parse(text, &keys, &e);
 *     struct jwt_reader *r = jwt_reader_new();
 *     switch (jwt_check(r, keys, token, &wish, &claims)) ...
 *     jwt_reader_free(r);
 *     jwks_free(keys);
 *
 * RS256 only, and the key is named by the token: what a token says of its own
 * algorithm chooses nothing.  Keys never change once parsed and may be shared
 * by threads; a reader belongs to one.
 */
#ifndef ST_JWT_H
#define ST_JWT_H

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

#define JWT_TOKEN_MAX 16384  /* bytes; a longer one is malformed */
#define JWT_SKEW_S 60        /* how far clocks may be apart */
#define JWT_LIFE_MAX_S 86400 /* from iat to exp */
#define JWT_EMAIL_MAX 320
#define JWKS_KEYS_MAX 64
#define JWKS_BITS_MIN 2048
#define JWKS_BITS_MAX 8192

struct jwks;
/* Keys of other kinds are passed over; none left is an error. */
int
jwks_parse(struct slice text, struct jwks **result, struct err *e) ST_MUSTCHECK;
void jwks_free(struct jwks *k);
size_t jwks_count(const struct jwks *k);

/* What a token must say. */
struct jwt_wish {
	const char *const *issuers; /* any of them; ends with NULL */
	const char *audience;
	int64_t now; /* seconds since 1970 */
};

/* What a good one said. */
struct jwt_claims {
	int64_t expires;
	char email[JWT_EMAIL_MAX + 1]; /* "" where it has none */
	bool email_verified;
};

enum jwt_word {
	JWT_GOOD,
	JWT_MALFORMED,
	JWT_ALGORITHM,
	JWT_UNKNOWN_KEY,
	JWT_BAD_SIGNATURE,
	JWT_ISSUER,
	JWT_AUDIENCE,
	JWT_EXPIRED,
	JWT_NOT_YET,
};
/* "its signature is wrong" */
const char *jwt_word_text(enum jwt_word w);

struct jwt_reader;
struct jwt_reader *jwt_reader_new(void); /* NULL without memory */
void jwt_reader_free(struct jwt_reader *r);

/* *claims is written only for JWT_GOOD. */
enum jwt_word jwt_check(struct jwt_reader *r, const struct jwks *k,
    struct slice token, const struct jwt_wish *wish, struct jwt_claims *claims);

/* Its second half, for tests: what stands in a token whose signature is good.
 */
enum jwt_word jwt_check_claims(struct jwt_reader *r, struct slice json,
    const struct jwt_wish *wish, struct jwt_claims *claims);

#endif
