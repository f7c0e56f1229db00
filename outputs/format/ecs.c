/*
 * ecs.c - a finding in the Elastic Common Schema 9.4.
 *
 * Knows which ECS fields a finding fills; event.kind is `alert`, because
 * `signal` is reserved for Elastic's own engine.  Fields that are not known
 * are left out.  What ECS has no field for stands under `labels`.  Any thread.
 */
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/view.h"
#include "lib/jsonw.h"

#include <stdio.h>

#define ECS_VERSION "9.4.0"

/* The numbers that Elastic's own rules give to these words. */
static const int severities[SEV_COUNT] = {
	[SEV_INFORMATIONAL] = 1,
	[SEV_LOW] = 21,
	[SEV_MEDIUM] = 47,
	[SEV_HIGH] = 73,
	[SEV_CRITICAL] = 99,
};

static void
open_member(struct jsonw *w, const char *name)
{
	jsonw_key(w, name);
	jsonw_object(w);
}

static void
add_list(
    struct jsonw *w, const char *name, const char *first, const char *second)
{
	jsonw_key(w, name);
	jsonw_array(w);
	jsonw_str(w, first);
	if (second)
		jsonw_str(w, second);
	jsonw_end(w);
}

static void
add_base(struct jsonw *w, const struct finding *f)
{
	view_when(w, "@timestamp", view_moment(f));
	open_member(w, "ecs");
	jsonw_member_str(w, "version", ECS_VERSION);
	jsonw_end(w);
	view_opt(w, "message", f->title);
	view_codes(w, "tags", f);
}

static void
add_score(struct jsonw *w, const char *name, double score)
{
	jsonw_key(w, name);
	jsonw_fixed(w, score, 1);
}

static void
add_event(
    struct jsonw *w, const struct finding *f, const struct format_options *o)
{
	const struct request *r = &f->request;

	open_member(w, "event");
	jsonw_member_str(w, "kind", "alert");
	add_list(w, "category", "iam", "authentication");
	add_list(w, "type", "info", NULL);
	view_opt(w, "action", r->action);
	jsonw_member_str(w, "outcome",
	    r->outcome == OUTCOME_SUCCESS ? "success" : "failure");
	jsonw_member_str(w, "code", view_lead_code(f));
	jsonw_member_int(w, "severity", severities[f->severity]);
	add_score(w, "risk_score", f->score);
	add_score(w, "risk_score_norm", f->score);
	jsonw_member_str(w, "module", "stsentry");
	jsonw_member_str(w, "dataset", "stsentry.finding");
	view_opt(w, "provider", view_service(r->action));
	jsonw_member_str(w, "id", f->id);
	jsonw_member_int(w, "sequence", f->revision);
	view_opt_when(w, "start", f->first_seen);
	view_opt_when(w, "end", f->last_seen);
	view_why_member(w, "reason", f);
	if (o->raw)
		view_opt(w, "original", r->raw);
	jsonw_end(w);
}

static void
add_rule(struct jsonw *w, const struct finding *f)
{
	const struct reason *lead = view_lead(f);

	open_member(w, "rule");
	jsonw_member_str(w, "id", view_lead_code(f));
	if (lead)
		jsonw_member_str(
		    w, "description", reason_table[lead->code].help);
	view_opt(w, "name", f->rule);
	jsonw_member_str(w, "category", view_category(f));
	jsonw_member_str(w, "ruleset", "stsentry");
	view_opt(w, "version", slice_str(f->policy_hash));
	jsonw_end(w);
}

static void
add_threat(struct jsonw *w)
{
	open_member(w, "threat");
	jsonw_member_str(w, "framework", "MITRE ATT&CK");
	open_member(w, "tactic");
	add_list(w, "id", ATTACK_TACTIC, NULL);
	add_list(w, "name", ATTACK_TACTIC_NAME, NULL);
	jsonw_end(w);
	open_member(w, "technique");
	add_list(w, "id", ATTACK_TECHNIQUE, NULL);
	add_list(w, "name", ATTACK_TECHNIQUE_NAME, NULL);
	open_member(w, "subtechnique");
	add_list(w, "id", ATTACK_SUBTECHNIQUE, NULL);
	add_list(w, "name", ATTACK_SUBTECHNIQUE_NAME, NULL);
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_geo(struct jsonw *w, const struct place *p)
{
	char region[8];

	if (!p->country[0] && !p->city.p && !p->has_point)
		return;
	open_member(w, "geo");
	view_opt(w, "country_iso_code", view_country(p->country));
	view_opt(w, "city_name", p->city);
	view_opt(w, "region_iso_code", view_region(p, region));
	if (p->has_point) {
		open_member(w, "location");
		jsonw_key(w, "lat");
		jsonw_fixed(w, p->lat, 4);
		jsonw_key(w, "lon");
		jsonw_fixed(w, p->lon, 4);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_as(struct jsonw *w, const struct place *p)
{
	if (!p->asn && !p->org.p)
		return;
	open_member(w, "as");
	if (p->asn)
		jsonw_member_int(w, "number", p->asn);
	if (p->org.p) {
		open_member(w, "organization");
		jsonw_member(w, "name", p->org);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_source(struct jsonw *w, const struct source *s)
{
	char text[ADDR_TEXT];
	struct slice ip;
	bool v4;

	ip = view_ip(s, text, &v4);
	if (!s->ip.p && !s->name.p)
		return;
	open_member(w, "source");
	view_opt(w, "ip", ip);
	view_opt(w, "address", s->ip.p ? s->ip : s->name);
	add_geo(w, &s->place);
	add_as(w, &s->place);
	jsonw_end(w);
}

/* "projects/acme" names the project in a field of its own, too. */
static void
add_account(struct jsonw *w, struct slice account)
{
	struct slice project = SLICE_NULL;

	if (!account.p)
		return;
	open_member(w, "account");
	jsonw_member(w, "id", account);
	jsonw_end(w);
	if (slice_starts(account, "projects/"))
		project = slice_after(account, '/');
	if (!project.p)
		return;
	open_member(w, "project");
	jsonw_member(w, "id", project);
	jsonw_end(w);
}

static void
add_cloud(struct jsonw *w, const struct request *r)
{
	struct slice service = view_service(r->action);

	open_member(w, "cloud");
	jsonw_member_str(w, "provider", provider_name(r->provider));
	view_opt(w, "region", r->cloud_region);
	add_account(w, r->account);
	if (service.p) {
		open_member(w, "service");
		jsonw_member(w, "name", service);
		jsonw_end(w);
	}
	if (r->target_account.p) {
		open_member(w, "target");
		add_account(w, r->target_account);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_user(struct jsonw *w, const struct request *r)
{
	if (!r->principal.p && !r->target.p)
		return;
	open_member(w, "user");
	view_opt(w, "id", r->principal);
	view_opt(w, "name", view_short_name(r->principal));
	if (r->target.p) {
		open_member(w, "target");
		jsonw_member(w, "id", r->target);
		jsonw_member(w, "name", view_short_name(r->target));
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_related(struct jsonw *w, const struct request *r)
{
	char text[ADDR_TEXT];
	struct slice ip, users[2];
	unsigned n = 0;
	bool v4;

	ip = view_ip(&r->source, text, &v4);
	if (!ip.p && !r->principal.p && !r->target.p)
		return;
	if (r->principal.p)
		users[n++] = view_short_name(r->principal);
	if (r->target.p)
		users[n++] = view_short_name(r->target);
	open_member(w, "related");
	if (ip.p)
		view_strings(w, "ip", &ip, 1);
	if (n)
		view_strings(w, "user", users, n);
	jsonw_end(w);
}

static void
add_observer(
    struct jsonw *w, const struct finding *f, const struct format_options *o)
{
	open_member(w, "observer");
	jsonw_member_str(w, "vendor", "stsentry");
	jsonw_member_str(w, "product", "stsentry");
	jsonw_member_str(w, "type", "ids");
	jsonw_member_str(w, "version", view_version(f));
	if (o->host)
		jsonw_member_str(w, "hostname", o->host);
	jsonw_end(w);
}

/* Elasticsearch takes labels as keywords: strings only. */
static void
add_labels(struct jsonw *w, const struct finding *f)
{
	const struct request *r = &f->request;
	char count[24];

	snprintf(count, sizeof(count), "%llu", (unsigned long long)f->count);
	open_member(w, "labels");
	jsonw_member_str(w, "severity", severity_name(f->severity));
	jsonw_member_str(w, "count", count);
	if (r->kind != KIND_NONE)
		jsonw_member_str(w, "token_kind", token_kind_name(r->kind));
	jsonw_member_str(
	    w, "principal_type", principal_type_name(r->principal_type));
	view_opt(w, "event_id", r->event_id);
	view_opt(w, "session", r->session);
	view_opt(w, "caller_session", r->caller_session);
	view_opt(w, "credential", r->credential);
	view_opt(w, "error", r->error);
	jsonw_end(w);
}

static void
write_finding(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	const struct request *r = &f->request;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	add_base(&w, f);
	add_event(&w, f, o);
	add_rule(&w, f);
	add_threat(&w);
	add_source(&w, &r->source);
	add_cloud(&w, r);
	add_user(&w, r);
	if (r->user_agent.p) {
		open_member(&w, "user_agent");
		jsonw_member(&w, "original", r->user_agent);
		jsonw_end(&w);
	}
	add_related(&w, r);
	add_observer(&w, f, o);
	add_labels(&w, f);
	jsonw_end(&w);
	buf_addc(out, '\n');
}

const struct format format_ecs = {
	.name = "ecs",
	.mime = "application/json",
	.help =
	    "Elastic Common Schema 9.4, event.kind alert, one object a line",
	.finding = write_finding,
};
