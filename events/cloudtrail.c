/*
 * cloudtrail.c - a CloudTrail record of a token API becomes a request.
 *
 * The whole of it, and what every record has: id, time, region, outcome,
 * source, and what policy asks beside.  Who asked is in principal_aws.c, what
 * for in cloudtrail_target.c.  Works on slices of the JSON and copies once, at
 * the end.  Any thread.
 */
#include "events/cloudtrail.h"

#include "events/digest.h"
#include "events/source.h"
#include "events/trail.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct slice top_names[TOP_COUNT] = {
	[TOP_EVENT_ID] = SLICE_LIT("eventID"),
	[TOP_EVENT_NAME] = SLICE_LIT("eventName"),
	[TOP_EVENT_TIME] = SLICE_LIT("eventTime"),
	[TOP_AT_TIMESTAMP] = SLICE_LIT("@timestamp"),
	[TOP_P_EVENT_TIME] = SLICE_LIT("p_event_time"),
	[TOP_USER_IDENTITY] = SLICE_LIT("userIdentity"),
	[TOP_SOURCE] = SLICE_LIT("sourceIPAddress"),
	[TOP_USER_AGENT] = SLICE_LIT("userAgent"),
	[TOP_REGION] = SLICE_LIT("awsRegion"),
	[TOP_ERROR_CODE] = SLICE_LIT("errorCode"),
	[TOP_ERROR_MESSAGE] = SLICE_LIT("errorMessage"),
	[TOP_REQUEST] = SLICE_LIT("requestParameters"),
	[TOP_RESPONSE] = SLICE_LIT("responseElements"),
	[TOP_EXTRA] = SLICE_LIT("additionalEventData"),
	[TOP_SERVICE] = SLICE_LIT("serviceEventDetails"),
	[TOP_RESOURCES] = SLICE_LIT("resources"),
	[TOP_RECIPIENT] = SLICE_LIT("recipientAccountId"),
	[TOP_SHARED_ID] = SLICE_LIT("sharedEventID"),
	[TOP_FROM_CONSOLE] = SLICE_LIT("sessionCredentialFromConsole"),
};

static const struct slice user_names[USER_COUNT] = {
	[USER_TYPE] = SLICE_LIT("type"),
	[USER_ID] = SLICE_LIT("principalId"),
	[USER_ARN] = SLICE_LIT("arn"),
	[USER_ACCOUNT] = SLICE_LIT("accountId"),
	[USER_KEY] = SLICE_LIT("accessKeyId"),
	[USER_NAME] = SLICE_LIT("userName"),
	[USER_PROVIDER] = SLICE_LIT("identityProvider"),
	[USER_INVOKED_BY] = SLICE_LIT("invokedBy"),
	[USER_ON_BEHALF] = SLICE_LIT("onBehalfOf"),
	[USER_SESSION] = SLICE_LIT("sessionContext"),
	[USER_SCOPE] = SLICE_LIT("inScopeOf"),
};

static const struct slice issuer_names[ISSUER_COUNT] = {
	[ISSUER_ARN] = SLICE_LIT("arn"),
	[ISSUER_ACCOUNT] = SLICE_LIT("accountId"),
	[ISSUER_NAME] = SLICE_LIT("userName"),
};

static void
trail_begin(struct trail *t, const struct json *record, const struct api *api,
    struct arena *a)
{
	memset(t, 0, sizeof(*t));
	t->api = api;
	t->a = a;
	field_pick(record, top_names, TOP_COUNT, t->top);
	field_pick(t->top[TOP_USER_IDENTITY], user_names, USER_COUNT, t->user);
	field_pick(json_get(t->user[USER_SESSION], "sessionIssuer"),
	    issuer_names, ISSUER_COUNT, t->issuer);
	t->caller_account = field_account(t->user[USER_ACCOUNT], a, &t->failed);
	t->recipient = field_account(t->top[TOP_RECIPIENT], a, &t->failed);
	t->acct = t->caller_account.p ? t->caller_account : t->recipient;
}

/* ---- time and region --------------------------------------------------- */

static struct when
read_time(const struct trail *t)
{
	static const enum trail_top members[] = { TOP_EVENT_TIME,
		TOP_AT_TIMESTAMP, TOP_P_EVENT_TIME };
	struct when w;

	for (size_t i = 0; i < COUNT(members); i++)
		if (when_parse_loose(trail_top(t, members[i]), &w))
			return w;
	return WHEN_NONE;
}

static struct slice
read_region(const struct trail *t)
{
	const struct json *details = json_get(
	    t->top[TOP_EXTRA], "RequestDetails");
	struct slice serving = field_of(details, "awsServingRegion");

	if (serving.p)
		return serving;
	if (slice_is(field_of(details, "endpointType"), "global"))
		return SLICE_LIT("global");
	return trail_top(t, TOP_REGION);
}

/* ---- outcome ----------------------------------------------------------- */

/* "Client.AccessDeniedException" means AccessDenied. */
static struct slice
bare_code(struct slice code)
{
	static const char before[] = "Client.", behind[] = "Exception";

	if (slice_starts(code, before)) {
		code.p += sizeof(before) - 1;
		code.n -= sizeof(before) - 1;
	}
	if (slice_ends(code, behind))
		code.n -= sizeof(behind) - 1;
	return code;
}

static bool
is_denial(struct slice code)
{
	code = bare_code(code);
	return slice_is(code, "AccessDenied") ||
	    slice_is(code, "UnauthorizedOperation") ||
	    slice_is(code, "VpceAccessDenied");
}

/* {"ConsoleLogin": "Failure"} */
static bool
says_failure(const struct trail *t, const struct json *object)
{
	struct slice name = json_text(t->top[TOP_EVENT_NAME]);

	return json_type(object) == JSON_OBJECT && name.p &&
	    slice_is(json_text(json_get_n(object, name)), "Failure");
}

static bool
failed_without_code(const struct trail *t)
{
	return says_failure(t, t->top[TOP_RESPONSE]) ||
	    says_failure(t, t->top[TOP_SERVICE]) ||
	    field_bool(json_get(t->top[TOP_EXTRA], "success")) == FIELD_NO ||
	    trail_top(t, TOP_ERROR_MESSAGE).p;
}

static void
read_outcome(struct trail *t, struct request *r)
{
	struct slice code = trail_top(t, TOP_ERROR_CODE);

	r->outcome = OUTCOME_SUCCESS;
	if (code.p && !slice_is(code, "200")) {
		r->outcome = is_denial(code) ? OUTCOME_DENIED : OUTCOME_FAILED;
		r->error = code;
	} else if (!code.p && failed_without_code(t)) {
		r->outcome = OUTCOME_FAILED;
		r->error = SLICE_LIT("Failure");
	}
	t->outcome = r->outcome;
}

/* ---- what is asked beside ---------------------------------------------- */

static enum mfa_state
read_mfa(const struct trail *t)
{
	const struct json *attributes = json_get(
	    t->user[USER_SESSION], "attributes");
	enum field_bool session = field_bool(
	    json_get(attributes, "mfaAuthenticated"));
	enum field_bool sign_in = field_bool(
	    json_get(t->top[TOP_EXTRA], "MFAUsed"));
	bool device = field_of(t->top[TOP_REQUEST], "serialNumber").p != NULL;

	if (session == FIELD_YES || sign_in == FIELD_YES ||
	    (device && t->outcome == OUTCOME_SUCCESS))
		return MFA_YES;
	return session == FIELD_NO || sign_in == FIELD_NO ? MFA_NO
							  : MFA_UNKNOWN;
}

static int64_t
read_duration(const struct trail *t, const struct request *r)
{
	int64_t seconds;

	if (field_int(
		json_get(t->top[TOP_REQUEST], "durationSeconds"), &seconds) &&
	    seconds >= 0)
		return seconds;
	if (r->expires.valid && r->time.valid && r->expires.sec >= r->time.sec)
		return r->expires.sec - r->time.sec;
	return -1;
}

static struct slice
first_of(struct slice a, struct slice b)
{
	return a.p ? a : b;
}

/* The session that the caller has, whatever it asks for. */
static void
read_session(const struct trail *t, struct request *r)
{
	const struct json *session = t->user[USER_SESSION];

	if (!when_parse(
		field_of(json_get(session, "attributes"), "creationDate"),
		&r->session_began))
		r->session_began = WHEN_NONE;
	r->instance_session = field_of(session, "ec2RoleDelivery").n > 0 ||
	    json_count(t->user[USER_SCOPE]) > 0;
}

static struct slice
read_session_policy(const struct json *request)
{
	struct slice managed = json_text(
	    json_path(request, "policyArns.0.arn"));

	if (managed.n > 0)
		return managed;
	return field_of(request, "policy").p ? SLICE_LIT("inline") : SLICE_NULL;
}

static void
read_beside(const struct trail *t, struct request *r)
{
	const struct json *request = t->top[TOP_REQUEST];
	const struct json *response = t->top[TOP_RESPONSE];

	r->user_agent = trail_top(t, TOP_USER_AGENT);
	r->shared_event_id = trail_top(t, TOP_SHARED_ID);
	r->recipient_account = t->recipient;
	r->caller_credential = trail_user(t, USER_KEY);
	r->invoked_by = trail_user(t, USER_INVOKED_BY);
	r->source_identity = first_of(field_of(request, "sourceIdentity"),
	    first_of(field_of(response, "sourceIdentity"),
		field_of(t->user[USER_SESSION], "sourceIdentity")));
	r->external_id = field_of(request, "externalId");
	r->session_policy = read_session_policy(request);
	r->mfa_device = first_of(field_of(request, "serialNumber"),
	    field_of(t->top[TOP_EXTRA], "MFAIdentifier"));
	r->mfa = read_mfa(t);
	r->duration = read_duration(t, r);
	read_session(t, r);
	r->console_session = field_bool(t->top[TOP_FROM_CONSOLE]) == FIELD_YES;
	r->aws_internal = slice_starts(
	    trail_top(t, TOP_SOURCE), "AWS Internal");
}

/* ---- the whole --------------------------------------------------------- */

int
cloudtrail_decode(const struct json *record, struct slice text,
    const struct api *api, struct arena *a, struct request *result)
{
	struct request r = { .provider = PROVIDER_AWS, .api = api };
	struct trail_caller caller;
	char id[DIGEST_ID_SIZE], address[ADDR_TEXT];
	struct trail t;

	trail_begin(&t, record, api, a);
	r.action = slice_str(api->action);
	r.kind = api->kind;
	r.event_id = trail_top(&t, TOP_EVENT_ID);
	if (!r.event_id.p) {
		digest_id(text, id);
		r.event_id = slice_str(id);
	}
	digest_key(PROVIDER_AWS, &r.event_id, 1, r.duplicate_key);
	r.time = t.time = read_time(&t);
	r.cloud_region = read_region(&t);
	read_outcome(&t, &r);
	trail_caller(&t, &caller);
	trail_principal(&t, &caller, &r);
	trail_target(&t, &caller, &r);
	source_read(trail_top(&t, TOP_SOURCE), address, &r.source);
	read_beside(&t, &r);
	return !t.failed && request_copy(&r, a, result) ? 0 : ST_ENOMEM;
}

bool
cloudtrail_counts(const struct json *record, const struct api *api)
{
	static const char *const federated[] = { "AssumedRole", "FederatedUser",
		"SAMLUser", "WebIdentityUser" };
	struct slice type;

	if (!api->federated_only)
		return true;
	type = json_text(json_get(json_get(record, "userIdentity"), "type"));
	for (size_t i = 0; i < COUNT(federated); i++)
		if (slice_is(type, federated[i]))
			return true;
	return false;
}
