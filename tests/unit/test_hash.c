/*
 * test_hash.c - SipHash-1-3 against libcrypto's, SHA-256 against its paper.
 */
#include "lib/hash.h"
#include "tests/unit/unit.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

static unsigned char key_bytes[16];
static uint64_t key_words[2];
static unsigned char text[300];

static void
set_up_text_and_key(void)
{
	for (unsigned i = 0; i < 16; i++)
		key_bytes[i] = (unsigned char)i;
	key_words[0] = UINT64_C(0x0706050403020100);
	key_words[1] = UINT64_C(0x0f0e0d0c0b0a0908);
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
}

/* The same by libcrypto, which takes the numbers of rounds. */
static uint64_t
reference(EVP_MAC *mac, size_t n)
{
	unsigned c = 1, d = 3;
	size_t size = 8, got = 0;
	unsigned char out[16] = { 0 };
	uint64_t v = 0;
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &c),
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &d),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

	CHECK(ctx && EVP_MAC_init(ctx, key_bytes, 16, p) &&
	    EVP_MAC_update(ctx, text, n) &&
	    EVP_MAC_final(ctx, out, &got, sizeof(out)) && got == 8);
	EVP_MAC_CTX_free(ctx);
	for (int i = 7; i >= 0; i--)
		v = v << 8 | out[i];
	return v;
}

static void
siphash_1_3_is_what_libcrypto_says(void)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);

	REQUIRE(mac != NULL);
	set_up_text_and_key();
	for (size_t n = 0; n <= sizeof(text); n++)
		CHECK(hash_bytes(text, n, key_words) == reference(mac, n));
	EVP_MAC_free(mac);
}

static void
a_hash_does_not_look_at_alignment_or_behind(void)
{
	unsigned char moved[64];

	set_up_text_and_key();
	for (size_t off = 0; off < 8; off++) {
		memset(moved, 0xee, sizeof(moved));
		memcpy(moved + off, text, 21);
		CHECK(hash_bytes(moved + off, 21, key_words) ==
		    hash_bytes(text, 21, key_words));
	}
	CHECK(hash_bytes(NULL, 0, key_words) == hash_bytes(text, 0, key_words));
	CHECK(hash_bytes("\0", 1, key_words) != hash_bytes("", 0, key_words));
}

static void
the_seed_is_drawn_once(void)
{
	const uint64_t *a = hash_seed();
	uint64_t first = a[0], second = a[1];

	CHECK(first != 0 || second != 0);
	CHECK(hash_seed() == a && a[0] == first && a[1] == second);
	CHECK(hash_slice(SLICE_LIT("x")) == hash_bytes("x", 1, a));
}

/* A number that is in files must not change with the program. */
static void
the_stable_hash_is_the_same_for_ever(void)
{
	CHECK(hash_stable("", 0) == UINT64_C(0xe405255951fb0654));
	CHECK(hash_stable("stsentry", 8) == UINT64_C(0xa87f2986e855b14a));
}

static void
sha256_gives_the_published_sums_and_starts_anew(void)
{
	static const char *const t[][2] = {
		{ "",
		    "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc",
		    "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039"
		    "a33ce45964ff2167f6ecedd419db06c1" },
	};
	struct sha256 *h = sha256_new();
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX];

	REQUIRE(h != NULL);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (const char *p = t[i][0]; *p; p++)
			sha256_add(h, p, 1);
		sha256_add(h, NULL, 0);
		sha256_sum(h, sum);
		hash_hex(sum, sizeof(sum), hex);
		CHECK_TEXT(slice_str(hex), t[i][1]);
	}
	sha256_free(h);
	sha256_free(NULL);
}

UNIT_MAIN("hash",
    { "SipHash-1-3 is what libcrypto says",
	siphash_1_3_is_what_libcrypto_says },
    { "a hash does not look at alignment or behind",
	a_hash_does_not_look_at_alignment_or_behind },
    { "the seed is drawn once", the_seed_is_drawn_once },
    { "the stable hash is the same for ever",
	the_stable_hash_is_the_same_for_ever },
    { "SHA-256 gives the published sums and starts anew",
	sha256_gives_the_published_sums_and_starts_anew })
