/*
 * fuzz_sift.c - any bytes as a file and as a stream: cut, unwrapped, read.
 *
 * However the bytes arrive, the same records must be found, and the books
 * must balance.  (Frame, envelope, glance and the decoders are all behind it.)
 */
#include "tests/fuzz/fuzz.h"

#include "collector/frame.h"
#include "events/sift.h"

#include <stdlib.h>
#include <string.h>

static void
on_request(void *arg, struct request *r)
{
	uint64_t *sum = arg;

	*sum = *sum * 31 + r->duplicate_key[0] + r->input_offset;
}

static void
on_frame(void *arg, const struct frame *f)
{
	sifter_frame(arg, f->bytes, f->scan, f->offset);
}

static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	sifter_reject(arg, why, offset, some, length);
}

/* The counts of the bytes, fed in pieces; the sum of what was found. */
static uint64_t
sift(enum frame_mode mode, const uint8_t *data, size_t size, size_t piece,
    struct sift_counts *counts)
{
	struct sift_options o = { 0 };
	struct sift_calls calls = { .request = on_request,
		.grant = on_request };
	uint64_t sum = 0;
	struct sifter *s = sifter_new(&o, &calls, &sum);
	struct framer *f = framer_new(mode, NULL, on_frame, on_reject, s);
	int err = 0;

	for (size_t at = 0; err == 0 && at < size; at += piece)
		err = framer_feed(f, (const char *)data + at,
		    size - at < piece ? size - at : piece);
	if (err == 0)
		framer_finish(f);
	framer_free(f);
	sifter_take_counts(s, counts);
	sifter_free(s);
	return sum;
}

static void
must(int holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int mode = FRAME_FILE; mode <= FRAME_STREAM; mode++) {
		struct sift_counts whole, pieces;
		uint64_t a, b;

		a = sift((enum frame_mode)mode, data, size, size + 1, &whole);
		b = sift((enum frame_mode)mode, data, size, 5, &pieces);
		must(whole.received ==
		    whole.token_requests + whole.uses + whole.other +
			sift_rejected(&whole));
		must(a == b);
		must(whole.received == pieces.received);
		must(memcmp(whole.rejected, pieces.rejected,
			 sizeof(whole.rejected)) == 0);
	}
	return 0;
}
