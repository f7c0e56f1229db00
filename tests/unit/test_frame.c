/*
 * test_frame.c - streams are cut the same way however they are fed.
 */
#include "collector/frame.h"

#include "lib/buf.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static void
on_frame(void *arg, const struct frame *f)
{
	struct buf *out = arg;

	buf_add_slice(out, f->bytes);
	buf_addc(out, '|');
}

static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	(void)offset;
	(void)some;
	(void)length;
	buf_addf(arg, "!%c|",
	    why == REJECT_TRUNCATED       ? 'T'
		: why == REJECT_BAD_JSON  ? 'B'
		: why == REJECT_TOO_LONG  ? 'L'
		: why == REJECT_TOO_DEEP  ? 'D'
		: why == REJECT_BAD_COUNT ? 'C'
					  : '?');
}

/* Feed in pieces of `piece` bytes (each an exact-size copy). */
static int
feed_within(enum frame_mode mode, const struct frame_limits *limits,
    const char *text, size_t n, size_t piece, struct buf *out)
{
	struct framer *f = framer_new(mode, limits, on_frame, on_reject, out);
	int err = 0;

	for (size_t at = 0; err == 0 && at < n; at += piece) {
		size_t len = n - at < piece ? n - at : piece;
		char *copy = malloc(len);

		memcpy(copy, text + at, len);
		err = framer_feed(f, copy, len);
		free(copy);
	}
	if (err == 0)
		framer_finish(f);
	framer_free(f);
	return err;
}

static int
feed(enum frame_mode mode, size_t max_record, const char *text, size_t n,
    size_t piece, struct buf *out)
{
	struct frame_limits limits = { max_record, 0 };

	return feed_within(mode, &limits, text, n, piece, out);
}

struct row {
	enum frame_mode mode;
	const char *text, *want;
};

static const struct row rows[] = {
	/* files: every shape is found by looking */
	{ FRAME_FILE, "", "" },
	{ FRAME_FILE, " \n\n\t", "" },
	{ FRAME_FILE, "{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}|{\"b\":2}|" },
	{ FRAME_FILE, "{\"a\":1}{\"b\":2} {\"c\":3}",
	    "{\"a\":1}|{\"b\":2}|{\"c\":3}|" },
	{ FRAME_FILE, "\xef\xbb\xbf{\"a\":1}\r\n{\"b\":2}\r\n",
	    "{\"a\":1}|{\"b\":2}|" },
	{ FRAME_FILE, "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\"c\":1}",
	    "{\n  \"a\": {\n    \"b\": 1\n  }\n}|{\"c\":1}|" },
	{ FRAME_FILE, "[{\"a\":1},\n{\"b\":2}]\n{\"c\":3}",
	    "{\"a\":1}|{\"b\":2}|{\"c\":3}|" },
	{ FRAME_FILE, "{\"Records\":[{\"a\":\"}{]\"},{\"b\":2}]}{\"c\":3}",
	    "{\"a\":\"}{]\"}|{\"b\":2}|{\"c\":3}|" },
	{ FRAME_FILE,
	    "{ \"Records\" : [ {\"a\":1} ] , \"x\": \"]}\" }\n{\"c\":3}",
	    "{\"a\":1}|{\"c\":3}|" },
	{ FRAME_FILE, "{\"Records\":[]}", "" },
	{ FRAME_FILE, "{\"RecordsX\":[1]}", "{\"RecordsX\":[1]}|" },
	{ FRAME_FILE, "{\"Records\":3}", "{\"Records\":3}|" },
	{ FRAME_FILE, "<13>Mar  1 08:00:00 vm tag: {\"a\":1}\n",
	    "<13>Mar  1 08:00:00 vm tag: {\"a\":1}|" },
	{ FRAME_FILE, "[2026-03-01] x {\"a\":1}\n{\"b\":2}",
	    "[2026-03-01] x {\"a\":1}|{\"b\":2}|" },
	{ FRAME_FILE, "[\x01] {\"a\":1}\n", "[\x01] {\"a\":1}|" },
	{ FRAME_FILE, "2026-03-01T08:00:00Z vm x: {}\n",
	    "2026-03-01T08:00:00Z vm x: {}|" },
	{ FRAME_FILE, "8 {\"a\":\n1}{\"b\":2}", "{\"a\":\n1}|{\"b\":2}|" },
	{ FRAME_FILE, "[\"x\",1,null,{\"a\":1}]", "\"x\"|1|null|{\"a\":1}|" },
	/* files: what is damaged costs only itself */
	{ FRAME_FILE, "{\"a\":\"cut\n{\"b\":2}\n", "!T|{\"b\":2}|" },
	{ FRAME_FILE, "{\"a\":{\"x\":1,\n{\"b\":2}\n", "!T|{\"b\":2}|" },
	{ FRAME_FILE, "{\"a\":1", "!T|" },
	{ FRAME_FILE, "{\"a\":1\n", "!T|" },
	{ FRAME_FILE, "{bad}\n{\"b\":2}\n", "!B|{\"b\":2}|" },
	{ FRAME_FILE, "{\n  \"a\": x,\n  \"b\": 1\n}\n{\"c\":1}",
	    "!B|{\"c\":1}|" },
	{ FRAME_FILE, "{\"Records\":[{\"a\":1},{\"b\"", "{\"a\":1}|!T|" },
	{ FRAME_FILE, "{\"Records\":[{\"a\":1}", "{\"a\":1}|!T|" },
	{ FRAME_FILE, "{\"Records\":[{\"a\":1}]", "{\"a\":1}|!T|" },
	/* streams: lines and counts, found per frame */
	{ FRAME_STREAM, "{\"a\":1}\n7 {\"b\":2}<13>x\n{\"c\":3}",
	    "{\"a\":1}|{\"b\":2}|<13>x|{\"c\":3}|" },
	{ FRAME_STREAM, "8 {\"a\":1}\n8 {\"a\n\":1}",
	    "{\"a\":1}|{\"a\n\":1}|" },
	{ FRAME_STREAM, "{\"a\":1}\r\n\n\n{\"b\":2}\0\n",
	    "{\"a\":1}|{\"b\":2}|" },
	{ FRAME_STREAM, "\xef\xbb\xbf[\n{\"a\":1}\n", "[|{\"a\":1}|" },
	{ FRAME_STREAM, "012 x\n{\"b\":2}\n", "!C|{\"b\":2}|" },
	{ FRAME_STREAM, "12x {\n{\"b\":2}\n", "!C|{\"b\":2}|" },
	{ FRAME_STREAM, "12\n{\"b\":2}\n", "!C|{\"b\":2}|" },
	{ FRAME_STREAM, "123", "!C|" },
	{ FRAME_STREAM, "9 {\"a\":1}", "!T|" },
	{ FRAME_STREAM, "99999999999999999999999 x\n{\"b\":2}\n",
	    "!C|{\"b\":2}|" },
};

static void
frames_do_not_depend_on_how_bytes_arrive(void)
{
	static const size_t pieces[] = { 1, 2, 3, 5, 7, 64, 1 << 20 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]);
		     k++) {
			struct buf out = BUF_INIT;

			buf_reserve(&out, 1);
			CHECK_INT(feed(rows[i].mode, 0, rows[i].text,
				      strlen(rows[i].text), pieces[k], &out),
			    0);
			if (out.n == 0)
				buf_reserve(&out, 1);
			CHECK(slice_is(buf_slice(&out), rows[i].want));
			if (!slice_is(buf_slice(&out), rows[i].want))
				printf(
				    "\n    row %zu by %zu: %s\n    got  %.*s\n"
				    "    want %s",
				    i, pieces[k], rows[i].text, (int)out.n,
				    out.p, rows[i].want);
			buf_release(&out);
		}
	}
}

static void
what_is_too_long_is_skipped_exactly(void)
{
	static char text[65536];
	struct buf out = BUF_INIT;
	size_t n = 0;

	/* A line, and a counted frame, over the limit and its allowance for a
	 * header; each with a good one behind it. */
	memset(text, 'x', 9000);
	text[0] = '{';
	n = 9000;
	n += (size_t)snprintf(text + n, 64, "\n{\"a\":1}\n9000 ");
	memset(text + n, '\n', 9000);
	n += 9000;
	n += (size_t)snprintf(text + n, 64, "7 {\"b\":2}");
	for (size_t piece = 1; piece < 20000; piece = piece * 7 + 1) {
		buf_reset(&out);
		CHECK_INT(feed(FRAME_STREAM, 1000, text, n, piece, &out), 0);
		CHECK_TEXT(buf_slice(&out), "!L|{\"a\":1}|!L|{\"b\":2}|");
	}
	buf_release(&out);
}

/* A text with `fill` repeated in the place of '@'. */
static void
filled(const char *text, char fill, size_t times, struct buf *out)
{
	buf_reset(out);
	for (; *text; text++)
		for (size_t i = *text == '@' ? times : 1; i > 0; i--)
			buf_addc(out, *text == '@' ? fill : *text);
}

static void
bounds_do_not_depend_on_how_bytes_arrive(void)
{
	static const struct {
		const char *text;
		char fill;
		size_t times;
		const char *want;
	} cases[] = {
		{ "{\"a\":\"@\"}\n{\"b\":1}\n", 'x', 90, NULL },
		{ "{\"a\":\"@\"}\n{\"b\":1}\n", 'x', 200, "!L|{\"b\":1}|" },
		{ "{\"a\":\"@\"}\n{\"b\":1}\n", 'x', 93, "!L|{\"b\":1}|" },
		{ "{\"a\":\"@\"x}\n{\"b\":1}\n", 'x', 200, "!L|{\"b\":1}|" },
		{ "[\"@\",\n{\"b\":1}]\n", 'x', 200, "!L|{\"b\":1}|]|" },
		{ "[\"x\",@,1,\n{\"b\":1}]\n", '1', 200,
		    "\"x\"|!B|{\"b\":1}|]|" },
		{ "{@\"Records\":[1]}\n{\"b\":1}\n", ' ', 200,
		    "!L|{\"b\":1}|" },
		{ "[@{\"b\":1}]\n{\"c\":1}\n", ' ', 9000,
		    "{\"b\":1}|{\"c\":1}|" },
	};
	static const struct frame_limits limits = { 100, 100 };
	struct buf text = BUF_INIT, out = BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		filled(cases[i].text, cases[i].fill, cases[i].times, &text);
		for (size_t piece = 1; piece < 20000; piece = piece * 5 + 1) {
			buf_reset(&out);
			CHECK_INT(feed_within(FRAME_FILE, &limits, text.p,
				      text.n, piece, &out),
			    0);
			if (cases[i].want)
				CHECK_TEXT(buf_slice(&out), cases[i].want);
			else
				CHECK_INT(out.n, 107);
		}
	}
	buf_release(&text);
	buf_release(&out);
}

static void
a_count_over_the_last_bound_closes_the_stream(void)
{
	struct buf out = BUF_INIT;

	CHECK_INT(feed(FRAME_STREAM, 0, "67108865 x", 10, 3, &out), ST_EFORMAT);
	CHECK_TEXT(buf_slice(&out), "!C|");
	buf_reset(&out);
	CHECK_INT(
	    feed(FRAME_STREAM, 0, "99999999999 x", 13, 3, &out), ST_EFORMAT);
	buf_release(&out);
}

static uint64_t seen[8];
static unsigned n_seen;

static void
note_offset(void *arg, const struct frame *f)
{
	(void)arg;
	if (n_seen < 8)
		seen[n_seen++] = f->offset;
}

static void
frames_tell_their_offset(void)
{
	static const char text[] =
	    "\n{\"a\":1}\n{\"Records\":[{\"b\":1},{\"c\":1}]}";
	struct buf out = BUF_INIT;
	struct framer *f;

	for (size_t piece = 1; piece < 50; piece += 6) {
		n_seen = 0;
		f = framer_new(FRAME_FILE, NULL, note_offset, on_reject, &out);
		for (size_t at = 0; at < strlen(text); at += piece) {
			size_t left = strlen(text) - at;

			CHECK_INT(framer_feed(f, text + at,
				      left < piece ? left : piece),
			    0);
		}
		framer_finish(f);
		framer_free(f);
		REQUIRE(n_seen == 3);
		CHECK_INT(seen[0], 1);
		CHECK_INT(seen[1], 21);
		CHECK_INT(seen[2], 29);
	}
	buf_release(&out);
}

static void
nothing_is_held_between_frames(void)
{
	struct buf out = BUF_INIT;
	struct framer *f = framer_new(
	    FRAME_STREAM, NULL, on_frame, on_reject, &out);

	CHECK_INT(framer_feed(f, "{\"a\":1}\n", 8), 0);
	CHECK_INT(framer_held(f), 0);
	CHECK_INT(framer_feed(f, "{\"a\"", 4), 0);
	CHECK_INT(framer_held(f), 4);
	CHECK_INT(framer_feed(f, ":1}\n", 4), 0);
	CHECK_INT(framer_held(f), 0);
	framer_free(f);
	buf_release(&out);
}

static void
a_whole_value_is_found_when_looked_for(void)
{
	struct buf out = BUF_INIT;
	struct framer *f = framer_new(
	    FRAME_FILE, NULL, on_frame, on_reject, &out);

	framer_look(f);
	CHECK_INT(framer_feed(f, "{\"a\":\"bcdef\"", 12), 0);
	framer_look(f);
	CHECK_INT(framer_held(f), 12);
	CHECK_INT(framer_feed(f, "}\n", 2), 0);
	framer_look(f);
	CHECK_INT(framer_held(f), 0);
	CHECK_INT(out.n > 0, 1);
	framer_free(f);
	buf_release(&out);
}

/* One framer up to `cut`, another one from its place on. */
static void
feed_in_two_lives(const struct row *row, size_t cut, struct buf *out)
{
	unsigned char packed[FRAME_PLACE_SIZE];
	size_t n = strlen(row->text);
	struct frame_place place;
	struct framer *f;

	f = framer_new(row->mode, NULL, on_frame, on_reject, out);
	REQUIRE(f != NULL);
	CHECK_INT(framer_feed(f, row->text, cut), 0);
	framer_place(f, &place);
	framer_free(f);
	REQUIRE(place.offset <= cut);
	frame_place_pack(&place, packed);
	memset(&place, 0xff, sizeof(place));
	frame_place_unpack(packed, &place);
	f = framer_new(row->mode, NULL, on_frame, on_reject, out);
	REQUIRE(f != NULL);
	CHECK_INT(framer_resume(f, &place), 0);
	CHECK_INT(
	    framer_feed(f, row->text + place.offset, n - (size_t)place.offset),
	    0);
	framer_finish(f);
	framer_free(f);
}

static void
another_framer_goes_on_where_one_stood(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t cut = 0; cut <= strlen(rows[i].text); cut++) {
			struct buf out = BUF_INIT;

			buf_reserve(&out, 1);
			feed_in_two_lives(&rows[i], cut, &out);
			CHECK_TEXT(buf_slice(&out), rows[i].want);
			buf_release(&out);
		}
}

struct behind {
	struct framer *framer;
	struct frame_place last;
	struct buf out;
};

static void
on_frame_behind(void *arg, const struct frame *f)
{
	struct behind *b = arg;

	on_frame(&b->out, f);
	framer_place_behind(b->framer, f, &b->last);
}

static void
on_reject_behind(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	struct behind *b = arg;

	on_reject(&b->out, why, offset, some, length);
}

/* The place that a frame's callback sees, whichever frame was the last. */
static void
a_place_behind_a_frame_is_where_the_next_begins(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t cut = 1; cut <= strlen(rows[i].text); cut++) {
			struct behind b = { .out = BUF_INIT };
			struct buf rest = BUF_INIT;
			const char *text = rows[i].text;
			struct framer *f;

			buf_reserve(&b.out, 1);
			b.framer = framer_new(rows[i].mode, NULL,
			    on_frame_behind, on_reject_behind, &b);
			CHECK_INT(framer_feed(b.framer, text, cut), 0);
			framer_free(b.framer);
			f = framer_new(
			    rows[i].mode, NULL, on_frame, on_reject, &rest);
			CHECK_INT(framer_resume(f, &b.last), 0);
			CHECK_INT(framer_feed(f, text + b.last.offset,
				      strlen(text) - (size_t)b.last.offset),
			    0);
			framer_finish(f);
			framer_free(f);
			/* What was rejected behind the last frame is told by
			 * both. */
			while (b.out.n >= 3 && b.out.p[b.out.n - 3] == '!')
				b.out.n -= 3;
			buf_add_slice(&b.out, buf_slice(&rest));
			CHECK_TEXT(buf_slice(&b.out), rows[i].want);
			buf_release(&b.out);
			buf_release(&rest);
		}
}

static void
what_is_no_place_is_refused(void)
{
	static const struct frame_place bad[] = {
		{ .state = 7 },
		{ .flags = 4 },
		{ .state = 3, .depth = 0 },
	};
	struct frame_place inside;
	struct buf out = BUF_INIT;
	struct framer *f = framer_new(
	    FRAME_FILE, NULL, on_frame, on_reject, &out);

	REQUIRE(f != NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(framer_resume(f, &bad[i]), ST_EINVAL);
	frame_place_inside(17, &inside);
	CHECK_INT(framer_resume(f, &inside), 0);
	CHECK_INT(framer_feed(f, "half\n{\"a\":1}\n", 13), 0);
	framer_finish(f);
	CHECK_TEXT(buf_slice(&out), "{\"a\":1}|");
	framer_free(f);
	buf_release(&out);
}

UNIT_MAIN("frame",
    { "frames do not depend on how bytes arrive",
	frames_do_not_depend_on_how_bytes_arrive },
    { "what is too long is skipped exactly",
	what_is_too_long_is_skipped_exactly },
    { "bounds do not depend on how bytes arrive",
	bounds_do_not_depend_on_how_bytes_arrive },
    { "a count over the last bound closes the stream",
	a_count_over_the_last_bound_closes_the_stream },
    { "frames tell their offset", frames_tell_their_offset },
    { "nothing is held between frames", nothing_is_held_between_frames },
    { "a whole value is found when looked for",
	a_whole_value_is_found_when_looked_for },
    { "another framer goes on where one stood",
	another_framer_goes_on_where_one_stood },
    { "a place behind a frame is where the next begins",
	a_place_behind_a_frame_is_where_the_next_begins },
    { "what is no place is refused", what_is_no_place_is_refused })
