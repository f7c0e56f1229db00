/*
 * jwt.c - signed tokens (RFC 7519), checked with published keys (RFC 7517).
 *
 * See jwt.h.  JSON is read by lib/json, the arithmetic done by libcrypto; what
 * is ours is the order of the checks: nothing of a token's claims is believed
 * before its signature is.  Knows no files and no HTTP.
 */
#include "lib/jwt.h"

#include "lib/buf.h"
#include "lib/json.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>

struct key {
	char *kid;
	size_t kid_n;
	EVP_PKEY *pkey;
};

struct jwks {
	struct key v[JWKS_KEYS_MAX];
	size_t n;
};

struct jwt_reader {
	struct json_reader json;
	struct buf part, signature;
	EVP_MD_CTX *ctx;
};

/* ---- base64url without padding (RFC 4648 5) ---- */

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Fills an empty buffer; false where it is none, or without memory. */
static bool
decode(struct slice text, struct buf *out)
{
	unsigned bits = 0, have = 0;

	buf_reset(out);
	if (text.n % 4 == 1 || !buf_reserve(out, text.n / 4 * 3 + 3))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int d = digit(text.p[i]);

		if (d < 0)
			return false;
		bits = bits << 6 | (unsigned)d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_addc(out, (char)(bits >> have & 0xff));
		}
	}
	/* Bits that are left over say nothing: one text for one value. */
	return (bits & ((1U << have) - 1)) == 0;
}

/* ---- keys ---- */

static BIGNUM *
number(const struct json *text, struct buf *bytes)
{
	struct slice s = json_text(text);

	if (slice_is_null(s) || s.n > JWKS_BITS_MAX / 4 || !decode(s, bytes))
		return NULL;
	return BN_bin2bn((const unsigned char *)bytes->p, (int)bytes->n, NULL);
}

static EVP_PKEY *
from_params(OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx && EVP_PKEY_fromdata_init(ctx) > 0)
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* NULL: no key that we would trust, or no memory. */
static EVP_PKEY *
rsa_key(const BIGNUM *n, const BIGNUM *e)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (bld && BN_num_bits(n) >= JWKS_BITS_MIN &&
	    BN_num_bits(n) <= JWKS_BITS_MAX && BN_is_odd(e) &&
	    BN_num_bits(e) > 1 && BN_num_bits(e) <= 64 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e))
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params)
		pkey = from_params(params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	ERR_clear_error();
	return pkey;
}

/* Absent, or that very text. */
static bool
says(const struct json *key, const char *member, const char *text)
{
	const struct json *v = json_get(key, member);

	return !v || slice_is(json_text(v), text);
}

static void
add_key(struct jwks *k, const struct json *key, struct buf *bytes)
{
	struct slice kid = json_text(json_get(key, "kid"));
	struct key *to = &k->v[k->n];
	BIGNUM *n, *e;

	if (k->n == JWKS_KEYS_MAX || slice_is_null(kid) ||
	    !slice_is(json_text(json_get(key, "kty")), "RSA") ||
	    !says(key, "use", "sig") || !says(key, "alg", "RS256"))
		return;
	n = number(json_get(key, "n"), bytes);
	e = number(json_get(key, "e"), bytes);
	to->kid = malloc(kid.n + 1);
	to->pkey = n && e && to->kid ? rsa_key(n, e) : NULL;
	if (to->pkey) {
		memcpy(to->kid, kid.p, kid.n);
		to->kid_n = kid.n;
		k->n++;
	} else {
		free(to->kid);
	}
	BN_free(n);
	BN_free(e);
}

int
jwks_parse(struct slice text, struct jwks **result, struct err *e)
{
	struct jwks *k = calloc(1, sizeof(*k));
	struct json_reader reader;
	struct buf bytes = BUF_INIT;
	const struct json *root, *keys, *key;
	struct json_iter at = { 0 };
	int err = 0;

	json_reader_init(&reader);
	root = json_parse(&reader, text, e);
	keys = json_get(root, "keys");
	while (k && json_type(keys) == JSON_ARRAY &&
	    (key = json_next(keys, &at, NULL)))
		add_key(k, key, &bytes);
	if (!k)
		err = err_set(e, ST_ENOMEM, "out of memory");
	else if (!root)
		err = ST_EFORMAT;
	else if (json_type(keys) != JSON_ARRAY)
		err = err_set(e, ST_EFORMAT, "no JWKS: it has no \"keys\"");
	else if (k->n == 0)
		err = err_set(e, ST_EFORMAT,
		    "no key in it is an RSA key of %d bits or more for RS256",
		    JWKS_BITS_MIN);
	json_reader_release(&reader);
	buf_release(&bytes);
	if (err < 0) {
		jwks_free(k);
		return err;
	}
	*result = k;
	return 0;
}

void
jwks_free(struct jwks *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++) {
		EVP_PKEY_free(k->v[i].pkey);
		free(k->v[i].kid);
	}
	free(k);
}

size_t
jwks_count(const struct jwks *k)
{
	return k->n;
}

/* ---- the reader ---- */

struct jwt_reader *
jwt_reader_new(void)
{
	struct jwt_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	json_reader_init(&r->json);
	r->ctx = EVP_MD_CTX_new();
	if (!r->ctx) {
		jwt_reader_free(r);
		return NULL;
	}
	return r;
}

void
jwt_reader_free(struct jwt_reader *r)
{
	if (!r)
		return;
	json_reader_release(&r->json);
	buf_release(&r->part);
	buf_release(&r->signature);
	EVP_MD_CTX_free(r->ctx);
	free(r);
}

/* ---- header and signature ---- */

struct parts {
	struct slice header, payload, signature;
	struct slice signed_text; /* header, dot, payload */
};

static bool
split(struct slice token, struct parts *p)
{
	struct slice rest = slice_after(token, '.');

	if (token.n > JWT_TOKEN_MAX || slice_is_null(rest))
		return false;
	p->header = slice_before(token, '.');
	p->payload = slice_before(rest, '.');
	p->signature = slice_after(rest, '.');
	if (slice_is_null(p->signature) ||
	    memchr(p->signature.p, '.', p->signature.n))
		return false;
	p->signed_text = slice_of(
	    token.p, (size_t)(p->signature.p - 1 - token.p));
	return true;
}

static bool
signed_by(struct jwt_reader *r, const struct key *key, struct slice text)
{
	int good;

	good = EVP_DigestVerifyInit(
		   r->ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
	    EVP_DigestVerify(r->ctx, (const unsigned char *)r->signature.p,
		r->signature.n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_reset(r->ctx);
	ERR_clear_error();
	return good;
}

static enum jwt_word
check_signature(
    struct jwt_reader *r, const struct jwks *k, const struct parts *p)
{
	enum jwt_word word = JWT_UNKNOWN_KEY;
	const struct json *header;
	struct slice kid;

	if (!decode(p->header, &r->part) ||
	    !decode(p->signature, &r->signature))
		return JWT_MALFORMED;
	header = json_parse(&r->json, buf_slice(&r->part), NULL);
	if (json_type(header) != JSON_OBJECT)
		return JWT_MALFORMED;
	/* "crit" names what must be understood; we understand none of it. */
	if (!slice_is(json_text(json_get(header, "alg")), "RS256") ||
	    json_get(header, "crit"))
		return JWT_ALGORITHM;
	kid = json_text(json_get(header, "kid"));
	for (size_t i = 0; !slice_is_null(kid) && i < k->n; i++) {
		const struct key *key = &k->v[i];

		if (!slice_eq(kid, slice_of(key->kid, key->kid_n)))
			continue;
		if (signed_by(r, key, p->signed_text))
			return JWT_GOOD;
		word = JWT_BAD_SIGNATURE;
	}
	return word;
}

/* ---- claims ---- */

static bool
is_for(const struct json *audience, const char *wanted)
{
	struct json_iter at = { 0 };
	const struct json *one;

	if (json_type(audience) != JSON_ARRAY)
		return slice_is(json_text(audience), wanted);
	while ((one = json_next(audience, &at, NULL)))
		if (slice_is(json_text(one), wanted))
			return true;
	return false;
}

static bool
is_from(const struct json *issuer, const char *const *wanted)
{
	for (; *wanted; wanted++)
		if (slice_is(json_text(issuer), *wanted))
			return true;
	return false;
}

/* Moments of such a size that sums of them are no trouble. */
static bool
moment(const struct json *v, int64_t *result)
{
	return json_int(v, result) && *result >= 0 &&
	    *result < (int64_t)1 << 40;
}

static enum jwt_word
check_times(const struct json *c, int64_t now, int64_t *expires)
{
	int64_t issued, not_before;

	if (!moment(json_get(c, "exp"), expires) ||
	    !moment(json_get(c, "iat"), &issued) ||
	    *expires - issued > JWT_LIFE_MAX_S)
		return JWT_MALFORMED;
	if (*expires + JWT_SKEW_S <= now)
		return JWT_EXPIRED;
	if (issued - JWT_SKEW_S > now)
		return JWT_NOT_YET;
	if (!json_get(c, "nbf"))
		return JWT_GOOD;
	if (!moment(json_get(c, "nbf"), &not_before))
		return JWT_MALFORMED;
	return not_before - JWT_SKEW_S > now ? JWT_NOT_YET : JWT_GOOD;
}

enum jwt_word
jwt_check_claims(struct jwt_reader *r, struct slice json,
    const struct jwt_wish *wish, struct jwt_claims *claims)
{
	const struct json *c = json_parse(&r->json, json, NULL);
	enum jwt_word word;
	struct slice email;
	int64_t expires;

	if (json_type(c) != JSON_OBJECT)
		return JWT_MALFORMED;
	if (!is_from(json_get(c, "iss"), wish->issuers))
		return JWT_ISSUER;
	if (!is_for(json_get(c, "aud"), wish->audience))
		return JWT_AUDIENCE;
	word = check_times(c, wish->now, &expires);
	if (word != JWT_GOOD)
		return word;
	email = json_text(json_get(c, "email"));
	/* A NUL would make another, shorter name of it. */
	if (email.n > JWT_EMAIL_MAX ||
	    (email.n > 0 && memchr(email.p, '\0', email.n)))
		return JWT_MALFORMED;
	claims->expires = expires;
	claims->email_verified = json_true(json_get(c, "email_verified"));
	if (email.n > 0)
		memcpy(claims->email, email.p, email.n);
	claims->email[email.n] = '\0';
	return JWT_GOOD;
}

enum jwt_word
jwt_check(struct jwt_reader *r, const struct jwks *k, struct slice token,
    const struct jwt_wish *wish, struct jwt_claims *claims)
{
	enum jwt_word word;
	struct parts parts;

	if (!split(token, &parts))
		return JWT_MALFORMED;
	word = check_signature(r, k, &parts);
	if (word != JWT_GOOD)
		return word;
	if (!decode(parts.payload, &r->part))
		return JWT_MALFORMED;
	return jwt_check_claims(r, buf_slice(&r->part), wish, claims);
}

const char *
jwt_word_text(enum jwt_word w)
{
	static const char *const texts[] = {
		[JWT_GOOD] = "it is good",
		[JWT_MALFORMED] = "it is no signed token",
		[JWT_ALGORITHM] = "it is not signed with RS256",
		[JWT_UNKNOWN_KEY] = "its key is not among ours",
		[JWT_BAD_SIGNATURE] = "its signature is wrong",
		[JWT_ISSUER] = "it is from another issuer",
		[JWT_AUDIENCE] = "it is for another audience",
		[JWT_EXPIRED] = "it has expired",
		[JWT_NOT_YET] = "it is not yet valid",
	};

	return texts[w];
}
