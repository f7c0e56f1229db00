/*
 * test_catalogue.c - the table is in order, complete, and found by every
 * spelling that records use.
 */
#include "events/catalogue.h"
#include "tests/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct slice
S(const char *s) {
	return slice_str(s);
}

static const struct api *
aws(const char *service, const char *name)
{
	return catalogue_find_aws(S(service), S(name));
}

static const struct api *
gcp(const char *service, const char *method, const char *type)
{
	return catalogue_find_gcp(S(service), S(method), S(type));
}

static struct slice
action(const struct api *api)
{
	return S(api ? api->action : NULL);
}

static void
the_rows_are_in_order(void)
{
	for (size_t i = 1; i < catalogue_size; i++) {
		const struct api *a = &catalogue[i - 1], *b = &catalogue[i];
		int c = (int)a->provider - (int)b->provider;

		if (c == 0)
			c = slice_cmp(S(a->service), S(b->service));
		if (c == 0)
			c = slice_cmp(S(a->name), S(b->name));
		CHECK(c < 0 || (c == 0 && a->federated_only));
	}
	CHECK(catalogue_size <= CATALOGUE_MAX);
}

static void
every_row_is_found_by_its_own_name(void)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		const struct api *a = &catalogue[i], *found;

		if (a->provider == PROVIDER_AWS) {
			CHECK(catalogue_may_be_aws(S(a->name)));
			found = aws(a->service, a->name);
		} else {
			CHECK(catalogue_may_be_gcp(S(a->name)));
			found = gcp(a->service, a->name, NULL);
		}
		REQUIRE(found != NULL);
		CHECK(found == a || (found == a - 1 && found->federated_only));
		CHECK(strlen(a->action) < 96);
		CHECK(strchr(a->action, ':') != NULL);
		CHECK(a->log && a->evidence);
		CHECK(!a->on || a->tier != TIER_RELATED);
	}
}

static void
the_quick_look_says_no_to_most_names(void)
{
	static const char *const names[] = { "GetObject", "PutObject",
		"HeadObject", "ListBuckets", "Decrypt", "GenerateDataKey",
		"DescribeInstances", "DescribeVolumes", "ListRoles",
		"PutLogEvents", "CreateLogStream", "GetParameter",
		"DescribeLogGroups", "GetQueueAttributes", "Invoke20150331",
		"UpdateInstanceInformation", "DescribeTags", "GetItem",
		"BatchGetImage", "DescribeNetworkInterfaces", "Query",
		"GetBucketAcl", "GetFunction20150331v2", "RunInstances" };
	size_t yes = 0;

	for (size_t i = 0; i < COUNT(names); i++)
		yes += catalogue_may_be_aws(S(names[i]));
	CHECK(yes <= 4);
	CHECK(!catalogue_may_be_aws(SLICE_NULL));
	CHECK(!catalogue_may_be_aws(SLICE_LIT("")));
	CHECK(!catalogue_may_be_gcp(SLICE_NULL));
	CHECK(!catalogue_may_be_gcp(SLICE_LIT("a.")));
}

static void
aws_is_matched_by_the_pair(void)
{
	static const struct {
		const char *service, *name, *action;
	} rows[] = {
		{ "sts.amazonaws.com", "AssumeRole", "sts:AssumeRole" },
		{ "sts.amazonaws.com.cn", "AssumeRole", "sts:AssumeRole" },
		{ "sts.amazonaws.com", "assumeRole", NULL },
		{ "sts.amazonaws.com", "AssumeRole ", NULL },
		{ "iam.amazonaws.com", "AssumeRole", NULL },
		{ "sts", "AssumeRole", NULL },
		{ "connect.amazonaws.com", "GetFederationToken",
		    "connect:GetFederationToken" },
		{ "sts.amazonaws.com", "GetFederationToken",
		    "sts:GetFederationToken" },
		{ "sso.amazonaws.com", "CreateToken", "sso-oauth:CreateToken" },
		{ "sso-oauth.amazonaws.com", "CreateToken",
		    "sso-oauth:CreateToken" },
		{ "sso.amazonaws.com", "CreateTokenWithIAM",
		    "sso-oauth:CreateTokenWithIAM" },
		{ "license-manager.amazonaws.com", "CreateToken",
		    "license-manager:CreateToken" },
		{ "finspace.amazonaws.com", "GetProgrammaticAccessCredentials",
		    "finspace-api:GetProgrammaticAccessCredentials" },
		{ "s3.amazonaws.com", "GetDataAccess", "s3:GetDataAccess" },
		{ "lakeformation.amazonaws.com", "GetDataAccess",
		    "lakeformation:GetDataAccess" },
		{ NULL, "AssumeRole", NULL },
		{ "sts.amazonaws.com", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_TEXT(
		    action(aws(rows[i].service, rows[i].name)), rows[i].action);
}

static void
gcp_is_matched_by_service_and_last_component(void)
{
	static const struct {
		const char *service, *method, *type, *action;
	} rows[] = {
		{ "iamcredentials.googleapis.com", "GenerateAccessToken", NULL,
		    "iamcredentials:GenerateAccessToken" },
		{ "iamcredentials.googleapis.com", "generateAccessToken", NULL,
		    "iamcredentials:GenerateAccessToken" },
		{ "iamcredentials.googleapis.com",
		    "google.iam.credentials.v1.IAMCredentials.SignBlob", NULL,
		    "iamcredentials:SignBlob" },
		{ "iam.googleapis.com", "google.iam.admin.v1.SignJwt", NULL,
		    "gcp-iam:SignJwt" },
		{ "iam.googleapis.com",
		    "google.iam.admin.v1.GenerateAccessToken", NULL,
		    "iamcredentials:GenerateAccessToken" },
		{ "workstations.googleapis.com",
		    "google.cloud.workstations.v1.Workstations."
		    "GenerateAccessToken",
		    NULL, "workstations:GenerateAccessToken" },
		{ "sts.googleapis.com",
		    "google.identity.sts.v1beta.SecurityTokenService."
		    "ExchangeToken",
		    NULL, "gcp-sts:ExchangeToken" },
		{ "k8s.io", "io.k8s.core.v1.serviceaccounts.token.create", NULL,
		    "k8s:serviceaccounts.token.create" },
		{ "k8s.io", "io.k8s.core.v1.pods.create", NULL, NULL },
		{ "storage.googleapis.com", "storage.objects.create", NULL,
		    NULL },
		{ "compute.googleapis.com", "GenerateAccessToken", NULL, NULL },
		{ "sts.googleapis.com", "xchangeToken", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_TEXT(
		    action(gcp(rows[i].service, rows[i].method, rows[i].type)),
		    rows[i].action);
}

static void
an_absent_service_is_told_from_the_package(void)
{
	static const struct {
		const char *method, *type, *action;
	} rows[] = {
		{ "google.identity.sts.SecurityTokenService.WebSignIn", NULL,
		    "gcp-sts:WebSignIn" },
		{ "google.iam.admin.v1.SignBlob", NULL, "gcp-iam:SignBlob" },
		{ "google.iam.credentials.v1.SignBlob", NULL,
		    "iamcredentials:SignBlob" },
		{ "io.k8s.core.v1.serviceaccounts.token.create", NULL,
		    "k8s:serviceaccounts.token.create" },
		{ "SignJwt",
		    "type.googleapis.com/google.iam.credentials.v1."
		    "SignJwtRequest",
		    "iamcredentials:SignJwt" },
		{ "SignJwt",
		    "type.googleapis.com/google.iam.admin.v1.SignJwtRequest",
		    "gcp-iam:SignJwt" },
		{ "GenerateAccessToken", NULL, NULL },
		{ "GenerateAccessToken", "x", NULL },
		{ NULL, NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK_TEXT(action(gcp(NULL, rows[i].method, rows[i].type)),
		    rows[i].action);
		CHECK_TEXT(action(gcp("", rows[i].method, rows[i].type)),
		    rows[i].action);
	}
}

static void
apis_are_turned_on_and_off_by_pattern(void)
{
	struct api_choice c;
	const struct api *assume = aws("sts.amazonaws.com", "AssumeRole");
	const struct api *pool = aws("cognito-idp.amazonaws.com", "Token_POST");
	const struct api *who = aws("sts.amazonaws.com", "GetCallerIdentity");
	const struct api *login = aws("signin.amazonaws.com", "ConsoleLogin");

	api_choice_default(&c);
	CHECK(api_is_on(&c, assume));
	CHECK(api_is_on(&c, login) && login->federated_only);
	CHECK(!api_is_on(&c, pool));
	CHECK(!api_is_on(&c, who));
	CHECK(!api_is_on(&c, NULL));

	CHECK_INT(api_choice_set(&c, SLICE_LIT("cognito-idp:*"), true), 6);
	CHECK(api_is_on(&c, pool));
	CHECK_INT(api_choice_set(&c, SLICE_LIT("sts:AssumeRole"), false), 1);
	CHECK(!api_is_on(&c, assume));
	CHECK(api_choice_set(&c, SLICE_LIT("**"), false) > 100);
	CHECK(!api_is_on(&c, login));
	CHECK_INT(api_choice_set(&c, SLICE_LIT("*"), true), 0);
	CHECK_INT(api_choice_set(&c, SLICE_LIT(""), true), 0);
	CHECK_INT(api_choice_set(&c, SLICE_LIT("*:Assume*WithSAML"), true), 2);
	CHECK_INT(api_choice_set(&c, SLICE_LIT("**JWT"), true), 1);
	CHECK_INT(api_choice_set(&c, SLICE_LIT("nothing:*"), true), 0);
}

static void
what_is_related_is_never_on(void)
{
	struct api_choice c;

	api_choice_all(&c);
	CHECK_INT(
	    api_choice_set(&c, SLICE_LIT("sts:GetCallerIdentity"), true), 0);
	for (size_t i = 0; i < catalogue_size; i++)
		CHECK_INT(api_is_on(&c, &catalogue[i]),
		    catalogue[i].tier != TIER_RELATED);
}

UNIT_MAIN("catalogue", { "the rows are in order", the_rows_are_in_order },
    { "every row is found by its own name",
	every_row_is_found_by_its_own_name },
    { "the quick look says no to most names",
	the_quick_look_says_no_to_most_names },
    { "AWS is matched by the pair", aws_is_matched_by_the_pair },
    { "GCP is matched by service and last component",
	gcp_is_matched_by_service_and_last_component },
    { "an absent service is told from the package",
	an_absent_service_is_told_from_the_package },
    { "APIs are turned on and off by pattern",
	apis_are_turned_on_and_off_by_pattern },
    { "what is related is never on", what_is_related_is_never_on })
