/*
 * test_principal_aws.c - who asked, by the rules of "Canonical names" for AWS.
 */
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* An AssumeRole by this caller, in a trail of account 999988887777. */
#define BY(identity)                                                   \
	"{'eventSource':'sts.amazonaws.com','eventName':'AssumeRole'," \
	"'recipientAccountId':'999988887777','awsRegion':'eu-west-1'," \
	"'sourceIPAddress':'203.0.113.9','userIdentity':{" identity "}}"
/* The same with members beside userIdentity. */
#define BY_WITH(identity, more)                                         \
	"{'eventSource':'sts.amazonaws.com','eventName':'AssumeRole',"  \
	"'recipientAccountId':'999988887777','userIdentity':{" identity \
	"}," more "}"

struct row {
	const char *record, *principal, *type;
};

static void
check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_TEXT(r->principal, rows[i].principal);
		CHECK_TEXT(slice_str(principal_type_name(r->principal_type)),
		    rows[i].type);
	}
}

static void
an_iam_user_is_its_arn(void)
{
	static const struct row rows[] = {
		{ BY("'type':'IAMUser','arn':'arn:aws:iam::111122223333:user/"
		     "team/ann','userName':'ann'"),
		    "arn:aws:iam::111122223333:user/team/ann", "user" },
		{ BY("'type':'IAMUser','accountId':'111122223333',"
		     "'userName':'ann','principalId':'AIDAEXAMPLE'"),
		    "arn:aws:iam::111122223333:user/ann", "user" },
		{ BY("'type':'IAMUser','userName':'ann'"),
		    "arn:aws:iam::999988887777:user/ann", "user" },
		{ BY("'type':'IAMUser','arn':'','userName':'HIDDEN_DUE_TO_"
		     "SECURITY_REASONS','principalId':'AIDAEXAMPLE'"),
		    "unknown:AIDAEXAMPLE", "user" },
		{ BY("'type':'IAMUser'"), NULL, "user" },
		{ BY("'type':'IAMUser','accountId':11122223333,"
		     "'userName':'ann'"),
		    "arn:aws:iam::011122223333:user/ann", "user" },
	};

	check(rows, COUNT(rows));
}

static void
root_is_its_account(void)
{
	static const struct row rows[] = {
		{ BY("'type':'Root','accountId':'111122223333','arn':'arn:aws:"
		     "iam::111122223333:root','userName':'nickname'"),
		    "arn:aws:iam::111122223333:root", "root" },
		{ BY("'type':'Root'"), "arn:aws:iam::999988887777:root",
		    "root" },
	};

	check(rows, COUNT(rows));
}

#define ISSUER(members) "'sessionContext':{'sessionIssuer':{" members "}}"

static void
an_assumed_role_is_its_role(void)
{
	static const struct row rows[] = {
		{ BY("'type':'AssumedRole','arn':'arn:aws:sts::111122223333:"
		     "assumed-role/deploy/ann'," ISSUER(
			 "'arn':'arn:aws:iam::111122223333:role/ci/deploy'")),
		    "arn:aws:iam::111122223333:role/ci/deploy", "role" },
		{ BY("'type':'AssumedRole','arn':'arn:aws-cn:sts::111122223333:"
		     "assumed-role/deploy/ann'," ISSUER("")),
		    "arn:aws-cn:iam::111122223333:role/deploy", "role" },
		{ BY("'type':'AssumedRole','arn':'arn:aws:iam::111122223333:"
		     "assumed-role/deploy/ann'"),
		    "arn:aws:iam::111122223333:role/deploy", "role" },
		{ BY("'type':'AssumedRole','accountId':'5'," ISSUER(
		      "'accountId':'111122223333','userName':'deploy'")),
		    "arn:aws:iam::111122223333:role/deploy", "role" },
		{ BY("'type':'AssumedRole','arn':'arn***/deploy/ann',"
		     "'principalId':'AROAX:ann'"),
		    "arn***/deploy/ann", "role" },
		{ BY("'type':'AssumedRole','principalId':'AROAX:ann'"),
		    "unknown:AROAX", "role" },
		{ BY("'type':'AssumedRole','sessionContext':[],"
		     "'principalId':'AROAX'"),
		    "unknown:AROAX", "role" },
		{ BY("'type':'Role','arn':'arn:aws:iam::111122223333:role/x'"),
		    "arn:aws:iam::111122223333:role/x", "role" },
	};

	check(rows, COUNT(rows));
}

static void
a_federated_user_is_who_minted_it(void)
{
	static const struct row rows[] = {
		{ BY("'type':'FederatedUser','arn':'arn:aws:sts::111122223333:"
		     "federated-user/bob'," ISSUER(
			 "'type':'IAMUser','arn':'arn:aws:iam::111122223333:"
			 "user/ann'")),
		    "arn:aws:iam::111122223333:user/ann", "federated-user" },
		{ BY("'type':'FederatedUser','arn':'arn:aws:sts::111122223333:"
		     "federated-user/bob'"),
		    "arn:aws:sts::111122223333:federated-user/bob",
		    "federated-user" },
	};

	check(rows, COUNT(rows));
}

#define SAML "'type':'SAMLUser','identityProvider':'HaSh=',"

static void
a_saml_user_is_provider_and_user(void)
{
	static const struct row rows[] = {
		{ BY_WITH(SAML "'userName':'ann@example.com'",
		      "'requestParameters':{'principalArn':'arn:aws:iam::"
		      "111122223333:saml-provider/Idp'}"),
		    "arn:aws:iam::111122223333:saml-provider/Idp/"
		    "ann@example.com",
		    "saml" },
		{ BY_WITH(SAML "'principalId':'HaSh=:ann@example.com'",
		      "'resources':[{'type':'AWS::IAM::Role','ARN':'arn:aws:"
		      "iam::1:role/x'},{'type':'AWS::IAM::SAMLProvider','ARN':"
		      "'arn:aws:iam::111122223333:saml-provider/Idp'}]"),
		    "arn:aws:iam::111122223333:saml-provider/Idp/"
		    "ann@example.com",
		    "saml" },
		{ BY_WITH(SAML "'userName':''",
		      "'responseElements':{'subject':'ann'},"
		      "'additionalEventData':{'SamlProviderArn':'arn:aws:iam::"
		      "111122223333:saml-provider/Idp'}"),
		    "arn:aws:iam::111122223333:saml-provider/Idp/ann", "saml" },
		{ BY(SAML "'userName':'ann'"), "saml:HaSh=/ann", "saml" },
	};

	check(rows, COUNT(rows));
}

static void
a_web_identity_user_is_provider_and_subject(void)
{
	static const struct row rows[] = {
		{ BY("'type':'WebIdentityUser','identityProvider':'arn:aws:iam"
		     "::111122223333:oidc-provider/idp.example.com',"
		     "'userName':'repo:o/r:ref:x'"),
		    "arn:aws:iam::111122223333:oidc-provider/idp.example.com/"
		    "repo:o/r:ref:x",
		    "web-identity" },
		{ BY_WITH("'type':'WebIdentityUser'",
		      "'responseElements':{'provider':'accounts.example.com',"
		      "'subjectFromWebIdentityToken':'42'}"),
		    "arn:aws:iam::999988887777:oidc-provider/"
		    "accounts.example.com/42",
		    "web-identity" },
		{ BY("'type':'WebIdentityUser','principalId':'idp.example.com:"
		     "aud:42','identityProvider':'idp.example.com',"
		     "'accountId':'111122223333'"),
		    "arn:aws:iam::111122223333:oidc-provider/idp.example.com/"
		    "42",
		    "web-identity" },
	};

	check(rows, COUNT(rows));
}

static void
a_service_is_what_invoked(void)
{
	static const struct row rows[] = {
		{ BY("'type':'AWSService','invokedBy':'ec2.amazonaws.com'"),
		    "service:ec2.amazonaws.com", "service" },
		{ BY("'type':'AWSService'"), "service:203.0.113.9", "service" },
		{ BY("'invokedBy':'lambda.amazonaws.com'"),
		    "service:lambda.amazonaws.com", "service" },
		{ BY("'type':'Unknown','invokedBy':'lambda.amazonaws.com',"
		     "'arn':'arn:aws:iam::111122223333:user/ann'"),
		    "arn:aws:iam::111122223333:user/ann", "unknown" },
	};

	check(rows, COUNT(rows));
}

static void
another_account_is_account_and_id(void)
{
	static const struct row rows[] = {
		{ BY("'type':'AWSAccount','accountId':'111122223333',"
		     "'principalId':'AROAX:ann'"),
		    "aws-account:111122223333/AROAX", "account" },
		{ BY("'type':'AWSAccount','accountId':'111122223333',"
		     "'principalId':'AIDAX'"),
		    "aws-account:111122223333/AIDAX", "account" },
		{ BY("'type':'AWSAccount','accountId':'111122223333'"),
		    "aws-account:111122223333", "account" },
		{ BY("'type':'AWSAccount'"), "aws-account:999988887777",
		    "account" },
	};

	check(rows, COUNT(rows));
}

#define BEHALF                                                      \
	"'onBehalfOf':{'userId':'u-1','identityStoreArn':'arn:aws:" \
	"identitystore::111122223333:identitystore/d-1234567890'}"

static void
an_identity_center_user_is_store_and_user(void)
{
	static const struct row rows[] = {
		{ BY("'type':'IdentityCenterUser'," BEHALF),
		    "identity-center:d-1234567890/u-1", "identity-center" },
		{ BY("'type':'Unknown','userName':'ann'," BEHALF),
		    "identity-center:d-1234567890/u-1", "identity-center" },
		{ BY(BEHALF), "identity-center:d-1234567890/u-1",
		    "identity-center" },
		{ BY("'type':'Unknown','arn':'arn:aws:iam::1:x'," BEHALF),
		    "arn:aws:iam::1:x", "unknown" },
		{ BY("'type':'IAMUser','arn':'arn:aws:iam::1:user/ann'," BEHALF),
		    "arn:aws:iam::1:user/ann", "user" },
	};

	check(rows, COUNT(rows));
}

static void
any_other_caller_is_the_first_name_it_has(void)
{
	static const struct row rows[] = {
		{ BY("'type':'Directory','arn':'arn:aws:ds::1:x/y'"),
		    "arn:aws:ds::1:x/y", "unknown" },
		{ BY("'type':'Unknown','userName':'ann','principalId':'p:1'"),
		    "unknown:ann", "unknown" },
		{ BY("'type':'Martian','principalId':'p:1'"), "unknown:p:1",
		    "unknown" },
		{ BY_WITH("'type':'Unknown'",
		      "'requestParameters':{'identityId':'eu-west-1:77'}"),
		    "cognito:eu-west-1:77", "unknown" },
		{ BY("'type':'Unknown'"), NULL, "unknown" },
		{ BY(""), NULL, "unknown" },
		{ "{'eventSource':'sts.amazonaws.com','eventName':"
		  "'AssumeRole','userIdentity':null}",
		    NULL, "unknown" },
		{ "{'eventSource':'sts.amazonaws.com','eventName':"
		  "'AssumeRole'}",
		    NULL, "unknown" },
	};

	check(rows, COUNT(rows));
}

#define SWITCH(name, member, who)                                             \
	"{'eventSource':'signin.amazonaws.com','eventName':'" name "',"       \
	"'recipientAccountId':'444455556666','additionalEventData':{'" member \
	"':" who "},'userIdentity':{'type':'AssumedRole',"                    \
	"'accountId':'444455556666','principalId':'AROAX:ann','arn':"         \
	"'arn:aws:sts::444455556666:assumed-role/ops/ann'}}"

static void
who_switches_roles_is_who_asked(void)
{
	static const struct {
		const char *record, *principal, *type, *account, *session,
		    *caller_session;
	} rows[] = {
		{ SWITCH("SwitchRole", "SwitchFrom",
		      "'arn:aws:iam::111122223333:user/ann'"),
		    "arn:aws:iam::111122223333:user/ann", "user",
		    "111122223333", "ann", NULL },
		{ SWITCH("SwitchRole", "SwitchFrom",
		      "'arn:aws:sts::111122223333:assumed-role/dev/ann2'"),
		    "arn:aws:iam::111122223333:role/dev", "role",
		    "111122223333", "ann", "ann2" },
		{ SWITCH("RenewRole", "RenewedBy",
		      "'arn:aws:iam::111122223333:root'"),
		    "arn:aws:iam::111122223333:root", "root", "111122223333",
		    "ann", NULL },
		{ SWITCH("SwitchRole", "SwitchFrom", "7"), NULL, "unknown",
		    "444455556666", "ann", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_TEXT(r->principal, rows[i].principal);
		CHECK_TEXT(slice_str(principal_type_name(r->principal_type)),
		    rows[i].type);
		CHECK_TEXT(r->account, rows[i].account);
		CHECK_TEXT(r->session, rows[i].session);
		CHECK_TEXT(r->caller_session, rows[i].caller_session);
		CHECK_TEXT(r->target, "arn:aws:iam::444455556666:role/ops");
		CHECK_TEXT(r->target_account, "444455556666");
	}
}

static void
a_lake_principal_is_who_asked(void)
{
	const struct request *r = decode_record(
	    "{'eventSource':'lakeformation.amazonaws.com','eventName':"
	    "'GetDataAccess','userIdentity':{'type':'AWSService','invokedBy':"
	    "'lakeformation.amazonaws.com'},'recipientAccountId':"
	    "'999988887777','additionalEventData':{'lakeFormationPrincipal':"
	    "'arn:aws:iam::111122223333:role/analyst'}}");

	REQUIRE(r != NULL);
	CHECK_TEXT(r->principal, "arn:aws:iam::111122223333:role/analyst");
	CHECK_INT(r->principal_type, PT_ROLE);
	CHECK_TEXT(r->account, "111122223333");
}

static void
the_partition_is_that_of_the_first_arn(void)
{
	static const struct {
		const char *record, *principal;
	} rows[] = {
		{ BY_WITH("'type':'Root'",
		      "'requestParameters':{'roleArn':'arn:aws-us-gov:iam::1:"
		      "role/x'}"),
		    "arn:aws-us-gov:iam::999988887777:root" },
		{ BY_WITH("'type':'Root','identityProvider':'arn:aws-iso:x'",
		      "'awsRegion':'cn-north-1'"),
		    "arn:aws-iso:iam::999988887777:root" },
		{ BY_WITH("'type':'Root'",
		      "'resources':[1,{'arn':'arn:aws-cn:iam::1:role/x'}]"),
		    "arn:aws-cn:iam::999988887777:root" },
		{ BY_WITH("'type':'Root'", "'awsRegion':'cn-north-1'"),
		    "arn:aws-cn:iam::999988887777:root" },
		{ BY_WITH("'type':'Root'", "'awsRegion':'us-gov-east-1'"),
		    "arn:aws-us-gov:iam::999988887777:root" },
		{ BY_WITH("'type':'Root'", "'awsRegion':'us-isob-east-1'"),
		    "arn:aws-iso-b:iam::999988887777:root" },
		{ BY_WITH("'type':'Root'", "'awsRegion':'us-iso-east-1'"),
		    "arn:aws-iso:iam::999988887777:root" },
		{ BY_WITH("'type':'Root'", "'awsRegion':7"),
		    "arn:aws:iam::999988887777:root" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_TEXT(r->principal, rows[i].principal);
	}
}

static void
the_account_is_the_callers_else_the_arns_else_the_trails(void)
{
	static const struct {
		const char *record, *account;
	} rows[] = {
		{ BY("'type':'IAMUser','accountId':'1','arn':'arn:aws:iam::2:"
		     "user/ann'"),
		    "1" },
		{ BY("'type':'IAMUser','arn':'arn:aws:iam::2:user/ann'"), "2" },
		{ BY("'type':'AWSService','invokedBy':'x.amazonaws.com'"),
		    "999988887777" },
		{ BY("'type':'IAMUser','accountId':1.5"), "999988887777" },
		{ BY("'type':'IAMUser','accountId':77"), "000000000077" },
		{ "{'eventSource':'sts.amazonaws.com','eventName':"
		  "'AssumeRole','recipientAccountId':12345678901}",
		    "012345678901" },
		{ "{'eventSource':'sts.amazonaws.com','eventName':"
		  "'AssumeRole'}",
		    NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_TEXT(r->account, rows[i].account);
	}
}

static void
the_callers_own_session_is_named(void)
{
	static const struct {
		const char *record, *session, *id;
	} rows[] = {
		{ BY("'type':'AssumedRole','arn':'arn:aws:sts::1:assumed-role/"
		     "dev/ann@example.com','principalId':'AROAX:other'"),
		    "ann@example.com", "AROAX" },
		{ BY("'type':'AssumedRole','principalId':'AROAX:ann'"), "ann",
		    "AROAX" },
		{ BY("'type':'AWSAccount','principalId':'AROAX:ann'"), "ann",
		    "AROAX" },
		{ BY("'type':'FederatedUser','arn':'arn:aws:sts::1:federated-"
		     "user/bob'"),
		    "bob", NULL },
		{ BY("'type':'IAMUser','arn':'arn:aws:iam::1:user/ann',"
		     "'principalId':'AIDAX'"),
		    NULL, "AIDAX" },
		{ BY("'type':'SAMLUser','principalId':'HaSh=:ann'"), NULL,
		    "HaSh=" },
		{ BY("'type':'AssumedRole','arn':'arn:aws:sts::1:assumed-role/"
		     "dev'"),
		    NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request *r = decode_record(rows[i].record);

		REQUIRE(r != NULL);
		CHECK_TEXT(r->caller_session, rows[i].session);
		CHECK_TEXT(r->caller_id, rows[i].id);
	}
	records_release();
}

UNIT_MAIN("principal_aws", { "an IAM user is its ARN", an_iam_user_is_its_arn },
    { "root is its account", root_is_its_account },
    { "an assumed role is its role", an_assumed_role_is_its_role },
    { "a federated user is who minted it", a_federated_user_is_who_minted_it },
    { "a SAML user is provider and user", a_saml_user_is_provider_and_user },
    { "a web identity user is provider and subject",
	a_web_identity_user_is_provider_and_subject },
    { "a service is what invoked", a_service_is_what_invoked },
    { "another account is account and id", another_account_is_account_and_id },
    { "an Identity Center user is store and user",
	an_identity_center_user_is_store_and_user },
    { "any other caller is the first name it has",
	any_other_caller_is_the_first_name_it_has },
    { "who switches roles is who asked", who_switches_roles_is_who_asked },
    { "a lake principal is who asked", a_lake_principal_is_who_asked },
    { "the partition is that of the first ARN",
	the_partition_is_that_of_the_first_arn },
    { "the account is the caller's, else the ARN's, else the trail's",
	the_account_is_the_callers_else_the_arns_else_the_trails },
    { "the caller's own session is named", the_callers_own_session_is_named })
