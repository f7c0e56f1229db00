/*
 * fuzz_outbox.c - any bytes as the rows of an outbox.
 *
 * Each row is its kind, two bytes of length, and so many bytes.  Whatever is
 * loaded, the books balance, and all that waits can be taken once.
 */
#include "tests/fuzz/fuzz.h"

#include "outputs/outbox.h"

#include <stdlib.h>

#define ROW_HEAD 3
#define TURNS_MAX 100000

static void
on_any(void *arg)
{
	(void)arg;
}

static void
load(struct outbox *o, struct slice bytes)
{
	char key[] = "out\0?12345678";
	uint64_t n = 0;

	while (bytes.n >= ROW_HEAD) {
		size_t size = (unsigned char)bytes.p[1] +
		    256 * (size_t)(unsigned char)bytes.p[2];
		bool books = bytes.p[0] == 'b';

		key[4] = bytes.p[0];
		key[12] = (char)n++;
		bytes = slice_of(bytes.p + ROW_HEAD, bytes.n - ROW_HEAD);
		size = size < bytes.n ? size : bytes.n;
		(void)!outbox_load(
		    o, slice_of(key, books ? 5 : 13), slice_of(bytes.p, size));
		bytes = slice_of(bytes.p + size, bytes.n - size);
	}
	outbox_loaded(o);
}

/* All that waits, or nothing is left. */
static void
take_all(struct outbox *o)
{
	static struct stsentry_record batch[OUTBOX_TAKE_MAX];
	size_t n;

	for (int i = 0; i < TURNS_MAX; i++) {
		n = outbox_take(o, batch, OUTBOX_TAKE_MAX, 1 << 20, INT64_MAX);
		for (size_t k = 0; k < n; k++)
			outbox_answer(o, k, OUTBOX_DONE);
		outbox_settle(o, NULL);
		if (n == 0)
			return;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct outbox_options options = { .name = "out",
		.records = 100,
		.bytes = 1 << 20,
		.on_work = on_any,
		.on_news = on_any };
	struct outbox *o = outbox_new(&options);
	struct outbox_counts c;

	if (!o)
		return 0;
	load(o, slice_of((const char *)data, size));
	(void)outbox_fold(o);
	take_all(o);
	outbox_look(o, &c);
	if (outbox_queued(&c) != 0)
		abort();
	outbox_free(o);
	return 0;
}
