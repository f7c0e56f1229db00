/*
 * trail.h - one CloudTrail record while it is being decoded.
 *
 * Shared by cloudtrail.c (the whole), principal_aws.c (who asked) and
 * cloudtrail_target.c (for what).  The members that anybody asks for are
 * picked once, in one walk of each object; what several rules need is worked
 * out once.  Slices point into the JSON or the arena.  One owner.
 */
#ifndef ST_TRAIL_H
#define ST_TRAIL_H

#include "events/catalogue.h"
#include "events/field.h"

/* Members of the record. */
enum trail_top {
	TOP_EVENT_ID,
	TOP_EVENT_NAME,
	TOP_EVENT_TIME,
	TOP_AT_TIMESTAMP,
	TOP_P_EVENT_TIME,
	TOP_USER_IDENTITY,
	TOP_SOURCE,
	TOP_USER_AGENT,
	TOP_REGION,
	TOP_ERROR_CODE,
	TOP_ERROR_MESSAGE,
	TOP_REQUEST,  /* requestParameters */
	TOP_RESPONSE, /* responseElements */
	TOP_EXTRA,    /* additionalEventData */
	TOP_SERVICE,  /* serviceEventDetails */
	TOP_RESOURCES,
	TOP_RECIPIENT,
	TOP_SHARED_ID,
	TOP_FROM_CONSOLE,
	TOP_COUNT
};

/* Members of userIdentity. */
enum trail_user {
	USER_TYPE,
	USER_ID, /* principalId */
	USER_ARN,
	USER_ACCOUNT,
	USER_KEY,
	USER_NAME,
	USER_PROVIDER,
	USER_INVOKED_BY,
	USER_ON_BEHALF,
	USER_SESSION,
	USER_SCOPE, /* inScopeOf */
	USER_COUNT
};

/* Members of userIdentity.sessionContext.sessionIssuer. */
enum trail_issuer { ISSUER_ARN, ISSUER_ACCOUNT, ISSUER_NAME, ISSUER_COUNT };

struct trail {
	const struct api *api;
	struct arena *a;
	bool failed; /* memory was out somewhere */
	const struct json *top[TOP_COUNT];
	const struct json *user[USER_COUNT];
	const struct json *issuer[ISSUER_COUNT];
	struct slice caller_account; /* userIdentity.accountId */
	struct slice recipient;      /* recipientAccountId */
	struct slice acct;           /* the one, else the other */
	struct slice partition;      /* worked out when first asked for */
	struct when time;
	enum outcome outcome;
};

/* Who the record says is calling, whoever asked for it. */
struct trail_caller {
	struct slice principal;
	enum principal_type type;
	struct slice session;
};

static inline struct slice
trail_top(const struct trail *t, enum trail_top m)
{
	return field_text(t->top[m]);
}

static inline struct slice
trail_user(const struct trail *t, enum trail_user m)
{
	return field_text(t->user[m]);
}

#define TRAIL_JOIN(t, ...)                                  \
	field_join((t)->a, &(t)->failed,                    \
	    (const struct slice[]){ __VA_ARGS__ },          \
	    sizeof((const struct slice[]){ __VA_ARGS__ }) / \
		sizeof(struct slice))

struct slice trail_partition(struct trail *t);

/* ---- principal_aws.c --------------------------------------------------- */

void trail_caller(struct trail *t, struct trail_caller *result);
/* principal, principal_type, account, caller_session, caller_id. */
void trail_principal(
    struct trail *t, const struct trail_caller *caller, struct request *r);

/* ---- cloudtrail_target.c ----------------------------------------------- */

/* The first alternative of a path such as "rp.name | aed.name" that has a
 * text. */
struct slice trail_path(struct trail *t, const char *spec);
/* ARN of the first of resources[] with this type (NULL: any type). */
struct slice trail_resource(const struct trail *t, const char *type);
/* target, target_account, session, credential, expires. */
void trail_target(
    struct trail *t, const struct trail_caller *caller, struct request *r);

#endif
