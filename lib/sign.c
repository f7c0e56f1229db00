/*
 * sign.c - is a text signed with one of these keys?
 *
 * See sign.h.  Knows libcrypto's keys; what was signed is for others.
 */
#include "lib/sign.h"

#include "lib/json.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define DER_MAX 4096

struct key {
	EVP_PKEY *pkey;
	char *fingerprint; /* NULL: not known */
};

struct sign_keys {
	struct key *v;
	size_t n;
};

struct sign_keys *
sign_keys_new(void)
{
	return calloc(1, sizeof(struct sign_keys));
}

void
sign_keys_free(struct sign_keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++) {
		EVP_PKEY_free(k->v[i].pkey);
		free(k->v[i].fingerprint);
	}
	free(k->v);
	free(k);
}

/* ---- keys ---- */

/* Takes the key, also where it fails. */
static int
add_key(struct sign_keys *k, EVP_PKEY *pkey, struct slice fingerprint)
{
	struct key *v = NULL, key = { .pkey = pkey };
	bool named = !slice_is_null(fingerprint);

	if (!pkey || EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA ||
	    EVP_PKEY_get_bits(pkey) > SIGN_BITS_MAX || k->n == SIGN_KEYS_MAX) {
		EVP_PKEY_free(pkey);
		return 0;
	}
	if (named)
		key.fingerprint = strndup(fingerprint.p, fingerprint.n);
	if (!named || key.fingerprint)
		v = realloc(k->v, (k->n + 1) * sizeof(*v));
	if (!v) {
		free(key.fingerprint);
		EVP_PKEY_free(pkey);
		return ST_ENOMEM;
	}
	k->v = v;
	v[k->n++] = key;
	return 0;
}

/* DER in base64: PKCS #1, else X.509's way. */
static EVP_PKEY *
read_der(struct slice base64)
{
	unsigned char der[DER_MAX];
	const unsigned char *p = der;
	EVP_PKEY *pkey;
	int n;

	if (base64.n == 0 || base64.n > DER_MAX)
		return NULL;
	/* Zeros behind the end harm nobody. */
	n = EVP_DecodeBlock(
	    der, (const unsigned char *)base64.p, (int)base64.n);
	if (n < 0)
		return NULL;
	pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, n);
	p = der;
	return pkey ? pkey : d2i_PUBKEY(NULL, &p, n);
}

static int
add_list(struct sign_keys *k, struct slice text)
{
	struct json_reader r;
	struct json_iter at = { 0 };
	struct err e;
	const struct json *list, *one;
	int err = 0;

	json_reader_init(&r);
	list = json_get(json_parse(&r, text, &e), "PublicKeyList");
	while (err == 0 && (one = json_next(list, &at, NULL)))
		err = add_key(k, read_der(json_text(json_get(one, "Value"))),
		    json_text(json_get(one, "Fingerprint")));
	json_reader_release(&r);
	return err;
}

static int
add_pem(struct sign_keys *k, struct slice text)
{
	BIO *in = BIO_new_mem_buf(text.p, (int)text.n);
	EVP_PKEY *pkey;
	int err = in ? 0 : ST_ENOMEM;

	while (err == 0 && (pkey = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL)))
		err = add_key(k, pkey, SLICE_NULL);
	BIO_free(in);
	return err;
}

int
sign_keys_add(struct sign_keys *k, struct slice text, struct err *e)
{
	size_t before = k->n;
	int err;

	if (text.n > SIGN_FILE_MAX)
		return err_set(
		    e, ST_ELIMIT, "longer than %zu bytes", SIGN_FILE_MAX);
	err = slice_starts(text, "-----BEGIN") ? add_pem(k, text)
					       : add_list(k, text);
	if (err < 0)
		return err_set(e, err, "out of memory");
	if (k->n == before)
		return err_set(e, ST_EFORMAT,
		    "no RSA public key: expects PEM, or what \"aws cloudtrail "
		    "list-public-keys\" prints");
	return 0;
}

/* ---- signatures ---- */

static bool
read_hex(struct slice hex, unsigned char *out, size_t room)
{
	if (hex.n == 0 || hex.n % 2 || hex.n / 2 > room)
		return false;
	for (size_t i = 0; i < hex.n; i++) {
		const char *digits = "0123456789abcdef";
		char c = hex.p[i];
		const char *d = strchr(
		    digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

		if (!c || !d)
			return false;
		out[i / 2] = (unsigned char)(out[i / 2] << 4 | (d - digits));
	}
	return true;
}

static bool
verify(EVP_PKEY *pkey, struct slice text, const unsigned char *sig, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx &&
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
	    EVP_DigestVerify(
		ctx, sig, n, (const unsigned char *)text.p, text.n) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

enum sign_word
sign_check(const struct sign_keys *k, struct slice fingerprint,
    struct slice text, struct slice signature)
{
	unsigned char sig[SIGN_BITS_MAX / 8] = { 0 };
	enum sign_word word = SIGN_NO_KEY;
	bool read = read_hex(signature, sig, sizeof(sig));

	for (size_t i = 0; i < k->n && word != SIGN_GOOD; i++) {
		const struct key *key = &k->v[i];

		if (key->fingerprint &&
		    !slice_is(fingerprint, key->fingerprint))
			continue;
		word = read && verify(key->pkey, text, sig, signature.n / 2)
		    ? SIGN_GOOD
		    : SIGN_BAD;
	}
	return word;
}
