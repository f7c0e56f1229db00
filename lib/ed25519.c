/*
 * ed25519.c - signatures that say who made something (RFC 8032).
 *
 * One of the rooms that know libcrypto.  Any thread, a key at a time.
 */
#include "lib/ed25519.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct ed25519 {
	EVP_PKEY *key;
};

static int
wrap(EVP_PKEY *key, struct ed25519 **result)
{
	struct ed25519 *k = calloc(1, sizeof(*k));

	if (!k) {
		EVP_PKEY_free(key);
		return ST_ENOMEM;
	}
	k->key = key;
	*result = k;
	return 0;
}

void
ed25519_free(struct ed25519 *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

/* ---- files ---------------------------------------------------------------------- */

static FILE *
create(const char *path, mode_t mode, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		err_sys(e, "cannot make %s", path);
	if (!f && fd >= 0)
		close(fd);
	return f;
}

static int
close_written(FILE *f, bool ok, const char *path, struct err *e)
{
	if (fclose(f) == 0 && ok)
		return 0;
	err_sys(e, "cannot write %s", path);
	unlink(path);
	return ST_EIO;
}

static int
write_private(EVP_PKEY *key, const char *path, struct err *e)
{
	FILE *f = create(path, 0600, e);
	bool ok;

	if (!f)
		return ST_EIO;
	ok = PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
	return close_written(f, ok, path, e);
}

static int
write_public(EVP_PKEY *key, const char *path, struct err *e)
{
	FILE *f = create(path, 0644, e);

	if (!f)
		return ST_EIO;
	return close_written(f, PEM_write_PUBKEY(f, key) == 1, path, e);
}

int
ed25519_new_key(
    const char *private_path, const char *public_path, struct err *e)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	int err;

	if (!key)
		return err_set(e, ST_ENOMEM, "libcrypto makes no key");
	err = write_private(key, private_path, e);
	if (err == 0) {
		err = write_public(key, public_path, e);
		if (err < 0)
			unlink(private_path);
	}
	EVP_PKEY_free(key);
	return err;
}

static bool
is_ed25519(const EVP_PKEY *key)
{
	return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
}

/* Nobody is asked for a password. */
static int
no_password(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

int
ed25519_open(const char *path, struct ed25519 **result, struct err *e)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *key;

	if (!f)
		return err_sys(e, "cannot open %s", path);
	key = PEM_read_PrivateKey(f, NULL, no_password, NULL);
	fclose(f);
	if (!is_ed25519(key)) {
		EVP_PKEY_free(key);
		return err_set(e, ST_EINVAL,
		    "%s: no private Ed25519 key without a password", path);
	}
	return wrap(key, result);
}

int
ed25519_read_public(struct slice pem, struct ed25519 **result, struct err *e)
{
	EVP_PKEY *key = NULL;
	BIO *bio = pem.n <= ED25519_PEM_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n)
					    : NULL;

	if (bio)
		key = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (!is_ed25519(key)) {
		EVP_PKEY_free(key);
		return err_set(e, ST_EINVAL, "no public Ed25519 key");
	}
	return wrap(key, result);
}

int
ed25519_public(const struct ed25519 *k, struct buf *pem)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n = 0;

	if (bio && PEM_write_bio_PUBKEY(bio, k->key) == 1)
		n = BIO_get_mem_data(bio, &p);
	if (n > 0)
		buf_add(pem, p, (size_t)n);
	BIO_free(bio);
	return n > 0 && !pem->failed ? 0 : ST_ENOMEM;
}

/* ---- signatures -------------------------------------------------------------------- */

int
ed25519_sign(const struct ed25519 *k, struct slice message,
    unsigned char sig[ED25519_SIG])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = ED25519_SIG;
	bool ok;

	ok = c && EVP_DigestSignInit(c, NULL, NULL, NULL, k->key) == 1 &&
	    EVP_DigestSign(
		c, sig, &n, (const unsigned char *)message.p, message.n) == 1 &&
	    n == ED25519_SIG;
	EVP_MD_CTX_free(c);
	return ok ? 0 : ST_EINVAL;
}

bool
ed25519_verify(const struct ed25519 *k, struct slice message,
    const unsigned char sig[ED25519_SIG])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok;

	ok = c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, k->key) == 1 &&
	    EVP_DigestVerify(c, sig, ED25519_SIG,
		(const unsigned char *)message.p, message.n) == 1;
	EVP_MD_CTX_free(c);
	return ok;
}
