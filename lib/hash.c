/*
 * hash.c - SipHash-1-3 and SHA-256.
 *
 * SipHash is small enough to be ours; SHA-256 is libcrypto's, and this is the
 * room that knows it for plain sums.  The seed is drawn once for the process;
 * everything else is without state.  Any thread.
 */
#include "lib/hash.h"

#include <endian.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define ROTL(x, b) ((x) << (b) | (x) >> (64 - (b)))

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline void
sip_rounds(struct sip *s, int rounds)
{
	while (rounds-- > 0) {
		s->v0 += s->v1;
		s->v1 = ROTL(s->v1, 13) ^ s->v0;
		s->v0 = ROTL(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = ROTL(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = ROTL(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = ROTL(s->v1, 17) ^ s->v2;
		s->v2 = ROTL(s->v2, 32);
	}
}

static inline void
sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_rounds(s, 1);
	s->v0 ^= m;
}

/* The last word: what is left of the text and, on top, its length. */
static inline uint64_t
sip_tail(const unsigned char *p, size_t left, size_t n)
{
	uint64_t m = (uint64_t)n << 56;

	while (left-- > 0)
		m |= (uint64_t)p[left] << (8 * left);
	return m;
}

uint64_t
hash_bytes(const void *p, size_t n, const uint64_t key[2])
{
	struct sip s = {
		.v0 = key[0] ^ UINT64_C(0x736f6d6570736575),
		.v1 = key[1] ^ UINT64_C(0x646f72616e646f6d),
		.v2 = key[0] ^ UINT64_C(0x6c7967656e657261),
		.v3 = key[1] ^ UINT64_C(0x7465646279746573),
	};
	const unsigned char *at = p;
	size_t words = n / 8;
	uint64_t m;

	for (; words > 0; words--, at += 8) {
		memcpy(&m, at, sizeof(m));
		sip_word(&s, le64toh(m));
	}
	sip_word(&s, sip_tail(at, n % 8, n));
	s.v2 ^= 0xff;
	sip_rounds(&s, 3);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static uint64_t seed[2];

static void
draw_seed(void)
{
	struct timespec now;

	if (getrandom(seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
		return;
	/* A system without getrandom(): hard to guess is all we can do. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	seed[0] = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
	seed[1] = (uint64_t)(uintptr_t)&now ^ (uint64_t)getpid() << 40;
}

const uint64_t *
hash_seed(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, draw_seed);
	return seed;
}

uint64_t
hash_stable(const void *p, size_t n)
{
	static const uint64_t key[2] = { UINT64_C(0x7374736e74727931),
		UINT64_C(0x5f737461626c6531) };

	return hash_bytes(p, n, key);
}

struct sha256 {
	EVP_MD_CTX *ctx;
	EVP_MD *md; /* fetched once: a fetch takes libcrypto's locks */
};

struct sha256 *
sha256_new(void)
{
	struct sha256 *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->ctx = EVP_MD_CTX_new();
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!h->ctx || !h->md || !EVP_DigestInit_ex(h->ctx, h->md, NULL)) {
		sha256_free(h);
		return NULL;
	}
	return h;
}

void
sha256_add(struct sha256 *h, const void *p, size_t n)
{
	if (n > 0)
		EVP_DigestUpdate(h->ctx, p, n);
}

void
sha256_sum(struct sha256 *h, unsigned char out[SHA256_SIZE])
{
	/* With a fetched SHA256 neither can fail; should it, no old bytes. */
	if (!EVP_DigestFinal_ex(h->ctx, out, NULL))
		memset(out, 0, SHA256_SIZE);
	EVP_DigestInit_ex(h->ctx, h->md, NULL);
}

void
sha256_free(struct sha256 *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	free(h);
}

void
hash_hex(const unsigned char *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (; n > 0; n--, p++) {
		*out++ = digits[*p >> 4];
		*out++ = digits[*p & 15];
	}
	*out = '\0';
}
