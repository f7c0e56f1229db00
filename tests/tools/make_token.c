/*
 * make_token.c - signed tokens for scenario tests.
 *
 *     make_token JWKS KID CLAIMS...
 *
 * Makes a key, writes the set that holds it to the file JWKS, and tells a
 * token for each of the claims, a line each.
 */
#include "tests/unit/signed.h"

#include <stdio.h>

static bool
write_keys(const char *path, struct signer *s)
{
	struct buf text = BUF_INIT;
	FILE *f = fopen(path, "w");
	bool good;

	if (!f)
		return false;
	signer_jwks(&s, 1, &text);
	good = fwrite(text.p, 1, text.n, f) == text.n;
	buf_release(&text);
	return fclose(f) == 0 && good;
}

int
main(int argc, char **argv)
{
	struct buf token = BUF_INIT;
	struct signer *s;
	char head[128];
	bool good;

	if (argc < 4)
		return 2;
	s = signer_new(argv[2], 2048);
	snprintf(
	    head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"%s\"}", argv[2]);
	good = write_keys(argv[1], s);
	for (int i = 3; i < argc; i++) {
		buf_reset(&token);
		signer_token(s, head, argv[i], &token);
		printf("%.*s\n", (int)token.n, token.p);
	}
	buf_release(&token);
	signer_free(s);
	return good ? 0 : 1;
}
