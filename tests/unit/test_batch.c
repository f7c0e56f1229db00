/*
 * test_batch.c - what rides in a batch comes out as it went in.
 */
#include "collector/batch.h"
#include "lib/buf.h"
#include "unit.h"

static const struct mark_owner nobody;

static void
write_mark(void *arg, const struct mark *m)
{
	struct buf *out = arg;

	buf_addf(out, "%llu", (unsigned long long)m->token);
	if (!slice_is_null(m->key))
		buf_addf(out, " %.*s", (int)m->key.n, m->key.p);
	if (!slice_is_null(m->value))
		buf_addf(out, "=%.*s", (int)m->value.n, m->value.p);
	buf_adds(out, m->owner == &nobody ? "\n" : " of whom?\n");
}

static void
marks_come_out_whole_and_in_order(void)
{
	struct batch *b = batch_new(0);
	struct buf out = BUF_INIT;
	char key[] = "file-1", value[] = "17";
	const struct mark with_row = { &nobody, 2, slice_str(key),
		slice_str(value) };
	const struct mark bare = { .owner = &nobody, .token = UINT64_MAX };
	const struct mark drops = { &nobody, 3, SLICE_LIT("file-0"),
		SLICE_NULL };
	const struct mark empty = { &nobody, 4, SLICE_LIT("k"), SLICE_LIT("") };

	REQUIRE(b != NULL);
	CHECK(batch_mark(b, &bare));
	CHECK(batch_mark(b, &with_row));
	CHECK(batch_mark(b, &drops));
	CHECK(batch_mark(b, &empty));
	memset(key, 'x', sizeof(key) - 1);
	memset(value, 'x', sizeof(value) - 1);
	batch_each_mark(b, write_mark, &out);
	CHECK_TEXT(buf_slice(&out),
	    "18446744073709551615\n2 file-1=17\n3 file-0\n4 k=\n");
	CHECK_INT(b->n_marks, 4);
	CHECK(batch_size(b) >= b->marks.n);
	buf_release(&out);
	batch_free(b);
}

static void
a_batch_without_marks_has_none(void)
{
	struct batch *b = batch_new(7);
	struct buf out = BUF_INIT;

	REQUIRE(b != NULL);
	CHECK_INT(b->input, 7);
	batch_each_mark(b, write_mark, &out);
	CHECK_INT(out.n, 0);
	batch_free(b);
	batch_free(NULL);
}

UNIT_MAIN("batch",
    { "marks come out whole and in order", marks_come_out_whole_and_in_order },
    { "a batch without marks has none", a_batch_without_marks_has_none })
