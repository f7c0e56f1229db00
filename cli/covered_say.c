/*
 * covered_say.c - what is missing in words, and how to switch it on.
 *
 * Knows the commands of both clouds and of Terraform.  A name of others stands
 * in a command only where no shell looks at any of its characters.
 */
#include "config.h"

#include "cli/covered.h"

#include "detect/names.h"
#include "lib/jsonw.h"

#include <inttypes.h>

#define PROJECT "projects/"

static void
say_named(const struct advice *a, struct buf *out)
{
	if (a->n)
		buf_addf(out, ": named by %" PRIu64 " requests", a->n);
	else
		buf_adds(out, ": approved by the policy");
}

void
covered_say(const struct advice *a, struct buf *out)
{
	jsonw_escape(out, a->account);
	switch (a->what) {
	case MISSING_ACCOUNT:
		say_named(a, out);
		buf_adds(out, ", and none of its own logs come");
		break;
	case MISSING_PROJECT:
		say_named(a, out);
		buf_adds(out,
		    ", and no token request of its own comes: its Data Access "
		    "logs are evidently off");
		break;
	case MISSING_GLOBAL:
		buf_adds(out,
		    ": nothing of us-east-1 and no global event comes: the "
		    "trail may be of one region, without global services");
		break;
	case MISSING_ASSUME:
		buf_adds(out,
		    ": token requests come, and never an sts:AssumeRole: "
		    "read-only events may be filtered out on the way");
		break;
	case MISSING_NOW:
		buf_addf(out,
		    ": silent for %" PRIu64 " days, while others "
		    "go on",
		    a->n);
		break;
	}
}

static void
aws_organization(struct buf *out)
{
	buf_adds(out,
	    "    aws cloudtrail create-trail --name stsentry --s3-bucket-name "
	    "BUCKET \\\n"
	    "        --is-multi-region-trail --is-organization-trail "
	    "--include-global-service-events\n"
	    "    aws cloudtrail start-logging --name stsentry\n"
	    "    # Terraform\n"
	    "    resource \"aws_cloudtrail\" \"stsentry\" {\n"
	    "      name                          = \"stsentry\"\n"
	    "      s3_bucket_name                = \"BUCKET\"\n"
	    "      is_multi_region_trail         = true\n"
	    "      is_organization_trail         = true\n"
	    "      include_global_service_events = true\n"
	    "    }\n");
}

static void
aws_trail(struct buf *out)
{
	buf_adds(out,
	    "    aws cloudtrail update-trail --name TRAIL "
	    "--is-multi-region-trail --include-global-service-events\n"
	    "    # Terraform, in the aws_cloudtrail\n"
	    "      is_multi_region_trail         = true\n"
	    "      include_global_service_events = true\n");
}

static void
aws_read_only(struct buf *out)
{
	buf_adds(out,
	    "    aws cloudtrail put-event-selectors --trail-name TRAIL "
	    "--event-selectors \\\n"
	    "        '[{\"ReadWriteType\": \"All\", "
	    "\"IncludeManagementEvents\": true}]'\n"
	    "    aws events put-rule --name RULE --state "
	    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS \\\n"
	    "        --event-pattern \"$PATTERN\"\n"
	    "    # Terraform, in the aws_cloudtrail and the "
	    "aws_cloudwatch_event_rule\n"
	    "      event_selector {\n"
	    "        read_write_type           = \"All\"\n"
	    "        include_management_events = true\n"
	    "      }\n"
	    "      state = "
	    "\"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS\"\n");
}

static void
gcp_service(const char *service, const char *name, struct slice project,
    struct buf *out)
{
	buf_addf(out,
	    "    resource \"google_project_iam_audit_config\" \"%s\" {\n"
	    "      project = \"%.*s\"\n"
	    "      service = \"%s\"\n"
	    "      audit_log_config { log_type = \"ADMIN_READ\" }\n"
	    "      audit_log_config { log_type = \"DATA_READ\" }\n"
	    "    }\n",
	    name, SLICE_ARG(project), service);
}

/* Both types: which of them holds minting is told in two ways by Google. */
static void
gcp_data_access(struct slice account, struct buf *out)
{
	struct slice project = slice_of(
	    account.p + sizeof(PROJECT) - 1, account.n - (sizeof(PROJECT) - 1));

	if (!names_is_harmless(project))
		project = SLICE_LIT("PROJECT");
	buf_addf(out,
	    "    gcloud projects get-iam-policy %.*s --format=json >iam.json\n"
	    "    jq '.auditConfigs += [\"iam.googleapis.com\", "
	    "\"sts.googleapis.com\" | {service: .,\n"
	    "        auditLogConfigs: [{logType: \"ADMIN_READ\"}, {logType: "
	    "\"DATA_READ\"}]}]' iam.json >iam.new.json\n"
	    "    gcloud projects set-iam-policy %.*s iam.new.json\n"
	    "    # Terraform\n",
	    SLICE_ARG(project), SLICE_ARG(project));
	gcp_service("iam.googleapis.com", "stsentry_iam", project, out);
	gcp_service("sts.googleapis.com", "stsentry_sts", project, out);
}

void
covered_commands(const struct advice *a, struct buf *out)
{
	switch (a->what) {
	case MISSING_ACCOUNT:
		aws_organization(out);
		break;
	case MISSING_PROJECT:
		gcp_data_access(a->account, out);
		break;
	case MISSING_GLOBAL:
		aws_trail(out);
		break;
	case MISSING_ASSUME:
		aws_read_only(out);
		break;
	case MISSING_NOW:
		buf_adds(out,
		    "    aws cloudtrail get-trail-status --name TRAIL"
		    "      # or the log sink, in Google Cloud\n");
		break;
	}
}
