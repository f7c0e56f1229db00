/*
 * syslog.c - a finding as a syslog message: RFC 5424, and RFC 3164 before it.
 *
 * Knows both headers and the escapes of structured data.  In RFC 5424 what a
 * machine wants stands in one element of structured data and the sentence for
 * people is the message; RFC 3164 has only the sentence, and no year and no
 * zone either: its time is UTC.  Framing is not here: a line ends with LF.
 * Any thread.
 *
 * Facts: RFC 5424 6, RFC 3164 4.1; 32473 is the number for examples of
 * RFC 5612.
 */
#include "outputs/format/escape.h"
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/view.h"

#include <stdio.h>
#include <time.h>

#define SD_ID "stsentry@32473"
#define FACILITY_AUTHPRIV 10
#define VALUE_MAX 1000
#define HOST_MAX 255
#define APP_MAX 48
#define TAG_MAX 32 /* RFC 3164 */

static const int priorities[SEV_COUNT] = {
	[SEV_INFORMATIONAL] = 6,
	[SEV_LOW] = 5,
	[SEV_MEDIUM] = 4,
	[SEV_HIGH] = 3,
	[SEV_CRITICAL] = 2,
};

static const struct escape_rule escape_sd = {
	.slashed = "\"\\]",
	.hidden = "",
	.doubled = "",
};

static void
add_priority(
    struct buf *out, const struct format_options *o, enum severity severity)
{
	int facility = o->facility ? o->facility : FACILITY_AUTHPRIV;

	buf_addf(out, "<%d>", facility * 8 + priorities[severity]);
}

/* A word of the header: printable ASCII without blanks. */
static void
add_word(struct buf *out, const char *word, size_t max)
{
	if (!word || !*word) {
		buf_addc(out, '-');
		return;
	}
	for (size_t i = 0; word[i] && i < max; i++)
		buf_addc(out, word[i] > ' ' && word[i] <= '~' ? word[i] : '_');
}

/* To microseconds: more is not allowed. */
static void
add_time(struct buf *out, struct when t)
{
	char text[32];
	struct tm tm;
	time_t sec = (time_t)t.sec;

	if (!t.valid || !gmtime_r(&sec, &tm)) {
		buf_addc(out, '-');
		return;
	}
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_addf(out, "%s.%06dZ", text, t.nsec / 1000);
}

static const char *
tag_of(const struct format_options *o)
{
	return o->tag ? o->tag : "stsentry";
}

/* ---- structured data ---- */

static void
add(struct buf *out, const char *name, struct slice value)
{
	if (!value.n)
		return;
	buf_addf(out, " %s=\"", name);
	escape_cut(out, value, VALUE_MAX, &escape_sd);
	buf_addc(out, '"');
}

static void
add_reasons(struct buf *out, const struct reason *r, unsigned n)
{
	if (n == 0)
		return;
	buf_adds(out, " reasons=\"");
	for (unsigned i = 0; i < n; i++)
		buf_addf(
		    out, "%s%s", i ? "," : "", reason_table[r[i].code].code);
	buf_addc(out, '"');
}

static void
add_request(struct buf *out, const struct request *r)
{
	char text[ADDR_TEXT];
	bool v4;
	struct slice ip = view_ip(&r->source, text, &v4);

	add(out, "provider", slice_str(provider_name(r->provider)));
	add(out, "account", r->account);
	add(out, "principal", r->principal);
	add(out, "action", r->action);
	add(out, "target", r->target);
	add(out, "session", r->session);
	add(out, "outcome", slice_str(outcome_name(r->outcome)));
	add(out, ip.p ? "ip" : "source",
	    ip.p                   ? ip
		: r->source.name.p ? r->source.name
				   : r->source.ip);
	add(out, "country", view_country(r->source.place.country));
	add(out, "credential", r->credential);
	add(out, "eventId", r->event_id);
}

static void
add_data(struct buf *out, const struct finding *f)
{
	buf_adds(out, "[" SD_ID);
	add(out, "id", slice_str(f->id));
	buf_addf(out,
	    " revision=\"%u\" severity=\"%s\" score=\"%.1f\""
	    " count=\"%llu\"",
	    f->revision, severity_name(f->severity), f->score,
	    (unsigned long long)f->count);
	add_reasons(out, f->reasons, f->n_reasons);
	add_request(out, &f->request);
	add(out, "rule", f->rule);
	buf_addc(out, ']');
}

static void
begin_5424(struct buf *out, const struct format_options *o,
    enum severity severity, struct when t, const char *kind)
{
	add_priority(out, o, severity);
	buf_adds(out, "1 ");
	add_time(out, t);
	buf_addc(out, ' ');
	add_word(out, o->host, HOST_MAX);
	buf_addc(out, ' ');
	add_word(out, tag_of(o), APP_MAX);
	buf_addf(out, " - %s ", kind);
}

static void
write_5424(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	begin_5424(out, o, f->severity, view_moment(f), "finding");
	add_data(out, f);
	buf_addc(out, ' ');
	escape_add(out, f->title, &escape_text);
	buf_addc(out, '\n');
}

static void
decide_5424(const struct request *r, const struct verdict *v, const char *group,
    const struct format_options *o, struct buf *out)
{
	begin_5424(out, o, v->severity, r->time, "decision");
	buf_adds(out, "[" SD_ID);
	buf_addf(out, " verdict=\"%s\" score=\"%.1f\"", verdict_name(v->word),
	    v->score);
	add(out, "group", slice_str(group));
	add_reasons(out, v->reasons, v->n_reasons);
	add_request(out, r);
	buf_adds(out, "]\n");
}

/* ---- RFC 3164 ---- */

static void
begin_3164(struct buf *out, const struct format_options *o,
    enum severity severity, struct when t)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t sec = t.valid ? (time_t)t.sec : 0;
	struct tm tm = { .tm_mday = 1 };

	add_priority(out, o, severity);
	(void)!gmtime_r(&sec, &tm);
	buf_addf(out, "%s %2d %02d:%02d:%02d ", months[tm.tm_mon], tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
	add_word(out, o->host ? o->host : "localhost", HOST_MAX);
	buf_addc(out, ' ');
	add_word(out, tag_of(o), TAG_MAX);
	buf_adds(out, ": ");
}

static void
write_3164(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	begin_3164(out, o, f->severity, view_moment(f));
	escape_add(out, f->title, &escape_text);
	buf_addf(out, " (severity %s, score %.1f, id %s, revision %u)\n",
	    severity_name(f->severity), f->score, f->id, f->revision);
}

static void
decide_3164(const struct request *r, const struct verdict *v, const char *group,
    const struct format_options *o, struct buf *out)
{
	begin_3164(out, o, v->severity, r->time);
	decision_write(r, v, group, out);
}

const struct format format_rfc5424 = {
	.name = "rfc5424",
	.mime = "text/plain",
	.help = "syslog by RFC 5424, with structured data",
	.finding = write_5424,
	.decision = decide_5424,
};

const struct format format_rfc3164 = {
	.name = "rfc3164",
	.mime = "text/plain",
	.help = "syslog by RFC 3164, one sentence",
	.finding = write_3164,
	.decision = decide_3164,
};
