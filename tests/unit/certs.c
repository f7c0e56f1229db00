/*
 * certs.c - certificates made for a test.
 *
 * See certs.h.
 */
#include "tests/unit/certs.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400L

static FILE *
open_in(const char *dir, const char *name, const char *ext, const char *mode)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, ext);
	return fopen(path, mode);
}

static X509 *
load_cert(const char *dir, const char *name)
{
	FILE *f = open_in(dir, name, "pem", "r");
	X509 *x = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	return x;
}

static EVP_PKEY *
load_key(const char *dir, const char *name)
{
	FILE *f = open_in(dir, name, "key", "r");
	EVP_PKEY *k = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	return k;
}

/* "a%00b" as three bytes. */
static int
unescape(char *s)
{
	char *to = s;

	for (const char *p = s; *p; to++) {
		if (strncmp(p, "%00", 3) == 0) {
			*to = '\0';
			p += 3;
		} else {
			*to = *p++;
		}
	}
	return (int)(to - s);
}

static GENERAL_NAME *
one_name(char *kind, char *value)
{
	static const struct {
		const char *kind;
		int type;
	} kinds[] = { { "DNS", GEN_DNS }, { "EMAIL", GEN_EMAIL },
		{ "URI", GEN_URI } };
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_IA5STRING *s;

	if (strcmp(kind, "IP") == 0) {
		GENERAL_NAME_set0_value(g, GEN_IPADD, a2i_IPADDRESS(value));
		return g;
	}
	s = ASN1_IA5STRING_new();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, kinds[i].kind) == 0) {
			int n = unescape(value);

			ASN1_STRING_set(s, value, n);
			GENERAL_NAME_set0_value(g, kinds[i].type, s);
			return g;
		}
	abort();
}

static bool
add_san(X509 *x, const char *san)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	char *copy = strdup(san), *rest = copy, *part;
	bool good;

	while ((part = strsep(&rest, ",")) != NULL) {
		char *value = strchr(part, ':');

		*value++ = '\0';
		sk_GENERAL_NAME_push(names, one_name(part, value));
	}
	good = X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0) == 1;
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	free(copy);
	return good;
}

static bool
add_ext(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool good = e && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return good;
}

static bool
fill(X509 *x, const struct cert_spec *c, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(x);
	long serial = 0;
	bool good = RAND_bytes((unsigned char *)&serial, 4) == 1;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial & 0x7fffffff);
	X509_gmtime_adj(X509_getm_notBefore(x), c->from_days * DAY - 3600);
	X509_gmtime_adj(X509_getm_notAfter(x),
	    (c->from_days + (c->days ? c->days : 30)) * DAY);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
	    (const unsigned char *)c->name, -1, -1, 0);
	X509_set_pubkey(x, key);
	good = good &&
	    add_ext(x, NID_basic_constraints,
		c->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (c->ca)
		good = good &&
		    add_ext(x, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (c->client)
		good = good && add_ext(x, NID_ext_key_usage, "clientAuth");
	if (c->server)
		good = good && add_ext(x, NID_ext_key_usage, "serverAuth");
	return good && (!c->san || add_san(x, c->san));
}

static bool
write_pair(const char *dir, const char *name, X509 *x, EVP_PKEY *key)
{
	FILE *f = open_in(dir, name, "pem", "w");
	FILE *k = open_in(dir, name, "key", "w");
	bool good = f && k && PEM_write_X509(f, x) == 1 &&
	    PEM_write_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL) == 1;

	if (f)
		good = fclose(f) == 0 && good;
	if (k)
		good = fclose(k) == 0 && good;
	return good;
}

bool
certs_make(const char *dir, const struct cert_spec *c)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	EVP_PKEY *signer = c->issuer ? load_key(dir, c->issuer) : NULL;
	X509 *issuer = c->issuer ? load_cert(dir, c->issuer) : NULL;
	X509 *x = X509_new();
	bool good = fill(x, c, key) && (!c->issuer || (signer && issuer));

	if (good)
		X509_set_issuer_name(
		    x, X509_get_subject_name(issuer ? issuer : x));
	good = good && X509_sign(x, signer ? signer : key, EVP_sha256()) > 0 &&
	    write_pair(dir, c->name, x, key);
	X509_free(x);
	X509_free(issuer);
	EVP_PKEY_free(signer);
	EVP_PKEY_free(key);
	return good;
}

static void
revoke(X509_CRL *crl, X509 *cert, const ASN1_TIME *when)
{
	X509_REVOKED *r = X509_REVOKED_new();

	X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(cert));
	X509_REVOKED_set_revocationDate(r, (ASN1_TIME *)when);
	X509_CRL_add0_revoked(crl, r);
}

bool
certs_crl(const char *dir, const char *issuer, const char *revoked, int days)
{
	X509 *ca = load_cert(dir, issuer);
	X509 *cert = revoked ? load_cert(dir, revoked) : NULL;
	EVP_PKEY *key = load_key(dir, issuer);
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();
	FILE *f = open_in(dir, issuer, "crl", "w");
	bool good = ca && key && f && (!revoked || cert);

	X509_CRL_set_version(crl, 1);
	if (good)
		X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca));
	X509_gmtime_adj(t, (days < 0 ? 2 * days : 0) * DAY - 3600);
	X509_CRL_set1_lastUpdate(crl, t);
	if (good && cert)
		revoke(crl, cert, t);
	X509_gmtime_adj(t, days * DAY);
	X509_CRL_set1_nextUpdate(crl, t);
	good = good && X509_CRL_sign(crl, key, EVP_sha256()) > 0 &&
	    PEM_write_X509_CRL(f, crl) == 1;
	if (f)
		good = fclose(f) == 0 && good;
	ASN1_TIME_free(t);
	X509_CRL_free(crl);
	EVP_PKEY_free(key);
	X509_free(cert);
	X509_free(ca);
	return good;
}

bool
certs_fingerprint(const char *dir, const char *name, char *hex)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	X509 *x = load_cert(dir, name);
	bool good = x && X509_digest(x, EVP_sha256(), md, &n) == 1;

	for (unsigned i = 0; good && i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", md[i]);
	X509_free(x);
	return good;
}

unsigned char *
certs_der(const char *dir, const char *name, size_t *n)
{
	X509 *x = load_cert(dir, name);
	unsigned char *der = NULL;
	int len = x ? i2d_X509(x, &der) : -1;

	X509_free(x);
	*n = len < 0 ? 0 : (size_t)len;
	return len < 0 ? NULL : der;
}
