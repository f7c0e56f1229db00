/*
 * request.h - one request for a temporary credential, as a record tells it.
 *
 * The one structure that all rooms behind events/ speak of: every member of
 * the decision line (outputs/format/decision.c), and what policy, baseline and
 * lineage ask beside it.  Slices are absent (p == NULL) where the record does
 * not say; they point into one arena, whose owner frees all of it at once, or
 * into the geo database.  Nothing here is changed after decoding but `place`.
 */
#ifndef ST_REQUEST_H
#define ST_REQUEST_H

#include "geo/addr.h"
#include "geo/place.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/when.h"

struct api; /* events/catalogue.h */

enum provider { PROVIDER_AWS, PROVIDER_GCP };

enum token_kind {
	KIND_ROLE,
	KIND_SESSION,
	KIND_FEDERATION,
	KIND_WEB_IDENTITY,
	KIND_SAML,
	KIND_ROOT,
	KIND_CONSOLE,
	KIND_ACCESS_TOKEN,
	KIND_ID_TOKEN,
	KIND_SIGNATURE,
	KIND_EXCHANGE,
	KIND_SERVICE_CREDENTIAL,
	KIND_COUNT,
	KIND_NONE = KIND_COUNT, /* no request at all: detect/notice.h */
	KIND_USE,  /* what a credential was used for: events/use.h */
	KIND_GRANT /* who may ask for more from now on: events/grant.h */
};

enum principal_type {
	PT_USER,
	PT_ROOT,
	PT_ROLE,
	PT_FEDERATED_USER,
	PT_SAML,
	PT_WEB_IDENTITY,
	PT_SERVICE,
	PT_ACCOUNT,
	PT_IDENTITY_CENTER,
	PT_UNKNOWN,
	PT_FEDERATED,
	PT_SERVICE_ACCOUNT,
	PT_WORKLOAD,
	PT_REDACTED,
	PT_COUNT
};

enum outcome { OUTCOME_SUCCESS, OUTCOME_DENIED, OUTCOME_FAILED, OUTCOME_COUNT };

enum source_kind {
	SOURCE_IP,
	SOURCE_PRIVATE,
	SOURCE_CLOUD_SERVICE,
	SOURCE_CLOUD_INTERNAL,
	SOURCE_UNKNOWN,
	SOURCE_COUNT
};

enum mfa_state { MFA_UNKNOWN, MFA_NO, MFA_YES };

struct source {
	enum source_kind kind;
	struct slice ip;   /* canonical text; absent unless ip or private */
	struct slice name; /* what the record says where that is no address */
	struct addr addr;  /* valid where ip is there */
	struct place place;
};

struct request {
	/* Where it stood in the input: file number, byte offset of its frame,
	 * and which record of that frame.  Orders requests of one moment. */
	uint64_t input_file, input_offset;
	uint32_t input_index;

	/* The decision line, in its order. */
	struct slice event_id;
	enum provider provider;
	struct when time;
	struct slice action;
	enum token_kind kind;
	struct slice principal;
	enum principal_type principal_type;
	struct slice account;
	struct slice target, target_account;
	struct slice session, caller_session;
	struct slice credential;
	struct when expires;
	struct slice cloud_region;
	enum outcome outcome;
	struct slice error;
	struct source source;
	struct slice user_agent;

	/* What makes copies of one record equal: event_id, and for GCP
	 * logName and timestamp before it. */
	uint64_t duplicate_key[2];

	/* What else is asked of it. */
	struct slice shared_event_id;   /* AWS: copies of one act */
	struct slice recipient_account; /* AWS: whose trail */
	struct slice
	    caller_credential;  /* the access key or GCP key that signed */
	struct slice caller_id; /* principalId, without its session */
	/* AWS: when the caller's own session began, and whether it was handed
	 * to a machine (ec2RoleDelivery, inScopeOf). */
	struct when session_began;
	bool instance_session;
	struct slice source_identity;
	struct slice external_id;
	/* AWS: the first managed policy that the session is cut down to, or
	 * "inline" for one that is written out. */
	struct slice session_policy;
	struct slice invoked_by; /* a service that acts for the caller */
	struct slice mfa_device;
	int64_t
	    duration; /* seconds asked for, else expires - time; -1 unknown */
	enum mfa_state mfa;
	bool console_session; /* sessionCredentialFromConsole */
	bool aws_internal;    /* made by AWS inside (SwitchRole's companion) */
	/* GCP: who stands behind, first the nearest to the person; KIND_GRANT:
	 * to whom it is given. */
	struct slice delegation[8];
	unsigned n_delegation;
	/* GCP exchanges: fingerprint of the identity provider's signing key. */
	struct slice signing_key;

	const struct api *api;
	struct slice raw; /* the record's own bytes, where they are kept */
};

const char *provider_name(enum provider p);
const char *token_kind_name(enum token_kind k); /* NULL: not a request */
const char *principal_type_name(enum principal_type t);
const char *outcome_name(enum outcome o);
const char *source_kind_name(enum source_kind k);

/* The other way; -1 where the word is none. */
int token_kind_of(struct slice word);
int principal_type_of(struct slice word);
int outcome_of(struct slice word);
int source_kind_of(struct slice word);

/* By time (none last), then event_id bytewise, then place in the input. */
int request_cmp(const struct request *a, const struct request *b);

/*
 * A request as bytes, for batches and sorted runs: never leaves this process.
 * Unpacked slices point into `bytes`, the place's too.  `api` and `raw` go
 * along.  request_unpack() gives ST_ETRUNC where bytes are short, and how
 * many it took.
 */
void request_pack(const struct request *r, struct buf *out);
int request_unpack(struct slice bytes, struct request *result, size_t *taken);

/* A copy whose slices all live in `a`; false without memory. */
bool
request_copy(const struct request *r, struct arena *a, struct request *result);

/*
 * The role that an ARN names, without path and session, as account and name:
 * "arn:aws:sts::1:assumed-role/N/S" and "arn:aws:iam::1:role/p/q/N" both give
 * "1" and "N".  False where it names no role.
 */
bool role_of_arn(struct slice arn, struct slice *account, struct slice *name);

#endif
