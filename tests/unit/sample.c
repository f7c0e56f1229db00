/*
 * sample.c - a finding made by hand, for tests of what is done with findings.
 *
 * See sample.h.  Names are of documentation ranges and nobody.
 */
#include "tests/unit/sample.h"

#include <stdio.h>
#include <stdlib.h>

struct when
sample_when(const char *text)
{
	struct when t;

	if (!when_parse(slice_str(text), &t))
		abort();
	return t;
}

static void
add(struct sample *s, struct slice *string)
{
	if (s->n_strings == SAMPLE_STRINGS)
		abort();
	s->strings[s->n_strings++] = string;
}

static void
list_reasons(struct sample *s, struct reason *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		add(s, &r[i].observed);
		add(s, &r[i].note);
		for (unsigned k = 0; k < r[i].n_expected; k++)
			add(s, &r[i].expected[k]);
	}
}

static void
list_strings(struct sample *s)
{
	struct finding *f = &s->f;
	struct request *r = &f->request;
	struct slice *request[] = { &r->event_id, &r->action, &r->principal,
		&r->account, &r->target, &r->target_account, &r->session,
		&r->caller_session, &r->credential, &r->cloud_region, &r->error,
		&r->source.ip, &r->source.name, &r->source.place.city,
		&r->source.place.subdivision, &r->source.place.org,
		&r->user_agent, &r->caller_credential, &f->title, &f->rule,
		&f->verdict.suppressed_by };

	for (size_t i = 0; i < sizeof(request) / sizeof(request[0]); i++)
		add(s, request[i]);
	list_reasons(s, f->reasons, f->n_reasons);
	for (unsigned i = 0; i < f->n_event_ids; i++)
		add(s, &f->event_ids[i]);
	for (unsigned i = 0; i < f->n_next_steps; i++)
		add(s, &f->next_steps[i]);
	for (unsigned i = 0; i < f->n_lineage; i++) {
		add(s, &s->hops[i].who);
		add(s, &s->hops[i].city);
		add(s, &s->hops[i].credential);
	}
}

static void
set_about(
    struct finding *f, const char *id, enum severity severity, double score)
{
	snprintf(f->id, sizeof(f->id), "%s", id);
	f->revision = 1;
	f->count = 1;
	f->severity = f->verdict.severity = severity;
	f->score = f->verdict.score = score;
	f->verdict.word = VERDICT_UNEXPECTED;
	f->verdict.finding = true;
	f->version = "0.1.0";
	f->request.duration = -1;
}

static struct reason *
add_reason(struct finding *f, enum reason_code code, struct slice observed)
{
	struct reason *r = &f->reasons[f->n_reasons++];

	*r = (struct reason){ .code = code,
		.observed = observed,
		.weight = reason_table[code].weight };
	return r;
}

static void
set_verdict(struct finding *f)
{
	memcpy(f->verdict.reasons, f->reasons, sizeof(f->reasons));
	f->verdict.n_reasons = f->n_reasons;
	f->verdict.rule = f->rule;
}

static void
set_aws_request(struct request *r)
{
	r->event_id = SLICE_LIT("4e1c7a52-0000-4000-8000-00000000a11c");
	r->provider = PROVIDER_AWS;
	r->time = sample_when("2026-03-01T02:47:09Z");
	r->action = SLICE_LIT("sts:AssumeRole");
	r->kind = KIND_ROLE;
	r->principal = SLICE_LIT("arn:aws:iam::111122223333:user/maria");
	r->principal_type = PT_USER;
	r->account = SLICE_LIT("111122223333");
	r->target = SLICE_LIT("arn:aws:iam::444455556666:role/ops/deploy");
	r->target_account = SLICE_LIT("444455556666");
	r->session = SLICE_LIT("maria-laptop");
	r->credential = SLICE_LIT("ASIAEXAMPLEEXAMPLE01");
	r->expires = sample_when("2026-03-01T03:47:09Z");
	r->cloud_region = SLICE_LIT("us-east-1");
	r->outcome = OUTCOME_SUCCESS;
	r->user_agent = SLICE_LIT("aws-cli/2.15.0 Python/3.11");
	r->caller_credential = SLICE_LIT("AKIAEXAMPLEEXAMPLE02");
	r->mfa = MFA_NO;
	r->raw = SLICE_LIT("{\"eventName\": \"AssumeRole\",\n \"n\": 1.50}");
}

static void
set_aws_source(struct source *s)
{
	s->kind = SOURCE_IP;
	s->ip = SLICE_LIT("203.0.113.77");
	(void)addr_parse(s->ip, &s->addr);
	memcpy(s->place.country, "RU", 3);
	s->place.city = SLICE_LIT("Kazan");
	s->place.subdivision = SLICE_LIT("TA");
	s->place.asn = 64500;
	s->place.org = SLICE_LIT("Example Transit");
	s->place.lat = 55.7887;
	s->place.lon = 49.1221;
	s->place.has_point = true;
	s->place.flags = PLACE_VPN;
}

void
sample_aws(struct sample *s)
{
	struct finding *f = &s->f;
	struct reason *r;

	memset(s, 0, sizeof(*s));
	set_about(f, "f-00112233445566778899aabbccddeeff", SEV_HIGH, 87.5);
	set_aws_request(&f->request);
	set_aws_source(&f->request.source);
	f->count = 17;
	f->time = f->request.time;
	f->first_seen = sample_when("2026-03-01T02:11:40Z");
	f->last_seen = sample_when("2026-03-01T04:02:31.5Z");
	f->title = SLICE_LIT("maria assumed role deploy from Russia, a country "
			     "that is not approved");
	r = add_reason(f, R_COUNTRY_NOT_APPROVED, SLICE_LIT("RU"));
	r->expected[r->n_expected++] = SLICE_LIT("DE");
	r->expected[r->n_expected++] = SLICE_LIT("US");
	r->note = SLICE_LIT("rule humans");
	r = add_reason(f, R_NEW_ASN, SLICE_LIT("64500"));
	r->expected[r->n_expected++] = SLICE_LIT("64496");
	add_reason(f, R_UNUSUAL_HOUR, SLICE_LIT("Sun 02:47"));
	f->event_ids[f->n_event_ids++] = f->request.event_id;
	f->event_ids[f->n_event_ids++] = SLICE_LIT("event-two");
	f->next_steps[f->n_next_steps++] = SLICE_LIT(
	    "Ask maria, over another channel, whether she was there.");
	f->next_steps[f->n_next_steps++] = SLICE_LIT(
	    "Revoke the role's sessions: put a policy on deploy that "
	    "denies everything to tokens issued before now.");
	s->hops[0] = (struct hop){ .who = f->request.principal,
		.credential = f->request.caller_credential,
		.city = SLICE_LIT("Kazan"),
		.country = "RU",
		.time = f->request.time };
	s->hops[1] = (struct hop){ .who = f->request.target,
		.credential = f->request.credential,
		.time = f->request.time };
	f->lineage = s->hops;
	f->n_lineage = 2;
	f->rule = SLICE_LIT("humans");
	f->policy_file = "policy.yaml";
	f->policy_hash = "sha256:0123456789abcdef0123456789abcdef";
	set_verdict(f);
	list_strings(s);
}

void
sample_gcp(struct sample *s)
{
	struct finding *f = &s->f;
	struct request *r = &f->request;

	memset(s, 0, sizeof(*s));
	set_about(f, "f-ffeeddccbbaa99887766554433221100", SEV_LOW, 12.0);
	f->revision = 3;
	r->event_id = SLICE_LIT("1kq2b7example");
	r->provider = PROVIDER_GCP;
	r->time = sample_when("2026-03-01T09:00:00.123456789Z");
	r->action = SLICE_LIT("iamcredentials:GenerateAccessToken");
	r->kind = KIND_ACCESS_TOKEN;
	r->principal = SLICE_LIT(
	    "serviceAccount:build@acme-prod.iam.gserviceaccount.com");
	r->principal_type = PT_SERVICE_ACCOUNT;
	r->account = SLICE_LIT("projects/acme-prod");
	r->target = SLICE_LIT(
	    "serviceAccount:admin@acme-prod.iam.gserviceaccount.com");
	r->target_account = SLICE_LIT("projects/acme-prod");
	r->cloud_region = SLICE_LIT("global");
	r->outcome = OUTCOME_DENIED;
	r->error = SLICE_LIT("PERMISSION_DENIED");
	r->source.kind = SOURCE_CLOUD_INTERNAL;
	r->source.name = SLICE_LIT("gce-internal-ip");
	f->time = f->first_seen = f->last_seen = r->time;
	f->title = SLICE_LIT("build asked for a token of admin for the first "
			     "time");
	add_reason(f, R_NEW_TARGET, r->target);
	f->event_ids[f->n_event_ids++] = r->event_id;
	set_verdict(f);
	list_strings(s);
}

void
sample_bare(struct sample *s)
{
	memset(s, 0, sizeof(*s));
	set_about(
	    &s->f, "f-00000000000000000000000000000000", SEV_INFORMATIONAL, 0);
	s->f.version = NULL;
	s->f.verdict.finding = false;
	s->f.request.source.kind = SOURCE_UNKNOWN;
	list_strings(s);
}
