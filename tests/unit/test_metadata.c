/*
 * test_metadata.c - the end of a MaxMind DB: whole, or refused with a word.
 */
#include "geo/metadata.h"

#include "lib/buf.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define MARKER "\xab\xcd\xefMaxMind.com"
#define TREE 48 /* bytes before the separator: 8 nodes of 24 bits */

/* A field as it is written; whole where `value` is NULL. */
struct field {
	const char *name;
	struct slice value;
};

static const struct field whole[] = {
	{ "node_count", SLICE_LIT("\xc1\x08") },
	{ "record_size", SLICE_LIT("\xa1\x18") },
	{ "ip_version", SLICE_LIT("\xa1\x06") },
	{ "database_type",
	    SLICE_LIT("\x44"
		      "Demo") },
	{ "languages",
	    SLICE_LIT("\x02\x04\x42"
		      "en\x42"
		      "de") },
	{ "binary_format_major_version", SLICE_LIT("\xa1\x02") },
	{ "binary_format_minor_version", SLICE_LIT("\xa0") },
	{ "build_epoch", SLICE_LIT("\x04\x02\x65\x00\x00\x01") },
	{ "description",
	    SLICE_LIT("\xe1\x42"
		      "en\x44"
		      "Demo") },
};
#define N (sizeof(whole) / sizeof(whole[0]))

static void
add_key(struct buf *b, const char *name)
{
	size_t n = strlen(name);

	if (n < 29) {
		buf_addc(b, (char)(0x40 | n));
	} else {
		buf_addc(b, 0x5d);
		buf_addc(b, (char)(n - 29));
	}
	buf_adds(b, name);
}

/* The file with one field written otherwise, or left out: an empty value. */
static void
make(struct buf *b, const struct field *other)
{
	bool out = other && other->value.n == 0;

	buf_reset(b);
	for (int i = 0; i < TREE + 16; i++)
		buf_addc(b, 0);
	buf_adds(b, "data" MARKER);
	buf_addc(b, (char)(0xe0 | (N - (out ? 1 : 0))));
	for (size_t i = 0; i < N; i++) {
		bool same = other && strcmp(whole[i].name, other->name) == 0;

		if (same && out)
			continue;
		add_key(b, whole[i].name);
		buf_add_slice(b, same ? other->value : whole[i].value);
	}
}

/* An exact copy, so that a read behind it shows. */
static int
check(struct slice bytes, struct err *e)
{
	unsigned char *copy = malloc(bytes.n ? bytes.n : 1);
	int err;

	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	e->text[0] = '\0';
	err = metadata_check("x.mmdb", copy, bytes.n, e);
	free(copy);
	return err;
}

static void
what_is_whole_is_taken(void)
{
	static const struct field cases[] = {
		{ "languages", SLICE_LIT("\x00\x04") },
		{ "description", SLICE_LIT("\xe0") },
		/* a pointer to the first name */
		{ "database_type", SLICE_LIT("\x20\x01") },
		{ "ip_version", SLICE_LIT("\xa2\x00\x04") },
		{ "node_count", SLICE_LIT("\xc4\x00\x00\x00\x01") },
	};
	struct buf b = BUF_INIT;
	struct err e;

	make(&b, NULL);
	CHECK_INT(check(buf_slice(&b), &e), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(&b, &cases[i]);
		CHECK_INT(check(buf_slice(&b), &e), 0);
		CHECK_TEXT(slice_str(e.text), "");
	}
	buf_release(&b);
}

static void
each_field_is_needed_and_of_its_type(void)
{
	static const struct slice others[] = { SLICE_LIT(""),
		SLICE_LIT("\x44"
			  "1234"),
		SLICE_LIT("\xe1\x41"
			  "a\xa0"),
		SLICE_LIT("\x01\x04\xa0"), SLICE_LIT("\x68\0\0\0\0\0\0\0\0"),
		SLICE_LIT("\x20\x00"), SLICE_LIT("\x3f\xff\xff\xff\xff"),
		SLICE_LIT("\x01\x07"), SLICE_LIT("\x00\x00") };
	struct buf b = BUF_INIT;
	struct err e;

	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]);
		     k++) {
			struct field other = { whole[i].name, others[k] };

			if (k == 1 && i == 3)
				continue; /* a text is what it should be */
			make(&b, &other);
			CHECK_INT(check(buf_slice(&b), &e), ST_EFORMAT);
			CHECK(strstr(e.text, "x.mmdb") != NULL);
			CHECK(strstr(e.text, whole[i].name) != NULL ||
			    strstr(e.text, "a name") != NULL);
		}
	buf_release(&b);
}

static void
what_the_fields_say_must_fit_the_file(void)
{
	static const struct {
		struct field field;
		const char *words;
	} cases[] = {
		{ { "node_count", SLICE_LIT("\xc0") }, "is 0" },
		{ { "node_count", SLICE_LIT("\xc1\x09") }, "holds" },
		{ { "node_count", SLICE_LIT("\xc4\xff\xff\xff\xff") },
		    "holds" },
		{ { "record_size", SLICE_LIT("\xa1\x19") }, "24" },
		{ { "record_size", SLICE_LIT("\xa1\x1c") }, "holds" },
		{ { "ip_version", SLICE_LIT("\xa1\x05") }, "neither" },
		{ { "binary_format_major_version", SLICE_LIT("\xa1\x03") },
		    "version 3" },
		{ { "database_type", SLICE_LIT("\x40") }, "empty" },
		{ { "database_type",
		      SLICE_LIT("\x43"
				"a\0b") },
		    "no text" },
		{ { "languages", SLICE_LIT("\x1f\x04\xff\xff\xff") },
		    "cut off" },
		{ { "description", SLICE_LIT("\xff\xff\xff\xff") }, "cut off" },
	};
	struct buf b = BUF_INIT;
	struct err e;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(&b, &cases[i].field);
		CHECK_INT(check(buf_slice(&b), &e), ST_EFORMAT);
		if (!strstr(e.text, cases[i].words))
			CHECK_TEXT(slice_str(e.text), cases[i].words);
	}
	buf_release(&b);
}

static void
a_file_cut_anywhere_is_refused(void)
{
	struct buf b = BUF_INIT;
	struct err e;

	make(&b, NULL);
	for (size_t n = 0; n < b.n; n++) {
		CHECK_INT(check(slice_of(b.p, n), &e), ST_EFORMAT);
		CHECK(e.text[0] != '\0');
	}
	buf_release(&b);
}

static void
the_last_marker_counts(void)
{
	struct buf b = BUF_INIT, two = BUF_INIT;
	struct err e;

	make(&b, NULL);
	buf_add_slice(&two, buf_slice(&b));
	buf_add_slice(&two, buf_slice(&b));
	CHECK_INT(check(buf_slice(&two), &e), 0);
	buf_adds(&two, MARKER);
	CHECK_INT(check(buf_slice(&two), &e), ST_EFORMAT);
	buf_release(&b);
	buf_release(&two);
}

static void
a_marker_far_from_the_end_is_none(void)
{
	struct buf b = BUF_INIT;
	struct err e;

	make(&b, NULL);
	REQUIRE(buf_reserve(&b, METADATA_BYTES_MAX));
	memset(b.p + b.n, 0, METADATA_BYTES_MAX);
	b.n += METADATA_BYTES_MAX;
	CHECK_INT(check(buf_slice(&b), &e), ST_EFORMAT);
	CHECK(strstr(e.text, "no metadata") != NULL);
	CHECK_INT(check(SLICE_LIT("\x1f\x8b"), &e), ST_EFORMAT);
	CHECK(strstr(e.text, "unpack it") != NULL);
	buf_release(&b);
}

UNIT_MAIN("metadata", { "what is whole is taken", what_is_whole_is_taken },
    { "each field is needed and of its type",
	each_field_is_needed_and_of_its_type },
    { "what the fields say must fit the file",
	what_the_fields_say_must_fit_the_file },
    { "a file cut anywhere is refused", a_file_cut_anywhere_is_refused },
    { "the last marker counts", the_last_marker_counts },
    { "a marker far from the end is none", a_marker_far_from_the_end_is_none })
