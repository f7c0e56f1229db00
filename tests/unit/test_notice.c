/*
 * test_notice.c - a notice becomes a finding in which nobody asked for
 * anything, through batches and in every format.
 */
#include "collector/batch.h"
#include "detect/finding.h"
#include "outputs/format/format.h"
#include "outputs/format/parse.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

static const struct notice_case {
	struct notice n;
} rows[] = {
	{ { .reason = R_TRAIL_CHANGED,
	    .provider = PROVIDER_AWS,
	    .time = { 1772352000, 5, true },
	    .account = { "111122223333", 12 },
	    .subject = { "trail main", 10 },
	    .observed = { "a.json.gz", 9 },
	    .text = { "A log file was changed", 22 },
	    .id = { "changed a.json.gz", 17 } } },
	{ { .reason = R_SOURCE_SILENT, .provider = PROVIDER_GCP } },
	{ { .reason = R_LATE_EVENTS, .id = { "", 0 } } },
};

static bool
same(struct slice a, struct slice b)
{
	return slice_is_null(a) == slice_is_null(b) && slice_eq(a, b);
}

static void
notices_come_out_of_a_batch_as_they_went_in(void)
{
	struct batch *b = batch_new(3);
	struct slice rest;
	size_t empty, taken;

	REQUIRE(b != NULL);
	empty = batch_size(b);
	for (size_t i = 0; i < 3; i++)
		CHECK(batch_notice(b, &rows[i].n));
	CHECK_INT(b->n_notices, 3);
	CHECK(batch_size(b) > empty);
	rest = buf_slice(&b->notices);
	for (size_t i = 0; i < 3; i++) {
		const struct notice *want = &rows[i].n;
		struct notice n;

		REQUIRE(notice_unpack(rest, &n, &taken) == 0);
		rest = slice_of(rest.p + taken, rest.n - taken);
		CHECK(n.reason == want->reason);
		CHECK(n.provider == want->provider);
		CHECK(when_cmp(n.time, want->time) == 0);
		CHECK(same(n.account, want->account));
		CHECK(same(n.subject, want->subject));
		CHECK(same(n.observed, want->observed));
		CHECK(same(n.text, want->text));
		CHECK(same(n.id, want->id));
	}
	CHECK_INT(rest.n, 0);
	batch_free(b);
}

static void
cut_bytes_are_no_notice(void)
{
	struct buf b = BUF_INIT;
	struct notice n;
	size_t taken;

	notice_pack(&rows[0].n, &b);
	for (size_t i = 0; i < b.n; i++)
		CHECK_INT(
		    notice_unpack(slice_of(b.p, i), &n, &taken), ST_ETRUNC);
	CHECK_INT(notice_unpack(buf_slice(&b), &n, &taken), 0);
	buf_release(&b);
}

static void
a_long_string_is_cut(void)
{
	char *text = malloc(NOTICE_TEXT_MAX + 1);
	struct notice in = rows[0].n, n;
	struct buf b = BUF_INIT;
	size_t taken;

	REQUIRE(text != NULL);
	memset(text, 'x', NOTICE_TEXT_MAX + 1);
	in.text = slice_of(text, NOTICE_TEXT_MAX + 1);
	notice_pack(&in, &b);
	REQUIRE(notice_unpack(buf_slice(&b), &n, &taken) == 0);
	CHECK_INT(n.text.n, NOTICE_TEXT_MAX);
	CHECK_TEXT(n.id, "changed a.json.gz");
	buf_release(&b);
	free(text);
}

/* Native JSON is read back as it was. */
static void
check_native(const struct finding *f)
{
	const struct format *json = format_find(SLICE_LIT("json"));
	const struct format_options o = { .width = 80 };
	struct buf first = BUF_INIT, again = BUF_INIT;
	struct finding back;
	struct arena a;
	struct err e;

	arena_init(&a, 1024);
	json->finding(f, &o, &first);
	CHECK_INT(finding_parse(buf_slice(&first), &a, &back, &e), 0);
	CHECK(back.request.kind == KIND_NONE);
	json->finding(&back, &o, &again);
	CHECK(slice_eq(buf_slice(&first), buf_slice(&again)));
	arena_release(&a);
	buf_release(&first);
	buf_release(&again);
}

static void
keep_last(void *arg, const struct finding *f)
{
	struct buf *out = arg;

	buf_reset(out);
	for (size_t i = 0; format_table[i]; i++) {
		const struct format_options o = { .width = 80 };
		size_t before = out->n;

		if (!format_table[i]->finding)
			continue;
		format_table[i]->finding(f, &o, out);
		CHECK(out->n > before);
	}
	check_native(f);
}

static void
a_notice_is_told_in_every_format(void)
{
	const struct finder_about about = { "policy.yaml", "sha256:0", "0" };
	struct buf out = BUF_INIT;
	struct finder *f = finder_new(&about, keep_last, &out);
	char group[FINDING_ID_SIZE];
	struct verdict v;
	struct request r;

	REQUIRE(f != NULL);
	finder_set_live(f, true);
	for (size_t i = 0; i < 3; i++) {
		notice_request(&rows[i].n, &r);
		notice_verdict(&rows[i].n, &v);
		CHECK_INT(finder_add(f, &r, &v, group), 0);
		if (i == 0)
			CHECK(slice_find(buf_slice(&out),
				  "A log file was changed") != NULL);
	}
	finder_free(f);
	buf_release(&out);
}

static void
one_notice_has_one_key(void)
{
	struct request a, b;
	struct notice n = rows[0].n;

	notice_request(&n, &a);
	n.text = SLICE_LIT("in other words");
	n.time.sec++;
	notice_request(&n, &b);
	CHECK(memcmp(a.duplicate_key, b.duplicate_key,
		  sizeof(a.duplicate_key)) == 0);
	n.id = SLICE_LIT("changed b.json.gz");
	notice_request(&n, &b);
	CHECK(memcmp(a.duplicate_key, b.duplicate_key,
		  sizeof(a.duplicate_key)) != 0);
}

UNIT_MAIN("notice",
    { "notices come out of a batch as they went in",
	notices_come_out_of_a_batch_as_they_went_in },
    { "cut bytes are no notice", cut_bytes_are_no_notice },
    { "a long string is cut", a_long_string_is_cut },
    { "a notice is told in every format", a_notice_is_told_in_every_format },
    { "one notice has one key", one_notice_has_one_key })
