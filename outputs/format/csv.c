/*
 * csv.c - a finding as a row for spreadsheets (RFC 4180).
 *
 * Knows the columns: one table, so that header and row cannot differ.  A row
 * ends with LF alone and holds no other, so that line tools work on it.
 * Any thread.
 */
#include "outputs/format/escape.h"
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/view.h"

#include <stddef.h>
#include <stdio.h>

/* A column is a string member, or a function that gives its text. */
struct column {
	const char *name;
	size_t member; /* offset of a slice in struct finding */
	void (*text)(const struct finding *f, struct buf *cell);
};

static void
put_when(struct when t, struct buf *cell)
{
	char text[WHEN_TEXT];

	if (t.valid)
		buf_add_slice(cell, when_format(t, text));
}

static void
id(const struct finding *f, struct buf *cell)
{
	buf_adds(cell, f->id);
}

static void
revision(const struct finding *f, struct buf *cell)
{
	buf_addf(cell, "%u", f->revision);
}

static void
moment(const struct finding *f, struct buf *cell)
{
	put_when(f->time, cell);
}

static void
first_seen(const struct finding *f, struct buf *cell)
{
	put_when(f->first_seen, cell);
}

static void
last_seen(const struct finding *f, struct buf *cell)
{
	put_when(f->last_seen, cell);
}

static void
count(const struct finding *f, struct buf *cell)
{
	buf_addf(cell, "%llu", (unsigned long long)f->count);
}

static void
severity(const struct finding *f, struct buf *cell)
{
	buf_adds(cell, severity_name(f->severity));
}

static void
score(const struct finding *f, struct buf *cell)
{
	buf_addf(cell, "%.1f", f->score);
}

static void
reasons(const struct finding *f, struct buf *cell)
{
	for (unsigned i = 0; i < f->n_reasons; i++)
		buf_addf(cell, "%s%s", i ? " " : "",
		    reason_table[f->reasons[i].code].code);
}

static void
provider(const struct finding *f, struct buf *cell)
{
	buf_adds(cell, provider_name(f->request.provider));
}

static void
kind(const struct finding *f, struct buf *cell)
{
	const char *name = token_kind_name(f->request.kind);

	buf_adds(cell, name ? name : "");
}

static void
principal_type(const struct finding *f, struct buf *cell)
{
	buf_adds(cell, principal_type_name(f->request.principal_type));
}

static void
expires(const struct finding *f, struct buf *cell)
{
	put_when(f->request.expires, cell);
}

static void
outcome(const struct finding *f, struct buf *cell)
{
	buf_adds(cell, outcome_name(f->request.outcome));
}

static void
source_kind(const struct finding *f, struct buf *cell)
{
	buf_adds(cell, source_kind_name(f->request.source.kind));
}

static void
country(const struct finding *f, struct buf *cell)
{
	buf_add_slice(cell, view_country(f->request.source.place.country));
}

static void
asn(const struct finding *f, struct buf *cell)
{
	if (f->request.source.place.asn)
		buf_addf(cell, "%u", f->request.source.place.asn);
}

static void
event_ids(const struct finding *f, struct buf *cell)
{
	for (unsigned i = 0; i < f->n_event_ids; i++) {
		if (i)
			buf_addc(cell, ' ');
		buf_add_slice(cell, f->event_ids[i]);
	}
}

static void
next_steps(const struct finding *f, struct buf *cell)
{
	for (unsigned i = 0; i < f->n_next_steps; i++) {
		if (i)
			buf_addc(cell, ' ');
		buf_add_slice(cell, f->next_steps[i]);
	}
}

#define TEXT(name, member)                                   \
	{                                                    \
		name, offsetof(struct finding, member), NULL \
	}

static const struct column columns[] = {
	{ "id", 0, id },
	{ "revision", 0, revision },
	{ "time", 0, moment },
	{ "first_seen", 0, first_seen },
	{ "last_seen", 0, last_seen },
	{ "count", 0, count },
	{ "severity", 0, severity },
	{ "score", 0, score },
	TEXT("title", title),
	{ "reasons", 0, reasons },
	{ "provider", 0, provider },
	TEXT("action", request.action),
	{ "kind", 0, kind },
	TEXT("principal", request.principal),
	{ "principal_type", 0, principal_type },
	TEXT("account", request.account),
	TEXT("target", request.target),
	TEXT("target_account", request.target_account),
	TEXT("session", request.session),
	TEXT("caller_session", request.caller_session),
	TEXT("credential", request.credential),
	{ "expires", 0, expires },
	TEXT("cloud_region", request.cloud_region),
	{ "outcome", 0, outcome },
	TEXT("error", request.error),
	{ "source_kind", 0, source_kind },
	TEXT("source_ip", request.source.ip),
	TEXT("source_name", request.source.name),
	{ "country", 0, country },
	TEXT("city", request.source.place.city),
	{ "asn", 0, asn },
	TEXT("org", request.source.place.org),
	TEXT("user_agent", request.user_agent),
	TEXT("rule", rule),
	{ "event_ids", 0, event_ids },
	{ "next_steps", 0, next_steps },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static struct slice
cell_of(const struct finding *f, const struct column *c, struct buf *text)
{
	struct slice s;

	if (!c->text) {
		memcpy(&s, (const char *)f + c->member, sizeof(s));
		return s;
	}
	buf_reset(text);
	c->text(f, text);
	return buf_slice(text);
}

static void
write_head(const struct format_options *o, struct buf *out)
{
	(void)o;
	for (size_t i = 0; i < COLUMNS; i++)
		buf_addf(out, "%s%s", i ? "," : "", columns[i].name);
	buf_addc(out, '\n');
}

static void
write_finding(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	struct buf text = BUF_INIT;

	(void)o;
	for (size_t i = 0; i < COLUMNS; i++) {
		if (i)
			buf_addc(out, ',');
		escape_csv(out, cell_of(f, &columns[i], &text));
		if (text.failed)
			out->failed = true;
	}
	buf_addc(out, '\n');
	buf_release(&text);
}

const struct format format_csv = {
	.name = "csv",
	.mime = "text/csv",
	.help = "a row a finding for spreadsheets, with a header line",
	.finding = write_finding,
	.head = write_head,
};
