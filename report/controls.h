/*
 * controls.h - catalogues of controls, and which of them our evidence supports.
 *
 *     const struct framework *f = framework_find(SLICE_LIT("cis-aws@5.0"));
 *     for (i = 0; i < f->n; i++)
 *             ... f->controls[i].id, .evidence ...
 *
 * The catalogues are report/controls/NAME-VERSION.txt, compiled in.  Numbering
 * moves from version to version, so a control is always named with framework
 * and version, and its id is text ("1.10" is not 1.1).  What a control asks is
 * said in our words.  A detective control supports, it proves nothing: a
 * control whose evidence is 0 is not covered.  Constant data, any thread.
 */
#ifndef ST_CONTROLS_H
#define ST_CONTROLS_H

#include "lib/slice.h"

#include <stdint.h>

#define CONTROL_EVIDENCE_MAX 4

/* A kind of evidence: what was counted, and in which section that stands. */
enum evidence {
	EVIDENCE_NONE,
	EVIDENCE_REQUESTS,
	EVIDENCE_DENIED,
	EVIDENCE_FINDINGS,
	EVIDENCE_PRINCIPALS,
	EVIDENCE_ROOT,
	EVIDENCE_MFA,
	EVIDENCE_LIFETIMES,
	EVIDENCE_COVERAGE,
	EVIDENCE_SILENCE,
	EVIDENCE_CLOCKS,
	EVIDENCE_DAYS,
	EVIDENCE_LEDGER,
	EVIDENCE_FEDERATION,
	EVIDENCE_IMPERSONATION,
	EVIDENCE_EXCEPTIONS,
	EVIDENCE_COUNTRIES,
	EVIDENCE_POLICY,
	EVIDENCE_BASELINE,
	EVIDENCE_COUNT
};

struct control {
	const char *id, *asks;
	/* The first that is EVIDENCE_NONE ends it. */
	enum evidence evidence[CONTROL_EVIDENCE_MAX + 1];
};

struct framework {
	const char *name; /* "cis-aws@5.0" */
	const char *title, *version;
	const char *scope; /* which part of it the file lists */
	const struct control *controls;
	unsigned n;
};

const struct framework *framework_at(size_t i); /* NULL behind the last */
const struct framework *framework_find(struct slice name);

#endif
