/*
 * policy_rows.c - the keys of policy.yaml.
 *
 * One row gives a key's parsing, its bounds, its error texts and its place in
 * the JSON Schema; what the values mean is checked in policy_load.c.
 * Constant data, any thread.
 */
#include "detect/policy_i.h"

/* Odd ones are "required". */
static const char *const mfa_words[] = { "optional", "required", "false",
	"true", "no", "yes", NULL };
static const char *const unlisted_words[] = { "learn", "alert", NULL };
/* Two words for each, in the order of enum policy_word. */
static const char *const expect_words[] = { "allowed", "breach", "learn",
	"suppressed", "expected", "unexpected", "learning", "suppressed",
	NULL };
static const char *const mfa_states[] = { "unknown", "no", "yes", "false",
	"true", NULL };

#define M struct match_config

static const struct opt from_rows[] = {
	OPT(M, from.countries, OPT_STRINGS, .name = "countries",
	    .help = "ISO 3166 codes of the countries of public addresses"),
	OPT(M, from.asns, OPT_STRINGS, .name = "asns",
	    .help = "numbers of autonomous systems"),
	OPT(M, from.networks, OPT_STRINGS, .name = "networks",
	    .help = "addresses and ranges, as 198.51.100.0/24"),
	OPT(M, from.source_kinds, OPT_STRINGS, .name = "source_kinds",
	    .help = "ip, private, cloud-service, cloud-internal, unknown"),
	OPT_END
};

static const struct opt hours_rows[] = {
	OPT(M, hours.days, OPT_STRINGS, .name = "days",
	    .help = "as Mon-Fri, or a list; every day where not given"),
	OPT(M, hours.between, OPT_STRINGS, .name = "between",
	    .help = "as 07:00-20:00; may pass midnight; several as a list"),
	OPT(M, hours.zone, OPT_STRING, .name = "zone",
	    .help = "IANA name of the time zone; UTC where not given"),
	OPT_END
};

/* A block of rows inside the same structure. */
#define INSIDE(rows_, ...)                                                   \
	{                                                                    \
		.offset = 0, .type = OPT_BLOCK, .rows = (rows_), __VA_ARGS__ \
	}

/* The keys of a rule that ask something; their structure comes first in
 * every structure that has them. */
#define MATCH_ROWS                                                          \
	OPT(M, principals, OPT_STRINGS, .name = "principals",               \
	    .help = "patterns of principals, or class:NAME"),               \
	    OPT(M, sessions, OPT_STRINGS, .name = "sessions",               \
		.help = "patterns of the caller's session name, "           \
			"else of the one asked for"),                       \
	    OPT(M, principal_types, OPT_STRINGS, .name = "principal_types", \
		.help = "user, role, saml, service-account ..."),           \
	    OPT(M, accounts, OPT_STRINGS, .name = "accounts",               \
		.help = "patterns of the caller's account or project"),     \
	    OPT(M, actions, OPT_STRINGS, .name = "actions",                 \
		.help = "patterns of actions, as sts:AssumeRole*"),         \
	    OPT(M, kinds, OPT_STRINGS, .name = "kinds",                     \
		.help = "role, session, saml, access-token ..."),           \
	    OPT(M, targets, OPT_STRINGS, .name = "targets",                 \
		.help = "patterns of what the credential is for"),          \
	    OPT(M, cloud_regions, OPT_STRINGS, .name = "cloud_regions",     \
		.help = "patterns of cloud regions, as eu-*, global"),      \
	    INSIDE(from_rows, .name = "from",                               \
		.help = "where the request may come from"),                 \
	    INSIDE(hours_rows, .name = "hours",                             \
		.help = "when the request may come"),                       \
	    OPT(M, max_duration, OPT_DURATION, .name = "max_duration",      \
		.min = 1000, .max = 366.0 * 86400 * 1000,                   \
		.help = "longest life of a credential, as 1h"),             \
	    OPT(M, mfa, OPT_WORD, .name = "mfa", .words = mfa_words,        \
		.def = "optional", .help = "required: only with MFA"),      \
	    OPT(M, external_id, OPT_STRINGS, .name = "external_id",         \
		.help = "required, or patterns of the external id"),        \
	    OPT(M, source_identity, OPT_STRINGS, .name = "source_identity", \
		.help = "required, or patterns of the source identity"),    \
	    OPT(M, outcome, OPT_STRINGS, .name = "outcome",                 \
		.help = "success, denied, failed: for others the rule is "  \
			"not there")

static const struct opt rule_rows[] = {
	OPT(struct rule_config, id, OPT_STRING, .name = "id",
	    .flags = OPT_REQUIRED, .help = "its name in every verdict"),
	OPT(struct rule_config, owner, OPT_STRING, .name = "owner",
	    .help = "who answers for it"),
	OPT(struct rule_config, why, OPT_STRING, .name = "why",
	    .help = "what it is for"),
	MATCH_ROWS,
	OPT(struct rule_config, expires, OPT_STRING, .name = "expires",
	    .help = "last day (UTC) or moment on which it is in force"),
	OPT_END
};

static const struct opt excuse_match_rows[] = { MATCH_ROWS,
	OPT(struct excuse_match_config, codes, OPT_STRINGS, .name = "codes",
	    .help = "reason codes that it holds back; all but decoy_touched "
		    "where not given"),
	OPT_END };

static const struct opt exception_rows[] = {
	OPT(struct exception_config, id, OPT_STRING, .name = "id",
	    .flags = OPT_REQUIRED, .help = "a ticket, for instance"),
	OPT(struct exception_config, owner, OPT_STRING, .name = "owner",
	    .flags = OPT_REQUIRED, .help = "who answers for it"),
	OPT(struct exception_config, reason, OPT_STRING, .name = "reason",
	    .flags = OPT_REQUIRED, .help = "why it is there"),
	OPT(struct exception_config, until, OPT_STRING, .name = "until",
	    .flags = OPT_REQUIRED,
	    .help = "last day (UTC) or moment on which it is in force"),
	OPT(struct exception_config, match, OPT_BLOCK, .name = "match",
	    .rows = excuse_match_rows, .flags = OPT_REQUIRED,
	    .help = "what it holds back: keys of a rule, and codes"),
	OPT_END
};

static const struct opt maintenance_rows[] = {
	OPT(struct maintenance_config, from, OPT_STRING, .name = "from",
	    .flags = OPT_REQUIRED, .help = "when it begins"),
	OPT(struct maintenance_config, to, OPT_STRING, .name = "to",
	    .flags = OPT_REQUIRED, .help = "when it is over"),
	OPT(struct maintenance_config, accounts, OPT_STRINGS,
	    .name = "accounts",
	    .help = "patterns of account or target account; all where not "
		    "given"),
	OPT(struct maintenance_config, reason, OPT_STRING, .name = "reason",
	    .flags = OPT_REQUIRED, .help = "what is done there"),
	OPT_END
};

#define FIELD(member, help_)                                         \
	OPT(struct test_fields, member, OPT_STRING, .name = #member, \
	    .help = (help_))

static const struct opt field_rows[] = {
	FIELD(provider,
	    "aws or gcp; told from the other fields if it is not "
	    "given"),
	FIELD(principal, "as in a decision line"),
	FIELD(principal_type, "told from the principal if it is not given"),
	FIELD(account, "told from the principal if it is not given"),
	FIELD(action, "as sts:AssumeRole"),
	FIELD(kind, "told from the action if it is not given"),
	FIELD(target, "as in a decision line"),
	FIELD(target_account, "told from the target if it is not given"),
	FIELD(session, "the session asked for"),
	FIELD(caller_session, "the caller's own session"),
	FIELD(cloud_region, "as eu-west-1"),
	FIELD(outcome, "success if it is not given"),
	FIELD(ip, "the source address"),
	FIELD(source_kind, "told from the address if it is not given"),
	FIELD(country, "of the source address"),
	OPT(struct test_fields, asn, OPT_INT, .name = "asn", .min = 1,
	    .max = 4294967295.0, .help = "of the source address"),
	FIELD(time, "when it happens"),
	FIELD(user_agent, "what the client says it is"),
	OPT(struct test_fields, duration, OPT_DURATION, .name = "duration",
	    .min = 1000, .max = 366.0 * 86400 * 1000,
	    .help = "life of the credential"),
	OPT(struct test_fields, mfa, OPT_WORD, .name = "mfa",
	    .words = mfa_states, .def = "unknown", .help = "was MFA used"),
	FIELD(external_id, "of the request"),
	FIELD(source_identity, "of the request"), OPT_END
};

static const struct opt test_rows[] = {
	OPT(struct test_config, name, OPT_STRING, .name = "name",
	    .flags = OPT_REQUIRED, .help = "what the case shows"),
	OPT(struct test_config, event, OPT_NODE, .name = "event",
	    .schema = "{\"type\":[\"object\",\"string\"]}",
	    .help = "a record, as YAML, as JSON text or !file PATH"),
	OPT(struct test_config, fields, OPT_BLOCK, .name = "fields",
	    .rows = field_rows,
	    .help = "a request by its members, or what the record lacks"),
	OPT(struct test_config, expect, OPT_WORD, .name = "expect",
	    .words = expect_words, .flags = OPT_REQUIRED,
	    .help = "the policy's verdict"),
	OPT(struct test_config, codes, OPT_STRINGS, .name = "codes",
	    .help = "reason codes that must be there, and no others"),
	OPT(struct test_config, rule, OPT_STRING, .name = "rule",
	    .help = "id of the rule that decides"),
	OPT_END
};

#define P struct policy_config

static const struct opt approved_rows[] = {
	OPT(P, approved.cloud_regions, OPT_STRINGS, .name = "cloud_regions",
	    .help = "patterns; requests at global endpoints and of Google "
		    "Cloud are in \"global\""),
	OPT(P, approved.countries, OPT_STRINGS, .name = "countries",
	    .help = "ISO 3166 codes"),
	OPT(P, approved.networks, OPT_STRINGS, .name = "networks",
	    .help = "addresses and ranges that are fine in any country"),
	OPT(P, approved.asns, OPT_STRINGS, .name = "asns",
	    .help = "numbers of autonomous systems"),
	OPT(P, approved.accounts, OPT_STRINGS, .name = "accounts",
	    .help = "patterns of accounts and projects, the caller's and "
		    "the target's"),
	OPT_END
};

static const struct opt use_rows[] = {
	OPT(P, use.max_distance_km, OPT_REAL, .name = "max_distance_km",
	    .min = 1, .max = 20100,
	    .help = "how far from its mint a credential may be used "
		    "(GeoIPDistanceThreshold of AN0526)"),
	OPT_END
};

const struct opt policy_rows[] = { OPT(P, version, OPT_INT, .name = "version",
				       .def = "1", .min = 1, .max = 1,
				       .help = "of this file's shape"),
	INSIDE(approved_rows, .name = "approved",
	    .help = "what holds for everybody"),
	OPT(P, unlisted, OPT_WORD, .name = "unlisted_principals",
	    .words = unlisted_words, .def = "learn",
	    .help = "what becomes of principals that no rule is for"),
	OPT(P, classes, OPT_NODE, .name = "classes",
	    .schema = "{\"type\":\"object\",\"additionalProperties\":"
		      "{\"type\":[\"string\",\"array\"],\"items\":"
		      "{\"type\":\"string\"}}}",
	    .help = "names for lists of patterns of principals (RoleScope of "
		    "AN0526)"),
	OPT(P, rules, OPT_BLOCKS, .name = "rules", .rows = rule_rows,
	    .size = sizeof(struct rule_config),
	    .help = "who may do what; the first that holds allows"),
	INSIDE(use_rows, .name = "use", .help = "of credentials"),
	OPT(P, decoys, OPT_STRINGS, .name = "decoys",
	    .help = "patterns of targets and principals that nobody has a "
		    "reason to touch"),
	OPT(P, exceptions, OPT_BLOCKS, .name = "exceptions",
	    .rows = exception_rows, .size = sizeof(struct exception_config),
	    .help = "what is known and accepted for a while"),
	OPT(P, maintenance, OPT_BLOCKS, .name = "maintenance",
	    .rows = maintenance_rows, .size = sizeof(struct maintenance_config),
	    .help = "times in which nothing but decoys is reported"),
	OPT(P, tests, OPT_BLOCKS, .name = "tests", .rows = test_rows,
	    .size = sizeof(struct test_config),
	    .help = "what this policy must say; stsentry check runs them"),
	OPT_END };
