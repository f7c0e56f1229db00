/*
 * arn.h - Amazon resource names in their parts.
 *
 * arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; the resource may hold colons
 * and slashes of its own.  Slices point into what was given.  Pure functions.
 */
#ifndef ST_ARN_H
#define ST_ARN_H

#include "lib/slice.h"

struct arn {
	struct slice partition, service, region, account, resource;
};

/* False where it has fewer than six parts or no partition. */
bool arn_parse(struct slice text, struct arn *result);

/* Does it begin as an ARN does: "arn:", a partition, a colon? */
bool arn_like(struct slice text);
/* Its partition, absent where it is none. */
struct slice arn_partition(struct slice text);
/* Its account, absent where it has none. */
struct slice arn_account(struct slice text);

/* "assumed-role/NAME/SESSION": NAME. */
struct slice arn_role_of_session(struct slice resource);

#endif
