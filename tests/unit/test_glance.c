/*
 * test_glance.c - a quick look never passes over what a full read would find.
 */
#include "events/glance.h"

#include "lib/buf.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define AWS "\"eventSource\":\"sts.amazonaws.com\",\"eventName\":\"AssumeRole\""

/* Single quotes stand for double ones. */
static struct slice
quoted(const char *text)
{
	static char copy[8192];
	size_t n = strlen(text);

	if (n >= sizeof(copy))
		abort();
	for (size_t i = 0; i <= n; i++)
		copy[i] = text[i] == '\'' ? '"' : text[i];
	return slice_of(copy, n);
}

static enum shape
shape_of(struct slice text, struct glance *g)
{
	static struct jscan s;

	memset(g, 0, sizeof(*g));
	if (jscan_value(text.p, text.p + text.n, &s) != JSCAN_DONE)
		abort();
	return glance_at(&s, g);
}

static void
a_record_is_told_by_its_first_level(void)
{
	static const struct {
		const char *text;
		enum shape want;
	} rows[] = {
		{ "{" AWS "}", SHAPE_AWS },
		{ "{'x':{" AWS "}}", SHAPE_NONE },
		{ "{'detail':{},'eventName':'X'}", SHAPE_NONE },
		{ "{'eventSource':'s','eventName':7}", SHAPE_NONE },
		{ "{'eventSource':null,'eventName':'X'}", SHAPE_NONE },
		{ "{'eventSource':'aws:sqs','eventName':'X'}", SHAPE_NONE },
		{ "{'protoPayload':{}}", SHAPE_GCP },
		{ "{'protopayload_auditlog':{'x':1}}", SHAPE_GCP },
		{ "{'proto_payload':{}}", SHAPE_GCP },
		{ "{'ProtoPayload':{}}", SHAPE_GCP },
		{ "{'protoPayload2':{}}", SHAPE_NONE },
		{ "{'protoPayload':'x'}", SHAPE_NONE },
		{ "{'protoPayload':[]}", SHAPE_NONE },
		{ "{}", SHAPE_NONE },
		{ "{" AWS ",'eventCategory':'Insight'}", SHAPE_NOTHING },
		{ "{" AWS ",'eventType':'AwsCloudTrailInsight'}",
		    SHAPE_NOTHING },
		{ "{" AWS ",'eventCategory':'NetworkActivity'}", SHAPE_AWS },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct glance g;

		CHECK_INT(shape_of(quoted(rows[i].text), &g), rows[i].want);
	}
}

static void
what_is_written_with_escapes_is_unclear(void)
{
	static const char *const rows[] = {
		"{'event\\u0053ource':'sts.amazonaws.com','eventName':'X'}",
		"{'eventSource':'sts\\u002eamazonaws.com','eventName':'X'}",
		"{'eventSource':'sts.amazonaws.com','eventName':'\\u0058'}",
		"{'x\\n':1,'protoPayload':{}}",
	};
	struct glance g;

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_INT(shape_of(quoted(rows[i]), &g), SHAPE_UNCLEAR);
	/* A backslash in a value that decides nothing is no matter. */
	CHECK_INT(shape_of(quoted("{" AWS ",'x':'\\u0041'}"), &g), SHAPE_AWS);
}

static void
too_many_members_are_unclear(void)
{
	struct buf b = BUF_INIT;
	struct glance g;

	buf_adds(&b, "{" AWS);
	for (int i = 0; i < JSCAN_MEMBERS; i++)
		buf_addf(&b, ",\"m%d\":%d", i, i);
	buf_addc(&b, '}');
	CHECK_INT(shape_of(buf_slice(&b), &g), SHAPE_UNCLEAR);
	buf_release(&b);
}

static void
the_members_of_a_record_are_given(void)
{
	struct glance g;
	struct slice text = quoted(
	    "{" AWS ",'eventTime':'2026-03-01T08:00:00Z',"
	    "'awsRegion':'eu-west-1','eventID':'e-1',"
	    "'sourceIPAddress':'192.0.2.1',"
	    "'recipientAccountId':'111122223333',"
	    "'userIdentity':{'type':'Root'}}");

	CHECK_INT(shape_of(text, &g), SHAPE_AWS);
	CHECK_TEXT(g.event_source, "sts.amazonaws.com");
	CHECK_TEXT(g.event_name, "AssumeRole");
	CHECK_TEXT(g.event_time, "2026-03-01T08:00:00Z");
	CHECK_TEXT(g.region, "eu-west-1");
	CHECK_TEXT(g.event_id, "e-1");
	CHECK_TEXT(g.source, "192.0.2.1");
	CHECK_TEXT(g.recipient, "111122223333");
	CHECK_TEXT(g.user_identity, "{\"type\":\"Root\"}");

	text = quoted("{'logName':'l','timestamp':'t','insertId':'i',"
		      "'protoPayload':{'a':1}}");
	CHECK_INT(shape_of(text, &g), SHAPE_GCP);
	CHECK_TEXT(g.log_name, "l");
	CHECK_TEXT(g.timestamp, "t");
	CHECK_TEXT(g.insert_id, "i");
	CHECK_TEXT(g.payload, "{\"a\":1}");

	text = quoted("{" AWS ",'eventTime':7,'awsRegion':null}");
	CHECK_INT(shape_of(text, &g), SHAPE_AWS);
	CHECK_TEXT(g.event_time, NULL);
	CHECK_TEXT(g.region, NULL);
	CHECK_TEXT(g.user_identity, NULL);
}

/* For the full read it does; a look at the first would pass it over. */
static void
of_a_name_that_repeats_the_last_counts(void)
{
	struct glance g;

	CHECK_INT(shape_of(quoted("{'eventName':'ListUsers'," AWS "}"), &g),
	    SHAPE_AWS);
	CHECK_TEXT(g.event_name, "AssumeRole");
	CHECK_INT(shape_of(quoted("{" AWS ",'eventName':1}"), &g), SHAPE_NONE);
}

static void
the_caller_of_a_record(void)
{
	static const struct {
		const char *text, *key, *arn, *account;
		bool unclear;
	} rows[] = {
		{ "{'accessKeyId':'ASIAX','arn':'a','accountId':'1'}", "ASIAX",
		    "a", "1", false },
		{ "{'type':'Root'}", NULL, NULL, NULL, false },
		{ "{'accessKeyId':'\\u0041SIAX'}", NULL, NULL, NULL, true },
		{ "{'access\\u004beyId':'ASIAX'}", NULL, NULL, NULL, true },
		{ "{'accessKeyId':null}", NULL, NULL, NULL, false },
		{ "{'accessKeyId':{'a':'ASIAX'}}", NULL, NULL, NULL, false },
		{ "'text'", NULL, NULL, NULL, false },
		{ "null", NULL, NULL, NULL, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct glance_caller c;

		glance_caller(quoted(rows[i].text), &c);
		CHECK_TEXT(c.access_key, rows[i].key);
		CHECK_TEXT(c.arn, rows[i].arn);
		CHECK_TEXT(c.account, rows[i].account);
		CHECK(c.unclear == rows[i].unclear);
	}
	glance_caller(SLICE_NULL, &(struct glance_caller){ .unclear = true });
}

static void
the_method_of_a_payload(void)
{
	static const struct {
		const char *text, *service, *method, *principal;
		bool delegated, unclear;
	} rows[] = {
		{ "{'serviceName':'s','methodName':'m'}", "s", "m", NULL, false,
		    false },
		{ "{'methodName':'m','authenticationInfo':"
		  "{'principalEmail':'a@b'}}",
		    NULL, "m", "a@b", false, false },
		{ "{'authenticationInfo':{'principalEmail':'a@b',"
		  "'serviceAccountDelegationInfo':[{'x':1}]}}",
		    NULL, NULL, "a@b", true, false },
		{ "{'authenticationInfo':{'serviceAccountDelegationInfo':[]}}",
		    NULL, NULL, NULL, false, false },
		{ "{'methodName':'\\u006d'}", NULL, NULL, NULL, false, true },
		{ "{'serviceName':'\\u006d','methodName':'m'}", NULL, "m", NULL,
		    false, true },
		{ "{'method\\u004eame':'m'}", NULL, NULL, NULL, false, true },
		{ "{'method_name':'m','serviceName':'s'}", "s", NULL, NULL,
		    false, true },
		{ "{'MethodName':'m'}", NULL, NULL, NULL, false, true },
		{ "{'method':'m'}", NULL, NULL, NULL, false, false },
		{ "{'methodName':7}", NULL, NULL, NULL, false, false },
		{ "{'authenticationInfo':{'\\u0061':1}}", NULL, NULL, NULL,
		    false, true },
		{ "{'authenticationInfo':7}", NULL, NULL, NULL, false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct glance_method m;

		glance_method(quoted(rows[i].text), &m);
		CHECK_TEXT(m.service, rows[i].service);
		CHECK_TEXT(m.method, rows[i].method);
		CHECK_TEXT(m.principal, rows[i].principal);
		CHECK(m.delegated == rows[i].delegated);
		CHECK(m.unclear == rows[i].unclear);
	}
}

UNIT_MAIN("glance",
    { "a record is told by its first level",
	a_record_is_told_by_its_first_level },
    { "what is written with escapes is unclear",
	what_is_written_with_escapes_is_unclear },
    { "too many members are unclear", too_many_members_are_unclear },
    { "the members of a record are given", the_members_of_a_record_are_given },
    { "of a name that repeats the last counts",
	of_a_name_that_repeats_the_last_counts },
    { "the caller of a record", the_caller_of_a_record },
    { "the method of a payload", the_method_of_a_payload })
