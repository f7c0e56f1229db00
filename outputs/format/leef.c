/*
 * leef.c - a finding as a line of QRadar's LEEF 2.0.
 *
 * Knows LEEF's header and keys.  LEEF has no escape, so what would end a value
 * is written as \u00XX.  The delimiter is ^, because relays rewrite tabs.
 * Category and event id stay the same for one kind of finding: QRadar maps by
 * them.  Values are cut at LEEF_VALUE_MAX.  Any thread.
 */
#include "outputs/format/escape.h"
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/view.h"

#include <stdio.h>
#include <time.h>

#define LEEF_VALUE_MAX 1000
#define LEEF_DELIMITER '^'

static const int severities[SEV_COUNT] = {
	[SEV_INFORMATIONAL] = 1,
	[SEV_LOW] = 3,
	[SEV_MEDIUM] = 6,
	[SEV_HIGH] = 8,
	[SEV_CRITICAL] = 10,
};

static void
add(struct buf *out, const char *key, struct slice value)
{
	if (!value.n)
		return;
	buf_addc(out, LEEF_DELIMITER);
	buf_adds(out, key);
	buf_addc(out, '=');
	escape_cut(out, value, LEEF_VALUE_MAX, &escape_leef);
}

static void
add_int(struct buf *out, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	add(out, key, slice_str(text));
}

static void
add_header(struct buf *out, const struct finding *f)
{
	buf_adds(out, "LEEF:2.0|stsentry|stsentry|");
	escape_cut(out, slice_str(view_version(f)), 31, &escape_leef);
	buf_addf(out, "|%s|%c|cat=%s", view_lead_code(f), LEEF_DELIMITER,
	    view_category(f));
}

static void
add_time(struct buf *out, struct when t)
{
	char text[64];
	struct tm tm;
	time_t sec = (time_t)t.sec;
	size_t n;

	if (!gmtime_r(&sec, &tm))
		return;
	n = strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03d UTC", t.nsec / 1000000);
	add(out, "devTime", slice_str(text));
	add(out, "devTimeFormat", SLICE_LIT("yyyy-MM-dd HH:mm:ss.SSS zzz"));
}

static void
add_event(struct buf *out, const struct finding *f)
{
	char score[32];

	snprintf(score, sizeof(score), "%.1f", f->score);
	add_int(out, "sev", severities[f->severity]);
	add(out, "findingId", slice_str(f->id));
	add_int(out, "revision", f->revision);
	add(out, "severity", slice_str(severity_name(f->severity)));
	add(out, "score", slice_str(score));
	add_int(
	    out, "count", f->count > INT32_MAX ? INT32_MAX : (int64_t)f->count);
	add(out, "policy", f->rule);
	add(out, "technique", SLICE_LIT(ATTACK_SUBTECHNIQUE));
	add(out, "msg", f->title);
}

static void
add_source(struct buf *out, const struct source *s)
{
	char text[ADDR_TEXT];
	struct slice ip;
	bool v4;

	ip = view_ip(s, text, &v4);
	add(out, "src", ip);
	if (!ip.p)
		add(out, "identSrcName", s->name.p ? s->name : s->ip);
	add(out, "srcCountry", view_country(s->place.country));
	add(out, "srcCity", s->place.city);
	if (s->place.asn)
		add_int(out, "srcAsn", s->place.asn);
	add(out, "srcOrg", s->place.org);
}

static void
add_request(struct buf *out, const struct request *r)
{
	add(out, "usrName", view_short_name(r->principal));
	add(out, "principal", r->principal);
	add(out, "principalType",
	    slice_str(principal_type_name(r->principal_type)));
	add(out, "accountName", r->account);
	add(out, "action", r->action);
	add(out, "role", view_short_name(r->target));
	add(out, "resource", r->target);
	add(out, "session", r->session);
	add(out, "credential", r->credential);
	add(out, "cloudRegion", r->cloud_region);
	add(out, "outcome", slice_str(outcome_name(r->outcome)));
	add(out, "error", r->error);
	add(out, "userAgent", r->user_agent);
	add(out, "eventId", r->event_id);
}

static void
write_finding(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	add_header(out, f);
	add_time(out, view_moment(f));
	add_event(out, f);
	add_source(out, &f->request.source);
	add_request(out, &f->request);
	add(out, "identHostName", slice_str(o->host));
	buf_addc(out, '\n');
}

const struct format format_leef = {
	.name = "leef",
	.mime = "text/plain",
	.help = "QRadar LEEF 2.0, one line a finding",
	.finding = write_finding,
};
