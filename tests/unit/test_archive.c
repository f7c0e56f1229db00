/*
 * test_archive.c - packs: what is written verifies, what is changed is named;
 * and the rooms of lib/ that they are made of.
 */
#include "config.h"

#include "lib/ed25519.h"
#include "lib/tar.h"
#include "report/archive.h"
#include "report/merkle.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_SIZE 4200

static void
path_of(const char *name, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/%s", unit_tmpdir(), name);
}

static int
collect(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
	return 0;
}

/* ---- ed25519 -------------------------------------------------------------------- */

static struct ed25519 *
new_key(const char *name)
{
	char private_path[PATH_SIZE], public_path[PATH_SIZE + 4];
	struct ed25519 *k = NULL;
	struct err e = { .text = "" };

	path_of(name, private_path);
	snprintf(public_path, sizeof(public_path), "%s.pub", private_path);
	CHECK_INT(ed25519_new_key(private_path, public_path, &e), 0);
	CHECK_INT(ed25519_open(private_path, &k, &e), 0);
	/* Nothing is written over. */
	CHECK_INT(ed25519_new_key(private_path, public_path, &e), ST_EIO);
	return k;
}

static void
a_signature_fits_its_message_and_key_only(void)
{
	struct ed25519 *k = new_key("one"), *other = new_key("two"), *half;
	unsigned char sig[ED25519_SIG];
	struct buf pem = BUF_INIT;
	struct err e;

	REQUIRE(k && other);
	CHECK_INT(ed25519_sign(k, SLICE_LIT("words"), sig), 0);
	CHECK(ed25519_verify(k, SLICE_LIT("words"), sig));
	CHECK(!ed25519_verify(k, SLICE_LIT("wordt"), sig));
	CHECK(!ed25519_verify(other, SLICE_LIT("words"), sig));
	CHECK_INT(ed25519_public(k, &pem), 0);
	REQUIRE(ed25519_read_public(buf_slice(&pem), &half, &e) == 0);
	CHECK(ed25519_verify(half, SLICE_LIT("words"), sig));
	CHECK_INT(
	    ed25519_read_public(SLICE_LIT("no key"), &half, &e), ST_EINVAL);
	ed25519_free(half);
	ed25519_free(other);
	ed25519_free(k);
	buf_release(&pem);
}

/* ---- merkle ----------------------------------------------------------------------- */

static void
roots_are_those_of_rfc_6962(void)
{
	/* Made with a few lines of Python after section 2.1. */
	static const char *const want[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c",
		"b137985ff484fb600db93107c77b0365c80d78f5b429ded0fd97361d077999eb",
		"36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1",
	};
	static const char *const leaves[] = { "a", "b", "c" };
	unsigned char root[SHA256_SIZE];
	char hex[SHA256_HEX];
	struct merkle m;

	REQUIRE(merkle_init(&m));
	for (unsigned n = 0; n < 4; n++) {
		for (unsigned i = 0; i < n; i++)
			merkle_add(&m, slice_str(leaves[i]), NULL);
		merkle_root(&m, root);
		hash_hex(root, sizeof(root), hex);
		CHECK_TEXT(slice_str(hex), want[n]);
	}
	merkle_release(&m);
}

/* ---- tar ----------------------------------------------------------------------------- */

static int
on_begin(void *arg, const char *name, uint64_t size)
{
	buf_addf(arg, "[%s %llu:", name, (unsigned long long)size);
	return 0;
}

static int
on_end(void *arg)
{
	buf_addc(arg, ']');
	return 0;
}

static const struct tar_calls to_text = { on_begin, collect, on_end };

static void
an_archive_is_read_however_it_is_cut(void)
{
	struct buf tar = BUF_INIT, seen = BUF_INIT;
	struct tar_reader r;
	struct err e;

	CHECK_INT(tar_header(&tar, "a", 3), 0);
	buf_adds(&tar, "xyz");
	tar_pad(&tar, 3);
	CHECK_INT(tar_header(&tar, "empty", 0), 0);
	tar_end(&tar);
	for (size_t step = 1; step <= tar.n; step += 97) {
		buf_reset(&seen);
		tar_reader_init(&r, &to_text, &seen);
		for (size_t i = 0; i < tar.n; i += step)
			CHECK_INT(tar_feed(&r, tar.p + i,
				      i + step < tar.n ? step : tar.n - i, &e),
			    0);
		CHECK_INT(tar_finish(&r, &e), 0);
		CHECK_TEXT(buf_slice(&seen), "[a 3:xyz][empty 0:]");
	}
	tar_reader_init(&r, &to_text, &seen);
	CHECK_INT(tar_feed(&r, tar.p, 700, &e), 0);
	CHECK_INT(tar_finish(&r, &e), ST_ETRUNC);
	tar.p[3] ^= 1;
	tar_reader_init(&r, &to_text, &seen);
	CHECK_INT(tar_feed(&r, tar.p, tar.n, &e), ST_EFORMAT);
	buf_release(&tar);
	buf_release(&seen);
}

/* ---- packs ------------------------------------------------------------------------------ */

/* Some lines of two days, in order, and a file beside them. */
static void
fill(struct stage *s)
{
	struct when day = { 1772323200, 0, true }; /* 2026-03-01 */
	char line[64];
	struct err e;

	for (unsigned i = 0; i < 6; i++) {
		snprintf(line, sizeof(line), "{\"event_id\":\"event-%u\"}", i);
		day.sec += 8 * 3600;
		CHECK_INT(
		    stage_line(s, "decisions", day, slice_str(line), &e), 0);
	}
	CHECK_INT(stage_line(s, "findings", WHEN_NONE,
		      SLICE_LIT("{\"id\":\"f-1\"}"), &e),
	    0);
	CHECK_INT(stage_put(s, "report.json", SLICE_LIT("{}\n"), &e), 0);
	CHECK_INT(stage_seal(s, &e), 0);
}

static void
make(const struct ed25519 *k, struct buf *pack)
{
	struct archive_about about = { "T", "1", WHEN_NONE, WHEN_NONE };
	struct stage *s = NULL;
	struct err e = { .text = "" };

	buf_reset(pack);
	REQUIRE(stage_open(&s, &e) == 0);
	fill(s);
	CHECK_INT(archive_write(s, k, &about, collect, pack, &e), 0);
	stage_free(s);
}

static void
on_broken(void *arg, const char *what)
{
	buf_addf(arg, "%s\n", what);
}

/* What is said of these bytes; `said` ends with a NUL. */
static uint64_t
say(struct slice pack, const struct ed25519 *trusted, struct buf *said)
{
	struct archive_result result = { 0 };
	struct err e = { .text = "" };
	char path[PATH_SIZE];
	FILE *f;

	path_of("pack", path);
	f = fopen(path, "we");
	fwrite(pack.p, 1, pack.n, f);
	fclose(f);
	buf_reset(said);
	CHECK_INT(
	    archive_verify(path, trusted, on_broken, said, &result, &e), 0);
	buf_addc(said, 0);
	return result.broken;
}

static bool
has(const struct buf *said, const char *words)
{
	return strstr(said->p, words) != NULL;
}

static void
a_pack_verifies_with_its_key_only(void)
{
	struct ed25519 *k = new_key("three"), *other = new_key("four");
	struct buf pack = BUF_INIT, again = BUF_INIT, said = BUF_INIT;

	make(k, &pack);
	make(k, &again);
	CHECK(slice_eq(buf_slice(&pack), buf_slice(&again)));
	CHECK_INT(say(buf_slice(&pack), NULL, &said), 0);
	CHECK_INT(say(buf_slice(&pack), k, &said), 0);
	CHECK_INT(say(buf_slice(&pack), other, &said), 1);
	CHECK(has(&said, "another key"));
	ed25519_free(k);
	ed25519_free(other);
	buf_release(&pack);
	buf_release(&again);
	buf_release(&said);
}

#define TAR_SIZE_AT 124 /* of a header: octal digits */

/* The member that byte `at` is of, its header and padding included; false:
 * the end of the archive. */
static bool
member_at(const struct buf *pack, size_t at, char name[TAR_NAME_MAX + 1])
{
	size_t begin = 0, size;

	while (begin < pack->n && pack->p[begin]) {
		snprintf(name, TAR_NAME_MAX + 1, "%s", pack->p + begin);
		size = strtoul(pack->p + begin + TAR_SIZE_AT, NULL, 8);
		begin += TAR_BLOCK +
		    (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
		if (at < begin)
			return true;
	}
	return false;
}

/* One bit in every third byte is turned over, each time another one: the file
 * it lies in is named. */
static void
any_flipped_bit_is_named(void)
{
	struct ed25519 *k = new_key("five");
	struct buf pack = BUF_INIT, said = BUF_INIT;
	unsigned unnoticed = 0, unnamed = 0;
	char name[TAR_NAME_MAX + 1];
	bool member;

	make(k, &pack);
	for (size_t i = 0; i < pack.n; i += 3) {
		member = member_at(&pack, i, name);
		pack.p[i] ^= (char)(1 << i / 3 % 8);
		unnoticed += say(buf_slice(&pack), NULL, &said) == 0;
		unnamed += member && !has(&said, name);
		pack.p[i] ^= (char)(1 << i / 3 % 8);
	}
	CHECK_INT(unnoticed, 0);
	CHECK_INT(unnamed, 0);
	ed25519_free(k);
	buf_release(&pack);
	buf_release(&said);
}

static void
a_changed_record_is_named(void)
{
	struct ed25519 *k = new_key("six");
	struct buf pack = BUF_INIT, said = BUF_INIT;
	char *at;

	make(k, &pack);
	buf_addc(&pack, 0);
	at = memmem(pack.p, pack.n, "{\"event_id\":\"event-3\"", 21);
	REQUIRE(at != NULL);
	at[4] = 'X';
	CHECK_INT(say(slice_of(pack.p, pack.n - 1), NULL, &said), 1);
	CHECK(has(
	    &said, "decisions/2026-03-02.jsonl: line 2 (event-3) was changed"));
	ed25519_free(k);
	buf_release(&pack);
	buf_release(&said);
}

/* The pack without some lines, or with more, as one who has no key can make
 * it: the members are written again. */
struct rewrite {
	struct buf out, member;
	char name[TAR_NAME_MAX + 1];
	const char *drop_file, *drop_line, *add_line;
};

static int
keep_name(void *arg, const char *name, uint64_t size)
{
	struct rewrite *w = arg;

	(void)size;
	snprintf(w->name, sizeof(w->name), "%s", name);
	buf_reset(&w->member);
	return 0;
}

static int
keep_bytes(void *arg, const char *p, size_t n)
{
	buf_add(&((struct rewrite *)arg)->member, p, n);
	return 0;
}

static int
write_again(void *arg)
{
	struct rewrite *w = arg;
	struct buf *m = &w->member;
	char *at;

	if (w->drop_file && strcmp(w->name, w->drop_file) == 0)
		return 0;
	if (w->drop_line && slice_ends(slice_str(w->name), ".jsonl") &&
	    (at = memmem(m->p, m->n, w->drop_line, strlen(w->drop_line)))) {
		size_t n = strlen(w->drop_line) + 1;

		memmove(at, at + n, m->n - n - (size_t)(at - m->p));
		m->n -= n;
	}
	if (w->add_line && strcmp(w->name, "decisions/2026-03-02.jsonl") == 0)
		buf_addf(m, "%s\n", w->add_line);
	CHECK_INT(tar_header(&w->out, w->name, m->n), 0);
	buf_add_slice(&w->out, buf_slice(m));
	tar_pad(&w->out, m->n);
	return 0;
}

static uint64_t
rewritten(struct rewrite *w, struct buf *said)
{
	static const struct tar_calls calls = { keep_name, keep_bytes,
		write_again };
	struct ed25519 *k = new_key(w->drop_file ? "seven"
		: w->drop_line                   ? "eight"
						 : "nine");
	struct buf pack = BUF_INIT;
	struct tar_reader r;
	struct err e;
	uint64_t n;

	make(k, &pack);
	tar_reader_init(&r, &calls, w);
	CHECK_INT(tar_feed(&r, pack.p, pack.n, &e), 0);
	tar_end(&w->out);
	n = say(buf_slice(&w->out), k, said);
	ed25519_free(k);
	buf_release(&pack);
	buf_release(&w->out);
	buf_release(&w->member);
	return n;
}

static void
a_removed_line_a_removed_day_and_a_new_line_are_named(void)
{
	struct rewrite day = { .drop_file = "decisions/2026-03-01.jsonl" };
	struct rewrite line = { .drop_line = "{\"event_id\":\"event-4\"}" };
	struct rewrite more = { .add_line = "{\"event_id\":\"forged\"}" };
	struct buf said = BUF_INIT;

	CHECK_INT(rewritten(&day, &said), 1);
	CHECK(has(&said, "decisions/2026-03-01.jsonl: missing"));
	CHECK_INT(rewritten(&line, &said), 1);
	CHECK(has(
	    &said, "decisions/2026-03-02.jsonl: line 3 (event-4) is missing"));
	CHECK_INT(rewritten(&more, &said), 1);
	CHECK(has(&said, "decisions/2026-03-02.jsonl: line 4"));
	CHECK(has(&said, "a line was put in"));
	buf_release(&said);
}

/* Two packs behind one another, without the end of the first. */
static void
a_second_manifest_is_none(void)
{
	struct ed25519 *k = new_key("ten");
	struct buf pack = BUF_INIT, said = BUF_INIT;
	size_t n;

	make(k, &pack);
	n = pack.n;
	pack.n -= 2 * TAR_BLOCK;
	buf_add(&said, pack.p, n);
	buf_add_slice(&pack, slice_of(said.p, n));
	CHECK(say(buf_slice(&pack), NULL, &said) > 0);
	CHECK(has(&said, "manifest.json: not in the manifest"));
	CHECK(has(&said, "report.json: there twice"));
	ed25519_free(k);
	buf_release(&pack);
	buf_release(&said);
}

static void
what_is_no_pack_is_said_to_be_none(void)
{
	struct buf said = BUF_INIT;

	CHECK(say(SLICE_LIT("no archive at all"), NULL, &said) > 0);
	CHECK(has(&said, "manifest.json: missing"));
	buf_release(&said);
}

UNIT_MAIN("archive",
    { "a signature fits its message and key only",
	a_signature_fits_its_message_and_key_only },
    { "roots are those of RFC 6962", roots_are_those_of_rfc_6962 },
    { "an archive is read however it is cut",
	an_archive_is_read_however_it_is_cut },
    { "a pack verifies with its key only", a_pack_verifies_with_its_key_only },
    { "any flipped bit is named", any_flipped_bit_is_named },
    { "a changed record is named", a_changed_record_is_named },
    { "a removed line, a removed day and a new line are named",
	a_removed_line_a_removed_day_and_a_new_line_are_named },
    { "a second manifest is none", a_second_manifest_is_none },
    { "what is no pack is said to be none",
	what_is_no_pack_is_said_to_be_none })
