/*
 * ocsf.c - a finding as an OCSF 1.8.0 Detection Finding (class 2004).
 *
 * Knows the class with the cloud profile.  Members that OCSF wants typed are
 * left out where they are not known, never null; what has no place in the
 * class stands under `unmapped`.  Any thread.
 */
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/view.h"
#include "lib/jsonw.h"

#include <stdio.h>

#define OCSF_VERSION "1.8.0"
#define OCSF_CLASS 2004
#define ACCOUNT_AWS 10
#define ACCOUNT_GCP 11
#define USER_OTHER 99
#define ROLE_TARGET 1
#define ANALYTIC_RULE 1
#define ANALYTIC_BEHAVIORAL 2

#define SOURCE "evidences[0].src_endpoint"

/* What a baseline reason looks at, in OCSF's words; the reason's own code
 * where there is no such attribute. */
static const char *const parameters[REASON_COUNT] = {
	[R_NEW_PRINCIPAL] = "evidences[0].actor.user.uid",
	[R_NEW_ACTION] = "api.operation",
	[R_NEW_TARGET] = "resources[0].uid",
	[R_NEW_CLOUD_REGION] = "cloud.region",
	[R_NEW_COUNTRY] = SOURCE ".location.country",
	[R_NEW_ASN] = SOURCE ".autonomous_system.number",
	[R_NEW_NETWORK] = SOURCE ".ip",
	[R_NEW_USER_AGENT] = "evidences[0].http_request.user_agent",
	[R_UNUSUAL_HOUR] = "start_time",
	[R_RATE_SPIKE] = "count",
};

struct caption {
	int id;
	const char *word;
};

static const struct caption severities[SEV_COUNT] = {
	[SEV_INFORMATIONAL] = { 1, "Informational" },
	[SEV_LOW] = { 2, "Low" },
	[SEV_MEDIUM] = { 3, "Medium" },
	[SEV_HIGH] = { 4, "High" },
	[SEV_CRITICAL] = { 5, "Critical" },
};

static const struct caption risks[SEV_COUNT] = {
	[SEV_INFORMATIONAL] = { 0, "Info" },
	[SEV_LOW] = { 1, "Low" },
	[SEV_MEDIUM] = { 2, "Medium" },
	[SEV_HIGH] = { 3, "High" },
	[SEV_CRITICAL] = { 4, "Critical" },
};

static void
add_caption(struct jsonw *w, const char *id, const char *word, struct caption c)
{
	jsonw_member_int(w, id, c.id);
	jsonw_member_str(w, word, c.word);
}

static void
open_member(struct jsonw *w, const char *name)
{
	jsonw_key(w, name);
	jsonw_object(w);
}

static bool
is_update(const struct finding *f)
{
	return f->revision > 1;
}

static void
add_class(struct jsonw *w, const struct finding *f)
{
	struct caption activity = is_update(f)
	    ? (struct caption){ 2, "Update" }
	    : (struct caption){ 1, "Create" };

	add_caption(w, "activity_id", "activity_name", activity);
	jsonw_member_int(w, "category_uid", 2);
	jsonw_member_str(w, "category_name", "Findings");
	jsonw_member_int(w, "class_uid", OCSF_CLASS);
	jsonw_member_str(w, "class_name", "Detection Finding");
	jsonw_member_int(w, "type_uid", OCSF_CLASS * 100 + activity.id);
	jsonw_member_str(w, "type_name",
	    is_update(f) ? "Detection Finding: Update"
			 : "Detection Finding: Create");
}

static void
add_summary(struct jsonw *w, const struct finding *f)
{
	jsonw_member_int(w, "time", view_ms(view_moment(f)));
	view_opt_ms(w, "start_time", f->first_seen);
	view_opt_ms(w, "end_time", f->last_seen);
	jsonw_member_int(
	    w, "count", f->count > INT32_MAX ? INT32_MAX : (int64_t)f->count);
	add_caption(w, "severity_id", "severity", severities[f->severity]);
	add_caption(w, "status_id", "status", (struct caption){ 1, "New" });
	add_caption(w, "risk_level_id", "risk_level", risks[f->severity]);
	jsonw_key(w, "risk_score");
	jsonw_fixed(w, f->score, 0);
	/* OCSF asks that only the first event of a finding wakes people. */
	jsonw_key(w, "is_alert");
	jsonw_bool(w, !is_update(f));
	view_opt(w, "message", f->title);
}

static void
add_metadata(
    struct jsonw *w, const struct finding *f, const struct format_options *o)
{
	const struct request *r = &f->request;
	bool aws = r->provider == PROVIDER_AWS;
	char uid[FINDING_ID_SIZE + 12];

	snprintf(uid, sizeof(uid), "%s.%u", f->id, f->revision);
	open_member(w, "metadata");
	jsonw_member_str(w, "version", OCSF_VERSION);
	view_strings(w, "profiles", (struct slice[]){ SLICE_LIT("cloud") }, 1);
	jsonw_member_str(w, "uid", uid);
	view_opt(w, "correlation_uid", r->principal);
	view_opt(w, "original_event_uid", r->event_id);
	view_opt_when(w, "original_time", r->time);
	jsonw_member_str(
	    w, "log_name", aws ? "CloudTrail" : "Cloud Audit Logs");
	jsonw_member_str(w, "log_provider", aws ? "AWS" : "GCP");
	if (o->host) {
		open_member(w, "reporter");
		jsonw_member_str(w, "hostname", o->host);
		jsonw_end(w);
	}
	open_member(w, "product");
	jsonw_member_str(w, "name", "stsentry");
	jsonw_member_str(w, "vendor_name", "stsentry");
	jsonw_member_str(w, "version", view_version(f));
	open_member(w, "feature");
	jsonw_member_str(w, "name", view_category(f));
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_account(struct jsonw *w, const struct request *r)
{
	bool aws = r->provider == PROVIDER_AWS;

	if (!r->account.p)
		return;
	open_member(w, "account");
	jsonw_member(w, "uid", r->account);
	add_caption(w, "type_id", "type",
	    aws ? (struct caption){ ACCOUNT_AWS, "AWS Account" }
		: (struct caption){ ACCOUNT_GCP, "GCP Project" });
	jsonw_end(w);
}

static void
add_cloud(struct jsonw *w, const struct request *r)
{
	open_member(w, "cloud");
	jsonw_member_str(
	    w, "provider", r->provider == PROVIDER_AWS ? "AWS" : "GCP");
	view_opt(w, "region", r->cloud_region);
	add_account(w, r);
	jsonw_end(w);
}

static void
add_api(struct jsonw *w, const struct request *r)
{
	struct slice service = view_service(r->action);

	open_member(w, "api");
	jsonw_member(w, "operation",
	    r->action.p ? view_verb(r->action) : SLICE_LIT("unknown"));
	if (service.p) {
		open_member(w, "service");
		jsonw_member(w, "name", service);
		jsonw_end(w);
	}
	if (r->event_id.p) {
		open_member(w, "request");
		jsonw_member(w, "uid", r->event_id);
		jsonw_end(w);
	}
	open_member(w, "response");
	jsonw_member_str(w, "message", outcome_name(r->outcome));
	view_opt(w, "error", r->error);
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_attack(struct jsonw *w)
{
	static const char *const parts[][3] = {
		{ "tactic", ATTACK_TACTIC, ATTACK_TACTIC_NAME },
		{ "technique", ATTACK_TECHNIQUE, ATTACK_TECHNIQUE_NAME },
		{ "sub_technique", ATTACK_SUBTECHNIQUE,
		    ATTACK_SUBTECHNIQUE_NAME },
	};

	jsonw_key(w, "attacks");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member_str(w, "version", ATTACK_VERSION);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		open_member(w, parts[i][0]);
		jsonw_member_str(w, "uid", parts[i][1]);
		jsonw_member_str(w, "name", parts[i][2]);
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_analytic(struct jsonw *w, const struct finding *f)
{
	bool rule = slice_is(slice_str(view_category(f)), "policy");

	open_member(w, "analytic");
	jsonw_member_str(w, "uid", ATTACK_ANALYTIC);
	jsonw_member_str(w, "name", ATTACK_ANALYTIC_NAME);
	jsonw_member_str(w, "category", view_category(f));
	add_caption(w, "type_id", "type",
	    rule ? (struct caption){ ANALYTIC_RULE, "Rule" }
		 : (struct caption){ ANALYTIC_BEHAVIORAL, "Behavioral" });
	jsonw_end(w);
}

static void
add_related(struct jsonw *w, const struct finding *f)
{
	jsonw_member_int(w, "related_events_count", f->n_event_ids);
	jsonw_key(w, "related_events");
	jsonw_array(w);
	for (unsigned i = 0; i < f->n_event_ids; i++) {
		if (!f->event_ids[i].p)
			continue;
		jsonw_object(w);
		jsonw_member(w, "uid", f->event_ids[i]);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_finding_info(struct jsonw *w, const struct finding *f)
{
	open_member(w, "finding_info");
	jsonw_member_str(w, "uid", f->id);
	view_opt(w, "title", f->title);
	view_why_member(w, "desc", f);
	view_codes(w, "types", f);
	jsonw_member_int(w, "created_time", view_ms(view_moment(f)));
	view_opt_ms(w, "first_seen_time", f->first_seen);
	view_opt_ms(w, "last_seen_time", f->last_seen);
	add_analytic(w, f);
	add_attack(w);
	add_related(w, f);
	jsonw_end(w);
}

static void
add_observation(struct jsonw *w, struct slice value)
{
	jsonw_object(w);
	jsonw_member(w, "value", value.p ? value : SLICE_LIT("unknown"));
	jsonw_end(w);
}

static void
open_pattern(struct jsonw *w, const struct reason *r, const char *pattern)
{
	const char *parameter = parameters[r->code];

	jsonw_object(w);
	jsonw_member_str(w, "observation_parameter",
	    parameter ? parameter : reason_table[r->code].code);
	jsonw_member_str(w, "observation_type", "Frequency Analysis");
	jsonw_member_str(w, "observed_pattern", pattern);
	jsonw_key(w, "observations");
	jsonw_array(w);
}

static void
close_pattern(struct jsonw *w)
{
	jsonw_end(w);
	jsonw_end(w);
}

static bool
is_baseline(const struct reason *r)
{
	return reason_table[r->code].group == GROUP_BASELINE;
}

/* What is usual for the principal, and what was seen instead. */
static void
add_patterns(struct jsonw *w, const struct finding *f, bool usual)
{
	jsonw_key(w, usual ? "baselines" : "anomalies");
	jsonw_array(w);
	for (unsigned i = 0; i < f->n_reasons; i++) {
		const struct reason *r = &f->reasons[i];

		if (!is_baseline(r) || (usual && !r->n_expected))
			continue;
		open_pattern(
		    w, r, usual ? "usual" : reason_table[r->code].code);
		for (unsigned k = 0; usual && k < r->n_expected; k++)
			add_observation(w, r->expected[k]);
		if (!usual)
			add_observation(w, r->observed);
		close_pattern(w);
	}
	jsonw_end(w);
}

static void
add_anomalies(struct jsonw *w, const struct finding *f)
{
	struct slice who = f->request.principal;
	bool any = false;

	for (unsigned i = 0; i < f->n_reasons; i++)
		any = any || is_baseline(&f->reasons[i]);
	if (!any)
		return;
	jsonw_key(w, "anomaly_analyses");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "analysis_targets");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member(w, "name", who.p ? who : SLICE_LIT("unknown"));
	jsonw_member_str(w, "type", "Principal");
	jsonw_end(w);
	jsonw_end(w);
	add_patterns(w, f, true);
	add_patterns(w, f, false);
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_actor(struct jsonw *w, const struct request *r)
{
	if (!r->principal.p && !r->account.p)
		return;
	open_member(w, "actor");
	open_member(w, "user");
	add_caption(w, "type_id", "type",
	    (struct caption){
		USER_OTHER, principal_type_name(r->principal_type) });
	view_opt(w, "uid", r->principal);
	view_opt(w, "name", view_short_name(r->principal));
	add_account(w, r);
	jsonw_end(w);
	if (r->caller_session.p || r->caller_credential.p) {
		open_member(w, "session");
		view_opt(w, "uid", r->caller_session);
		view_opt(w, "credential_uid", r->caller_credential);
		if (r->mfa != MFA_UNKNOWN) {
			jsonw_key(w, "is_mfa");
			jsonw_bool(w, r->mfa == MFA_YES);
		}
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_location(struct jsonw *w, const struct place *p)
{
	char region[8];

	if (!p->city.p && !p->country[0])
		return;
	open_member(w, "location");
	view_opt(w, "city", p->city);
	view_opt(w, "country", view_country(p->country));
	view_opt(w, "region", view_region(p, region));
	if (p->has_point) {
		jsonw_key(w, "lat");
		jsonw_fixed(w, p->lat, 4);
		jsonw_key(w, "long");
		jsonw_fixed(w, p->lon, 4);
	}
	jsonw_end(w);
}

/* An address is only called one where it is; all else is a name. */
static void
add_source(struct jsonw *w, const struct source *s)
{
	char text[ADDR_TEXT];
	struct slice ip, name = s->name;
	bool v4;

	ip = view_ip(s, text, &v4);
	if (!ip.p && !name.p)
		name = s->ip;
	if (!ip.p && !name.p)
		return;
	open_member(w, "src_endpoint");
	view_opt(w, "ip", ip);
	view_opt(
	    w, s->kind == SOURCE_CLOUD_SERVICE ? "svc_name" : "name", name);
	add_location(w, &s->place);
	if (s->place.asn || s->place.org.p) {
		open_member(w, "autonomous_system");
		if (s->place.asn)
			jsonw_member_int(w, "number", s->place.asn);
		view_opt(w, "name", s->place.org);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_resources(struct jsonw *w, const struct request *r)
{
	const char *type = view_target_type(r->target);

	if (!r->target.p)
		return;
	jsonw_key(w, "resources");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member(w, "uid", r->target);
	jsonw_member(w, "name", view_short_name(r->target));
	if (type)
		jsonw_member_str(w, "type", type);
	add_caption(
	    w, "role_id", "role", (struct caption){ ROLE_TARGET, "Target" });
	jsonw_end(w);
	jsonw_end(w);
}

/* The credential that was given out has no place in the class. */
static void
add_issued(struct jsonw *w, const struct request *r)
{
	if (!r->session.p && !r->credential.p && !r->expires.valid)
		return;
	open_member(w, "data");
	open_member(w, "issued_session");
	view_opt(w, "uid", r->session);
	view_opt(w, "credential_uid", r->credential);
	view_opt(w, "issuer", r->target);
	view_opt_ms(w, "expiration_time", r->expires);
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_evidences(struct jsonw *w, const struct request *r)
{
	jsonw_key(w, "evidences");
	jsonw_array(w);
	jsonw_object(w);
	view_opt(w, "uid", r->event_id);
	add_actor(w, r);
	if (r->kind != KIND_NONE)
		add_api(w, r);
	add_source(w, &r->source);
	if (r->user_agent.p) {
		open_member(w, "http_request");
		jsonw_member(w, "user_agent", r->user_agent);
		jsonw_end(w);
	}
	add_resources(w, r);
	add_issued(w, r);
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_observables(struct jsonw *w, const struct request *r)
{
	char text[ADDR_TEXT];
	bool v4;
	const struct {
		const char *name;
		struct caption type;
		struct slice value;
	} rows[] = {
		{ SOURCE ".ip", { 2, "IP Address" },
		    view_ip(&r->source, text, &v4) },
		{ SOURCE ".location.country", { 14, "Country" },
		    view_country(r->source.place.country) },
		{ "evidences[0].actor.user.uid", { 31, "User: uid" },
		    r->principal },
		{ "evidences[0].actor.session.credential_uid",
		    { 19, "Credential UID" }, r->caller_credential },
		{ "evidences[0].data.issued_session.credential_uid",
		    { 19, "Credential UID" }, r->credential },
		{ "resources[0].uid", { 10, "Resource UID" }, r->target },
		{ "evidences[0].http_request.user_agent",
		    { 16, "HTTP User-Agent" }, r->user_agent },
	};

	jsonw_key(w, "observables");
	jsonw_array(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].value.p)
			continue;
		jsonw_object(w);
		jsonw_member_str(w, "name", rows[i].name);
		add_caption(w, "type_id", "type", rows[i].type);
		jsonw_member(w, "value", rows[i].value);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_remediation(struct jsonw *w, const struct finding *f)
{
	struct buf steps = BUF_INIT;

	for (unsigned i = 0; i < f->n_next_steps; i++) {
		if (i)
			buf_addc(&steps, ' ');
		buf_add_slice(&steps, f->next_steps[i]);
	}
	if (steps.n) {
		open_member(w, "remediation");
		jsonw_member(w, "desc", buf_slice(&steps));
		jsonw_end(w);
	}
	if (steps.failed)
		w->out->failed = true;
	buf_release(&steps);
}

static void
add_unmapped(struct jsonw *w, const struct finding *f)
{
	open_member(w, "unmapped");
	view_reasons(w, "reasons", f->reasons, f->n_reasons);
	view_lineage(w, "lineage", f->lineage, f->n_lineage);
	jsonw_member_str(w, "policy_file", f->policy_file);
	jsonw_member(w, "policy_rule", f->rule);
	jsonw_member_str(w, "policy_hash", f->policy_hash);
	jsonw_member_str(w, "detection_strategy", ATTACK_STRATEGY);
	jsonw_end(w);
}

static void
write_finding(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	add_class(&w, f);
	add_summary(&w, f);
	add_metadata(&w, f, o);
	add_cloud(&w, &f->request);
	if (f->request.kind != KIND_NONE)
		add_api(&w, &f->request);
	add_finding_info(&w, f);
	add_anomalies(&w, f);
	add_evidences(&w, &f->request);
	add_resources(&w, &f->request);
	add_observables(&w, &f->request);
	add_remediation(&w, f);
	if (o->raw)
		view_opt(&w, "raw_data", f->request.raw);
	add_unmapped(&w, f);
	jsonw_end(&w);
	buf_addc(out, '\n');
}

const struct format format_ocsf = {
	.name = "ocsf",
	.mime = "application/json",
	.help = "OCSF 1.8.0 Detection Finding (class 2004), one object a line",
	.finding = write_finding,
};
