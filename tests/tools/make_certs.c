/*
 * make_certs.c - certificates for scenario tests.
 *
 *     make_certs DIR NAME [issuer=NAME] [san=DNS:a,IP:192.0.2.1] [ca] [client]
 *             [server] [from=DAYS] [days=DAYS]
 *     make_certs DIR NAME crl [revoked=NAME] [days=DAYS]
 *     make_certs DIR NAME fingerprint
 */
#include "tests/unit/certs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
value(const char *arg, const char *key)
{
	size_t n = strlen(key);

	return strncmp(arg, key, n) == 0 ? arg + n : NULL;
}

int
main(int argc, char **argv)
{
	struct cert_spec c = { .name = argc > 2 ? argv[2] : NULL };
	const char *v, *revoked = NULL;
	bool crl = false;
	char hex[65];

	if (argc < 3)
		return 2;
	for (int i = 3; i < argc; i++) {
		if ((v = value(argv[i], "issuer=")))
			c.issuer = v;
		else if ((v = value(argv[i], "san=")))
			c.san = v;
		else if ((v = value(argv[i], "revoked=")))
			revoked = v;
		else if ((v = value(argv[i], "from=")))
			c.from_days = atoi(v);
		else if ((v = value(argv[i], "days=")))
			c.days = atoi(v);
		else if (strcmp(argv[i], "ca") == 0)
			c.ca = true;
		else if (strcmp(argv[i], "client") == 0)
			c.client = true;
		else if (strcmp(argv[i], "server") == 0)
			c.server = true;
		else if (strcmp(argv[i], "crl") == 0)
			crl = true;
		else if (strcmp(argv[i], "fingerprint") == 0)
			return certs_fingerprint(argv[1], c.name, hex)
			    ? puts(hex) < 0
			    : 1;
		else
			return 2;
	}
	if (crl)
		return !certs_crl(
		    argv[1], c.name, revoked, c.days ? c.days : 30);
	return !certs_make(argv[1], &c);
}
