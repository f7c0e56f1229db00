/*
 * escape.h - other people's strings inside lines, cells and headers.
 *
 *     escape_add(&out, s, &escape_cef_value);
 *
 * Every string becomes valid UTF-8 (what is not is U+FFFD), and controls, bidi
 * controls and line separators become visible as \u00XX, whatever the format;
 * the rule says what the format asks for beyond that.  Pure functions, any
 * thread.
 */
#ifndef ST_ESCAPE_H
#define ST_ESCAPE_H

#include "lib/buf.h"

struct escape_rule {
	const char *slashed; /* get a backslash in front */
	const char *hidden;  /* written as \u00XX: the format has no escape */
	const char *doubled; /* written twice */
	bool crlf;           /* CR and LF become the letters \r and \n */
};

extern const struct escape_rule escape_text;
extern const struct escape_rule escape_cef_header;
extern const struct escape_rule escape_cef_value;
extern const struct escape_rule escape_leef; /* header and values */

void escape_add(struct buf *out, struct slice s, const struct escape_rule *r);

/* The same, cut at `max` bytes of the string at a code point, with "..."
 * behind it where something was cut. */
void escape_cut(
    struct buf *out, struct slice s, size_t max, const struct escape_rule *r);

/* One cell of RFC 4180, quoted where needed; a cell that a spreadsheet would
 * take for a formula gets an apostrophe in front. */
void escape_csv(struct buf *out, struct slice s);

#endif
