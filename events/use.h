/*
 * use.h - a temporary credential at work in an ordinary record.
 *
 *     struct use_room room;
 *     struct request r;
 *     use_read(&use, &room, &r);
 *
 * The sifter fills in what one look at the first level tells.  That is enough
 * to know a use that repeats another; only one that is new is read further,
 * and becomes a request of KIND_USE: who (principal, caller_session,
 * caller_id), with which credential (caller_credential, session_began,
 * instance_session, source_identity, invoked_by; GCP: delegation), from where,
 * to do what (action).  It names no target and mints nothing.  The place is
 * left to the caller.  Pure functions, any thread.
 */
#ifndef ST_USE_H
#define ST_USE_H

#include "events/request.h"

#define USE_NAME_MAX \
	512 /* of a name that must be put together; longer: absent */
#define USE_DELEGATES_MAX 4

/* Slices point into the record. */
struct use {
	enum provider provider;
	struct slice credential; /* access key; GCP: the principal's e-mail */
	struct slice source;     /* as the record has it */
	struct slice region, account, principal, event_id;
	struct slice service, method; /* what was called */
	struct slice user_agent;
	/* What else one look tells of who it is: all absent where the record
	 * had to be read in full. */
	struct slice type, caller_id, invoked_by; /* AWS */
	struct slice
	    context;      /* as written: sessionContext, authenticationInfo */
	bool in_scope_of; /* AWS: it was handed to a function or task */
	struct when time;
};

/* What use_read() must put together lies here. */
struct use_room {
	char address[ADDR_TEXT];
	char action[USE_NAME_MAX], principal[USE_NAME_MAX];
	char delegate[USE_DELEGATES_MAX][USE_NAME_MAX];
};

/* Slices point into the record and the room. */
void
use_read(const struct use *u, struct use_room *room, struct request *result);

/* An agent of Google's own, that stands behind an account attached to a
 * machine: "service-1@compute-system.iam.gserviceaccount.com". */
bool use_is_google_agent(struct slice email);

#endif
