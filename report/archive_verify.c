/*
 * archive_verify.c - a date range as one archive that can prove itself: reading.
 *
 * One pass.  The manifest and its signature come first; what follows is held
 * against them, lines against the index before them.  One owner.
 */
#include "config.h"

#include "report/archive.h"

#include "events/envelope.h"
#include "lib/base64.h"
#include "lib/inflate.h"
#include "lib/json.h"
#include "lib/tar.h"
#include "lib/utf8.h"
#include "report/merkle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK 65536
#define TEXT_MAX_BYTES 512
#define LOOK_AHEAD 65536 /* lines of the index, for where it goes on */
#define HEX_SIZE (SHA256_HEX - 1)

enum member { IS_MANIFEST, IS_SIGNATURE, IS_KEY, IS_FILE };

/* What the manifest says of a file. */
struct entry {
	struct slice name, sha256;
	int64_t lines; /* -1: no file of lines */
	bool seen;
};

struct verify {
	archive_broken *broken;
	void *arg;
	const struct ed25519 *trusted;
	struct archive_result *result;
	struct json_reader json; /* the manifest */
	struct entry *v;
	size_t n;

	/* The member at hand. */
	enum member is;
	char name[TAR_NAME_MAX + 1];
	struct entry *entry; /* or NULL */
	struct sha256 *hash;
	struct buf held; /* a member that is kept whole, or part of a line */

	struct buf manifest, signature, key;

	/* The index of the lines that come next. */
	struct buf index;
	char index_name[TAR_NAME_MAX + 1];
	struct slice rest;  /* of the index: lines that are still to come */
	uint64_t line;      /* the number of the next in the index */
	uint64_t unknown;   /* lines that the index does not have, in a row */
	unsigned named;     /* of this file */
	struct merkle leaf; /* for the hash of one line */
};

static void say(struct verify *v, const char *fmt, ...) ST_PRINTF(2, 3);

static void
say(struct verify *v, const char *fmt, ...)
{
	char text[TEXT_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v->result->broken++;
	v->broken(v->arg, text);
}

/* ---- manifest and signature --------------------------------------------------------- */

static int
read_files(struct verify *v, const struct json *files)
{
	const struct json *one;
	struct json_iter at = { 0 };

	v->v = calloc(json_count(files) + 1, sizeof(*v->v));
	if (!v->v)
		return ST_ENOMEM;
	while ((one = json_next(files, &at, NULL))) {
		struct entry *f = &v->v[v->n++];

		f->name = json_text(json_get(one, "name"));
		f->sha256 = json_text(json_get(one, "sha256"));
		if (!json_int(json_get(one, "lines"), &f->lines))
			f->lines = -1;
	}
	return 0;
}

/* Only a moment: what stands in a pack is not to be trusted yet. */
static void
copy_time(const struct json *v, char to[WHEN_TEXT])
{
	struct when t;

	if (when_parse(json_text(v), &t))
		when_format(t, to);
}

static int
read_manifest(struct verify *v)
{
	const struct json *m = json_parse(
	    &v->json, buf_slice(&v->manifest), NULL);

	if (!m) {
		say(v, ARCHIVE_MANIFEST ": cannot be read");
		return 0;
	}
	copy_time(json_get(m, "from"), v->result->from);
	copy_time(json_get(m, "to"), v->result->to);
	return read_files(v, json_get(m, "files"));
}

/* Text that says the same in other bytes is not what was packed either. */
static bool
signature_of(struct verify *v, unsigned char sig[ED25519_SIG])
{
	struct buf raw = BUF_INIT, again = BUF_INIT;
	struct slice text = slice_before(buf_slice(&v->signature), '\n');
	bool ok;

	ok = text.p && envelope_base64(text, &raw) && raw.n == ED25519_SIG;
	if (ok) {
		memcpy(sig, raw.p, ED25519_SIG);
		base64_add(&again, sig, ED25519_SIG);
		buf_addc(&again, '\n');
		ok = slice_eq(buf_slice(&again), buf_slice(&v->signature));
	}
	buf_release(&raw);
	buf_release(&again);
	return ok;
}

static bool
is_key(const struct ed25519 *k, struct slice text)
{
	struct buf pem = BUF_INIT;
	bool same = k && ed25519_public(k, &pem) == 0 &&
	    slice_eq(buf_slice(&pem), text);

	buf_release(&pem);
	return same;
}

/* The key is there: all that is signed has come. */
static void
check_signature(struct verify *v)
{
	unsigned char sig[ED25519_SIG], sum[SHA256_SIZE];
	struct slice key = buf_slice(&v->key);
	struct ed25519 *own = NULL;

	sha256_add(v->hash, v->key.p, v->key.n);
	sha256_sum(v->hash, sum);
	hash_hex(sum, sizeof(sum), v->result->key);
	if (ed25519_read_public(key, &own, NULL) < 0 || !is_key(own, key))
		say(v, ARCHIVE_KEY ": no Ed25519 key as it was packed");
	else if (!signature_of(v, sig))
		say(v, ARCHIVE_SIGNATURE ": no signature as it was packed");
	else if (!ed25519_verify(own, buf_slice(&v->manifest), sig))
		say(v,
		    ARCHIVE_MANIFEST ": not what " ARCHIVE_SIGNATURE
				     " signs with " ARCHIVE_KEY);
	if (v->trusted && !is_key(v->trusted, key))
		say(v,
		    ARCHIVE_KEY ": another key than the one that is trusted");
	ed25519_free(own);
}

/* ---- lines against their index ------------------------------------------------------- */

/* The next line of the index: its hash and its id. */
static bool
next_leaf(struct slice *rest, struct slice *hex, struct slice *id)
{
	struct slice line = slice_before(*rest, '\n');

	if (!line.p || line.n < HEX_SIZE + 1)
		return false;
	*hex = slice_of(line.p, HEX_SIZE);
	*id = slice_of(line.p + HEX_SIZE + 1, line.n - HEX_SIZE - 1);
	*rest = slice_after(*rest, '\n');
	return true;
}

static void
name_line(struct verify *v, uint64_t number, struct slice id, const char *what)
{
	if (v->named++ < ARCHIVE_NAMED_MAX)
		say(v, "%s: line %" PRIu64 " (%.*s) %s", v->name, number,
		    SLICE_ARG(utf8_cut(id, 128)), what);
	else
		v->result->broken++;
}

/* `n` lines of the index have no line of theirs: as many as unknown ones came
 * in their place were changed, the others are gone. */
static void
name_lost(struct verify *v, uint64_t n)
{
	struct slice hex, id;

	for (; n && next_leaf(&v->rest, &hex, &id); n--, v->line++) {
		name_line(
		    v, v->line, id, v->unknown ? "was changed" : "is missing");
		v->unknown -= v->unknown > 0;
	}
	for (; v->unknown; v->unknown--)
		name_line(v, v->line, SLICE_LIT("before it"),
		    "is new: a line was put in");
}

/* How far on in the index this hash stands; -1: nowhere near. */
static int64_t
look_ahead(const struct verify *v, const char *hex)
{
	struct slice rest = v->rest, leaf, id;

	for (int64_t i = 0; i < LOOK_AHEAD && next_leaf(&rest, &leaf, &id); i++)
		if (memcmp(leaf.p, hex, HEX_SIZE) == 0)
			return i;
	return -1;
}

static void
check_line(struct verify *v, struct slice line)
{
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX];
	struct slice leaf, id;
	int64_t ahead;

	v->result->lines++;
	if (!v->index.n)
		return;
	merkle_add(&v->leaf, line, sum);
	merkle_root(&v->leaf, sum);
	hash_hex(sum, sizeof(sum), hex);
	ahead = look_ahead(v, hex);
	if (ahead < 0) {
		v->unknown++;
		return;
	}
	if (ahead || v->unknown)
		name_lost(v, (uint64_t)ahead);
	if (next_leaf(&v->rest, &leaf, &id))
		v->line++;
}

static int
take_lines(struct verify *v, const char *p, size_t n)
{
	const char *lf;

	while (n && (lf = memchr(p, '\n', n))) {
		size_t len = (size_t)(lf - p);

		buf_add(&v->held, p, len);
		check_line(v, buf_slice(&v->held));
		buf_reset(&v->held);
		p = lf + 1;
		n -= len + 1;
	}
	if (v->held.n + n > ARCHIVE_LINE_MAX)
		buf_reset(&v->held);
	buf_add(&v->held, p, n);
	return v->held.failed ? ST_ENOMEM : 0;
}

static void
end_lines(struct verify *v)
{
	if (v->held.n)
		check_line(v, buf_slice(&v->held));
	if (v->index.n)
		name_lost(v, UINT64_MAX);
	buf_reset(&v->index);
}

/* Does the index that came last belong to this file? */
static bool
index_fits(const struct verify *v)
{
	size_t stem = strlen(v->index_name) - strlen(ARCHIVE_INDEX);

	return v->index.n && strncmp(v->index_name, v->name, stem) == 0;
}

static void
begin_lines(struct verify *v)
{
	if (!index_fits(v))
		buf_reset(&v->index);
	v->rest = buf_slice(&v->index);
	v->line = 1;
	v->unknown = 0;
}

/* ---- members --------------------------------------------------------------------------- */

static struct entry *
entry_of(struct verify *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (slice_is(v->v[i].name, name))
			return &v->v[i];
	return NULL;
}

static enum member
kind_of(const char *name)
{
	static const char *const names[] = { ARCHIVE_MANIFEST,
		ARCHIVE_SIGNATURE, ARCHIVE_KEY };

	for (unsigned i = 0; i < IS_FILE; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return IS_FILE;
}

static bool
is_index(const struct verify *v)
{
	return slice_ends(slice_str(v->name), ARCHIVE_INDEX);
}

/* What is signed comes once; a second one is a file like any other. */
static bool
came_before(const struct verify *v, enum member is)
{
	return (is == IS_MANIFEST && v->manifest.n) ||
	    (is == IS_SIGNATURE && v->signature.n) ||
	    (is == IS_KEY && v->key.n);
}

static int
on_begin(void *arg, const char *name, uint64_t size)
{
	struct verify *v = arg;

	(void)size;
	snprintf(v->name, sizeof(v->name), "%s", name);
	v->is = kind_of(name);
	if (came_before(v, v->is))
		v->is = IS_FILE;
	v->named = 0;
	buf_reset(&v->held);
	if (v->is != IS_FILE)
		return 0;
	v->entry = entry_of(v, name);
	if (!v->entry)
		say(v, "%s: not in the manifest", name);
	if (v->entry && v->entry->seen)
		say(v, "%s: there twice", name);
	if (is_index(v)) {
		buf_reset(&v->index);
		memcpy(v->index_name, v->name, sizeof(v->name));
	} else if (v->entry && v->entry->lines >= 0) {
		begin_lines(v);
	}
	return 0;
}

static int
keep(struct buf *b, size_t max, const char *p, size_t n)
{
	if (b->n + n <= max)
		buf_add(b, p, n);
	return b->failed ? ST_ENOMEM : 0;
}

static int
on_bytes(void *arg, const char *p, size_t n)
{
	struct verify *v = arg;

	if (v->is == IS_MANIFEST)
		return keep(&v->manifest, ARCHIVE_MANIFEST_MAX, p, n);
	if (v->is == IS_SIGNATURE)
		return keep(&v->signature, ED25519_PEM_MAX, p, n);
	if (v->is == IS_KEY)
		return keep(&v->key, ED25519_PEM_MAX, p, n);
	sha256_add(v->hash, p, n);
	if (is_index(v))
		return keep(&v->index, ARCHIVE_INDEX_MAX, p, n);
	if (v->entry && v->entry->lines >= 0)
		return take_lines(v, p, n);
	return 0;
}

static void
end_file(struct verify *v)
{
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX];

	v->result->files++;
	sha256_sum(v->hash, sum);
	hash_hex(sum, sizeof(sum), hex);
	if (!v->entry)
		return;
	v->entry->seen = true;
	if (v->entry->lines >= 0)
		end_lines(v);
	if (slice_is(v->entry->sha256, hex))
		return;
	if (is_index(v))
		buf_reset(&v->index); /* it can say nothing any more */
	if (!v->named)
		say(v, "%s: was changed", v->name);
}

static int
on_end(void *arg)
{
	struct verify *v = arg;

	if (v->is == IS_MANIFEST)
		return read_manifest(v);
	if (v->is == IS_KEY)
		check_signature(v);
	if (v->is == IS_FILE)
		end_file(v);
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------- */

struct source {
	struct tar_reader tar;
	struct err *e;
};

static int
on_inflated(void *arg, const char *p, size_t n)
{
	struct source *s = arg;

	return tar_feed(&s->tar, p, n, s->e);
}

static int
read_pack(int fd, struct source *s, struct inflate *z)
{
	char bytes[CHUNK];
	ssize_t n;
	int err = 0;

	while (err == 0 && (n = read(fd, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(s->e, "cannot read it");
		err = inflate_feed(z, bytes, (size_t)n, on_inflated, s, s->e);
	}
	if (err == 0)
		err = inflate_finish(z, on_inflated, s, s->e);
	if (err == 0)
		err = tar_finish(&s->tar, s->e);
	return err;
}

/* What was promised and did not come.  Where the archive is broken, the first
 * of these is where. */
static void
name_missing(struct verify *v)
{
	if (!v->manifest.n)
		say(v, ARCHIVE_MANIFEST ": missing");
	if (!v->signature.n)
		say(v, ARCHIVE_SIGNATURE ": missing");
	if (!v->key.n)
		say(v, ARCHIVE_KEY ": missing");
	for (size_t i = 0; i < v->n; i++)
		if (!v->v[i].seen)
			say(v, "%.*s: missing, or not whole",
			    SLICE_ARG(v->v[i].name));
}

static int
verify(struct verify *v, int fd, struct err *e)
{
	static const struct tar_calls calls = { on_begin, on_bytes, on_end };
	struct err why = { .text = "" };
	struct source s = { .e = &why };
	struct inflate *z = inflate_new(
	    &(struct inflate_limits){ UINT64_MAX, UINT32_MAX });
	int err = ST_ENOMEM;

	v->hash = sha256_new();
	tar_reader_init(&s.tar, &calls, v);
	if (z && v->hash && merkle_init(&v->leaf))
		err = read_pack(fd, &s, z);
	inflate_free(z);
	if (err == ST_ENOMEM || err == ST_EIO) {
		if (e)
			*e = why;
		return err;
	}
	if (err < 0)
		say(v, "the archive is damaged in or behind %s: %s",
		    v->name[0] ? v->name : "its beginning",
		    why.text[0] ? why.text : st_strerror(err));
	name_missing(v);
	return 0;
}

static void
release(struct verify *v)
{
	json_reader_release(&v->json);
	merkle_release(&v->leaf);
	sha256_free(v->hash);
	buf_release(&v->held);
	buf_release(&v->manifest);
	buf_release(&v->signature);
	buf_release(&v->key);
	buf_release(&v->index);
	free(v->v);
}

int
archive_verify(const char *path, const struct ed25519 *trusted,
    archive_broken *broken, void *arg, struct archive_result *result,
    struct err *e)
{
	struct verify v = { .broken = broken,
		.arg = arg,
		.trusted = trusted,
		.result = result };
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	*result = (struct archive_result){ 0 };
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	json_reader_init(&v.json);
	err = verify(&v, fd, e);
	release(&v);
	close(fd);
	return err;
}
