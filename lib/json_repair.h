/*
 * json_repair.h - texts that real feeds have and RFC 8259 does not.
 *
 * Inside of lib/json only.  Pure functions, any thread.
 */
#ifndef ST_JSON_REPAIR_H
#define ST_JSON_REPAIR_H

#include "lib/buf.h"

/*
 * Write a copy that every backend takes: what is no UTF-8 in a string becomes
 * U+FFFD, so does the escape of a lone surrogate and, in member names, NUL;
 * raw control characters in strings become \u escapes, and whole numbers that
 * do not fit into 64 bits get ".0".  True if anything was changed; the copy is
 * not checked, so that a text that is wrong stays wrong.
 */
bool json_repair(struct slice text, struct buf *copy);

/* How deep a text's arrays and objects are nested, at most `max` + 1. */
size_t json_depth(struct slice text, size_t max);

#endif
