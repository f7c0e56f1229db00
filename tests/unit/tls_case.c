/*
 * tls_case.c - what tests of TLS share: certificates, and servers made of them.
 */
#include "tests/unit/tls_case.h"

#include "tests/unit/certs.h"
#include "tests/unit/unit.h"

#include <stdio.h>

const char *
in_dir(const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", unit_tmpdir(), name);
	return path;
}

void
make_all(void)
{
	static const struct cert_spec specs[] = {
		{ .name = "ca", .ca = true },
		{ .name = "other-ca", .ca = true },
		{ .name = "middle", .ca = true, .issuer = "ca" },
		{ .name = "server", .issuer = "ca", .server = true },
		{ .name = "fwd", .issuer = "ca", .san = "DNS:fwd-1.acme.com" },
		{ .name = "fwd-2",
		    .issuer = "ca",
		    .san = "DNS:fwd-2.acme.com" },
		{ .name = "below",
		    .issuer = "middle",
		    .san = "DNS:fwd-9.acme.com" },
		{ .name = "stranger",
		    .issuer = "other-ca",
		    .san = "DNS:fwd-1.acme.com" },
		{ .name = "self", .san = "DNS:fwd-1.acme.com" },
		{ .name = "expired",
		    .issuer = "ca",
		    .from_days = -40,
		    .days = 30,
		    .san = "DNS:fwd-1.acme.com" },
		{ .name = "early",
		    .issuer = "ca",
		    .from_days = 10,
		    .san = "DNS:fwd-1.acme.com" },
		{ .name = "wrong-use",
		    .issuer = "ca",
		    .server = true,
		    .san = "DNS:fwd-1.acme.com" },
		{ .name = "right-use",
		    .issuer = "ca",
		    .client = true,
		    .san = "DNS:fwd-1.acme.com" },
		{ .name = "revoked",
		    .issuer = "ca",
		    .san = "DNS:fwd-1.acme.com" },
	};
	static bool made;

	if (made)
		return;
	made = true;
	for (size_t i = 0; i < COUNT(specs); i++)
		CHECK(certs_make(unit_tmpdir(), &specs[i]));
	CHECK(certs_crl(unit_tmpdir(), "ca", "revoked", 30));
	CHECK(certs_crl(unit_tmpdir(), "other-ca", NULL, -1));
}

struct tls_options
plain_options(void)
{
	make_all();
	return (struct tls_options){ .cert = in_dir("server.pem"),
		.key = in_dir("server.key") };
}

struct tls_context *
context(const struct tls_options *o)
{
	struct tls_context *ctx = NULL;
	struct err e = { .text = "" };

	if (tls_context_new(o, &ctx, &e) < 0)
		printf("\n    %s", e.text);
	return ctx;
}
