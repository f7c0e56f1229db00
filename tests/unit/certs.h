/*
 * certs.h - certificates made for a test, and thrown away with it.
 *
 *     struct cert_spec ca = { .name = "ca", .ca = true };
 *     struct cert_spec fwd = { .name = "fwd", .issuer = "ca",
 *             .san = "DNS:fwd-1.acme.com,IP:127.0.0.1", .client = true };
 *     CHECK(certs_make(dir, &ca) && certs_make(dir, &fwd));
 *     certs_crl(dir, "ca", "fwd", 1);        // dir/ca.crl names fwd
 *
 * Writes dir/NAME.pem and dir/NAME.key, on P-256.  A %00 in `san` is a NUL.
 */
#ifndef ST_TEST_CERTS_H
#define ST_TEST_CERTS_H

#include <stdbool.h>
#include <stddef.h>

struct cert_spec {
	const char *name;        /* of its files, and its common name */
	const char *issuer;      /* another's name; NULL: by itself */
	const char *san;         /* "DNS:a,IP:192.0.2.1,EMAIL:a@b,URI:x://y" */
	bool ca, client, server; /* what it is for; neither: anything */
	int from_days, days;     /* from today on; days 0: 30 */
};

bool certs_make(const char *dir, const struct cert_spec *c);
/* dir/ISSUER.crl with one name, or none; good for so many days. */
bool
certs_crl(const char *dir, const char *issuer, const char *revoked, int days);
/* SHA-256 of dir/NAME.pem in hex; 65 bytes. */
bool certs_fingerprint(const char *dir, const char *name, char *hex);
/* The certificate as DER; the caller frees it. */
unsigned char *certs_der(const char *dir, const char *name, size_t *n);

#endif
