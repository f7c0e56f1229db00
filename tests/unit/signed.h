/*
 * signed.h - tokens made for a test, with keys made for it.
 *
 *     struct signer *s = signer_new("key-1", 2048);
 *     signer_jwks(&s, 1, &text);                  // {"keys":[...]}
 *     signer_token(s, header, claims, &token);
 *     signer_free(s);
 */
#ifndef ST_SIGNED_H
#define ST_SIGNED_H

#include "lib/buf.h"

struct signer;
struct signer *signer_new(const char *kid, unsigned bits);
void signer_free(struct signer *s);

void signer_jwks(struct signer *const *s, size_t n, struct buf *out);
/* One key as JSON, with these members before the numbers. */
void signer_key(const struct signer *s, const char *members, struct buf *out);
/* RS256 over any header and claims. */
void signer_token(const struct signer *s, const char *header,
    const char *claims, struct buf *out);
/* base64url without padding */
void signed_encode(const void *p, size_t n, struct buf *out);

#endif
