/*
 * glance.h - what a quick look at an object says of it: a record, and which?
 *
 *     struct glance g;
 *     switch (glance_at(&scan, &g)) { ... }
 *
 * Sees only the first level (lib/jscan).  Where names or the values that
 * decide are written with escapes, or there are too many members to list, it
 * says so, and the object must be read in full.  Slices point into the
 * record.  Pure functions, any thread.
 */
#ifndef ST_GLANCE_H
#define ST_GLANCE_H

#include "lib/jscan.h"

enum shape {
	SHAPE_NONE,    /* no audit record: perhaps a wrapper */
	SHAPE_AWS,     /* a CloudTrail record */
	SHAPE_GCP,     /* a LogEntry with an audit payload */
	SHAPE_NOTHING, /* told apart and of no interest: Insight events */
	SHAPE_UNCLEAR, /* must be read in full to tell */
};

struct glance {
	/* CloudTrail; plain text without quotes, absent if not a string. */
	struct slice event_source, event_name;
	struct slice event_time, region, source, recipient, event_id;
	struct slice user_agent;
	struct slice user_identity; /* as written */
	/* LogEntry */
	struct slice payload; /* as written: an object */
	struct slice timestamp, insert_id, log_name;
};

enum shape glance_at(const struct jscan *s, struct glance *g);

/* CloudTrail: the caller of a record. */
struct glance_caller {
	/* Absent where not said. */
	struct slice access_key, arn, account, type, id, invoked_by;
	struct slice context; /* sessionContext as written: an object */
	bool in_scope_of;     /* inScopeOf has something in it */
	bool unclear;         /* read it in full */
};
void glance_caller(struct slice user_identity, struct glance_caller *c);

/* LogEntry: the method of its payload. */
struct glance_method {
	struct slice service, method; /* absent where not said */
	struct slice principal;       /* e-mail */
	struct slice source;          /* callerIp */
	struct slice user_agent;
	struct slice authentication; /* as written: an object */
	bool delegated; /* serviceAccountDelegationInfo has something in it */
	bool unclear;
};
void glance_method(struct slice payload, struct glance_method *m);

#endif
