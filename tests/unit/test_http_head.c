/*
 * test_http_head.c - a request is understood in one way only, or refused.
 */
#include "collector/http_head.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define H "Host: a\r\n"

static struct http_head head;

static int
parse(const char *text)
{
	return http_head_parse(slice_str(text), &head);
}

static void
a_request_says_what_it_wants(void)
{
	CHECK_INT(parse("POST /in?token=x&y HTTP/1.1\r\nHost: a\r\n"
			"content-LENGTH:  12 \r\nX-Empty:\r\n\r\n"),
	    0);
	CHECK_TEXT(head.method, "POST");
	CHECK_TEXT(head.path, "/in");
	CHECK_TEXT(head.query, "token=x&y");
	CHECK_INT(head.length, 12);
	CHECK_INT(head.minor, 1);
	CHECK(!head.chunked && !head.expects && !head.closes);
	CHECK_TEXT(http_head_get(&head, "host"), "a");
	CHECK_TEXT(http_head_get(&head, "x-empty"), "");
	CHECK_TEXT(http_head_get(&head, "x-none"), NULL);
	CHECK_INT(parse("GET http://host:1/a/b HTTP/1.1\r\n" H "\r\n"), 0);
	CHECK_TEXT(head.path, "/a/b");
	CHECK_TEXT(head.query, NULL);
	CHECK_INT(head.length, -1);
	CHECK_INT(parse("GET https://host HTTP/1.1\r\n" H "\r\n"), 0);
	CHECK_TEXT(head.path, "/");
	CHECK_INT(parse("OPTIONS * HTTP/1.1\r\n" H "\r\n"), 0);
	CHECK_INT(parse("POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n"
			"Expect: 100-Continue\r\n\r\n"),
	    0);
	CHECK(head.chunked && head.expects);
}

static void
a_connection_stays_unless_it_is_said(void)
{
	static const struct {
		const char *text;
		bool closes;
	} rows[] = {
		{ "GET / HTTP/1.1\r\n" H "\r\n", false },
		{ "GET / HTTP/1.1\r\n" H "Connection: Close\r\n\r\n", true },
		{ "GET / HTTP/1.1\r\n" H "Connection: te, close\r\n\r\n",
		    true },
		{ "GET / HTTP/1.1\r\n" H "Connection: te\r\n"
		  "Connection: close\r\n\r\n",
		    true },
		{ "GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\n\r\n", true },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK_INT(parse(rows[i].text), 0);
		CHECK_INT(head.closes, rows[i].closes);
	}
}

static void
what_can_be_understood_otherwise_is_refused(void)
{
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		{ "", 400 },
		{ "\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H H "\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H, 400 },
		{ "POST / HTTP/1.1\n" H "\r\n", 400 },
		{ "POST  / HTTP/1.1\r\n" H "\r\n", 400 },
		{ "POST /  HTTP/1.1\r\n" H "\r\n", 400 },
		{ "POST / HTTP/1.1 \r\n" H "\r\n", 400 },
		{ " POST / HTTP/1.1\r\n" H "\r\n", 400 },
		{ "PO ST / HTTP/1.1\r\n" H "\r\n", 400 },
		{ "POST a HTTP/1.1\r\n" H "\r\n", 400 },
		{ "POST /\x01 HTTP/1.1\r\n" H "\r\n", 400 },
		{ "POST /\r HTTP/1.1\r\n" H "\r\n", 400 },
		{ "POST /\r\n" H "\r\n", 400 },
		{ "POST / http/1.1\r\n" H "\r\n", 400 },
		{ "POST / HTTP/1\r\n" H "\r\n", 400 },
		{ "POST / HTTP/2.0\r\n" H "\r\n", 505 },
		{ "POST / HTTP/1.2\r\n" H "\r\n", 505 },
		{ "POST / HTTP/1.1\r\n" H "a : b\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H ": b\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "b\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "a: b\r\n c\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "a: b\rc\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "a: b\nc: d\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "a: \x7f\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: \r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H
		  "Content-Length: 9223372036854775808\r\n\r\n",
		    400 },
		{ "POST / HTTP/1.1\r\n" H
		  "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
		    400 },
		{ "POST / HTTP/1.1\r\n" H
		  "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		    400 },
		{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		    400 },
		{ "POST / HTTP/1.1\r\n" H
		  "Transfer-Encoding: gzip, chunked\r\n\r\n",
		    501 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n",
		    501 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n",
		    501 },
		{ "POST / HTTP/1.1\r\n" H "Expect: wonders\r\n\r\n", 417 },
	};
	struct slice nul = SLICE_LIT("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n");

	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = parse(rows[i].text);

		if (status != rows[i].status)
			printf("\n    row %zu: %s", i, rows[i].text);
		CHECK_INT(status, rows[i].status);
	}
	CHECK_INT(http_head_parse(nul, &head), 400);
}

static void
a_head_has_bounds(void)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "GET / HTTP/1.1\r\n" H);
	for (int i = 1; i < HTTP_HEADERS_MAX; i++)
		buf_adds(&b, "a: b\r\n");
	buf_adds(&b, "\r\n");
	CHECK_INT(http_head_parse(buf_slice(&b), &head), 0);
	CHECK_INT(head.n, HTTP_HEADERS_MAX);
	b.n -= 2;
	buf_adds(&b, "a: b\r\n\r\n");
	CHECK_INT(http_head_parse(buf_slice(&b), &head), 431);
	buf_reset(&b);
	buf_adds(&b, "GET / HTTP/1.1\r\n" H "a: ");
	while (b.n < HTTP_HEAD_MAX - 4)
		buf_addc(&b, 'x');
	buf_adds(&b, "\r\n\r\n");
	CHECK_INT(http_head_parse(buf_slice(&b), &head), 0);
	b.n -= 4;
	buf_adds(&b, "x\r\n\r\n");
	CHECK_INT(http_head_parse(buf_slice(&b), &head), 431);
	buf_release(&b);
}

static void
the_end_is_found_wherever_the_bytes_were_cut(void)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
	size_t n = sizeof(text) - 1 - 4;

	for (size_t have = 0; have <= sizeof(text) - 1; have++)
		for (size_t looked = 0; looked <= have && looked < n; looked++)
			CHECK_INT(http_head_end(text, have, looked),
			    have >= n ? n : 0);
}

static void
a_query_is_decoded(void)
{
	static const struct {
		const char *query, *want;
	} rows[] = {
		{ "token=abc", "abc" },
		{ "a=b&token=a%2Bb+c%3d&token=second", "a+b c=" },
		{ "token=", "" },
		{ "token", NULL },
		{ "xtoken=abc", NULL },
		{ "Token=abc", NULL },
		{ "token=%", NULL },
		{ "token=%4", NULL },
		{ "token=%zz", NULL },
		{ "", NULL },
		{ "&&=&token=x&", "x" },
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool there = http_query_get(
		    slice_str(rows[i].query), "token", &b);

		CHECK_INT(there, rows[i].want != NULL);
		if (there)
			CHECK_TEXT(slice_of(b.p ? b.p : "", b.n), rows[i].want);
	}
	CHECK(!http_query_get(SLICE_NULL, "token", &b));
	buf_release(&b);
}

/* What the chunks hold, fed in pieces of `piece` bytes. */
static enum http_chunk_word
unchunk(const char *text, size_t n, size_t piece, struct buf *out, size_t *used)
{
	enum http_chunk_word word = HTTP_CHUNK_MORE;
	struct http_chunks c;
	const char *p = text, *end = text + n;
	struct slice data;

	buf_reset(out);
	http_chunks_init(&c);
	while (p < end && word == HTTP_CHUNK_MORE) {
		const char *stop = (size_t)(end - p) < piece ? end : p + piece;

		while ((word = http_chunks_next(&c, &p, stop, &data)) ==
		    HTTP_CHUNK_DATA)
			buf_add_slice(out, data);
	}
	*used = (size_t)(p - text);
	return word;
}

static void
chunks_are_put_together(void)
{
	static const struct {
		const char *text, *want;
		enum http_chunk_word word;
	} rows[] = {
		{ "0\r\n\r\n", "", HTTP_CHUNK_END },
		{ "3\r\nabc\r\n0\r\n\r\n", "abc", HTTP_CHUNK_END },
		{ "00000003;x=\"y\"\r\nabc\r\n2 \r\nde\r\n000\r\n\r\n", "abcde",
		    HTTP_CHUNK_END },
		{ "A\r\n0123456789\r\n0\r\nTrailer: x\r\nb:\r\n\r\n",
		    "0123456789", HTTP_CHUNK_END },
		{ "3\r\nabc\r\n0\r\n", "abc", HTTP_CHUNK_MORE },
		{ "3\r\nab", "ab", HTTP_CHUNK_MORE },
		{ "000000003\r\nabc\r\n", "", HTTP_CHUNK_BAD },
		{ "\r\n", "", HTTP_CHUNK_BAD },
		{ ";\r\n", "", HTTP_CHUNK_BAD },
		{ "-3\r\nabc", "", HTTP_CHUNK_BAD },
		{ "+3\r\nabc", "", HTTP_CHUNK_BAD },
		{ "0x3\r\nabc", "", HTTP_CHUNK_BAD },
		{ "3\nabc", "", HTTP_CHUNK_BAD },
		{ "3\rabc", "", HTTP_CHUNK_BAD },
		{ "3;\nabc", "", HTTP_CHUNK_BAD },
		{ "3\r\nabcd", "abc", HTTP_CHUNK_BAD },
		{ "3\r\nabc\n", "abc", HTTP_CHUNK_BAD },
		{ "3\r\nabc\r0", "abc", HTTP_CHUNK_BAD },
		{ "0\r\na\n", "", HTTP_CHUNK_BAD },
		{ "0\r\n\rx", "", HTTP_CHUNK_BAD },
	};
	struct buf out = BUF_INIT;
	size_t used;

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t piece = 1; piece < 12; piece++) {
			size_t n = strlen(rows[i].text);
			enum http_chunk_word word = unchunk(
			    rows[i].text, n, piece, &out, &used);

			CHECK_INT(word, rows[i].word);
			CHECK_TEXT(
			    slice_of(out.p ? out.p : "", out.n), rows[i].want);
			if (word == HTTP_CHUNK_END)
				CHECK_INT(used, n);
		}
	buf_release(&out);
}

static void
what_stands_around_chunks_has_bounds(void)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	size_t used;

	buf_adds(&text, "3;");
	for (int i = 0; i < HTTP_CHUNK_LINE_MAX; i++)
		buf_addc(&text, 'x');
	CHECK_INT(unchunk(text.p, text.n, 100, &out, &used), HTTP_CHUNK_MORE);
	buf_adds(&text, "x");
	CHECK_INT(unchunk(text.p, text.n, 100, &out, &used), HTTP_CHUNK_BAD);
	buf_reset(&text);
	buf_adds(&text, "0\r\n");
	for (int i = 0; i < HTTP_CHUNK_TRAILER_MAX; i++)
		buf_addc(&text, 'x');
	CHECK_INT(unchunk(text.p, text.n, 100, &out, &used), HTTP_CHUNK_MORE);
	buf_adds(&text, "x");
	CHECK_INT(unchunk(text.p, text.n, 100, &out, &used), HTTP_CHUNK_BAD);
	buf_release(&text);
	buf_release(&out);
}

UNIT_MAIN("http_head",
    { "a request says what it wants", a_request_says_what_it_wants },
    { "a connection stays unless it is said",
	a_connection_stays_unless_it_is_said },
    { "what can be understood otherwise is refused",
	what_can_be_understood_otherwise_is_refused },
    { "a head has bounds", a_head_has_bounds },
    { "the end is found wherever the bytes were cut",
	the_end_is_found_wherever_the_bytes_were_cut },
    { "a query is decoded", a_query_is_decoded },
    { "chunks are put together", chunks_are_put_together },
    { "what stands around chunks has bounds",
	what_stands_around_chunks_has_bounds })
