/*
 * tail_digest.c - are a trail's files what its digests say?
 *
 * See tail_digest.h.  What a digest says is events/trail_digest's business; signatures
 * are lib/sign's.
 */
#include "config.h"

#include "collector/tail_digest.h"

#include "conf/secret.h"
#include "events/trail_digest.h"
#include "lib/globs.h"
#include "lib/hash.h"
#include "lib/inflate.h"
#include "lib/log.h"
#include "lib/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t)64 << 10)

struct digests {
	const struct config *config;
	struct sign_keys **keys; /* by input; NULL: nobody asked for it */
	struct inflate *inflate;
	struct sha256 *sha;
	struct json_reader reader, before; /* this digest, and the last one */
	struct buf text, text_before;
	struct buf path, words, id;
	char *chunk;
};

/* One digest. */
struct look {
	struct digests *d;
	const struct input_config *input;
	const struct sign_keys *keys;
	digest_notice_cb *cb;
	void *arg;
	struct trail_digest digest;
	struct slice chain;
	struct slice root; /* of the tree: what stands before objects' names */
	size_t strip;      /* so much of these names is not in the tree */
	bool waits;        /* what is missing may still come */
	uint64_t told;
};

/* ---- life ---- */

static int
add_keys(struct sign_keys *k, const char *path, struct err *e)
{
	char *bytes = NULL;
	size_t n;
	struct err why = { .text = "" };
	int err = secret_slurp(path, SIGN_FILE_MAX, &bytes, &n, e);

	if (err < 0)
		return err;
	err = sign_keys_add(k, slice_of(bytes, n), &why);
	free(bytes);
	return err < 0 ? err_set(e, err, "%s: %s", path, why.text) : 0;
}

static int
load_keys(struct digests *d, unsigned i, struct err *e)
{
	const struct input_config *in =
	    (const struct input_config *)d->config->inputs.v + i;
	int err = 0;

	if (in->type != INPUT_FILE || !in->verify_digests)
		return 0;
	d->keys[i] = sign_keys_new();
	if (!d->keys[i])
		return err_set(e, ST_ENOMEM, "out of memory");
	for (size_t k = 0; k < in->public_keys.n && err == 0; k++)
		err = add_keys(d->keys[i], in->public_keys.v[k], e);
	return err;
}

int
digests_new(const struct config *c, struct digests **result, struct err *e)
{
	const struct inflate_limits limits = {
		.max_bytes = c->limits.inflated,
		.max_ratio = (unsigned)c->limits.inflate_ratio,
	};
	struct digests *d = calloc(1, sizeof(*d));
	int err = 0;

	if (!d)
		return err_set(e, ST_ENOMEM, "out of memory");
	d->config = c;
	json_reader_init(&d->reader);
	json_reader_init(&d->before);
	d->keys = calloc(c->inputs.n + 1, sizeof(*d->keys));
	d->inflate = inflate_new(&limits);
	d->sha = sha256_new();
	d->chunk = malloc(READ_BYTES);
	if (!d->keys || !d->inflate || !d->sha || !d->chunk)
		err = err_set(e, ST_ENOMEM, "out of memory");
	for (unsigned i = 0; i < c->inputs.n && err == 0; i++)
		err = load_keys(d, i, e);
	if (err == 0) {
		*result = d;
		d = NULL;
	}
	digests_free(d);
	return err;
}

void
digests_free(struct digests *d)
{
	if (!d)
		return;
	for (size_t i = 0; d->keys && i < d->config->inputs.n; i++)
		sign_keys_free(d->keys[i]);
	free(d->keys);
	inflate_free(d->inflate);
	sha256_free(d->sha);
	json_reader_release(&d->reader);
	json_reader_release(&d->before);
	buf_release(&d->text);
	buf_release(&d->text_before);
	buf_release(&d->path);
	buf_release(&d->words);
	buf_release(&d->id);
	free(d->chunk);
	free(d);
}

/* ---- what a file holds ---- */

struct sum {
	struct sha256 *sha;
	struct buf *text; /* NULL: not wanted */
};

static int
add_bytes(void *arg, const char *p, size_t n)
{
	struct sum *s = arg;

	sha256_add(s->sha, p, n);
	if (!s->text)
		return 0;
	if (s->text->n + n > DIGEST_MAX)
		return ST_ELIMIT;
	buf_add(s->text, p, n);
	return s->text->failed ? ST_ENOMEM : 0;
}

/* The hash of its unpacked bytes; what follows a packed end is an error. */
static int
sum_of(struct digests *d, int fd, struct buf *text, char hash[SHA256_HEX])
{
	unsigned char sum[SHA256_SIZE];
	struct sum s = { d->sha, text };
	uint64_t at = 0;
	ssize_t n = 1;
	int err = 0;

	inflate_reset(d->inflate);
	if (text)
		buf_reset(text);
	while (err == 0 && n > 0) {
		n = pread(fd, d->chunk, READ_BYTES, (off_t)at);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			err = ST_EIO;
		else if (n == 0)
			err = inflate_finish(d->inflate, add_bytes, &s, NULL);
		else
			err = inflate_feed(d->inflate, d->chunk, (size_t)n,
			    add_bytes, &s, NULL);
		at += n > 0 ? (uint64_t)n : 0;
	}
	sha256_sum(d->sha, sum);
	hash_hex(sum, sizeof(sum), hash);
	return err;
}

static bool
same_hash(struct slice said, const char *hash)
{
	return said.n == SHA256_HEX - 1 &&
	    strncasecmp(said.p, hash, said.n) == 0;
}

/* ---- what is told ---- */

static void
tell(struct look *l, struct slice what, const char *why)
{
	struct digests *d = l->d;
	struct notice n = { .reason = R_TRAIL_CHANGED,
		.provider = PROVIDER_AWS,
		.account = l->digest.account,
		.subject = l->chain };

	if (l->told++ >= DIGEST_TOLD_MAX)
		return;
	buf_reset(&d->words);
	buf_reset(&d->id);
	buf_addf(&d->words, "CloudTrail: %.*s %s", (int)what.n, what.p, why);
	buf_addf(&d->id, "digest:%.*s:%.*s", (int)l->digest.object.n,
	    l->digest.object.p, (int)what.n, what.p);
	if (d->words.failed || d->id.failed)
		return;
	(void)when_parse(l->digest.end, &n.time);
	n.observed = what;
	n.text = buf_slice(&d->words);
	n.id = buf_slice(&d->id);
	log_warnx(
	    "input %s: %.*s", l->input->name, (int)d->words.n, d->words.p);
	l->cb(l->arg, &n);
}

static void
tell_rest(const struct look *l)
{
	if (l->told > DIGEST_TOLD_MAX)
		log_warnx("input %s: %.*s: %" PRIu64 " more of its files are "
			  "not as they should be",
		    l->input->name, (int)l->digest.object.n, l->digest.object.p,
		    l->told - DIGEST_TOLD_MAX);
}

/* ---- places ---- */

/* How many bytes at the end are the same, whole names of folders only. */
static size_t
common_end(struct slice path, struct slice object)
{
	size_t n = 0, whole = 0;

	while (n < path.n && n < object.n &&
	    path.p[path.n - 1 - n] == object.p[object.n - 1 - n]) {
		n++;
		if (n == path.n || path.p[path.n - 1 - n] == '/')
			whole = n == object.n ||
				object.p[object.n - 1 - n] == '/'
			    ? n
			    : whole;
	}
	return whole;
}

/* False: it is not where it says it belongs. */
static bool
find_root(struct look *l, const char *path)
{
	struct slice p = slice_str(path);
	size_t n = common_end(p, l->digest.object);

	l->root = slice_of(p.p, p.n - n);
	l->strip = l->digest.object.n - n;
	return slice_find(slice_of(p.p + p.n - n, n), DIGEST_FOLDER);
}

/* What it says may be anything: it names nothing outside of the tree. */
static const char *
path_of(const struct look *l, struct slice object)
{
	struct buf *b = &l->d->path;

	if (object.n <= l->strip ||
	    memcmp(object.p, l->digest.object.p, l->strip) != 0 ||
	    memchr(object.p, '\0', object.n) || slice_find(object, ".."))
		return NULL;
	buf_reset(b);
	buf_add_slice(b, l->root);
	buf_add(b, object.p + l->strip, object.n - l->strip);
	buf_addc(b, '\0');
	return b->failed ? NULL : b->p;
}

static bool
is_fresh(const struct stat *st, int64_t seconds)
{
	return when_now().sec - st->st_ctim.tv_sec < seconds;
}

static int
open_object(const struct look *l, struct slice object)
{
	const char *path = path_of(l, object);

	return path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
		    : -1;
}

/* ---- one after the other ---- */

/* Is all there, and written, that will be?  DIGEST_DONE: yes. */
static enum digest_word
look_for_files(const struct look *l)
{
	struct json_iter at = { 0 };
	struct trail_file f;
	struct stat st;
	enum digest_word word = DIGEST_DONE;

	while (l->input->follow && trail_digest_file(&l->digest, &at, &f)) {
		const char *path = path_of(l, f.object);

		if (!path || stat(path, &st) < 0)
			word = l->waits ? DIGEST_LATER : word;
		else if (word == DIGEST_DONE && is_fresh(&st, DIGEST_SETTLE_S))
			word = DIGEST_SOON;
	}
	return word;
}

static void
check_file(struct look *l, const struct trail_file *f)
{
	char hash[SHA256_HEX];
	int fd = open_object(l, f->object);
	int err = fd < 0 ? 0 : sum_of(l->d, fd, NULL, hash);

	if (fd < 0)
		tell(l, f->object, "is missing: its digest knows it");
	else if (err < 0 || !same_hash(f->hash, hash))
		tell(l, f->object, "is not what its digest says");
	if (fd >= 0)
		close(fd);
}

/* The digest before: its hash, and its signature, stand in this one. */
static void
check_before(struct look *l, int fd)
{
	const struct trail_digest *now = &l->digest;
	struct trail_digest before;
	char hash[SHA256_HEX];
	struct buf *text = &l->d->text_before, *words = &l->d->words;

	if (sum_of(l->d, fd, text, hash) < 0 ||
	    !same_hash(now->previous_hash, hash) ||
	    trail_digest_parse(&l->d->before, buf_slice(text), &before) < 0) {
		tell(l, now->previous_object, "is not what the next one says");
		return;
	}
	buf_reset(words);
	trail_digest_signed(&before, hash, words);
	switch (words->failed
		? SIGN_NO_KEY
		: sign_check(l->keys, before.fingerprint, buf_slice(words),
		      now->previous_signature)) {
	case SIGN_GOOD:
		break;
	case SIGN_BAD:
		tell(l, now->previous_object, "has no good signature");
		break;
	case SIGN_NO_KEY:
		tell(l, now->previous_object,
		    "cannot be verified: public_keys has no key of its "
		    "fingerprint");
		break;
	}
}

struct oldest {
	const struct look *l;
	bool found; /* another one of the chain, older than this */
};

/* Files come in the order of names, which is that of time: the first of the
 * chain is its oldest. */
static int
on_digest(void *arg, const char *path, const struct stat *st)
{
	struct oldest *o = arg;
	struct slice object = o->l->digest.object;
	struct slice name = slice_after_last(slice_str(path), '/');
	struct slice own = slice_after_last(object, '/');

	(void)st;
	if (name.n < o->l->chain.n ||
	    memcmp(name.p, o->l->chain.p, o->l->chain.n) != 0)
		return 0;
	o->found = slice_cmp(name, own) < 0;
	return ST_ESTOPPED;
}

/* The folder of a region: year, month and day are below it. */
static bool
has_older(const struct look *l)
{
	static const struct globs_calls calls = { .file = on_digest };
	struct oldest o = { .l = l };
	struct buf *b = &l->d->path;

	buf_reset(b);
	buf_add_slice(b, l->root);
	buf_add(
	    b, l->digest.object.p + l->strip, l->digest.object.n - l->strip);
	for (int up = 0; up < 4; up++)
		while (b->n > 0 && b->p[--b->n] != '/')
			;
	buf_adds(b, "/**");
	buf_addc(b, '\0');
	return !b->failed &&
	    globs_walk(b->p, NULL, &calls, &o) == ST_ESTOPPED && o.found;
}

static void
check_chain(struct look *l)
{
	bool first = slice_is_null(l->digest.previous_object);
	int fd = first ? -1 : open_object(l, l->digest.previous_object);

	if (fd >= 0) {
		check_before(l, fd);
		close(fd);
	} else if (has_older(l)) {
		tell(l, first ? l->digest.object : l->digest.previous_object,
		    first ? "begins a new chain"
			  : "is missing: the next digest knows it");
	}
}

static enum digest_word
look(struct look *l, const char *path)
{
	struct json_iter at = { 0 };
	struct trail_file f;
	enum digest_word word;

	if (!find_root(l, path)) {
		tell(l, l->digest.object, "was moved from where it belongs");
		return DIGEST_DONE;
	}
	word = look_for_files(l);
	if (word != DIGEST_DONE)
		return word;
	check_chain(l);
	while (trail_digest_file(&l->digest, &at, &f))
		check_file(l, &f);
	tell_rest(l);
	return DIGEST_DONE;
}

enum digest_word
digests_look(struct digests *d, unsigned input, const char *path, int fd,
    digest_notice_cb *cb, void *arg)
{
	struct look l = { .d = d,
		.input = (const struct input_config *)d->config->inputs.v +
		    input,
		.keys = d->keys[input],
		.cb = cb,
		.arg = arg };
	char hash[SHA256_HEX];
	struct stat st;

	if (!strstr(path, "/" DIGEST_FOLDER) || fstat(fd, &st) < 0)
		return DIGEST_NONE;
	if (sum_of(d, fd, &d->text, hash) < 0 ||
	    trail_digest_parse(&d->reader, buf_slice(&d->text), &l.digest) < 0)
		return l.input->follow && is_fresh(&st, DIGEST_SETTLE_S)
		    ? DIGEST_SOON
		    : DIGEST_NONE;
	if (!l.keys)
		return DIGEST_DONE;
	l.chain = trail_digest_chain(&l.digest);
	if (slice_is_null(l.chain))
		l.chain = l.digest.object;
	l.waits = l.input->follow && is_fresh(&st, DIGEST_WAIT_S);
	return look(&l, path);
}
