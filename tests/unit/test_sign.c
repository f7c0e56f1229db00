/*
 * test_sign.c - signatures are good with their own key only.
 */
#include "lib/sign.h"

#include "lib/base64.h"
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

static EVP_PKEY *
key(int i)
{
	static EVP_PKEY *keys[2];

	if (!keys[i])
		keys[i] = EVP_RSA_gen(2048);
	if (!keys[i])
		abort();
	return keys[i];
}

/* As list-public-keys has it; some are PKCS #1, some X.509. */
static void
list_key(int i, bool x509, struct buf *out)
{
	unsigned char *der = NULL;
	int n = x509 ? i2d_PUBKEY(key(i), &der) : i2d_PublicKey(key(i), &der);

	if (n <= 0)
		abort();
	buf_addf(out, "{\"Fingerprint\":\"key-%d\",\"Value\":\"", i);
	base64_add(out, der, (size_t)n);
	buf_adds(out, "\"}");
	OPENSSL_free(der);
}

static void
sign(int i, const char *text, struct buf *hex)
{
	unsigned char sig[256];
	size_t n = sizeof(sig);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx ||
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key(i)) != 1 ||
	    EVP_DigestSign(
		ctx, sig, &n, (const unsigned char *)text, strlen(text)) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	buf_reset(hex);
	for (size_t k = 0; k < n; k++)
		buf_addf(hex, k % 2 ? "%02x" : "%02X", sig[k]);
}

static void
a_signature_is_good_with_its_own_key(void)
{
	struct sign_keys *k = sign_keys_new();
	struct buf list = BUF_INIT, hex = BUF_INIT;
	struct slice text = SLICE_LIT("a text");
	struct err e;

	REQUIRE(k != NULL);
	buf_adds(&list, "{\"PublicKeyList\":[");
	list_key(0, false, &list);
	buf_addc(&list, ',');
	list_key(1, true, &list);
	buf_adds(&list, "]}");
	CHECK_INT(sign_keys_add(k, buf_slice(&list), &e), 0);
	for (int i = 0; i < 2; i++) {
		const char *own = i ? "key-1" : "key-0";
		const char *other = i ? "key-0" : "key-1";

		sign(i, "a text", &hex);
		CHECK_INT(sign_check(k, slice_str(own), text, buf_slice(&hex)),
		    SIGN_GOOD);
		CHECK_INT(
		    sign_check(k, slice_str(other), text, buf_slice(&hex)),
		    SIGN_BAD);
		CHECK_INT(sign_check(k, slice_str(own), SLICE_LIT("A text"),
			      buf_slice(&hex)),
		    SIGN_BAD);
		CHECK_INT(
		    sign_check(k, SLICE_LIT("key-2"), text, buf_slice(&hex)),
		    SIGN_NO_KEY);
	}
	CHECK_INT(
	    sign_check(k, SLICE_LIT("key-0"), text, SLICE_LIT("0g")), SIGN_BAD);
	CHECK_INT(
	    sign_check(k, SLICE_LIT("key-0"), text, SLICE_NULL), SIGN_BAD);
	buf_release(&list);
	buf_release(&hex);
	sign_keys_free(k);
}

static void
a_pem_key_is_tried_for_all(void)
{
	struct sign_keys *k = sign_keys_new();
	struct buf hex = BUF_INIT;
	BIO *out = BIO_new(BIO_s_mem());
	struct err e;
	char *pem;
	long n;

	REQUIRE(k != NULL && out != NULL);
	PEM_write_bio_PUBKEY(out, key(0));
	n = BIO_get_mem_data(out, &pem);
	CHECK_INT(sign_keys_add(k, slice_of(pem, (size_t)n), &e), 0);
	sign(0, "x", &hex);
	CHECK_INT(sign_check(k, SLICE_LIT("whatever"), SLICE_LIT("x"),
		      buf_slice(&hex)),
	    SIGN_GOOD);
	buf_release(&hex);
	BIO_free(out);
	sign_keys_free(k);
}

static void
what_holds_no_key_is_refused(void)
{
	static const char *const texts[] = { "", "{}", "-----BEGIN nothing",
		"{\"PublicKeyList\":[{\"Value\":\"AAAA\"},{}]}" };
	struct sign_keys *k = sign_keys_new();
	struct err e;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK_INT(
		    sign_keys_add(k, slice_str(texts[i]), &e), ST_EFORMAT);
	sign_keys_free(k);
}

UNIT_MAIN("sign",
    { "a signature is good with its own key",
	a_signature_is_good_with_its_own_key },
    { "a PEM key is tried for all", a_pem_key_is_tried_for_all },
    { "what holds no key is refused", what_holds_no_key_is_refused })
