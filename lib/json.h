/*
 * json.h - reading JSON, with yyjson or with jansson behind it.
 *
 *     struct json_reader r;
 *     json_reader_init(&r);
 *     const struct json *root = json_parse(&r, text, &err);   // NULL: see err
 *     struct slice name = json_text(json_get(root, "eventName"));
 *     json_reader_release(&r);
 *
 * A reader keeps its memory from one text to the next; what json_parse()
 * returned, and every slice taken from it, lives until the next json_parse()
 * or the release.  NULL is a good argument everywhere and means "not there".
 * Both backends accept the same texts (the same tests run over both):
 * RFC 8259, and beyond it invalid UTF-8 (read as U+FFFD), lone surrogates
 * in escapes (U+FFFD) and raw control characters in strings, because real
 * feeds have them.  Nesting deeper than JSON_DEPTH_MAX is an error.  Where a
 * member name repeats, the last one counts.  One owner, no locks.
 */
#ifndef ST_JSON_H
#define ST_JSON_H

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

/* jansson has these names, too: unmasked, ours would be called by it. */
#define json_type st_json_type
#define json_true st_json_true
#define json_real st_json_real

#define JSON_DEPTH_MAX 1024

struct json; /* a value; points into the reader */

enum json_type {
	JSON_ABSENT, /* json_type(NULL) */
	JSON_NULL_,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json_reader {
	void *impl;
};

/* "yyjson 0.10.0" or "jansson 2.14": for --version. */
const char *json_backend(void);

void json_reader_init(struct json_reader *r);
void json_reader_release(struct json_reader *r);

/* Exactly one value, blanks around it allowed.  NULL on error. */
const struct json *
json_parse(struct json_reader *r, struct slice text, struct err *e);

enum json_type json_type(const struct json *v);

/* Member of an object (the last of that name); NULL where there is none. */
const struct json *json_get(const struct json *v, const char *name);
const struct json *json_get_n(const struct json *v, struct slice name);

/* A path of names and array indexes: "requestParameters.policyArns.0.arn". */
const struct json *json_path(const struct json *v, const char *path);

/* A string's bytes (UTF-8, may hold NUL); absent where it is no string. */
struct slice json_text(const struct json *v);

/* True where v is `true`. */
bool json_true(const struct json *v);

/* Whole numbers, also 1.0 and 1e3; false where it is none or does not fit. */
bool json_int(const struct json *v, int64_t *result);

/* Any number, 0 where it is none. */
double json_real(const struct json *v);

/* Members or elements; 0 for anything else.  Of a name that repeats, yyjson
 * counts and walks each member, jansson only the last value. */
size_t json_count(const struct json *v);

/* Walk an array or object in order; `at` starts as zero.
 *     struct json_iter at = { 0 };
 *     while ((v = json_next(obj, &at, &name)))        // name may be NULL
 */
struct json_iter {
	const void *p;
	size_t i;
};
const struct json *
json_next(const struct json *v, struct json_iter *at, struct slice *name);

/* Array element, NULL where there is none.  Linear: walk instead. */
const struct json *json_at(const struct json *v, size_t i);

#endif
