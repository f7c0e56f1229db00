/*
 * test_cloudtrail.c - what a CloudTrail record of a token API says, but who
 * asked (test_principal_aws.c).
 */
#include "events/cloudtrail.h"
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define STS(name, more)                                              \
	"{'eventSource':'sts.amazonaws.com','eventName':'" name "'," \
	"'eventID':'e-1'," more "}"
#define ASSUME(more) STS("AssumeRole", more)
#define OTHER(source, name, more)                                             \
	"{'eventSource':'" source ".amazonaws.com','eventName':'" name        \
	"','recipientAccountId':'999988887777','awsRegion':'eu-west-1'," more \
	"}"
#define USER                                                           \
	"'userIdentity':{'type':'IAMUser','accountId':'111122223333'," \
	"'arn':'arn:aws:iam::111122223333:user/ann','userName':'ann'}"
#define ROLE                                                               \
	"'userIdentity':{'type':'AssumedRole','accountId':'111122223333'," \
	"'arn':'arn:aws:sts::111122223333:assumed-role/dev/ann'}"

/* One field of many records. */
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

static struct slice
when_text(struct when w)
{
	static char text[WHEN_TEXT];

	return w.valid ? when_format(w, text) : SLICE_NULL;
}

static struct slice
id_of(const struct request *r)
{
	return r->event_id;
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
region_of(const struct request *r)
{
	return r->cloud_region;
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
session_of(const struct request *r)
{
	return r->session;
}

static struct slice
credential_of(const struct request *r)
{
	return r->credential;
}

/* "outcome error" */
static struct slice
outcome_and_error(const struct request *r)
{
	static char text[200];
	int n = snprintf(text, sizeof(text), "%s %.*s",
	    outcome_name(r->outcome), SLICE_ARG(r->error));

	return slice_of(text, (size_t)n);
}

/* "kind ip name" */
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
the_id_is_the_providers_else_a_digest(void)
{
	static const struct record_row rows[] = {
		{ ASSUME("'x':1"), "e-1" },
	};
	static const char nameless[] = "{'eventSource':'sts.amazonaws.com',"
				       "'eventName':'AssumeRole',"
				       "'eventID':''}";
	const struct request *r;
	uint64_t key[2];

	check(rows, COUNT(rows), id_of);
	r = decode_record(nameless);
	REQUIRE(r != NULL);
	CHECK(slice_starts(r->event_id, "sha256:"));
	CHECK_INT(r->event_id.n, 71);
	memcpy(key, r->duplicate_key, sizeof(key));
	/* the same record, written otherwise */
	r = decode_record("{ 'eventSource' : 'sts.amazonaws.com', "
			  "'eventName':'Assum\\u0065Role','eventID':''}");
	REQUIRE(r != NULL);
	CHECK(memcmp(key, r->duplicate_key, sizeof(key)) == 0);
	r = decode_record("{'eventSource':'sts.amazonaws.com','eventName':"
			  "'AssumeRole','eventID':null}");
	REQUIRE(r != NULL);
	CHECK(memcmp(key, r->duplicate_key, sizeof(key)) != 0);
}

static void
copies_of_one_event_share_a_key(void)
{
	const struct request *r = decode_record(ASSUME("'awsRegion':'x'"));
	uint64_t key[2];

	REQUIRE(r != NULL);
	memcpy(key, r->duplicate_key, sizeof(key));
	CHECK(key[0] != key[1]);
	r = decode_record(ASSUME("'awsRegion':'y'"));
	REQUIRE(r != NULL);
	CHECK(memcmp(key, r->duplicate_key, sizeof(key)) == 0);
	r = decode_record(ASSUME("'eventID':'e-2'"));
	REQUIRE(r != NULL);
	CHECK(memcmp(key, r->duplicate_key, sizeof(key)) != 0);
}

static void
the_time_is_the_first_that_can_be_read(void)
{
	static const struct record_row rows[] = {
		{ ASSUME("'eventTime':'2026-03-01T08:00:00Z'"),
		    "2026-03-01T08:00:00Z" },
		{ ASSUME("'eventTime':'2026-03-01T08:00:00.120Z'"),
		    "2026-03-01T08:00:00.12Z" },
		{ ASSUME("'@timestamp':'2026-03-01T08:00:01Z',"
			 "'p_event_time':'2026-03-01 08:00:02.000000000'"),
		    "2026-03-01T08:00:01Z" },
		{ ASSUME("'eventTime':17,"
			 "'p_event_time':'2026-03-01 08:00:02.000000000'"),
		    "2026-03-01T08:00:02Z" },
		{ ASSUME("'eventTime':'soon'"), NULL },
	};

	check(rows, COUNT(rows), time_of);
}

#define DETAILS(members)                                  \
	"'awsRegion':'us-east-1','additionalEventData':{" \
	"'RequestDetails':{" members "}}"

static void
the_region_is_the_serving_one_else_global_else_the_records(void)
{
	static const struct record_row rows[] = {
		{ ASSUME("'awsRegion':'us-east-1'"), "us-east-1" },
		{ ASSUME(DETAILS("'awsServingRegion':'eu-north-1',"
				 "'endpointType':'global'")),
		    "eu-north-1" },
		{ ASSUME(DETAILS("'endpointType':'global'")), "global" },
		{ ASSUME(DETAILS("'endpointType':'regional'")), "us-east-1" },
		{ ASSUME("'awsRegion':''"), NULL },
	};

	check(rows, COUNT(rows), region_of);
}

static void
the_outcome_is_told_by_the_error_code(void)
{
	static const struct record_row rows[] = {
		{ ASSUME("'x':1"), "success " },
		{ ASSUME("'errorCode':'AccessDenied'"), "denied AccessDenied" },
		{ ASSUME("'errorCode':'AccessDeniedException'"),
		    "denied AccessDeniedException" },
		{ ASSUME("'errorCode':'Client.UnauthorizedOperation'"),
		    "denied Client.UnauthorizedOperation" },
		{ ASSUME("'errorCode':'VpceAccessDenied'"),
		    "denied VpceAccessDenied" },
		{ ASSUME("'errorCode':'ExpiredTokenException'"),
		    "failed ExpiredTokenException" },
		{ ASSUME("'errorCode':'accessdenied'"), "failed accessdenied" },
		{ ASSUME("'errorCode':'200','errorMessage':'fine'"),
		    "success " },
		{ ASSUME("'errorCode':''"), "success " },
		{ ASSUME("'errorCode':null"), "success " },
		{ ASSUME("'errorCode':'','errorMessage':''"), "success " },
	};

	check(rows, COUNT(rows), outcome_and_error);
}

static void
without_a_code_other_members_tell_failure(void)
{
	static const struct record_row rows[] = {
		{ OTHER("signin", "ConsoleLogin",
		      ROLE ",'responseElements':{'ConsoleLogin':'Failure'}"),
		    "failed Failure" },
		{ OTHER("signin", "ConsoleLogin",
		      ROLE ",'responseElements':{'ConsoleLogin':'Success'}"),
		    "success " },
		{ OTHER("sso", "Federate",
		      ROLE ",'serviceEventDetails':{'Federate':'Failure'}"),
		    "failed Failure" },
		{ OTHER("signin", "CreateOAuth2Token",
		      ROLE ",'additionalEventData':{'success':'false'}"),
		    "failed Failure" },
		{ OTHER("signin", "CreateOAuth2Token",
		      ROLE ",'additionalEventData':{'success':false}"),
		    "failed Failure" },
		{ OTHER("signin", "CreateOAuth2Token",
		      ROLE ",'additionalEventData':{'success':'true'}"),
		    "success " },
		{ ASSUME("'errorMessage':'no'"), "failed Failure" },
		{ ASSUME("'responseElements':{'Other':'Failure'}"),
		    "success " },
	};

	check(rows, COUNT(rows), outcome_and_error);
}

static void
the_source_is_an_address_a_service_the_cloud_or_unknown(void)
{
	static const struct record_row rows[] = {
		{ ASSUME("'sourceIPAddress':'203.0.113.9'"),
		    "ip 203.0.113.9 " },
		{ ASSUME("'sourceIPAddress':'203.0.113.9, 10.0.0.1'"),
		    "ip 203.0.113.9 " },
		{ ASSUME("'sourceIPAddress':'10.0.0.1,203.0.113.9'"),
		    "private 10.0.0.1 " },
		{ ASSUME("'sourceIPAddress':'100.64.1.1'"),
		    "private 100.64.1.1 " },
		{ ASSUME("'sourceIPAddress':'2001:DB8:0::1'"),
		    "ip 2001:db8::1 " },
		{ ASSUME("'sourceIPAddress':'::ffff:192.168.1.1'"),
		    "private 192.168.1.1 " },
		{ ASSUME("'sourceIPAddress':'2002:a00:1::'"),
		    "private 2002:a00:1:: " },
		{ ASSUME("'sourceIPAddress':'ec2.amazonaws.com'"),
		    "cloud-service  ec2.amazonaws.com" },
		{ ASSUME("'sourceIPAddress':'ec2.amazonaws.com.cn'"),
		    "cloud-service  ec2.amazonaws.com.cn" },
		{ ASSUME("'sourceIPAddress':'AWS Internal'"),
		    "cloud-internal  AWS Internal" },
		{ ASSUME("'sourceIPAddress':'AWS Internal/3'"),
		    "cloud-internal  AWS Internal/3" },
		{ ASSUME("'sourceIPAddress':'aws.internal'"),
		    "cloud-internal  aws.internal" },
		{ ASSUME("'sourceIPAddress':'private'"),
		    "cloud-internal  private" },
		{ ASSUME("'sourceIPAddress':'203.0.113.900'"),
		    "unknown  203.0.113.900" },
		{ ASSUME("'sourceIPAddress':'HIDDEN_DUE_TO_SECURITY_REASONS'"),
		    "unknown  " },
		{ ASSUME("'sourceIPAddress':''"), "unknown  " },
		{ ASSUME("'sourceIPAddress':[]"), "unknown  " },
	};

	check(rows, COUNT(rows), source_of);
}

static void
the_target_of_a_role_is_found_wherever_it_is_named(void)
{
	static const struct record_row rows[] = {
		{ ASSUME("'requestParameters':{'roleArn':'arn:aws:iam::4:role/"
			 "a'}"),
		    "arn:aws:iam::4:role/a" },
		{ ASSUME("'requestParameters':null,'resources':[{'type':'x',"
			 "'ARN':'arn:aws:iam::4:role/z'},{'type':'AWS::IAM::"
			 "Role','arn':'arn:aws:iam::4:role/b'}]"),
		    "arn:aws:iam::4:role/b" },
		{ ASSUME("'resources':[{'ARN':'arn:aws:s3:::x'},'y',"
			 "{'ARN':'arn:aws:iam::4:role/c'}]"),
		    "arn:aws:iam::4:role/c" },
		{ ASSUME("'errorCode':'AccessDenied','errorMessage':'User: u "
			 "is not authorized to perform: sts:AssumeRole on "
			 "resource: arn:aws:iam::4:role/d because of rules'"),
		    "arn:aws:iam::4:role/d" },
		{ ASSUME("'errorMessage':'on resource: *'"), NULL },
		{ ASSUME("'requestParameters':{'roleArn':''}"), NULL },
		{ ASSUME("'requestParameters':{'roleArn':7}"), NULL },
	};

	check(rows, COUNT(rows), target_of);
}

static void
every_other_word_finds_its_target(void)
{
	static const struct record_row rows[] = {
		{ STS("GetSessionToken", USER),
		    "arn:aws:iam::111122223333:user/ann" },
		{ STS("GetFederationToken",
		      USER ",'responseElements':{'federatedUser':{'arn':"
			   "'arn:aws:sts::4:federated-user/bob'}}"),
		    "arn:aws:sts::4:federated-user/bob" },
		{ STS("GetFederationToken",
		      USER ",'requestParameters':{'name':'bob'}"),
		    "arn:aws:sts::111122223333:federated-user/bob" },
		{ STS("GetFederationToken",
		      USER ",'errorMessage':'sts:GetFederationToken on "
			   "resource: arn:aws:sts::4:federated-user/eve'"),
		    "arn:aws:sts::4:federated-user/eve" },
		{ STS("AssumeRoot",
		      USER ",'requestParameters':{'targetPrincipal':"
			   "'444455556666'}"),
		    "arn:aws:iam::444455556666:root" },
		{ STS("AssumeRoot",
		      USER ",'requestParameters':{'targetPrincipal':"
			   "44445555666}"),
		    "arn:aws:iam::044445555666:root" },
		{ STS("AssumeRoot",
		      USER ",'requestParameters':{'targetPrincipal':"
			   "'arn:aws-cn:iam::4:root'}"),
		    "arn:aws-cn:iam::4:root" },
		{ OTHER("sso", "GetRoleCredentials",
		      "'serviceEventDetails':{'role_name':'Admin',"
		      "'account_id':'444455556666'}"),
		    "identity-center:444455556666/Admin" },
		{ OTHER("sso", "GetRoleCredentials",
		      "'serviceEventDetails':{'role_name':'Admin'}"),
		    NULL },
		{ OTHER("sso-oauth", "CreateTokenWithIAM",
		      "'additionalEventData':{'identitystore:UserId':'u-1',"
		      "'identitystore:IdentityStoreArn':'arn:aws:"
		      "identitystore::4:identitystore/d-1'}"),
		    "identity-center:d-1/u-1" },
		{ OTHER("sso-oauth", "CreateTokenWithIAM",
		      "'requestParameters':{'clientId':'arn:aws:sso::4:"
		      "application/x'}"),
		    "arn:aws:sso::4:application/x" },
		{ OTHER("eks-auth", "AssumeRoleForPodIdentity",
		      USER ",'requestParameters':{'clusterName':'blue'}"),
		    "arn:aws:eks:eu-west-1:111122223333:cluster/blue" },
		{ OTHER("eks-auth", "AssumeRoleForPodIdentity", USER), NULL },
		{ OTHER("redshift", "GetClusterCredentials",
		      USER ",'requestParameters':{'clusterIdentifier':'c1'}"),
		    "arn:aws:redshift:eu-west-1:111122223333:cluster:c1" },
		{ OTHER("cognito-identity", "GetCredentialsForIdentity",
		      "'resources':[{'ARN':'arn:aws:x:::y'}]"),
		    "arn:aws:x:::y" },
		{ OTHER("sagemaker", "CreatePresignedDomainUrl",
		      USER ",'requestParameters':{'arn':'z','domainId':'d-1'}"),
		    "d-1" },
		{ OTHER("redshift", "GetIdentityCenterAuthToken",
		      USER ",'requestParameters':{'clusterIds':['c1','c2']}"),
		    "c1" },
		{ OTHER("ecr", "GetAuthorizationToken", USER), NULL },
	};

	check(rows, COUNT(rows), target_of);
}

static void
the_targets_account_is_told_from_its_name(void)
{
	static const struct record_row rows[] = {
		{ OTHER("sts", "AssumeRole",
		      "'requestParameters':{'roleArn':'arn:aws:iam::4:role/"
		      "a'}"),
		    "4" },
		{ OTHER("sts", "AssumeRole", USER), NULL },
		{ OTHER("sso", "GetRoleCredentials",
		      "'serviceEventDetails':{'role_name':'Admin',"
		      "'account_id':'444455556666'}"),
		    "444455556666" },
		{ OTHER("sso", "CreateToken",
		      "'userIdentity':{'type':'Unknown','userName':'ann',"
		      "'accountId':'111122223333'}"),
		    "111122223333" },
		{ OTHER("sso-oauth", "CreateTokenWithIAM",
		      USER ",'additionalEventData':{'identitystore:UserId':"
			   "'u-1'}"),
		    "999988887777" },
		{ OTHER("s3", "GetDataAccess",
		      USER ",'requestParameters':{'target':'s3://b/*'}"),
		    "999988887777" },
		{ OTHER("cognito-identity", "GetOpenIdToken",
		      "'resources':[{'ARN':'arn:aws:x:::y'}]"),
		    "999988887777" },
	};

	check(rows, COUNT(rows), target_account_of);
}

static void
the_session_is_the_one_asked_for_else_the_callers(void)
{
	static const struct record_row rows[] = {
		{ ASSUME(ROLE ",'requestParameters':{'roleSessionName':'s'}"),
		    "s" },
		{ ASSUME(ROLE), NULL },
		{ STS("GetFederationToken",
		      USER ",'requestParameters':{'name':'bob'}"),
		    "bob" },
		{ STS("GetSessionToken", USER), NULL },
		{ OTHER("signin", "GetSigninToken", ROLE), "ann" },
		{ STS("AssumeRoot", ROLE), NULL },
		{ OTHER("rolesanywhere", "CreateSession",
		      "'responseElements':{'credentialSet':[{"
		      "'assumedRoleUser':{'arn':'arn:aws:sts::4:assumed-role/"
		      "r/0a1b'}}]}"),
		    "0a1b" },
	};

	check(rows, COUNT(rows), session_of);
}

#define CREDENTIALS                                                 \
	"'responseElements':{'credentials':{'accessKeyId':'ASIAX'," \
	"'expiration':'Mar 1, 2026, 9:00:00 AM'}}"

static void
only_a_success_states_its_credential(void)
{
	static const struct record_row rows[] = {
		{ ASSUME(CREDENTIALS), "ASIAX" },
		{ ASSUME("'errorCode':'AccessDenied'," CREDENTIALS), NULL },
		{ ASSUME("'responseElements':null"), NULL },
		{ ASSUME("'responseElements':{'credentials':'ASIAX'}"), NULL },
		{ OTHER("signin", "SwitchRole", CREDENTIALS), NULL },
		{ OTHER("rolesanywhere", "CreateSession",
		      "'responseElements':{'credentialSet':[{'credentials':{"
		      "'accessKeyId':'ASIAY'}}]}"),
		    "ASIAY" },
	};

	check(rows, COUNT(rows), credential_of);
}

#define EXPIRES(text) \
	ASSUME("'responseElements':{'credentials':{'expiration':'" text "'}}")

static void
the_expiry_is_what_the_record_states(void)
{
	static const struct record_row rows[] = {
		{ EXPIRES("Mar 1, 2026, 9:00:00 AM"), "2026-03-01T09:00:00Z" },
		{ EXPIRES("Mar 1, 2026 9:00:00 PM"), "2026-03-01T21:00:00Z" },
		{ EXPIRES("Mar 1, 2026, 12:00:00\\u202fAM"),
		    "2026-03-01T00:00:00Z" },
		{ EXPIRES("tomorrow"), NULL },
		{ ASSUME("'errorCode':'x'," CREDENTIALS), NULL },
		{ OTHER("sso", "CreateToken",
		      "'eventTime':'2026-03-01T08:00:00Z',"
		      "'responseElements':{'expiresIn':28800}"),
		    "2026-03-01T16:00:00Z" },
		{ OTHER("sso", "CreateToken",
		      "'eventTime':'2026-03-01T08:00:00Z',"
		      "'responseElements':{'expiresIn':'60'}"),
		    "2026-03-01T08:01:00Z" },
		{ OTHER("sso", "CreateToken",
		      "'eventTime':'2026-03-01T08:00:00Z',"
		      "'responseElements':{'expiresIn':1e300}"),
		    NULL },
		{ OTHER("sso", "CreateToken",
		      "'responseElements':{'expiresIn':60}"),
		    NULL },
	};

	check(rows, COUNT(rows), expires_of);
}

static void
the_duration_is_asked_for_or_told_by_the_expiry(void)
{
	static const struct {
		const char *record;
		int64_t want;
	} rows[] = {
		{ ASSUME("'requestParameters':{'durationSeconds':900}"), 900 },
		{ ASSUME("'requestParameters':{'durationSeconds':'900'}"),
		    900 },
		{ ASSUME("'requestParameters':{'durationSeconds':-5}"), -1 },
		{ ASSUME("'requestParameters':{'durationSeconds':'x'}"), -1 },
		{ ASSUME("'eventTime':'2026-03-01T08:00:00Z'," CREDENTIALS),
		    3600 },
		{ ASSUME("'eventTime':'2027-03-01T08:00:00Z'," CREDENTIALS),
		    -1 },
		{ ASSUME("'x':1"), -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_INT(r->duration, rows[i].want);
	}
}

#define MFA(value)                                         \
	"'userIdentity':{'sessionContext':{'attributes':{" \
	"'mfaAuthenticated':" value "}}}"

static void
mfa_is_yes_no_or_unknown(void)
{
	static const struct {
		const char *record;
		enum mfa_state want;
	} rows[] = {
		{ ASSUME(MFA("'true'")), MFA_YES },
		{ ASSUME(MFA("true")), MFA_YES },
		{ ASSUME(MFA("'false'")), MFA_NO },
		{ ASSUME(MFA("false")), MFA_NO },
		{ ASSUME(MFA("7")), MFA_UNKNOWN },
		{ ASSUME("'x':1"), MFA_UNKNOWN },
		{ ASSUME("'additionalEventData':{'MFAUsed':'Yes'}"), MFA_YES },
		{ ASSUME("'additionalEventData':{'MFAUsed':'YES'}"), MFA_YES },
		{ ASSUME("'additionalEventData':{'MFAUsed':'No'}"), MFA_NO },
		{ ASSUME(MFA("'false'") ",'requestParameters':{"
					"'serialNumber':'arn:m'}"),
		    MFA_YES },
		{ ASSUME("'errorCode':'AccessDenied',"
			 "'requestParameters':{'serialNumber':'arn:m'}"),
		    MFA_UNKNOWN },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_INT(r->mfa, rows[i].want);
	}
}

static void
what_policy_asks_beside_is_kept(void)
{
	const struct request *r = decode_record(
	    ASSUME("'userAgent':'[aws-cli/2]','sharedEventID':'s-1',"
		   "'recipientAccountId':'4','sourceIPAddress':'AWS Internal',"
		   "'sessionCredentialFromConsole':'true',"
		   "'userIdentity':{'accessKeyId':'ASIAZ',"
		   "'invokedBy':'cloudformation.amazonaws.com',"
		   "'sessionContext':{'sourceIdentity':'ann'}},"
		   "'requestParameters':{'externalId':'x-1',"
		   "'serialNumber':'arn:m','sourceIdentity':'bob'}"));

	REQUIRE(r != NULL);
	CHECK_TEXT(r->action, "sts:AssumeRole");
	CHECK_INT(r->kind, KIND_ROLE);
	CHECK_INT(r->provider, PROVIDER_AWS);
	CHECK_TEXT(r->user_agent, "[aws-cli/2]");
	CHECK_TEXT(r->shared_event_id, "s-1");
	CHECK_TEXT(r->recipient_account, "4");
	CHECK_TEXT(r->caller_credential, "ASIAZ");
	CHECK_TEXT(r->invoked_by, "cloudformation.amazonaws.com");
	CHECK_TEXT(r->source_identity, "bob");
	CHECK_TEXT(r->external_id, "x-1");
	CHECK_TEXT(r->session_policy, NULL);
	CHECK_TEXT(r->mfa_device, "arn:m");
	CHECK(r->console_session && r->aws_internal);
	r = decode_record(ASSUME("'userIdentity':{'accessKeyId':'',"
				 "'sessionContext':{'sourceIdentity':'ann'}}"));
	REQUIRE(r != NULL);
	CHECK_TEXT(r->caller_credential, NULL);
	CHECK_TEXT(r->source_identity, "ann");
	CHECK(!r->console_session && !r->aws_internal);
}

static void
a_console_login_counts_of_federated_callers_only(void)
{
	static const struct {
		const char *type;
		bool counts;
	} rows[] = {
		{ "AssumedRole", true },
		{ "FederatedUser", true },
		{ "SAMLUser", true },
		{ "WebIdentityUser", true },
		{ "IAMUser", false },
		{ "Root", false },
		{ "Unknown", false },
		{ "", false },
	};
	char record[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(record, sizeof(record),
		    OTHER("signin", "ConsoleLogin",
			"'userIdentity':{'type':'%s'}"),
		    rows[i].type);
		CHECK_INT(decode_record(record) != NULL, rows[i].counts);
	}
}

static void
every_member_may_have_every_type(void)
{
	static const char *const records[] = {
		ASSUME("'eventTime':'2026-03-01T08:00:00Z','awsRegion':'x',"
		       "'errorCode':'E','errorMessage':'on resource: arn:a:b',"
		       "'sourceIPAddress':'203.0.113.9','userAgent':'u',"
		       "'recipientAccountId':'4','sharedEventID':'s',"
		       "'resources':[{'type':'AWS::IAM::Role','ARN':'a'}],"
		       "'userIdentity':{'type':'AssumedRole','arn':'a',"
		       "'principalId':'p:s','accountId':'1','accessKeyId':'k',"
		       "'invokedBy':'i','sessionContext':{'sourceIdentity':"
		       "'s','attributes':{'mfaAuthenticated':'true'},"
		       "'sessionIssuer':{'arn':'a','accountId':'1',"
		       "'userName':'n'}},'onBehalfOf':{'userId':'u',"
		       "'identityStoreArn':'a/b'}},'additionalEventData':{"
		       "'RequestDetails':{'awsServingRegion':'r'},"
		       "'MFAUsed':'No','success':'true'},"
		       "'requestParameters':{'roleArn':'a','durationSeconds':"
		       "1,'roleSessionName':'s'}"),
		ASSUME(CREDENTIALS ",'userIdentity':{'type':'SAMLUser',"
				   "'identityProvider':'h','userName':'n'}"),
		ASSUME("'userIdentity':{'type':'WebIdentityUser',"
		       "'principalId':'a:b:c'},'responseElements':{"
		       "'provider':'p','subjectFromWebIdentityToken':'s'}"),
		OTHER("rolesanywhere", "CreateSession",
		    "'responseElements':{'credentialSet':[{'credentials':{"
		    "'accessKeyId':'k','expiration':'e'},'assumedRoleUser':{"
		    "'arn':'a/b'}}]}"),
		OTHER("sso", "CreateToken",
		    "'eventTime':'2026-03-01T08:00:00Z','responseElements':{"
		    "'expiresIn':1},'userIdentity':{'onBehalfOf':{'userId':'u',"
		    "'identityStoreArn':'a/b'}}"),
		OTHER("sso", "GetRoleCredentials",
		    "'serviceEventDetails':{'role_name':'r',"
		    "'account_id':'4'}"),
		OTHER("eks-auth", "AssumeRoleForPodIdentity",
		    "'requestParameters':{'clusterName':'c'},"
		    "'userIdentity':{'accountId':'1'}"),
		STS("AssumeRoot", "'requestParameters':{'targetPrincipal':1}"),
		STS("GetFederationToken",
		    "'requestParameters':{'name':'n'},'responseElements':{"
		    "'federatedUser':{'arn':'a'}}"),
		OTHER("signin", "SwitchRole",
		    "'additionalEventData':{'SwitchFrom':'arn:aws:sts::1:"
		    "assumed-role/a/b'}"),
	};
	size_t tried = 0;

	for (size_t i = 0; i < COUNT(records); i++) {
		CHECK(decode_record(records[i]) != NULL);
		tried += mutate_record(records[i]);
	}
	CHECK(tried > 1500);
	records_release();
}

UNIT_MAIN("cloudtrail",
    { "the id is the provider's, else a digest",
	the_id_is_the_providers_else_a_digest },
    { "copies of one event share a key", copies_of_one_event_share_a_key },
    { "the time is the first that can be read",
	the_time_is_the_first_that_can_be_read },
    { "the region is the serving one, else global, else the record's",
	the_region_is_the_serving_one_else_global_else_the_records },
    { "the outcome is told by the error code",
	the_outcome_is_told_by_the_error_code },
    { "without a code other members tell failure",
	without_a_code_other_members_tell_failure },
    { "the source is an address, a service, the cloud, or unknown",
	the_source_is_an_address_a_service_the_cloud_or_unknown },
    { "the target of a role is found wherever it is named",
	the_target_of_a_role_is_found_wherever_it_is_named },
    { "every other word finds its target", every_other_word_finds_its_target },
    { "the target's account is told from its name",
	the_targets_account_is_told_from_its_name },
    { "the session is the one asked for, else the caller's",
	the_session_is_the_one_asked_for_else_the_callers },
    { "only a success states its credential",
	only_a_success_states_its_credential },
    { "the expiry is what the record states",
	the_expiry_is_what_the_record_states },
    { "the duration is asked for, or told by the expiry",
	the_duration_is_asked_for_or_told_by_the_expiry },
    { "MFA is yes, no or unknown", mfa_is_yes_no_or_unknown },
    { "what policy asks beside is kept", what_policy_asks_beside_is_kept },
    { "a console login counts of federated callers only",
	a_console_login_counts_of_federated_callers_only },
    { "every member may have every type", every_member_may_have_every_type })
