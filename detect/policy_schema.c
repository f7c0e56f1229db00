/*
 * policy_schema.c - the published JSON Schema of policy.yaml.
 *
 * Printed from the rows, for editors.  Any thread.
 */
#include "detect/policy_i.h"

void
policy_schema(struct buf *out)
{
	schema_document(policy_rows, "policy.yaml", out);
}
