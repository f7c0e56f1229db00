/*
 * entry.h - one LogEntry while it is being decoded.
 *
 * Shared by gcp.c (the whole), entry.c (finding members under the names that
 * exports give them) and principal_gcp.c (who asked).  Slices point into the
 * JSON or the arena.  One owner.
 */
#ifndef ST_ENTRY_H
#define ST_ENTRY_H

#include "events/catalogue.h"
#include "events/field.h"

/* Members of the entry. */
enum entry_top {
	ENTRY_LOG_NAME,
	ENTRY_INSERT_ID,
	ENTRY_TIMESTAMP,
	ENTRY_RECEIVED,
	ENTRY_RESOURCE,
	ENTRY_PAYLOAD,
	ENTRY_SERVICE, /* these two belong into the payload */
	ENTRY_STATUS,
	ENTRY_TOP_COUNT
};

/* Members of the audit payload. */
enum entry_payload {
	PAYLOAD_SERVICE,
	PAYLOAD_METHOD,
	PAYLOAD_RESOURCE_NAME,
	PAYLOAD_AUTH,
	PAYLOAD_CALL, /* requestMetadata */
	PAYLOAD_REQUEST,
	PAYLOAD_RESPONSE,
	PAYLOAD_METADATA,
	PAYLOAD_STATUS,
	PAYLOAD_TYPE,
	PAYLOAD_TIMESTAMP, /* these belong into the entry */
	PAYLOAD_RECEIVED,
	PAYLOAD_RESOURCE,
	PAYLOAD_COUNT
};

enum entry_auth {
	AUTH_EMAIL,
	AUTH_SUBJECT,
	AUTH_KEY_NAME,
	AUTH_DELEGATION,
	AUTH_COUNT
};

enum entry_call { CALL_IP, CALL_AGENT, CALL_ATTRIBUTES, CALL_COUNT };

enum entry_metadata {
	METADATA_PRINCIPAL,  /* mapped_principal, mappedPrincipal */
	METADATA_ATTRIBUTES, /* mappedAttributes */
	METADATA_KEYS,       /* keyInfo */
	METADATA_CHAIN,      /* identityDelegationChain */
	METADATA_COUNT
};

#define ENTRY_READERS 8

struct entry {
	const struct api *api;
	struct arena *a;
	bool failed; /* memory was out somewhere */
	const struct json *top[ENTRY_TOP_COUNT];
	const struct json *payload[PAYLOAD_COUNT];
	const struct json *auth[AUTH_COUNT];
	const struct json *call[CALL_COUNT];
	const struct json *metadata[METADATA_COUNT];
	const struct json *request, *response;
	const struct json *labels; /* resource.labels */
	/* Members that are JSON as text are read in these. */
	struct json_reader reader[ENTRY_READERS];
	size_t n_readers;
};

void entry_begin(struct entry *e, const struct json *entry,
    const struct api *api, struct arena *a);
void entry_end(struct entry *e);

/* "projects/ID" of ".../logs/..."; absent where it is none. */
struct slice entry_container(const struct entry *e);
/* "projects/" and resource.labels.project_id. */
struct slice entry_project(struct entry *e);
/* The identity pool's provider, "//iam.googleapis.com/..." */
struct slice entry_provider(struct entry *e);

#define ENTRY_JOIN(e, ...)                                  \
	field_join((e)->a, &(e)->failed,                    \
	    (const struct slice[]){ __VA_ARGS__ },          \
	    sizeof((const struct slice[]){ __VA_ARGS__ }) / \
		sizeof(struct slice))

/* ---- principal_gcp.c --------------------------------------------------- */

/* The same text in lower case (ASCII). */
struct slice entry_lower(struct entry *e, struct slice s);
/* principal, principal_type, account. */
void entry_principal(struct entry *e, struct request *r);
/* delegation, n_delegation. */
void entry_delegation(struct entry *e, struct request *r);

#endif
