/*
 * envelope.h - finding the JSON in what senders put around it.
 *
 * Small steps that sift.c puts together: where the body of a syslog line
 * begins, what a JSON string says, what base64 holds.  Shapes as real senders
 * write them (RFC 3164, RFC 5424, `@cee:`, Fluent Bit's byte order mark,
 * AWS's and Google's carriers).  Pure functions but for the buffers; any
 * thread.
 */
#ifndef ST_ENVELOPE_H
#define ST_ENVELOPE_H

#include "lib/buf.h"

/*
 * Where JSON may begin in a line at or behind `from`: a '{' or '[' that looks
 * like one (header, tag[pid] and structured data are passed over).  NULL:
 * nowhere.
 */
const char *envelope_body(struct slice line, const char *from);

/* Append the text of a JSON string (with its quotes) to out: escapes undone,
 * lone surrogates as U+FFFD.  False where it is no string. */
bool envelope_unescape(struct slice string, struct buf *out);

/* Does this text look like base64 of a JSON object or array, of gzip or of
 * zstd?  Told from its first characters and its alphabet. */
bool envelope_is_base64(struct slice text);

/* Append the decoded bytes; blanks inside are passed over, padding may be
 * missing.  False where it is no base64 (out may hold a part). */
bool envelope_base64(struct slice text, struct buf *out);

#endif
