/*
 * test_gcp.c - what a Cloud Audit LogEntry of a token method says.
 */
#include "events/gcp.h"
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define LOG "'logName':'projects/acme-log/logs/cloudaudit.googleapis.com%2Fx'"
/* A minting call with these members of the payload. */
#define MINT(payload)                                              \
	"{" LOG ",'insertId':'i-1','protoPayload':{'serviceName':" \
	"'iamcredentials.googleapis.com','methodName':"            \
	"'GenerateAccessToken'," payload "}}"
/* The same with members of the entry. */
#define MINT_WITH(payload, entry)                                         \
	"{'protoPayload':{'serviceName':'iamcredentials.googleapis.com'," \
	"'methodName':'GenerateAccessToken'," payload "}," entry "}"
#define EXCHANGE(payload)                                                      \
	"{" LOG ",'insertId':'i-1','protoPayload':{'serviceName':"             \
	"'sts.googleapis.com','methodName':"                                   \
	"'google.identity.sts.v1.SecurityTokenService.ExchangeToken'," payload \
	"}}"
#define POOL "projects/7/locations/global/workloadIdentityPools/p"
#define BY(auth) "'authenticationInfo':{" auth "}"

typedef struct slice field_fn(const struct request *r);

static void
check(const struct record_row *rows, size_t n, field_fn *field)
{
	for (size_t i = 0; i < n; i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_TEXT(field(r), rows[i].want);
	}
}

/* "type principal" */
static struct slice
principal_of(const struct request *r)
{
	static char text[300];
	int n = snprintf(text, sizeof(text), "%s %.*s",
	    principal_type_name(r->principal_type), SLICE_ARG(r->principal));

	return slice_of(text, (size_t)n);
}

static struct slice
account_of(const struct request *r)
{
	return r->account;
}

static struct slice
target_of(const struct request *r)
{
	return r->target;
}

static struct slice
target_account_of(const struct request *r)
{
	return r->target_account;
}

static struct slice
when_text(struct when w)
{
	static char text[WHEN_TEXT];

	return w.valid ? when_format(w, text) : SLICE_NULL;
}

static struct slice
time_of(const struct request *r)
{
	return when_text(r->time);
}

static struct slice
expires_of(const struct request *r)
{
	return when_text(r->expires);
}

static struct slice
outcome_and_error(const struct request *r)
{
	static char text[200];
	int n = snprintf(text, sizeof(text), "%s %.*s",
	    outcome_name(r->outcome), SLICE_ARG(r->error));

	return slice_of(text, (size_t)n);
}

static struct slice
source_of(const struct request *r)
{
	static char text[200];
	int n = snprintf(text, sizeof(text), "%s %.*s %.*s",
	    source_kind_name(r->source.kind), SLICE_ARG(r->source.ip),
	    SLICE_ARG(r->source.name));

	return slice_of(text, (size_t)n);
}

static void
a_caller_is_its_address_or_its_subject(void)
{
	static const struct record_row rows[] = {
		{ MINT(BY("'principalEmail':'Ann@Example.com'")),
		    "user user:ann@example.com" },
		{ MINT(BY("'principalEmail':'Ci@acme.iam.gserviceaccount.com'"
			  ",'principalSubject':'principal://x/subject/y'")),
		    "service-account "
		    "serviceAccount:ci@acme.iam.gserviceaccount.com" },
		{ MINT(BY("'principalSubject':'principal://iam.googleapis.com/"
			  "x/subject/Y'")),
		    "federated principal://iam.googleapis.com/x/subject/Y" },
		{ MINT(BY("'principalSubject':'principalSet://x/*'")),
		    "federated principalSet://x/*" },
		{ MINT(BY("'principalSubject':'serviceAccount:acme.svc.id.goog"
			  "[Ns/Ksa]'")),
		    "workload serviceAccount:acme.svc.id.goog[Ns/Ksa]" },
		{ MINT(BY("'principalSubject':'user:Ann@Example.com'")),
		    "user user:ann@example.com" },
		{ MINT(BY("'principalSubject':'serviceAccount:Ci@acme.iam."
			  "gserviceaccount.com'")),
		    "service-account "
		    "serviceAccount:ci@acme.iam.gserviceaccount.com" },
		{ MINT(BY("'principalSubject':'Some-Guid'")),
		    "federated subject:Some-Guid" },
		{ MINT(BY("'principalSubject':'user:nobody'")),
		    "federated subject:user:nobody" },
		{ MINT(BY("'principalEmail':'system:node'")),
		    "federated subject:system:node" },
		{ MINT(BY("'principalEmail':'','principalSubject':''")),
		    "redacted " },
		{ MINT("'authenticationInfo':[]"), "redacted " },
	};

	check(rows, COUNT(rows), principal_of);
}

#define MAPPED "principal://iam.googleapis.com/" POOL "/subject/"

static void
an_exchange_is_by_the_identity_it_maps_to(void)
{
	static const struct record_row rows[] = {
		{ EXCHANGE("'metadata':{'mapped_principal':'" MAPPED "a'}"),
		    "federated " MAPPED "a" },
		{ EXCHANGE("'metadata':{'mappedPrincipal':'" MAPPED
			   "b'}," BY("'principalEmail':'ann@example.com'")),
		    "federated " MAPPED "b" },
		{ EXCHANGE("'resourceName':'" POOL
			   "/providers/x'," BY("'principalSubject':'guid'")),
		    "federated " MAPPED "guid" },
		{ EXCHANGE("'resourceName':'" POOL "/providers/x','metadata':{"
			   "'mappedAttributes':{'google.subject':'sub'}}," BY(
			       "'principalSubject':'guid'")),
		    "federated " MAPPED "sub" },
		{ EXCHANGE("'resourceName':'" POOL
			   "/subject/s'," BY("'principalSubject':'guid'")),
		    "federated " MAPPED "guid" },
		{ EXCHANGE("'resourceName':'" POOL "/providers/x'," BY(
		      "'principalSubject':'user:ann@example.com'")),
		    "user user:ann@example.com" },
		{ EXCHANGE("'resourceName':'" POOL "/providers/x'," BY(
		      "'principalEmail':'ann@example.com',"
		      "'principalSubject':'guid'")),
		    "user user:ann@example.com" },
		{ EXCHANGE(BY("'principalSubject':'guid'")),
		    "federated subject:guid" },
		{ EXCHANGE("'authenticationInfo':{}"), "redacted " },
	};

	check(rows, COUNT(rows), principal_of);
}

static void
the_account_is_the_callers_project_else_the_logs(void)
{
	static const struct record_row rows[] = {
		{ MINT(
		      BY("'principalEmail':'ci@acme.iam.gserviceaccount.com'")),
		    "projects/acme" },
		{ MINT(BY("'principalEmail':'ci@acme.corp.example.iam."
			  "gserviceaccount.com'")),
		    "projects/corp.example:acme" },
		{ MINT(BY("'principalEmail':'acme@appspot.gserviceaccount."
			  "com'")),
		    "projects/acme" },
		{ MINT(BY("'principalEmail':'7-compute@developer."
			  "gserviceaccount.com'")),
		    "projects/acme-log" },
		{ MINT(BY("'principalEmail':'ann@example.com'")),
		    "projects/acme-log" },
		{ MINT_WITH("'x':1", "'logName':'organizations/77/logs/y'"),
		    "organizations/77" },
		{ MINT_WITH(
		      "'x':1", "'resource':{'labels':{'project_id':'q'}}"),
		    "projects/q" },
		{ MINT_WITH("'x':1", "'logName':'somewhere/else/x'"), NULL },
	};

	check(rows, COUNT(rows), account_of);
}

static void
the_target_is_the_service_account_asked_for(void)
{
	static const struct record_row rows[] = {
		{ MINT_WITH("'request':{'name':'projects/-/serviceAccounts/"
			    "b@x'}",
		      "'resource':{'labels':{'email_id':'A@x',"
		      "'unique_id':'1'}}"),
		    "serviceAccount:a@x" },
		{ MINT("'request':{'name':'projects/-/serviceAccounts/B@x'},"
		       "'resourceName':'projects/-/serviceAccounts/c@x'"),
		    "serviceAccount:b@x" },
		{ MINT("'request':{'name':'projects/-/serviceAccounts/12'},"
		       "'metadata':{'identityDelegationChain':['p/d@x',"
		       "'p/e@x']}"),
		    "serviceAccount:e@x" },
		{ MINT("'resourceName':'projects/-/serviceAccounts/c@x'"),
		    "serviceAccount:c@x" },
		{ MINT_WITH("'resourceName':'projects/-/serviceAccounts/34'",
		      "'resource':{'labels':{'unique_id':'12'}}"),
		    "serviceAccount:12" },
		{ MINT("'resourceName':'projects/-/serviceAccounts/34'"),
		    "serviceAccount:34" },
		{ MINT("'x':1"), NULL },
	};

	check(rows, COUNT(rows), target_of);
}

static void
the_target_of_an_exchange_is_the_provider(void)
{
	static const struct record_row rows[] = {
		{ EXCHANGE("'request':{'audience':'//iam.googleapis.com/" POOL
			   "/providers/x'},'resourceName':'other'"),
		    "//iam.googleapis.com/" POOL "/providers/x" },
		{ EXCHANGE(
		      "'request':{'audience':'https://iam.googleapis.com/" POOL
		      "/providers/x'}"),
		    "//iam.googleapis.com/" POOL "/providers/x" },
		{ EXCHANGE("'request':{'audience':'some:thing','provider':"
			   "'//iam.googleapis.com/locations/global/"
			   "workforcePools/w/providers/y'}"),
		    "//iam.googleapis.com/locations/global/workforcePools/w/"
		    "providers/y" },
		{ EXCHANGE("'resourceName':'" POOL "/providers/x'"),
		    "//iam.googleapis.com/" POOL "/providers/x" },
		{ EXCHANGE("'resourceName':'" POOL "/subject/who'"),
		    "//iam.googleapis.com/" POOL },
		{ EXCHANGE("'x':1"), NULL },
	};

	check(rows, COUNT(rows), target_of);
}

static void
the_targets_account_is_its_project_or_the_logs(void)
{
	static const struct record_row rows[] = {
		{ MINT_WITH("'resourceName':'x/c@x'",
		      LOG ",'resource':{'labels':{'project_id':'q'}}"),
		    "projects/q" },
		{ MINT("'resourceName':'x/c@x'"), NULL },
		{ MINT_WITH(
		      "'x':1", "'resource':{'labels':{'project_id':'q'}}"),
		    NULL },
		{ EXCHANGE("'resourceName':'" POOL "/providers/x'"),
		    "projects/acme-log" },
	};

	check(rows, COUNT(rows), target_account_of);
}

static void
the_time_is_the_entrys_else_the_calls_else_of_arrival(void)
{
#define CALLED                                            \
	"'requestMetadata':{'requestAttributes':{'time':" \
	"'2026-03-01T08:00:01.5Z'}}"
#define RECEIVED "'receiveTimestamp':'2026-03-01T08:00:02Z'"
	static const struct record_row rows[] = {
		{ MINT_WITH(CALLED,
		      RECEIVED ",'timestamp':'2026-03-01T08:00:00.123456789Z'"),
		    "2026-03-01T08:00:00.123456789Z" },
		{ MINT_WITH(
		      CALLED, "'timestamp':'2026-03-01 08:00:00.123456 UTC'"),
		    "2026-03-01T08:00:00.123456Z" },
		{ MINT_WITH(CALLED, RECEIVED), "2026-03-01T08:00:01.5Z" },
		{ MINT_WITH("'x':1", RECEIVED), "2026-03-01T08:00:02Z" },
		{ MINT_WITH(
		      "'x':1", "'receive_timestamp':'2026-03-01T08:00:02Z'"),
		    "2026-03-01T08:00:02Z" },
		{ MINT("'x':1"), NULL },
	};

	check(rows, COUNT(rows), time_of);
}

static void
the_outcome_is_the_status_code(void)
{
	static const struct record_row rows[] = {
		{ MINT("'x':1"), "success " },
		{ MINT("'status':{}"), "success " },
		{ MINT("'status':null"), "success " },
		{ MINT("'status':{'code':0}"), "success " },
		{ MINT("'status':{'code':7,'message':'no'}"),
		    "denied PERMISSION_DENIED" },
		{ MINT("'status':{'code':'7'}"), "denied PERMISSION_DENIED" },
		{ MINT("'status':{'code':16}"), "failed UNAUTHENTICATED" },
		{ MINT("'status':{'code':3}"), "failed INVALID_ARGUMENT" },
		{ MINT("'status':{'code':99}"), "failed 99" },
		{ MINT("'status':{'code':-1}"), "failed -1" },
		{ MINT("'authorizationInfo':[{'granted':false}]"), "success " },
	};

	check(rows, COUNT(rows), outcome_and_error);
}

static void
the_source_is_the_callers_address(void)
{
	static const struct record_row rows[] = {
		{ MINT("'requestMetadata':{'callerIp':'203.0.113.9'}"),
		    "ip 203.0.113.9 " },
		{ MINT("'requestMetadata':{'callerIP':'10.1.1.1'}"),
		    "private 10.1.1.1 " },
		{ MINT("'requestMetadata':{'callerIp':'gce-internal-ip'}"),
		    "cloud-internal  gce-internal-ip" },
		{ MINT("'requestMetadata':{'callerIp':'private'}"),
		    "cloud-internal  private" },
		{ MINT("'requestMetadata':{'callerIp':'(hidden)'}"),
		    "unknown  (hidden)" },
		{ MINT("'requestMetadata':'...'"), "unknown  " },
	};

	check(rows, COUNT(rows), source_of);
}

static void
the_expiry_is_that_of_the_response(void)
{
#define ENDS "'response':{'expireTime':'2026-03-01T09:00:00Z'}"
	static const struct record_row rows[] = {
		{ MINT(ENDS), "2026-03-01T09:00:00Z" },
		{ MINT(ENDS ",'status':{'code':7}"), NULL },
		{ MINT("'response':'...'"), NULL },
		{ EXCHANGE(ENDS), NULL },
	};

	check(rows, COUNT(rows), expires_of);
}

static void
what_policy_asks_beside_is_kept(void)
{
	const struct request *r = decode_record(MINT(
	    "'requestMetadata':{'callerSuppliedUserAgent':'gcloud'},"
	    "'request':{'lifetime':'1800s'},'metadata':{'keyInfo':[{'use':'x'},"
	    "{'fingerprintSha256':'ab:cd'}]}," BY(
		"'principalEmail':'ci@acme.iam.gserviceaccount.com',"
		"'serviceAccountKeyName':'//iam.googleapis.com/projects/acme/"
		"serviceAccounts/ci/keys/0a1b','serviceAccountDelegationInfo':["
		"{},{'principalSubject':'principal://p/subject/s'},"
		"{'firstPartyPrincipal':{'principalEmail':'A@b'}},7]")));

	REQUIRE(r != NULL);
	CHECK_TEXT(r->action, "iamcredentials:GenerateAccessToken");
	CHECK_INT(r->kind, KIND_ACCESS_TOKEN);
	CHECK_INT(r->provider, PROVIDER_GCP);
	CHECK_TEXT(r->cloud_region, "global");
	CHECK_TEXT(r->session, NULL);
	CHECK_TEXT(r->caller_session, NULL);
	CHECK_TEXT(r->credential, NULL);
	CHECK_TEXT(r->user_agent, "gcloud");
	CHECK_TEXT(r->caller_credential, "0a1b");
	CHECK_TEXT(r->signing_key, "ab:cd");
	CHECK_INT(r->duration, 1800);
	CHECK_INT(r->n_delegation, 2);
	CHECK_TEXT(r->delegation[0], "principal://p/subject/s");
	CHECK_TEXT(r->delegation[1], "user:a@b");
	r = decode_record(MINT(BY("'serviceAccountKeyName':'odd'")));
	REQUIRE(r != NULL);
	CHECK_TEXT(r->caller_credential, "odd");
	CHECK_INT(r->duration, -1);
}

static void
copies_share_log_time_and_id(void)
{
	static const struct {
		const char *record;
		bool same;
	} rows[] = {
		{ MINT_WITH("'y':2", "'insertId':'i','timestamp':'t'," LOG),
		    true },
		{ MINT_WITH("'x':1", "'insertId':'j','timestamp':'t'," LOG),
		    false },
		{ MINT_WITH("'x':1", "'insertId':'i','timestamp':'u'," LOG),
		    false },
		{ MINT_WITH("'x':1", "'insertId':'i','timestamp':'t'"), false },
		{ MINT_WITH("'x':1", "'timestamp':'t'," LOG), false },
	};
	const struct request *r = decode_record(
	    MINT_WITH("'x':1", "'insertId':'i','timestamp':'t'," LOG));
	uint64_t key[2];

	REQUIRE(r != NULL);
	CHECK_TEXT(r->event_id, "i");
	memcpy(key, r->duplicate_key, sizeof(key));
	for (size_t i = 0; i < COUNT(rows); i++) {
		r = decode_record(rows[i].record);
		REQUIRE(r != NULL);
		CHECK_INT(memcmp(key, r->duplicate_key, sizeof(key)) == 0,
		    rows[i].same);
	}
	CHECK(slice_starts(r->event_id, "sha256:"));
}

/* The double-quoted text inside is JSON as text. */
static void
exports_spell_members_in_their_own_way(void)
{
	static const char row[] =
	    "{\"logname\":\"projects/acme-log/logs/y\",\"insertid\":\"i-9\","
	    "\"timestamp\":\"2026-03-01 08:00:00 UTC\",\"resource\":"
	    "\"{\\\"labels\\\":{\\\"project_id\\\":\\\"q\\\","
	    "\\\"email_id\\\":null}}\",\"protopayload_auditlog\":{"
	    "\"servicename\":null,\"serviceName\":"
	    "\"iamcredentials.googleapis.com\",\"methodName\":"
	    "\"GenerateAccessToken\",\"requestJson\":"
	    "\"{\\\"name\\\":\\\"p/-/serviceAccounts/t@x\\\"}\","
	    "\"responseJson\":\"{\\\"expireTime\\\":"
	    "\\\"2026-03-01T09:00:00Z\\\"}\",\"metadataJson\":"
	    "\"{\\\"keyInfo\\\":[{\\\"fingerprintSha256\\\":\\\"ff\\\"}]}\","
	    "\"requestMetadata\":{\"caller_ip\":\"203.0.113.9\"},"
	    "\"status\":null}}";
	const struct request *r = decode_text(slice_str(row));

	REQUIRE(r != NULL);
	CHECK_TEXT(r->event_id, "i-9");
	CHECK_TEXT(r->account, "projects/acme-log");
	CHECK_TEXT(r->target, "serviceAccount:t@x");
	CHECK_TEXT(r->target_account, "projects/q");
	CHECK_TEXT(when_text(r->expires), "2026-03-01T09:00:00Z");
	CHECK_INT(r->duration, 3600);
	CHECK_TEXT(r->signing_key, "ff");
	CHECK_TEXT(r->source.ip, "203.0.113.9");
	CHECK_INT(r->outcome, OUTCOME_SUCCESS);
}

static void
an_absent_service_is_told_by_method_or_request(void)
{
	static const struct {
		const char *json, *action;
	} rows[] = {
		{ "{\"protoPayload\":{\"methodName\":\"google.identity.sts.v1."
		  "SecurityTokenService.ExchangeToken\"}}",
		    "gcp-sts:ExchangeToken" },
		{ "{\"protoPayload\":{\"methodName\":\"SignJwt\",\"request\":{"
		  "\"@type\":\"type.googleapis.com/google.iam.credentials.v1."
		  "SignJwtRequest\"}}}",
		    "iamcredentials:SignJwt" },
		{ "{\"protoPayload\":{\"methodName\":\"SignJwt\",\"request\":{"
		  "\"at_sign_type\":\"type.googleapis.com/google.iam.admin.v1."
		  "SignJwtRequest\"}}}",
		    "gcp-iam:SignJwt" },
		{ "{\"protopayload_auditlog\":{\"methodName\":\"SignJwt\","
		  "\"requestJson\":\"{\\\"@type\\\":\\\"x/google.iam."
		  "credentials.v1.SignJwtRequest\\\"}\"}}",
		    "iamcredentials:SignJwt" },
		{ "{\"serviceName\":\"sts.googleapis.com\",\"protoPayload\":{"
		  "\"methodName\":\"ExchangeToken\"}}",
		    "gcp-sts:ExchangeToken" },
		{ "{\"protoPayload\":{\"methodName\":\"SignJwt\"}}", NULL },
		{ "{\"protopayload_auditlog\":{\"methodName\":\"SignJwt\","
		  "\"requestJson\":\"{broken\"}}",
		    NULL },
		{ "{\"protoPayload\":{\"serviceName\":\"sts.googleapis.com\"}}",
		    NULL },
		{ "{\"jsonPayload\":{\"methodName\":\"SignJwt\"}}", NULL },
		{ "{\"methodName\":\"google.iam.admin.v1.SignJwt\"}", NULL },
		{ "[]", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request *r = decode_text(slice_str(rows[i].json));

		CHECK_TEXT(r ? r->action : SLICE_NULL, rows[i].action);
	}
}

static void
only_an_audit_payload_is_one(void)
{
	static const struct {
		const char *json;
		bool is;
	} rows[] = {
		{ "{\"protoPayload\":{\"methodName\":\"x\"}}", true },
		{ "{\"protoPayload\":{\"serviceName\":\"x\"}}", true },
		{ "{\"protoPayload\":{\"at_sign_type\":\"type.googleapis.com/"
		  "google.cloud.audit.AuditLog\"}}",
		    true },
		{ "{\"protoPayload\":null,\"protopayload\":{\"methodName\":"
		  "\"x\"}}",
		    true },
		{ "{\"protoPayload\":{\"@type\":\"type.googleapis.com/google."
		  "appengine.logging.v1.RequestLog\"}}",
		    false },
		{ "{\"protoPayload\":\"x\"}", false },
		{ "{\"jsonPayload\":{\"methodName\":\"x\"}}", false },
		{ "7", false },
	};
	struct json_reader r;

	json_reader_init(&r);
	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_INT(gcp_payload(json_parse(
			      &r, slice_str(rows[i].json), NULL)) != NULL,
		    rows[i].is);
	CHECK(gcp_payload(NULL) == NULL);
	json_reader_release(&r);
}

static void
every_member_may_have_every_type(void)
{
	static const char *const records[] = {
		MINT_WITH(
		    BY("'principalEmail':'a@b','principalSubject':'s',"
		       "'serviceAccountKeyName':'x/keys/y',"
		       "'serviceAccountDelegationInfo':[{'principalSubject':"
		       "'s','firstPartyPrincipal':{'principalEmail':'a@b'}}]") ",'requestMetadata':{'callerIp':'::1','requestAttributes':"
									       "{'time':'t'},'callerSuppliedUserAgent':'u'},'status':{"
									       "'code':7},'resourceName':'a/b','request':{'name':'n',"
									       "'lifetime':'1s','@type':'t/u'},'response':{'expireTime':"
									       "'t'},'metadata':{'identityDelegationChain':['x/y'],"
									       "'keyInfo':[{'fingerprintSha256':'f'}]}",
		    LOG ",'insertId':'i','timestamp':'t','receiveTimestamp':"
			"'r','resource':{'labels':{'email_id':'x','unique_id':"
			"'1','project_id':'p'}}"),
		EXCHANGE("'resourceName':'" POOL "/providers/x','metadata':{"
			 "'mapped_principal':'m'},'request':{'audience':'a',"
			 "'provider':'p'}," BY("'principalSubject':'s'")),
		EXCHANGE("'resourceName':'" POOL "/providers/x','metadata':{"
			 "'mappedAttributes':{'google.subject':'x'}}," BY(
			     "'principalSubject':'s'")),
	};
	size_t tried = 0;

	for (size_t i = 0; i < COUNT(records); i++) {
		CHECK(decode_record(records[i]) != NULL);
		tried += mutate_record(records[i]);
	}
	CHECK(tried > 900);
	records_release();
}

UNIT_MAIN("gcp",
    { "a caller is its address or its subject",
	a_caller_is_its_address_or_its_subject },
    { "an exchange is by the identity it maps to",
	an_exchange_is_by_the_identity_it_maps_to },
    { "the account is the caller's project, else the log's",
	the_account_is_the_callers_project_else_the_logs },
    { "the target is the service account asked for",
	the_target_is_the_service_account_asked_for },
    { "the target of an exchange is the provider",
	the_target_of_an_exchange_is_the_provider },
    { "the target's account is its project or the log's",
	the_targets_account_is_its_project_or_the_logs },
    { "the time is the entry's, else the call's, else of arrival",
	the_time_is_the_entrys_else_the_calls_else_of_arrival },
    { "the outcome is the status code", the_outcome_is_the_status_code },
    { "the source is the caller's address", the_source_is_the_callers_address },
    { "the expiry is that of the response",
	the_expiry_is_that_of_the_response },
    { "what policy asks beside is kept", what_policy_asks_beside_is_kept },
    { "copies share log, time and id", copies_share_log_time_and_id },
    { "exports spell members in their own way",
	exports_spell_members_in_their_own_way },
    { "an absent service is told by method or request",
	an_absent_service_is_told_by_method_or_request },
    { "only an audit payload is one", only_an_audit_payload_is_one },
    { "every member may have every type", every_member_may_have_every_type })
