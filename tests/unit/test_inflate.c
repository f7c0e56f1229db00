/*
 * test_inflate.c - members, frames, bounds, and any way to cut the input.
 */
#include "lib/buf.h"
#include "lib/inflate.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define MIB ((size_t)1 << 20)
#define CHUNK ((size_t)256 << 10) /* how often the ratio is looked at */

/* ---- making what is undone ----------------------------------------------- */

static void
add_deflated(struct buf *b, struct slice s, int window)
{
	z_stream z = { 0 };
	int r;

	r = deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
	CHECK_INT(r, Z_OK);
	buf_reserve(b, deflateBound(&z, s.n) + 64);
	z.next_in = (unsigned char *)(uintptr_t)s.p;
	z.avail_in = (unsigned)s.n;
	z.next_out = (unsigned char *)b->p + b->n;
	z.avail_out = (unsigned)(b->cap - b->n);
	r = deflate(&z, Z_FINISH);
	CHECK_INT(r, Z_STREAM_END);
	b->n += z.total_out;
	deflateEnd(&z);
}

static void
add_gzip(struct buf *b, struct slice s)
{
	add_deflated(b, s, 15 + 16);
}

static void
add_zstd(struct buf *b, struct slice s)
{
	size_t n, most = ZSTD_compressBound(s.n);

	buf_reserve(b, most);
	n = ZSTD_compress(b->p + b->n, most, s.p, s.n, 3);
	CHECK(!ZSTD_isError(n));
	b->n += n;
}

static struct slice
zeros(size_t n)
{
	static char *p;
	static size_t have;

	if (have < n) {
		free(p);
		p = calloc(1, n);
		have = p ? n : 0;
	}
	return slice_of(p, n);
}

/* Bytes that hardly shrink. */
static struct slice
noise(struct buf *b, size_t n)
{
	uint64_t x = 88172645463325252U;

	buf_reset(b);
	while (b->n < n) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf_add(b, &x, sizeof(x));
	}
	return slice_of(b->p, n);
}

/* ---- undoing ------------------------------------------------------------- */

struct seen {
	struct buf out;
	int answer; /* of the callback */
	size_t calls;
};

static int
take(void *arg, const char *p, size_t n)
{
	struct seen *s = arg;

	buf_add(&s->out, p, n);
	s->calls++;
	return n > 0 ? s->answer : -99;
}

static int
feed_in_pieces(struct inflate *z, struct slice in, size_t piece, struct seen *s,
    struct err *e)
{
	int err = 0;

	for (size_t at = 0; at < in.n && err == 0; at += piece) {
		size_t n = in.n - at < piece ? in.n - at : piece;
		char *copy = malloc(n); /* exact, for the sanitizer */

		memcpy(copy, in.p + at, n);
		err = inflate_feed(z, copy, n, take, s, e);
		free(copy);
	}
	return err ? err : inflate_finish(z, take, s, e);
}

static const size_t pieces[] = { 1, 2, 3, 5, 4096, (size_t)1 << 30 };

/* Whatever way it is cut, with one struct for all. */
static void
check_all_ways(struct slice in, struct slice want, int answer,
    enum inflate_kind kind, const struct inflate_limits *l)
{
	struct inflate *z = inflate_new(l);
	struct seen s = { .answer = 0 };
	struct err e;

	REQUIRE(z != NULL);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		buf_reset(&s.out);
		e.text[0] = '\0';
		CHECK_INT(inflate_is(z), INFLATE_UNKNOWN);
		CHECK_INT(feed_in_pieces(z, in, pieces[i], &s, &e), answer);
		CHECK(answer == 0 || e.text[0]);
		CHECK_INT(inflate_is(z), kind);
		CHECK_INT(s.out.n, want.n);
		CHECK(slice_eq(buf_slice(&s.out), want));
		inflate_reset(z);
	}
	buf_release(&s.out);
	inflate_free(z);
}

static void
check_text(
    const struct buf *in, const char *want, int answer, enum inflate_kind kind)
{
	check_all_ways(buf_slice(in), slice_str(want), answer, kind, NULL);
}

/* ---- rules --------------------------------------------------------------- */

static void
plain_bytes_pass_as_they_are(void)
{
	static const char *const t[] = { "", "{", "plain\n", "\x1f", "\x1f\x8b",
		"\x1f\x8b\x09xyz", "(", "(\xb5/", "\x1fplain", "Q*M", "P*Mx" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		check_all_ways(
		    slice_str(t[i]), slice_str(t[i]), 0, INFLATE_PLAIN, NULL);
}

static void
plain_bytes_are_not_bounded(void)
{
	struct inflate_limits l = { 10, 1 };
	struct slice s = zeros(3 * MIB);

	check_all_ways(
	    slice_of(s.p, 5000), slice_of(s.p, 5000), 0, INFLATE_PLAIN, &l);
}

static void
gzip_members_follow_one_another(void)
{
	struct buf b = BUF_INIT;

	add_gzip(&b, SLICE_LIT("first\n"));
	check_text(&b, "first\n", 0, INFLATE_GZIP);
	add_gzip(&b, SLICE_LIT(""));
	add_gzip(&b, SLICE_LIT("second\n"));
	check_text(&b, "first\nsecond\n", 0, INFLATE_GZIP);
	buf_add(&b, zeros(700).p, 700);
	check_text(&b, "first\nsecond\n", 0, INFLATE_GZIP);
	buf_addc(&b, 'x');
	check_text(&b, "first\nsecond\n", ST_EFORMAT, INFLATE_GZIP);
	buf_release(&b);
}

static void
bytes_behind_a_member_are_an_error_after_its_text(void)
{
	struct buf b = BUF_INIT;

	add_gzip(&b, SLICE_LIT("good"));
	buf_adds(&b, "garbage");
	check_text(&b, "good", ST_EFORMAT, INFLATE_GZIP);
	buf_reset(&b);
	add_gzip(&b, SLICE_LIT("good"));
	buf_adds(&b, "\x1fnot a member");
	check_text(&b, "good", ST_EFORMAT, INFLATE_GZIP);
	buf_reset(&b);
	add_zstd(&b, SLICE_LIT("good"));
	buf_adds(&b, "garbage");
	check_text(&b, "good", ST_EFORMAT, INFLATE_ZSTD);
	buf_release(&b);
}

static void
zstd_frames_follow_one_another(void)
{
	struct buf b = BUF_INIT;

	add_zstd(&b, SLICE_LIT("first\n"));
	check_text(&b, "first\n", 0, INFLATE_ZSTD);
	buf_add(&b, "\x5a\x2a\x4d\x18\3\0\0\0abc", 11);
	add_zstd(&b, SLICE_LIT("second\n"));
	check_text(&b, "first\nsecond\n", 0, INFLATE_ZSTD);
	buf_reset(&b);
	buf_add(&b, "\x50\x2a\x4d\x18\0\0\0\0", 8);
	check_text(&b, "", 0, INFLATE_ZSTD);
	add_zstd(&b, SLICE_LIT(""));
	add_zstd(&b, SLICE_LIT("x"));
	check_text(&b, "x", 0, INFLATE_ZSTD);
	buf_release(&b);
}

static void
cut_off_is_told_from_finished(void)
{
	static void (*const add[])(
	    struct buf *, struct slice) = { add_gzip, add_zstd };
	static const size_t first[] = { 3, 4 }; /* the kind is known */
	struct buf b = BUF_INIT;
	struct inflate *z = inflate_new(NULL);
	struct seen s = { .answer = 0 };

	for (int k = 0; k < 2; k++) {
		buf_reset(&b);
		add[k](&b, SLICE_LIT("some text, and some text again"));
		for (size_t n = first[k]; n <= b.n; n++) {
			inflate_reset(z);
			CHECK_INT(
			    feed_in_pieces(z, slice_of(b.p, n), 7, &s, NULL),
			    n == b.n ? 0 : ST_ETRUNC);
		}
	}
	inflate_free(z);
	buf_release(&s.out);
	buf_release(&b);
}

static void
whether_it_could_end_here_is_told_at_any_time(void)
{
	static void (*const add[])(
	    struct buf *, struct slice) = { add_gzip, add_zstd };
	struct inflate *z = inflate_new(NULL);
	struct seen s = { .answer = 0 };
	struct buf b = BUF_INIT;
	struct err e;
	size_t one;

	CHECK(inflate_is_whole(z));
	for (int k = 0; k < 2; k++) {
		buf_reset(&b);
		add[k](&b, SLICE_LIT("some text, and some text again"));
		one = b.n;
		add[k](&b, SLICE_LIT("a second member"));
		inflate_reset(z);
		for (size_t n = 0; n < b.n; n++) {
			CHECK_INT(inflate_feed(z, b.p + n, 1, take, &s, &e), 0);
			CHECK_INT(
			    inflate_is_whole(z), n + 1 == one || n + 1 == b.n);
		}
	}
	inflate_reset(z);
	CHECK_INT(inflate_feed(z, "plain", 5, take, &s, &e), 0);
	CHECK(inflate_is_whole(z));
	inflate_free(z);
	buf_release(&s.out);
	buf_release(&b);
}

static void
broken_bytes_are_an_error_and_stay_one(void)
{
	struct inflate *z = inflate_new(NULL);
	struct seen s = { .answer = 0 };
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct err e;

	add_gzip(&b, noise(&text, 3000));
	b.p[b.n - 6] ^= 1; /* in the checksum */
	CHECK_INT(feed_in_pieces(z, buf_slice(&b), 100, &s, &e), ST_EFORMAT);
	CHECK(slice_starts(slice_str(e.text), "gzip: "));
	CHECK_INT(s.out.n, 3000);
	CHECK_INT(inflate_feed(z, "x", 1, take, &s, &e), ST_EFORMAT);
	CHECK_INT(inflate_finish(z, take, &s, &e), ST_EFORMAT);
	inflate_reset(z);
	CHECK_INT(feed_in_pieces(z, SLICE_LIT("plain"), 9, &s, &e), 0);
	buf_release(&b);
	buf_release(&text);
	buf_release(&s.out);
	inflate_free(z);
}

static void
large_texts_come_out_whole(void)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct slice in = noise(&text, 3 * CHUNK + 17);

	add_gzip(&b, slice_of(in.p, CHUNK));
	add_gzip(&b, slice_of(in.p + CHUNK, in.n - CHUNK));
	check_all_ways(buf_slice(&b), in, 0, INFLATE_GZIP, NULL);
	buf_reset(&b);
	add_zstd(&b, slice_of(in.p, CHUNK));
	add_zstd(&b, slice_of(in.p + CHUNK, in.n - CHUNK));
	check_all_ways(buf_slice(&b), in, 0, INFLATE_ZSTD, NULL);
	buf_release(&b);
	buf_release(&text);
}

static void
not_one_byte_more_than_the_bound_comes_out(void)
{
	static const size_t bounds[] = { 1, 1000, 256 * 1024, 600000 };
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct slice in = noise(&text, 600001);

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		size_t n = bounds[i];
		struct inflate_limits l = { n, 0 };

		for (size_t more = 0; more < 2; more++) {
			buf_reset(&b);
			add_gzip(&b, slice_of(in.p, n + more));
			check_all_ways(buf_slice(&b), slice_of(in.p, n),
			    more ? ST_ELIMIT : 0, INFLATE_GZIP, &l);
			buf_reset(&b);
			add_zstd(&b, slice_of(in.p, n + more));
			check_all_ways(buf_slice(&b), slice_of(in.p, n),
			    more ? ST_ELIMIT : 0, INFLATE_ZSTD, &l);
		}
	}
	buf_release(&b);
	buf_release(&text);
}

static void
the_first_mebibyte_may_be_anything(void)
{
	struct buf b = BUF_INIT;

	add_gzip(&b, zeros(MIB));
	check_all_ways(buf_slice(&b), zeros(MIB), 0, INFLATE_GZIP, NULL);
	buf_reset(&b);
	add_zstd(&b, zeros(MIB));
	check_all_ways(buf_slice(&b), zeros(MIB), 0, INFLATE_ZSTD, NULL);
	buf_release(&b);
}

/* 10 MB of zeros, and gzip once more over it. */
static void
a_bomb_ends_early(void)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct inflate_limits wide = { 0, 2000 };

	add_gzip(&once, zeros(10 * MIB));
	check_all_ways(buf_slice(&once), zeros(MIB + CHUNK), ST_ELIMIT,
	    INFLATE_GZIP, NULL);
	check_all_ways(
	    buf_slice(&once), zeros(10 * MIB), 0, INFLATE_GZIP, &wide);
	add_gzip(&twice, buf_slice(&once));
	check_all_ways(
	    buf_slice(&twice), buf_slice(&once), 0, INFLATE_GZIP, NULL);
	buf_reset(&once);
	add_zstd(&once, zeros(10 * MIB));
	check_all_ways(buf_slice(&once), zeros(MIB + CHUNK), ST_ELIMIT,
	    INFLATE_ZSTD, NULL);
	buf_release(&once);
	buf_release(&twice);
}

/* 1 MiB and less than a chunk: nobody looks but at the end. */
static void
the_ratio_counts_at_the_end_too(void)
{
	struct buf b = BUF_INIT;

	add_gzip(&b, zeros(MIB + 1000));
	check_all_ways(
	    buf_slice(&b), zeros(MIB + 1000), ST_ELIMIT, INFLATE_GZIP, NULL);
	buf_release(&b);
}

static void
the_answer_of_the_taker_ends_it(void)
{
	static void (*const add[])(
	    struct buf *, struct slice) = { add_gzip, add_zstd, buf_add_slice };
	struct buf b = BUF_INIT;

	for (int k = 0; k < 3; k++) {
		struct inflate *z = inflate_new(NULL);
		struct seen s = { .answer = ST_ESTOPPED };

		buf_reset(&b);
		add[k](&b, zeros(MIB));
		CHECK_INT(feed_in_pieces(z, buf_slice(&b), 100, &s, NULL),
		    ST_ESTOPPED);
		CHECK_INT(s.calls, 1);
		buf_release(&s.out);
		inflate_free(z);
	}
	buf_release(&b);
}

static void
a_window_that_is_too_large_is_refused(void)
{
	/* a frame header that asks for 256 MiB */
	static const char head[] = "\x28\xb5\x2f\xfd\0\x90\1\0\0";
	struct inflate *z = inflate_new(NULL);
	struct seen s = { .answer = 0 };
	struct err e;

	CHECK_INT(
	    inflate_feed(z, head, sizeof(head) - 1, take, &s, &e), ST_EFORMAT);
	inflate_free(z);
}

static void
check_deflate(struct slice in, struct slice want, int answer)
{
	struct inflate *z = inflate_new(NULL);
	struct seen s = { .answer = 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		buf_reset(&s.out);
		inflate_reset_deflate(z);
		CHECK_INT(feed_in_pieces(z, in, pieces[i], &s, &e), answer);
		CHECK_INT(inflate_is(z), INFLATE_DEFLATE);
		CHECK(slice_eq(buf_slice(&s.out), want));
		CHECK(inflate_is_whole(z) == (answer == 0));
	}
	buf_release(&s.out);
	inflate_free(z);
}

static void
deflate_may_be_bare(void)
{
	static const int windows[] = { 15, -15 };
	struct buf text = BUF_INIT, b = BUF_INIT;

	noise(&text, 70000);
	check_deflate(SLICE_LIT(""), SLICE_LIT(""), 0);
	check_deflate(SLICE_LIT("x"), SLICE_LIT(""), ST_ETRUNC);
	for (int i = 0; i < 2; i++) {
		buf_reset(&b);
		add_deflated(&b, buf_slice(&text), windows[i]);
		check_deflate(buf_slice(&b), buf_slice(&text), 0);
		buf_addc(&b, 'x');
		check_deflate(buf_slice(&b), buf_slice(&text), ST_EFORMAT);
		buf_reset(&b);
		add_deflated(&b, SLICE_LIT(""), windows[i]);
		check_deflate(buf_slice(&b), SLICE_LIT(""), 0);
		check_deflate(slice_of(b.p, b.n - 1), SLICE_LIT(""), ST_ETRUNC);
	}
	buf_release(&text);
	buf_release(&b);
}

static void
the_beginning_tells_the_kind(void)
{
	CHECK_INT(inflate_guess(SLICE_LIT("\x1f\x8b\x08")), INFLATE_GZIP);
	CHECK_INT(inflate_guess(SLICE_LIT("\x28\xb5\x2f\xfd")), INFLATE_ZSTD);
	CHECK_INT(inflate_guess(SLICE_LIT("\x5f*M\x18")), INFLATE_ZSTD);
	CHECK_INT(inflate_guess(SLICE_LIT("\x1f\x8b")), INFLATE_PLAIN);
	CHECK_INT(inflate_guess(SLICE_LIT("{}")), INFLATE_PLAIN);
	CHECK_INT(inflate_guess(SLICE_NULL), INFLATE_PLAIN);
	CHECK(slice_find(slice_str(inflate_library_versions()), ", zstd ") !=
	    NULL);
	inflate_free(NULL);
}

UNIT_MAIN("inflate",
    { "plain bytes pass as they are", plain_bytes_pass_as_they_are },
    { "plain bytes are not bounded", plain_bytes_are_not_bounded },
    { "gzip members follow one another", gzip_members_follow_one_another },
    { "bytes behind a member are an error after its text",
	bytes_behind_a_member_are_an_error_after_its_text },
    { "zstd frames follow one another", zstd_frames_follow_one_another },
    { "cut off is told from finished", cut_off_is_told_from_finished },
    { "whether it could end here is told at any time",
	whether_it_could_end_here_is_told_at_any_time },
    { "broken bytes are an error and stay one",
	broken_bytes_are_an_error_and_stay_one },
    { "large texts come out whole", large_texts_come_out_whole },
    { "not one byte more than the bound comes out",
	not_one_byte_more_than_the_bound_comes_out },
    { "the first mebibyte may be anything",
	the_first_mebibyte_may_be_anything },
    { "a bomb ends early", a_bomb_ends_early },
    { "the ratio counts at the end, too", the_ratio_counts_at_the_end_too },
    { "the answer of the taker ends it", the_answer_of_the_taker_ends_it },
    { "a window that is too large is refused",
	a_window_that_is_too_large_is_refused },
    { "deflate may be bare", deflate_may_be_bare },
    { "the beginning tells the kind", the_beginning_tells_the_kind })
