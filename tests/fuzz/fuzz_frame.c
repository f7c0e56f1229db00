/*
 * fuzz_frame.c - any bytes cut into frames, whole and in pieces.
 *
 * The first two bytes choose limits and the size of a piece.  However the
 * bytes arrive, the same frames and rejections must come, in the same order;
 * every frame is a part of the stream, at the offset that it tells; and at the
 * end nothing is held.
 */
#include "tests/fuzz/fuzz.h"

#include "collector/frame.h"
#include "lib/buf.h"

#include <stdlib.h>
#include <string.h>

struct run {
	const uint8_t *data;
	size_t size;
	uint64_t behind; /* the last frame's end */
	struct buf events;
};

static void
must(int holds)
{
	if (!holds)
		abort();
}

static void
on_frame(void *arg, const struct frame *f)
{
	struct run *r = arg;

	must(f->bytes.n > 0 && f->offset >= r->behind);
	must(f->offset <= r->size && f->bytes.n <= r->size - f->offset);
	must(memcmp(r->data + f->offset, f->bytes.p, f->bytes.n) == 0);
	if (f->scan) {
		must(f->bytes.p[0] == '{');
		must(f->scan->end == f->bytes.p + f->bytes.n);
		must(f->bytes.p[f->bytes.n - 1] == '}');
	}
	r->behind = f->offset + f->bytes.n;
	buf_addf(&r->events, "%c%llu+%zu ", f->scan ? 'o' : 'f',
	    (unsigned long long)f->offset, f->bytes.n);
}

/* How long it was is not known in all cases, and depends on what came. */
static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	struct run *r = arg;

	must(why < REJECT_COUNT && some.n <= 64 && some.n <= length);
	must(some.n == 0 || memcmp(r->data + offset, some.p, some.n) == 0);
	buf_addf(&r->events, "!%d@%llu ", (int)why, (unsigned long long)offset);
}

/* Each piece is a copy of its exact size, so that a read behind it shows. */
static int
feed(struct framer *f, const uint8_t *p, size_t n)
{
	char *copy = malloc(n ? n : 1);
	int err;

	must(copy != NULL);
	memcpy(copy, p, n);
	err = framer_feed(f, copy, n);
	free(copy);
	return err;
}

static int
cut(struct run *r, enum frame_mode mode, const struct frame_limits *l,
    size_t piece)
{
	struct framer *f = framer_new(mode, l, on_frame, on_reject, r);
	int err = 0;

	must(f != NULL);
	for (size_t at = 0; err == 0 && at < r->size; at += piece)
		err = feed(f, r->data + at,
		    r->size - at < piece ? r->size - at : piece);
	if (err == 0) {
		framer_finish(f);
		must(framer_held(f) == 0);
	}
	framer_free(f);
	return err;
}

static void
compare(enum frame_mode mode, const struct frame_limits *l, const uint8_t *data,
    size_t size, size_t piece)
{
	struct run whole = { .data = data, .size = size },
		   pieces = { .data = data, .size = size };
	int a = cut(&whole, mode, l, size + 1);
	int b = cut(&pieces, mode, l, piece);

	must(a == b);
	must(slice_eq(buf_slice(&whole.events), buf_slice(&pieces.events)));
	buf_release(&whole.events);
	buf_release(&pieces.events);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_limits l = { 0, 0 };
	size_t piece;

	if (size < 2)
		return 0;
	if (data[0]) {
		l.max_record = (size_t)data[0] * 4;
		l.max_document = l.max_record * 2;
	}
	piece = 1 + (size_t)data[1] * data[1] / 16;
	compare(FRAME_FILE, &l, data + 2, size - 2, piece);
	compare(FRAME_STREAM, &l, data + 2, size - 2, piece);
	return 0;
}
