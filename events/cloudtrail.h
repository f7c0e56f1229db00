/*
 * cloudtrail.h - a CloudTrail record of a token API becomes a request.
 *
 * One canonical name for one thing, whatever shape it came in.  Facts of shapes: AWS's
 * CloudTrail user guide and real records.  Any thread.
 */
#ifndef ST_CLOUDTRAIL_H
#define ST_CLOUDTRAIL_H

#include "events/catalogue.h"
#include "lib/json.h"

/*
 * Fills in all of *result but input_*, place and raw.  Slices of the result
 * live in `a` (nothing points into the JSON).  Members of any JSON type are
 * survived: what is not of the expected type counts as absent.
 * ST_ENOMEM is the only failure.
 *
 * `text` is the record's bytes, for the digest where there is no eventID.
 */
int cloudtrail_decode(const struct json *record, struct slice text,
    const struct api *api, struct arena *a,
    struct request *result) ST_MUSTCHECK;

/* Is a ConsoleLogin record (or any row with federated_only) a token request:
 * userIdentity.type is AssumedRole, FederatedUser, SAMLUser or
 * WebIdentityUser?  True for all other rows. */
bool cloudtrail_counts(const struct json *record, const struct api *api);

#endif
