/*
 * cef.c - a finding as a line of ArcSight's Common Event Format.
 *
 * Knows CEF's header, keys and escapes; the syslog header that often stands in
 * front is the output's.  Values are cut at CEF_VALUE_MAX, because receivers
 * cut or refuse longer ones.  Any thread.
 */
#include "outputs/format/escape.h"
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/view.h"

#include <stdio.h>

#define CEF_VALUE_MAX 1000

static const int severities[SEV_COUNT] = {
	[SEV_INFORMATIONAL] = 1,
	[SEV_LOW] = 3,
	[SEV_MEDIUM] = 6,
	[SEV_HIGH] = 8,
	[SEV_CRITICAL] = 10,
};

/* Absent and empty values are left out. */
static void
add(struct buf *out, const char *key, struct slice value)
{
	if (!value.n)
		return;
	buf_addc(out, ' ');
	buf_adds(out, key);
	buf_addc(out, '=');
	escape_cut(out, value, CEF_VALUE_MAX, &escape_cef_value);
}

static void
add_int(struct buf *out, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	add(out, key, slice_str(text));
}

static void
add_real(struct buf *out, const char *key, double value, int digits)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*f", digits, value);
	add(out, key, slice_str(text));
}

static void
add_when(struct buf *out, const char *key, struct when t)
{
	if (t.valid)
		add_int(out, key, view_ms(t));
}

/* A custom field and its label: "cs1" and "cs1Label". */
static void
add_custom(
    struct buf *out, const char *key, const char *label, struct slice value)
{
	char name[16];

	if (!value.n)
		return;
	add(out, key, value);
	snprintf(name, sizeof(name), "%sLabel", key);
	add(out, name, slice_str(label));
}

static void
add_header(struct buf *out, const struct finding *f)
{
	const char *code = view_lead_code(f);

	buf_adds(out, "CEF:0|stsentry|stsentry|");
	escape_cut(out, slice_str(view_version(f)), 31, &escape_cef_header);
	buf_addf(out, "|%s|", code);
	for (; *code; code++)
		buf_addc(out, *code == '_' ? ' ' : *code);
	buf_addf(out, "|%d|rt=%lld", severities[f->severity],
	    (long long)view_ms(view_moment(f)));
}

static void
add_event(struct buf *out, const struct finding *f)
{
	const struct request *r = &f->request;

	add_when(out, "start", f->first_seen);
	add_when(out, "end", f->last_seen);
	add_int(
	    out, "cnt", f->count > INT32_MAX ? INT32_MAX : (int64_t)f->count);
	add(out, "externalId", slice_str(f->id));
	add(out, "cat", slice_str(view_category(f)));
	add(out, "act", r->action);
	add(out, "outcome", slice_str(outcome_name(r->outcome)));
	add(out, "reason", r->error);
}

static void
add_people(struct buf *out, const struct request *r)
{
	add(out, "suser", view_short_name(r->principal));
	add(out, "suid", r->principal);
	add(out, "spriv", slice_str(principal_type_name(r->principal_type)));
	add(out, "duser", view_short_name(r->target));
	add(out, "duid", r->target);
	add(out, "requestClientApplication", r->user_agent);
}

static void
add_source(struct buf *out, const struct source *s)
{
	char text[ADDR_TEXT];
	struct slice ip;
	bool v4 = false;

	ip = view_ip(s, text, &v4);
	if (v4)
		add(out, "src", ip);
	else
		add_custom(out, "c6a2", "Source IPv6 Address", ip);
	if (!ip.p)
		add(out, "sourceServiceName", s->name.p ? s->name : s->ip);
	if (s->place.has_point) {
		add_real(out, "slat", s->place.lat, 4);
		add_real(out, "slong", s->place.lon, 4);
	}
	if (s->place.asn) {
		add_int(out, "cn1", s->place.asn);
		add(out, "cn1Label", SLICE_LIT("sourceAsn"));
	}
}

static void
add_customs(struct buf *out, const struct finding *f)
{
	const struct request *r = &f->request;

	add_custom(out, "cs1", "cloudAccount", r->account);
	add_custom(out, "cs2", "cloudRegion", r->cloud_region);
	add_custom(
	    out, "cs3", "mitreTechnique", SLICE_LIT(ATTACK_SUBTECHNIQUE));
	add_custom(
	    out, "cs4", "sourceCountry", view_country(r->source.place.country));
	add_custom(out, "cs5", "policyRule", f->rule);
	add_custom(out, "cs6", "eventId", r->event_id);
	add_real(out, "cfp1", f->score, 1);
	add(out, "cfp1Label", SLICE_LIT("score"));
}

static void
write_finding(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	add_header(out, f);
	add_event(out, f);
	add_people(out, &f->request);
	add_source(out, &f->request.source);
	add_customs(out, f);
	add(out, "dvchost", slice_str(o->host));
	add(out, "msg", f->title);
	buf_addc(out, '\n');
}

const struct format format_cef = {
	.name = "cef",
	.mime = "text/plain",
	.help = "ArcSight Common Event Format, one line a finding",
	.finding = write_finding,
};
