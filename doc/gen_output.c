/*
 * gen_output.c - the manual's page of what is written: decisions, findings,
 * formats, presets.
 *
 * The members are those that the writers write: each must have its words here,
 * and each word its member, or the page is not made.
 */
#include "doc/gen_manuals.h"

#include "lib/json.h"
#include "outputs/format/format.h"
#include "outputs/format/template.h"
#include "outputs/preset.h"

struct member {
	const char *name, *help;
};

static const struct member decision_members[] = {
	{ "event_id",
	    "CloudTrail eventID, Google insertId, else sha256: of the "
	    "record" },
	{ "provider", "aws or gcp" },
	{ "time", "when it happened, RFC 3339 in UTC" },
	{ "action", "the API, as sts:AssumeRole" },
	{ "kind", "what is minted: role, session, access-token and others" },
	{ "principal", "who asked, without its session" },
	{ "principal_type", "user, role, saml, service-account and others" },
	{ "account", "the account or project of the caller" },
	{ "target", "what the credential is for" },
	{ "target_account", "whose that is" },
	{ "session", "the name of the session that was asked for" },
	{ "caller_session", "the name of the caller's own session" },
	{ "credential", "the id of what was minted" },
	{ "expires", "until when it is good" },
	{ "cloud_region", "where the API was called" },
	{ "outcome", "success, denied or failed" },
	{ "error", "the provider's code" },
	{ "source", "from where; see below" },
	{ "user_agent", "the caller's program, as it says" },
	{ "verdict", "expected, unexpected, learning or suppressed" },
	{ "score", "0 to 100: the higher, the less it looks like normal" },
	{ "finding", "whether people are told" },
	{ "group", "the finding that it was folded into" },
	{ "reasons", "why: code, observed, expected and weight of each" },
};

static const struct member source_members[] = {
	{ "kind", "ip, private, cloud-service, cloud-internal or unknown" },
	{ "ip", "the address" },
	{ "name", "what the record says where that is no address" },
	{ "country", "two letters, of the address" },
	{ "city", "of the address" },
	{ "asn", "the number of the network's operator" },
	{ "org", "its name" },
};

static const struct member finding_members[] = {
	{ "id", "made from the evidence: the same evidence, the same id" },
	{ "revision", "1, and one more each time it is told again" },
	{ "time", "of the strongest event" },
	{ "first_seen", "the first event" },
	{ "last_seen", "the last event" },
	{ "count", "events" },
	{ "severity", "informational, low, medium, high or critical" },
	{ "score", "0 to 100" },
	{ "title", "one sentence: who did what, and why that is not normal" },
	{ "reasons", "of all its events" },
	{ "request", "the decision line of the strongest event" },
	{ "event_ids", "of the first 20 events" },
	{ "lineage", "the hops that led to the credential, the root first" },
	{ "attack",
	    "technique, detection_strategy and analytic of MITRE ATT&CK" },
	{ "next_steps", "what to look at, and how to revoke" },
	{ "raw", "the record itself; only where it is asked for" },
	{ "acknowledged", "time, by and taught; only where somebody has" },
	{ "policy", "file, rule and hash" },
	{ "stsentry", "the version that wrote it" },
};

#define N(v) (sizeof(v) / sizeof((v)[0]))

static int
put_members(
    FILE *f, const struct json *v, const struct member *members, size_t n)
{
	struct json_iter at = { 0 };
	struct slice name;
	size_t i = 0;

	mdoc_list(f);
	while (json_next(v, &at, &name)) {
		if (i == n || !slice_is(name, members[i].name)) {
			fprintf(stderr,
			    "the member \"%.*s\" has no words, or "
			    "not in its place\n",
			    SLICE_ARG(name));
			return -1;
		}
		mdoc_item(f, name);
		mdoc_text(f, slice_str(members[i++].help));
	}
	mdoc_list_end(f);
	if (i == n)
		return 0;
	fprintf(stderr, "there is no member \"%s\"\n", members[i].name);
	return -1;
}

static int
put_decision(FILE *f, const struct json *v)
{
	int err;

	mdoc_section(f, "DECISIONS");
	mdoc_text(f,
	    SLICE_LIT("One line of JSON for every token request.  Every "
		      "member is always there; what is not known is null."));
	err = put_members(f, v, decision_members, N(decision_members));
	if (err < 0)
		return err;
	fputs(".Ss source\n", f);
	return put_members(
	    f, json_get(v, "source"), source_members, N(source_members));
}

static void
put_formats(FILE *f)
{
	mdoc_section(f, "FORMATS");
	mdoc_list(f);
	for (size_t i = 0; format_table[i]; i++) {
		mdoc_item(f, slice_str(format_table[i]->name));
		mdoc_text(f, slice_str(format_table[i]->help));
	}
	mdoc_list_end(f);
}

static int
put_presets(FILE *f)
{
	mdoc_section(f, "PRESETS");
	mdoc_text(f,
	    SLICE_LIT("What a webhook output makes of a finding, a YAML file "
		      "each.  These are shipped:"));
	mdoc_list(f);
	for (const char *const *name = preset_names(); *name; name++) {
		struct preset *p;
		struct err e = { 0 };

		if (preset_load(*name, &p, &e) < 0) {
			fprintf(stderr, "%s: %s\n", *name, e.text);
			return -1;
		}
		mdoc_item(f, slice_str(*name));
		mdoc_text(f, slice_str(p->about));
		preset_free(p);
	}
	mdoc_list_end(f);
	return 0;
}

static int
put_preset_keys(FILE *f)
{
	struct buf options = BUF_INIT, filters = BUF_INIT;
	int err;

	mdoc_section(f, "KEYS OF A PRESET");
	preset_options(&options);
	err = page_table(f, &options);
	if (err < 0)
		return err;
	mdoc_section(f, "FILTERS OF A TEMPLATE");
	mdoc_text(f,
	    SLICE_LIT("A hole {{path|filter|filter:argument}} in a preset is "
		      "filled with a value of the finding, changed from left "
		      "to right.  Whatever the filters, it is then escaped for "
		      "the place where it stands."));
	template_filters(&filters);
	return page_table(f, &filters);
}

static int
put_lines(FILE *f, struct buf *decision, struct buf *finding)
{
	struct json_reader r;
	int err;

	json_reader_init(&r);
	err = put_decision(f, json_parse(&r, buf_slice(decision), NULL));
	if (err == 0) {
		mdoc_section(f, "FINDINGS");
		mdoc_text(f,
		    SLICE_LIT("The native JSON of a finding; the other "
			      "formats are views of it."));
		err = put_members(f, json_parse(&r, buf_slice(finding), NULL),
		    finding_members, N(finding_members));
	}
	json_reader_release(&r);
	return err;
}

int
page_output(FILE *f)
{
	static const struct format_options whole = { .raw = true };
	static struct finding some = { .ack.at.valid = true,
		.request.raw = SLICE_LIT("{}") };
	struct buf decision = BUF_INIT, finding = BUF_INIT;
	int err;

	decision_write(&some.request, &some.verdict, NULL, &decision);
	format_find(SLICE_LIT("json"))->finding(&some, &whole, &finding);
	mdoc_begin(f, "stsentry-output", 7, "what stsentry writes");
	mdoc_section(f, "DESCRIPTION");
	mdoc_text(f,
	    SLICE_LIT("Decisions are what was thought of each request for a "
		      "temporary credential; findings are what people should "
		      "look at.  Members are never renamed; new ones may come "
		      "at the end."));
	err = put_lines(f, &decision, &finding);
	if (err == 0)
		put_formats(f);
	if (err == 0)
		err = put_presets(f);
	if (err == 0)
		err = put_preset_keys(f);
	mdoc_see_also(f, manual_pages, "stsentry-output 7");
	buf_release(&decision);
	buf_release(&finding);
	return err;
}
