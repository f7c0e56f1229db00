/*
 * http_guard.c - may this request come in?
 *
 * See http_guard.h.  Says rarely, and without the token, why one was refused.
 */
#include "collector/http_guard.h"

#include "events/envelope.h"
#include "lib/clock.h"
#include "lib/jwt.h"
#include "lib/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct http_guard {
	const struct input_config *in;
	struct jwks *keys; /* NULL: no tokens are signed */
	struct jwt_reader *reader;
	int64_t looked; /* at the file, s */
	struct buf scratch, file;
	struct rarely said, file_said;
};

/* ---- keys ---- */

static int
read_file(const char *path, struct buf *out, struct err *e)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return err_sys(e, "jwks: cannot open %s", path);
	buf_reset(out);
	do {
		if (!buf_reserve(out, 65536))
			break;
		n = fread(out->p + out->n, 1, 65536, f);
		out->n += n;
	} while (n > 0 && out->n <= HTTP_JWKS_MAX);
	if (ferror(f)) {
		fclose(f);
		return err_sys(e, "jwks: cannot read %s", path);
	}
	fclose(f);
	if (out->failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	if (out->n > HTTP_JWKS_MAX)
		return err_set(e, ST_ELIMIT,
		    "jwks: %s is larger than %zu bytes", path, HTTP_JWKS_MAX);
	return 0;
}

static int
read_keys(struct http_guard *g, struct err *e)
{
	struct jwks *keys;
	int err = read_file(g->in->jwks, &g->file, e);

	if (err == 0)
		err = jwks_parse(buf_slice(&g->file), &keys, e);
	if (err < 0)
		return err;
	jwks_free(g->keys);
	g->keys = keys;
	return 0;
}

/* Whoever signs takes new keys now and then, and the file follows. */
static bool
read_keys_again(struct http_guard *g, int64_t now)
{
	struct err e = { .text = "" };
	uint64_t n;

	if (now - g->looked < HTTP_JWKS_AGAIN_S && now >= g->looked)
		return false;
	g->looked = now;
	if (read_keys(g, &e) == 0)
		return true;
	if (rarely(&g->file_said, clock_ms(), &n))
		log_warnx(
		    "input %s: the old keys stay: %s", g->in->name, e.text);
	return false;
}

int
http_guard_new(
    const struct input_config *in, struct http_guard **result, struct err *e)
{
	struct http_guard *g = calloc(1, sizeof(*g));
	int err = 0;

	if (!g)
		return err_set(e, ST_ENOMEM, "out of memory");
	g->in = in;
	if (in->jwks) {
		g->reader = jwt_reader_new();
		err = g->reader ? read_keys(g, e)
				: err_set(e, ST_ENOMEM, "out of memory");
	}
	if (err < 0) {
		http_guard_free(g);
		return err;
	}
	*result = g;
	return 0;
}

void
http_guard_free(struct http_guard *g)
{
	if (!g)
		return;
	jwks_free(g->keys);
	jwt_reader_free(g->reader);
	buf_release(&g->scratch);
	buf_release(&g->file);
	free(g);
}

int
http_guard_try(const struct config *c, struct err *e)
{
	const struct input_config *in = c->inputs.v;
	int err = 0;

	for (size_t i = 0; i < c->inputs.n && err == 0; i++) {
		struct http_guard *g = NULL;

		if (in[i].type == INPUT_HTTP)
			err = http_guard_new(&in[i], &g, e);
		http_guard_free(g);
	}
	return err;
}

/* ---- the shared token ---- */

/* Looks at all of `shown`, however early it differs. */
static bool
is_secret(const char *secret, struct slice shown)
{
	size_t n = strlen(secret);
	volatile unsigned differs = n != shown.n || n == 0;

	for (size_t i = 0; n > 0 && i < shown.n; i++)
		differs = differs |
		    (unsigned)((unsigned char)shown.p[i] ^
			(unsigned char)secret[i % n]);
	return differs == 0;
}

/* "word rest": the rest; absent where it does not begin with the word. */
static struct slice
behind(struct slice s, const char *word)
{
	size_t n = strlen(word);

	if (s.n <= n || strncasecmp(s.p, word, n) != 0 || s.p[n] != ' ')
		return SLICE_NULL;
	return slice_trim(slice_of(s.p + n, s.n - n));
}

/* A password, or the whole of "user:password". */
static bool
is_basic(struct http_guard *g, struct slice coded)
{
	struct slice pair;

	buf_reset(&g->scratch);
	if (coded.n == 0 || !envelope_base64(coded, &g->scratch))
		return false;
	pair = buf_slice(&g->scratch);
	return is_secret(g->in->token, slice_after(pair, ':')) ||
	    is_secret(g->in->token, pair);
}

static bool
is_authorized(struct http_guard *g, struct slice shown)
{
	struct slice bearer = behind(shown, "Bearer");
	struct slice splunk = behind(shown, "Splunk");
	struct slice basic = behind(shown, "Basic");

	if (!slice_is_null(basic))
		return is_basic(g, basic);
	if (!slice_is_null(bearer))
		return is_secret(g->in->token, bearer);
	return is_secret(g->in->token, slice_is_null(splunk) ? shown : splunk);
}

static bool
is_header(const struct http_guard *g, struct slice value)
{
	return !slice_is_null(value) && value.n <= HTTP_SECRET_MAX &&
	    is_secret(g->in->token, value);
}

static bool
shows_token(struct http_guard *g, const struct http_head *h, bool *any)
{
	struct slice auth = http_head_get(h, "Authorization");
	struct slice firehose = http_head_get(h, "X-Amz-Firehose-Access-Key");
	struct slice api = http_head_get(h, "X-Api-Key");
	bool query = http_query_get(h->query, "token", &g->scratch);

	*any = !slice_is_null(auth) || !slice_is_null(firehose) ||
	    !slice_is_null(api) || query;
	if (!g->in->token)
		return false;
	if (query && is_header(g, buf_slice(&g->scratch)))
		return true;
	return is_header(g, firehose) || is_header(g, api) ||
	    (!slice_is_null(auth) && auth.n <= HTTP_SECRET_MAX &&
		is_authorized(g, auth));
}

/* ---- signed tokens ---- */

static bool
is_listed(const struct opt_strings *emails, const struct jwt_claims *c)
{
	for (size_t i = 0; i < emails->n; i++)
		if (c->email_verified && strcmp(emails->v[i], c->email) == 0)
			return true;
	return emails->n == 0;
}

static const char *
check_signed(struct http_guard *g, struct slice token, int64_t now)
{
	static const char *const issuers[] = { "https://accounts.google.com",
		"accounts.google.com", NULL };
	const struct jwt_wish wish = { issuers, g->in->audience, now };
	struct jwt_claims claims;
	enum jwt_word word = jwt_check(
	    g->reader, g->keys, token, &wish, &claims);

	if (word == JWT_UNKNOWN_KEY && read_keys_again(g, now))
		word = jwt_check(g->reader, g->keys, token, &wish, &claims);
	if (word != JWT_GOOD)
		return jwt_word_text(word);
	return is_listed(&g->in->emails, &claims)
	    ? NULL
	    : "its e-mail address is not one of `emails`";
}

/* ---- all ---- */

enum http_why
http_guard_check(struct http_guard *g, const struct http_head *h, int64_t now_s,
    const char *peer)
{
	const char *wrong = "it is not the configured one";
	struct slice bearer;
	uint64_t n;
	bool any;

	if (!g->in->token && !g->keys)
		return HTTP_WHY_DONE;
	if (shows_token(g, h, &any))
		return HTTP_WHY_DONE;
	bearer = behind(http_head_get(h, "Authorization"), "Bearer");
	if (g->keys && !slice_is_null(bearer))
		wrong = check_signed(g, bearer, now_s);
	if (!wrong)
		return HTTP_WHY_DONE;
	if (rarely(&g->said, clock_ms(), &n))
		log_warnx("%s: %s%s; %" PRIu64 " since the last such line",
		    peer,
		    any ? "refused, its token is not good: "
			: "refused, "
			  "it shows "
			  "no token",
		    any ? wrong : "", n);
	return any ? HTTP_WHY_BAD_TOKEN : HTTP_WHY_NO_TOKEN;
}
