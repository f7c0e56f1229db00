/*
 * test_policy_schema.c - the JSON Schema of policy.yaml.
 */
#include "detect/policy_i.h"
#include "lib/json.h"
#include "tests/unit/unit.h"

static void
the_schema_is_json_and_names_the_keys(void)
{
	struct buf out = BUF_INIT;
	struct json_reader r;
	const struct json *root;
	struct err e;

	policy_schema(&out);
	json_reader_init(&r);
	root = json_parse(&r, buf_slice(&out), &e);
	REQUIRE(root != NULL);
	CHECK(json_path(root,
		  "properties.rules.items.properties.from"
		  ".properties.source_kinds") != NULL);
	CHECK(json_path(root,
		  "properties.exceptions.items.properties.match"
		  ".properties.codes") != NULL);
	CHECK(json_path(root, "properties.classes") != NULL);
	json_reader_release(&r);
	buf_release(&out);
}

UNIT_MAIN("policy_schema",
    { "the schema is JSON and names the keys",
	the_schema_is_json_and_names_the_keys })
