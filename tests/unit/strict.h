/*
 * strict.h - readers that forgive nothing, for what the formats write.
 *
 * Written from the formats' descriptions and not from our writers, so that
 * the two check each other.  Pure functions.
 */
#ifndef ST_STRICT_H
#define ST_STRICT_H

#include "lib/buf.h"

/* Exactly one JSON object, read with jansson. */
bool strict_json(struct slice text);

/* How many key=value pairs behind a whole header; -1 where it is no CEF. */
int strict_cef(struct slice line);
/* The value of a key with its escapes undone; false where there is none. */
bool strict_cef_value(struct slice line, const char *key, struct buf *value);

int strict_leef(struct slice line);

/* How many parameters the one element of structured data has; -1 where it is
 * no message of RFC 5424. */
int strict_5424(struct slice line);

/* How many cells of one row; -1 where it is none.  `cell` counts from 0 and
 * gets its text; NULL for none. */
int strict_csv(struct slice line, int cell, struct buf *text);

/* One LF, at the end; nothing that is no UTF-8; no control character. */
bool strict_line(struct slice line);

/* Lines of UTF-8 without a control character but LF. */
bool strict_text(struct slice text);

#endif
