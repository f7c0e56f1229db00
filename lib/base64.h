/*
 * base64.h - bytes as text (RFC 4648 4, with padding).
 *
 * The other way, lenient as real senders need it, is events/envelope's.  Pure
 * functions, any thread.
 */
#ifndef ST_BASE64_H
#define ST_BASE64_H

#include "lib/buf.h"

void base64_add(struct buf *out, const unsigned char *p, size_t n);

#endif
