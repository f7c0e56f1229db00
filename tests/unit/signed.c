/*
 * signed.c - tokens made for a test, with keys made for it.
 */
#include "tests/unit/signed.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define SIGNATURE_MAX 1024

struct signer {
	const char *kid;
	EVP_PKEY *pkey;
};

struct signer *
signer_new(const char *kid, unsigned bits)
{
	struct signer *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->kid = kid;
	s->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	if (!s->pkey)
		abort();
	return s;
}

void
signer_free(struct signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->pkey);
	free(s);
}

void
signed_encode(const void *p, size_t n, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)b[i] << 16;

		if (i + 1 < n)
			v |= (unsigned)b[i + 1] << 8;
		if (i + 2 < n)
			v |= b[i + 2];
		buf_addc(out, digits[v >> 18]);
		buf_addc(out, digits[v >> 12 & 63]);
		if (i + 1 < n)
			buf_addc(out, digits[v >> 6 & 63]);
		if (i + 2 < n)
			buf_addc(out, digits[v & 63]);
	}
}

static void
add_number(const struct signer *s, const char *param, struct buf *out)
{
	unsigned char bytes[2048];
	BIGNUM *v = NULL;

	if (!EVP_PKEY_get_bn_param(s->pkey, param, &v))
		abort();
	signed_encode(bytes, (size_t)BN_bn2bin(v, bytes), out);
	BN_free(v);
}

void
signer_key(const struct signer *s, const char *members, struct buf *out)
{
	buf_addf(out, "{%s,\"n\":\"", members);
	add_number(s, OSSL_PKEY_PARAM_RSA_N, out);
	buf_adds(out, "\",\"e\":\"");
	add_number(s, OSSL_PKEY_PARAM_RSA_E, out);
	buf_adds(out, "\"}");
}

void
signer_jwks(struct signer *const *s, size_t n, struct buf *out)
{
	buf_adds(out, "{\"keys\":[");
	for (size_t i = 0; i < n; i++) {
		char members[128];

		snprintf(members, sizeof(members),
		    "\"kty\":\"RSA\",\"alg\":\"RS256\",\"use\":\"sig\","
		    "\"kid\":\"%s\"",
		    s[i]->kid);
		buf_adds(out, i ? "," : "");
		signer_key(s[i], members, out);
	}
	buf_adds(out, "]}");
}

void
signer_token(const struct signer *s, const char *header, const char *claims,
    struct buf *out)
{
	unsigned char signature[SIGNATURE_MAX];
	size_t n = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	buf_reset(out);
	signed_encode(header, strlen(header), out);
	buf_addc(out, '.');
	signed_encode(claims, strlen(claims), out);
	if (!EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->pkey) ||
	    !EVP_DigestSign(
		ctx, signature, &n, (const unsigned char *)out->p, out->n))
		abort();
	EVP_MD_CTX_free(ctx);
	buf_addc(out, '.');
	signed_encode(signature, n, out);
}
