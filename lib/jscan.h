/*
 * jscan.h - one quick pass over a JSON object: where it ends and what it holds
 * at its first level.
 *
 *     struct jscan s;
 *     switch (jscan_value(p, end, &s)) {
 *     case JSCAN_DONE:  ... s.end, s.member[0 .. s.n) ...
 *     case JSCAN_SHORT: ... more bytes are needed ...
 *     }
 *
 * Strings and their escapes, the nesting and kinds of brackets and the grammar
 * of the first level are checked; what stands deeper is skipped, not read: a
 * value that this accepts may still be no JSON.  No allocation, one look at
 * each byte (64 at a time, with AVX2 where the machine has it), which is what
 * makes ordinary records cheap.  Any thread.
 *
 * A raw line feed inside a string, or one after which a new value begins
 * where the grammar has no place for it, means that a line was cut off:
 * JSCAN_BROKEN.
 */
#ifndef ST_JSCAN_H
#define ST_JSCAN_H

#include "lib/slice.h"

#define JSCAN_DEPTH_MAX 1024
#define JSCAN_MEMBERS 48

enum jscan_result {
	JSCAN_DONE,
	JSCAN_SHORT,  /* well so far, but not at its end */
	JSCAN_BROKEN, /* no JSON; `end` is where that shows */
	JSCAN_DEEP,   /* nested deeper than JSCAN_DEPTH_MAX */
};

struct jmember {
	struct slice key;   /* between its quotes, escapes as written */
	struct slice value; /* as written, quotes and brackets included */
};

struct jscan {
	const char *end;  /* behind the value (JSCAN_DONE) */
	unsigned n;       /* members of the first level of an object */
	const char *rest; /* where the first member not listed begins, or NULL:
			   * there are more than JSCAN_MEMBERS */
	bool escaped;   /* a key has a backslash: names must be read in full */
	bool backslash; /* a string value of the first level has one */
	struct jmember member[JSCAN_MEMBERS];
};

/* p points at '{' or '['.  Of an array only the end is told. */
enum jscan_result jscan_value(const char *p, const char *end, struct jscan *s);

/* The members from s->rest on, into the same s.  Only after JSCAN_DONE, and
 * with the same end. */
enum jscan_result jscan_rest(struct jscan *s, const char *end);

/* The text of a string value that has no backslash in it; absent for any
 * other value. */
struct slice jscan_plain(const struct jscan *s, struct slice value);

/* The last member of that name, NULL for none.  Only where !escaped. */
const struct jmember *jscan_find(const struct jscan *s, const char *name);

/* "avx2", "sse2" or "portable": which of its three ways is in use. */
const char *jscan_way(void);
/* For tests: force one of them; NULL for the best.  False: not on this
 * machine.  Not while other threads scan. */
bool jscan_force(const char *way);

#endif
