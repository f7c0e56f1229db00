/*
 * grant.h - a change of IAM after which somebody may ask for tokens who could
 * not before.
 *
 *     if (grant_is(api))
 *             grant_decode(root, record, api, &arena, on_grant, arg);
 *
 * No token request, and counted as the ordinary record that it is; but the
 * first token that is asked for after it is worth a second look
 * (detect/grants.h).  It becomes a request of KIND_GRANT: who changed it
 * (principal and all that is known of the caller), when, by which action;
 * `target`, what may be had now (a role, a service account), absent: whatever
 * is asked for; `delegation`, to whom that is given (a user, an identity
 * provider, a pool of identities), none: to anybody.  One change may give
 * several.  What was denied or failed gives none.
 *
 * Facts: CloudTrail's records of IAM, and Cloud Audit's of SetIamPolicy, whose
 * serviceData.policyDelta tells what was added.  Any thread.
 */
#ifndef ST_GRANT_H
#define ST_GRANT_H

#include "events/catalogue.h"
#include "lib/json.h"

/* Is this row of the catalogue such a change?  False for NULL. */
bool grant_is(const struct api *api);

/* Its slices live until it returns. */
typedef void grant_cb(void *arg, struct request *r);

/* `text` is the record's bytes.  Without memory less is given out, or nothing. */
void grant_decode(const struct json *record, struct slice text,
    const struct api *api, struct arena *a, grant_cb *cb, void *arg);

#endif
