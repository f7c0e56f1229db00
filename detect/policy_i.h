/*
 * policy_i.h - what the rooms of the policy share.
 *
 *     policy_rows.c     the keys, as rows
 *     policy_load.c     from YAML to units: checked, everything in its type
 *     policy_compile.c  from units to automata and bitsets
 *     policy_cond.c     the table of conditions: asked one by one
 *     policy_match.c    a judgement
 *     policy_explain.c  the same for a person
 *     policy_named.c    what a policy names, for those who tell of it
 *     policy_test.c     the policy's own test cases
 *
 * A unit is what has the keys of a rule: the rules first, then the
 * exceptions.  Each unit has a bit in every bitset, and each dimension (a name
 * of the request that patterns are asked of) has one automaton in which a
 * unit's patterns lead to the unit's bit.  So "for which units does this name
 * fit" is one walk over the name, and "which rules hold" is an AND of words.
 */
#ifndef ST_POLICY_I_H
#define ST_POLICY_I_H

#include "conf/schema.h"
#include "detect/hours.h"
#include "detect/pattern.h"
#include "detect/policy.h"

#define POLICY_RULES_MAX 20000 /* exceptions included */
#define POLICY_CLASSES_MAX 1000
#define POLICY_TESTS_MAX 10000

/* ---- as written: what the rows fill ------------------------------------ */

struct match_config {
	struct opt_strings principals, sessions, principal_types, accounts;
	struct opt_strings actions, kinds, targets, cloud_regions;
	struct {
		struct opt_strings countries, asns, networks, source_kinds;
	} from;
	struct {
		struct opt_strings days, between;
		const char *zone;
	} hours;
	int64_t max_duration; /* ms, 0: any */
	int mfa;              /* odd: required */
	struct opt_strings external_id, source_identity, outcome;
};

struct rule_config {
	struct match_config match;
	const char *id, *owner, *why, *expires;
};

struct excuse_match_config {
	struct match_config match;
	struct opt_strings codes;
};

struct exception_config {
	const char *id, *owner, *reason, *until;
	struct excuse_match_config match;
};

struct maintenance_config {
	const char *from, *to, *reason;
	struct opt_strings accounts;
};

struct test_fields {
	const char *provider, *principal, *principal_type, *account;
	const char *action, *kind, *target, *target_account;
	const char *session, *caller_session, *cloud_region, *outcome;
	const char *ip, *source_kind, *country, *time, *user_agent;
	const char *external_id, *source_identity;
	int mfa; /* 0 not told, then as enum mfa_state words */
	int64_t asn, duration;
};

struct test_config {
	const char *name, *rule;
	const struct ynode *event;
	struct test_fields fields;
	int expect;
	struct opt_strings codes;
};

struct policy_config {
	int64_t version;
	struct {
		struct opt_strings cloud_regions, countries, networks, asns;
		struct opt_strings accounts;
	} approved;
	int unlisted;
	const struct ynode *classes;
	struct opt_blocks rules, exceptions, maintenance, tests;
	struct {
		double max_distance_km;
	} use;
	struct opt_strings decoys;
};

extern const struct opt policy_rows[];

/* ---- compiled ---------------------------------------------------------- */

enum dim {
	DIM_PRINCIPAL,
	DIM_SESSION,
	DIM_ACTION,
	DIM_TARGET,
	DIM_ACCOUNT,
	DIM_CLOUD_REGION,
	DIM_COUNTRY,
	DIM_ASN,
	DIM_EXTERNAL_ID,
	DIM_SOURCE_IDENTITY,
	DIM_COUNT
};

enum cond {
	COND_ACTIONS,
	COND_KINDS,
	COND_TARGETS,
	COND_ACCOUNTS,
	COND_CLOUD_REGIONS,
	COND_COUNTRIES,
	COND_NETWORKS,
	COND_ASNS,
	COND_SOURCE_KINDS,
	COND_HOURS,
	COND_MAX_DURATION,
	COND_MFA,
	COND_EXTERNAL_ID,
	COND_SOURCE_IDENTITY,
	COND_COUNT
};

struct unit {
	const char *id, *owner, *why; /* why: an exception's reason */
	const struct ynode *node;
	/* A moment from which it is not in force; never where not valid. */
	struct when end;
	const char *end_text;

	const struct match_config *match;
	unsigned given;    /* bits of enum cond */
	bool names_who;    /* says whom it is for */
	uint64_t outcomes; /* bits of enum outcome, 0: all */
	uint64_t types;    /* bits of enum principal_type, 0: all */
	uint64_t kinds, source_kinds;
	struct cidr_set *networks;
	struct hours *hours;
	int64_t max_duration; /* seconds */
	struct slice max_duration_text;

	uint64_t codes; /* exceptions: bits of enum reason_code */
	bool has_codes;
	struct slice note;          /* "rule ID" */
	struct slice suppressed_by; /* exceptions */
};

struct maintenance {
	struct when from, to;
	struct opt_strings accounts;
	struct slice suppressed_by;
};

struct policy_class {
	struct slice name;
	struct opt_strings patterns;
	uint64_t *units; /* which name it as class:NAME */
};

struct policy {
	struct arena arena;
	struct yaml_doc *doc; /* what nodes and texts point into */
	const char *path;
	char hash[80]; /* "sha256:" and hex */
	struct policy_config *config;

	struct unit *units;
	size_t n_rules, n_units, words;
	struct maintenance *maintenance;
	size_t n_maintenance;
	struct policy_class *classes;
	size_t n_classes;
	struct cidr_set *networks; /* approved; NULL: no list */

	struct pattern_set *sets[DIM_COUNT]; /* NULL: nobody asks */
	size_t set_words[DIM_COUNT];
	/* Rows of a set behind the units: first the approved list's (accounts,
	 * cloud regions, countries, ASNs) or the decoys' (principals,
	 * targets), then classes (principals) or maintenance (accounts). */
	uint64_t *any[DIM_COUNT];  /* units that do not ask for this name */
	uint64_t *none[DIM_COUNT]; /* those that accept its absence, too */
	uint64_t *rules;           /* bits of the units that are rules */
	uint64_t *types[PT_COUNT];
	uint64_t *outcomes[OUTCOME_COUNT];
	uint64_t *kinds[KIND_USE + 1]; /* a use fits what asks for no kind */
	uint64_t *source_kinds[SOURCE_COUNT];
};

#define ROW_LIST(p) ((p)->n_units)
#define ROW_MORE(p, i) ((p)->n_units + 1 + (i))

/* A word of a `mfa`, and of an external_id or source_identity that says that
 * there must be one. */
bool policy_is_required(const char *word);
/* "-" in a list of patterns. */
bool policy_is_none(const char *pattern);
/* "class:NAME": NAME; else absent. */
struct slice policy_class_of(const char *principal);

/* when_parse(), and "2026-12-24T20:00Z", without seconds. */
bool policy_moment(const char *text, struct when *result);
/* "8075", "AS8075" */
bool policy_asn(const char *text, uint32_t *result);
/* A key of four bytes, for the set of ASNs. */
struct slice policy_asn_key(uint32_t asn, char key[4]);
/* Upper case; s has two letters. */
struct slice policy_country_key(const char *s, char key[4]);

const struct opt_strings *policy_list(const struct match_config *m, enum dim d);
const struct opt_strings *
policy_approved(const struct policy_config *c, enum dim d);

int policy_compile(struct policy *p, struct err *e) ST_MUSTCHECK;

/* "arn:aws:iam::1:role/p/q/N" -> "arn:aws:iam::1:role/N"; absent where there
 * is no path.  Absent also without memory. */
struct slice policy_without_path(struct slice name, struct arena *a);
/* A pattern that names one role of one account, and its path: the same
 * without the path, for names are unique in an account. */
struct slice policy_pattern_without_path(const char *pattern, struct arena *a);

/* ---- a question -------------------------------------------------------- */

struct policy_scratch {
	const struct policy *p;
	struct pattern_run *runs[DIM_COUNT];
	uint64_t *bits[DIM_COUNT];
	uint64_t *target_account; /* bits of DIM_ACCOUNT for that account */
	uint64_t *excuses;        /* exceptions that hold for the request */
	struct arena names;       /* of the question at hand */
	struct arena texts;       /* of the answer */
};

/* A request, and what is known of it: filled by policy_ask(). */
struct question {
	const struct policy *p;
	struct policy_scratch *s;
	const struct request *r;
	struct slice session;
	struct slice values[DIM_COUNT];
	const uint64_t *bits[DIM_COUNT]; /* over units, and more */
	bool lenient[DIM_COUNT];         /* absent, and rules do not mind */
	bool has_address;                /* one that can be in a network */
	char asn[4], country[4];         /* as the sets have them */
};

void policy_ask(struct question *q, const struct policy *p,
    struct policy_scratch *s, const struct request *r);
/* The units of word w that are for the request: who asks, and the outcome. */
uint64_t policy_who(const struct question *q, size_t w);
/* Those of which all conditions hold that are kept as bits. */
uint64_t policy_hold(const struct question *q, size_t w);
bool policy_in_force(const struct unit *u, const struct request *r);

enum cond_answer { COND_NOT_GIVEN, COND_HOLDS, COND_FAILS, COND_NOT_TOLD };

struct cond_row {
	const char *name;
	enum reason_code code;
	bool is_bit; /* policy_hold() asks it, for all units at once */
	enum cond_answer (*ask)(
	    const struct question *q, const struct unit *u, enum cond c);
	/* What was seen; text that is made lives in `a`. */
	struct slice (*observed)(
	    const struct question *q, const struct unit *u, struct arena *a);
	/* Fills in at most REASON_EXPECTED_MAX, returns how many. */
	unsigned (*expected)(const struct unit *u, struct slice *expected);
};

extern const struct cond_row policy_conds[COND_COUNT];

enum cond_answer
policy_cond(const struct question *q, const struct unit *u, enum cond c);
/* All conditions that are not bits: of a rule (what is not told is no
 * failure), of an exception (it is). */
bool
policy_rest_holds(const struct question *q, const struct unit *u, bool strict);

struct slice policy_duration_text(int64_t seconds, struct arena *a);
unsigned
policy_expected(const struct opt_strings *list, struct slice *expected);

/* What was picked, for the judgement and for its explanation. */
struct pick {
	const struct unit *rule; /* NULL: no rule is for the request */
	bool allowed;
};
void policy_pick(const struct question *q, struct pick *result);
void policy_judge_question(const struct question *q, const struct pick *pick,
    struct policy_answer *result);

/* ---- tests ------------------------------------------------------------- */

/* The request that `fields` describe; slices live in `a` or in the config.
 * On a bad word: `key` gets the name of the field. */
int policy_fields_request(const struct test_fields *f, struct arena *a,
    struct request *r, const char **key) ST_MUSTCHECK;
/* What fields say on top of a request that came from an event. */
int policy_fields_over(const struct test_fields *f, struct arena *a,
    struct request *r, const char **key) ST_MUSTCHECK;

#endif
