/*
 * jsonw.h - writing JSON into a buf, and no character that shows as another.
 *
 *     struct jsonw w;
 *     jsonw_init(&w, &buf);
 *     jsonw_object(&w);                          // {
 *     jsonw_key(&w, "name"); jsonw_slice(&w, s); // "name":"..."
 *     jsonw_member(&w, "city", s);               // the same in one; absent is null
 *     jsonw_end(&w);                             // }
 *
 * Commas and colons are its business.  Strings are made valid UTF-8 (what is
 * not becomes U+FFFD); U+0000-U+001F, U+007F-U+009F, U+2028, U+2029 and the
 * bidi controls are written as \u escapes, so that no string of another's
 * ever starts a line or turns a terminal.  At most JSONW_DEPTH levels.
 * One owner, no locks; failures show in buf->failed.
 */
#ifndef ST_JSONW_H
#define ST_JSONW_H

#include "lib/buf.h"

#include <stdint.h>

#define JSONW_DEPTH 64

struct jsonw {
	struct buf *out;
	unsigned depth;
	bool comma[JSONW_DEPTH];
	bool array[JSONW_DEPTH];
	bool after_key;
};

void jsonw_init(struct jsonw *w, struct buf *out);
void jsonw_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_end(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *name);
void jsonw_key_slice(struct jsonw *w, struct slice name);
void jsonw_slice(struct jsonw *w, struct slice s); /* absent is null */
void jsonw_str(struct jsonw *w, const char *s);    /* NULL is null */
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
/* A number with `digits` behind the point (0 to 6). */
void jsonw_fixed(struct jsonw *w, double v, unsigned digits);
/* Bytes that are JSON already. */
void jsonw_raw(struct jsonw *w, struct slice json);

void jsonw_member(struct jsonw *w, const char *name, struct slice s);
void jsonw_member_str(struct jsonw *w, const char *name, const char *s);
void jsonw_member_int(struct jsonw *w, const char *name, int64_t v);

/* Only the escaped text, without quotes. */
void jsonw_escape(struct buf *out, struct slice s);

#endif
