/*
 * reject.c - the table of reasons why input is no record.
 *
 * See reject.h.  Constant data, any thread.
 */
#include "events/reject.h"

struct reason {
	const char *name, *help;
	bool error;
};

static const struct reason reasons[REJECT_COUNT] = {
	[REJECT_TRUNCATED] = { "truncated",
	    "JSON that ends too early: a sender or relay cut it", true },
	[REJECT_BAD_JSON] = { "bad_json", "begins like JSON and is not JSON",
	    true },
	[REJECT_NOT_JSON] = { "not_json", "holds no JSON at all", false },
	[REJECT_NOT_AUDIT] = { "not_audit",
	    "JSON without an audit record in it", false },
	[REJECT_TOO_LONG] = { "too_long", "longer than the record limit",
	    true },
	[REJECT_TOO_DEEP] = { "too_deep", "JSON nested deeper than the limit",
	    true },
	[REJECT_WRAPPED_TOO_DEEP] = { "wrapped_too_deep",
	    "more wrappers around it than the limit", true },
	[REJECT_BAD_COUNT] = { "bad_count", "an octet count that is no count",
	    true },
	[REJECT_BAD_BASE64] = { "bad_base64", "base64 that cannot be decoded",
	    true },
	[REJECT_BAD_COMPRESSION] = { "bad_compression",
	    "compressed bytes that cannot be inflated", true },
	[REJECT_INFLATED_TOO_LARGE] = { "inflated_too_large",
	    "inflates beyond the limit", true },
	[REJECT_ACCOUNT] = { "account",
	    "from an account that this input does not accept", false },
	[REJECT_NO_MEMORY] = { "no_memory", "there was no memory for it",
	    true },
};

const char *
reject_name(enum reject r)
{
	return reasons[r].name;
}

const char *
reject_help(enum reject r)
{
	return reasons[r].help;
}

bool
reject_is_error(enum reject r)
{
	return reasons[r].error;
}
