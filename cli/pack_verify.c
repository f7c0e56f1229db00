/*
 * pack_verify.c - `stsentry pack --verify`: is a pack as it was signed?
 *
 * See pack_verify.h.  Reading the pack is report/archive's business.
 */
#include "cli/pack_verify.h"

#include "cli/cli.h"
#include "conf/secret.h"
#include "lib/jsonw.h"
#include "report/archive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* How it is told: in lines as it goes, or as one object at the end. */
struct telling {
	const char *path;
	bool trusted; /* a key was given */
	bool json;
	struct buf text;
	struct jsonw w;
};

static void
on_broken(void *arg, const char *what)
{
	struct telling *t = arg;

	if (t->json) {
		jsonw_str(&t->w, what);
		return;
	}
	/* Names in a pack are as little to be trusted as the pack. */
	buf_reset(&t->text);
	jsonw_escape(&t->text, slice_str(what));
	printf("%.*s\n", SLICE_ARG(buf_slice(&t->text)));
}

static void
begin(struct telling *t)
{
	if (!t->json)
		return;
	jsonw_init(&t->w, &t->text);
	jsonw_object(&t->w);
	jsonw_member_str(&t->w, "pack", t->path);
	jsonw_key(&t->w, "broken");
	jsonw_array(&t->w);
}

static void
end_json(struct telling *t, const struct archive_result *r)
{
	struct jsonw *w = &t->w;

	jsonw_end(w);
	jsonw_key(w, "whole");
	jsonw_bool(w, r->broken == 0);
	jsonw_member_int(w, "files", (int64_t)r->files);
	jsonw_member_int(w, "lines", (int64_t)r->lines);
	jsonw_member_str(w, "from", r->from[0] ? r->from : NULL);
	jsonw_member_str(w, "to", r->to[0] ? r->to : NULL);
	jsonw_member_str(w, "key_sha256", r->key[0] ? r->key : NULL);
	jsonw_end(w);
	buf_addc(&t->text, '\n');
	fwrite(t->text.p, 1, t->text.n, stdout);
}

static void
end_lines(const struct telling *t, const struct archive_result *r)
{
	printf("%" PRIu64 " files, %" PRIu64 " lines: %s\n", r->files, r->lines,
	    r->broken ? "NOT as packed" : "as packed");
	printf("period: from %s to %s\n",
	    r->from[0] ? r->from : "the beginning",
	    r->to[0] ? r->to : "the end");
	printf("signed with the key sha256:%s%s\n",
	    r->key[0] ? r->key : "(none)",
	    t->trusted ? "" : "; --public-key says whose");
}

static int
read_trusted(const char *path, struct ed25519 **result, struct err *e)
{
	char *pem = NULL;
	size_t n = 0;
	int err = secret_slurp(path, ED25519_PEM_MAX, &pem, &n, e);

	if (err == 0)
		err = ed25519_read_public(slice_of(pem, n), result, e);
	free(pem);
	return err;
}

int
pack_verify(const char *path, const char *trusted, bool json)
{
	struct telling t = { .path = path, .trusted = trusted, .json = json };
	struct archive_result result;
	struct ed25519 *key = NULL;
	struct err e = { .text = "" };
	int err;

	if (trusted && read_trusted(trusted, &key, &e) < 0)
		return cli_error("pack", &e);
	begin(&t);
	err = archive_verify(path, key, on_broken, &t, &result, &e);
	ed25519_free(key);
	if (err == 0 && json)
		end_json(&t, &result);
	else if (err == 0)
		end_lines(&t, &result);
	if (err == 0 && t.text.failed)
		err = err_set(&e, ST_ENOMEM, "out of memory");
	buf_release(&t.text);
	if (err < 0) {
		cli_error("pack", &e);
		return EXIT_UNREADABLE;
	}
	return result.broken ? EXIT_HOLDS : EXIT_OK;
}
