/*
 * fuzz_http_head.c - any bytes as a request's head, and as a chunked body cut
 * anywhere.
 *
 * All that a head gives out lies within its bytes.  A body gives the same,
 * whole or byte by byte.
 */
#include "tests/fuzz/fuzz.h"

#include "collector/http_head.h"

#include <stdlib.h>

static void
check_within(struct slice part, struct slice all)
{
	static const char root[] = "/";

	if (slice_is_null(part) || slice_is(part, root))
		return;
	if (part.p < all.p || part.p + part.n > all.p + all.n)
		abort();
}

static void
read_head(struct slice bytes, struct buf *out)
{
	static struct http_head h;
	size_t end = http_head_end(bytes.p, bytes.n, 0);

	if (end == 0 || http_head_parse(slice_of(bytes.p, end), &h) != 0)
		return;
	check_within(h.method, bytes);
	check_within(h.path, bytes);
	check_within(h.query, bytes);
	for (size_t i = 0; i < h.n; i++) {
		check_within(h.v[i].name, bytes);
		check_within(h.v[i].value, bytes);
	}
	if (h.length < -1 || (h.chunked && h.length >= 0))
		abort();
	http_query_get(h.query, "token", out);
}

static enum http_chunk_word
unchunk(struct slice bytes, size_t piece, struct buf *out, size_t *used)
{
	enum http_chunk_word word = HTTP_CHUNK_MORE;
	const char *p = bytes.p, *end = bytes.p + bytes.n;
	struct http_chunks c;
	struct slice data;

	buf_reset(out);
	http_chunks_init(&c);
	while (p < end && word == HTTP_CHUNK_MORE) {
		const char *stop = (size_t)(end - p) < piece ? end : p + piece;

		while ((word = http_chunks_next(&c, &p, stop, &data)) ==
		    HTTP_CHUNK_DATA)
			buf_add_slice(out, data);
	}
	*used = (size_t)(p - bytes.p);
	return word;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct buf whole, cut;
	struct slice bytes = slice_of((const char *)data, size);
	size_t a, b;

	read_head(bytes, &whole);
	if (unchunk(bytes, SIZE_MAX, &whole, &a) !=
		unchunk(bytes, 1, &cut, &b) ||
	    a != b || !slice_eq(buf_slice(&whole), buf_slice(&cut)))
		abort();
	return 0;
}
