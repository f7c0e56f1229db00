/*
 * policy_schema.c - the published JSON Schema of policy.yaml.
 *
 * Printed from the rows, for editors.  Any thread.
 */
#include "detect/policy_i.h"

#include "lib/jsonw.h"

void
policy_schema(struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	schema_json(policy_rows, &w);
	buf_addc(out, '\n');
}
