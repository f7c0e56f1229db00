/*
 * notice.h - something about the telemetry itself that people should know.
 *
 *     struct notice n = { .reason = R_TRAIL_CHANGED, .subject = trail, ... };
 *     batch_notice(b, &n);               // a reader; it rides like a mark
 *     pipeline_notice(p, &n);            // the pipeline makes a finding of it
 *
 * A trail whose files do not fit together, a source that has gone silent,
 * events that come late: nobody's request, and yet a finding.  It is told as
 * one whose request names no action and nobody (KIND_NONE).  What is absent is
 * not known.  Notices with one subject, account and reason fold into one
 * finding; those with one id are the same notice.  Pure functions, any thread.
 */
#ifndef ST_NOTICE_H
#define ST_NOTICE_H

#include "detect/verdict.h"

#define NOTICE_TEXT_MAX 4096 /* of any of its strings; what is longer is cut */

struct notice {
	enum reason_code reason;
	enum provider provider;
	struct when time;
	struct slice account;
	struct slice subject;  /* what it is about: a trail, an input */
	struct slice observed; /* for the reason */
	struct slice text;     /* the title of the finding */
	struct slice id;       /* the evidence, in one line */
};

/* As a request and a verdict, whose slices are the notice's. */
void notice_request(const struct notice *n, struct request *result);
void notice_verdict(const struct notice *n, struct verdict *result);

/* As bytes and back, as request_pack() does it. */
void notice_pack(const struct notice *n, struct buf *out);
int notice_unpack(
    struct slice bytes, struct notice *result, size_t *taken) ST_MUSTCHECK;

#endif
