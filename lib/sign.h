/*
 * sign.h - is a text signed with one of these keys (RSA, PKCS #1 v1.5, SHA-256)?
 *
 *     struct sign_keys *k = sign_keys_new();
 *     err = sign_keys_add(k, text, &e);      // of one file, as often as need be
 *     switch (sign_check(k, fingerprint, text, signature)) ...
 *     sign_keys_free(k);
 *
 * A file is what `aws cloudtrail list-public-keys` prints (keys have a
 * fingerprint there, and are DER of PKCS #1 or of X.509), or PEM, whose keys
 * are tried whatever the fingerprint says.
 * Keys never change once added; one thread at a time.
 */
#ifndef ST_SIGN_H
#define ST_SIGN_H

#include "lib/err.h"
#include "lib/slice.h"

#define SIGN_KEYS_MAX 4096
#define SIGN_FILE_MAX ((size_t)4 << 20)
#define SIGN_BITS_MAX 8192

enum sign_word { SIGN_GOOD, SIGN_BAD, SIGN_NO_KEY };

struct sign_keys;
struct sign_keys *sign_keys_new(void); /* NULL without memory */
void sign_keys_free(struct sign_keys *k);
/* ST_EFORMAT: no keys are in it. */
int sign_keys_add(
    struct sign_keys *k, struct slice text, struct err *e) ST_MUSTCHECK;

/* The signature is hexadecimal. */
enum sign_word sign_check(const struct sign_keys *k, struct slice fingerprint,
    struct slice text, struct slice signature);

#endif
