/*
 * test_use.c - what an ordinary record says of a credential at work, and which
 * of such records are news.
 */
#include "collector/recent.h"
#include "events/sift.h"
#include "tests/unit/unit.h"

#define WHO                                                                 \
	"\"type\":\"AssumedRole\",\"principalId\":\"AROA1:alice\",\"arn\":" \
	"\"arn:aws:sts::111122223333:assumed-role/deploy/alice\","          \
	"\"accountId\":\"111122223333\",\"accessKeyId\":\"ASIAEXAMPLE1\""
#define ISSUER                                                           \
	"\"sessionIssuer\":{\"type\":\"Role\",\"arn\":\"arn:aws:iam::"   \
	"111122223333:role/path/deploy\"},\"attributes\":{"              \
	"\"creationDate\":\"2026-03-01T07:00:00Z\",\"mfaAuthenticated\"" \
	":\"false\"}"
#define AWS(who)                                                             \
	"{\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\"," \
	"\"eventID\":\"e1\",\"eventTime\":\"2026-03-01T08:00:00Z\","         \
	"\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"192.0.2.7\","     \
	"\"userAgent\":\"aws-cli/2\",\"userIdentity\":{" who "}}"
#define GCP(list)                                                         \
	"{\"insertId\":\"i1\",\"timestamp\":\"2026-03-01T08:00:00Z\","    \
	"\"protoPayload\":{\"serviceName\":\"storage.googleapis.com\","   \
	"\"methodName\":\"storage.objects.get\",\"authenticationInfo\":{" \
	"\"principalEmail\":\"SA@p.iam.gserviceaccount.com\","            \
	"\"serviceAccountDelegationInfo\":[" list "]},"                   \
	"\"requestMetadata\":{\"callerIp\":\"192.0.2.7\","                \
	"\"callerSuppliedUserAgent\":\"gcloud/5\"}}}"

static struct buf said;

static void
on_request(void *arg, struct request *r)
{
	(void)arg;
	(void)r;
	CHECK(false);
}

static void
say(const char *name, struct slice s)
{
	if (s.p)
		buf_addf(&said, " %s=%.*s", name, SLICE_ARG(s));
}

static void
on_use(void *arg, const struct use *u, uint64_t offset, uint32_t index)
{
	struct use_room room;
	char began[WHEN_TEXT];
	struct request r;

	(void)arg;
	(void)offset;
	(void)index;
	use_read(u, &room, &r);
	CHECK(r.kind == KIND_USE && r.time.valid);
	CHECK(r.source.kind == SOURCE_IP);
	CHECK_TEXT(r.source.ip, "192.0.2.7");
	buf_addf(&said, "%s", principal_type_name(r.principal_type));
	say("who", r.principal);
	say("session", r.caller_session);
	say("id", r.caller_id);
	say("key", r.caller_credential);
	say("does", r.action);
	say("by", r.invoked_by);
	say("identity", r.source_identity);
	say("agent", r.user_agent);
	for (unsigned i = 0; i < r.n_delegation; i++)
		say("for", r.delegation[i]);
	if (r.session_began.valid)
		say("began", when_format(r.session_began, began));
	if (r.instance_session)
		buf_adds(&said, " instance");
}

struct use_case {
	const char *record, *want;
};

static const struct use_case rows[] = {
	{ AWS(WHO ",\"sessionContext\":{" ISSUER "}"),
	    "role who=arn:aws:iam::111122223333:role/path/deploy session=alice "
	    "id=AROA1 key=ASIAEXAMPLE1 does=s3:GetObject agent=aws-cli/2 "
	    "began=2026-03-01T07:00:00Z" },
	{ AWS(WHO),
	    "role who=arn:aws:sts::111122223333:assumed-role/deploy/"
	    "alice session=alice id=AROA1 key=ASIAEXAMPLE1 "
	    "does=s3:GetObject agent=aws-cli/2" },
	{ AWS(WHO ",\"sessionContext\":{\"ec2RoleDelivery\":\"2.0\","
		  "\"sourceIdentity\":\"alice@example.com\"}"),
	    "role who=arn:aws:sts::111122223333:assumed-role/deploy/alice "
	    "session=alice id=AROA1 key=ASIAEXAMPLE1 does=s3:GetObject "
	    "identity=alice@example.com agent=aws-cli/2 instance" },
	{ AWS(WHO ",\"inScopeOf\":{\"issuerType\":\"AWS::Lambda::Function\"}"
		  ",\"invokedBy\":\"athena.amazonaws.com\""),
	    "role who=arn:aws:sts::111122223333:assumed-role/deploy/alice "
	    "session=alice id=AROA1 key=ASIAEXAMPLE1 does=s3:GetObject "
	    "by=athena.amazonaws.com agent=aws-cli/2 instance" },
	{ AWS("\"type\":\"IAMUser\",\"principalId\":\"AIDA1\",\"arn\":\"arn:aws"
	      ":iam::111122223333:user/bob\",\"accessKeyId\":\"ASIAEXAMPLE2\""),
	    "user who=arn:aws:iam::111122223333:user/bob id=AIDA1 "
	    "key=ASIAEXAMPLE2 does=s3:GetObject agent=aws-cli/2" },
	{ GCP("{\"firstPartyPrincipal\":{\"principalEmail\":\"A@example.com\"}}"
	      ",{\"principalSubject\":\"principal://iam.googleapis.com/x\"}"),
	    "service-account who=serviceAccount:sa@p.iam.gserviceaccount.com "
	    "does=storage:storage.objects.get agent=gcloud/5 "
	    "for=user:a@example.com for=principal://iam.googleapis.com/x" },
	{ GCP("{}"),
	    "service-account who=serviceAccount:sa@p.iam.gserviceaccount.com "
	    "does=storage:storage.objects.get agent=gcloud/5" },
};

static void
a_use_says_who_and_with_what(void)
{
	static const struct sift_calls calls = { .request = on_request,
		.use = on_use };
	struct sift_options o = { 0 };
	struct sifter *s = sifter_new(&o, &calls, NULL);

	REQUIRE(s != NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&said);
		sifter_frame(s, slice_str(rows[i].record), NULL, 0);
		CHECK_TEXT(buf_slice(&said), rows[i].want);
	}
	sifter_free(s);
	buf_release(&said);
}

static void
agents_of_google_are_told_from_accounts(void)
{
	CHECK(use_is_google_agent(
	    SLICE_LIT("service-1@compute-system.iam.gserviceaccount.com")));
	CHECK(use_is_google_agent(SLICE_LIT(
	    "service-1@gcp-sa-cloudscheduler.iam.gserviceaccount.com")));
	CHECK(!use_is_google_agent(
	    SLICE_LIT("gcp-sa-x@acme.iam.gserviceaccount.com")));
	CHECK(!use_is_google_agent(SLICE_LIT("alice@example.com")));
	CHECK(!use_is_google_agent(SLICE_NULL));
}

static struct use
use_of(const char *credential, const char *source, int64_t sec)
{
	return (struct use){ .credential = slice_str(credential),
		.source = slice_str(source),
		.time = { sec, 0, true } };
}

static void
a_repeat_within_the_minute_is_no_news(void)
{
	struct recent *r = recent_new();
	struct use a = use_of("ASIA1", "192.0.2.1", 600),
		   later = use_of("ASIA1", "192.0.2.1", 659),
		   next = use_of("ASIA1", "192.0.2.1", 660),
		   elsewhere = use_of("ASIA1", "192.0.2.2", 600),
		   other = use_of("ASIA2", "192.0.2.1", 600), timeless = a;

	REQUIRE(r != NULL);
	timeless.time.valid = false;
	CHECK(!recent_has(r, &a));
	CHECK(recent_has(r, &a));
	CHECK(recent_has(r, &later));
	CHECK(!recent_has(r, &next));
	CHECK(!recent_has(r, &elsewhere));
	CHECK(!recent_has(r, &other));
	CHECK(recent_has(r, &a));
	CHECK(!recent_has(r, &timeless));
	CHECK(!recent_has(r, &timeless));
	recent_forget(r);
	CHECK(!recent_has(r, &a));
	recent_free(r);
}

UNIT_MAIN("use",
    { "a use says who and with what", a_use_says_who_and_with_what },
    { "agents of Google are told from accounts",
	agents_of_google_are_told_from_accounts },
    { "a repeat within the minute is no news",
	a_repeat_within_the_minute_is_no_news })
