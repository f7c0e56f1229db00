/*
 * decided.h - a decision line, read back.
 *
 *     struct decided_reader r;
 *     decided_reader_init(&r);
 *     err = decided_read(&r, line, &d);      // slices live until the next call
 *     decided_reader_release(&r);
 *
 * The other half of outputs/format/decision.c, for readers of many lines: a
 * line as it is written there is taken apart where its names stand; any other
 * goes through lib/jscan, and only a string with an escape in it is read in
 * full.  A member that is not there reads as null, one that nobody knows is
 * passed over, so that lines of other versions can be read.
 * The line comes without its LF.
 * ST_EFORMAT: no JSON object, or no decision; ST_ENOMEM.  One owner, no locks.
 */
#ifndef ST_DECIDED_H
#define ST_DECIDED_H

#include "detect/verdict.h"
#include "lib/json.h"

#define DECIDED_ALIKE_MAX 5

/* What a report asks of it. */
struct decided {
	struct slice event_id, provider, action, kind;
	struct slice principal, principal_type, account, target;
	struct slice cloud_region, error, source_kind, country;
	struct when time, expires;
	enum verdict_word verdict;
	enum outcome outcome;
	bool finding;
	struct slice reasons; /* the array, as written */
	/* The parts of the line that hold its names (all but event_id): of two
	 * lines in which these are the same bytes all names are the same.  None
	 * where the line is not as it is written there. */
	struct slice alike[DECIDED_ALIKE_MAX];
	unsigned n_alike;
};

struct decided_reader {
	struct json_reader json; /* for strings with escapes */
	struct arena arena;      /* what they are without */
};

void decided_reader_init(struct decided_reader *r);
void decided_reader_release(struct decided_reader *r);

int decided_read(struct decided_reader *r, struct slice line,
    struct decided *result) ST_MUSTCHECK;

/* The codes of its reasons, each once, in the order of the line; returns how
 * many.  A code that this version does not know is left out. */
unsigned decided_codes(struct decided_reader *r, const struct decided *d,
    enum reason_code codes[VERDICT_REASONS_MAX]);

#endif
