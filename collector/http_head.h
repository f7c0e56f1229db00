/*
 * http_head.h - what an HTTP/1.1 request says before its body.
 *
 *     n = http_head_end(p, have, looked);          // 0: more bytes are needed
 *     status = http_head_parse(slice_of(p, n), &head);     // 0, or 400 ...
 *     type = http_head_get(&head, "Content-Type");
 *
 * Strict, so that nobody before us can have understood it otherwise: lines end
 * with CRLF, no folded lines, one Host, one Content-Length of digits only and
 * never beside Transfer-Encoding.  Slices point into the bytes given.  Pure
 * functions, any thread.
 */
#ifndef ST_HTTP_HEAD_H
#define ST_HTTP_HEAD_H

#include "lib/buf.h"

#include <stdint.h>

#define HTTP_HEAD_MAX ((size_t)32768) /* bytes, request line included */
#define HTTP_HEADERS_MAX 100
#define HTTP_LENGTH_DIGITS 15

struct http_header {
	struct slice name, value;
};

struct http_head {
	struct slice method;
	struct slice path, query; /* query absent without '?' */
	unsigned minor;           /* HTTP/1.minor */
	int64_t length;           /* Content-Length; -1: none */
	bool chunked;
	bool expects; /* 100-continue */
	bool closes;  /* the connection ends with this request */
	size_t n;
	struct http_header v[HTTP_HEADERS_MAX];
};

/* Where the head ends, behind its empty line; up to `looked` it does not. */
size_t http_head_end(const char *p, size_t n, size_t looked);
/* 0, or the status that it deserves: 400, 417, 431, 501 or 505. */
int http_head_parse(struct slice bytes, struct http_head *h);

/* The first header of that name, whatever its case; absent without one. */
struct slice http_head_get(const struct http_head *h, const char *name);
/* Is it such a word, whatever its case? */
bool http_same(struct slice s, const char *word);

/* The value of name=value in a query, decoded; false where it is not there or
 * not well written. */
bool http_query_get(struct slice query, const char *name, struct buf *out);

/* ---- chunked bodies ---- */

#define HTTP_CHUNK_DIGITS 8
#define HTTP_CHUNK_LINE_MAX 1024 /* a size with its extensions */
#define HTTP_CHUNK_TRAILER_MAX 8192

struct http_chunks {
	int state;
	uint64_t left;
	unsigned digits, seen;
	bool in_line;
};

enum http_chunk_word {
	HTTP_CHUNK_MORE, /* all is used up */
	HTTP_CHUNK_DATA, /* a piece of the body: ask again */
	HTTP_CHUNK_END,  /* the body is over; *p is behind it */
	HTTP_CHUNK_BAD,
};

void http_chunks_init(struct http_chunks *c);
/* Moves *p on, at most to end. */
enum http_chunk_word http_chunks_next(
    struct http_chunks *c, const char **p, const char *end, struct slice *data);

#endif
