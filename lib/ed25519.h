/*
 * ed25519.h - signatures that say who made something (RFC 8032).
 *
 *     err = ed25519_new_key("audit.key", "audit.key.pub", &e);
 *     err = ed25519_open("audit.key", &k, &e);
 *     err = ed25519_sign(k, message, sig);
 *     ok = ed25519_verify(k, message, sig);
 *     ed25519_free(k);
 *
 * Keys are PEM files as OpenSSL makes them (`openssl genpkey -algorithm
 * ED25519`), the private one not encrypted and readable by its owner only.
 * ST_EINVAL: no such key; ST_EIO: the file.  Any thread, a key at a time.
 */
#ifndef ST_ED25519_H
#define ST_ED25519_H

#include "lib/buf.h"
#include "lib/err.h"

#define ED25519_SIG 64
#define ED25519_PEM_MAX 4096 /* bytes of a key file */

struct ed25519;

/* Two new files; ST_EIO also where one of them is there already. */
int ed25519_new_key(const char *private_path, const char *public_path,
    struct err *e) ST_MUSTCHECK;
/* A private key; may sign and verify. */
int ed25519_open(
    const char *path, struct ed25519 **result, struct err *e) ST_MUSTCHECK;
/* A public key; may verify. */
int ed25519_read_public(
    struct slice pem, struct ed25519 **result, struct err *e) ST_MUSTCHECK;
void ed25519_free(struct ed25519 *k); /* NULL is fine */

int ed25519_sign(const struct ed25519 *k, struct slice message,
    unsigned char sig[ED25519_SIG]) ST_MUSTCHECK;
bool ed25519_verify(const struct ed25519 *k, struct slice message,
    const unsigned char sig[ED25519_SIG]);

/* The public half as PEM. */
int ed25519_public(const struct ed25519 *k, struct buf *pem) ST_MUSTCHECK;

#endif
