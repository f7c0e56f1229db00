/*
 * traits.h - what the baseline looks at in a request.
 *
 *     traits_read(&request, &arena, &t);     // slices live in request and arena
 *     t.who, t.value[DIM_COUNTRY] ...
 *
 * Who asks, in the sense of habits: a person by e-mail address or Identity
 * Center name whatever role they use, a service in one account, a federated
 * subject without version numbers, else the principal.  And for each dimension
 * one value, with what changes at every request taken out: a user agent
 * without versions, a session name without numbers, an address's network.
 * Absent where the request does not say.  Pure functions, any thread.
 */
#ifndef ST_TRAITS_H
#define ST_TRAITS_H

#include "events/request.h"

#define TRAITS_TEXT_MAX 192 /* longer values are cut */

enum dimension {
	DIM_ACTION,
	DIM_TARGET,
	DIM_ACCOUNT, /* of the target */
	DIM_REGION,
	DIM_COUNTRY,
	DIM_ASN,
	DIM_NETWORK, /* /24 or /48 */
	DIM_AGENT,
	DIM_OUTCOME,
	DIM_SESSION,  /* the shape of its name */
	DIM_LIFETIME, /* of the credential, in steps of half an octave */
	DIM_MFA,      /* with a second factor or without; users of AWS */
	DIM_TERMS,    /* external id, session policy; AWS */
	DIM_HOSTED,   /* people: from a hoster's network, or another */
	DIM_COUNT
};

/* Kinds of principals, whose members are each other's peers. */
enum peers {
	PEERS_PERSON,
	PEERS_USER,
	PEERS_ROOT,
	PEERS_ROLE,
	PEERS_SAML,
	PEERS_WEB, /* subjects of identity providers */
	PEERS_SERVICE,
	PEERS_ACCOUNT, /* callers of whom only the account is told */
	PEERS_CENTER,  /* Identity Center users by their number */
	PEERS_SERVICE_ACCOUNT,
	PEERS_WORKLOAD,
	PEERS_OTHER,
	PEERS_ALL, /* everybody */
	PEERS_COUNT
};

struct traits {
	enum peers peers;
	struct slice who;
	uint64_t who_hash;
	struct slice value[DIM_COUNT];
	uint64_t hash[DIM_COUNT]; /* of dimension and value; 0: absent */
	struct when time;
	uint64_t event_hash; /* orders requests of one moment */
};

/* False where it has no time or names nobody: nothing to learn or compare.
 * Also false without memory. */
bool traits_read(const struct request *r, struct arena *a, struct traits *t);

const char *dimension_name(enum dimension d);

/* The rules for single values; absent in, absent out. */
struct slice traits_agent(struct slice user_agent, struct arena *a);
struct slice traits_session(struct slice session, struct arena *a);
/* A value of DIM_LIFETIME: its action, and seconds in the middle of its step;
 * false where it is none. */
bool traits_lifetime(struct slice value, struct slice *action, double *seconds);
/* The e-mail address at the end of a name, in lower case; absent for none,
 * and for a service account's. */
struct slice traits_mail(struct slice name, struct arena *a);

#endif
