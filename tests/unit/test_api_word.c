/*
 * test_api_word.c - what was meant by an action that is no API.
 */
#include "events/api_word.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text, *told;
} names[] = {
	{ "sts:AssumRole",
	    "actions: \"sts:AssumRole\" matches no API; did you mean "
	    "\"sts:AssumeRole\"?" },
	{ "stss:*",
	    "actions: \"stss:*\" matches no API; did you mean \"sts:*\"?" },
	{ "AssumeRole",
	    "actions: \"AssumeRole\" matches no API; did you mean "
	    "\"sts:AssumeRole\"?" },
	{ "GenerateAccesToken",
	    "actions: \"GenerateAccesToken\" matches no API; did you mean "
	    "\"iamcredentials:GenerateAccessToken\"?" },
	{ "x", "actions: \"x\" matches no API" },
	{ "", "actions: \"\" matches no API" },
	{ "ec2:DescribeInstances",
	    "actions: \"ec2:DescribeInstances\" matches no API" },
};

static void
the_nearest_api_is_named(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ynode n = { .kind = YNODE_SCALAR,
			.text = slice_str(names[i].text),
			.file = "f",
			.line = 1,
			.col = 1 };
		struct err e = { .text = "" };

		CHECK(api_unknown(&n, "actions", &e) < 0);
		CHECK_TEXT(slice_str(e.text), names[i].told);
	}
}

static void
a_secret_is_not_compared(void)
{
	struct ynode n = { .kind = YNODE_SCALAR,
		.text = SLICE_LIT("sts:AssumRole"),
		.file = "f",
		.secret = true };
	struct err e = { .text = "" };

	CHECK(api_unknown(&n, "actions", &e) < 0);
	CHECK(slice_find(slice_str(e.text), "Assum") == NULL);
}

UNIT_MAIN("api_word", { "the nearest API is named", the_nearest_api_is_named },
    { "a secret is not compared", a_secret_is_not_compared })
