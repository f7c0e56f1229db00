/*
 * utf8.h - code points in bytes from outside.
 *
 * Pure functions, any thread.
 */
#ifndef ST_UTF8_H
#define ST_UTF8_H

#include "lib/buf.h"

#include <stdint.h>

#define UTF8_BAD 0xFFFD

/*
 * The code point at p (p < end) and how many bytes it takes.  Bytes that are
 * no UTF-8 (overlong, surrogates, above U+10FFFF, cut off) give UTF8_BAD with
 * *ok false and the length of the longest wrong prefix, as Unicode 3.9 says.
 */
uint32_t utf8_next(const char *p, const char *end, size_t *len, bool *ok);

bool utf8_valid(struct slice s);

/* Append one code point. */
void utf8_add(struct buf *b, uint32_t cp);

/* Controls C0, DEL, C1, U+2028, U+2029, and bidi embeddings, overrides,
 * isolates and marks: what must never reach a terminal or a page raw. */
bool utf8_is_control(uint32_t cp);

/* The longest prefix of at most max bytes that cuts no code point. */
struct slice utf8_cut(struct slice s, size_t max);

#endif
