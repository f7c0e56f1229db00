/*
 * test_format.c - what each format writes of a finding that is well known.
 */
#include "outputs/format/format.h"
#include "lib/json.h"
#include "tests/unit/sample.h"
#include "tests/unit/strict.h"
#include "tests/unit/unit.h"

static const struct format_options plain = { .width = 80 };

/* The text of one finding in one format, in a buffer that lives until the
 * next call. */
static struct slice
write_in(
    const char *name, const struct finding *f, const struct format_options *o)
{
	static struct buf out = BUF_INIT;
	const struct format *format = format_find(slice_str(name));

	buf_release(&out);
	if (format)
		format->finding(f, o, &out);
	return out.failed ? SLICE_NULL : buf_slice(&out);
}

static bool
has(struct slice text, const char *part)
{
	if (slice_find(text, part))
		return true;
	printf("\n    \"%s\" is not in:\n%.*s", part, SLICE_ARG(text));
	return false;
}

static void
formats_are_found_by_name(void)
{
	static const char *const names[] = { "text", "json", "ocsf", "ecs",
		"cef", "leef", "csv", "rfc5424", "rfc3164" };
	size_t n = 0;

	for (; format_table[n]; n++) {
		CHECK(format_table[n]->finding != NULL);
		CHECK(format_table[n]->help && format_table[n]->mime);
	}
	CHECK_INT(n, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < n; i++)
		CHECK(format_find(slice_str(names[i])) != NULL);
	CHECK(format_find(SLICE_LIT("JSON")) == NULL);
	CHECK(format_find(SLICE_NULL) == NULL);
}

static void
syslog_lines_have_their_header(void)
{
	const struct format_options o = {
		.host = "sentry.example", .tag = "sts sentry", .facility = 16
	};
	const struct format *f = format_find(SLICE_LIT("rfc5424"));
	struct buf out = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	CHECK(strict_5424(write_in("rfc5424", &s.f, &o)) > 10);
	CHECK(slice_starts(write_in("rfc5424", &s.f, &o),
	    "<131>1 2026-03-01T02:47:09.000000Z sentry.example sts_sentry - "
	    "finding [stsentry@32473 id=\"f-"));
	CHECK(slice_starts(write_in("rfc3164", &s.f, &o),
	    "<131>Mar  1 02:47:09 sentry.example sts_sentry: "));
	CHECK(slice_starts(write_in("rfc5424", &s.f, &plain), "<83>1 "));
	f->decision(&s.f.request, &s.f.verdict, NULL, &o, &out);
	CHECK(strict_5424(buf_slice(&out)) > 10);
	buf_release(&out);
}

static void
a_decision_line_has_its_members_in_their_order(void)
{
	struct buf out = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	s.f.verdict.n_reasons = 1;
	decision_write(&s.f.request, &s.f.verdict, s.f.id, &out);
	CHECK_TEXT(buf_slice(&out),
	    "{\"event_id\":\"4e1c7a52-0000-4000-8000-00000000a11c\","
	    "\"provider\":\"aws\",\"time\":\"2026-03-01T02:47:09Z\","
	    "\"action\":\"sts:AssumeRole\",\"kind\":\"role\","
	    "\"principal\":\"arn:aws:iam::111122223333:user/maria\","
	    "\"principal_type\":\"user\",\"account\":\"111122223333\","
	    "\"target\":\"arn:aws:iam::444455556666:role/ops/deploy\","
	    "\"target_account\":\"444455556666\","
	    "\"session\":\"maria-laptop\",\"caller_session\":null,"
	    "\"credential\":\"ASIAEXAMPLEEXAMPLE01\","
	    "\"expires\":\"2026-03-01T03:47:09Z\","
	    "\"cloud_region\":\"us-east-1\",\"outcome\":\"success\","
	    "\"error\":null,\"source\":{\"kind\":\"ip\","
	    "\"ip\":\"203.0.113.77\",\"name\":null,\"country\":\"RU\","
	    "\"city\":\"Kazan\",\"asn\":64500,\"org\":\"Example Transit\"},"
	    "\"user_agent\":\"aws-cli/2.15.0 Python/3.11\","
	    "\"verdict\":\"unexpected\",\"score\":87.5,\"finding\":true,"
	    "\"group\":\"f-00112233445566778899aabbccddeeff\","
	    "\"reasons\":[{\"code\":\"country_not_approved\","
	    "\"observed\":\"RU\",\"expected\":[\"DE\",\"US\"],"
	    "\"weight\":40.0}]}\n");
	buf_release(&out);
}

static void
what_a_decision_does_not_know_is_null(void)
{
	struct buf out = BUF_INIT;
	struct sample s;

	sample_bare(&s);
	s.f.verdict.word = VERDICT_LEARNING;
	decision_write(&s.f.request, &s.f.verdict, NULL, &out);
	CHECK_TEXT(buf_slice(&out),
	    "{\"event_id\":null,\"provider\":\"aws\",\"time\":null,"
	    "\"action\":null,\"kind\":\"role\",\"principal\":null,"
	    "\"principal_type\":\"user\",\"account\":null,\"target\":null,"
	    "\"target_account\":null,\"session\":null,"
	    "\"caller_session\":null,\"credential\":null,\"expires\":null,"
	    "\"cloud_region\":null,\"outcome\":\"success\",\"error\":null,"
	    "\"source\":{\"kind\":\"unknown\",\"ip\":null,\"name\":null,"
	    "\"country\":null,\"city\":null,\"asn\":null,\"org\":null},"
	    "\"user_agent\":null,\"verdict\":\"learning\",\"score\":0.0,"
	    "\"finding\":false,\"group\":null,\"reasons\":[]}\n");
	buf_release(&out);
}

static void
a_json_finding_has_every_member_whatever_is_known(void)
{
	static const char *const names[] = { "id", "revision", "time",
		"first_seen", "last_seen", "count", "severity", "score",
		"title", "reasons", "request", "event_ids", "lineage", "attack",
		"next_steps", "policy", "stsentry" };
	struct json_reader r;
	const struct json *v;
	struct sample s;

	sample_bare(&s);
	json_reader_init(&r);
	v = json_parse(&r, write_in("json", &s.f, &plain), NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(json_get(v, names[i]) != NULL);
	CHECK_INT(json_count(v), sizeof(names) / sizeof(names[0]));
	CHECK_TEXT(json_text(json_path(v, "attack.technique")), "T1550.001");
	CHECK_TEXT(
	    json_text(json_path(v, "attack.detection_strategy")), "DET0185");
	CHECK_TEXT(json_text(json_path(v, "attack.analytic")), "AN0526");
	json_reader_release(&r);
}

static void
a_json_finding_carries_the_record_only_when_asked(void)
{
	static const struct {
		const char *raw, *want;
	} cases[] = {
		{ "{\"a\" : [ 1.50, true ],\n \"b\":\"x y\"}",
		    ",\"raw\":{\"a\":[1.50,true],\"b\":\"x y\"}," },
		{ "{\"a\":\"\x1b[31m\"}", ",\"raw\":{\"a\":\"\\u001b[31m\"}," },
		{ "{\"a\":\"\\ud83d\\ude00 \\ud83d \\\\ud83d \\/\"}",
		    ",\"raw\":{\"a\":\"\\ud83d\\ude00 \\ufffd \\\\ud83d \\/\"}," },
		{ "{\"big\":12345678901234567890123}",
		    ",\"raw\":{\"big\":12345678901234567890123}," },
		{ "{cut off", ",\"raw\":\"{cut off\"," },
		{ "", ",\"raw\":\"\"," },
	};
	struct format_options o = { .raw = true };
	struct sample s;

	sample_aws(&s);
	CHECK(!slice_find(write_in("json", &s.f, &plain), "\"raw\""));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s.f.request.raw = slice_str(cases[i].raw);
		CHECK(has(write_in("json", &s.f, &o), cases[i].want));
	}
	s.f.request.raw = SLICE_NULL;
	CHECK(!slice_find(write_in("json", &s.f, &o), "\"raw\""));
}

static void
a_record_too_deep_to_be_read_again_is_carried_as_a_string(void)
{
	struct format_options o = { .raw = true };
	struct buf raw = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	for (int i = 0; i < 1010; i++)
		buf_addc(&raw, '[');
	for (int i = 0; i < 1010; i++)
		buf_addc(&raw, ']');
	s.f.request.raw = buf_slice(&raw);
	CHECK(has(write_in("json", &s.f, &o), "\"raw\":\"[[[["));
	buf_release(&raw);
}

static void
text_says_who_what_where_when_why_and_what_now(void)
{
	static const char *const parts[] = {
		"HIGH  maria assumed role deploy from Russia, a country that",
		"\n\n  who      arn:aws:iam::111122223333:user/maria\n",
		"\n           user, account 111122223333\n",
		"\n  what     sts:AssumeRole (role), success, in us-east-1\n",
		"\n  target   arn:aws:iam::444455556666:role/ops/deploy, account ",
		"\n  issued   ASIAEXAMPLEEXAMPLE01 for session maria-laptop",
		"\n  from     203.0.113.77, Kazan, RU, AS64500 Example Transit, a VPN\n",
		"\n           with aws-cli/2.15.0 Python/3.11\n",
		"\n  when     17 times, first 2026-03-01 02:11:40 UTC, last",
		"\n  why      - The source address lies in a country that is not on",
		"\n             saw RU, expected DE, US (rule humans)\n",
		"\n  chain    1. arn:aws:iam::111122223333:user/maria, 2026-03-01",
		"\n  policy   rule humans of policy.yaml, sha256:0123456789ab\n",
		"\n  do now   1. Ask maria",
		"\n           2. Revoke",
		"\n  finding  f-00112233445566778899aabbccddeeff, score 87.5, T1550.001\n",
	};
	struct sample s;
	struct slice text;

	sample_aws(&s);
	text = write_in("text", &s.f, &plain);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		CHECK(has(text, parts[i]));
	CHECK(strict_text(text));
	CHECK(slice_ends(text, "\n\n"));
}

static void
text_does_not_say_that_what_was_denied_was_issued(void)
{
	struct sample s;
	struct slice text;

	sample_aws(&s);
	s.f.request.outcome = OUTCOME_DENIED;
	s.f.request.credential = SLICE_NULL;
	text = write_in("text", &s.f, &plain);
	CHECK(has(text, "\n  session  maria-laptop\n"));
	CHECK(!has(text, "\n  issued "));
}

static size_t
longest_line(struct slice text)
{
	size_t longest = 0, n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			n = 0;
		else if (((unsigned char)text.p[i] & 0xc0) != 0x80)
			n++;
		if (n > longest)
			longest = n;
	}
	return longest;
}

static void
text_lines_are_no_longer_than_asked(void)
{
	static const unsigned widths[] = { 40, 60, 80, 0, 200 };
	struct format_options o = { 0 };
	struct sample s;
	size_t width;

	sample_aws(&s);
	/* Words longer than a line, also of more than one byte a letter. */
	s.f.title = SLICE_LIT("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
			      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f");
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		o.width = widths[i];
		width = o.width ? o.width : 100;
		CHECK(longest_line(write_in("text", &s.f, &o)) <= width);
		CHECK(strict_text(write_in("text", &s.f, &o)));
	}
}

/* A piece of a command, pasted, could do something else. */
static void
text_keeps_a_command_to_copy_in_one_piece(void)
{
	static const char want[] =
	    "\n           3. End the role's sessions:\n"
	    "              aws iam put-role-policy --role-name deploy "
	    "--policy-document '{\"Statement\":[{\"Effect\":\"Deny\","
	    "\"Action\":\"*\",\"Resource\":\"*\"}]}'\n";
	struct format_options o = { .width = 40 };
	struct sample s;

	sample_aws(&s);
	s.f.next_steps[s.f.n_next_steps++] = SLICE_LIT(
	    "End the role's sessions: aws iam put-role-policy "
	    "--role-name deploy --policy-document "
	    "'{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\","
	    "\"Resource\":\"*\"}]}'");
	CHECK(has(write_in("text", &s.f, &o), want));
}

static void
text_has_colours_only_when_asked(void)
{
	struct format_options o = { .color = true };
	struct sample s;

	sample_aws(&s);
	CHECK(!slice_find(write_in("text", &s.f, &plain), "\033"));
	CHECK(slice_starts(
	    write_in("text", &s.f, &o), "\033[1;31mHIGH\033[0m  \033[1mmaria"));
}

static void
text_without_evidence_says_so(void)
{
	struct sample s;
	struct slice text;

	sample_bare(&s);
	text = write_in("text", &s.f, &plain);
	CHECK(has(text, "INFORMATIONAL  no title\n"));
	CHECK(has(text, "  who      the record names nobody\n"));
	CHECK(has(text, "  from     an unknown place\n"));
	CHECK(has(text, "  when     an unknown time\n"));
	CHECK(!slice_find(text, "target"));
}

static void
a_huge_user_agent_does_not_fill_the_screen(void)
{
	struct buf agent = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	for (int i = 0; i < 300 * 1024; i++)
		buf_addc(&agent, 'x');
	s.f.request.user_agent = buf_slice(&agent);
	CHECK(write_in("text", &s.f, &plain).n < 4096);
	CHECK(write_in("cef", &s.f, &plain).n < 4096);
	CHECK(write_in("leef", &s.f, &plain).n < 4096);
	CHECK(write_in("json", &s.f, &plain).n > agent.n);
	buf_release(&agent);
}

static void
ocsf_calls_only_an_address_an_ip(void)
{
	static const struct {
		enum source_kind kind;
		const char *ip, *name, *want;
	} cases[] = {
		{ SOURCE_IP, "203.0.113.9", NULL,
		    "\"src_endpoint\":{\"ip\":\"203.0.113.9\"}" },
		{ SOURCE_PRIVATE, "10.0.0.1", NULL,
		    "\"src_endpoint\":{\"ip\":\"10.0.0.1\"}" },
		{ SOURCE_IP, "2001:DB8:0:0::1", NULL,
		    "\"src_endpoint\":{\"ip\":\"2001:db8::1\"}" },
		{ SOURCE_CLOUD_SERVICE, NULL, "ec2.amazonaws.com",
		    "\"src_endpoint\":{\"svc_name\":\"ec2.amazonaws.com\"}" },
		{ SOURCE_CLOUD_INTERNAL, NULL, "AWS Internal",
		    "\"src_endpoint\":{\"name\":\"AWS Internal\"}" },
		{ SOURCE_IP, "203.0.113.9 or not", NULL,
		    "\"src_endpoint\":{\"name\":\"203.0.113.9 or not\"}" },
	};
	struct sample s;

	sample_aws(&s);
	memset(&s.f.request.source, 0, sizeof(s.f.request.source));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s.f.request.source.kind = cases[i].kind;
		s.f.request.source.ip = slice_str(cases[i].ip);
		s.f.request.source.name = slice_str(cases[i].name);
		CHECK(has(write_in("ocsf", &s.f, &plain), cases[i].want));
	}
}

static void
ocsf_says_create_once_and_update_afterwards(void)
{
	struct sample s;
	struct slice text;

	sample_aws(&s);
	text = write_in("ocsf", &s.f, &plain);
	CHECK(has(text, "\"activity_id\":1,"));
	CHECK(has(text, "\"type_uid\":200401,"));
	CHECK(has(text, "\"is_alert\":true"));
	s.f.revision = 2;
	text = write_in("ocsf", &s.f, &plain);
	CHECK(has(text, "\"activity_id\":2,"));
	CHECK(has(text, "\"type_uid\":200402,"));
	CHECK(has(text, "\"is_alert\":false"));
	CHECK(has(text, "\"uid\":\"f-00112233445566778899aabbccddeeff.2\""));
}

static void
ocsf_puts_baseline_reasons_among_the_anomalies(void)
{
	struct sample s;
	struct slice text;

	sample_aws(&s);
	text = write_in("ocsf", &s.f, &plain);
	CHECK(has(text,
	    "\"observed_pattern\":\"usual\",\"observations\":["
	    "{\"value\":\"64496\"}]"));
	CHECK(has(text,
	    "\"observed_pattern\":\"new_asn\",\"observations\":["
	    "{\"value\":\"64500\"}]"));
	s.f.n_reasons = 1; /* a breach of policy is no anomaly */
	CHECK(!slice_find(write_in("ocsf", &s.f, &plain), "anomaly_analyses"));
}

static void
ecs_is_an_alert_and_never_a_signal(void)
{
	struct sample s;
	struct slice text;

	sample_gcp(&s);
	text = write_in("ecs", &s.f, &plain);
	CHECK(has(text, "\"kind\":\"alert\""));
	CHECK(has(text, "\"@timestamp\":\"2026-03-01T09:00:00.123456789Z\""));
	CHECK(has(text, "\"outcome\":\"failure\""));
	CHECK(has(text, "\"project\":{\"id\":\"acme-prod\"}"));
	CHECK(has(text, "\"source\":{\"address\":\"gce-internal-ip\"}"));
}

static void
cef_is_one_line_with_labelled_custom_fields(void)
{
	struct sample s;

	sample_gcp(&s);
	CHECK_TEXT(write_in("cef", &s.f, &plain),
	    "CEF:0|stsentry|stsentry|0.1.0|new_target|new target|3|"
	    "rt=1772355600123 start=1772355600123 end=1772355600123 cnt=1 "
	    "externalId=f-ffeeddccbbaa99887766554433221100 cat=baseline "
	    "act=iamcredentials:GenerateAccessToken outcome=denied "
	    "reason=PERMISSION_DENIED "
	    "suser=build@acme-prod.iam.gserviceaccount.com "
	    "suid=serviceAccount:build@acme-prod.iam.gserviceaccount.com "
	    "spriv=service-account "
	    "duser=admin@acme-prod.iam.gserviceaccount.com "
	    "duid=serviceAccount:admin@acme-prod.iam.gserviceaccount.com "
	    "sourceServiceName=gce-internal-ip cs1=projects/acme-prod "
	    "cs1Label=cloudAccount cs2=global cs2Label=cloudRegion "
	    "cs3=T1550.001 cs3Label=mitreTechnique cs6=1kq2b7example "
	    "cs6Label=eventId cfp1=12.0 cfp1Label=score "
	    "msg=build asked for a token of admin for the first time\n");
}

static void
cef_puts_ipv6_where_cef_wants_it(void)
{
	struct sample s;
	struct slice text;

	sample_aws(&s);
	s.f.request.source.ip = SLICE_LIT("2001:db8::7");
	text = write_in("cef", &s.f, &plain);
	CHECK(has(text, " c6a2=2001:db8::7 c6a2Label=Source IPv6 Address "));
	CHECK(!slice_find(text, " src="));
}

static void
leef_names_its_delimiter_and_keeps_category_and_id_constant(void)
{
	struct sample s;
	struct slice text;

	sample_aws(&s);
	text = write_in("leef", &s.f, &plain);
	CHECK(slice_starts(text,
	    "LEEF:2.0|stsentry|stsentry|0.1.0|country_not_approved|^|"
	    "cat=policy^devTime=2026-03-01 02:47:09.000 UTC^"
	    "devTimeFormat=yyyy-MM-dd HH:mm:ss.SSS zzz^sev=8^"));
	CHECK(has(text, "^src=203.0.113.77^"));
	CHECK(has(text, "^usrName=maria^"));
	CHECK(strict_leef(text) > 20);
}

static void
csv_has_as_many_cells_as_its_header(void)
{
	const struct format *csv = format_find(SLICE_LIT("csv"));
	void (*const samples[])(
	    struct sample *) = { sample_aws, sample_gcp, sample_bare };
	struct buf head = BUF_INIT, cell = BUF_INIT;
	struct sample s;
	int columns;

	csv->head(&plain, &head);
	CHECK(strict_line(buf_slice(&head)));
	columns = strict_csv(buf_slice(&head), 8, &cell);
	CHECK_TEXT(buf_slice(&cell), "title");
	for (size_t i = 0; i < 3; i++) {
		samples[i](&s);
		CHECK_INT(strict_csv(write_in("csv", &s.f, &plain), -1, NULL),
		    columns);
	}
	sample_aws(&s);
	buf_reset(&cell);
	strict_csv(write_in("csv", &s.f, &plain), 8, &cell);
	CHECK_TEXT(buf_slice(&cell),
	    "maria assumed role deploy from Russia, a country that is not "
	    "approved");
	buf_release(&head);
	buf_release(&cell);
}

static void
every_format_tells_of_the_use_of_a_credential(void)
{
	struct sample s;

	sample_aws(&s);
	s.f.request.kind = KIND_USE;
	for (size_t i = 0; format_table[i]; i++)
		CHECK(write_in(format_table[i]->name, &s.f, &plain).n > 0);
}

UNIT_MAIN("format",
    { "every format tells of the use of a credential",
	every_format_tells_of_the_use_of_a_credential },
    { "syslog lines have their header", syslog_lines_have_their_header },
    { "formats are found by name", formats_are_found_by_name },
    { "a decision line has its members in their order",
	a_decision_line_has_its_members_in_their_order },
    { "what a decision does not know is null",
	what_a_decision_does_not_know_is_null },
    { "a JSON finding has every member whatever is known",
	a_json_finding_has_every_member_whatever_is_known },
    { "a JSON finding carries the record only when asked",
	a_json_finding_carries_the_record_only_when_asked },
    { "a record too deep to be read again is carried as a string",
	a_record_too_deep_to_be_read_again_is_carried_as_a_string },
    { "text says who, what, where, when, why and what now",
	text_says_who_what_where_when_why_and_what_now },
    { "text does not say that what was denied was issued",
	text_does_not_say_that_what_was_denied_was_issued },
    { "text lines are no longer than asked",
	text_lines_are_no_longer_than_asked },
    { "text keeps a command to copy in one piece",
	text_keeps_a_command_to_copy_in_one_piece },
    { "text has colours only when asked", text_has_colours_only_when_asked },
    { "text without evidence says so", text_without_evidence_says_so },
    { "a huge user agent does not fill the screen",
	a_huge_user_agent_does_not_fill_the_screen },
    { "OCSF calls only an address an ip", ocsf_calls_only_an_address_an_ip },
    { "OCSF says create once and update afterwards",
	ocsf_says_create_once_and_update_afterwards },
    { "OCSF puts baseline reasons among the anomalies",
	ocsf_puts_baseline_reasons_among_the_anomalies },
    { "ECS is an alert and never a signal",
	ecs_is_an_alert_and_never_a_signal },
    { "CEF is one line with labelled custom fields",
	cef_is_one_line_with_labelled_custom_fields },
    { "CEF puts IPv6 where CEF wants it", cef_puts_ipv6_where_cef_wants_it },
    { "LEEF names its delimiter and keeps category and id constant",
	leef_names_its_delimiter_and_keeps_category_and_id_constant },
    { "CSV has as many cells as its header",
	csv_has_as_many_cells_as_its_header })
