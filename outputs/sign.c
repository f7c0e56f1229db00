/*
 * sign.c - a request's signature as Standard Webhooks 1.0 has it.
 *
 * HMAC-SHA256 over "id.timestamp.body", in base64.  Any thread.
 */
#include "outputs/sign.h"

#include "events/envelope.h"
#include "lib/base64.h"
#include "lib/hash.h"

#include <inttypes.h>

#define BLOCK 64

static void
pad(struct sha256 *h, const unsigned char *key, size_t n, unsigned char with)
{
	unsigned char block[BLOCK];

	memset(block, with, sizeof(block));
	for (size_t i = 0; i < n; i++)
		block[i] = key[i] ^ with;
	sha256_add(h, block, sizeof(block));
}

static void
hmac(struct sha256 *h, const unsigned char *key, size_t n, struct slice head,
    struct slice body, unsigned char sum[SHA256_SIZE])
{
	unsigned char folded[SHA256_SIZE];

	if (n > BLOCK) {
		sha256_add(h, key, n);
		sha256_sum(h, folded);
		key = folded;
		n = sizeof(folded);
	}
	pad(h, key, n, 0x36);
	sha256_add(h, head.p, head.n);
	if (body.n)
		sha256_add(h, body.p, body.n);
	sha256_sum(h, sum);
	pad(h, key, n, 0x5c);
	sha256_add(h, sum, SHA256_SIZE);
	sha256_sum(h, sum);
}

int
sign_webhook(struct slice secret, struct slice id, int64_t timestamp,
    struct slice body, struct buf *out, struct err *e)
{
	unsigned char sum[SHA256_SIZE];
	struct buf key = BUF_INIT, head = BUF_INIT;
	struct sha256 *h;
	bool good;

	if (slice_starts(secret, "whsec_"))
		secret = slice_of(secret.p + 6, secret.n - 6);
	if (!envelope_base64(secret, &key) || key.n < SIGN_SECRET_MIN ||
	    key.n > SIGN_SECRET_MAX) {
		buf_release(&key);
		return err_set(e, ST_EINVAL,
		    "the token is no secret of Standard Webhooks (whsec_ and "
		    "base64 of 24 to 64 bytes)");
	}
	buf_add_slice(&head, id);
	buf_addf(&head, ".%" PRId64 ".", timestamp);
	h = sha256_new();
	if (h && !head.failed) {
		hmac(h, (const unsigned char *)key.p, key.n, buf_slice(&head),
		    body, sum);
		buf_adds(out, "v1,");
		base64_add(out, sum, sizeof(sum));
	}
	good = h && !head.failed && !out->failed;
	sha256_free(h);
	buf_release(&head);
	buf_release(&key);
	return good ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}
