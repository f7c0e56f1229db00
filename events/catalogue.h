/*
 * catalogue.h - every API that mints or exchanges a temporary credential.
 *
 * One constant table, a row an API.  Adding a token API is adding a row: its
 * recognised spellings, its action and kind, and where a record keeps target,
 * session, credential and expiry.  Source of the rows: the providers' API
 * references and real records; `evidence` says which.
 *
 * Which rows are on is a `struct api_choice`: by default what the table says,
 * changed by patterns as `apis: {on: [...], off: [...]}` has them.
 * Constant data and pure functions, any thread.
 */
#ifndef ST_CATALOGUE_H
#define ST_CATALOGUE_H

#include "events/request.h"
#include "lib/err.h"

enum api_tier { TIER_CORE, TIER_EXTENDED, TIER_RELATED };

struct api {
	enum provider provider;
	enum api_tier tier;
	bool on;              /* by default */
	bool federated_only;  /* ConsoleLogin: only of role, federated, SAML
				 * and web identity callers */
	const char *service;  /* eventSource, serviceName */
	const char *name;     /* eventName, last component of methodName;
				 * or a whole name (whole_name) */
	bool whole_name;      /* io.k8s...: compared as a whole */
	const char *action;   /* "sts:AssumeRole" */
	enum token_kind kind; /* meaningless for TIER_RELATED */
	/* Where the record has it: paths and words of catalogue_rows.h,
	 * alternatives separated by " | "; NULL for none. */
	const char *principal;
	const char *target;
	const char *session;
	const char *credential;
	const char *expires;
	const char *log;      /* "management", "data", "data_access", ... */
	const char *evidence; /* "record", "docs", "model", "rule" */
};

extern const struct api catalogue[];
extern const size_t catalogue_size;

/* NULL where the pair is none of ours.  The service may end in ".cn".  Where
 * two rows share a pair (ConsoleLogin), the first is given. */
const struct api *
catalogue_find_aws(struct slice event_source, struct slice event_name);

/* `service` may be absent: then it is told from the package of `method`, else
 * of `type` ("type.googleapis.com/google.iam.credentials.v1..."). */
const struct api *catalogue_find_gcp(
    struct slice service, struct slice method, struct slice type);

/* Could an eventName / methodName with this text be in the table?  Never
 * false for one that is; quick, for the look before the full read. */
bool catalogue_may_be_aws(struct slice event_name);
bool catalogue_may_be_gcp(struct slice method);

#define CATALOGUE_MAX 256
struct api_choice {
	bool on[CATALOGUE_MAX]; /* by index into catalogue[] */
};
void api_choice_default(struct api_choice *c);
void api_choice_all(struct api_choice *c); /* all but TIER_RELATED */
/* Turn on or off what the pattern matches (as a policy's `actions`: `*`
 * within a segment, `**` across).  How many rows it matched. */
size_t api_choice_set(struct api_choice *c, struct slice pattern, bool on);
bool api_is_on(const struct api_choice *c, const struct api *api);

#endif
