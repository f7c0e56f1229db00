/*
 * test_tls_context.c - names, fingerprints and files of a TLS server.
 */
#include "tests/unit/certs.h"
#include "tests/unit/tls_case.h"
#include "tests/unit/unit.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- names ---- */

static void
a_star_stands_for_a_part_of_one_label(void)
{
	static const struct {
		const char *pattern, *name;
		bool good;
	} rows[] = {
		{ "fwd-*.acme.com", "fwd-1.acme.com", true },
		{ "fwd-*.acme.com", "FWD-eu-west-1.Acme.COM", true },
		{ "fwd-*.acme.com", "fwd-.acme.com", false },
		{ "fwd-*.acme.com", "fwd-1.evil.acme.com", false },
		{ "fwd-*.acme.com", "fwd-1.acme.com.evil.net", false },
		{ "fwd-*.acme.com", "xfwd-1.acme.com", false },
		{ "fwd-*.acme.com", "fwd-*.acme.com", false },
		{ "fwd-*.acme.com", "*.acme.com", false },
		{ "fwd-*.acme.com", "fwd-1.acme.com.", false },
		{ "fwd-*.acme.com", "", false },
		{ "*.acme.com", "a.acme.com", true },
		{ "*.acme.com", "acme.com", false },
		{ "*.acme.com", ".acme.com", false },
		{ "*.acme.com", "a.b.acme.com", false },
		{ "*.*.acme.com", "a.b.acme.com", true },
		{ "a*b*c.x", "abc.x", false },
		{ "a*b*c.x", "a1b2c.x", true },
		{ "a*b*c.x", "a1b2b3c.x", true },
		{ "a*b*c.x", "abbcc.x", true },
		{ "*a.x", "aa.x", true },
		{ "*a.x", "a.x", false },
		{ "*a.*b.x", "1a1a.b1b.x", true },
		{ "*a.*b.x", "1a1b.b1a.x", false },
		{ "fwd-*.acme.com", "fwd-a b.acme.com", false },
		{ "fwd-*.acme.com", "fwd-\xc3\xa4.acme.com", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(tls_pattern_matches(rows[i].pattern, rows[i].name,
			  strlen(rows[i].name)) == rows[i].good);
	CHECK(!tls_pattern_matches("fwd-*.acme.com", "fwd-1\0.acme.com", 15));
	CHECK(!tls_pattern_matches("fwd-*.acme.com", "fwd-1.acme.com\0x", 16));
}

static void
what_is_no_name_is_refused(void)
{
	static const char *const good[] = { "fwd-1.acme.com", "localhost",
		"fwd-*.acme.com", "*.acme.com", "*.internal", "198.51.100.7",
		"2001:db8::7", "ops@acme.com", "spiffe://acme/ns/fwd" };
	static const char *const bad[] = { "", "*", "*.", ".acme.com", "a..b",
		"acme.com.", "fwd-*.c*m", "fwd-**.acme.com", "a b", "acme.com/",
		"*@acme.com", "spiffe://acme/*", "198.51.100.*x.*" };

	for (size_t i = 0; i < COUNT(good); i++)
		CHECK(tls_san_problem(good[i]) == NULL);
	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK(tls_san_problem(bad[i]) != NULL);
}

/* Does a row of this name let a certificate of that name in? */
static bool
lets_in(const char *row, const char *san)
{
	struct tls_options o = plain_options();
	const struct tls_allow allow = { .san = row };
	const struct cert_spec spec = {
		.name = "any", .issuer = "ca", .san = san
	};
	struct tls_context *ctx;
	unsigned char *der;
	size_t n;
	int found;

	o.client_ca = in_dir("ca.pem");
	o.allow = &allow;
	o.n_allow = 1;
	ctx = context(&o);
	CHECK(certs_make(unit_tmpdir(), &spec));
	der = certs_der(unit_tmpdir(), "any", &n);
	found = ctx && der ? tls_context_row(ctx, der, n) : -2;
	CHECK(found >= -1);
	OPENSSL_free(der);
	tls_context_unref(ctx);
	return found == 0;
}

static void
names_are_compared_as_they_stand_in_the_certificate(void)
{
	static const struct {
		const char *row, *san;
		bool good;
	} rows[] = {
		{ "fwd-1.acme.com", "DNS:fwd-1.acme.com", true },
		{ "fwd-1.acme.com", "DNS:x.example,DNS:FWD-1.acme.com", true },
		{ "fwd-1.acme.com", "DNS:fwd-2.acme.com", false },
		/* Wildcards of the certificate: whole labels only. */
		{ "fwd-1.acme.com", "DNS:*.acme.com", true },
		{ "fwd-1.acme.com", "DNS:fwd-*.acme.com", false },
		{ "fwd-1.acme.com", "DNS:f*1.acme.com", false },
		{ "foo.x.bar", "DNS:foo.*.bar", false },
		{ "foo.abc.bar", "DNS:foo.a*c.bar", false },
		{ "a.b.acme.com", "DNS:*.acme.com", false },
		/* A pattern wants a host, not a wildcard. */
		{ "fwd-*.acme.com", "DNS:*.acme.com", false },
		{ "fwd-*.acme.com", "DNS:fwd-*.acme.com", false },
		{ "fwd-*.acme.com", "DNS:fwd-7.acme.com", true },
		{ "fwd-*.acme.com", "DNS:fwd-7.acme.com.evil.example", false },
		/* NUL ends nothing. */
		{ "fwd-1.acme.com", "DNS:fwd-1.acme.com%00.evil.example",
		    false },
		{ "fwd-*.acme.com", "DNS:fwd-1.acme.com%00.evil.example",
		    false },
		{ "fwd-*.acme.com", "DNS:fwd-%00.acme.com", false },
		{ "ops@acme.com", "EMAIL:ops@acme.com%00x", false },
		{ "spiffe://acme/a", "URI:spiffe://acme/a%00b", false },
		/* Each kind only with its own. */
		{ "198.51.100.7", "IP:198.51.100.7", true },
		{ "198.51.100.7", "IP:198.51.100.8", false },
		{ "198.51.100.7", "DNS:198.51.100.7", false },
		{ "2001:db8::7", "IP:2001:db8:0:0::7", true },
		{ "ops@acme.com", "EMAIL:ops@acme.com", true },
		{ "ops@acme.com", "EMAIL:root@acme.com", false },
		{ "ops@acme.com", "DNS:ops@acme.com", false },
		{ "spiffe://acme/a", "URI:spiffe://acme/a", true },
		{ "spiffe://acme/a", "URI:spiffe://acme/ab", false },
		{ "fwd-1.acme.com", "URI:fwd-1.acme.com", false },
		/* The subject, "any", is not looked at. */
		{ "any", NULL, false },
		{ "any", "DNS:other", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool got = lets_in(rows[i].row, rows[i].san);

		if (got != rows[i].good)
			printf("\n    row %s, certificate %s", rows[i].row,
			    rows[i].san);
		CHECK(got == rows[i].good);
	}
}

static void
a_fingerprint_is_read_in_every_common_form(void)
{
	struct tls_options o = plain_options();
	char hex[65], colons[110] = "", upper[80];
	struct tls_allow rows[4];
	struct tls_context *ctx;
	unsigned char *der;
	size_t n;

	REQUIRE(certs_fingerprint(unit_tmpdir(), "fwd", hex));
	for (int i = 0; i < 32; i++)
		snprintf(colons + strlen(colons), 4, "%s%.2s", i ? ":" : "",
		    hex + 2 * i);
	snprintf(upper, sizeof(upper), "SHA256:%s", hex);
	for (char *p = upper; *p; p++)
		*p = *p >= 'a' && *p <= 'f' ? (char)(*p - 32) : *p;
	der = certs_der(unit_tmpdir(), "fwd", &n);
	o.client_ca = in_dir("ca.pem");
	o.allow = rows;
	o.n_allow = 1;
	for (int i = 0; i < 3; i++) {
		rows[0] = (struct tls_allow){ .fingerprint = i == 0 ? hex
			    : i == 1                                ? colons
								    : upper };
		ctx = context(&o);
		REQUIRE(ctx != NULL);
		CHECK_INT(tls_context_row(ctx, der, n), 0);
		tls_context_unref(ctx);
	}
	/* Both must hold, and the first row that matches counts. */
	rows[0] = (struct tls_allow){ .fingerprint = hex, .san = "other" };
	rows[1] = (struct tls_allow){ .fingerprint = hex,
		.san = "fwd-1.acme.com" };
	rows[2] = (struct tls_allow){ .fingerprint = hex };
	o.n_allow = 3;
	ctx = context(&o);
	REQUIRE(ctx != NULL);
	CHECK_INT(tls_context_row(ctx, der, n), 1);
	CHECK_INT(tls_context_row(ctx, der, n - 1), -1);
	CHECK_INT(tls_context_row(ctx, "", 0), -1);
	tls_context_unref(ctx);
	OPENSSL_free(der);
}

/* ---- contexts ---- */

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	REQUIRE(f != NULL);
	fputs(text, f);
	fclose(f);
}

static void
what_is_wrong_with_files_is_said(void)
{
	static const struct {
		const char *cert, *key, *client_ca, *crl, *says;
	} rows[] = {
		{ "none.pem", "server.key", NULL, NULL, "none.pem: No such" },
		{ "server.pem", "none.key", NULL, NULL, "none.key: No such" },
		{ "garbage", "server.key", NULL, NULL, "garbage: no start" },
		{ "server.pem", "garbage", NULL, NULL, "key " },
		{ "server.pem", "fwd.key", NULL, NULL, "key values mismatch" },
		{ "server.pem", "server.key", "none.pem", NULL, "client_ca " },
		{ "server.pem", "server.key", "garbage", NULL, "client_ca " },
		{ "server.pem", "server.key", "ca.pem", "none",
		    "none: No such" },
		{ "server.pem", "server.key", "ca.pem", "garbage", "crl " },
		{ "server.pem", "server.key", "ca.pem", "ca.pem", "crl " },
		{ "server.pem", "server.key", NULL, "ca.crl", "client_ca" },
	};

	make_all();
	write_file("garbage", "hello\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct tls_options o = {
			.cert = in_dir(rows[i].cert),
			.key = in_dir(rows[i].key),
			.client_ca = rows[i].client_ca
			    ? in_dir(rows[i].client_ca)
			    : NULL,
			.crl = rows[i].crl ? in_dir(rows[i].crl) : NULL,
		};
		struct tls_context *ctx = NULL;
		struct err e = { .text = "" };

		CHECK(tls_context_new(&o, &ctx, &e) < 0);
		CHECK(ctx == NULL);
		if (!strstr(e.text, rows[i].says))
			printf("\n    %s", e.text);
		CHECK(strstr(e.text, rows[i].says) != NULL);
	}
}

static void
an_encrypted_key_is_refused_and_not_asked_for(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = NULL;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	FILE *f = fopen(in_dir("locked.key"), "w");
	struct err e = { .text = "" };

	REQUIRE(f && key);
	CHECK(PEM_write_PrivateKey(f, key, EVP_aes_128_cbc(),
		  (const unsigned char *)"pw", 2, NULL, NULL) == 1);
	fclose(f);
	EVP_PKEY_free(key);
	o.key = in_dir("locked.key");
	CHECK(tls_context_new(&o, &ctx, &e) < 0);
	CHECK(strstr(e.text, "locked.key") != NULL);
}

static void
the_first_end_of_a_certificate_or_crl_is_told(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	int64_t now = time(NULL);

	REQUIRE(ctx != NULL);
	CHECK(tls_context_expires(ctx) > now + 29 * 86400);
	CHECK(tls_context_expires(ctx) < now + 31 * 86400);
	CHECK(tls_context_crl_expires(ctx) == INT64_MAX);
	tls_context_unref(ctx);
	o.client_ca = in_dir("ca.pem");
	o.crl = in_dir("ca.crl");
	ctx = context(&o);
	REQUIRE(ctx != NULL);
	CHECK(tls_context_crl_expires(ctx) < now + 31 * 86400);
	tls_context_unref(ctx);
	o.cert = in_dir("expired.pem");
	o.key = in_dir("expired.key");
	ctx = context(&o);
	REQUIRE(ctx != NULL);
	CHECK(tls_context_expires(ctx) < now);
	tls_context_unref(ctx);
}

UNIT_MAIN("tls_context",
    { "a star stands for a part of one label",
	a_star_stands_for_a_part_of_one_label },
    { "what is no name is refused", what_is_no_name_is_refused },
    { "names are compared as they stand in the certificate",
	names_are_compared_as_they_stand_in_the_certificate },
    { "a fingerprint is read in every common form",
	a_fingerprint_is_read_in_every_common_form },
    { "what is wrong with files is said", what_is_wrong_with_files_is_said },
    { "an encrypted key is refused and not asked for",
	an_encrypted_key_is_refused_and_not_asked_for },
    { "the first end of a certificate or CRL is told",
	the_first_end_of_a_certificate_or_crl_is_told })
