/*
 * fuzz_format.c - any bytes as the strings of a finding, in every format.
 *
 * The input is cut at its zero bytes and dealt out to the strings in turn;
 * the first byte chooses which sample is filled.  What is written must be
 * lines, valid UTF-8 and free of control characters; native JSON must read
 * back to the same bytes.
 */
#include "outputs/format/format.h"
#include "outputs/format/parse.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sample.h"
#include "tests/unit/strict.h"

#include <stdlib.h>

static struct slice
next_piece(struct slice *rest)
{
	const char *zero = rest->n ? memchr(rest->p, 0, rest->n) : NULL;
	struct slice piece = *rest;

	if (zero)
		piece.n = (size_t)(zero - rest->p);
	rest->p += piece.n + (zero ? 1 : 0);
	rest->n -= piece.n + (zero ? 1 : 0);
	return piece;
}

static void
fill(struct sample *s, struct slice bytes)
{
	void (*const samples[])(
	    struct sample *) = { sample_aws, sample_gcp, sample_bare };
	unsigned char choice = bytes.n ? (unsigned char)bytes.p[0] : 0;

	samples[choice % 3](s);
	if (bytes.n)
		bytes = slice_of(bytes.p + 1, bytes.n - 1);
	s->f.request.raw = bytes;
	for (size_t i = 0; i < s->n_strings && bytes.n; i++)
		*s->strings[i] = next_piece(&bytes);
}

static void
check_line(const struct format *format, struct slice line)
{
	bool ok = strict_line(line);

	if (slice_is(slice_str(format->name), "cef"))
		ok = ok && strict_cef(line) > 0;
	else if (slice_is(slice_str(format->name), "leef"))
		ok = ok && strict_leef(line) > 0;
	else if (slice_is(slice_str(format->name), "csv"))
		ok = ok && strict_csv(line, -1, NULL) > 1;
	else if (slice_is(slice_str(format->name), "rfc5424"))
		ok = ok && strict_5424(line) > 0;
	else if (slice_is(slice_str(format->name), "rfc3164"))
		ok = ok && line.p[0] == '<';
	else
		ok = ok && line.p[0] == '{' && line.p[line.n - 2] == '}';
	if (!ok)
		abort();
}

/* Unless its address is none: then it is refused. */
static void
check_back(struct slice line, const struct format_options *o)
{
	struct buf again = BUF_INIT;
	struct finding f;
	struct arena a;
	struct err e;

	arena_init(&a, 4096);
	if (finding_parse(line, &a, &f, &e) == 0) {
		format_find(SLICE_LIT("json"))->finding(&f, o, &again);
		if (!slice_eq(line, buf_slice(&again)))
			abort();
	} else if (!slice_find(slice_str(e.text), "\"ip\"")) {
		abort();
	}
	arena_release(&a);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct format_options o = { .raw = true, .width = 72 };
	struct slice bytes = slice_of((const char *)data, size);
	struct buf out = BUF_INIT;
	struct sample s;

	fill(&s, bytes);
	for (size_t i = 0; format_table[i]; i++) {
		buf_reset(&out);
		format_table[i]->finding(&s.f, &o, &out);
		if (slice_is(slice_str(format_table[i]->name), "text")) {
			if (!strict_text(buf_slice(&out)))
				abort();
			continue;
		}
		check_line(format_table[i], buf_slice(&out));
		if (slice_is(slice_str(format_table[i]->name), "json"))
			check_back(buf_slice(&out), &o);
	}
	buf_release(&out);
	return 0;
}
