/*
 * gcp.h - a Cloud Audit LogEntry of a token method becomes a request.
 *
 * One canonical name for one thing, whatever shape it came in.  Facts of shapes: Google
 * Cloud's audit logging documentation, audit_log.proto and real records.  Any
 * thread.
 */
#ifndef ST_GCP_H
#define ST_GCP_H

#include "events/catalogue.h"
#include "lib/json.h"

/*
 * As cloudtrail_decode().  `entry` is the LogEntry, or a BigQuery export row
 * (protopayload_auditlog, requestJson ...), or one with re-keyed members as
 * some exports have (callerIP, insertid, logname, resource as JSON text).
 */
int
gcp_decode(const struct json *entry, struct slice text, const struct api *api,
    struct arena *a, struct request *result) ST_MUSTCHECK;

/* Which row of the catalogue the entry's method is, NULL for none.  Reads what
 * catalogue_find_gcp() wants from wherever the entry has it. */
const struct api *gcp_api(const struct json *entry);

/* The audit payload of an entry: protoPayload, or what stands for it; NULL
 * where it is no audit entry. */
const struct json *gcp_payload(const struct json *entry);

#endif
